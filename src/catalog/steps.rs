//! The steps of a flow as their author wrote them, nested.

use super::diagnostic::{Place, Report, list, nearest};
use super::fields::{Fields, check_name, items, words};
use super::node::{Content, Node, Words};
use super::slots::label_and_value;
use super::wording::Wording;
use crate::dialog::CallKind;

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it begins.
    pub place: Place,
    /// For `goto` and for reading coverage.
    pub id: Option<Words>,
    /// Skipped when this is false.
    pub condition: Option<Words>,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Says a text.
    Say(Wording),
    /// Asks for a slot.
    Ask(Words),
    /// Offers records.
    Choose {
        /// The slot that will hold the record.
        slot: Words,
        /// The list.
        from: Words,
        /// One record's label; `{{ item.label }}` when left out.
        label: Option<Wording>,
        /// The question.
        ask: Wording,
        /// When the list is empty.
        none: Option<Vec<Step>>,
        /// Take a list of one without asking.
        pick_single: bool,
    },
    /// Reads.
    Lookup(Request),
    /// Asks a rule.
    Check(Request, Option<Vec<Step>>),
    /// Branches.
    When {
        /// The condition.
        test: Words,
        /// When it is true.
        then: Vec<Step>,
        /// When it is false.
        otherwise: Vec<Step>,
    },
    /// Renders what is about to happen and waits for a yes.
    Confirm(Wording, Option<Vec<Step>>),
    /// Changes the account.
    Do(Request, Option<Vec<Step>>),
    /// Shows a card.
    Card {
        /// Which one.
        card: Words,
        /// Its title.
        title: Option<Wording>,
        /// Its lines.
        fields: Vec<(Wording, Wording)>,
        /// An expression that gives the lines.
        fields_from: Option<Words>,
    },
    /// Says a text and records that it is owed.
    Promise {
        /// The text.
        text: Wording,
        /// By when: an expression.
        due: Words,
        /// About what; the intent when left out.
        subject: Option<Words>,
    },
    /// Goes on with another intent.
    Link(Words),
    /// Goes on at another step.
    Goto(Words),
    /// A person takes over.
    HandOver {
        /// A short code.
        reason: Words,
        /// What to say.
        say: Option<Wording>,
        /// Other queue than the intent's.
        queue: Option<Words>,
        /// Other priority than the intent's.
        priority: Option<u8>,
    },
    /// Ends the flow.
    Done,
}

/// A lookup, check or action with its arguments.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which kind.
    pub kind: CallKind,
    /// Its name.
    pub name: Words,
    /// Arguments: name and expression.
    pub with: Vec<(Words, Words)>,
    /// The variable; the request's own name when left out.
    pub into: Words,
}

/// What a step can be, with the further keys of each.
const VERBS: &[(&str, &[&str])] = &[
    ("say", &[]),
    ("ask", &[]),
    ("choose", &["from", "label", "ask", "none", "pick_single"]),
    ("lookup", &["with", "as"]),
    ("check", &["with", "as", "refused"]),
    ("when", &["then", "else"]),
    ("confirm", &["no"]),
    ("do", &["with", "as", "failed"]),
    ("card", &["fields", "fields_from", "title"]),
    ("promise", &["due", "subject"]),
    ("link", &[]),
    ("goto", &[]),
    ("handover", &["say", "queue", "priority"]),
    ("done", &[]),
];

/// Reads a list of steps.
pub(crate) fn read(node: &Node, report: &mut Report) -> Vec<Step> {
    items(node, "A list of steps", report).iter().filter_map(|item| step(item, report)).collect()
}

fn step(node: &Node, report: &mut Report) -> Option<Step> {
    let entries = match &node.content {
        Content::Scalar { text, .. } if text == "done" => {
            return Some(Step { place: node.place, id: None, condition: None, kind: StepKind::Done });
        }
        Content::Map(entries) => entries,
        Content::Scalar { .. } | Content::List(_) => {
            let remedy = "Write it as a key, for example `- say: Hello`. If a text contains `: `, put it in quotes.";
            report.error(node.place, format!("A step is a map of keys, not {}", node.kind()), remedy);
            return None;
        }
    };
    let verb = verb(node, entries.iter().map(|entry| entry.key.as_str()).collect(), report)?;
    let (_, own) = VERBS.iter().find(|(name, _)| *name == verb)?;
    let mut known = vec![verb, "id", "if"];
    known.extend(*own);
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let elsewhere = VERBS.iter().find(|(_, keys)| keys.contains(&entry.key.as_str())).map(|(name, _)| *name);
        let remedy = match (nearest(&entry.key, known.iter().copied()), elsewhere) {
            (Some(key), _) => format!("Did you mean `{key}`?"),
            (None, Some(other)) => format!("`{}` belongs to `{other}`; check the indentation.", entry.key),
            (None, None) => format!("A `{verb}` step can have {}.", list(&known)),
        };
        report.error(entry.place, format!("Unknown key `{}` in a `{verb}` step", entry.key), remedy);
    }
    let everything: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let fields = Fields::of(node, "a step", &everything, report)?;
    let id = fields.words("id", report);
    if let Some(id) = &id {
        check_name(id, "The step id", report);
    }
    Some(Step { place: node.place, id, condition: expression(&fields, "if", report), kind: kind(verb, &fields, report)? })
}

