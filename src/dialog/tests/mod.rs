//! A small catalog, a reader that knows a few phrases, and a driver that answers calls: what the dialog's tests stand on.

mod always;
mod languages;
mod meant;
mod repair;
mod several;
mod speed;

use super::flow::{ChoiceOption, ExprId, Flow, Flows, Op, Slot, SlotKind, Text, TextId, Verb};
use super::replies::tests::load;
use super::state::DialogState;
use super::{Answer, Call, CallKind, Effect, Input, Level, StepContext, merge, step, texts};
use crate::domain::ids::IntentId;
use crate::domain::language::ByLanguage;
use crate::understanding::{Act, Decision, Entity, EntityValue, Guess, Reading, SafetyHit};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// Makes flows from verbs; texts and expressions get numbered names.
pub(super) struct Builder {
    env: minijinja::Environment<'static>,
    flows: HashMap<IntentId, Flow>,
    number: usize,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { env: texts::environment(), flows: HashMap::new(), number: 0 }
    }

    pub(super) fn text(&mut self, source: &str) -> Text {
        self.number += 1;
        let id = TextId(format!("t{}", self.number));
        texts::add_text(&mut self.env, &id, source).expect(source);
        Text::english(id)
    }

    /// A text in English and Swedish.
    pub(super) fn text_sv(&mut self, english: &str, swedish: &str) -> Text {
        let (english, swedish) = (self.text(english), self.text(swedish));
        Text { english: english.english, others: vec![("sv".to_owned(), swedish.english)] }
    }

    pub(super) fn expr(&mut self, source: &str) -> ExprId {
        self.number += 1;
        let id = ExprId(format!("e{}", self.number));
        texts::add_expr(&mut self.env, &id, source).expect(source);
        id
    }

    pub(super) fn say(&mut self, source: &str) -> Verb {
        Verb::Say(self.text(source))
    }

    pub(super) fn lookup(&mut self, name: &str, into: &str) -> Verb {
        Verb::Lookup { name: name.to_owned(), with: vec![], into: into.to_owned() }
    }

    pub(super) fn act(&mut self, name: &str, with: &str, failed: Option<usize>) -> Verb {
        Verb::Do { name: name.to_owned(), with: vec![("what".to_owned(), self.expr(with))], into: "done".to_owned(), failed }
    }

    pub(super) fn confirm(&mut self, text: &str, no: Option<usize>) -> Verb {
        Verb::Confirm { text: self.text(text), no }
    }

    pub(super) fn slot(&mut self, name: &str, kind: SlotKind) -> Slot {
        let ask = Some(self.text(&format!("What is the {name}?")));
        let help = Some(self.text(&format!("Help for {name}.")));
        Slot { name: name.to_owned(), kind, ask, help, optional: false, prefill: false }
    }

    pub(super) fn option(&mut self, id: &str, label: &str, pattern: &str) -> ChoiceOption {
        let matches = vec![regex::Regex::new(pattern).expect(pattern)];
        ChoiceOption { id: id.to_owned(), label: self.text(label), matches }
    }

    pub(super) fn flow(&mut self, name: &str, auth: u8, slots: Vec<Slot>, verbs: Vec<Verb>) {
        let intent = IntentId::from(name);
        let op = |(index, verb)| Op { path: index_path(index), line: 1, verb };
        let flow = Flow {
            intent: intent.clone(),
            title: ByLanguage::english(format!("Title of {name}")),
            auth: Level(auth),
            queue: format!("{name}_queue"),
            priority: 3,
            languages: Vec::new(),
            slots: slots.into_iter().map(|slot| (slot.name.clone(), slot)).collect::<BTreeMap<_, _>>(),
            ops: verbs.into_iter().enumerate().map(op).collect(),
        };
        self.flows.insert(intent, flow);
    }

    pub(super) fn build(mut self) -> Flows {
        let replies = load(&mut self.env);
        Flows { flows: self.flows, texts: self.env, replies }
    }
}

fn index_path(index: usize) -> String {
    format!("s{index}")
}

fn hand_over(reason: &str) -> Verb {
    Verb::HandOver { reason: reason.to_owned(), say: None, queue: None, priority: None }
}

