//! What moves a dispute: deadlines, the store's answers, money that came back. Everything adverse goes to a person.

use super::Course;
use crate::domain::account::{
    Account, Dispute, DisputeOutcome, DisputeReason, DisputeState, MerchantStatus, Order, Party, Product, ShipmentStatus, TellingKind,
};
use crate::domain::dispute::outbound;
use crate::domain::market::{Market, days_after};
use crate::domain::merchants::Merchants;
use crate::domain::plan;
use crate::domain::timer::{kept_by_itself, people_called};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

/// Days for the first answer of a store; Klarna v3: 14.
const EVIDENCE_DAYS: i32 = 14;
/// Days in which a person decides. Our target.
const REVIEW_DAYS: i32 = 15;
/// Most disputes of a customer that are decided for them without a person in twelve months. Our figure.
const AUTO_WINS_A_YEAR: usize = 2;
/// Most claims of non-receipt in six months that need no person. Our figure.
const NON_RECEIPTS_A_HALF_YEAR: usize = 3;

impl Course<'_> {
    /// The deadline of a dispute's state has passed.
    pub(super) fn deadline_passed(&mut self, id: &str) {
        let Some(dispute) = self.dispute(id).map(|dispute| dispute.clone()) else { return };
        let no = dispute.public_no.clone();
        match dispute.state {
            DisputeState::MerchantWindow => self.ask_store(&dispute),
            DisputeState::MerchantEvidenceRequested => match self.silence_decides(&dispute) {
                Ok(()) => self.close(id, DisputeOutcome::CustomerWonFull, dispute.disputed_minor, "R1", "the store did not answer in time"),
                Err(why) => {
                    self.review(id, "deadline_missed", &format!("the store did not answer in time, and R1 does not decide: {why}"));
                }
            },
            DisputeState::CustomerInfoRequested => self.review(id, "info_deadline_missed", "the customer did not answer in time"),
            DisputeState::PreliminaryDecision => match dispute.outcome {
                Some(outcome) => self.close(id, outcome, dispute.refund_minor, "appeal_window_elapsed", "nobody asked for a second look"),
                None => self.review(id, "appeal_window_elapsed", "the first decision has no outcome"),
            },
            DisputeState::UnderReview | DisputeState::AppealReview | DisputeState::FraudInvestigation => {
                let Some(deadline) = dispute.next_deadline_at.filter(|deadline| !people_called(&dispute, *deadline)) else { return };
                self.note_on(id, json!({"event": "escalated", "deadline": deadline}));
                let queue = if dispute.state == DisputeState::FraudInvestigation { "fraud" } else { "disputes" };
                self.call(&format!("{id}/{deadline}"), queue, 1, "deadline_passed", format!("Dispute {no}: our own deadline has passed."));
            }
            DisputeState::Draft | DisputeState::Closed => {}
        }
    }

    /// The window is over: the store is asked for evidence.
    fn ask_store(&mut self, dispute: &Dispute) {
        let due = self.end_in(EVIDENCE_DAYS);
        let (now, id) = (self.now, dispute.id.as_str());
        if let Some(dispute) = self.dispute(id) {
            dispute.requests.push(json!({"to": "merchant", "kind": "evidence", "requested_at": now, "due_at": due, "answered_at": null}));
            dispute.round += 1;
        }
        self.go(id, DisputeState::MerchantEvidenceRequested, Some((Party::Merchant, due)), "window_elapsed", "timer");
        self.send("merchant.evidence_requested", json!({"dispute": dispute.id, "public_no": dispute.public_no, "due_at": due}));
    }

    /// A person decides.
    pub(super) fn review(&mut self, id: &str, event: &str, why: &str) {
        let due = self.end_in(REVIEW_DAYS);
        let Some(no) = self.dispute(id).map(|dispute| dispute.public_no.clone()) else { return };
        self.go(id, DisputeState::UnderReview, Some((Party::Us, due)), event, "timer");
        self.call(
            &format!("{id}/{event}/{}", self.now),
            "disputes",
            2,
            "dispute_review",
            format!("Dispute {no} waits for a decision: {why}."),
        );
    }

    /// Moves a dispute, writes down why, and tells the customer.
    pub(super) fn go(&mut self, id: &str, to: DisputeState, next: Option<(Party, Timestamp)>, event: &str, by: &str) {
        let now = self.now;
        // What was promised about the deadline that ends here is kept by this step.
        let kept: Vec<String> = self
            .account
            .promises
            .iter()
            .filter(|promise| kept_by_itself(&self.account, promise))
            .map(|promise| promise.id.clone())
            .collect();
        for promise in self.account.promises.iter_mut().filter(|promise| promise.state == "open" && kept.contains(&promise.id)) {
            promise.state = "kept".into();
        }
        let Some(dispute) = self.dispute(id) else { return };
        let (from, number) = (dispute.state, dispute.public_no.clone());
        dispute.state = to;
        dispute.next_actor = next.map(|(party, _)| party);
        dispute.next_deadline_at = next.map(|(_, at)| at);
        dispute.events.push(json!({"at": now, "event": event, "by": by, "from": from, "to": to}));
        let moves = dispute.events.len();
        self.change("move_dispute", event, id, json!({"state": from}), json!({"state": to}));
        self.send("dispute.moved", json!({"dispute": id, "public_no": number, "from": from, "to": to, "event": event}));
        self.tell(TellingKind::DisputeMoved, id, &moves.to_string(), json!({"public_no": number}), None);
    }

    /// Closes a dispute and settles the money: a refund for what was decided for the customer, else the payments go on.
    pub(super) fn close(&mut self, id: &str, outcome: DisputeOutcome, refund_minor: i64, rule: &str, why: &str) {
        let Some((order, dispute)) = self.account.dispute(id).map(|(order, dispute)| (order.id.clone(), dispute.clone())) else { return };
        let now = self.now;
        if let Some(dispute) = self.dispute(id) {
            dispute.outcome = Some(outcome);
            dispute.refund_minor = refund_minor;
            dispute.closed_at = Some(now);
            dispute.events.push(json!({"at": now, "event": "decided", "by": "rule", "rule": rule, "why": why,
                "inputs": {"deadline": dispute.next_deadline_at, "disputed_minor": dispute.disputed_minor, "round": dispute.round}}));
        }
        self.go(id, DisputeState::Closed, None, rule, "rule");
        if refund_minor > 0 && outcome != DisputeOutcome::RefundedByMerchant {
            self.refund_by_rule(&order, refund_minor, &format!("dispute {}", dispute.public_no), rule);
        }
        self.resume(&order, &format!("dispute {} closed", dispute.public_no));
    }

    /// Payments go on, if something is left to pay and no other dispute holds them.
    pub(super) fn resume(&mut self, order: &str, why: &str) {
        let (today, market) = (self.market.date(self.now), self.market);
        let Some(found) = self.order(order) else { return };
        if crate::domain::dispute::open_dispute(found).is_some() {
            return;
        }
        let Some(plan) = found.plan.as_mut().filter(|plan| plan.is_paused()) else { return };
        let (id, moved) = (plan.id.clone(), plan::resume(plan, today, market));
        for (instalment, old, new) in &moved {
            let adjustment = self.adjust(&id, "resume", "pause_ended", why);
            adjustment.instalment = Some(instalment.clone());
            adjustment.old_due_on = Some(*old);
            adjustment.new_due_on = Some(*new);
        }
        if !moved.is_empty() {
            self.change("resume_plan", "pause_ended", &id, json!({"status": "paused"}), json!({"status": "active"}));
        }
    }

    /// Writes something down in a dispute without moving it.
    pub(super) fn note_on(&mut self, id: &str, mut event: Value) {
        event["at"] = json!(self.now);
        if let Some(dispute) = self.dispute(id) {
            dispute.events.push(event);
        }
    }

    fn end_in(&self, days: i32) -> Timestamp {
        self.market.end_of(days_after(self.market.date(self.now), days))
    }

    fn silence_decides(&self, dispute: &Dispute) -> Result<(), &'static str> {
        let Some((order, _)) = self.account.dispute(&dispute.id) else { return Err("its order is gone") };
        if !matches!(dispute.reason, DisputeReason::GoodsNotReceived | DisputeReason::ReturnRefundMissing) {
            return Err("only claims about missing goods and missing refunds are decided by silence");
        }
        if !dispute.evidence.is_empty() {
            return Err("there is evidence");
        }
        if dispute.reason == DisputeReason::GoodsNotReceived && outbound(order).any(|parcel| parcel.status == ShipmentStatus::Delivered) {
            return Err("the carrier says that it was delivered");
        }
        may_decide(&self.account, order, dispute, self.market, self.merchants, self.now)
    }
}

