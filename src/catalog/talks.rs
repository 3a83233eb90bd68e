//! The scripted conversations (`tests`) of an intent file.

use super::diagnostic::{Place, Report};
use super::fields::Fields;
use super::file::is_language;
use super::node::{Content, Node, Words};
use super::wording::meant;
use crate::dialog::Level;
use crate::dialog::call::CARDS;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde_json::Value;

/// One scripted conversation.
#[derive(Clone, Debug)]
pub struct ScriptedTest {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub place: Place,
    /// The demo persona; `None` is an anonymous customer.
    pub customer: Option<String>,
    /// The sign-in level: 1 with a customer and 0 without, unless said otherwise.
    pub level: Level,
    /// The language that the client asks for; the demo persona's own when left out.
    pub locale: Option<String>,
    /// The conversation's beginning.
    pub now: Timestamp,
    /// What is said, in order.
    pub talk: Vec<TestTurn>,
    /// Paths in the account with the value that they hold at the end.
    pub account: Vec<(Words, Value)>,
}

/// One turn of a scripted conversation.
#[derive(Clone, Debug)]
pub struct TestTurn {
    /// Where it begins.
    pub place: Place,
    /// What happens.
    pub does: TestInput,
    /// Each must occur in what the bot answers (case-insensitive).
    pub bot: Vec<String>,
    /// None of these may occur.
    pub not: Vec<String>,
    /// Labels that must be offered (substring).
    pub choices: Vec<String>,
    /// The conversation is now in this queue.
    pub handover: Option<String>,
    /// The flow that is now active or just ran.
    pub intent: Option<Words>,
    /// This card is shown.
    pub card: Option<String>,
    /// This action was done in this turn.
    pub action: Option<String>,
    /// No action was done in this turn.
    pub no_action: bool,
}

/// What happens in a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum TestInput {
    /// The customer writes.
    Me(String),
    /// The customer clicks a choice by (part of) its label.
    Choose(String),
    /// The customer comes back with this sign-in level.
    Level(Level),
    /// Time passes.
    Wait(SignedDuration),
}

/// The default `now`: 2026-12-04T09:00:00Z.
const DEFAULT_NOW_SECONDS: i64 = 1_796_374_800;

const TURN_KEYS: &[&str] = &["me", "choose", "level", "wait", "bot", "not", "choices", "handover", "intent", "card", "action", "no_action"];

/// Reads `tests`.
pub(crate) fn read(fields: &Fields<'_>, report: &mut Report) -> Vec<ScriptedTest> {
    fields.items("tests", report).iter().filter_map(|node| test(node, report)).collect()
}

fn test(node: &Node, report: &mut Report) -> Option<ScriptedTest> {
    let fields = Fields::of(node, "a test", &["name", "customer", "level", "locale", "now", "talk", "account"], report)?;
    let name = fields.required("name", "Say in a few words what it shows.", report);
    let customer = fields.words("customer", report).map(|customer| customer.text);
    let level = fields.number("level", 0, 2, report).and_then(|level| u8::try_from(level).ok());
    let level = Level(level.unwrap_or(u8::from(customer.is_some())));
    if customer.is_none() && level > Level(0) {
        let place = fields.value("level").map_or(fields.place, |node| node.place);
        report.error(place, "An anonymous customer has no sign-in level", "Add `customer:` with a demo persona, or leave `level` out.");
    }
    let talk: Vec<TestTurn> = fields.items("talk", report).iter().filter_map(|item| turn(item, report)).collect();
    if fields.entry("talk").is_none_or(|entry| matches!(&entry.value.content, Content::List(items) if items.is_empty())) {
        report.error(fields.place, "The test has no `talk`", "Write what the customer says: `talk: [ { me: …, bot: [ … ] } ]`.");
    }
    let locale = locale(&fields, report);
    let now = instant(&fields, report);
    let account = account(&fields, report);
    Some(ScriptedTest { name: name?.text, place: fields.place, customer, level, locale, now, talk, account })
}

fn locale(fields: &Fields<'_>, report: &mut Report) -> Option<String> {
    let locale = fields.words("locale", report)?;
    if !is_language(&locale.text) {
        report.error(locale.place, format!("`{}` is not a language tag", locale.text), meant(&locale.text));
    }
    Some(locale.text)
}

fn instant(fields: &Fields<'_>, report: &mut Report) -> Timestamp {
    let default = Timestamp::from_second(DEFAULT_NOW_SECONDS).unwrap_or_default();
    let Some(now) = fields.words("now", report) else { return default };
    now.text.parse().unwrap_or_else(|_| {
        report.error(now.place, format!("`{}` is not an instant", now.text), "Write it like 2026-12-04T09:00:00Z.");
        default
    })
}

