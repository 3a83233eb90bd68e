//! `redress check`: every problem of a content folder, with file, line and column.

use crate::catalog::Checked;
use crate::catalog::diagnostic::Diagnostic;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Checks a content folder and prints what it finds. 0: it can run (there may be warnings); 1: it would be refused.
pub fn run(content: &Path, json: bool) -> ExitCode {
    let checked = Checked::folder(content);
    let text = if json { as_json(&checked) } else { as_text(&checked) };
    // Nobody reads a closed pipe; the exit status still tells.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if checked.problems.iter().any(Diagnostic::is_error) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// One line a problem, and a line with the counts.
pub fn as_text(checked: &Checked) -> String {
    let (errors, warnings) = counts(&checked.problems);
    let mut lines: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    let intents = counted(checked.intents.len(), "intent");
    lines.push(match (errors, warnings) {
        (0, 0) => format!("{intents}, no problems."),
        (0, _) => format!("{intents}, {}, no errors.", counted(warnings, "warning")),
        (_, 0) => format!("{intents}, {}: the content is refused.", counted(errors, "error")),
        (_, _) => format!("{intents}, {} and {}: the content is refused.", counted(errors, "error"), counted(warnings, "warning")),
    });
    lines.push(String::new());
    lines.join("\n")
}

fn as_json(checked: &Checked) -> String {
    let (errors, warnings) = counts(&checked.problems);
    let report = json!({ "intents": checked.intents.len(), "errors": errors, "warnings": warnings, "problems": checked.problems });
    format!("{report}\n")
}

fn counts(problems: &[Diagnostic]) -> (usize, usize) {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    (errors, problems.len() - errors)
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
