//! From intent files to what the understanding learns.

use super::diagnostic::Diagnostic;
use super::file::IntentFile;
use crate::domain::ids::IntentId;
use crate::understanding::TrainingIntent;

/// What the understanding learned.
pub type Understander = Vec<TrainingIntent>;

/// Trains on these files.
pub(crate) fn train(files: &[IntentFile]) -> Result<Understander, Vec<Diagnostic>> {
    Ok(files.iter().map(lesson).collect())
}

fn lesson(file: &IntentFile) -> TrainingIntent {
    let texts = |words: &[super::node::Words]| words.iter().map(|words| words.text.clone()).collect();
    let examples =
        file.examples.iter().flat_map(|(language, examples)| examples.iter().map(move |example| (language.clone(), example.text.clone())));
    TrainingIntent {
        id: IntentId::from(file.intent.text.as_str()),
        title: file.title.clone(),
        description: file.description.clone(),
        examples: examples.collect(),
        patterns: texts(&file.patterns),
        safety: texts(&file.safety),
        priority: file.priority,
    }
}
