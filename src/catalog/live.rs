//! The catalog that is in force: a saved edit replaces it whole, or is refused and the old one keeps answering.

use super::diagnostic::Diagnostic;
use super::folder::{self, SourceFile};
use super::watch::{Watcher, watch};
use super::{Catalog, digest};
use arc_swap::{ArcSwap, ArcSwapOption};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The catalog in force, and why the last edit was refused, if it was.
#[derive(Debug)]
pub struct LiveCatalog {
    /// `None`: the content is inside the binary and can't change.
    folder: Option<PathBuf>,
    current: ArcSwap<Catalog>,
    rejected: ArcSwapOption<Rejected>,
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
    /// Loads a folder; the problems if it is refused.
    pub fn load(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        Ok(Self::new(Catalog::load(folder)?, Some(folder.to_owned())))
    }

    /// Content that never changes.
    pub fn fixed(catalog: Catalog) -> Self {
        Self::new(catalog, None)
    }

    fn new(catalog: Catalog, folder: Option<PathBuf>) -> Self {
        Self { folder, current: ArcSwap::from_pointee(catalog), rejected: ArcSwapOption::empty(), reloading: Mutex::new(()) }
    }

    /// The catalog in force. Keep it for a whole turn.
    pub fn current(&self) -> Arc<Catalog> {
        self.current.load_full()
    }

    /// Why the last edit was refused; `None` when what is in the folder is in force.
    pub fn rejected(&self) -> Option<Arc<Rejected>> {
        self.rejected.load_full()
    }

    /// Loads the folder again and puts it into force, or keeps the old one and remembers why.
    pub fn reload(&self) -> Reload {
        let Some(folder) = &self.folder else { return Reload::Unchanged };
        let _one_at_a_time = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
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
        match Catalog::build(files, problems) {
            Ok(catalog) => {
                tracing::info!(
                    catalog.digest = %catalog.digest,
                    catalog.intents = catalog.intents.len(),
                    catalog.warnings = catalog.warnings.len(),
                    "The edited content is live"
                );
                self.current.store(Arc::new(catalog));
                self.rejected.store(None);
                Reload::Swapped
            }
            Err(problems) => {
                let errors = problems.iter().filter(|problem| problem.is_error()).count();
                tracing::error!(catalog.errors = errors, "The edited content is refused, the old content keeps answering");
                for problem in problems.iter().filter(|problem| problem.is_error()) {
                    tracing::error!("{problem}");
                }
                self.rejected.store(Some(Arc::new(Rejected { digest, problems })));
                Reload::Refused
            }
        }
    }

    /// Reloads whenever the folder is edited, as long as the watcher lives. Content inside the binary has nothing to watch.
    pub fn follow(self: &Arc<Self>) -> Result<Option<Watcher>, notify_debouncer_mini::notify::Error> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let live = Arc::downgrade(self);
        let on_change = move || {
            if let Some(live) = live.upgrade() {
                live.reload();
            }
        };
        watch(folder, on_change).map(Some)
    }
}
