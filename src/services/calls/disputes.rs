//! Lookup `disputes`: what is contested and where it stands, in sentences for the customer.

use super::args::{Args, BadCall};
use super::{View, word};
use crate::domain::account::{Dispute, DisputeState, Order};
use crate::domain::dispute::{outcome_text, reason_text, state_text};
use serde_json::{Value, json};
use std::cmp::Reverse;

pub(super) fn disputes(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["order", "open"])?;
    let only = match args.text("order")? {
        Some(_) => Some(view.order(args)?),
        None => None,
    };
    let open = args.flag("open")?;
    let orders = view.orders();
    let mut found: Vec<(&Order, &Dispute)> = orders
        .into_iter()
        .filter(|order| only.is_none_or(|only| only.id == order.id))
        .flat_map(|order| order.disputes.iter().map(move |dispute| (order, dispute)))
        .filter(|(_, dispute)| open.is_none_or(|open| open == (dispute.state != DisputeState::Closed)))
        .collect();
    found.sort_by_key(|(_, dispute)| (dispute.state == DisputeState::Closed, Reverse(dispute.opened_at)));
    let items: Vec<Value> = found.into_iter().map(|(order, dispute)| record(view, order, dispute)).collect();
    Ok(json!({"count": items.len(), "items": items}))
}

/// One dispute as flows see it.
pub(super) fn record(view: &View<'_>, order: &Order, dispute: &Dispute) -> Value {
    let merchant = view.merchants.name(&order.merchant);
    let amount = view.amount(dispute.disputed_minor, order.currency);
    let reason = reason_text(dispute.reason, view.language);
    let open = dispute.state != DisputeState::Closed;
    json!({"id": dispute.id, "public_no": dispute.public_no, "order": order.id, "order_ref": order.r#ref, "merchant": merchant,
        "reason": word(dispute.reason), "reason_text": reason, "state": word(dispute.state),
        "state_text": state_text(order, dispute, merchant, view.method().as_deref(), view.market, view.now, view.language),
        "open": open, "next_actor": dispute.next_actor.map(word),
        "deadline_on": dispute.next_deadline_at.map(|at| view.market.date(at)), "opened_on": view.market.date(dispute.opened_at),
        "closed_on": dispute.closed_at.map(|at| view.market.date(at)), "outcome": dispute.outcome.map(word),
        "outcome_text": dispute.outcome.map(|outcome| outcome_text(outcome, view.language)), "disputed_minor": dispute.disputed_minor,
        "refund_minor": dispute.refund_minor, "offer_minor": open.then(|| dispute.offer_minor()).flatten(), "currency": order.currency,
        "paused": order.plan.as_ref().is_some_and(|plan| plan.is_paused()),
        "label": format!("{}: {merchant}, {amount}, {reason}", dispute.public_no)})
}
