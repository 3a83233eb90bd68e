//! What nodes of one database hear of each other: alerts for desks, and sessions that were ended elsewhere. They share nothing but the
//! database, and each looks there whenever it looks at the floor, every few seconds at least.

use super::Service;
use crate::domain::time;
use crate::store::StoreError;
use crate::store::alerts::Alert;
use jiff::Timestamp;

impl Service {
    /// Tells desks something that they should notice at once: those of this node now, those of other nodes when these look next, within
    /// seconds. It is in the list, too, so an alert that cannot be stored is no loss.
    pub(super) async fn tell_desks(&self, alert: Alert) {
        if let Err(error) = self.store.leave_alert(&alert, &self.node, time::wall()).await {
            tracing::error!(%error, "desks of other nodes could not be alerted");
        }
        self.hub.alert(alert);
    }

    /// Hears what other nodes have noticed and ended.
    pub(super) async fn hear_other_nodes(&self, wall: Timestamp) -> Result<(), StoreError> {
        self.hear_alerts(wall).await?;
        self.hear_ends(wall).await
    }

    /// Tells the desks of this node what other nodes have noticed.
    async fn hear_alerts(&self, wall: Timestamp) -> Result<(), StoreError> {
        let found = self.store.alerts_of_others(&self.node, wall).await?;
        let mut heard = self.heard.lock().await;
        heard.retain(|id| found.iter().any(|(other, _)| other == id));
        for (id, alert) in found {
            if heard.insert(id) {
                self.hub.alert(alert);
            }
        }
        Ok(())
    }

    /// Sockets close whose session is over: ended at another node, by a new password, or by its time. What is compared is what is stored
    /// now, not a message about it, so no end can be missed.
    async fn hear_ends(&self, wall: Timestamp) -> Result<(), StoreError> {
        let open = self.hub.open_sessions();
        if open.is_empty() {
            return Ok(());
        }
        let live = self.store.live_sessions(wall).await?;
        if open.iter().any(|hash| !live.contains(hash)) {
            self.hub.sessions_changed();
        }
        Ok(())
    }
}
