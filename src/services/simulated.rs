//! The SIMULATED payment provider and carrier of the demo: they take what the outbox asks of them and answer with facts through the same
//! intake as real ones. They run with `--demo` only, and every fact names `simulated-provider` or `simulated-carrier` as its source.

use super::Service;
use crate::domain::account::MethodStatus;
use crate::domain::ids::CustomerId;
use crate::store::StoreError;
use crate::store::outbox::Message;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

const PROVIDER: &str = "simulated-provider";
const CARRIER: &str = "simulated-carrier";
/// A debit is answered after a minute, a refund is on the customer's account after two days.
const DEBIT_TAKES: SignedDuration = SignedDuration::from_mins(1);
const REFUND_TAKES: SignedDuration = SignedDuration::from_hours(48);
/// A return is at the store after three days, a late parcel is found after two.
const RETURN_TAKES: SignedDuration = SignedDuration::from_hours(72);
const TRACE_TAKES: SignedDuration = SignedDuration::from_hours(48);
/// Cards whose number ends like this are declined, and parcels whose tracking number contains that are lost, so that a demo can show it.
const DECLINED: &str = "0002";
const LOST: &str = "0404";
const PAGE: i64 = 500;

fn answer_at(message: &Message) -> Timestamp {
    let takes = match message.topic.as_str() {
        "payment.debit" => DEBIT_TAKES,
        "carrier.watch" => RETURN_TAKES,
        "carrier.trace" => TRACE_TAKES,
        _ => REFUND_TAKES,
    };
    message.created_at.saturating_add(takes).unwrap_or(Timestamp::MAX)
}

impl Service {
    /// Has the simulated provider and carrier answer from now on.
    pub fn simulate_others(&self) {
        self.simulated.store(true, Ordering::Relaxed);
        tracing::info!("a SIMULATED payment provider answers debits and refunds, a SIMULATED carrier what is asked about parcels (demo)");
    }

    /// When one of them answers next.
    pub(super) async fn next_simulated(&self) -> Result<Option<Timestamp>, StoreError> {
        if !self.simulated.load(Ordering::Relaxed) {
            return Ok(None);
        }
        Ok(self.store.outbox_unanswered(PAGE).await?.iter().map(answer_at).min())
    }

    /// Answers what is due by an instant, each at its own.
    pub(super) async fn answer_simulated(&self, until: Timestamp) -> Result<(), StoreError> {
        if !self.simulated.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut due: Vec<(Timestamp, Message)> =
            self.store.outbox_unanswered(PAGE).await?.into_iter().map(|message| (answer_at(&message), message)).collect();
        due.retain(|(at, _)| *at <= until);
        due.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        for (at, message) in due {
            let event = self.answer_to(&message, at).await?;
            let receipt = self.take_in(&event, at).await?;
            tracing::info!(simulated = true, topic = message.topic, status = receipt.status, why = receipt.why, "a simulated answer came");
            // Killed in between, it answers again under the same id, which changes nothing.
            self.store.outbox_answered(&message.id, at).await?;
        }
        Ok(())
    }

    async fn answer_to(&self, message: &Message, at: Timestamp) -> Result<Value, StoreError> {
        let asked: Value = serde_json::from_str(&message.payload).unwrap_or(Value::Null);
        let (source, sort, data) = match message.topic.as_str() {
            "payment.debit" => (PROVIDER, "payment.attempted", self.debited(&asked).await?),
            "carrier.watch" | "carrier.trace" => {
                let lost = asked["tracking_no"].as_str().is_some_and(|number| number.contains(LOST));
                (CARRIER, "shipment.scan", json!({"shipment": asked["shipment"], "code": if lost { "lost" } else { "delivered" }}))
            }
            _ => {
                let data = json!({"refund": asked["refund"], "amount_minor": asked["amount_minor"], "currency": asked["currency"]});
                (PROVIDER, "refund.posted", data)
            }
        };
        Ok(json!({"id": message.id, "source": source, "type": sort, "occurred_at": at, "data": data}))
    }

    /// What comes of a debit: the card decides.
    async fn debited(&self, asked: &Value) -> Result<Value, StoreError> {
        let customer = CustomerId::from(asked["customer"].as_str().unwrap_or_default());
        let account = self.store.account(&customer).await?;
        let method = account.iter().flat_map(|account| &account.customer.payment_methods).find(|method| method.is_default);
        let (result, class) = match method {
            Some(method) if method.status != MethodStatus::Active => ("hard_decline", Some("expired")),
            Some(method) if method.last4.as_deref() == Some(DECLINED) => ("soft_decline", Some("insufficient_funds")),
            Some(_) => ("succeeded", None),
            None => ("hard_decline", Some("blocked")),
        };
        Ok(json!({"instalment": asked["instalment"], "result": result, "amount_minor": asked["amount_minor"],
            "currency": asked["currency"], "decline_class": class}))
    }
}
