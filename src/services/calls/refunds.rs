//! Lookup `refunds`: every return and refund, where it stands and what to expect.

use super::args::{Args, BadCall};
use super::{View, word};
use crate::domain::account::{Order, Refund, RefundStatus, Return, ReturnStatus};
use crate::domain::language::Language;
use crate::domain::market::{days_after, days_between};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::cmp::Reverse;

pub(super) fn refunds(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["order"])?;
    let only = match args.text("order")? {
        Some(_) => Some(view.order(args)?),
        None => None,
    };
    let mut items: Vec<(Date, Value)> = Vec::new();
    for order in view.orders().into_iter().filter(|order| only.is_none_or(|only| only.id == order.id)) {
        items.extend(order.refunds.iter().map(|refund| refund_record(view, order, refund)));
        // A return that was refunded shows as its refund.
        let pending = order.returns.iter().filter(|back| back.status != ReturnStatus::Refunded || order.refunds.is_empty());
        items.extend(pending.map(|back| return_record(view, order, back)));
    }
    items.sort_by_key(|(created_on, _)| Reverse(*created_on));
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    Ok(json!({"count": items.len(), "items": items}))
}

/// The word of a refund's state; a refund that was taken back counts as failed.
pub(super) fn refund_state(status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Pending => "pending",
        RefundStatus::Applied => "applied",
        RefundStatus::Posted => "posted",
        RefundStatus::Failed | RefundStatus::Reversed => "failed",
    }
}

fn refund_record(view: &View<'_>, order: &Order, refund: &Refund) -> (Date, Value) {
    let created_on = view.market.date(refund.created_at);
    let posted_on = refund.posted_at.map(|at| view.market.date(at));
    let back = order.returns.iter().max_by_key(|back| back.reported_at);
    let expect_by = match refund.status {
        RefundStatus::Pending | RefundStatus::Applied => Some(days_after(created_on, view.market.refund_posting_days)),
        RefundStatus::Posted => posted_on.or(Some(created_on)),
        RefundStatus::Failed | RefundStatus::Reversed => None,
    };
    let state = refund_state(refund.status);
    let mut record = Row { id: &refund.id, state, amount_minor: refund.amount_minor, created_on, waiting_since: created_on, expect_by }
        .record(view, order);
    record["posted_on"] = json!(posted_on);
    record["return_status"] = json!(back.map(|back| word(back.status)));
    record["sent_on"] = json!(back.and_then(|back| back.sent_on));
    (created_on, record)
}

fn return_record(view: &View<'_>, order: &Order, back: &Return) -> (Date, Value) {
    let created_on = view.market.date(back.reported_at);
    let arrived_on = arrived_on(view, order, back).unwrap_or(created_on);
    let due = days_after(arrived_on, view.market.refund_posting_days);
    let (state, since, expect_by) = match back.status {
        ReturnStatus::Reported => ("return_reported", created_on, Some(days_after(created_on, view.market.return_pause_days))),
        ReturnStatus::InTransit => {
            ("return_in_transit", back.sent_on.unwrap_or(created_on), Some(days_after(created_on, view.market.return_pause_days)))
        }
        ReturnStatus::DeliveredToMerchant | ReturnStatus::Registered if due <= view.today => ("overdue_at_store", arrived_on, Some(due)),
        ReturnStatus::DeliveredToMerchant | ReturnStatus::Registered => ("waiting_for_store", arrived_on, Some(due)),
        ReturnStatus::Rejected | ReturnStatus::Expired => ("rejected", created_on, None),
        ReturnStatus::Refunded => ("applied", created_on, Some(due)),
    };
    let amount_minor = returned_minor(order, back);
    let mut record = Row { id: &back.id, state, amount_minor, created_on, waiting_since: since, expect_by }.record(view, order);
    record["return_status"] = word(back.status);
    record["sent_on"] = json!(back.sent_on);
    (created_on, record)
}

/// The day on which the store got the parcel: as the return says, or the carrier's parcel with its tracking number, or when it was sent.
fn arrived_on(view: &View<'_>, order: &Order, back: &Return) -> Option<Date> {
    let parcel = order.shipments.iter().find(|parcel| back.tracking_no.is_some() && parcel.tracking_no == back.tracking_no);
    let at = back.delivered_at.or_else(|| parcel.and_then(|parcel| parcel.delivered_at));
    at.map(|at| view.market.date(at)).or(back.sent_on)
}

/// What the returned goods cost; the whole order when it isn't said which.
fn returned_minor(order: &Order, back: &Return) -> i64 {
    let sum: i64 = back
        .lines
        .iter()
        .filter_map(|sent| {
            let line = order.lines.iter().find(|line| line.id == sent.line)?;
            Some(line.total_minor * i64::from(sent.qty.min(line.qty)) / i64::from(line.qty.max(1)))
        })
        .sum();
    if sum > 0 { sum } else { order.total_minor }
}

/// What returns and refunds have in common.
struct Row<'a> {
    id: &'a str,
    state: &'a str,
    amount_minor: i64,
    created_on: Date,
    waiting_since: Date,
    expect_by: Option<Date>,
}

impl Row<'_> {
    fn record(&self, view: &View<'_>, order: &Order) -> Value {
        let merchant = view.merchants.name(&order.merchant);
        json!({"id": self.id, "order": order.id, "order_ref": order.r#ref, "merchant": merchant, "state": self.state,
            "amount_minor": self.amount_minor, "currency": order.currency, "created_on": self.created_on, "posted_on": null,
            "return_status": null, "sent_on": null, "days_waiting": days_between(self.waiting_since, view.today).max(0),
            "expect_by": self.expect_by, "to_method": view.method(),
            "label": format!("{merchant}, {}, {} ({})", view.amount(self.amount_minor, order.currency), state_text(self.state, view.language), order.r#ref)})
    }
}

fn state_text(state: &str, language: Language) -> &'static str {
    let (english, swedish, german) = match state {
        "return_reported" => ("return reported", "retur anmäld", "Rücksendung gemeldet"),
        "return_in_transit" => ("return on its way to the store", "retur på väg till butiken", "Rücksendung unterwegs zum Shop"),
        "waiting_for_store" => ("return at the store", "retur hos butiken", "Rücksendung beim Shop"),
        "overdue_at_store" => (
            "return at the store, refund overdue",
            "retur hos butiken, återbetalning försenad",
            "Rücksendung beim Shop, Erstattung überfällig",
        ),
        "pending" => ("refund started", "återbetalning påbörjad", "Erstattung begonnen"),
        "applied" => ("refund on its way", "återbetalning på väg", "Erstattung unterwegs"),
        "posted" => ("refund paid out", "återbetalning utbetald", "Erstattung ausgezahlt"),
        "failed" => ("refund failed", "återbetalning misslyckades", "Erstattung fehlgeschlagen"),
        _ => ("return not accepted", "retur inte godkänd", "Rücksendung nicht angenommen"),
    };
    language.pick(english, swedish, german)
}
