//! From intent files to what the understanding learns.

use super::diagnostic::{Diagnostic, Place, Report};
use super::file::IntentFile;
use super::node::Words;
use crate::domain::ids::IntentId;
use crate::understanding::{BadPattern, Sentences, TrainingIntent, Understander};
use std::sync::Arc;

/// Trains on these files. What the understanding cannot use, it says of a pattern; here it gets its place.
pub(crate) fn train(files: &[IntentFile], sentences: &Arc<Sentences>) -> Result<Understander, Vec<Diagnostic>> {
    let lessons: Vec<TrainingIntent> = files.iter().map(lesson).collect();
    let understander =
        Understander::train(&lessons, sentences).map_err(|bad| bad.iter().flat_map(|bad| placed(files, bad)).collect::<Vec<_>>())?;
    if let Some(error) = understander.failed() {
        tracing::error!(%error, "The examples have no sentence vectors, so messages are read by their words alone until the next reload");
    }
    Ok(understander)
}

fn placed(files: &[IntentFile], bad: &BadPattern) -> Vec<Diagnostic> {
    let file = files.iter().find(|file| file.intent.text == bad.intent.as_str());
    let mut report = Report::on(file.map_or("intents", |file| &file.path));
    let written = file.map_or(&[][..], |file| if bad.safety { &file.safety } else { &file.patterns });
    let place = written.iter().find(|words| words.text == bad.pattern).map_or(Place::FILE, |words| words.place);
    report.error(
        place,
        format!("The pattern `{}` can't be used: {}", bad.pattern, bad.problem.trim_end_matches('.')),
        "Correct it, or leave it out.",
    );
    report.finish()
}

fn lesson(file: &IntentFile) -> TrainingIntent {
    let texts = |words: &[Words]| words.iter().map(|words| words.text.clone()).collect();
    let examples =
        file.examples.iter().flat_map(|(language, examples)| examples.iter().map(move |example| (language.clone(), example.text.clone())));
    TrainingIntent {
        id: IntentId::from(file.intent.text.as_str()),
        title: file.title.english.text.clone(),
        description: file.description.clone(),
        examples: examples.collect(),
        patterns: texts(&file.patterns),
        safety: texts(&file.safety),
        priority: file.priority,
    }
}
