//! Patterns: they compile, don't match everything, and don't match what other intents learn from.

use super::Content;
use super::examples::{all, short};
use crate::catalog::diagnostic::{Diagnostic, Report};
use crate::catalog::file::IntentFile;
use crate::catalog::node::Words;
use crate::catalog::regexes::checked_pattern;
use crate::understanding::parallel::{both, in_parts};
use crate::understanding::{PatternSet, Plain, check_pattern};
use std::collections::HashSet;

/// A pattern and the place of its file.
type Owned<'a> = (usize, &'a Words);

/// Looks at all patterns of all intents, on all cores.
pub(super) fn lint(content: &Content<'_>) -> Vec<Diagnostic> {
    let files: Vec<&IntentFile> = content.files.iter().map(|(file, _)| file).collect();
    let mut reports: Vec<Report> = files.iter().map(|file| Report::on(&file.path)).collect();
    let ((set, owned, bad), unsafe_rules) = both(|| compiled(&files), || unusable(&files));
    for ((owner, words), problem) in bad.into_iter().chain(unsafe_rules) {
        tell(words, &files[owner].source, &problem, &mut reports[owner]);
    }
    if let Some(set) = set {
        foreign_examples(&files, &set, &owned, &mut reports);
    }
    reports.into_iter().flat_map(Report::finish).collect()
}

/// The patterns that can be used, compiled together, and those that cannot, with the reason.
fn compiled<'a>(files: &[&'a IntentFile]) -> (Option<PatternSet>, Vec<Owned<'a>>, Vec<(Owned<'a>, String)>) {
    let mut owned: Vec<Owned<'_>> =
        files.iter().enumerate().flat_map(|(owner, file)| file.patterns.iter().map(move |words| (owner, words))).collect();
    let set = |owned: &[Owned<'_>]| PatternSet::compile(owned.iter().map(|(_, words)| words.text.as_str()));
    match set(&owned) {
        Ok(set) => (Some(set), owned, Vec::new()),
        Err(problems) => {
            let bad: Vec<(Owned<'_>, String)> =
                problems.iter().filter_map(|(number, problem)| Some((*owned.get(*number)?, problem.clone()))).collect();
            let numbers: HashSet<usize> = problems.into_iter().map(|(number, _)| number).collect();
            let mut number = 0..;
            owned.retain(|_| !number.next().is_some_and(|number| numbers.contains(&number)));
            (set(&owned).ok(), owned, bad)
        }
    }
}

/// The safety patterns that cannot be used. They go before everything on purpose: they may match examples of others.
fn unusable<'a>(files: &[&'a IntentFile]) -> Vec<(Owned<'a>, String)> {
    let rules = files.iter().enumerate().flat_map(|(owner, file)| file.safety.iter().map(move |words| (owner, words)));
    rules.filter_map(|(owner, words)| Some(((owner, words), check_pattern(&words.text).err()?))).collect()
}

/// Says what is wrong with a pattern, and where inside it if that can be told.
fn tell(words: &Words, source: &str, problem: &str, report: &mut Report) {
    match checked_pattern(words, source, report) {
        Some(pattern) if pattern.is_match("") => {
            let remedy = "Put at least one word into it that must occur; `x*` and `(x)?` match nothing, too.";
            report.error(words.place, "The pattern matches the empty text, so it would match every message", remedy);
        }
        Some(_) => report.error(words.place, format!("The pattern can't be used: {problem}"), "Correct it, or leave it out."),
        None => {}
    }
}

/// A pattern is strong evidence: on an example of another intent it is wrong evidence. Told once for each pattern and other intent.
fn foreign_examples(files: &[&IntentFile], set: &PatternSet, owned: &[Owned<'_>], reports: &mut [Report]) {
    let hits_of = |place: usize| {
        let (mut hits, mut foreign, mut told) = (Vec::new(), Vec::new(), HashSet::new());
        for example in all(files[place]) {
            set.hits(&Plain::of(&example.text).text, &mut hits);
            let others = hits.iter().copied().filter(|hit| owned[*hit].0 != place);
            foreign.extend(others.filter(|hit| told.insert(*hit)).map(|hit| (hit, example)));
        }
        foreign
    };
    for (place, foreign) in in_parts(files.len(), hits_of).into_iter().enumerate() {
        let other = files[place];
        for (hit, example) in foreign {
            let (owner, words) = owned[hit];
            let at = format!("{}:{}:{}", other.path, example.place.line, example.place.column);
            let problem = format!("The pattern matches an example of `{}`: \"{}\" ({at})", other.intent.text, short(&example.text));
            reports[owner].warn(words.place, problem, "Make the pattern narrower, or move the example.");
        }
    }
}
