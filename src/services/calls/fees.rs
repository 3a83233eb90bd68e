//! Lookup `fees`: what was charged beside the price, why, and whether it is taken back.

use super::View;
use super::args::{Args, BadCall};
use crate::domain::account::{Instalment, Order, Plan};
use crate::domain::language::Language;
use crate::domain::plan::{fee_charged_on, waive_reason};
use jiff::civil::Date;
use serde_json::{Value, json};

const PREFIX: &str = "fee_";

pub(super) fn fees(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&[])?;
    let mut items: Vec<(Date, Value)> = Vec::new();
    for order in view.orders() {
        if let Some(plan) = &order.plan {
            let charged = plan.instalments.iter().filter(|instalment| instalment.fee_minor > 0);
            items.extend(charged.map(|instalment| record(view, order, plan, instalment)));
        }
    }
    items.sort_by_key(|(charged_on, _)| std::cmp::Reverse(*charged_on));
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    Ok(json!({"count": items.len(), "items": items}))
}

/// The instalment whose fee has that id.
pub(super) fn find<'a>(view: &View<'a>, fee: &str) -> Option<(&'a Order, &'a Plan, &'a Instalment)> {
    view.instalment(fee.strip_prefix(PREFIX)?)
}

fn record(view: &View<'_>, order: &Order, plan: &Plan, instalment: &Instalment) -> (Date, Value) {
    let merchant = view.merchants.name(&order.merchant);
    let charged_on = fee_charged_on(plan, instalment, view.market, view.today);
    let reason = waive_reason(order, instalment, charged_on, view.market);
    let amount = view.amount(instalment.fee_minor, order.currency);
    let (seq, of) = (instalment.seq, plan.instalments.len());
    let label = match view.language {
        Language::English => format!("{amount} late fee, {merchant} payment {seq} of {of}"),
        Language::Swedish => format!("{amount} förseningsavgift, {merchant} betalning {seq} av {of}"),
        Language::German => format!("{amount} Verzugsgebühr, {merchant} Zahlung {seq} von {of}"),
    };
    let item = json!({"id": format!("{PREFIX}{}", instalment.id), "instalment": instalment.id, "plan": plan.id, "order_ref": order.r#ref,
        "merchant": merchant, "kind": "late", "amount_minor": instalment.fee_minor, "currency": order.currency,
        "charged_on": charged_on, "due_on": instalment.original_due_on, "grace_days": view.market.grace_days,
        "cap_minor": view.market.late_fee_cap(order.total_minor), "waivable": reason.is_some(), "waive_reason": reason,
        "label": label});
    (charged_on, item)
}
