//! Translations: they say what the English text says, and an intent that has examples in a language speaks it everywhere.

use super::texts::{Templates, code};
use crate::catalog::diagnostic::{Report, list};
use crate::catalog::file::IntentFile;
use crate::catalog::node::Words;
use crate::catalog::program::{Program, Role, Use};
use crate::catalog::wording::has_words;
use crate::domain::language::same;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A name in an output that is an amount, a date or a number of days by its name, or is said as one by a filter.
static FACT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"((?:[A-Za-z_]\w*\.)*(?:\w+(?:_minor|_on|_by|_until|_days)|days|days_until))\b|([A-Za-z_][\w.]*)\s*\|\s*(?:money|date|day|days_until)\b")
        .expect("a constant pattern")
});

/// Looks at the translations of one intent.
pub(super) fn lint(file: &IntentFile, program: &Program, templates: &Templates, report: &mut Report) {
    let english: BTreeMap<&str, &Use> =
        program.uses.iter().filter(|used| used.language.is_none()).map(|used| (used.id.as_str(), used)).collect();
    for used in &program.uses {
        if let (Some(language), Some(original)) = (&used.language, used.english().and_then(|id| english.get(id))) {
            says_the_same(language, original, used, templates, file, report);
        }
    }
    missing(file, program, &english, report);
}

/// A translation leaves out no amount and no date, and looks at nothing that the English text doesn't look at.
fn says_the_same(language: &str, original: &Use, used: &Use, templates: &Templates, file: &IntentFile, report: &mut Report) {
    let (told, there) = (facts(original), facts(used));
    for fact in told.difference(&there) {
        report.warn(
            used.words.place,
            format!("The `{language}` text leaves out `{fact}`, which the English text says"),
            "Say it in both, or in neither.",
        );
    }
    let roots = |used: &Use| templates.names(used).iter().map(|name| root(name)).collect::<BTreeSet<String>>();
    for name in roots(used).difference(&roots(original)) {
        report.warn(
            used.words.place_of(&file.source, name),
            format!("The `{language}` text looks at `{name}`, which the English text does not"),
            "All languages should say the same.",
        );
    }
}

/// The variable or slot that a name begins with.
fn root(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    parts[..if parts[0] == "slots" { 2.min(parts.len()) } else { 1 }].join(".")
}

/// The amounts, dates and numbers of days that a text says, by their variables.
fn facts(used: &Use) -> BTreeSet<String> {
    let outputs = code(used).into_iter().filter(|code| code.starts_with("{{"));
    let names = |code: String| {
        let found = FACT.captures_iter(&code).filter_map(|found| found.get(1).or_else(|| found.get(2)));
        found.map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    outputs.flat_map(names).collect()
}

/// An intent with examples in a language claims to speak it.
fn missing(file: &IntentFile, program: &Program, english: &BTreeMap<&str, &Use>, report: &mut Report) {
    for language in &file.languages() {
        let there: BTreeSet<&str> = program
            .uses
            .iter()
            .filter(|used| used.language.as_deref().is_some_and(|other| same(other, language)))
            .filter_map(Use::english)
            .collect();
        let mut lacking: Vec<&Words> = english
            .values()
            .filter(|used| used.role != Role::Expression && !there.contains(used.id.as_str()) && has_words(&used.words.text))
            .map(|used| &used.words)
            .collect();
        if !file.title.has(language) && !file.title.english.text.is_empty() {
            lacking.push(&file.title.english);
        }
        lacking.sort_by_key(|words| words.place);
        let Some(first) = lacking.first() else { continue };
        let texts = if lacking.len() == 1 { "one of its texts is".to_owned() } else { format!("{} of its texts are", lacking.len()) };
        let lines: Vec<String> = lacking.iter().take(5).map(|words| words.place.line.to_string()).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let more = if lacking.len() > 5 { " and more" } else { "" };
        report.warn(
            first.place,
            format!("The intent has examples in `{language}`, but {texts} in English only (line {}{more})", list(&lines).replace('`', "")),
            format!("Write each as a map, `{{ en: …, {language}: … }}`; until then customers read English."),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::diagnostic::Place;

    #[test]
    fn finds_what_a_text_says_about_money_and_time() {
        for (text, expected) in [
            (
                "{{ due.next.amount_minor|money(due.next.currency) }} on {{ due.next.due_on|date }}",
                vec!["due.next.amount_minor", "due.next.due_on"],
            ),
            ("{% if x.fee_minor %}a fee{% endif %} of {{ merchant }}", vec![]),
            ("{{ (running.items|first).disputed_minor|money('GBP') }}", vec!["disputed_minor"]),
            ("{{ (a.posted_on or b.created_on)|date }}", vec!["a.posted_on", "b.created_on"]),
            (
                "in {{ due.next.days_until }} days, up to {{ local.refund_posting_days }}",
                vec!["due.next.days_until", "local.refund_posting_days"],
            ),
            ("{{ slots.amount | money('SEK') }}", vec!["slots.amount"]),
        ] {
            let words = Words { text: text.to_owned(), place: Place::START, end_line: 1 };
            let used = Use { op: 0, id: String::new(), words, role: Role::Said, language: None };
            assert_eq!(facts(&used).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
