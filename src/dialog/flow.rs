//! A flow as the engine runs it: the nested steps of an intent file, laid out flat with jumps. Made by `catalog/compile`.

use super::Level;
use crate::domain::ids::IntentId;
use crate::domain::language::{ByLanguage, primary, same};
use jiff::civil::Date;
use minijinja::Environment;
use std::collections::{BTreeMap, HashMap};

/// A template or expression in the `Flows`' environment, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextId(pub String);

/// A text for the customer: a template in English, and perhaps in other languages.
pub type Text = ByLanguage<TextId>;

/// An expression: stored as the template `{% set v = (EXPRESSION) %}`, evaluated to the value of `v`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExprId(pub String);

/// All flows of a catalog, with every template and expression compiled.
#[derive(Debug)]
pub struct Flows {
    /// By intent.
    pub flows: HashMap<IntentId, Flow>,
    /// Compiled texts and expressions: strict about undefined names, with fuel, with the filters of `docs/flows.md`.
    pub texts: Environment<'static>,
    /// The wording of repair, by key of `prompts/replies.yaml`.
    pub replies: HashMap<String, TextId>,
}

impl Flows {
    /// A reply that needs no variables, such as the label of a button.
    pub fn wording(&self, key: &str, locale: &str) -> String {
        let found = self.reply(key, locale);
        let text = found.and_then(|(id, locale)| super::texts::render(&self.texts, id, minijinja::context! { locale => locale }).ok());
        text.unwrap_or_else(|| key.replace('_', " "))
    }

    /// A reply with its variables, in that language or in English, and the locale that it is in. `data` is an object; dates are told from `today`.
    ///
    /// # Errors
    /// When there is no such reply, or it asks for what `data` does not have.
    pub fn worded(&self, key: &str, locale: &str, today: Date, data: &serde_json::Value) -> Result<(String, String), minijinja::Error> {
        let (id, locale) =
            self.reply(key, locale).ok_or_else(|| minijinja::Error::new(minijinja::ErrorKind::TemplateNotFound, key.to_owned()))?;
        let mut fields = data.as_object().cloned().unwrap_or_default();
        fields.insert("locale".into(), serde_json::json!(locale));
        fields.insert("today".into(), serde_json::json!(today));
        let text = super::texts::render(&self.texts, id, super::scope::of(fields))?;
        Ok((text, locale.to_owned()))
    }

    /// Whether any intent has examples in that language.
    pub fn speaks(&self, language: &str) -> bool {
        same(language, "en") || self.flows.values().any(|flow| flow.speaks(language))
    }

    /// The wording of a reply in that language, or in English, with the locale that it is in. Replies are kept as `key.language`.
    pub fn reply<'l>(&self, key: &str, locale: &'l str) -> Option<(&TextId, &'l str)> {
        let own = self.replies.get(&format!("{key}.{}", primary(locale))).map(|id| (id, locale));
        own.or_else(|| Some((self.replies.get(&format!("{key}.en"))?, "en")))
    }
}

/// One intent's flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The intent.
    pub intent: IntentId,
    /// In the customer's words.
    pub title: ByLanguage<String>,
    /// The sign-in level that the intent needs to be completed.
    pub auth: Level,
    /// Who gets it when a person is needed.
    pub queue: String,
    /// 0 (at once) to 4.
    pub priority: u8,
    /// Languages beside English in which it has examples.
    pub languages: Vec<String>,
    /// What it may ask for.
    pub slots: BTreeMap<String, Slot>,
    /// The program. Running off the end is `Done`.
    pub ops: Vec<Op>,
}

impl Flow {
    /// Whether the intent has examples in that language. English ones are always there.
    pub fn speaks(&self, language: &str) -> bool {
        same(language, "en") || self.languages.iter().any(|other| same(other, language))
    }

    /// Whether the flow asks for that slot, or fills it with a chosen record.
    pub fn has_slot(&self, name: &str) -> bool {
        self.slots.contains_key(name) || self.ops.iter().any(|op| matches!(&op.verb, Verb::Choose { slot, .. } if slot == name))
    }
}

