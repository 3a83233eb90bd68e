//! Texts and expressions by themselves: filters and tests that exist, nothing stated that must come from a lookup, nothing
//! promised in passing.

use super::Content;
use crate::catalog::diagnostic::{Report, nearest};
use crate::catalog::file::IntentFile;
use crate::catalog::program::{Program, Role, Use};
use crate::catalog::wording::CODE;
use minijinja::{Environment, ErrorKind};
use regex::Regex;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

static QUOTED: LazyLock<Regex> = LazyLock::new(|| constant(r#"'[^']*'|"[^"]*""#));
static FILTER: LazyLock<Regex> = LazyLock::new(|| constant(r"\|\s*([A-Za-z_]\w*)"));
static TEST: LazyLock<Regex> = LazyLock::new(|| constant(r"\bis\s+(?:not\s+)?([A-Za-z_]\w*)"));
static URL: LazyLock<Regex> = LazyLock::new(|| constant(r"(?:https?://|www\.)\S+"));
static LITERAL: LazyLock<Regex> = LazyLock::new(|| constant(r"[£$€¥]\s*\p{Nd}[\p{Nd}.,]*|[£$€¥]|\b[\p{L}-]*\p{Nd}[\p{Nd}.,:/%-]*\w*"));
static SPOKEN_LITERAL: LazyLock<Regex> = LazyLock::new(|| constant(r#"\{\{-?\s*['"]?[0-9£$€¥]"#));
static COMMITS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\bwe(?:'ll| will)\b|\byou(?:'ll| will) (?:get|receive|have|hear)\b[^.!?]*\b(?:by|within)\b|\bwithin\b[^.!?]{0,30}\bdays\b",
    )
});

/// The same in other languages.
static COMMITS_IN: LazyLock<[(&str, Regex); 2]> = LazyLock::new(|| {
    [
        (
            "sv",
            constant(
                r"(?i)\bvi (?:kommer att|ska|skall)\b|\bdu (?:får|hör av oss|har)\b[^.!?]*\binom\b|\binom\b[^.!?]{0,30}\bdag(?:ar)?\b",
            ),
        ),
        ("de", constant(r"(?i)\b(?:wir werden|werden wir)\b|\b(?:innerhalb|binnen)\b[^.!?]{0,30}\btagen?\b")),
    ]
});

/// The filters that a text can use, for suggestions.
const FILTERS: &[&str] = &[
    "money",
    "date",
    "day",
    "join_and",
    "plural",
    "days_until",
    "lower",
    "upper",
    "title",
    "capitalize",
    "replace",
    "length",
    "count",
    "items",
    "reverse",
    "trim",
    "join",
    "split",
    "lines",
    "default",
    "round",
    "abs",
    "int",
    "float",
    "attr",
    "first",
    "last",
    "min",
    "max",
    "sort",
    "list",
    "string",
    "bool",
    "batch",
    "slice",
    "sum",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "map",
    "groupby",
    "unique",
    "chain",
    "zip",
    "format",
    "tojson",
];

/// What the templates of all files need, found out once.
pub(super) struct Templates {
    /// Names that a template looks up, sorted, with trivial attributes (`due.next.amount_minor`).
    names: HashMap<String, Vec<String>>,
    filters: HashMap<String, bool>,
    tests: HashMap<String, bool>,
    /// Functions and values that the environment offers to every template.
    pub(super) globals: HashSet<String>,
}

impl Templates {
    /// Reads the templates of all programs.
    pub(super) fn read(content: &Content<'_>) -> Self {
        let globals = content.texts.globals().map(|(name, _)| name.to_owned()).collect();
        let mut templates = Self { names: HashMap::new(), filters: HashMap::new(), tests: HashMap::new(), globals };
        for used in content.files.iter().flat_map(|(_, program)| &program.uses) {
            if templates.names.contains_key(&used.id) {
                continue;
            }
            let names = crate::catalog::names_in(content.texts, &used.id);
            templates.names.insert(used.id.clone(), names);
            for code in code(used) {
                note(&FILTER, &code, &mut templates.filters, |name| knows(content.texts, name, Kind::Filter));
                note(&TEST, &code, &mut templates.tests, |name| knows(content.texts, name, Kind::Test));
            }
        }
        templates
    }

    /// The names that this text or expression looks up; empty when it didn't compile.
    pub(super) fn names(&self, used: &Use) -> &[String] {
        self.names.get(&used.id).map_or(&[], Vec::as_slice)
    }
}

enum Kind {
    Filter,
    Test,
}

fn knows(texts: &Environment<'static>, name: &str, kind: Kind) -> bool {
    let mut state = texts.empty_state();
    let failed = match kind {
        Kind::Filter => state.apply_filter(name, &[]).err(),
        Kind::Test => state.perform_test(name, &[]).err(),
    };
    !failed.is_some_and(|error| matches!(error.kind(), ErrorKind::UnknownFilter | ErrorKind::UnknownTest))
}

fn note(pattern: &Regex, code: &str, known: &mut HashMap<String, bool>, ask: impl Fn(&str) -> bool) {
    for found in pattern.captures_iter(code) {
        let name = &found[1];
        if !known.contains_key(name) {
            known.insert(name.to_owned(), ask(name));
        }
    }
}

/// The parts that minijinja evaluates, without quoted texts.
pub(super) fn code(used: &Use) -> Vec<String> {
    let bare = |code: &str| QUOTED.replace_all(code, "''").into_owned();
    match used.role {
        Role::Expression => vec![bare(&used.words.text)],
        Role::Said | Role::Promised | Role::Label => {
            CODE.find_iter(&used.words.text).filter(|code| !code.as_str().starts_with("{#")).map(|code| bare(code.as_str())).collect()
        }
    }
}

/// Looks at every text and expression of a flow.
pub(super) fn lint(file: &IntentFile, program: &Program, templates: &Templates, report: &mut Report) {
    for used in &program.uses {
        for code in code(used) {
            unknown(&FILTER, &code, &templates.filters, "filter", used, file, report);
            unknown(&TEST, &code, &templates.tests, "test", used, file, report);
        }
        if used.role != Role::Expression {
            literals(used, file, report);
        }
        if used.role == Role::Said {
            commitments(used, file, report);
        }
    }
}

fn unknown(pattern: &Regex, code: &str, known: &HashMap<String, bool>, what: &str, used: &Use, file: &IntentFile, report: &mut Report) {
    for found in pattern.captures_iter(code) {
        let name = &found[1];
        if known.get(name) != Some(&false) {
            continue;
        }
        let remedy = match (what, nearest(name, FILTERS.iter().copied())) {
            ("filter", Some(filter)) => format!("Did you mean `{filter}`?"),
            ("filter", None) => "Known are `money`, `date`, `day`, `join_and`, `plural`, `days_until` and minijinja's own.".to_owned(),
            (_, _) => "Known are `defined`, `none`, `number`, `string`, `in` and minijinja's other tests.".to_owned(),
        };
        report.error(used.words.place_of(&file.source, name), format!("Unknown {what} `{name}`"), remedy);
    }
}

/// A text without the parts that minijinja evaluates.
pub(super) fn spoken(text: &str) -> std::borrow::Cow<'_, str> {
    CODE.replace_all(text, "\u{fffc}")
}

