//! Edits of the content from inside the running server: what a file says now, what an edit would do, and putting it into the folder. An edit
//! that would be refused is never written, and none is written over somebody else's.

use super::advice::advice;
use super::changes::Changes;
use super::diagnostic::Diagnostic;
use super::folder::{self, SourceFile};
use super::live::{LiveCatalog, Reload};
use super::sources::{Kind, digest_of};
use super::{Catalog, Checked, prompts, replies};
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileText {
    /// Path from the content folder.
    pub path: String,
    /// Its text; what the binary has where the folder has no such file.
    pub text: String,
    /// Digest of the folder's file, which a save has to name; `None`: the folder has none.
    pub base: Option<String>,
    /// Whether it can be saved.
    pub editable: bool,
}

/// What an edit would do.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Everything that `redress check` finds in the edited content.
    pub problems: Vec<Diagnostic>,
    /// What the dry run of the understanding notes about the edited file.
    pub notes: Vec<Diagnostic>,
    /// What is read otherwise than now; `None` when nothing was learned: it would be refused, or it is no intent.
    pub changes: Option<Changes>,
}

/// How far the look at an edit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Reads, compiles and lints.
    Checking,
    /// Learns from the examples.
    Learning,
    /// Compares how sentences are read.
    Comparing,
}

/// Why a file is not there or was not saved.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No file of the content is called so.
    #[error(
        "'{0}' is no file of the content. It has to be one of intents/*.yaml, prompts/, knowledge/*.md, replies/*.md, markets/*.yaml or teams.yaml"
    )]
    NoContent(String),
    /// There is no such file.
    #[error("there is no file {0}")]
    NotFound(String),
    /// The content is no folder.
    #[error("this server's content is not in a folder, so nothing can be saved here. Copy the change into your own files")]
    NoFolder,
    /// Somebody else was faster.
    #[error("{0} was changed meanwhile by somebody else. Nothing was saved: load it again and make your change once more")]
    Changed(String),
    /// It would be refused.
    #[error("the file would be refused with {} problem(s), so it was not saved. The first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    WouldNotCheck(Vec<Diagnostic>),
    /// The file system said no.
    #[error("{0} can't be read or written: {1}. Check the folder's permissions, or copy the change into the file yourself")]
    Io(String, io::Error),
}

impl LiveCatalog {
    /// A file as it stands in the folder, else as the binary has it. Reads the disk.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn file(&self, path: &str) -> Result<FileText, EditError> {
        Kind::of(path).ok_or_else(|| EditError::NoContent(path.to_owned()))?;
        let stands = match self.folder() {
            Some(folder) => on_disk(folder, path)?,
            None => self.current().sources.iter().find(|source| source.path == path).map(|source| source.bytes.clone()),
        };
        let base = stands.as_deref().map(digest_of);
        let bytes = stands.or_else(|| carried(path)).ok_or_else(|| EditError::NotFound(path.to_owned()))?;
        let not_text = |error: std::string::FromUtf8Error| EditError::Io(path.to_owned(), io::Error::other(error));
        Ok(FileText { path: path.to_owned(), text: String::from_utf8(bytes).map_err(not_text)?, base, editable: self.folder().is_some() })
    }

    /// What the content would be like with this text in that file, beside what stands in the folder now. `goes_on` is told each step and may
    /// end it: then there is no verdict. Takes as long as a reload; no reading waits for it.
    pub fn try_edit(&self, path: &str, text: &str, goes_on: impl Fn(Step) -> bool) -> Option<Verdict> {
        if !goes_on(Step::Checking) {
            return None;
        }
        let (files, unread) = self.stands();
        let files = with(files, path, text);
        let checked = Checked::of(&files, unread);
        let problems = checked.problems.clone();
        if checked.is_refused() || Kind::of(path) != Some(Kind::Intent) {
            return Some(Verdict { problems, notes: Vec::new(), changes: None });
        }
        if !goes_on(Step::Learning) {
            return None;
        }
        let catalog = match Catalog::learned(checked, &files, &self.sentences()) {
            Ok(catalog) => catalog,
            Err(problems) => return Some(Verdict { problems, notes: Vec::new(), changes: None }),
        };
        if !goes_on(Step::Comparing) {
            return None;
        }
        let mut notes = advice(&catalog.intents, catalog.understander.tried());
        notes.retain(|note| note.file == path);
        Some(Verdict { problems, notes, changes: Some(Changes::between(&self.current(), &catalog)) })
    }

    /// Puts this text into that file of the folder, if it still is as `base` says (`None`: not there), and takes it into force.
    ///
    /// # Errors
    /// See [`EditError`]. Nothing is written then.
    pub fn save(&self, path: &str, base: Option<&str>, text: &str) -> Result<Reload, EditError> {
        Kind::of(path).ok_or_else(|| EditError::NoContent(path.to_owned()))?;
        let folder = self.folder().ok_or(EditError::NoFolder)?;
        {
            let _nothing_is_loaded_meanwhile = self.inner.alone();
            if on_disk(folder, path)?.as_deref().map(digest_of).as_deref() != base {
                return Err(EditError::Changed(path.to_owned()));
            }
            let (files, unread) = folder::read(folder);
            let after = Checked::of(&with(files.clone(), path, text), unread.clone()).problems;
            let (own, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
                after.into_iter().filter(Diagnostic::is_error).partition(|problem| problem.file == path);
            if !own.is_empty() {
                return Err(EditError::WouldNotCheck(own));
            }
            if !others.is_empty() {
                // Errors that other files have already are theirs: they must not keep anybody from mending this one.
                let before = Checked::of(&files, unread).problems;
                let new: Vec<Diagnostic> = others.into_iter().filter(|problem| !before.contains(problem)).collect();
                if !new.is_empty() {
                    return Err(EditError::WouldNotCheck(new));
                }
            }
            folder::write(folder, path, text.as_bytes()).map_err(|error| EditError::Io(path.to_owned(), error))?;
        }
        Ok(self.reload())
    }

    /// What stands in the folder now, and what of it could not be read.
    fn stands(&self) -> (Vec<SourceFile>, Vec<Diagnostic>) {
        self.folder().map_or_else(|| (self.current().sources.clone(), Vec::new()), folder::read)
    }
}

