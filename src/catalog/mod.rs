//! Files to one immutable, checked value: the intents with their flows, what the understanding has learned from them, and
//! the wording of repair. Nothing here changes a loaded catalog: an edit makes a new one.

pub mod advice;
mod articles;
pub mod changes;
mod compile;
pub mod diff;
pub mod edit;
pub mod example;
pub mod file;
pub mod folder;
pub mod insert;
mod lint;
pub mod live;
pub mod overview;
mod program;
pub mod prompts;
mod regexes;
mod replies;
pub mod saved;
pub mod slots;
pub mod sources;
pub mod steps;
pub mod taken;
pub mod talks;
mod training;
pub mod watch;
pub mod wording;

pub use crate::yaml::{diagnostic, node};
use crate::yaml::{fields, read};
use prompts::Topic;

use crate::dialog::flow::Flows;
use crate::dialog::texts::environment;
use crate::domain::ids::IntentId;
use crate::domain::team::Teams;
use crate::knowledge::{Article, Library};
use crate::understanding::{Sentences, URGENT, Understander};
use minijinja::Environment;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use file::IntentFile;
pub use folder::SourceFile;
pub use live::LiveCatalog;
pub use prompts::Prompts;
pub use saved::SavedReply;
pub use talks::{ScriptedTest, TestInput, TestTurn};

/// Examples of each topic that a model is shown.
const TOPIC_EXAMPLES: usize = 3;

/// Checked content.
#[derive(Debug)]
pub struct Catalog {
    /// SHA-256 over the names and bytes of all files, in hex.
    pub digest: String,
    /// Flows with their texts.
    pub flows: Flows,
    /// Trained on the examples.
    pub understander: Understander,
    /// The files, in the order of their names.
    pub intents: Vec<IntentFile>,
    /// What somebody should look at.
    pub warnings: Vec<Diagnostic>,
    /// What a language model is told.
    pub prompts: Prompts,
    /// The articles that questions are answered from.
    pub library: Library,
    /// Who works on what, and when.
    pub teams: Teams,
    /// Saved replies of the desk.
    pub saved: Vec<SavedReply>,
    /// The files that it was made from.
    pub sources: Vec<SourceFile>,
}

impl Catalog {
    /// Reads, checks, compiles and trains a content folder. Any error refuses the whole, and all problems are given.
    /// The settings of markets that it has are taken by the first load of a process; a changed one needs a restart.
    pub fn load(folder: &Path, sentences: &Arc<Sentences>) -> Result<Self, Vec<Diagnostic>> {
        let (files, problems) = folder::read(folder);
        folder::take_markets(&files);
        Self::build(&files, problems, sentences)
    }

    /// The same for files that are already in memory, such as those inside the binary.
    pub fn from_files(files: &[SourceFile], sentences: &Arc<Sentences>) -> Result<Self, Vec<Diagnostic>> {
        Self::build(files, Vec::new(), sentences)
    }

    /// The catalog, unless there is an error, and all problems, errors first read in the order of the files.
    pub fn load_checked(folder: &Path, sentences: &Arc<Sentences>) -> (Option<Self>, Vec<Diagnostic>) {
        match Self::load(folder, sentences) {
            Ok(catalog) => {
                let warnings = catalog.warnings.clone();
                (Some(catalog), warnings)
            }
            Err(problems) => (None, problems),
        }
    }

    /// All scripted tests with their files.
    pub fn tests(&self) -> impl Iterator<Item = (&IntentFile, &ScriptedTest)> {
        self.intents.iter().flat_map(|file| file.tests.iter().map(move |test| (file, test)))
    }

    /// Whether an intent is for the local rules alone: one that safety rules lead to, or one that the catalog does not have.
    pub fn is_urgent(&self, intent: &IntentId) -> bool {
        let file = self.intents.iter().find(|file| file.intent.text == intent.as_str());
        file.is_none_or(|file| file.priority <= URGENT && !file.safety.is_empty())
    }

    /// Whether somebody who means this intent may be in danger: it is urgent before all others.
    pub fn is_danger(&self, intent: &IntentId) -> bool {
        self.is_urgent(intent) && self.intents.iter().all(|file| file.intent.text != intent.as_str() || file.priority == 0)
    }

    /// What a model is told of the intents that it chooses among, with the examples nearest to the message, whose vector is given if
    /// there is one.
    pub fn topics<'a>(&'a self, intents: &'a [IntentId], vector: Option<&[f32]>) -> Vec<Topic<'a>> {
        let listed =
            intents.iter().filter_map(|intent| Some((intent, self.intents.iter().find(|file| file.intent.text == intent.as_str())?)));
        let topic = |(intent, file): (&IntentId, &'a IntentFile)| Topic {
            name: &file.intent.text,
            title: &file.title.english.text,
            description: &file.description,
            examples: vector.map_or_else(Vec::new, |vector| self.understander.alike(intent, vector, TOPIC_EXAMPLES)),
        };
        listed.map(topic).collect()
    }

    pub(crate) fn build(files: &[SourceFile], problems: Vec<Diagnostic>, sentences: &Arc<Sentences>) -> Result<Self, Vec<Diagnostic>> {
        Self::learned(Checked::of(files, problems), files, sentences)
    }

