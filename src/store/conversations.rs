//! Reading conversations: their rows, their logs, and those that need attention.

use super::unit::Row;
use super::{Store, StoreError};
use crate::domain::conversation::Owner;
use crate::domain::event::{Author, AuthorKind, Event, EventKind, Place};
use crate::domain::ids::{ConversationId, CustomerId};
use crate::domain::time::from_ms;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::sync::Arc;

const COLUMNS: &str =
    "id, customer_id, version, head, sub, asked, answered, owner, owner_of, state, locale, wake_at, started_at, updated_at";

impl Store {
    /// The row of a conversation, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation(&self, id: &ConversationId) -> Result<Option<Row>, StoreError> {
        let row = sqlx::query(
            "SELECT id, customer_id, version, head, sub, asked, answered, owner, owner_of, state, locale, wake_at, started_at, updated_at \
             FROM conversations WHERE id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read_row).transpose()
    }

    /// The conversations of a customer, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversations_of(&self, customer: &CustomerId) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, customer_id, version, head, sub, asked, answered, owner, owner_of, state, locale, wake_at, started_at, updated_at \
             FROM conversations WHERE customer_id = $1 ORDER BY started_at DESC, id DESC LIMIT 500",
        )
        .bind(customer.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// The conversations that an agent has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversations_with_agents(&self) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, customer_id, version, head, sub, asked, answered, owner, owner_of, state, locale, wake_at, started_at, updated_at \
             FROM conversations WHERE owner = 'agent' ORDER BY updated_at LIMIT 1000",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// Events after a place, in order, at most `limit`. `public` leaves out what only the desk sees.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events_after(&self, id: &ConversationId, after: Place, public: bool, limit: i64) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, sub, at, by_kind, by_name, kind, data, key, level FROM events WHERE conversation_id = $1 \
             AND (seq > $2 OR (seq = $2 AND sub > $3)) AND (sub = 0 OR $4 = 0) ORDER BY seq, sub LIMIT $5",
        )
        .bind(id.as_str())
        .bind(after.seq)
        .bind(after.sub)
        .bind(i64::from(public))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| read_event(id, row)).collect()
    }

    /// The seq under which a client's id is stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seq_of(&self, id: &ConversationId, key: &str) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT seq FROM events WHERE conversation_id = $1 AND key = $2")
            .bind(id.as_str())
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// The last `limit` events, desk-only ones included, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_events(&self, id: &ConversationId, limit: i64) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, sub, at, by_kind, by_name, kind, data, key, level FROM events WHERE conversation_id = $1 \
             ORDER BY seq DESC, sub DESC LIMIT $2",
        )
        .bind(id.as_str())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().rev().map(|row| read_event(id, row)).collect()
    }

    /// Conversations in which the bot owes an answer, beginning after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unanswered(&self, after: &str, limit: i64) -> Result<Vec<ConversationId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM conversations WHERE asked > answered AND owner = 'bot' AND id > $1 ORDER BY id LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(ConversationId::from(row.try_get::<String, _>(0)?))).collect()
    }

    /// Conversations whose reminder is due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due(&self, now: Timestamp, limit: i64) -> Result<Vec<ConversationId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM conversations WHERE wake_at IS NOT NULL AND wake_at <= $1 ORDER BY wake_at LIMIT $2")
            .bind(now.as_millisecond())
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(ConversationId::from(row.try_get::<String, _>(0)?))).collect()
    }
}

/// A row of `conversations`, in the order of its columns.
pub(super) fn read_row(row: &AnyRow) -> Result<Row, StoreError> {
    debug_assert_eq!(row.len(), COLUMNS.split(',').count());
    let id: String = row.try_get(0)?;
    let owner: String = row.try_get(7)?;
    let of: Option<String> = row.try_get(8)?;
    let owner = match (owner.as_str(), of) {
        ("bot", _) => Owner::Bot,
        ("queued", Some(ticket)) => Owner::Queued(ticket.into()),
        ("agent", Some(agent)) => Owner::Agent(agent.into()),
        ("closed", outcome) => Owner::Closed(outcome.unwrap_or_default()),
        (other, _) => {
            let why = format!("'{other}' is no owner");
            return Err(StoreError::Unreadable { table: "conversations", id, column: "owner", why });
        }
    };
    Ok(Row {
        id: ConversationId::from(id),
        customer: row.try_get::<Option<String>, _>(1)?.map(CustomerId::from),
        version: row.try_get(2)?,
        head: Place { seq: row.try_get(3)?, sub: row.try_get(4)? },
        asked: row.try_get(5)?,
        answered: row.try_get(6)?,
        owner,
        state: Arc::from(row.try_get::<String, _>(9)?),
        locale: Arc::from(row.try_get::<String, _>(10)?),
        wake_at: row.try_get::<Option<i64>, _>(11)?.map(from_ms),
        started_at: from_ms(row.try_get(12)?),
        updated_at: from_ms(row.try_get(13)?),
    })
}

fn read_event(conversation: &ConversationId, row: &AnyRow) -> Result<Event, StoreError> {
    let unreadable = |column, what: &str| StoreError::Unreadable {
        table: "events",
        id: conversation.to_string(),
        column,
        why: format!("'{what}' is unknown"),
    };
    let by: String = row.try_get(3)?;
    let kind: String = row.try_get(5)?;
    Ok(Event {
        seq: row.try_get(0)?,
        sub: row.try_get(1)?,
        at: from_ms(row.try_get(2)?),
        by: Author { kind: AuthorKind::parse(&by).ok_or_else(|| unreadable("by_kind", &by))?, name: row.try_get(4)? },
        kind: EventKind::parse(&kind).ok_or_else(|| unreadable("kind", &kind))?,
        data: row.try_get::<String, _>(6)?.into_boxed_str(),
        key: row.try_get::<Option<String>, _>(7)?.map(String::into_boxed_str),
        level: u8::try_from(row.try_get::<i64, _>(8)?).unwrap_or(0),
    })
}
