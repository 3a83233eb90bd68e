//! Patterns: they compile, don't match everything, and don't match what other intents learn from.

use super::Content;
use super::examples::{all, short};
use crate::catalog::diagnostic::{Diagnostic, Report};
use crate::catalog::file::IntentFile;
use crate::catalog::node::Words;
use crate::catalog::regexes::checked_pattern;
use crate::understanding::{Plain, fold_pattern};
use regex::bytes::{RegexSet, RegexSetBuilder};

/// Memory for the compiled patterns of one intent, in bytes.
const WHOLE_SET: usize = 16 << 20;

/// Looks at all patterns of all intents, on all cores.
pub(super) fn lint(content: &Content<'_>) -> Vec<Diagnostic> {
    let files: Vec<Learned<'_>> = content.files.iter().map(|(file, _)| Learned::of(file)).collect();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8));
    let part = files.len().div_ceil(cores).max(1);
    let files = &files;
    std::thread::scope(|scope| {
        let parts: Vec<_> = files
            .chunks(part)
            .map(|part| scope.spawn(move || part.iter().flat_map(|learned| one(learned.file, files)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// A file and what is learned from it, as plain as a message is when the patterns run on it.
struct Learned<'a> {
    file: &'a IntentFile,
    examples: Vec<(String, &'a Words)>,
}

impl<'a> Learned<'a> {
    fn of(file: &'a IntentFile) -> Self {
        Self { file, examples: all(file).map(|example| (Plain::of(&example.text).text, example)).collect() }
    }
}

fn one(file: &IntentFile, others: &[Learned<'_>]) -> Vec<Diagnostic> {
    let mut report = Report::on(&file.path);
    // Safety patterns go before everything on purpose: they may match examples of others.
    let _ = usable(&file.safety, &file.source, &mut report);
    let patterns = usable(&file.patterns, &file.source, &mut report);
    if let Some(set) = together(&patterns) {
        foreign_examples(file, others, &set, &patterns, &mut report);
    }
    report.finish()
}

/// The patterns that compile and don't match everything. One at a time: some are large, and all of them at once would be larger.
fn usable<'a>(patterns: &'a [Words], source: &str, report: &mut Report) -> Vec<&'a Words> {
    let usable = |words: &&Words| {
        let Some(pattern) = checked_pattern(words, source, report) else { return false };
        if pattern.is_match("") {
            let remedy = "Put at least one word into it that must occur; `x*` and `(x)?` match nothing, too.";
            report.error(words.place, "The pattern matches the empty text, so it would match every message", remedy);
            return false;
        }
        true
    };
    patterns.iter().filter(usable).collect()
}

/// `None` when one of them does not compile. Byte by byte where that is possible: it is several times cheaper.
fn together(patterns: &[&Words]) -> Option<RegexSet> {
    let folded: Vec<String> = patterns.iter().map(|words| fold_pattern(&words.text)).collect();
    let texts = || folded.iter();
    let build = |unicode: bool| RegexSetBuilder::new(texts()).case_insensitive(true).unicode(unicode).size_limit(WHOLE_SET).build().ok();
    if texts().all(|text| text.is_ascii()) { build(false).or_else(|| build(true)) } else { build(true) }
}

/// A pattern is strong evidence: on an example of another intent it is wrong evidence.
fn foreign_examples(file: &IntentFile, others: &[Learned<'_>], set: &RegexSet, patterns: &[&Words], report: &mut Report) {
    for Learned { file: other, examples } in others.iter().filter(|other| other.file.path != file.path) {
        let mut told = vec![false; patterns.len()];
        for (plain, example) in examples.iter().filter(|(plain, _)| set.is_match(plain.as_bytes())) {
            for hit in set.matches(plain.as_bytes()) {
                if std::mem::replace(&mut told[hit], true) {
                    continue;
                }
                let place = format!("{}:{}:{}", other.path, example.place.line, example.place.column);
                let problem = format!("The pattern matches an example of `{}`: \"{}\" ({place})", other.intent.text, short(&example.text));
                report.warn(patterns[hit].place, problem, "Make the pattern narrower, or move the example.");
            }
        }
    }
}
