//! The intent as a whole: its queue, its tests, its name among the others.

use super::Content;
use crate::catalog::compile::Program;
use crate::catalog::diagnostic::{Diagnostic, Place, Report, suggestion};
use crate::catalog::file::IntentFile;
use crate::catalog::slots::SlotType;
use crate::dialog::call::QUEUES;
use std::collections::HashMap;

/// The intent that a wish for a person starts.
const TALK_TO_HUMAN: &str = "talk_to_human";

/// Looks at one intent.
pub(super) fn lint(file: &IntentFile, program: &Program, report: &mut Report) {
    match &file.queue {
        None => report.error(
            Place::START,
            "The intent has no `queue`, so there is no way to a person",
            format!("Add `queue:` with one of {}.", names()),
        ),
        Some(queue) if !QUEUES.contains(&queue.text.as_str()) => {
            report.error(queue.place, format!("Unknown queue `{}`", queue.text), suggestion(&queue.text, QUEUES));
        }
        Some(_) => {}
    }
    if file.tests.is_empty() {
        report.warn(Place::START, "The intent has no test", "Add a scripted conversation under `tests:`.");
    }
    crate::catalog::talks::check_names(&file.tests, report);
    for slot in file.slots.iter().filter(|slot| slot.kind == SlotType::Choice && slot.options.len() == 1) {
        report.warn(slot.name.place, format!("The choice `{}` has one option only", slot.name.text), "Add the other answers.");
    }
    if program.flow.ops.is_empty() && !file.holes {
        report.error(Place::START, "The flow has no steps", "Write its steps, or hand over.");
    }
}

fn names() -> String {
    crate::catalog::diagnostic::list(QUEUES)
}

/// Looks at all intents together.
pub(super) fn folder(content: &Content<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut seen: HashMap<String, &IntentFile> = HashMap::new();
    for (file, _) in content.files {
        let Some(first) = seen.insert(file.intent.text.to_lowercase(), file) else { continue };
        let mut report = Report::on(&file.path);
        let place = format!("{}:{}:{}", first.path, first.intent.place.line, first.intent.place.column);
        report.error(
            file.intent.place,
            format!("The intent `{}` already exists in {place}", file.intent.text),
            "Give each intent one file and its own name.",
        );
        problems.extend(report.finish());
    }
    let known =
        content.files.iter().any(|(file, _)| file.intent.text == TALK_TO_HUMAN) || content.unread.iter().any(|name| name == TALK_TO_HUMAN);
    if !known && !content.files.is_empty() {
        let mut report = Report::on("intents");
        let remedy = "Customers still get a person, by the built-in hand-over; add the file to say it in your own words.";
        report.warn(Place::FILE, format!("There is no intent `{TALK_TO_HUMAN}`"), remedy);
        problems.extend(report.finish());
    }
    problems
}
