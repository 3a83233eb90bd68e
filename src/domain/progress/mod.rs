//! What facts and timers do to an account. Pure: an account and something that happened give the next account, what other systems
//! must do, and whom to call; or the reason why nothing changes. Out of order, twice or too late: each ends in a defined state.

mod disputes;
mod facts;
mod money;
mod ring;

pub use disputes::{act, file, hand_in, refuse_offer};
pub use facts::take;
pub use ring::ring;

use super::account::{Account, Adjustment, Dispute, Order, Plan, Telling, TellingKind, TellingState};
use super::ids::IdMaker;
use super::market::Market;
use super::merchants::Merchants;
use super::timer::awake;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What a step may look at besides the account.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// All stores.
    pub merchants: &'a Merchants,
    /// Now: for a timer its own due instant, however late it runs.
    pub now: Timestamp,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happenings {
    /// The account as it becomes; its `version` is the one that was read.
    pub account: Account,
    /// What changed: `{action, rule_id, subject, before, after}`.
    pub changes: Vec<Value>,
    /// What other systems must do or know: topic and payload.
    pub outbox: Vec<(String, Value)>,
    /// Whom to call.
    pub calls: Vec<PersonCall>,
}

/// Something that a person must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCall {
    /// The same matter has the same key.
    pub key: String,
    /// The queue.
    pub queue: &'static str,
    /// 0 (at once) to 4.
    pub priority: u8,
    /// Short code.
    pub reason: &'static str,
    /// What it is about, in a sentence for the desk.
    pub summary: String,
}

/// Why a fact changed nothing, in words for its sender. It is kept all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmoved(pub String);

/// An account on its way from one state to the next.
struct Course<'a> {
    account: Account,
    merchants: &'a Merchants,
    market: &'static Market,
    now: Timestamp,
    /// When what moves it happened; for a timer that is now.
    happened: Timestamp,
    ids: IdMaker,
    changes: Vec<Value>,
    outbox: Vec<(String, Value)>,
    calls: Vec<PersonCall>,
}

impl<'a> Course<'a> {
    /// New ids follow from the customer, what moves the account and its version, so that a replay makes the same ones.
    fn new(account: &Account, ground: Ground<'a>, cause: &str) -> Self {
        let customer = account.customer.id.as_str();
        Self {
            ids: IdMaker::new(&[customer, cause, &ground.now.to_string(), &account.version.to_string()]),
            market: Market::of(&account.customer.market),
            account: account.clone(),
            merchants: ground.merchants,
            now: ground.now,
            happened: ground.now,
            changes: Vec::new(),
            outbox: Vec::new(),
            calls: Vec::new(),
        }
    }

    fn end(self) -> Happenings {
        Happenings { account: self.account, changes: self.changes, outbox: self.outbox, calls: self.calls }
    }

    fn order(&mut self, id: &str) -> Option<&mut Order> {
        self.account.customer.orders.iter_mut().find(|order| order.id == id)
    }

    fn plan(&mut self, order: &str) -> Option<&mut Plan> {
        self.order(order)?.plan.as_mut()
    }

    fn dispute(&mut self, id: &str) -> Option<&mut Dispute> {
        self.account.customer.orders.iter_mut().find_map(|order| order.disputes.iter_mut().find(|dispute| dispute.id == id))
    }

    fn change(&mut self, action: &str, rule: &str, subject: &str, before: Value, after: Value) {
        self.changes.push(json!({"action": action, "rule_id": rule, "subject": subject, "before": before, "after": after}));
    }

    fn send(&mut self, topic: &str, payload: Value) {
        self.outbox.push((topic.to_owned(), payload));
    }

    fn call(&mut self, key: &str, queue: &'static str, priority: u8, reason: &'static str, summary: String) {
        self.calls.push(PersonCall { key: key.to_owned(), queue, priority, reason, summary });
    }

    fn adjust(&mut self, plan: &str, kind: &str, rule: &str, reason: &str) -> &mut Adjustment {
        let id = self.ids.id("adj");
        self.account.adjustments.push(Adjustment {
            id,
            plan: plan.to_owned(),
            instalment: None,
            kind: kind.to_owned(),
            old_due_on: None,
            new_due_on: None,
            amount_minor: 0,
            reason: reason.to_owned(),
            rule_id: rule.to_owned(),
            requested_by: "system".into(),
            created_at: self.now,
        });
        let last = self.account.adjustments.len() - 1;
        &mut self.account.adjustments[last]
    }

    /// Something the customer should hear unasked. `occasion` tells two tellings of one kind and subject apart; one with the same
    /// id is never made again, and a newer one of the same kind and subject takes the place of one that was not said yet.
    fn tell(&mut self, kind: TellingKind, subject: &str, occasion: &str, data: Value, until: Option<Timestamp>) {
        let name = kind.wording().trim_start_matches("told_");
        let id = if occasion.is_empty() { format!("{name}/{subject}") } else { format!("{name}/{subject}/{occasion}") };
        if self.account.tellings.iter().any(|telling| telling.id == id) {
            return;
        }
        for older in &mut self.account.tellings {
            if older.kind == kind && older.subject == subject && matches!(older.state, TellingState::Pending | TellingState::Waiting) {
                older.state = TellingState::Dropped;
            }
        }
        let unwanted = self.account.customer.quiet || (kind.is_about_debt() && self.account.is_sheltered());
        self.account.tellings.push(Telling {
            id,
            kind,
            subject: subject.to_owned(),
            data,
            made_at: self.now,
            not_before: awake(self.market, self.now),
            until,
            state: if unwanted { TellingState::Dropped } else { TellingState::Pending },
            told_at: None,
        });
    }

    fn store_name(&self, order: &str) -> String {
        let merchant = self.account.order(order).map_or("", |order| order.merchant.as_str());
        self.merchants.name(merchant).to_owned()
    }
}

#[cfg(test)]
mod tests;
