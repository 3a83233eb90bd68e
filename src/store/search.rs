//! Conversations by filter and by full text. What was said is indexed by the database's own full text: PostgreSQL keeps its index with
//! every commit; SQLite's is brought up to date here, before it is asked and between times, so that no message waits for it.

use super::{Backend, Store, StoreError};
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::time::from_ms;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyPool, Connection, Row as _};
use std::collections::HashMap;

/// Events indexed in one transaction.
const STEP: i64 = 2_000;
/// Conversations that a search looks at, the best first.
const HITS: i64 = 200;

/// Which conversations.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// By who has them.
    pub view: View,
    /// In one queue.
    pub queue: Option<String>,
    /// Of one customer.
    pub customer: Option<String>,
    /// Words that were said, an order, a dispute, a customer.
    pub text: Option<String>,
    /// Changed before this instant.
    pub before: Option<Timestamp>,
    /// At most so many.
    pub most: i64,
}

/// By who has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Everyone.
    #[default]
    All,
    /// Waiting for a person.
    Waiting,
    /// One agent has them.
    Of(AgentId),
    /// Somebody has them.
    People,
    /// The bot has them.
    Bot,
    /// Ended.
    Closed,
}

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// Which.
    pub conversation: ConversationId,
    /// Whose.
    pub customer_id: Option<String>,
    /// First name, if it was handed over.
    pub customer: Option<String>,
    /// `bot`, `queued`, `agent` or `closed`.
    pub owner: String,
    /// The agent who has it or had it last.
    pub agent: Option<AgentId>,
    /// What it is about, if it was handed over.
    pub intent: Option<String>,
    /// Its queue, if it was handed over.
    pub queue: Option<String>,
    /// Its priority, if it was handed over.
    pub priority: Option<i64>,
    /// First event.
    pub started_at: Timestamp,
    /// Last event.
    pub updated_at: Timestamp,
    /// What was said, hits between U+0001 and U+0002.
    pub snippet: String,
}

/// Makes the index if it is absent.
pub(super) async fn prepare(pool: &AnyPool, backend: Backend) -> Result<(), sqlx::Error> {
    let statement = match backend {
        Backend::Sqlite => {
            "CREATE VIRTUAL TABLE IF NOT EXISTS said USING fts5(text, conversation_id UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')"
        }
        Backend::Postgres => {
            "CREATE INDEX IF NOT EXISTS events_said ON events USING gin (to_tsvector('simple', CAST(data AS jsonb) ->> 'text')) \
             WHERE kind IN ('message', 'note')"
        }
    };
    sqlx::query(statement).execute(pool).await?;
    Ok(())
}

/// The words of a search, without what the databases would take for operators.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(12).map(str::to_lowercase).collect()
}

impl Store {
    /// Brings SQLite's index up to date.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn index_said(&self) -> Result<(), StoreError> {
        if self.backend == Backend::Postgres {
            return Ok(());
        }
        loop {
            let mut connection = self.pool.acquire().await?;
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            let from = sqlx::query("SELECT value FROM settings WHERE name = 'said_until'").fetch_optional(&mut *tx).await?;
            let from: i64 = from.and_then(|row| row.try_get::<String, _>(0).ok()).and_then(|text| text.parse().ok()).unwrap_or(0);
            let last: Option<i64> = sqlx::query("SELECT MAX(rowid) FROM events").fetch_one(&mut *tx).await?.try_get(0)?;
            let until = last.unwrap_or(0).min(from + STEP);
            if until <= from {
                return Ok(());
            }
            sqlx::query(
                "INSERT INTO said (text, conversation_id) SELECT data ->> '$.text', conversation_id FROM events \
                 WHERE rowid > $1 AND rowid <= $2 AND kind IN ('message', 'note')",
            )
            .bind(from)
            .bind(until)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO settings (name, value) VALUES ('said_until', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
            .bind(until.to_string())
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
        }
    }

