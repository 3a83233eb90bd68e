//! What can go wrong in the store.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An address that no driver serves.
    #[error("DATABASE_URL begins with '{0}:', which redress does not know. Use sqlite://FILE or postgres://USER@HOST/NAME")]
    Url(String),
    /// The database could not be opened.
    #[error("cannot open the database: {0}. Check that DATABASE_URL is right, the server runs, and the data folder can be written")]
    Open(String),
    /// A migration failed.
    #[error("cannot bring the database up to date: {0}. Was it made by a newer redress?")]
    Migration(String),
    /// A statement failed.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    /// A stored value cannot be read.
    #[error("{table} {id} holds something unreadable in '{column}': {why}")]
    Unreadable {
        /// Table.
        table: &'static str,
        /// Row.
        id: String,
        /// Column.
        column: &'static str,
        /// Why.
        why: String,
    },
    /// Somebody else was faster every time.
    #[error("the account is being changed by others all the time; try again")]
    Busy,
    /// The conversation was erased.
    #[error("this conversation was erased")]
    Gone,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closed,
}

impl StoreError {
    pub(super) fn open(error: sqlx::Error) -> Self {
        StoreError::Open(error.to_string())
    }
}
