//! Who is there, whom they are asked to take, which clocks run: the rows behind routing.

use super::desk::read_list;
use super::{Store, StoreError};
use crate::domain::forecast::{Came, Talk};
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::routing::Place;
use crate::domain::team::ClockKind;
use crate::domain::time::from_ms;
use jiff::Timestamp;
use sqlx::Row as _;

/// How an agent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub agent: AgentId,
    /// Which node holds their sockets.
    pub node: String,
    /// They want to be asked.
    pub available: bool,
    /// When their node last said that they are there, by the wall clock.
    pub seen_at: Timestamp,
    /// Without a socket since then, by the server's clock.
    pub gone_at: Option<Timestamp>,
    /// Offers missed in a row.
    pub missed: i64,
}

/// A clock that runs for a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskClock {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Which clock.
    pub kind: ClockKind,
    /// When it warns.
    pub warn_at: Timestamp,
    /// When it is broken.
    pub due_at: Timestamp,
    /// `running`, `warned` or `breached`.
    pub state: String,
}

impl Store {
    /// Everybody who has ever been at the desk.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presence(&self) -> Result<Vec<Presence>, StoreError> {
        let rows = sqlx::query("SELECT agent_id, node, available, seen_at, gone_at, missed FROM presence").fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                Ok(Presence {
                    agent: AgentId::from(row.try_get::<String, _>(0)?),
                    node: row.try_get(1)?,
                    available: row.try_get::<i64, _>(2)? != 0,
                    seen_at: from_ms(row.try_get(3)?),
                    gone_at: row.try_get::<Option<i64>, _>(4)?.map(from_ms),
                    missed: row.try_get(5)?,
                })
            })
            .collect()
    }

    /// An agent has a socket at this node. They are on duty if they were and have been gone for a short time only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn came(&self, agent: &AgentId, node: &str, wall: Timestamp, gone_since: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO presence (agent_id, node, available, seen_at, gone_at) VALUES ($1, $2, 0, $3, NULL) \
             ON CONFLICT (agent_id) DO UPDATE SET node = excluded.node, seen_at = excluded.seen_at, gone_at = NULL, \
             available = CASE WHEN presence.gone_at < $4 THEN 0 ELSE presence.available END",
        )
        .bind(agent.as_str())
        .bind(node)
        .bind(wall.as_millisecond())
        .bind(gone_since.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Their last socket at this node is closed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn went(&self, agent: &AgentId, node: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE presence SET gone_at = $1 WHERE agent_id = $2 AND node = $3 AND gone_at IS NULL")
            .bind(now.as_millisecond())
            .bind(agent.as_str())
            .bind(node)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The agents of this node are there; those of nodes that have not said so since `silent_since` are gone from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beat(&self, node: &str, wall: Timestamp, silent_since: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE presence SET seen_at = $1 WHERE node = $2 AND gone_at IS NULL")
            .bind(wall.as_millisecond())
            .bind(node)
            .execute(&self.pool)
            .await?;
        sqlx::query("UPDATE presence SET gone_at = $1 WHERE gone_at IS NULL AND seen_at < $2")
            .bind(now.as_millisecond())
            .bind(silent_since.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// They want to be asked, or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_available(&self, agent: &AgentId, on: bool) -> Result<(), StoreError> {
        sqlx::query("UPDATE presence SET available = $1, missed = 0 WHERE agent_id = $2")
            .bind(i64::from(on))
            .bind(agent.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// They let one more offer pass.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn missed_one(&self, agent: &AgentId) -> Result<(), StoreError> {
        sqlx::query("UPDATE presence SET missed = missed + 1 WHERE agent_id = $1").bind(agent.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// The open places of the waiting list, as routing sees them, each with its conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn places(&self) -> Result<Vec<(ConversationId, Place)>, StoreError> {
        let rows = sqlx::query(
            "SELECT conversation_id, id, queue, priority, due_at, language, reserved, reserved_until, not_before, declined, offered_to, offer_until \
             FROM tickets WHERE state = 'open' ORDER BY priority, waiting_since, id LIMIT 5000",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let both = |agent: Option<String>, until: Option<i64>| Some((AgentId::from(agent?), from_ms(until?)));
                let place = Place {
                    ticket: row.try_get(1)?,
                    queue: row.try_get(2)?,
                    priority: row.try_get(3)?,
                    due: from_ms(row.try_get(4)?),
                    language: row.try_get(5)?,
                    reserved: both(row.try_get(6)?, row.try_get(7)?),
                    not_before: row.try_get::<Option<i64>, _>(8)?.map(from_ms),
                    declined: read_list(&row.try_get::<String, _>(9)?).into_iter().map(AgentId::from).collect(),
                    offered: both(row.try_get(10)?, row.try_get(11)?),
                };
                Ok((ConversationId::from(row.try_get::<String, _>(0)?), place))
            })
            .collect()
    }

    /// Asks somebody, unless the place is gone or somebody is being asked already. Whether it was done: several nodes may try.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offer(&self, ticket: &str, agent: &AgentId, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE tickets SET offered_to = $1, offer_until = $2 WHERE id = $3 AND state = 'open' AND (offered_to IS NULL OR offer_until <= $4)",
        )
        .bind(agent.as_str())
        .bind(until.as_millisecond())
        .bind(ticket)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends an offer to somebody: they did not want it, or let it pass. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_offer(&self, ticket: &str, agent: &AgentId, declined: &[AgentId]) -> Result<bool, StoreError> {
        let declined: Vec<&str> = declined.iter().map(AgentId::as_str).collect();
        let done = sqlx::query(
            "UPDATE tickets SET offered_to = NULL, offer_until = NULL, declined = $1 WHERE id = $2 AND state = 'open' AND offered_to = $3",
        )
        .bind(serde_json::json!(declined).to_string())
        .bind(ticket)
        .bind(agent.as_str())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps an open place for somebody until an instant, and ends the offer that stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reserve(&self, ticket: &str, agent: &AgentId, until: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE tickets SET reserved = $1, reserved_until = $2, not_before = NULL, declined = '[]', offered_to = NULL, offer_until = NULL \
             WHERE id = $3 AND state = 'open'",
        )
        .bind(agent.as_str())
        .bind(until.as_millisecond())
        .bind(ticket)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The clocks that run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn desk_clocks(&self) -> Result<Vec<DeskClock>, StoreError> {
        let rows = sqlx::query(
            "SELECT conversation_id, kind, warn_at, due_at, state FROM desk_clocks WHERE state IN ('running', 'warned', 'breached') \
             ORDER BY due_at LIMIT 20000",
        )
        .fetch_all(&self.pool)
        .await?;
        let clocks = rows.iter().map(|row| -> Result<Option<DeskClock>, StoreError> {
            let Some(kind) = ClockKind::parse(&row.try_get::<String, _>(1)?) else { return Ok(None) };
            Ok(Some(DeskClock {
                conversation: ConversationId::from(row.try_get::<String, _>(0)?),
                kind,
                warn_at: from_ms(row.try_get(2)?),
                due_at: from_ms(row.try_get(3)?),
                state: row.try_get(4)?,
            }))
        });
        clocks.filter_map(Result::transpose).collect()
    }

    /// Moves a clock on. Whether this call did it: several nodes may try, one tells.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_clock(&self, clock: &DeskClock, to: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE desk_clocks SET state = $1 WHERE conversation_id = $2 AND kind = $3 AND state = $4")
            .bind(to)
            .bind(clock.conversation.as_str())
            .bind(clock.kind.as_str())
            .bind(clock.state.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// How long the last fifty talks took, in seconds, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recent_talks(&self, now: Timestamp) -> Result<Vec<Talk>, StoreError> {
        let rows = sqlx::query("SELECT claimed_at, done_at FROM tickets WHERE done_at IS NOT NULL ORDER BY done_at DESC LIMIT 50")
            .fetch_all(&self.pool)
            .await?;
        let talks = rows.iter().map(|row| -> Result<Option<Talk>, StoreError> {
            let (from, until): (Option<i64>, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok(from.map(|from| Talk { took_s: (until - from) / 1000, ago_s: (now.as_millisecond() - until) / 1000 }))
        });
        talks.filter_map(Result::transpose).collect()
    }

    /// Who has come into the waiting list since then; who was handed on counts once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn came_since(&self, since: Timestamp, now: Timestamp) -> Result<Vec<Came>, StoreError> {
        let rows = sqlx::query(
            "SELECT queue, priority, language, due_at - waiting_since, $2 - waiting_since FROM tickets t WHERE waiting_since > $1 \
             AND NOT EXISTS (SELECT 1 FROM tickets n WHERE n.conversation_id = t.conversation_id AND n.id > t.id) \
             ORDER BY waiting_since DESC LIMIT 2000",
        )
        .bind(since.as_millisecond())
        .bind(now.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let seconds = |at| Ok::<i64, StoreError>(row.try_get::<i64, _>(at)? / 1000);
                Ok(Came {
                    queue: row.try_get(0)?,
                    priority: row.try_get(1)?,
                    language: row.try_get(2)?,
                    due_s: seconds(3)?,
                    ago_s: seconds(4)?,
                })
            })
            .collect()
    }

    /// Conversations that people have, each with its newest place in the waiting list.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taken(&self) -> Result<Vec<TakenRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.id, c.owner_of, t.customer_name, t.intent, t.queue, t.priority, t.claimed_at, t.market FROM conversations c \
             LEFT JOIN tickets t ON t.id = (SELECT MAX(n.id) FROM tickets n WHERE n.conversation_id = c.id) \
             WHERE c.owner = 'agent' ORDER BY c.id LIMIT 5000",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(TakenRow {
                    conversation: ConversationId::from(row.try_get::<String, _>(0)?),
                    agent: AgentId::from(row.try_get::<String, _>(1)?),
                    customer: row.try_get(2)?,
                    intent: row.try_get(3)?,
                    skill: row.try_get(4)?,
                    priority: row.try_get(5)?,
                    claimed_at: row.try_get::<Option<i64>, _>(6)?.map(from_ms),
                    market: row.try_get::<Option<String>, _>(7)?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// When this agent's last talk of a conversation was done, if it was the last of anybody's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_of(&self, conversation: &ConversationId, agent: &AgentId) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query(
            "SELECT claimed_by, done_at FROM tickets WHERE conversation_id = $1 AND claimed_by IS NOT NULL ORDER BY id DESC LIMIT 1",
        )
        .bind(conversation.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (by, done): (String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        Ok(done.filter(|_| by == agent.as_str()).map(from_ms))
    }

    /// Whether the customer was asked for a rating in this conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn was_asked_for_a_rating(&self, conversation: &ConversationId) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 FROM events WHERE conversation_id = $1 AND kind = 'rating_request' LIMIT 1")
            .bind(conversation.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }
}

/// A conversation that somebody has.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TakenRow {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who.
    pub agent: AgentId,
    /// First name of the customer, if known.
    pub customer: Option<String>,
    /// Intent.
    pub intent: Option<String>,
    /// The queue.
    pub skill: Option<String>,
    /// 0 (at once) to 4.
    pub priority: Option<i64>,
    /// Since when.
    pub claimed_at: Option<Timestamp>,
    /// Market; empty when the customer is not known.
    #[serde(skip)]
    pub market: String,
}
