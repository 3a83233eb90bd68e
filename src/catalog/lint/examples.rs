//! Examples: enough of them, none twice, none endless.

use super::Content;
use crate::catalog::diagnostic::{Diagnostic, Place, Report};
use crate::catalog::file::IntentFile;
use crate::catalog::node::Words;
use crate::domain::language::same;
use std::collections::HashMap;

/// Below this an intent can't be learned.
const LEAST: usize = 5;
/// Below this it is learned badly.
const ENOUGH: usize = 15;
/// In characters: no message can be longer.
const LONGEST: usize = 4_000;

/// Looks at the examples of one file.
pub(super) fn lint(file: &IntentFile, report: &mut Report) {
    let english = file.examples.get("en").map_or(0, Vec::len);
    let place = file.examples.get("en").and_then(|examples| examples.first()).map_or(Place::START, |first| first.place);
    if english < LEAST {
        let problem = format!("The intent has {english} English examples, and at least {LEAST} are needed to learn it");
        report.error(place, problem, format!("Write what customers really say, under `examples: en:`; {ENOUGH} or more are good."));
    } else if english < ENOUGH {
        let problem = format!("The intent has only {english} English examples");
        report.warn(place, problem, format!("Write at least {ENOUGH}: short, long, sloppy and angry ones."));
    }
    for (language, examples) in file.examples.iter().filter(|(language, _)| !same(language, "en")) {
        if let Some(first) = examples.first().filter(|_| examples.len() < ENOUGH) {
            let problem = format!("The intent has only {} examples in `{language}`", examples.len());
            report.warn(
                first.place,
                problem,
                format!("Write at least {ENOUGH}, or none: without examples a person helps in that language."),
            );
        }
    }
    let mut seen: HashMap<String, Place> = HashMap::new();
    for example in all(file) {
        let length = example.text.chars().count();
        if length > LONGEST {
            let problem = format!("The example has {length} characters, and a message has at most {LONGEST}");
            report.error(example.place, problem, "Shorten it.");
        }
        if let Some(first) = seen.insert(plain(&example.text), example.place) {
            let problem = format!("The example \"{}\" was already given on line {}", short(&example.text), first.line);
            report.warn(example.place, problem, "Keep one of the two.");
        }
    }
}

/// The same example in two files teaches two things at once.
pub(super) fn across_files(content: &Content<'_>) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, (&str, Place)> = HashMap::new();
    let mut problems = Vec::new();
    for (file, _) in content.files {
        let mut report = Report::on(&file.path);
        for example in all(file) {
            let (path, place) = *seen.entry(plain(&example.text)).or_insert((&file.path, example.place));
            if path != file.path {
                let problem = format!("The example \"{}\" also stands in {path}:{}:{}", short(&example.text), place.line, place.column);
                report.error(
                    example.place,
                    problem,
                    "A message can mean one intent only: keep it in one of the two files, or say more in each.",
                );
            }
        }
        problems.extend(report.finish());
    }
    problems
}

/// All examples of a file, in all languages.
pub(super) fn all(file: &IntentFile) -> impl Iterator<Item = &Words> {
    file.examples.values().flatten()
}

/// The beginning of an example, for messages.
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(57).chain("…".chars()).collect()
}

/// Letters and digits only: two examples that differ in nothing else are the same.
pub(crate) fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut plain = String::with_capacity(text.len());
    for word in words {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    // An example made of signs only ("???") is compared as it stands.
    if plain.is_empty() { text.to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_space_and_signs_make_no_difference() {
        for (one, other, same) in
            [("My parcel never CAME!", "my  parcel never came", true), ("where is it", "where is it now", false), ("???", "!!!", false)]
        {
            assert_eq!(plain(one) == plain(other), same, "{one} / {other}");
        }
    }
}