/// Whether a rule may decide for the customer without a person: DOMAIN's list of what is never automatic.
pub(super) fn may_decide(
    account: &Account,
    order: &Order,
    dispute: &Dispute,
    market: &Market,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<(), &'static str> {
    if dispute.disputed_minor > market.claim_cap_minor {
        return Err("the amount is above the cap");
    }
    if dispute.reason == DisputeReason::UnauthorisedPurchase || dispute.sub_reason.as_deref() == Some("counterfeit") {
        return Err("this reason is always decided by a person");
    }
    if account.customer.flags.iter().any(|flag| ["dispute_abuse", "vulnerability", "fraud_watch"].contains(&flag.as_str())) {
        return Err("a flag on the account asks for a person");
    }
    if account.cases.iter().any(|case| case.kind == "complaint" && case.state == "open") {
        return Err("a complaint is open");
    }
    if merchants.get(&order.merchant).is_some_and(|merchant| merchant.status == MerchantStatus::Insolvent) {
        return Err("the store is insolvent");
    }
    if order.plan.as_ref().is_some_and(|plan| plan.product == Product::Financing) && order.total_minor > 100_000 {
        return Err("financing above the limit");
    }
    let all = || account.customer.orders.iter().flat_map(|order| &order.disputes);
    let since = |days: i32| now - (i64::from(days) * 24).hours();
    let wins = all().filter(|won| {
        won.closed_at.is_some_and(|at| at >= since(365))
            && won.outcome == Some(DisputeOutcome::CustomerWonFull)
            && won.events.iter().any(|event| event["event"] == "decided" && event["by"] == "rule")
    });
    if wins.count() >= AUTO_WINS_A_YEAR {
        return Err("two disputes of this customer were decided without a person this year");
    }
    let missing = all().filter(|claim| claim.reason == DisputeReason::GoodsNotReceived && claim.opened_at >= since(183));
    if missing.count() > NON_RECEIPTS_A_HALF_YEAR {
        return Err("more than three claims of non-receipt in half a year");
    }
    Ok(())
}
