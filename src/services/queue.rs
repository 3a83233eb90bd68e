//! The waiting list as everybody sees it: desks get the whole list, each waiting customer their position and an estimate.
//!
//! Estimate of the wait: people before you, times eight minutes a talk, shared among those on duty (at least one).

use super::Service;
use crate::domain::conversation::Owner;
use crate::domain::ids::ConversationId;
use crate::store::desk::Waiting;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Seconds that a talk takes, for the estimate.
const TALK_SECONDS: u64 = 480;
/// Changes within this time are shown together.
const GATHER: Duration = Duration::from_millis(40);

/// The waiting list at one instant.
#[derive(Debug, Default, Serialize)]
pub struct Snapshot {
    /// In the order to be taken.
    pub waiting: Vec<Waiting>,
    /// Conversations that people have.
    pub taken: Vec<Taken>,
    /// How many people are on duty.
    pub on_duty: usize,
}

/// A conversation that somebody has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Taken {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who.
    pub agent: crate::domain::ids::AgentId,
    /// First name of the customer, if known.
    pub customer: Option<String>,
    /// Intent.
    pub intent: Option<String>,
    /// Since when.
    pub claimed_at: Option<Timestamp>,
}

/// The newest snapshot, and a bell for its readers.
pub struct Queue {
    newest: ArcSwap<Snapshot>,
    bell: watch::Sender<u64>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { newest: ArcSwap::default(), bell: watch::Sender::new(0) }
    }
}

impl Queue {
    /// The list as it stands.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.newest.load_full()
    }

    /// Moves with every new snapshot.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// Position (1 = next) and estimated wait of a conversation.
    pub fn place_of(&self, conversation: &ConversationId) -> Option<(usize, u64)> {
        let snapshot = self.newest.load();
        let index = snapshot.waiting.iter().position(|waiting| &waiting.conversation == conversation)?;
        Some((index + 1, estimate(index, snapshot.on_duty)))
    }
}

/// Seconds until somebody is free for the one at `index`.
fn estimate(index: usize, on_duty: usize) -> u64 {
    let rounds = index / on_duty.max(1) + usize::from(on_duty == 0);
    TALK_SECONDS * rounds as u64 + 60
}

impl Service {
    /// Keeps the list fresh until `stop`.
    pub async fn keep_queue(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = self.refresh_queue().await {
                tracing::error!(%error, "the waiting list could not be read; it is tried again with the next change");
            }
            tokio::select! {
                () = self.hub.queue_bell.notified() => tokio::time::sleep(GATHER).await,
                // Other nodes ring no bell here.
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Reads the list and tells everybody whose place has changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_queue(&self) -> Result<(), crate::store::StoreError> {
        let waiting = self.store.waiting().await?;
        let mut taken = Vec::new();
        for row in self.store.conversations_with_agents().await? {
            let Owner::Agent(agent) = &row.owner else { continue };
            let ticket = self.store.newest_ticket(&row.id).await?;
            taken.push(Taken {
                conversation: row.id.clone(),
                agent: agent.clone(),
                customer: ticket.as_ref().and_then(|ticket| ticket.customer.clone()),
                intent: ticket.as_ref().and_then(|ticket| ticket.intent.clone()),
                claimed_at: ticket.and_then(|ticket| ticket.claimed_at),
            });
        }
        let old = self.queue.snapshot();
        let new = Snapshot { waiting, taken, on_duty: self.hub.on_duty() };
        if old.waiting == new.waiting && old.taken == new.taken && old.on_duty == new.on_duty {
            return Ok(());
        }
        metrics::gauge!("redress_waiting").set(new.waiting.len() as f64);
        for (index, waiting) in new.waiting.iter().enumerate() {
            if let Some(room) = self.hub.room(&waiting.conversation) {
                room.signal(|signals| signals.queue = Some((index + 1, estimate(index, new.on_duty))));
            }
        }
        let still: HashSet<&ConversationId> = new.waiting.iter().map(|waiting| &waiting.conversation).collect();
        for gone in old.waiting.iter().filter(|waiting| !still.contains(&waiting.conversation)) {
            if let Some(room) = self.hub.room(&gone.conversation) {
                room.signal(|signals| signals.queue = None);
            }
        }
        self.queue.newest.store(Arc::new(new));
        self.queue.bell.send_modify(|count| *count += 1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_people_on_duty_shorten_the_wait_and_nobody_on_duty_is_not_forever() {
        assert_eq!(estimate(0, 1), 60);
        assert_eq!(estimate(4, 1), 60 + 4 * TALK_SECONDS);
        assert_eq!(estimate(4, 4), 60 + TALK_SECONDS);
        assert_eq!(estimate(0, 0), 60 + TALK_SECONDS);
    }
}