/// The one key that says what the step does.
fn verb(node: &Node, keys: Vec<&str>, report: &mut Report) -> Option<&'static str> {
    let mut verbs: Vec<&'static str> = VERBS.iter().map(|(name, _)| *name).filter(|name| keys.contains(name)).collect();
    // `ask` and `say` are also keys of other steps.
    if verbs.len() > 1 {
        let owned = |name: &str| VERBS.iter().any(|(verb, own)| keys.contains(verb) && own.contains(&name));
        verbs.retain(|name| !owned(name));
    }
    match verbs.as_slice() {
        [verb] => Some(verb),
        [] => {
            let names: Vec<&str> = VERBS.iter().map(|(name, _)| *name).collect();
            let meant = keys.iter().find_map(|key| nearest(key, names.iter().copied()));
            let remedy = meant.map_or_else(|| format!("A step has one of {}.", list(&names)), |name| format!("Did you mean `{name}`?"));
            report.error(node.place, format!("This step says nothing that redress can do (it has {})", list(&keys)), remedy);
            None
        }
        several => {
            report.error(
                node.place,
                format!("This step wants to do several things at once: {}", list(several)),
                "Make each a step of its own, with its own `- `.",
            );
            None
        }
    }
}

fn kind(verb: &str, fields: &Fields<'_>, report: &mut Report) -> Option<StepKind> {
    let branch = |key: &str, report: &mut Report| fields.value(key).map(|node| read(node, report));
    Some(match verb {
        "say" => StepKind::Say(fields.wording("say", report)?),
        "ask" => StepKind::Ask(fields.words("ask", report)?),
        "choose" => {
            let slot = fields.words("choose", report);
            let from = required_expression(fields, "from", "Write the list, for example `from: orders.items`.", report);
            let label = fields.wording("label", report);
            let ask = fields.required_wording("ask", "It is said above the choices.", report);
            let none = branch("none", report);
            let pick_single = fields.flag("pick_single", true, report);
            StepKind::Choose { slot: slot?, from: from?, label, ask: ask?, none, pick_single }
        }
        "lookup" => StepKind::Lookup(request(CallKind::Lookup, verb, fields, report)?),
        "check" => {
            let refused = branch("refused", report);
            StepKind::Check(request(CallKind::Check, verb, fields, report)?, refused)
        }
        "do" => {
            let failed = branch("failed", report);
            StepKind::Do(request(CallKind::Do, verb, fields, report)?, failed)
        }
        "when" => {
            let test = expression(fields, "when", report);
            let then = branch("then", report);
            let otherwise = branch("else", report);
            if then.is_none() && otherwise.is_none() {
                report.error(fields.place, "This `when` leads nowhere", "Add `then:` or `else:` with steps.");
            }
            StepKind::When { test: test?, then: then.unwrap_or_default(), otherwise: otherwise.unwrap_or_default() }
        }
        "confirm" => {
            let no = branch("no", report);
            StepKind::Confirm(fields.wording("confirm", report)?, no)
        }
        "card" => card(fields, report)?,
        "promise" => {
            let text = fields.wording("promise", report);
            let due = required_expression(fields, "due", "Say by when it is owed: an expression for a date or an instant.", report);
            StepKind::Promise { text: text?, due: due?, subject: fields.words("subject", report) }
        }
        "link" => StepKind::Link(fields.words("link", report)?),
        "goto" => StepKind::Goto(fields.words("goto", report)?),
        "handover" => {
            let reason = fields.words("handover", report)?;
            check_name(&reason, "The reason", report);
            let priority = fields.number("priority", 0, 4, report).and_then(|priority| u8::try_from(priority).ok());
            StepKind::HandOver { reason, say: fields.wording("say", report), queue: fields.words("queue", report), priority }
        }
        _ => StepKind::Done,
    })
}

fn card(fields: &Fields<'_>, report: &mut Report) -> Option<StepKind> {
    let card = fields.words("card", report);
    let lines: Vec<(Wording, Wording)> = fields.items("fields", report).iter().filter_map(|item| label_and_value(item, report)).collect();
    let fields_from = expression(fields, "fields_from", report);
    if fields.entry("fields").is_none() && fields.entry("fields_from").is_none() {
        report.error(fields.place, "The card has no lines", "Add `fields:` with a list of `{ label, value }`, or `fields_from:`.");
    }
    let title = fields.wording("title", report);
    Some(StepKind::Card { card: card?, title, fields: lines, fields_from })
}

fn request(kind: CallKind, verb: &str, fields: &Fields<'_>, report: &mut Report) -> Option<Request> {
    let name = fields.words(verb, report);
    let into = fields.words("as", report);
    if let Some(into) = &into {
        check_name(into, "The variable", report);
    }
    let mut with = Vec::new();
    if let Some(node) = fields.value("with") {
        match &node.content {
            Content::Map(entries) => {
                for entry in entries {
                    let key = Words { text: entry.key.clone(), place: entry.place, end_line: entry.place.line };
                    with.extend(words(&entry.value, &format!("`{}`", entry.key), report).map(|value| (key, value)));
                }
            }
            Content::Scalar { .. } | Content::List(_) => {
                report.error(
                    node.place,
                    format!("`with` is a map of arguments, not {}", node.kind()),
                    "Write `with: { name: expression }`.",
                );
            }
        }
    }
    let name = name?;
    let into = into.unwrap_or_else(|| name.clone());
    Some(Request { kind, name, with, into })
}

/// An expression; one in braces is a template, which people mix up.
fn expression(fields: &Fields<'_>, key: &str, report: &mut Report) -> Option<Words> {
    let words = fields.words(key, report)?;
    let text = words.text.trim();
    if text.starts_with("{{") || text.starts_with("{%") {
        report.error(words.place, format!("`{key}` is an expression, not a template"), "Leave the `{{` and `}}` out.");
        return None;
    }
    Some(words)
}

fn required_expression(fields: &Fields<'_>, key: &str, remedy: &str, report: &mut Report) -> Option<Words> {
    if fields.entry(key).is_none() {
        fields.required(key, remedy, report);
        return None;
    }
    expression(fields, key, report)
}
