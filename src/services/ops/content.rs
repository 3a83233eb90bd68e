//! The content as the ops page shows it, and edits of it: an example or a test that is put into its file, and a file that is saved.

use super::{SPEAKERS, speaker, told};
use crate::catalog::diff::diff;
use crate::catalog::edit::{EditError, FileText};
use crate::catalog::insert::{self, Cannot, Inserted, NewTest};
use crate::catalog::live::{LiveCatalog, Reload};
use crate::catalog::overview::overview;
use crate::catalog::sources::digest_of;
use crate::catalog::{Catalog, file};
use crate::domain::ids::IntentId;
use crate::domain::language::primary;
use crate::services::Service;
use crate::services::script;
use crate::store::StoreError;
use crate::store::desk::Agent;
use serde_json::{Value, json};
use std::sync::Arc;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The file, or what would become of it.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Nothing was put in.
    #[error(transparent)]
    Cannot(#[from] Cannot),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Wrong(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work itself broke.
    #[error("the content could not be worked on; the server's log says why")]
    Broken,
}

/// What is to be put into an intent's file.
#[derive(Clone, Debug)]
pub enum Addition {
    /// An example in a language.
    Example(String),
    /// A scripted conversation of one message.
    Test {
        /// The demo persona who says it.
        customer: Option<String>,
        /// Their sign-in level.
        level: Option<u8>,
        /// The language that the client asks for.
        locale: Option<String>,
    },
}

impl Service {
    /// What stands in the content, and a word that changes when that does.
    pub fn content_report(&self) -> (String, Value) {
        let (catalog, taken, rejected) = (self.catalog.current(), self.catalog.taken(), self.catalog.rejected());
        let learning = self.catalog.is_learning();
        let files = overview(&catalog, &taken, rejected.as_deref());
        let refused = rejected.as_ref().map(|rejected| {
            let problems: Vec<Value> = rejected.problems.iter().filter(|problem| problem.is_error()).map(told).collect();
            json!({ "at": rejected.at, "digest": rejected.digest, "edited": rejected.edited, "problems": problems })
        });
        let report = json!({
            "digest": catalog.digest, "live_since": taken.at, "learning": learning, "intents": catalog.intents.len(),
            "folder": self.catalog.folder().map(|folder| folder.display().to_string()), "rejected": refused, "files": files,
            "warnings": catalog.warnings.iter().map(told).collect::<Vec<_>>(),
        });
        (digest_of(report.to_string().as_bytes())[..16].to_owned(), report)
    }

    /// A file as it stands.
    ///
    /// # Errors
    /// See [`ContentError`].
    pub async fn content_file(&self, path: String) -> Result<FileText, ContentError> {
        Ok(aside(&self.catalog, move |live| live.file(&path)).await??)
    }

    /// How a file would differ with this text: the file, and the hunks.
    ///
    /// # Errors
    /// See [`ContentError`].
    pub async fn content_diff(&self, path: String, text: String) -> Result<Value, ContentError> {
        aside(&self.catalog, move |live| {
            let stands = match live.file(&path) {
                Err(EditError::NotFound(_)) => FileText { path, text: String::new(), base: None, editable: live.folder().is_some() },
                other => other?,
            };
            Ok(proposal(&stands, &text))
        })
        .await?
    }

    /// The file of an intent with something put in: its whole text, the first new line, and the hunks. Nothing is saved.
    ///
    /// # Errors
    /// See [`ContentError`].
    pub async fn content_with(&self, intent: String, text: String, addition: Addition) -> Result<Value, ContentError> {
        aside(&self.catalog, move |live| {
            let catalog = live.current();
            let path = catalog.file_of(&IntentId::from(intent.as_str())).map(|file| file.path.clone());
            let path = path.ok_or_else(|| ContentError::Wrong(format!("there is no intent '{intent}' in the content in force")))?;
            if !(1..=4000).contains(&text.trim().chars().count()) {
                return Err(ContentError::Wrong("'text' has 1 to 4,000 characters".into()));
            }
            let stands = live.file(&path)?;
            match addition {
                Addition::Example(language) => {
                    if !file::is_language(&language) {
                        return Err(ContentError::Wrong(format!("'{language}' is no language. Write it as `en` or `de-AT`")));
                    }
                    let Inserted { text, line } = insert::example(&path, &stands.text, primary(&language), &text)?;
                    Ok(with_line(proposal(&stands, &text), line))
                }
                Addition::Test { customer, level, locale } => {
                    if let Some(customer) = customer.as_ref().filter(|customer| speaker(customer).is_none()) {
                        return Err(ContentError::Wrong(format!("there is no demo customer '{customer}'; use P01 to P28")));
                    }
                    let level = level.filter(|level| customer.is_some() && *level != 1);
                    let inserted = insert::test(&path, &stands.text, &NewTest { text, customer, level, locale })?;
                    let mut value = with_line(proposal(&stands, &inserted.text), inserted.line);
                    value["differences"] = json!(differences(&catalog, &path, &inserted.text));
                    Ok(value)
                }
            }
        })
        .await?
    }

    /// Saves a file into the content folder and takes it into force. It is written into the log of privileged acts.
    ///
    /// # Errors
    /// See [`ContentError`].
    pub async fn save_content(&self, agent: &Agent, path: String, base: Option<String>, text: String) -> Result<Reload, ContentError> {
        let detail = format!("{:.12} to {:.12}", base.as_deref().unwrap_or("nothing"), digest_of(text.as_bytes()));
        let subject = path.clone();
        let reload = aside(&self.catalog, move |live| live.save(&path, base.as_deref(), &text)).await??;
        self.store.audit(self.clock.now(), &agent.name, "save_content", &subject, &detail).await?;
        Ok(reload)
    }
}

/// Works on the content away from the threads that answer customers.
async fn aside<T: Send + 'static>(
    live: &Arc<LiveCatalog>,
    work: impl FnOnce(&LiveCatalog) -> T + Send + 'static,
) -> Result<T, ContentError> {
    let live = Arc::clone(live);
    tokio::task::spawn_blocking(move || work(&live)).await.map_err(|error| {
        tracing::error!(%error, "Work on the content broke off");
        ContentError::Broken
    })
}

/// A file beside the text that it would have.
fn proposal(stands: &FileText, text: &str) -> Value {
    let old = if stands.base.is_some() { stands.text.as_str() } else { "" };
    json!({ "path": stands.path, "base": stands.base, "editable": stands.editable, "text": text, "diff": diff(old, text) })
}

fn with_line(mut proposal: Value, line: usize) -> Value {
    proposal["line"] = json!(line);
    proposal
}

/// What differs when the last test of this text is run with the content in force; nothing when it passes.
fn differences(catalog: &Arc<Catalog>, path: &str, text: &str) -> Vec<String> {
    let (read, _) = file::read(path, text.as_bytes());
    let Some((file, test)) = read.as_ref().and_then(|file| Some((file, file.tests.last()?))) else { return Vec::new() };
    script::run(catalog, &SPEAKERS.1, &SPEAKERS.0, file, test).differences
}
