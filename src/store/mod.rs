//! The only folder that knows SQL: the log of every conversation, accounts, the waiting list, desk sign-ins.
//!
//! One SQL text runs on SQLite and PostgreSQL (`sqlx::Any`). Everything that changes a conversation goes through the
//! `writer`, which commits many units of work with one flush and answers only after the commit.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod bare;
pub mod books;
pub mod change;
pub mod conversations;
mod decide;
mod derived;
pub mod desk;
mod error;
pub mod facts;
pub mod floor;
pub mod numbers;
pub mod outbox;
pub mod search;
mod sql;
pub mod subjects;
pub mod suggestions;
mod tickets;
pub mod unit;
mod writer;

pub use change::{Change, Changed};
pub use error::StoreError;
pub use unit::{Committed, Outcome, Row, Unit};

use crate::domain::event::Event;
use sqlx::AnyConnection;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Connection, Executor};
use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;
use tokio::sync::mpsc;

/// Which database is behind the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Told of every commit, in commit order, before the one who asked for it.
pub trait Observer: Send + Sync + 'static {
    /// A conversation changed: its row as it stands now, and the events that were added.
    fn committed(&self, row: &Arc<Row>, events: &[Event]);
    /// An account changed, or turned out to be another version than somebody thought.
    fn account_changed(&self, customer: &crate::domain::ids::CustomerId);
    /// The waiting list changed.
    fn queue_changed(&self);
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    backend: Backend,
    writer: mpsc::Sender<writer::Work>,
}

/// How many units of work may wait for the writer before senders wait too.
const QUEUE: usize = 4096;

impl Store {
    /// Opens the database (creating a SQLite file when it is absent), applies migrations and starts the writer.
    ///
    /// # Errors
    /// When the database cannot be reached, is locked by somebody else, or a migration fails.
    pub async fn open(url: &str, observer: Arc<dyn Observer>) -> Result<Self, StoreError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let backend = if url.starts_with("sqlite:") {
            Backend::Sqlite
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Backend::Postgres
        } else {
            return Err(StoreError::Url(url.split(':').next().unwrap_or_default().to_owned()));
        };
        let url = match backend {
            Backend::Sqlite if !url.contains("mode=") => format!("{url}{}mode=rwc", if url.contains('?') { '&' } else { '?' }),
            Backend::Sqlite | Backend::Postgres => url.to_owned(),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(if backend == Backend::Sqlite { 4 } else { 8 })
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| Box::pin(async move { prepare(connection, backend).await }))
            .connect(&url)
            .await
            .map_err(StoreError::open)?;
        sqlx::migrate!().run(&pool).await.map_err(|error| StoreError::Migration(error.to_string()))?;
        search::prepare(&pool, backend).await?;
        let mut connection = AnyConnection::connect(&url).await.map_err(StoreError::open)?;
        prepare(&mut connection, backend).await.map_err(StoreError::open)?;
        let (writer, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(writer::Writer::new(url, connection, backend, observer).run(jobs));
        Ok(Self { pool, backend, writer })
    }

    /// The address of a SQLite file in a folder.
    pub fn sqlite_url(folder: &Path) -> String {
        format!("sqlite://{}", folder.join("redress.db").display())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Commits one unit of work: all of it or nothing. Returns after the commit is durable.
    ///
    /// # Errors
    /// When the database refused it or the server is shutting down; then nothing of it is stored.
    pub async fn commit(&self, unit: Unit) -> Result<Committed, StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.writer.send(writer::Work::Talk(writer::Job { unit, reply })).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Commits one change of an account that no conversation makes: all of it or nothing. Returns after the commit is durable.
    ///
    /// # Errors
    /// When the database refused it or the server is shutting down; then nothing of it is stored.
    pub async fn change(&self, change: Change) -> Result<Changed, StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.writer.send(writer::Work::Change(change::ChangeJob { change, reply })).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// Settings of a new connection.
async fn prepare(connection: &mut AnyConnection, backend: Backend) -> Result<(), sqlx::Error> {
    match backend {
        // FULL: an acknowledgement means that the row survives power loss. The WAL is restarted, never truncated: overwriting
        // allocated blocks costs a fraction of growing the file. Pages of 8 KiB (of a new file) took a tenth less time a turn than 4 KiB.
        Backend::Sqlite => {
            connection
                .execute(
                    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA wal_autocheckpoint = 4000; \
                     PRAGMA cache_size = -64000; PRAGMA temp_store = MEMORY;",
                )
                .await?;
        }
        Backend::Postgres => {
            connection.execute("SET synchronous_commit = on").await?;
        }
    }
    Ok(())
}
