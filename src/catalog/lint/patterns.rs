//! Patterns: they compile, don't match everything, and don't match what other intents learn from.

use super::Content;
use super::examples::{all, short};
use crate::catalog::compile::checked_pattern;
use crate::catalog::diagnostic::{Diagnostic, Report};
use crate::catalog::node::Words;
use regex::{Regex, RegexSet, RegexSetBuilder};
use std::collections::HashSet;

/// Looks at all patterns of all intents.
pub(super) fn lint(content: &Content<'_>) -> Vec<Diagnostic> {
    let mut reports: Vec<Report> = content.files.iter().map(|(file, _)| Report::on(&file.path)).collect();
    let mut good: Vec<(usize, &Words)> = Vec::new();
    for (number, (file, _)) in content.files.iter().enumerate() {
        let safety = file.safety.iter().filter(|words| compiles(words, &file.source, &mut reports[number]));
        // Safety patterns go before everything on purpose, so they may match examples of others.
        safety.for_each(drop);
        good.extend(file.patterns.iter().filter(|words| compiles(words, &file.source, &mut reports[number])).map(|words| (number, words)));
    }
    if let Some(set) = together(&good) {
        foreign_examples(content, &set, &good, &mut reports);
    }
    reports.into_iter().flat_map(Report::finish).collect()
}

fn compiles(words: &Words, source: &str, report: &mut Report) -> bool {
    let Some(regex) = checked_pattern(words, source, report) else { return false };
    if matches_nothing_said(&regex) {
        let remedy = "Put at least one word into it that must occur; `x*` and `(x)?` match nothing, too.";
        report.error(words.place, "The pattern matches the empty text, so it would match every message", remedy);
        return false;
    }
    true
}

fn matches_nothing_said(regex: &Regex) -> bool {
    regex.is_match("")
}

fn together(patterns: &[(usize, &Words)]) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns.iter().map(|(_, words)| &words.text)).case_insensitive(true).size_limit(64 << 20).build().ok()
}

/// A pattern is strong evidence: on an example of another intent it is wrong evidence.
fn foreign_examples(content: &Content<'_>, set: &RegexSet, patterns: &[(usize, &Words)], reports: &mut [Report]) {
    let mut told = HashSet::new();
    for (number, (file, _)) in content.files.iter().enumerate() {
        for example in all(file) {
            for hit in set.matches(&example.text) {
                let (owner, words) = patterns[hit];
                if owner == number || !told.insert((hit, number)) {
                    continue;
                }
                let place = format!("{}:{}:{}", file.path, example.place.line, example.place.column);
                let problem = format!("The pattern matches an example of `{}`: \"{}\" ({place})", file.intent.text, short(&example.text));
                reports[owner].warn(words.place, problem, "Make the pattern narrower, or move the example.");
            }
        }
    }
}
