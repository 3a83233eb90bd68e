//! The SIMULATED payment provider of the demo: takes what the outbox asks of a provider and answers with facts through the same intake
//! as a real one. It runs with `--demo` only, and every fact of it names `simulated-provider` as its source.

use super::Service;
use crate::domain::account::MethodStatus;
use crate::domain::ids::CustomerId;
use crate::store::StoreError;
use crate::store::outbox::Message;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// A debit is answered after a minute, a refund is on the customer's account after two days.
const DEBIT_TAKES: SignedDuration = SignedDuration::from_mins(1);
const REFUND_TAKES: SignedDuration = SignedDuration::from_hours(48);
/// Cards whose number ends like this are declined, so that a demo can show it.
const DECLINED: &str = "0002";
const PAGE: i64 = 500;

fn answer_at(message: &Message) -> Timestamp {
    let takes = if message.topic == "payment.debit" { DEBIT_TAKES } else { REFUND_TAKES };
    message.created_at.saturating_add(takes).unwrap_or(Timestamp::MAX)
}

impl Service {
    /// Has the simulated provider answer from now on.
    pub fn simulate_provider(&self) {
        self.simulated.store(true, Ordering::Relaxed);
        tracing::info!("a SIMULATED payment provider answers debits and refunds (demo)");
    }

    /// When it answers next.
    pub(super) async fn next_answer(&self) -> Result<Option<Timestamp>, StoreError> {
        if !self.simulated.load(Ordering::Relaxed) {
            return Ok(None);
        }
        Ok(self.store.outbox_unanswered(PAGE).await?.iter().map(answer_at).min())
    }

    /// Answers what is due by an instant, each at its own.
    pub(super) async fn answer_as_provider(&self, until: Timestamp) -> Result<(), StoreError> {
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
            tracing::info!(
                simulated = true,
                topic = message.topic,
                status = receipt.status,
                why = receipt.why,
                "the simulated provider answered"
            );
            // Killed in between, it answers again under the same id, which changes nothing.
            self.store.outbox_answered(&message.id, at).await?;
        }
        Ok(())
    }

    async fn answer_to(&self, message: &Message, at: Timestamp) -> Result<Value, StoreError> {
        let asked: Value = serde_json::from_str(&message.payload).unwrap_or(Value::Null);
        let (sort, data) = if message.topic == "payment.debit" {
            let customer = CustomerId::from(asked["customer"].as_str().unwrap_or_default());
            let account = self.store.account(&customer).await?;
            let method = account.iter().flat_map(|account| &account.customer.payment_methods).find(|method| method.is_default);
            let (result, class) = match method {
                Some(method) if method.status != MethodStatus::Active => ("hard_decline", Some("expired")),
                Some(method) if method.last4.as_deref() == Some(DECLINED) => ("soft_decline", Some("insufficient_funds")),
                Some(_) => ("succeeded", None),
                None => ("hard_decline", Some("blocked")),
            };
            let data = json!({"instalment": asked["instalment"], "result": result, "amount_minor": asked["amount_minor"],
                "currency": asked["currency"], "decline_class": class});
            ("payment.attempted", data)
        } else {
            ("refund.posted", json!({"refund": asked["refund"], "amount_minor": asked["amount_minor"], "currency": asked["currency"]}))
        };
        Ok(json!({"id": message.id, "source": "simulated-provider", "type": sort, "occurred_at": at, "data": data}))
    }
}