/// The sample catalog.
pub(super) fn sample() -> Flows {
    let mut b = Builder::new();
    // Moving a payment: lookup, choose, check, two questions, confirm, do.
    let reasons = vec![b.option("payday", "Waiting for payday", "(?i)pay ?day|salary"), b.option("ill", "I was ill", "(?i)\\bill|sick")];
    let date = b.slot("day", SlotKind::Date { past: false, future: true });
    let reason = b.slot("reason", SlotKind::Choice(reasons));
    let verbs = vec![
        b.lookup("payables", "due"),
        Verb::Choose {
            slot: "payment".to_owned(),
            from: b.expr("due.items"),
            label: b.text("{{ item.merchant }}: {{ item.items_text }}, {{ item.amount_minor|money(item.currency) }}"),
            ask: b.text("Which payment?"),
            none: 9,
            pick_single: true,
        },
        Verb::Check {
            name: "can_extend".to_owned(),
            with: vec![("instalment".to_owned(), b.expr("slots.payment.id"))],
            into: "rule".to_owned(),
            refused: 11,
        },
        Verb::Ask("day".to_owned()),
        Verb::Ask("reason".to_owned()),
        b.confirm("Move {{ slots.payment.merchant }} to {{ slots.day|date }} because {{ slots.reason }}?", None),
        b.act("extend", "slots.payment.id", None),
        b.say("Moved to {{ slots.day|date }}."),
        Verb::Done,
        b.say("You have no open payments."),
        Verb::Done,
        b.say("Not possible: {{ rule.why }}"),
    ];
    b.flow("extend", 2, vec![date, reason], verbs);
    // A question that is answered at once.
    let verbs = vec![b.lookup("payables", "due"), b.say("Next: {{ due.items[0].amount_minor|money('GBP') }}.")];
    b.flow("due", 1, vec![], verbs);
    // Questions of every kind, and a person at the end.
    let story = b.slot("story", SlotKind::Text);
    let again = b.slot("again", SlotKind::YesNo);
    let count = Slot { optional: true, ..b.slot("count", SlotKind::Number { min: Some(1), max: Some(9) }) };
    let amount = Slot { prefill: true, ..b.slot("amount", SlotKind::Money) };
    let ask = |name: &str| Verb::Ask(name.to_owned());
    let verbs = vec![ask("story"), ask("again"), ask("count"), ask("amount"), hand_over("complaint")];
    b.flow("complain", 0, vec![story, again, count, amount], verbs);
    // A second flow with questions, to digress into.
    let cash = ChoiceOption { label: b.text_sv("Cash", "Kontant"), ..b.option("cash", "Cash", "cash") };
    let kind = vec![cash, b.option("card", "Card", "card")];
    let kind = b.slot("kind", SlotKind::Choice(kind));
    let kind = Slot { ask: Some(b.text_sv("What is the kind?", "Hur vill du betala?")), ..kind };
    let verbs = vec![ask("kind"), Verb::Say(b.text_sv("Noted: {{ slots.kind }}.", "Noterat: {{ slots.kind }}."))];
    b.flow("method", 0, vec![kind], verbs);
    if let Some(method) = b.flows.get_mut(&IntentId::from("method")) {
        method.languages = vec!["sv".to_owned()];
        method.title.others = vec![("sv".to_owned(), "Betalsätt".to_owned())];
    }
    let (no_label, yes) = (b.slot("sure", SlotKind::YesNo), b.say("Thank you."));
    b.flow("survey", 0, vec![no_label], vec![ask("sure"), yes]);
    // A write at level 1 with its own way out, and one that is refused.
    let verbs = vec![
        b.confirm("Report it?", Some(4)),
        b.act("report", "text", Some(6)),
        b.act("note", "text", None),
        Verb::Jump(7),
        b.say("Not reported."),
        Verb::Done,
        b.say("Refused: {{ done.why }}"),
        Verb::Done,
    ];
    b.flow("report", 1, vec![], verbs);
    let verbs = vec![b.say("I'm an AI."), hand_over("asked_for_person")];
    b.flow("talk_to_human", 0, vec![], verbs);
    let (safe, line) = (b.slot("safe", SlotKind::Text), b.say("Help is near."));
    b.flow("crisis", 0, vec![safe], vec![line, ask("safe"), hand_over("crisis")]);
    b.flow("linked", 0, vec![], vec![Verb::Link(IntentId::from("method"))]);
    b.flow("endless", 0, vec![], vec![Verb::Jump(0)]);
    let broken = b.say("{{ nobody }}");
    b.flow("broken", 0, vec![], vec![broken]);
    let sneaky = b.act("extend", "1", None);
    b.flow("sneaky", 0, vec![], vec![sneaky]);
    b.build()
}

