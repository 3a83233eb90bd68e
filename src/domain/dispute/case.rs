//! A dispute as the person who decides sees it: both sides, what the facts speak for, what can be done, and what the customer reads.

use super::machine::{Actor, Event, possible, state_name};
use super::rules::{advice, may_decide};
use super::{Detail, reason_text, state_text};
use crate::domain::account::{Account, Dispute, DisputeOutcome, Order};
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::merchants::Merchants;
use jiff::Timestamp;
use serde_json::{Value, json};

/// One line of the desk's list.
pub fn entry(account: &Account, order: &Order, dispute: &Dispute, merchants: &Merchants) -> Value {
    json!({"id": dispute.id, "public_no": dispute.public_no, "customer": account.customer.id, "customer_name": account.customer.given_name,
        "merchant": merchants.name(&order.merchant), "order_ref": order.r#ref, "reason": dispute.reason, "state": dispute.state,
        "disputed_minor": dispute.disputed_minor, "currency": order.currency, "opened_at": dispute.opened_at,
        "due_at": dispute.next_deadline_at, "next_actor": dispute.next_actor})
}

/// Everything about it, for the one who decides.
pub fn case(account: &Account, order: &Order, dispute: &Dispute, merchants: &Merchants, market: &Market, now: Timestamp) -> Value {
    let language = Language::of(&account.customer.locale);
    let merchant = merchants.name(&order.merchant);
    let submitted = dispute.events.iter().find(|event| ["submit", "report_unauthorised"].contains(&event["event"].as_str().unwrap_or("")));
    let of = |party: &'static str| dispute.evidence.iter().filter(move |evidence| evidence["party"] == party).collect::<Vec<_>>();
    let answers: Vec<Value> = dispute
        .events
        .iter()
        .filter(|event| event["by"] == "customer" && event["text"].is_string())
        .map(|event| json!({"at": event["at"], "text": event["text"]}))
        .collect();
    let speaks = advice(order, dispute).map(|advice| {
        json!({"outcome": advice.outcome, "detail": advice.detail, "text": advice.detail.text(Language::English), "because": advice.because})
    });
    let alone = may_decide(account, order, dispute, merchants.get(&order.merchant), market, now).err();
    let mut shown = entry(account, order, dispute, merchants);
    let more = json!({
        "round": dispute.round,
        "framework": dispute.framework,
        "outcome": dispute.outcome,
        "refund_minor": dispute.refund_minor,
        "refunded_minor": dispute.refunded_minor(),
        "minor_digits": order.currency.exponent(),
        "reopened_from": dispute.reopened_from,
        "flags": account.customer.flags,
        "customer_side": {"reason": reason_text(dispute.reason, Language::English), "sub_reason": dispute.sub_reason,
            "note": submitted.map(|event| &event["note"]), "store_contact": submitted.map(|event| &event["store_contact"]),
            "answers": answers, "evidence": of("customer")},
        "store_side": {"evidence": of("merchant"), "offer_minor": dispute.offer_minor()},
        "order": {"id": order.id, "ref": order.r#ref, "placed_at": order.placed_at, "total_minor": order.total_minor, "ship_to": order.ship_to,
            "lines": order.lines, "captures": order.captures, "shipments": order.shipments, "returns": order.returns, "refunds": order.refunds},
        "requests": dispute.requests,
        "timeline": dispute.events,
        "decision": dispute.decision,
        "advice": speaks,
        "why_a_person": alone,
        "customer_reads": state_text(order, dispute, merchant, None, market, now, language),
        "steps": possible(dispute.state, Actor::Agent).map(step).collect::<Vec<_>>(),
        "details": details(language),
        "state_name": state_name(dispute.state),
    });
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

/// What an agent can do, and what it needs.
fn step(event: Event) -> Value {
    let needs: &[&str] = match event {
        Event::Decide | Event::FinalDecision => &["outcome", "detail"],
        Event::NeedInfo | Event::Appeal | Event::Reopen | Event::InfoSupplied => &["text"],
        Event::MoreInfo => &["text?"],
        Event::NotFraud | Event::WrongReason => &["reason"],
        _ => &[],
    };
    json!({"event": event.as_str(), "meaning": event.meaning(), "needs": needs})
}

/// The reasons that the customer can be given, in their language, by outcome.
fn details(language: Language) -> Vec<Value> {
    let outcomes = [DisputeOutcome::CustomerWonFull, DisputeOutcome::CustomerWonPartial, DisputeOutcome::MerchantWon];
    let fits = |detail: &Detail| outcomes.into_iter().filter(|outcome| detail.fits(*outcome)).collect::<Vec<_>>();
    Detail::ALL.iter().map(|detail| json!({"detail": detail, "text": detail.text(language), "outcomes": fits(detail)})).collect()
}