fn turn(node: &Node, report: &mut Report) -> Option<TestTurn> {
    let fields = Fields::of(node, "a turn", TURN_KEYS, report)?;
    let given: Vec<&str> = ["me", "choose", "level", "wait"].into_iter().filter(|key| fields.entry(key).is_some()).collect();
    let does = match given.as_slice() {
        ["me"] => fields.words("me", report).map(|words| TestInput::Me(words.text)),
        ["choose"] => fields.words("choose", report).map(|words| TestInput::Choose(words.text)),
        ["level"] => {
            fields.number("level", 0, 2, report).and_then(|level| u8::try_from(level).ok()).map(|level| TestInput::Level(Level(level)))
        }
        ["wait"] => wait(&fields, report),
        _ => {
            report.error(
                fields.place,
                "A turn is one of `me`, `choose`, `level` and `wait`",
                "Write what the customer does in this turn, and make each turn an entry of its own.",
            );
            None
        }
    };
    let mut strings = |key: &str| fields.texts(key, report).into_iter().map(|words| words.text).collect::<Vec<_>>();
    let (bot, not, choices) = (strings("bot"), strings("not"), strings("choices"));
    let handover = fields.words("handover", report);
    let card = fields.words("card", report);
    let action = fields.words("action", report);
    for (words, known, what) in [
        (&handover, crate::dialog::call::QUEUES.to_vec(), "queue"),
        (&card, CARDS.to_vec(), "card"),
        (&action, crate::dialog::call::names(crate::dialog::CallKind::Do), "action"),
    ] {
        if let Some(words) = words.as_ref().filter(|words| !known.contains(&words.text.as_str())) {
            report.error(words.place, format!("Unknown {what} `{}`", words.text), super::diagnostic::suggestion(&words.text, &known));
        }
    }
    Some(TestTurn {
        place: fields.place,
        does: does?,
        bot,
        not,
        choices,
        handover: handover.map(|words| words.text),
        intent: fields.words("intent", report),
        card: card.map(|words| words.text),
        action: action.map(|words| words.text),
        no_action: fields.flag("no_action", false, report),
    })
}

fn wait(fields: &Fields<'_>, report: &mut Report) -> Option<TestInput> {
    let words = fields.words("wait", report)?;
    let duration = words.text.parse::<Span>().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    match duration {
        Ok(duration) => Some(TestInput::Wait(duration)),
        Err(_) => {
            report.error(words.place, format!("`{}` is not a duration", words.text), "Write it like PT36H (36 hours) or P3D (3 days).");
            None
        }
    }
}

fn account(fields: &Fields<'_>, report: &mut Report) -> Vec<(Words, Value)> {
    let Some(node) = fields.value("account") else { return Vec::new() };
    let Content::Map(entries) = &node.content else {
        report.error(node.place, "`account` is a map of paths", "Write `\"orders[0].status\": shipped`.");
        return Vec::new();
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = Words { text: entry.key.clone(), place: entry.place, end_line: entry.place.line };
        match &entry.value.content {
            Content::Scalar { text, plain } => paths.push((path, scalar(text, *plain))),
            Content::List(_) | Content::Map(_) => {
                report.error(entry.value.place, "Only single values can be compared", "Write one path per value.");
            }
        }
    }
    paths
}

/// A YAML scalar as JSON: without quotes `null`, flags and numbers are what they look like.
fn scalar(text: &str, plain: bool) -> Value {
    match text {
        _ if !plain => Value::from(text),
        "" | "~" | "null" => Value::Null,
        "true" => Value::from(true),
        "false" => Value::from(false),
        _ => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
    }
}

/// Names of tests that occur twice, for the check.
pub(crate) fn check_names(tests: &[ScriptedTest], report: &mut Report) {
    for (index, test) in tests.iter().enumerate() {
        if let Some(first) = tests[..index].iter().find(|other| other.name == test.name) {
            let problem = format!("The test \"{}\" has the name of the one on line {}", test.name, first.place.line);
            report.error(test.place, problem, "Give every test of a file its own name.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_now_is_the_documented_one() {
        assert_eq!(Timestamp::from_second(DEFAULT_NOW_SECONDS).expect("in range").to_string(), "2026-12-04T09:00:00Z");
    }

    #[test]
    fn values_of_the_account_are_typed_like_json() {
        for (text, plain, expected) in [
            ("paused", true, Value::from("paused")),
            ("4500", true, Value::from(4500)),
            ("4500", false, Value::from("4500")),
            ("true", true, Value::from(true)),
            ("null", true, Value::Null),
        ] {
            assert_eq!(scalar(text, plain), expected, "{text}");
        }
    }

    #[test]
    fn a_list_is_not_needed_for_one_expectation() {
        let mut report = Report::on("f");
        let root = super::super::read::tree("tests:\n- name: n\n  talk:\n  - me: hi\n    bot: hello\n", &mut report).expect("reads");
        let fields = Fields::of(&root, "a file", &["tests"], &mut report).expect("a map");
        let tests = read(&fields, &mut report);
        assert_eq!(tests[0].talk[0].bot, ["hello"]);
    }
}