/// Reads phrases of the tests: `#intent` acts on it, `~a ~b` cannot decide between a and b, `%70` is how sure it is, `@sv` in which
/// language (English without); acts and values by their words.
pub(super) fn read(text: &str) -> Reading {
    let lower = text.to_lowercase();
    let mut found: Vec<(usize, Act)> = [
        ("hello", Act::Greet),
        ("thanks", Act::Thanks),
        ("goodbye", Act::Goodbye),
        ("yes", Act::Yes),
        ("no", Act::No),
        ("never mind", Act::Cancel),
        ("say that again", Act::Repeat),
        ("what can you do", Act::Help),
        ("i meant", Act::Correct),
        ("that's wrong", Act::Correct),
        ("skip", Act::Skip),
        ("a person", Act::Human),
        ("are you a bot", Act::AreYouBot),
        ("svenska tack", Act::Language),
    ]
    .into_iter()
    .filter_map(|(phrase, act)| {
        let at = lower.match_indices(phrase).map(|(at, _)| at).find(|at| {
            let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            edge(lower[..*at].chars().next_back()) && edge(lower[at + phrase.len()..].chars().next())
        })?;
        Some((at, act))
    })
    .collect();
    found.sort_by_key(|(at, _)| *at);
    let mut entities = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(['?', ',', '.']);
        let value = match bare {
            "second" => Some(EntityValue::Ordinal(2)),
            "last" => Some(EntityValue::Ordinal(-1)),
            _ if bare.starts_with('£') => {
                bare[2..].parse().ok().map(|pounds: i64| EntityValue::Money { minor: pounds.saturating_mul(100), currency: None })
            }
            _ => bare.parse().ok().map(EntityValue::Date).or_else(|| bare.parse().ok().map(EntityValue::Number)),
        };
        if let Some(value) = value {
            entities.push(Entity { value, text: bare.to_owned(), start: 0, end: 0 });
        }
    }
    let named = |mark: char| text.split_whitespace().filter_map(|word| word.strip_prefix(mark)).map(IntentId::from).collect::<Vec<_>>();
    let (acts_on, unsure) = (named('#'), named('~'));
    let decision = match (acts_on.first(), unsure.is_empty()) {
        (Some(intent), _) => Decision::Act(intent.clone()),
        (None, false) => Decision::Clarify(unsure.clone()),
        (None, true) => Decision::Abstain,
    };
    let sure = text.split_whitespace().find_map(|word| word.strip_prefix('%')?.parse::<f32>().ok()).map_or(0.95, |percent| percent / 100.0);
    let guess = |intent: &IntentId| Guess { intent: intent.clone(), confidence: sure };
    let language = ["sv", "fr", "und"].into_iter().find(|code| text.starts_with(&format!("@{code} "))).unwrap_or("en");
    let safety = lower.contains("kill myself").then(|| SafetyHit {
        intent: IntentId::from("crisis"),
        rule: Some("kill".to_owned()),
        confidence: 1.0,
    });
    Reading {
        intents: acts_on.iter().chain(&unsure).map(guess).collect(),
        decision,
        also: acts_on.iter().skip(1).cloned().collect(),
        safety,
        acts: found.into_iter().map(|(_, act)| act).collect(),
        entities,
        language,
        why: "test".to_owned(),
    }
}

/// A conversation under test.
pub(super) struct Talk {
    pub(super) flows: Flows,
    pub(super) state: DialogState,
    pub(super) context: StepContext,
    /// Effects of the last turn.
    pub(super) effects: Vec<Effect>,
    /// Calls of the last turn.
    pub(super) calls: Vec<Call>,
    /// Whether `do` is refused.
    pub(super) refuse: bool,
    /// The payments on the account.
    pub(super) payments: Json,
}

