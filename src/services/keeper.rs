//! The keeper of time: rings the timers that are due, each at its own instant and in due order, whatever the clock has jumped over.
//!
//! It wakes at the next due instant, when an account changes, and when the clock moves. Several nodes may ring: the fence of the
//! account lets exactly one of them through.

use super::Service;
use super::intake::changed;
use crate::domain::ids::CustomerId;
use crate::domain::progress::{Ground, ring};
use crate::domain::timer::{Timer, TimerKind};
use crate::store::{Changed, StoreError};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long it sleeps at most: other nodes ring no bell here.
const MOST: Duration = Duration::from_secs(3);
/// What changes at the same moment is looked at once.
const GATHER: Duration = Duration::from_millis(20);
/// How many timers one query gives.
const PAGE: i64 = 256;
/// How often a change is tried again when somebody moved first.
pub(super) const TRIES: usize = 16;

impl Service {
    /// Keeps the time until `stop`.
    pub async fn keep_time(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = self.catch_up().await {
                tracing::error!(%error, "timers could not be run; they are tried again in a few seconds");
                tokio::select! {
                    () = tokio::time::sleep(MOST) => continue,
                    () = stop.cancelled() => return,
                }
            }
            let wait = match self.next_instant().await {
                Ok(Some(at)) => Duration::try_from(at.duration_since(self.clock.now())).unwrap_or(GATHER).clamp(GATHER, MOST),
                Ok(None) | Err(_) => MOST,
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.hub.accounts_bell.notified() => tokio::time::sleep(GATHER).await,
                () = stop.cancelled() => return,
            }
        }
    }

    /// Runs everything that is due by the server's clock: timers, and in the demo the answers of the simulated provider and carrier, in the order of
    /// their own instants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.keeping.lock().await;
        let now = self.clock.now();
        let mut failed = HashSet::new();
        let mut last = None;
        while let Some(at) = self.next_instant().await?.filter(|at| *at <= now) {
            if last == Some(at) && !failed.is_empty() {
                // What could not be run stays first in the row; the rest is run without waiting for it.
                self.run_timers(now, &mut failed).await?;
                self.answer_simulated(now).await?;
                break;
            }
            last = Some(at);
            self.run_timers(at, &mut failed).await?;
            self.answer_simulated(at).await?;
        }
        Ok(())
    }

    /// When something is due next: a timer, or a simulated answer.
    async fn next_instant(&self) -> Result<Option<Timestamp>, StoreError> {
        let timer = self.store.next_timer().await?;
        let answer = self.next_simulated().await?;
        Ok([timer, answer].into_iter().flatten().min())
    }

    /// Rings every timer that is due by an instant: in order for each customer, side by side for different ones.
    async fn run_timers(&self, until: Timestamp, failed: &mut HashSet<CustomerId>) -> Result<(), StoreError> {
        loop {
            let mut firsts = Vec::new();
            let mut busy: HashSet<CustomerId> = failed.clone();
            for (customer, timer) in self.store.due_timers(until, PAGE).await? {
                if busy.insert(customer.clone()) {
                    firsts.push((customer, timer));
                }
            }
            if firsts.is_empty() {
                return Ok(());
            }
            let rung = join_all(firsts.iter().map(|(customer, timer)| self.run_timer(customer, timer))).await;
            for ((customer, timer), result) in firsts.iter().zip(rung) {
                if let Err(error) = result {
                    tracing::error!(customer.id = %customer, timer = ?timer, %error, "a timer could not be run; it is tried again");
                    failed.insert(customer.clone());
                }
            }
        }
    }

    async fn run_timer(&self, customer: &CustomerId, timer: &Timer) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let Some(account) = self.store.account(customer).await?.map(Arc::new) else {
                return self.store.derive_again(customer).await;
            };
            if timer.kind == TimerKind::Tell && self.tell_in_chat(&account, timer).await? {
                return Ok(());
            }
            let merchants = self.merchants.load();
            let Some(happened) = ring(&account, timer, Ground { merchants: &merchants, now: timer.due_at }) else {
                // The row is older than the account, or than the rules.
                return self.store.derive_again(customer).await;
            };
            metrics::counter!("redress_timers_total", "kind" => timer.kind.as_str()).increment(1);
            match self.store.change(changed(&account, happened, timer.due_at, None)).await? {
                Changed::Done | Changed::Repeated(_) => return Ok(()),
                Changed::Stale => {}
            }
        }
        tracing::warn!(customer.id = %customer, timer = ?timer, "a timer was overtaken {TRIES} times; it is tried again");
        Ok(())
    }
}
