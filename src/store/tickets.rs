//! Places in the waiting list, and the clocks that run for them, inside the writer's transaction.

use super::StoreError;
use super::decide::TicketChange;
use super::unit::Ticket;
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::team::{ClockKind, Running};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Stores a place in the waiting list.
pub(super) async fn put(tx: &mut AnyConnection, conversation: &ConversationId, ticket: &Ticket) -> Result<(), StoreError> {
    let (reserved, until) = ticket.reserved.as_ref().map_or((None, None), |(agent, until)| (Some(agent), Some(until.as_millisecond())));
    sqlx::query(
        "INSERT INTO tickets (id, conversation_id, queue, priority, reason, intent, customer_name, preview, packet, waiting_since, due_at, \
         state, language, market, reserved, reserved_until, not_before) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12, $13, $14, $15, $16)",
    )
    .bind(ticket.id.as_str())
    .bind(conversation.as_str())
    .bind(ticket.queue.as_str())
    .bind(i64::from(ticket.priority))
    .bind(ticket.reason.as_str())
    .bind(ticket.intent.as_deref())
    .bind(ticket.customer_name.as_deref())
    .bind(ticket.preview.as_str())
    .bind(ticket.packet.as_str())
    .bind(ticket.waiting_since.as_millisecond())
    .bind(ticket.due_at.as_millisecond())
    .bind(ticket.language.as_str())
    .bind(ticket.market.as_str())
    .bind(reserved.map(AgentId::as_str))
    .bind(until)
    .bind(ticket.not_before.map(Timestamp::as_millisecond))
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Applies what happens to the place that a conversation has.
pub(super) async fn change(tx: &mut AnyConnection, id: &ConversationId, change: &TicketChange, at: Timestamp) -> Result<(), StoreError> {
    match change {
        TicketChange::None => {}
        TicketChange::Claimed(agent) => claim(tx, id, agent, at).await?,
        TicketChange::Done(code) => {
            sqlx::query(
                "UPDATE tickets SET state = 'done', done_at = $1, code = $2, offered_to = NULL, offer_until = NULL \
                 WHERE conversation_id = $3 AND state <> 'done'",
            )
            .bind(at.as_millisecond())
            .bind(code.as_deref())
            .bind(id.as_str())
            .execute(&mut *tx)
            .await?;
        }
        TicketChange::Reopened(agent) => {
            claim(tx, id, agent, at).await?;
            sqlx::query(
                "UPDATE tickets SET state = 'claimed', done_at = NULL, code = NULL WHERE conversation_id = $1 AND claimed_by = $2 \
                 AND NOT EXISTS (SELECT 1 FROM tickets o WHERE o.conversation_id = $1 AND o.state = 'claimed') \
                 AND id = (SELECT MAX(n.id) FROM tickets n WHERE n.conversation_id = $1)",
            )
            .bind(id.as_str())
            .bind(agent.as_str())
            .execute(&mut *tx)
            .await?;
        }
        TicketChange::Woken => {
            sqlx::query("UPDATE tickets SET not_before = NULL WHERE conversation_id = $1 AND state = 'open' AND callback = 0")
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
        }
        TicketChange::CallBack(when) => {
            sqlx::query(
                "UPDATE tickets SET not_before = $1, due_at = $1, callback = 1, offered_to = NULL, offer_until = NULL \
                 WHERE conversation_id = $2 AND state = 'open'",
            )
            .bind(when.as_millisecond())
            .bind(id.as_str())
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

async fn claim(tx: &mut AnyConnection, id: &ConversationId, agent: &AgentId, at: Timestamp) -> Result<(), StoreError> {
    // An open place is taken; one that a leader takes over changes hands.
    sqlx::query(
        "UPDATE tickets SET state = 'claimed', claimed_by = $1, claimed_at = $2, offered_to = NULL, offer_until = NULL, not_before = NULL \
         WHERE conversation_id = $3 AND state IN ('open', 'claimed')",
    )
    .bind(agent.as_str())
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(&mut *tx)
    .await?;
    // Whoever takes something is there and well.
    sqlx::query("UPDATE presence SET missed = 0 WHERE agent_id = $1").bind(agent.as_str()).execute(&mut *tx).await?;
    Ok(())
}

/// Starts clocks; one that runs already goes on.
pub(super) async fn start(tx: &mut AnyConnection, id: &ConversationId, clocks: &[Running], at: Timestamp) -> Result<(), StoreError> {
    for clock in clocks {
        sqlx::query(
            "INSERT INTO desk_clocks (conversation_id, kind, started_at, warn_at, due_at, state) VALUES ($1, $2, $3, $4, $5, 'running') \
             ON CONFLICT (conversation_id, kind) DO UPDATE SET started_at = excluded.started_at, warn_at = excluded.warn_at, \
             due_at = excluded.due_at, state = 'running', ended_at = NULL WHERE desk_clocks.state IN ('kept', 'missed')",
        )
        .bind(id.as_str())
        .bind(clock.kind.as_str())
        .bind(at.as_millisecond())
        .bind(clock.warn_at.as_millisecond())
        .bind(clock.due_at.as_millisecond())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Ends clocks.
pub(super) async fn stop(tx: &mut AnyConnection, id: &ConversationId, kinds: &[ClockKind], at: Timestamp) -> Result<(), StoreError> {
    for kind in kinds {
        sqlx::query(
            "UPDATE desk_clocks SET state = CASE WHEN due_at < $1 THEN 'missed' ELSE 'kept' END, ended_at = $1 \
             WHERE conversation_id = $2 AND kind = $3 AND state IN ('running', 'warned', 'breached')",
        )
        .bind(at.as_millisecond())
        .bind(id.as_str())
        .bind(kind.as_str())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