impl Talk {
    pub(super) fn new(level: u8) -> Self {
        let context = StepContext {
            now: "2026-12-04T09:00:00Z".parse().expect("an instant"),
            today: jiff::civil::Date::constant(2026, 12, 4),
            level: Level(level),
            customer: if level == 0 {
                json!(null)
            } else {
                json!({"given_name": "Ann", "market": "GB", "locale": "en", "currency": "GBP"})
            },
            locale: "en".to_owned(),
            article: None,
            proposal: None,
        };
        let payments = json!([
            {"id": "p1", "merchant": "Nordlys", "items_text": "running shoes", "amount_minor": 4500, "currency": "GBP"},
            {"id": "p2", "merchant": "Kettle & Co", "items_text": "kettle", "amount_minor": 1200, "currency": "GBP"}
        ]);
        let (effects, calls) = (Vec::new(), Vec::new());
        Self { flows: sample(), state: DialogState::default(), context, effects, calls, refuse: false, payments }
    }

    fn answer(&self, call: &Call) -> Answer {
        match (call.kind, self.refuse) {
            (CallKind::Lookup, _) => Answer::Value(json!({"items": self.payments})),
            (CallKind::Check, false) => Answer::Value(json!({"allowed": true})),
            (CallKind::Check, true) => Answer::Value(json!({"allowed": false, "why": "It is too close."})),
            (CallKind::Do, false) => Answer::Value(json!({})),
            (CallKind::Do, true) => Answer::Refused(json!({"reason": "late", "why": "It is too late"})),
        }
    }

    /// One whole turn, as the driver does it: calls are answered until none is asked.
    pub(super) fn turn(&mut self, input: Input) {
        self.calls.clear();
        let mut effects = Vec::new();
        let mut input = input;
        for round in 0.. {
            assert!(round < 300, "the turn does not end");
            let step = step(&self.flows, std::mem::take(&mut self.state), input, &self.context);
            self.state = step.state;
            if let Some(locale) = step.locale {
                self.context.locale = locale;
            }
            effects.extend(step.effects);
            match step.ask {
                Some(call) => {
                    input = Input::Answered(self.answer(&call));
                    self.calls.push(call);
                }
                None => break,
            }
        }
        self.effects = merge(effects);
        let decisions: Vec<_> = self.effects.iter().filter(|effect| matches!(effect, Effect::Decision(_))).collect();
        assert_eq!(decisions.len(), 1, "one decision a turn");
        if let Some(Effect::Decision(decision)) = decisions.first() {
            assert!(decision.to_string().len() < 600, "a small decision");
        }
        let stored = serde_json::to_string(&self.state).expect("the state is JSON");
        let back: DialogState = serde_json::from_str(&stored).expect("the state reads back");
        assert_eq!(back, self.state, "nothing of the state is lost in the store");
    }

    pub(super) fn say(&mut self, text: &str) -> &mut Self {
        let words = text.strip_prefix('@').and_then(|marked| marked.split_once(' ')).map_or(text, |(_, words)| words);
        self.turn(Input::Said { text: words.to_owned(), reading: Box::new(read(text)) });
        self
    }

    /// Clicks the offered option whose label contains this.
    pub(super) fn click(&mut self, label: &str) -> &mut Self {
        let option = self.state.on_offer().find(|option| option.label.contains(label)).cloned().expect(label);
        self.turn(Input::Chose { option: option.id, label: option.label });
        self
    }

    pub(super) fn bot(&self) -> String {
        let texts = self.effects.iter().filter_map(|effect| match effect {
            Effect::Say { text, .. } | Effect::Promise { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }

    pub(super) fn labels(&self) -> Vec<String> {
        let offers = self.effects.iter().filter_map(|effect| if let Effect::Offer(options) = effect { Some(options) } else { None });
        offers.flatten().map(|option| option.label.clone()).collect()
    }

    pub(super) fn handed_over(&self) -> Option<&super::HandOver> {
        self.effects.iter().find_map(|effect| if let Effect::HandOver(hand_over) = effect { Some(hand_over) } else { None })
    }

    pub(super) fn did(&self) -> Vec<&str> {
        self.calls.iter().filter(|call| call.kind == CallKind::Do).map(|call| call.name.as_str()).collect()
    }

    pub(super) fn rule(&self) -> String {
        let decision = self.effects.iter().find_map(|effect| if let Effect::Decision(decision) = effect { Some(decision) } else { None });
        decision.and_then(|decision| decision["rule"].as_str()).unwrap_or_default().to_owned()
    }
}