/// What the binary has for files that a folder may leave out.
fn carried(path: &str) -> Option<Vec<u8>> {
    let prompt = prompts::DEFAULTS.iter().find(|(purpose, _)| prompts::path(*purpose) == path).map(|(_, text)| *text);
    let text = match path {
        folder::REPLIES => Some(replies::DEFAULT),
        folder::TEAMS => Some(crate::teams::BUILT_IN),
        _ => prompt,
    };
    text.map(|text| text.as_bytes().to_vec())
}

/// The bytes of the folder's file; `None`: there is none.
fn on_disk(folder: &Path, path: &str) -> Result<Option<Vec<u8>>, EditError> {
    let full: PathBuf = folder.join(path);
    let failed = |error| EditError::Io(path.to_owned(), error);
    match fs::symlink_metadata(&full) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => {
            Err(failed(io::Error::other("it is a link or a folder, which has to be edited where it leads to")))
        }
        Ok(_) => fs::read(&full).map(Some).map_err(failed),
    }
}

/// The files with another text in one of them, in the order in which a folder is read.
fn with(mut files: Vec<SourceFile>, path: &str, text: &str) -> Vec<SourceFile> {
    let bytes = text.as_bytes().to_vec();
    match files.iter_mut().find(|file| file.path == path) {
        Some(file) => file.bytes = bytes,
        None => {
            files.push(SourceFile { path: path.to_owned(), bytes });
            files.sort_by(|one, other| (folder::rank(&one.path), &one.path).cmp(&(folder::rank(&other.path), &other.path)));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::Sentences;
    use std::sync::Arc;

    const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/content/good");
    const PATH: &str = "intents/talk_to_human.yaml";

    fn in_memory() -> LiveCatalog {
        LiveCatalog::fixed(Catalog::load(Path::new(GOOD), &Arc::new(Sentences::none())).expect("good content"))
    }

    #[test]
    fn content_in_memory_can_be_looked_at_and_tried_but_not_saved() {
        let live = in_memory();
        let file = live.file(PATH).expect("it is there");
        assert!(file.base.is_some() && !file.editable && file.text.contains("intent: talk_to_human"));
        assert!(matches!(live.save(PATH, file.base.as_deref(), "x"), Err(EditError::NoFolder)));
        assert!(matches!(live.file("../secret.yaml"), Err(EditError::NoContent(_))));
        assert!(matches!(live.file("intents/nobody.yaml"), Err(EditError::NotFound(_))));
        let prompt = live.file("prompts/model/draft.j2").expect("the binary has one");
        assert!(prompt.base.is_none() && prompt.text.contains("{{ talk|fence('talk') }}"));
    }

    #[test]
    fn an_edit_is_tried_step_by_step_and_can_be_given_up() {
        let live = in_memory();
        let text = live.file(PATH).expect("it is there").text;
        let steps = std::sync::Mutex::new(Vec::new());
        let goes_on = |step| steps.lock().is_ok_and(|mut steps| (steps.push(step), true).1);
        let verdict = live.try_edit(PATH, &text.replace("    - human\n", "    - a human being\n"), goes_on).expect("a verdict");
        assert!(verdict.changes.is_some(), "{:?}", verdict.problems);
        assert_eq!(*steps.lock().expect("not poisoned"), [Step::Checking, Step::Learning, Step::Comparing]);
        let broken = live.try_edit(PATH, &text.replace("title:", "titel:"), |_| true).expect("a verdict");
        assert!(broken.changes.is_none() && broken.problems.iter().any(|problem| problem.to_string().contains("Unknown key `titel`")));
        assert!(live.try_edit(PATH, &text, |step| step == Step::Checking).is_none());
    }
}
