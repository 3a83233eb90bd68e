//! `redress check`: every problem of a content folder, with file, line and column.

use super::{Content, learned};
use crate::catalog::Checked;
use crate::catalog::advice::advice;
use crate::catalog::changes::Changes;
use crate::catalog::diagnostic::Diagnostic;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Checks a content folder and prints what it finds. 0: it can run (there may be warnings); 1: it would be refused.
/// Content that can run is also learned from (unless `quick`): notes tell how its examples read, and what is read otherwise than
/// `against` an earlier copy.
pub(super) fn run(content: &Content, json: bool, quick: bool, against: Option<&Path>) -> anyhow::Result<ExitCode> {
    let checked = Checked::folder(&content.folder);
    let refused = checked.is_refused();
    let (mut notes, mut changes) = (Vec::new(), None);
    if !refused && (!quick || against.is_some()) {
        let sentences = content.sentences()?;
        let catalog = learned(&content.folder, &sentences)?;
        notes = advice(&catalog.intents, catalog.understander.tried());
        changes = against.map(|earlier| anyhow::Ok(Changes::between(&learned(earlier, &sentences)?, &catalog))).transpose()?;
    }
    let text = if json { as_json(&checked, &notes, changes.as_ref()) } else { as_text(&checked) + &told(&notes, changes.as_ref()) };
    // Nobody reads a closed pipe; the exit status still tells.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Notes and changes as lines.
fn told(notes: &[Diagnostic], changes: Option<&Changes>) -> String {
    let mut lines: Vec<String> = notes.iter().map(ToString::to_string).collect();
    if !notes.is_empty() {
        lines.push(format!("{} on how the examples read.", counted(notes.len(), "note")));
    }
    let changes = changes.map_or(String::new(), |changes| format!("What is read otherwise than before:\n{changes}"));
    lines.iter().map(|line| format!("{line}\n")).collect::<String>() + &changes
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

fn as_json(checked: &Checked, notes: &[Diagnostic], changes: Option<&Changes>) -> String {
    let (errors, warnings) = counts(&checked.problems);
    let report = json!({ "intents": checked.intents.len(), "errors": errors, "warnings": warnings, "problems": checked.problems,
        "notes": notes, "changes": changes });
    format!("{report}\n")
}

fn counts(problems: &[Diagnostic]) -> (usize, usize) {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    (errors, problems.len() - errors)
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
