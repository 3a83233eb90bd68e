//! The sweep: finishes turns that a crash or an error cut short, and wakes conversations whose reminder is due.

use super::Service;
use super::think::Heard;
use crate::dialog::Level;
use crate::store::StoreError;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(3);
/// How many conversations one query gives.
const PAGE: i64 = 200;

impl Service {
    /// Sweeps at once and then every few seconds, until `stop`.
    pub async fn keep_sweeping(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::error!(%error, "the sweep failed; it tries again in a few seconds");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// One sweep over everything that waits: takes up parked facts, runs timers, answers what is unanswered, then wakes what is due by the server's clock.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        self.apply_parked().await?;
        self.catch_up().await?;
        let mut after = String::new();
        loop {
            let page = self.store.unanswered(&after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.to_string();
            for conversation in &page {
                self.advance(conversation, None).await?;
            }
        }
        // One that stays due (nobody could wake it) must not keep the sweep here.
        let mut woken = HashSet::new();
        loop {
            let due = self.store.due(self.clock.now(), PAGE).await?;
            let fresh: Vec<_> = due.into_iter().filter(|conversation| !woken.contains(conversation)).collect();
            if fresh.is_empty() {
                return Ok(());
            }
            for conversation in fresh {
                self.wake(&conversation).await?;
                woken.insert(conversation);
            }
        }
    }

    async fn wake(&self, conversation: &crate::domain::ids::ConversationId) -> Result<(), StoreError> {
        // What this node remembers may be older than what made the conversation due.
        let Some(row) = self.store.conversation(conversation).await?.map(Arc::new) else { return Ok(()) };
        self.hub.remember_row(Arc::clone(&row));
        if row.owner == crate::domain::conversation::Owner::Bot && row.wake_at.is_some_and(|at| at <= self.clock.now()) {
            return self.advance(conversation, Some((Heard::Silence, Level(0)))).await;
        }
        Ok(())
    }
}
