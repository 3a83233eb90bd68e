//! The catalog that is in force: a saved edit replaces it whole, or is refused and the old one keeps answering.

use super::changes::Changes;
use super::diagnostic::Diagnostic;
use super::folder::{self, SourceFile};
use super::taken::{Taken, edited};
use super::watch::{Watcher, watch};
use super::{Catalog, digest};
use crate::domain::time::wall;
use crate::understanding::Sentences;
use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The catalog in force, and why the last edit was refused, if it was.
#[derive(Debug)]
pub struct LiveCatalog {
    pub(super) inner: Arc<Inner>,
    /// Calls for a reload when the folder is edited.
    _watcher: Option<Watcher>,
}

#[derive(Debug)]
pub(super) struct Inner {
    /// `None`: the content is in memory and can't change.
    pub(super) folder: Option<PathBuf>,
    /// What turns examples into vectors.
    sentences: Arc<Sentences>,
    current: ArcSwap<Catalog>,
    rejected: ArcSwapOption<Rejected>,
    /// When what is in force came.
    taken: ArcSwap<Taken>,
    /// A saved edit is being learned from.
    learning: AtomicBool,
    /// One reload at a time.
    reloading: Mutex<()>,
}

/// An edit that was refused.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Digest of the content that was refused.
    pub digest: String,
    /// All its problems.
    pub problems: Vec<Diagnostic>,
    /// When it was looked at.
    pub at: Timestamp,
    /// The files in which it differs from what is in force.
    pub edited: Vec<String>,
}

/// What a reload did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The content is what it was.
    Unchanged,
    /// New content is in force.
    Swapped,
    /// The content was refused and the old one is in force.
    Refused,
}

impl LiveCatalog {
    /// Loads a folder and follows its edits from then on; the problems if it is refused.
    pub fn start(folder: &Path, sentences: Arc<Sentences>) -> Result<Self, Vec<Diagnostic>> {
        let mut live = Self::load(folder, sentences)?;
        let inner = Arc::downgrade(&live.inner);
        let on_change = move || {
            if let Some(inner) = inner.upgrade() {
                inner.reload();
            }
        };
        match watch(folder, on_change) {
            Ok(watcher) => live._watcher = Some(watcher),
            Err(error) => {
                tracing::warn!(error = %error, folder = %folder.display(), "Edits of the content need a restart: its folder can't be watched")
            }
        }
        Ok(live)
    }

    /// Loads a folder without following its edits; the problems if it is refused.
    pub fn load(folder: &Path, sentences: Arc<Sentences>) -> Result<Self, Vec<Diagnostic>> {
        Ok(Self::new(Catalog::load(folder, &sentences)?, Some(folder.to_owned()), sentences))
    }

    /// Content that never changes.
    pub fn fixed(catalog: Catalog) -> Self {
        Self::new(catalog, None, Arc::default())
    }

    fn new(catalog: Catalog, folder: Option<PathBuf>, sentences: Arc<Sentences>) -> Self {
        let inner = Inner {
            folder,
            sentences,
            taken: ArcSwap::from_pointee(Taken::first(&catalog.sources, wall())),
            current: ArcSwap::from_pointee(catalog),
            rejected: ArcSwapOption::empty(),
            learning: AtomicBool::new(false),
            reloading: Mutex::new(()),
        };
        Self { inner: Arc::new(inner), _watcher: None }
    }

    /// The catalog in force. Keep it for a whole turn.
    pub fn current(&self) -> Arc<Catalog> {
        self.inner.current.load_full()
    }

    /// The encoder that all its catalogs are read with.
    pub fn sentences(&self) -> Arc<Sentences> {
        Arc::clone(&self.inner.sentences)
    }

    /// Why the last edit was refused; `None` when what is in the folder is in force.
    pub fn rejected(&self) -> Option<Arc<Rejected>> {
        self.inner.rejected.load_full()
    }

    /// When what is in force came, file by file.
    pub fn taken(&self) -> Arc<Taken> {
        self.inner.taken.load_full()
    }

    /// Whether a saved edit is being learned from at this moment.
    pub fn is_learning(&self) -> bool {
        self.inner.learning.load(Ordering::Relaxed)
    }

    /// The folder that it is read from; `None` when it is in memory and can't be edited.
    pub fn folder(&self) -> Option<&Path> {
        self.inner.folder.as_deref()
    }

    /// Loads the folder again and puts it into force, or keeps the old one and remembers why.
    pub fn reload(&self) -> Reload {
        self.inner.reload()
    }
}

impl Inner {
    /// As long as this is held nothing else is loaded.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.reloading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reload(&self) -> Reload {
        let Some(folder) = &self.folder else { return Reload::Unchanged };
        let _one_at_a_time = self.alone();
        let (files, problems) = folder::read(folder);
        self.replace(&files, problems)
    }

    fn replace(&self, files: &[SourceFile], problems: Vec<Diagnostic>) -> Reload {
        let digest = digest(files);
        if problems.is_empty() && digest == self.current.load().digest {
            self.rejected.store(None);
            return Reload::Unchanged;
        }
        if problems.is_empty() && self.rejected.load().as_ref().is_some_and(|rejected| rejected.digest == digest) {
            return Reload::Unchanged;
        }
        self.learning.store(true, Ordering::Relaxed);
        let built = Catalog::build(files, problems, &self.sentences);
        self.learning.store(false, Ordering::Relaxed);
        match built {
            Ok(catalog) => {
                tracing::info!(
                    catalog.digest = %catalog.digest,
                    catalog.intents = catalog.intents.len(),
                    catalog.warnings = catalog.warnings.len(),
                    "The edited content is live"
                );
                let (before, catalog) = (self.current.load_full(), Arc::new(catalog));
                let taken = self.taken.load().after(&before.sources, &catalog.sources, wall());
                self.taken.store(Arc::new(taken));
                self.current.store(Arc::clone(&catalog));
                self.rejected.store(None);
                // Customers need not wait for what ops read.
                let changes = Changes::between(&before, &catalog);
                let worse = changes.flips.iter().filter(|flip| flip.worse).count();
                tracing::info!(changes.sentences = changes.flips.len(), changes.worse = worse, "What the edit changed in the reading");
                changes.to_string().lines().for_each(|line| tracing::info!("{line}"));
                Reload::Swapped
            }
            Err(problems) => {
                let errors = problems.iter().filter(|problem| problem.is_error()).count();
                tracing::error!(catalog.errors = errors, "The edited content is refused, the old content keeps answering");
                for problem in problems.iter().filter(|problem| problem.is_error()) {
                    tracing::error!("{problem}");
                }
                let edited = edited(&self.current.load().sources, files);
                self.rejected.store(Some(Arc::new(Rejected { digest, problems, at: wall(), edited })));
                Reload::Refused
            }
        }
    }
}
