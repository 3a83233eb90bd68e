//! The content as the people who edit it see it: every file with its state, its languages and examples, and when it was taken. Pure.

use super::diagnostic::Severity;
use super::folder::{REPLIES, TEAMS};
use super::live::Rejected;
use super::sources::Kind;
use super::taken::Taken;
use super::{Catalog, prompts};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// What stands in the folder is in force.
    Live,
    /// The folder has none; that of the binary is in force.
    BuiltIn,
    /// It was edited and has an error. What was before it is in force.
    Refused,
    /// It was edited, and waits until the errors of other files are mended.
    Waits,
    /// It was edited and is heeded after a restart.
    Restart,
}

/// A file of the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Path from the content folder.
    pub path: String,
    /// What it is for.
    pub kind: Kind,
    /// What it is called, where it says so.
    pub title: Option<String>,
    /// How it is.
    pub state: State,
    /// When the version in force was taken; none for a file that was never in force.
    pub loaded_at: Option<Timestamp>,
    /// Size of the version in force, in bytes.
    pub bytes: usize,
    /// Languages, with the number of examples of an intent, else of texts.
    pub languages: BTreeMap<String, usize>,
    /// Examples of an intent in all languages.
    pub examples: Option<usize>,
    /// Scripted conversations of an intent.
    pub tests: Option<usize>,
    /// Warnings of the version in force.
    pub warnings: usize,
    /// Errors of the refused edit.
    pub errors: usize,
}

/// All files: those in force, those of the binary that the folder leaves out, and new ones that were refused.
pub fn overview(catalog: &Catalog, taken: &Taken, rejected: Option<&Rejected>) -> Vec<FileReport> {
    let mut files: Vec<FileReport> = catalog
        .sources
        .iter()
        .filter_map(|source| {
            let (path, kind) = (source.path.as_str(), Kind::of(&source.path)?);
            let state = if taken.restart.contains(path) { State::Restart } else { State::Live };
            Some(report(catalog, path, kind, state, source.bytes.len(), taken.files.get(path).copied()))
        })
        .collect();
    let carried = prompts::DEFAULTS.iter().map(|(purpose, text)| (prompts::path(*purpose), Kind::Prompt, text.len()));
    let carried = carried.chain([
        (REPLIES.to_owned(), Kind::Wording, super::replies::DEFAULT.len()),
        (TEAMS.to_owned(), Kind::Teams, crate::teams::BUILT_IN.len()),
    ]);
    for (path, kind, bytes) in carried {
        if files.iter().all(|file| file.path != path) {
            files.push(report(catalog, &path, kind, State::BuiltIn, bytes, None));
        }
    }
    for path in rejected.iter().flat_map(|rejected| &rejected.edited) {
        let Some(kind) = Kind::of(path) else { continue };
        if files.iter().all(|file| file.path != *path) {
            files.push(report(catalog, path, kind, State::Waits, 0, None));
        }
    }
    for file in &mut files {
        let of_file = |problem: &&super::Diagnostic| problem.file == file.path;
        file.warnings = catalog.warnings.iter().filter(of_file).filter(|problem| problem.severity == Severity::Warning).count();
        let Some(rejected) = rejected else { continue };
        file.errors = rejected.problems.iter().filter(of_file).filter(|problem| problem.is_error()).count();
        if file.errors > 0 {
            file.state = State::Refused;
        } else if rejected.edited.contains(&file.path) {
            file.state = State::Waits;
        }
    }
    files.sort_by(|one, other| (one.kind, &one.path).cmp(&(other.kind, &other.path)));
    files
}

fn report(catalog: &Catalog, path: &str, kind: Kind, state: State, bytes: usize, loaded_at: Option<Timestamp>) -> FileReport {
    let stem = super::file::stem(path);
    let (mut title, mut languages, mut examples, mut tests) = (None, BTreeMap::new(), None, None);
    match kind {
        Kind::Intent => {
            if let Some(file) = catalog.intents.iter().find(|file| file.path == path) {
                title = Some(file.title.english.text.clone());
                languages = file.examples.iter().map(|(language, examples)| (language.clone(), examples.len())).collect();
                examples = Some(languages.values().sum());
                tests = Some(file.tests.len());
            }
        }
        Kind::Article => {
            if let Some(article) = catalog.library.articles().iter().find(|article| article.name == stem) {
                title = Some(article.title.clone());
                languages.insert(article.language.clone(), article.sections.len());
            }
        }
        Kind::Reply => {
            if let Some(reply) = catalog.saved.iter().find(|reply| reply.file == path) {
                title = Some(reply.title.clone());
                languages = reply.texts.keys().map(|language| (language.clone(), 1)).collect();
            }
        }
        Kind::Wording | Kind::Prompt | Kind::Market | Kind::Teams => {}
    }
    FileReport { path: path.to_owned(), kind, title, state, loaded_at, bytes, languages, examples, tests, warnings: 0, errors: 0 }
}