    /// Conversations, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Found>, StoreError> {
        let mut hits: HashMap<String, String> = HashMap::new();
        if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            hits = self.hits(text).await?;
            if hits.is_empty() {
                return Ok(Vec::new());
            }
        }
        let mut sql = String::from(
            "SELECT c.id, c.customer_id, c.owner, c.owner_of, c.started_at, c.updated_at, t.queue, t.priority, t.intent, t.customer_name, \
             t.preview, t.claimed_by FROM conversations c LEFT JOIN tickets t ON t.id = (SELECT MAX(n.id) FROM tickets n WHERE n.conversation_id = c.id) \
             WHERE c.updated_at < $1",
        );
        let mut texts: Vec<String> = Vec::new();
        let mut with = |sql: &mut String, condition: &str, text: String| {
            texts.push(text);
            sql.push_str(&format!(" AND {condition} ${}", texts.len() + 1));
        };
        match &filter.view {
            View::All => {}
            View::Waiting => sql.push_str(" AND c.owner = 'queued'"),
            View::People => sql.push_str(" AND c.owner = 'agent'"),
            View::Bot => sql.push_str(" AND c.owner = 'bot'"),
            View::Closed => sql.push_str(" AND c.owner = 'closed'"),
            View::Of(agent) => {
                sql.push_str(" AND c.owner = 'agent'");
                with(&mut sql, "c.owner_of =", agent.to_string());
            }
        }
        if let Some(queue) = &filter.queue {
            with(&mut sql, "t.queue =", queue.clone());
        }
        if let Some(customer) = &filter.customer {
            with(&mut sql, "c.customer_id =", customer.clone());
        }
        if !hits.is_empty() {
            let mut names = Vec::with_capacity(hits.len());
            for id in hits.keys() {
                texts.push(id.clone());
                names.push(format!("${}", texts.len() + 1));
            }
            sql.push_str(&format!(" AND c.id IN ({})", names.join(", ")));
        }
        sql.push_str(&format!(" ORDER BY c.updated_at DESC LIMIT {}", filter.most.clamp(1, 200)));
        let before = filter.before.map_or(i64::MAX, Timestamp::as_millisecond);
        // Only names of columns and numbers of parameters were put together; what people typed is bound.
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before);
        let query = texts.iter().fold(query, |query: Query<'_, Any, AnyArguments>, text| query.bind(text.as_str()));
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| found(row, &hits)).collect()
    }

    /// Conversations in which something was said, or whose customer, order or dispute it names: each with the words around it.
    async fn hits(&self, text: &str) -> Result<HashMap<String, String>, StoreError> {
        let mut hits = HashMap::new();
        let words = words(text);
        if !words.is_empty() {
            self.index_said().await?;
            let (sql, query) = match self.backend {
                Backend::Sqlite => (
                    "SELECT conversation_id, snippet(said, 0, char(1), char(2), '…', 12) FROM said WHERE said MATCH $1 ORDER BY rowid DESC LIMIT $2",
                    words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" "),
                ),
                Backend::Postgres => (
                    "SELECT conversation_id, ts_headline('simple', CAST(data AS jsonb) ->> 'text', to_tsquery('simple', $1), \
                     'StartSel=' || chr(1) || ', StopSel=' || chr(2) || ', MaxWords=14, MinWords=6') FROM events \
                     WHERE kind IN ('message', 'note') AND to_tsvector('simple', CAST(data AS jsonb) ->> 'text') @@ to_tsquery('simple', $1) \
                     ORDER BY at DESC LIMIT $2",
                    words.iter().map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & "),
                ),
            };
            for row in sqlx::query(sql).bind(query).bind(HITS).fetch_all(&self.pool).await? {
                hits.entry(row.try_get::<String, _>(0)?).or_insert(row.try_get::<String, _>(1)?);
            }
        }
        // What names a person: an id, an order, a dispute, a first name on a place in the waiting list.
        let named = sqlx::query(
            "SELECT id FROM conversations WHERE customer_id = $1 OR customer_id IN (SELECT customer_id FROM orders WHERE UPPER(ref) = $1) \
             OR customer_id IN (SELECT customer_id FROM disputes WHERE UPPER(public_no) = $1) \
             OR id IN (SELECT conversation_id FROM tickets WHERE UPPER(customer_name) = $1) ORDER BY updated_at DESC LIMIT $2",
        )
        .bind(text.to_uppercase())
        .bind(HITS)
        .fetch_all(&self.pool)
        .await?;
        for row in &named {
            hits.entry(row.try_get::<String, _>(0)?).or_insert_with(String::new);
        }
        Ok(hits)
    }
}

fn found(row: &AnyRow, hits: &HashMap<String, String>) -> Result<Found, StoreError> {
    let id: String = row.try_get(0)?;
    let owner: String = row.try_get(2)?;
    let agent: Option<String> = if owner == "agent" { row.try_get(3)? } else { row.try_get(11)? };
    let preview: Option<String> = row.try_get(10)?;
    let hit = hits.get(&id).filter(|hit| !hit.is_empty()).cloned();
    Ok(Found {
        customer_id: row.try_get(1)?,
        owner,
        agent: agent.map(AgentId::from),
        started_at: from_ms(row.try_get(4)?),
        updated_at: from_ms(row.try_get(5)?),
        queue: row.try_get(6)?,
        priority: row.try_get(7)?,
        intent: row.try_get(8)?,
        customer: row.try_get(9)?,
        snippet: hit.or(preview).unwrap_or_default(),
        conversation: ConversationId::from(id),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_search_has_no_operators() {
        assert_eq!(super::words("\"refund\" OR (shoes* -not) 'x"), ["refund", "or", "shoes", "not", "x"]);
        assert!(super::words("\"*\" ()").is_empty());
    }
}
