//! Counts of a day with the conversations behind them.

use super::{Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// Conversations that are named behind a count.
const NAMED: usize = 50;
/// Places in the waiting list that are counted one by one.
const MOST: i64 = 50_000;

/// A count with what is behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many conversations.
    pub n: usize,
    /// The latest of them.
    pub conversations: Vec<String>,
}

impl Count {
    fn add(&mut self, conversation: String) {
        self.n += 1;
        if self.conversations.len() < NAMED {
            self.conversations.push(conversation);
        }
    }
}

/// What happened since an instant, and what is so now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Numbers {
    /// Conversations with something said in them, to which no person was ever called.
    pub bot_alone: Count,
    /// Conversations to which a person was called, by the reason.
    pub handed_over: BTreeMap<String, Count>,
    /// Conversations that wait for a person now.
    pub waiting: Count,
}

impl Store {
    /// Counts what happened since an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn numbers(&self, since: Timestamp) -> Result<Numbers, StoreError> {
        let mut numbers = Numbers::default();
        let since = since.as_millisecond();
        let alone = "FROM conversations c WHERE c.updated_at >= $1 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.conversation_id = c.id)";
        let count: i64 =
            sqlx::query(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) {alone}"))).bind(since).fetch_one(&self.pool).await?.try_get(0)?;
        let latest = format!("SELECT c.id {alone} ORDER BY c.updated_at DESC, c.id LIMIT {NAMED}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(latest)).bind(since).fetch_all(&self.pool).await?;
        numbers.bot_alone.n = usize::try_from(count).unwrap_or(0);
        numbers.bot_alone.conversations = rows.iter().map(|row: &AnyRow| row.try_get(0)).collect::<Result<_, _>>()?;
        let rows = sqlx::query(
            "SELECT reason, conversation_id, MAX(waiting_since) FROM tickets WHERE waiting_since >= $1 GROUP BY reason, conversation_id \
             ORDER BY 3 DESC, conversation_id LIMIT $2",
        )
        .bind(since)
        .bind(MOST)
        .fetch_all(&self.pool)
        .await?;
        for row in &rows {
            numbers.handed_over.entry(row.try_get(0)?).or_default().add(row.try_get(1)?);
        }
        let rows = sqlx::query("SELECT conversation_id FROM tickets WHERE state = 'open' ORDER BY due_at, conversation_id LIMIT $1")
            .bind(MOST)
            .fetch_all(&self.pool)
            .await?;
        for row in &rows {
            numbers.waiting.add(row.try_get(0)?);
        }
        Ok(numbers)
    }
}
