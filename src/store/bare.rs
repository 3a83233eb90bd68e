//! A yardstick for the store: the bare group commit, with the same driver, settings and kind of statement, and nothing else.

use super::sql::{Batch, batch};
use super::{Backend, StoreError, prepare};
use sqlx::{AnyConnection, Connection, Executor};
use std::path::Path;
use std::sync::Once;
use std::time::{Duration, Instant};

const INSERT: Batch = batch!(
    "INSERT INTO rows (id, conversation_id, client_id, at, body) SELECT CAST(j.value ->> 0 AS BIGINT), j.value ->> 1, j.value ->> 2, \
     CAST(j.value ->> 3 AS BIGINT), j.value ->> 4 FROM",
    "WHERE true"
);

/// Inserts `rows` rows a transaction with full durability, `rounds` times, into a new SQLite file; returns how long each commit took.
///
/// # Errors
/// When the file cannot be made or written.
pub async fn group_commits(file: &Path, rows: usize, rounds: usize) -> Result<Vec<Duration>, StoreError> {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = AnyConnection::connect(&url).await.map_err(StoreError::open)?;
    prepare(&mut connection, Backend::Sqlite).await?;
    connection
        .execute(
            "CREATE TABLE rows (id BIGINT PRIMARY KEY, conversation_id TEXT NOT NULL, client_id TEXT NOT NULL, at BIGINT NOT NULL, \
             body TEXT NOT NULL, UNIQUE (conversation_id, client_id))",
        )
        .await?;
    let body = "x".repeat(120);
    let mut times = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let values: Vec<_> = (round * rows..(round + 1) * rows)
            .map(|id| (id, format!("conversation-{}", id % 1000), format!("client-{id}"), id, body.as_str()))
            .collect();
        let values = serde_json::to_string(&values).expect("numbers and text are always JSON");
        let start = Instant::now();
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(INSERT.on(Backend::Sqlite)).bind(values).execute(&mut *tx).await?;
        tx.commit().await?;
        times.push(start.elapsed());
    }
    connection.close().await?;
    Ok(times)
}