    /// The catalog of checked files, unless there is an error.
    pub(crate) fn learned(checked: Checked, files: &[SourceFile], sentences: &Arc<Sentences>) -> Result<Self, Vec<Diagnostic>> {
        if checked.is_refused() {
            return Err(checked.problems);
        }
        let understander = training::train(&checked.intents, sentences)?;
        let Checked { flows, intents, problems, teams, saved, prompts, articles } = checked;
        let teams = teams.unwrap_or_else(crate::teams::built_in);
        let library = Library::of(articles, |texts| sentences.of_passages(texts));
        let (digest, sources) = (digest(files), files.to_vec());
        Ok(Self { digest, flows, understander, intents, warnings: problems, teams, saved, prompts, library, sources })
    }
}

/// Content that was read, compiled and linted, but not learned from.
#[derive(Debug)]
pub struct Checked {
    /// Flows with their texts, as far as they compile.
    pub flows: Flows,
    /// The files that could be read, in the order of their names.
    pub intents: Vec<IntentFile>,
    /// All problems, in the order of files and lines.
    pub problems: Vec<Diagnostic>,
    /// What a language model is told, as far as it compiles.
    pub prompts: Prompts,
    /// The articles that could be read.
    pub articles: Vec<Article>,
    /// The teams of the folder, if it has its own.
    pub teams: Option<Teams>,
    /// Saved replies of the desk.
    pub saved: Vec<SavedReply>,
}

impl Checked {
    /// Checks a folder without training.
    pub fn folder(folder: &Path) -> Self {
        let (files, problems) = folder::read(folder);
        Self::of(&files, problems)
    }

    /// Whether there is an error.
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }

    /// Checks files that are already in memory, without training.
    pub fn files(files: &[SourceFile]) -> Self {
        Self::of(files, Vec::new())
    }

    /// Checks files without training; `problems` are those of reading them.
    pub(crate) fn of(files: &[SourceFile], mut problems: Vec<Diagnostic>) -> Self {
        let mut texts = environment();
        let mut read = Vec::new();
        let mut unread = Vec::new();
        let sources: Vec<&SourceFile> = files.iter().filter(|source| source.path.starts_with("intents/")).collect();
        for ((file, found), source) in file::read_all(&sources).into_iter().zip(sources) {
            problems.extend(found);
            match file {
                Some(file) => {
                    let mut report = diagnostic::Report::on(&file.path);
                    let program = compile::compile(&file, &mut texts, &mut report);
                    problems.extend(report.finish());
                    read.push((file, program));
                }
                None => unread.push(file::stem(&source.path).to_owned()),
            }
        }
        let markets: Vec<(&str, &[u8])> = folder::markets(files).collect();
        if !markets.is_empty() {
            problems.extend(crate::markets::read(&markets).1);
        }
        let mut teams = None;
        if let Some(source) = files.iter().find(|source| source.path == folder::TEAMS) {
            let (read, found) = crate::teams::read(&source.bytes);
            teams = read;
            problems.extend(found);
        }
        let own = files.iter().find(|source| source.path == folder::REPLIES).map(|source| source.bytes.as_slice());
        let (replies, found) = replies::load(own, &mut texts);
        problems.extend(found);
        let (prompts, found) = prompts::load(files);
        problems.extend(found);
        let names: Vec<&str> = read.iter().map(|(file, _)| file.intent.text.as_str()).chain(unread.iter().map(String::as_str)).collect();
        let (articles, found) = articles::read_all(files, &names);
        problems.extend(found);
        let (saved, found) = saved::load(files, &names);
        problems.extend(found);
        problems.extend(lint::lint(&lint::Content { files: &read, texts: &texts, unread: &unread }));
        in_order(&mut problems);
        let (intents, programs): (Vec<IntentFile>, Vec<_>) = read.into_iter().unzip();
        let flows = programs.into_iter().map(|program| (program.flow.intent.clone(), program.flow)).collect();
        Self { flows: Flows { flows, texts, replies }, intents, problems, teams, saved, prompts, articles }
    }
}

/// By file, line and column; the same problem once.
fn in_order(problems: &mut Vec<Diagnostic>) {
    problems.sort_by(|one, two| (&one.file, one.line, one.column, one.severity).cmp(&(&two.file, two.line, two.column, two.severity)));
    problems.dedup();
}

/// The names that a compiled text or expression looks up, sorted, with trivial attributes (`due.next.amount_minor`).
fn names_in(texts: &Environment<'static>, id: &str) -> Vec<String> {
    let Ok(template) = texts.get_template(id) else { return Vec::new() };
    let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    names.sort_unstable();
    names
}

/// SHA-256 over names and bytes, in hex; the built-in wording counts, since a folder may leave some of it out.
pub(crate) fn digest(files: &[SourceFile]) -> String {
    let mut hash = Sha256::new();
    hash.update(replies::DEFAULT);
    prompts::DEFAULTS.iter().for_each(|(_, prompt)| hash.update(prompt));
    for file in files {
        for part in [file.path.as_bytes(), &file.bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
