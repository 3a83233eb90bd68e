//! Lookup `orders`: what was bought, where the parcel is, what else is going on with it.

use super::args::{Args, BadCall};
use super::matching::Memory;
use super::{View, refunds, rules, word};
use crate::domain::account::{Order, OrderStatus, ShipmentStatus};
use crate::domain::dispute::{open_dispute, outbound};
use crate::domain::language::Language;
use crate::domain::market::days_between;
use serde_json::{Value, json};

const FILTERS: [&str; 6] = ["all", "recent", "undelivered", "returnable", "with_refund", "disputed"];

/// Days for which an order counts as recent.
const RECENT_DAYS: i32 = 90;

pub(super) fn orders(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["filter", "merchant", "amount_minor", "on"])?;
    let filter = args.one_of("filter", &FILTERS)?.unwrap_or("all");
    let memory = Memory { merchant: args.text("merchant")?, amount_minor: args.number("amount_minor")?, on: args.date("on")? };
    let items: Vec<Value> = view
        .orders()
        .into_iter()
        .filter(|order| passes(view, order, filter))
        .filter(|order| memory.fit(view, order).into_iter().flatten().all(|fit| fit > 0))
        .map(|order| record(view, order))
        .collect();
    Ok(json!({"count": items.len(), "items": items}))
}

fn passes(view: &View<'_>, order: &Order, filter: &str) -> bool {
    match filter {
        "recent" => days_between(view.market.date(order.placed_at), view.today) <= RECENT_DAYS,
        "undelivered" => {
            let arrived = outbound(order).next().is_some() && outbound(order).all(|parcel| parcel.status == ShipmentStatus::Delivered);
            !arrived && !matches!(order.status, OrderStatus::Cancelled | OrderStatus::Expired)
        }
        "returnable" => rules::returnable(view, order).is_ok(),
        "with_refund" => !order.refunds.is_empty() || !order.returns.is_empty(),
        "disputed" => !order.disputes.is_empty(),
        _ => true,
    }
}

/// One order as flows see it.
pub(super) fn record(view: &View<'_>, order: &Order) -> Value {
    let merchant = view.merchants.get(&order.merchant);
    let name = view.merchants.name(&order.merchant);
    let placed_on = view.market.date(order.placed_at);
    let items_text = items_text(order, view.language);
    let (day, month) = (placed_on.day(), view.language.month(placed_on));
    let placed = if view.language == Language::German { format!("{day}. {month}") } else { format!("{day} {month}") };
    let parcel = outbound(order).last();
    let shipment = json!({"carrier": parcel.map(|parcel| &parcel.carrier), "tracking_no": parcel.and_then(|parcel| parcel.tracking_no.as_ref()),
        "status": parcel.map(|parcel| word(parcel.status)), "promised_on": parcel.and_then(|parcel| parcel.promised_on),
        "delivered_on": parcel.and_then(|parcel| parcel.delivered_at).map(|at| view.market.date(at)),
        "last_city": parcel.and_then(|parcel| parcel.events.iter().max_by_key(|event| event.occurred_at)).and_then(|event| event.city.as_ref())});
    let dispute = open_dispute(order).or_else(|| order.disputes.iter().max_by_key(|dispute| dispute.opened_at));
    let latest_return = order.returns.iter().max_by_key(|back| back.reported_at);
    let latest_refund = order.refunds.iter().max_by_key(|refund| refund.created_at);
    json!({"id": order.id, "ref": order.r#ref, "merchant": name, "merchant_id": order.merchant, "placed_on": placed_on,
        "total_minor": order.total_minor, "currency": order.currency, "status": word(order.status), "items_text": items_text,
        "label": format!("{name}: {items_text}, {}, {placed} ({})", view.amount(order.total_minor, order.currency), order.r#ref),
        "shipment": shipment, "plan_status": order.plan.as_ref().map(|plan| word(plan.status)),
        "dispute": dispute.map(|dispute| &dispute.public_no), "return_status": latest_return.map(|back| word(back.status)),
        "refund_status": latest_refund.map(|refund| refunds::refund_state(refund.status)),
        "return_window_days": rules::return_window(view, order), "return_until": rules::return_until(view, order),
        "support_url": merchant.and_then(|merchant| merchant.support_url.as_ref().or(merchant.support_email.as_ref()))})
}

/// What was bought, in a few words: `Trail running shoes and 2 more`.
fn items_text(order: &Order, language: Language) -> String {
    let and = language.pick("and", "och", "und");
    match order.lines.as_slice() {
        [] => language.pick("your order", "din beställning", "deine Bestellung").into(),
        [one] => one.name.clone(),
        [one, two] => format!("{} {and} {}", one.name, two.name),
        [one, more @ ..] => format!("{} {and} {} {}", one.name, more.len(), language.pick("more", "till", "weitere")),
    }
}
