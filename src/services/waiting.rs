//! What customers do while they wait for a person or talk to one: give up, ask to be called back; and the clock of the next answer.

use super::Service;
use crate::domain::conversation::Owner;
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::handoff;
use crate::domain::ids::ConversationId;
use crate::domain::market::Market;
use crate::domain::team::{ClockKind, Running};
use crate::store::unit::Write;
use crate::store::{Outcome, Row, StoreError, Unit};
use serde_json::json;
use std::sync::Arc;

/// Why a wish about waiting was refused.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// They don't wait for a person.
    #[error("this conversation is not waiting for a person")]
    NotWaiting,
    /// Nobody is there at that time.
    #[error("nobody is there at that time; choose one of the times that 'queue' names")]
    NobodyThen,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Service {
    /// The clock of the next answer, for what is said to a person.
    pub(super) fn answer_clock(&self, row: &Row, now: jiff::Timestamp) -> Option<Running> {
        let Owner::Agent(_) = &row.owner else { return None };
        let snapshot = self.queue.snapshot();
        let taken = snapshot.taken.iter().find(|taken| taken.conversation == row.id);
        let priority = taken.and_then(|taken| taken.priority).and_then(|priority| u8::try_from(priority).ok()).unwrap_or(4);
        let queue = taken.and_then(|taken| taken.skill.as_deref()).unwrap_or(handoff::QUEUES[0]);
        let market = Market::of(taken.map_or("", |taken| &taken.market));
        Some(self.catalog.current().teams.clock(ClockKind::NextAnswer, queue, priority, market, now))
    }

    /// The customer no longer wants to wait: the assistant takes over again.
    ///
    /// # Errors
    /// When they don't wait, or the store failed.
    pub async fn leave(self: &Arc<Self>, conversation: &ConversationId, frame_id: &str) -> Result<i64, WaitError> {
        let event = waiting_event("left", None, frame_id);
        let seq = self.waits(conversation, Write::Leave(event)).await?;
        self.greet_again(conversation.clone());
        Ok(seq)
    }

    /// The customer wants to be called back at one of the times that they were shown.
    ///
    /// # Errors
    /// When they don't wait, the time is none that was shown, or the store failed.
    pub async fn call_back(&self, conversation: &ConversationId, at: jiff::Timestamp, frame_id: &str) -> Result<i64, WaitError> {
        let ticket = self.store.newest_ticket(conversation).await?.filter(|ticket| ticket.state == "open").ok_or(WaitError::NotWaiting)?;
        let now = self.clock.now();
        let hours = self.catalog.current();
        let hours = hours.teams.hours(&ticket.queue, Market::of(&ticket.market));
        if at <= now || !hours.is_open(at) {
            return Err(WaitError::NobodyThen);
        }
        self.waits(conversation, Write::CallBack(waiting_event("callback", Some(at), frame_id), at)).await
    }

    async fn waits(&self, conversation: &ConversationId, write: Write) -> Result<i64, WaitError> {
        let row = self.row(conversation).await?.ok_or(WaitError::NotWaiting)?;
        let committed = self.commit(Unit { row, at: self.clock.now(), write }).await?;
        match committed.outcome {
            Outcome::Done { place } => Ok(place.seq),
            Outcome::Repeated { seq } => Ok(seq),
            Outcome::Refused(_) => Err(WaitError::NotWaiting),
            Outcome::Said { .. } | Outcome::Turned | Outcome::Stale => Err(WaitError::Store(StoreError::Closed)),
        }
    }
}

/// What the log says about waiting.
fn waiting_event(state: &str, at: Option<jiff::Timestamp>, frame_id: &str) -> NewEvent {
    let data = match at {
        Some(at) => json!({ "state": state, "at": at }),
        None => json!({ "state": state }),
    };
    NewEvent { by: Author::CUSTOMER, kind: EventKind::Handoff, data, key: Some(frame_id.to_owned()) }
}