/// Numbers, dates and amounts come from variables only.
fn literals(used: &Use, file: &IntentFile, report: &mut Report) {
    const REMEDY: &str = "Take every number, date and amount from a variable: lookups, checks and actions deliver them.";
    let spoken = spoken(&used.words.text);
    let spoken = URL.replace_all(&spoken, "");
    let found = LITERAL.find_iter(&spoken).map(|found| found.as_str().trim_matches(|c: char| !c.is_alphanumeric() && !"£$€¥%".contains(c)));
    if let Some(literal) = found.into_iter().next() {
        report.error(used.words.place_of(&file.source, literal), format!("The text states `{literal}` literally"), REMEDY);
    }
    if let Some(found) = SPOKEN_LITERAL.find(&used.words.text) {
        report.error(used.words.place_of(&file.source, found.as_str()), "The text states a number literally, inside braces", REMEDY);
    }
}

/// What is promised must be recorded.
fn commitments(used: &Use, file: &IntentFile, report: &mut Report) {
    let spoken = spoken(&used.words.text);
    let commits = match &used.language {
        None => Some(&*COMMITS),
        Some(language) => COMMITS_IN.iter().find(|(known, _)| known == language).map(|(_, commits)| commits),
    };
    if let Some(found) = commits.and_then(|commits| commits.find(&spoken)) {
        let words = found.as_str();
        let first = words.split('\u{fffc}').next().unwrap_or(words).trim_end();
        report.error(
            used.words.place_of(&file.source, first),
            format!("The text commits us (\"{}\") without recording it", super::examples::short(words)),
            "Say it with `promise`, which has a due date, or say what happens without \"will\".",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_literal_numbers_and_amounts_only() {
        for (text, literal) in [
            ("Your fee is £7", true),
            ("That takes 10 days", true),
            ("Due on 4 December", true),
            ("Due on the first", false),
            ("See https://example.com/help/2026/12", false),
            ("{{ due.count }} payments", false),
            ("Call {{ local.phone }}", false),
            ("{% if due.count > 1 %}several{% endif %}", false),
            ("It costs $", true),
        ] {
            let spoken = spoken(text);
            let spoken = URL.replace_all(&spoken, "");
            assert_eq!(LITERAL.is_match(&spoken), literal, "{text}");
        }
    }

    #[test]
    fn finds_commitments() {
        for (text, commits) in [
            ("We will call you back", true),
            ("We'll pause it", true),
            ("You will get the money by \u{fffc}", true),
            ("You get an answer within ten working days", true),
            ("They have until \u{fffc}", false),
            ("Will we? Yes", false),
        ] {
            assert_eq!(COMMITS.is_match(text), commits, "{text}");
        }
        let [(_, swedish), (_, german)] = &*COMMITS_IN;
        assert!(swedish.is_match("Vi kommer att ringa dig") && swedish.is_match("Du får svar inom tio dagar"));
        assert!(german.is_match("Wir werden dich anrufen") && german.is_match("innerhalb von \u{fffc} Tagen"));
        assert!(!swedish.is_match("Vi har pausat den") && !german.is_match("Wir haben es pausiert"));
    }
}
