//! What is wrong with content, where, and what to do instead.

use serde::Serialize;
use std::fmt;

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// From 1; 0 when the whole file is meant.
    pub line: u32,
    /// In characters, from 1; 0 when the whole file is meant.
    pub column: u32,
}

impl Place {
    /// The file as a whole.
    pub const FILE: Self = Self { line: 0, column: 0 };
    /// Where a file begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The content is refused.
    Error,
    /// The content runs, but somebody should look.
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Path from the content folder, with `/`.
    pub file: String,
    /// From 1; 0 when the whole file is meant.
    pub line: u32,
    /// In characters, from 1; 0 when the whole file is meant.
    pub column: u32,
    /// Error, warning or note.
    pub severity: Severity,
    /// What is wrong: one sentence without its full stop.
    pub problem: String,
    /// What to do instead: whole sentences.
    pub remedy: String,
}

impl Diagnostic {
    /// Whether the content is refused because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        let mark = match self.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
            Severity::Note => "note: ",
        };
        write!(f, ": {mark}{}. {}", self.problem, self.remedy)
    }
}

/// Collects the problems of one file.
#[derive(Debug)]
pub(crate) struct Report {
    file: String,
    problems: Vec<Diagnostic>,
}

impl Report {
    /// An empty report on this file.
    pub(crate) fn on(file: &str) -> Self {
        Self { file: file.to_owned(), problems: Vec::new() }
    }

    /// Adds an error.
    pub(crate) fn error(&mut self, place: Place, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, place, problem.into(), remedy.into());
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, place: Place, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Warning, place, problem.into(), remedy.into());
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, place: Place, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Note, place, problem.into(), remedy.into());
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.len()
    }

    /// The problems.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        self.problems
    }

    fn add(&mut self, severity: Severity, place: Place, problem: String, remedy: String) {
        let diagnostic = Diagnostic { file: self.file.clone(), line: place.line, column: place.column, severity, problem, remedy };
        if !self.problems.contains(&diagnostic) {
            self.problems.push(diagnostic);
        }
    }
}

/// The known name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let limit = (lower.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            let close = *distance <= limit || strsim::jaro_winkler(&lower, candidate) > 0.9;
            close || (lower.len() > 3 && (candidate.contains(&lower) || lower.contains(candidate)))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "Did you mean `x`?", or the names that are known.
pub(crate) fn suggestion<'a>(name: &str, known: &[&'a str]) -> String {
    if let Some(candidate) = nearest(name, known.iter().copied()) {
        return format!("Did you mean `{candidate}`?");
    }
    let mut names: Vec<&'a str> = known.to_vec();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 => "Nothing of that kind is known here.".to_owned(),
        1..=24 => format!("Known here: {}.", list(&names)),
        _ => format!("There are {} names of that kind, and none of them is close.", names.len()),
    }
}

/// "`a`, `b`, `c`"
pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_place_problem_and_remedy_on_one_line() {
        let mut report = Report::on("intents/a.yaml");
        report.error(Place { line: 3, column: 7 }, "Unknown key `titel`", "Did you mean `title`?");
        report.warn(Place::FILE, "There is no test", "Add one.");
        let lines: Vec<String> = report.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            ["intents/a.yaml:3:7: Unknown key `titel`. Did you mean `title`?", "intents/a.yaml: warning: There is no test. Add one."]
        );
    }

    #[test]
    fn the_same_problem_is_told_once() {
        let mut report = Report::on("a");
        report.error(Place::START, "x", "y.");
        report.error(Place::START, "x", "y.");
        assert_eq!(report.count(), 1);
    }

    #[test]
    fn suggests_what_was_probably_meant() {
        let known = ["payables", "plans", "orders", "refunds"];
        for (name, expected) in [
            ("payabels", Some("payables")),
            ("Orders", Some("orders")),
            ("order", Some("orders")),
            ("refund_list", Some("refunds")),
            ("weather", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(suggestion("weather", &known), "Known here: `orders`, `payables`, `plans`, `refunds`.");
    }
}
