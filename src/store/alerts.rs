//! What desks should notice at once, on its way to other nodes.

use super::{Store, StoreError};
use crate::domain::ids::{AgentId, ConversationId, TicketId};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use std::borrow::Cow;

/// How long an alert can be heard. Nodes look every few seconds; the rest is room for clocks that differ.
const HEARD: SignedDuration = SignedDuration::from_secs(60);

/// Something that desks should notice at once; it is in the list, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Whom it is for; `None`: all who lead.
    pub to: Option<AgentId>,
    /// About which conversation.
    pub conversation: Option<ConversationId>,
    /// `mention`, `clock_warned`, `clock_breached`, `assigned`, `taken_over` or `away`.
    pub what: Cow<'static, str>,
    /// In words.
    pub text: String,
}

impl Store {
    /// Leaves an alert for other nodes, and clears away those that nobody can hear any more. `wall` is the wall clock's now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_alert(&self, alert: &Alert, node: &str, wall: Timestamp) -> Result<(), StoreError> {
        let old = wall.saturating_sub(HEARD * 2).unwrap_or(Timestamp::MIN);
        sqlx::query("DELETE FROM desk_alerts WHERE at < $1").bind(old.as_millisecond()).execute(&self.pool).await?;
        sqlx::query("INSERT INTO desk_alerts (id, node, at, to_agent, conversation_id, what, words) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(TicketId::new().as_str())
            .bind(node)
            .bind(wall.as_millisecond())
            .bind(alert.to.as_ref().map(AgentId::as_str))
            .bind(alert.conversation.as_ref().map(ConversationId::as_str))
            .bind(alert.what.as_ref())
            .bind(alert.text.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The alerts that other nodes left within the last minute, the oldest first, each with its id: a reader has to remember which it has
    /// heard, since rows may appear in another order than their times.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alerts_of_others(&self, node: &str, wall: Timestamp) -> Result<Vec<(String, Alert)>, StoreError> {
        let since = wall.saturating_sub(HEARD).unwrap_or(Timestamp::MIN);
        let rows = sqlx::query(
            "SELECT id, to_agent, conversation_id, what, words FROM desk_alerts WHERE node <> $1 AND at >= $2 ORDER BY at, id LIMIT 1000",
        )
        .bind(node)
        .bind(since.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let alert = Alert {
                    to: row.try_get::<Option<String>, _>(1)?.map(AgentId::from),
                    conversation: row.try_get::<Option<String>, _>(2)?.map(ConversationId::from),
                    what: Cow::Owned(row.try_get(3)?),
                    text: row.try_get(4)?,
                };
                Ok((row.try_get(0)?, alert))
            })
            .collect()
    }
}
