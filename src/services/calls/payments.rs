//! Lookups `payables` and `plans`: what is to be paid, and how.

use super::args::{Args, BadCall};
use super::{View, word};
use crate::domain::account::{Attempt, Instalment, InstalmentStatus, Order, Plan, Product};
use crate::domain::language::Language;
use crate::domain::market::days_between;
use crate::domain::money::Currency;
use crate::domain::plan::next_debit;
use serde_json::{Value, json};

pub(super) fn payables(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&[])?;
    let method = view.method();
    let plans = || view.account.customer.orders.iter().filter_map(|order| order.plan.as_ref().map(|plan| (order, plan)));
    let mut open: Vec<(&Order, &Plan, &Instalment)> = plans()
        .flat_map(|(order, plan)| plan.instalments.iter().map(move |instalment| (order, plan, instalment)))
        .filter(|(_, _, instalment)| instalment.is_open())
        .collect();
    open.sort_by_key(|(order, _, instalment)| (instalment.due_on, order.placed_at, instalment.seq));
    let held = |plan: &Plan, instalment: &Instalment| plan.is_paused() || instalment.status == InstalmentStatus::Paused;
    let (mut total, mut paused, mut overdue) = (0, 0, 0);
    let mut next = Value::Null;
    let mut items = Vec::with_capacity(open.len());
    for (order, plan, instalment) in open {
        let amount = instalment.open_minor();
        let is_paused = held(plan, instalment);
        let status = if is_paused { InstalmentStatus::Paused } else { instalment.standing(view.today) };
        total += amount;
        if is_paused {
            paused += amount;
        }
        if status == InstalmentStatus::Overdue {
            overdue += amount;
        }
        let mut item = json!({"id": instalment.id, "plan": plan.id, "order": order.id, "order_ref": order.r#ref,
            "merchant": view.merchants.name(&order.merchant), "seq": instalment.seq, "of": plan.instalments.len(),
            "due_on": instalment.due_on, "amount_minor": amount, "currency": order.currency, "status": word(status),
            "paused": is_paused, "autopay": plan.autopay, "method": method, "product": word(plan.product),
            "days_until": days_between(view.today, instalment.due_on), "failed_on": null, "failed_why": null, "next_try_on": null});
        if let Some(failed) = instalment.attempts.last().filter(|attempt| attempt.result != "succeeded") {
            item["failed_on"] = json!(view.market.date(failed.attempted_at));
            item["failed_why"] = json!(decline_text(failed, view.language));
            let next = next_debit(instalment, view.market).filter(|_| plan.autopay && !is_paused);
            item["next_try_on"] = json!(next.filter(|on| *on >= view.today));
        }
        if !is_paused && next.is_null() {
            next = item.clone();
        }
        items.push(item);
    }
    let credit: i64 = plans().flat_map(|(_, plan)| &plan.instalments).map(Instalment::credit_minor).sum();
    Ok(json!({"count": items.len(), "next": next, "total_minor": total, "paused_minor": paused, "overdue_minor": overdue,
        "credit_minor": credit, "currency": view.account.customer.currency, "any_paused": paused > 0, "any_overdue": overdue > 0,
        "items": items}))
}

/// Why a debit failed, as a class: customers never see the bank's code.
fn decline_text(failed: &Attempt, language: Language) -> &'static str {
    let (english, swedish, german) = match (failed.result.as_str(), failed.decline_class.as_deref()) {
        ("error", _) => ("it went wrong on our side", "det blev fel hos oss", "bei uns ist etwas schiefgegangen"),
        (_, Some("insufficient_funds")) => (
            "there wasn't enough money on the account",
            "det fanns inte tillräckligt med pengar på kontot",
            "auf dem Konto war nicht genug Geld",
        ),
        (_, Some("expired")) => ("the card has expired", "kortet har gått ut", "die Karte ist abgelaufen"),
        (_, Some("blocked")) => ("the bank has blocked the payment", "banken har spärrat betalningen", "die Bank hat die Zahlung gesperrt"),
        (_, Some("sca_required")) => (
            "the bank wants you to confirm the payment",
            "banken vill att du bekräftar betalningen",
            "die Bank will, dass du die Zahlung bestätigst",
        ),
        _ => ("the bank gave no reason", "banken angav ingen anledning", "die Bank hat keinen Grund genannt"),
    };
    language.pick(english, swedish, german)
}

pub(super) fn plans(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&[])?;
    let method = view.method();
    let mut orders = view.orders();
    // Plans with something open first, each group newest first.
    orders.sort_by_key(|order| order.plan.as_ref().is_some_and(|plan| plan.open_minor() == 0));
    let items: Vec<Value> = orders
        .into_iter()
        .filter_map(|order| {
            let plan = order.plan.as_ref()?;
            let merchant = view.merchants.name(&order.merchant);
            let total: i64 = plan.instalments.iter().map(|instalment| instalment.amount_minor).sum();
            let open = plan.open_minor();
            let left = left_text(view, open, total, order.currency);
            let instalments: Vec<Value> = plan
                .instalments
                .iter()
                .map(|instalment| {
                    json!({"seq": instalment.seq, "due_on": instalment.due_on, "amount_minor": instalment.amount_minor,
                        "fee_minor": instalment.fee_minor, "open_minor": instalment.open_minor(), "status": word(instalment.standing(view.today))})
                })
                .collect();
            Some(json!({"id": plan.id, "order": order.id, "order_ref": order.r#ref, "merchant": merchant, "product": word(plan.product),
                "status": word(plan.status), "paused": plan.is_paused(), "autopay": plan.autopay, "method": method,
                "currency": order.currency, "total_minor": total, "open_minor": open, "paid_minor": plan.paid_minor(),
                "instalments": instalments,
                "label": format!("{merchant} {} ({}), {left}", order.r#ref, product_text(plan.product, view.language))}))
        })
        .collect();
    Ok(json!({"count": items.len(), "items": items}))
}

/// `£30.00 left of £90.00`.
fn left_text(view: &View<'_>, open: i64, total: i64, currency: Currency) -> String {
    if open <= 0 {
        return view.language.pick("nothing left to pay", "inget kvar att betala", "nichts mehr zu zahlen").into();
    }
    let (open, total) = (view.amount(open, currency), view.amount(total, currency));
    match view.language {
        Language::English => format!("{open} left of {total}"),
        Language::Swedish => format!("{open} kvar av {total}"),
        Language::German => format!("noch {open} von {total}"),
    }
}

fn product_text(product: Product, language: Language) -> &'static str {
    let (english, swedish, german) = match product {
        Product::PayNow => ("paid at once", "betalt direkt", "sofort bezahlt"),
        Product::PayIn30 => ("pay in 30 days", "betala inom 30 dagar", "in 30 Tagen zahlen"),
        Product::PayIn3 => ("pay in 3", "betala i 3 delar", "in 3 Raten"),
        Product::PayIn4 => ("pay in 4", "betala i 4 delar", "in 4 Raten"),
        Product::Financing => ("financing", "kredit", "Ratenkredit"),
    };
    language.pick(english, swedish, german)
}
