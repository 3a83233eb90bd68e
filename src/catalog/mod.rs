//! Files to one immutable, checked value: the intents with their flows, what the understanding has learned from them, and
//! the wording of repair. Nothing here changes a loaded catalog: an edit makes a new one.

mod compile;
pub mod diagnostic;
mod fields;
pub mod file;
pub mod folder;
mod lint;
pub mod node;
mod read;
pub mod slots;
pub mod steps;
pub mod talks;
mod training;

use crate::dialog::flow::Flows;
use crate::dialog::texts::environment;
use diagnostic::Diagnostic;
use file::IntentFile;
use folder::SourceFile;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use talks::ScriptedTest;

pub use training::Understander;

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
}

impl Catalog {
    /// Reads, checks, compiles and trains a content folder. Any error refuses the whole, and all problems are given.
    pub fn load(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        let (files, problems) = folder::read(folder);
        Self::build(&files, problems)
    }

    /// The same for files that are already in memory, such as those inside the binary.
    pub fn from_files(files: &[SourceFile]) -> Result<Self, Vec<Diagnostic>> {
        Self::build(files, Vec::new())
    }

    /// The catalog, unless there is an error, and all problems, errors first read in the order of the files.
    pub fn load_checked(folder: &Path) -> (Option<Self>, Vec<Diagnostic>) {
        match Self::load(folder) {
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

    pub(crate) fn build(files: &[SourceFile], problems: Vec<Diagnostic>) -> Result<Self, Vec<Diagnostic>> {
        let checked = Checked::of(files, problems);
        if checked.problems.iter().any(Diagnostic::is_error) {
            return Err(checked.problems);
        }
        let understander = training::train(&checked.intents)?;
        let Checked { flows, intents, problems } = checked;
        Ok(Self { digest: digest(files), flows, understander, intents, warnings: problems })
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
}

impl Checked {
    /// Checks a folder without training.
    pub fn folder(folder: &Path) -> Self {
        let (files, problems) = folder::read(folder);
        Self::of(&files, problems)
    }

    /// Checks files without training; `problems` are those of reading them.
    pub(crate) fn of(files: &[SourceFile], mut problems: Vec<Diagnostic>) -> Self {
        let mut texts = environment();
        let mut read = Vec::new();
        let mut unread = Vec::new();
        for source in files.iter().filter(|source| source.path != folder::REPLIES) {
            let (file, found) = file::read(&source.path, &source.bytes);
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
        problems.extend(lint::lint(&lint::Content { files: &read, texts: &texts, unread: &unread }));
        in_order(&mut problems);
        let (intents, programs): (Vec<IntentFile>, Vec<_>) = read.into_iter().unzip();
        let flows = programs.into_iter().map(|program| (program.flow.intent.clone(), program.flow)).collect();
        Self { flows: Flows { flows, texts, replies: HashMap::new() }, intents, problems }
    }
}

/// By file, line and column; the same problem once.
fn in_order(problems: &mut Vec<Diagnostic>) {
    problems.sort_by(|one, two| (&one.file, one.line, one.column, one.severity).cmp(&(&two.file, two.line, two.column, two.severity)));
    problems.dedup();
}

/// SHA-256 over names and bytes, in hex.
fn digest(files: &[SourceFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [file.path.as_bytes(), &file.bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