/// What a flow may ask for.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name in expressions.
    pub name: String,
    /// What kind of answer fits.
    pub kind: SlotKind,
    /// The question.
    pub ask: Option<Text>,
    /// Said when an answer did not fit.
    pub help: Option<Text>,
    /// "skip" is accepted and gives null.
    pub optional: bool,
    /// An entity in the opening message may fill it.
    pub prefill: bool,
}

/// The kind of a slot.
#[derive(Clone, Debug)]
pub enum SlotKind {
    /// Anything.
    Text,
    /// Yes or no.
    YesNo,
    /// One of these.
    Choice(Vec<ChoiceOption>),
    /// A date, perhaps only before or after today.
    Date {
        /// Must not be after today.
        past: bool,
        /// Must not be before today.
        future: bool,
    },
    /// Minor units.
    Money,
    /// A whole number in a range.
    Number {
        /// Least.
        min: Option<i64>,
        /// Most.
        max: Option<i64>,
    },
    /// One word with a digit.
    Reference,
    /// A record, filled by `choose`.
    Record,
}

/// An option of a `choice` slot.
#[derive(Clone, Debug)]
pub struct ChoiceOption {
    /// Its value.
    pub id: String,
    /// What the customer sees (a template).
    pub label: Text,
    /// Other words for it.
    pub matches: Vec<regex::Regex>,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Op {
    /// Stable address in the file for state and coverage: the step's `id`, or its path such as `2.then.0`.
    pub path: String,
    /// Line in the file, for diagnostics and coverage.
    pub line: u32,
    /// What it does.
    pub verb: Verb,
}

/// What an instruction does. Indexes are positions in `Flow::ops`; the length of `ops` means the end.
#[derive(Clone, Debug)]
pub enum Verb {
    /// Say it.
    Say(Text),
    /// Ask unless the slot has a value.
    Ask(String),
    /// Offer records.
    Choose {
        /// The slot that will hold the record.
        slot: String,
        /// The list.
        from: ExprId,
        /// One record's label.
        label: Text,
        /// The question.
        ask: Text,
        /// Where to go when the list is empty.
        none: usize,
        /// Take a list of one without asking.
        pick_single: bool,
    },
    /// Read.
    Lookup {
        /// Capability.
        name: String,
        /// Arguments.
        with: Vec<(String, ExprId)>,
        /// Variable.
        into: String,
    },
    /// Ask a rule.
    Check {
        /// Rule.
        name: String,
        /// Arguments.
        with: Vec<(String, ExprId)>,
        /// Variable.
        into: String,
        /// Where to go when the rule says no.
        refused: usize,
    },
    /// Jump when the expression is false.
    Unless(ExprId, usize),
    /// Jump.
    Jump(usize),
    /// Render and wait for an explicit yes.
    Confirm {
        /// What is about to happen.
        text: Text,
        /// Where to go on no; `None` says that nothing was changed and ends.
        no: Option<usize>,
    },
    /// Change the account. Runs only with a live confirmation.
    Do {
        /// Action.
        name: String,
        /// Arguments.
        with: Vec<(String, ExprId)>,
        /// Variable.
        into: String,
        /// Where to go when it is refused; `None` hands over.
        failed: Option<usize>,
    },
    /// Show a card.
    Card {
        /// `plan`, `dispute`, `order`, `refund`.
        card: String,
        /// Its title.
        title: Option<Text>,
        /// Its lines.
        fields: Vec<(Text, Text)>,
        /// An expression that gives a list of `{label, value}` instead.
        fields_from: Option<ExprId>,
    },
    /// Say it and record that it is owed.
    Promise {
        /// The text.
        text: Text,
        /// When.
        due: ExprId,
        /// About what.
        subject: String,
    },
    /// Go on with another flow.
    Link(IntentId),
    /// A person takes over.
    HandOver {
        /// Short code.
        reason: String,
        /// What to say.
        say: Option<Text>,
        /// Other queue than the intent's.
        queue: Option<String>,
        /// Other priority than the intent's.
        priority: Option<u8>,
    },
    /// The end.
    Done,
}
