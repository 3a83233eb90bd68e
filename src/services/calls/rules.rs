//! Rules: may this be done? Each gives `allowed`, `reason` (null when allowed), `why` (empty when allowed) and its own fields.

use super::args::{Args, BadCall};
use super::{View, fees};
use crate::domain::account::{DisputeReason, Instalment, Order, OrderStatus, Plan, ReturnStatus};
use crate::domain::dispute::{self, Opening, Refused, outbound};
use crate::domain::language::Language;
use crate::domain::market::days_after;
use crate::domain::plan::{self, Extension, fee_charged_on, pausable, waive_reason};
use crate::domain::rule::Refusal;
use crate::domain::time::spoken;
use jiff::civil::Date;
use serde_json::{Value, json};

/// An answer that starts with `allowed`, `reason` and `why`.
pub(super) fn verdict(view: &View<'_>, refusal: Option<&Refusal>, own: Value) -> Value {
    let why = refusal.map_or("", |no| no.why.get(view.language.code()));
    let mut answer = json!({"allowed": refusal.is_none(), "reason": refusal.map(|no| no.reason), "why": why});
    if let (Value::Object(answer), Value::Object(own)) = (&mut answer, own) {
        answer.extend(own);
    }
    answer
}

pub(super) type Moving<'a> = (&'a Order, &'a Plan, &'a Instalment, Result<Extension, Refusal>);

/// The instalment that the argument names, and whether its date may move.
pub(super) fn extension<'a>(view: &View<'a>, args: &Args<'_>) -> Result<Moving<'a>, BadCall> {
    let id = args.need_text("instalment")?;
    let (order, plan, instalment) = view.instalment(id).ok_or_else(|| args.not_theirs("instalment", id))?;
    let found = plan::extension(plan, id, view.has_hardship(), view.market, view.now).ok_or_else(|| args.not_theirs("instalment", id))?;
    Ok((order, plan, instalment, found))
}

pub(super) fn can_extend(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["instalment"])?;
    let (order, _, instalment, found) = extension(view, args)?;
    let currency = order.currency;
    let options: Vec<Value> = found.as_ref().map_or_else(
        |_| Vec::new(),
        |extension| {
            offers(extension.max_days)
                .into_iter()
                .map(|days| {
                    let due_on = days_after(extension.old_due_on, days);
                    json!({"id": days.to_string(), "days": days, "due_on": due_on, "fee_minor": extension.fee_minor, "currency": currency,
                        "label": later(days, due_on, view.language)})
                })
                .collect()
        },
    );
    let (max_days, fee_minor) = found.as_ref().map_or((0, 0), |extension| (extension.max_days, extension.fee_minor));
    let own =
        json!({"old_due_on": instalment.due_on, "max_days": max_days, "options": options, "fee_minor": fee_minor, "currency": currency});
    Ok(verdict(view, found.as_ref().err(), own))
}

/// `7 days later: Friday 11 December`.
fn later(days: i32, due_on: Date, language: Language) -> String {
    let (weekday, day, month) = (language.weekday(due_on), due_on.day(), language.month(due_on));
    match (language, days) {
        (Language::English, 1) => format!("1 day later: {weekday} {day} {month}"),
        (Language::English, _) => format!("{days} days later: {weekday} {day} {month}"),
        (Language::Swedish, 1) => format!("1 dag senare: {weekday} {day} {month}"),
        (Language::Swedish, _) => format!("{days} dagar senare: {weekday} {day} {month}"),
        (Language::German, 1) => format!("1 Tag später: {weekday}, {day}. {month}"),
        (Language::German, _) => format!("{days} Tage später: {weekday}, {day}. {month}"),
    }
}

/// The numbers of days worth offering: a few days, a week, and as long as possible.
fn offers(max_days: i32) -> Vec<i32> {
    let mut offers: Vec<i32> = [3, 7].into_iter().filter(|days| *days < max_days).collect();
    offers.push(max_days);
    offers
}

/// The order and reason that the arguments name, and whether a dispute may be opened.
pub(super) fn opening<'a>(view: &View<'a>, args: &Args<'_>) -> Result<(&'a Order, DisputeReason, Result<Opening, Refused>), BadCall> {
    let order = view.order(args)?;
    let reason = serde_json::from_value(json!(args.need_text("reason")?))
        .map_err(|_| args.wrong("reason", "one of the reasons for disputes, such as goods_not_received"))?;
    Ok((order, reason, may_open(view, order, reason)))
}

pub(super) fn may_open(view: &View<'_>, order: &Order, reason: DisputeReason) -> Result<Opening, Refused> {
    dispute::may_open(order, reason, &view.account.customer, view.merchants.get(&order.merchant), view.market, view.now)
}

pub(super) fn can_dispute(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["order", "reason"])?;
    let (order, reason, found) = opening(view, args)?;
    let paused = order.plan.as_ref().map_or(0, |plan| pausable(plan).len());
    let usual_days =
        if reason == DisputeReason::UnauthorisedPurchase { view.market.fraud_window_days } else { view.market.dispute_window_days };
    let mut own = json!({"disputed_minor": order.total_minor, "currency": order.currency, "deadline_on": null, "window_days": usual_days,
        "paused_instalments": paused, "merchant": view.merchants.name(&order.merchant), "public_no": null, "from_on": null});
    let refusal = match found {
        Ok(opening) => {
            own["disputed_minor"] = json!(opening.disputed_minor);
            own["deadline_on"] = json!(opening.deadline_on);
            None
        }
        Err(refused) => {
            own["public_no"] = json!(refused.public_no);
            own["from_on"] = json!(refused.from_on);
            Some(refused.refusal)
        }
    };
    Ok(verdict(view, refusal.as_ref(), own))
}

/// Days in which goods can be sent back: the store's own period, or the usual one when it states none.
pub(super) fn return_window(view: &View<'_>, order: &Order) -> i32 {
    let stated = view.merchants.get(&order.merchant).map_or(0, |merchant| merchant.return_window_days);
    if stated == 0 { view.market.return_window_days } else { i32::try_from(stated).unwrap_or(i32::MAX) }
}

/// The last day to send goods back: counted from the delivery, or from today as long as they have not come.
pub(super) fn return_until(view: &View<'_>, order: &Order) -> Date {
    let delivered = outbound(order).filter_map(|parcel| parcel.delivered_at).max().map(|at| view.market.date(at));
    let from = match delivered {
        Some(on) => on,
        None if outbound(order).next().is_some() => view.today,
        None => view.market.date(order.placed_at),
    };
    days_after(from, return_window(view, order))
}

/// Whether a return may be reported.
pub(super) fn returnable(view: &View<'_>, order: &Order) -> Result<(), Refusal> {
    if matches!(order.status, OrderStatus::Cancelled | OrderStatus::Expired) {
        return Err(Refusal::new(
            "cancelled",
            "This order was cancelled, so there is nothing to send back.",
            "Den här beställningen avbröts, så det finns inget att skicka tillbaka.",
            "Diese Bestellung wurde storniert, es gibt also nichts zurückzuschicken.",
        ));
    }
    if let Some(back) = order.returns.iter().find(|back| !matches!(back.status, ReturnStatus::Rejected | ReturnStatus::Expired)) {
        return Err(Refusal::told("already_reported", |language| {
            let on = spoken(view.market.date(back.reported_at), view.today, language);
            match language {
                Language::English => format!("A return of this order was reported on {on} already."),
                Language::Swedish => format!("En retur av den här beställningen anmäldes redan {on}."),
                Language::German => format!("Eine Rücksendung dieser Bestellung wurde schon am {on} gemeldet."),
            }
        }));
    }
    let until = return_until(view, order);
    if until < view.today {
        return Err(Refusal::told("window_over", |language| {
            let until = spoken(until, view.today, language);
            match language {
                Language::English => format!("This order could be sent back until {until}."),
                Language::Swedish => format!("Den här beställningen kunde skickas tillbaka till {until}."),
                Language::German => format!("Diese Bestellung konnte bis {until} zurückgeschickt werden."),
            }
        }));
    }
    Ok(())
}

pub(super) fn can_return(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["order"])?;
    let order = view.order(args)?;
    let days = view.market.return_pause_days;
    let own = json!({"until_on": return_until(view, order), "pause_days": days, "pause_until": days_after(view.today, days)});
    Ok(verdict(view, returnable(view, order).err().as_ref(), own))
}

pub(super) type Waiving<'a> = (&'a Order, &'a Plan, &'a Instalment, Result<&'static str, Refusal>);

/// The fee that the argument names, and whether it is taken back without asking anybody.
pub(super) fn waiver<'a>(view: &View<'a>, args: &Args<'_>) -> Result<Waiving<'a>, BadCall> {
    let id = args.need_text("fee")?;
    let (order, plan, instalment) = fees::find(view, id).ok_or_else(|| args.not_theirs("fee", id))?;
    let charged_on = fee_charged_on(plan, instalment, view.market, view.today);
    let found = waive_reason(order, instalment, charged_on, view.market).ok_or_else(|| {
        Refusal::new(
            "outside_rule",
            "This fee is not one that I can take back myself.",
            "Den här avgiften kan jag inte ta bort själv.",
            "Diese Gebühr kann ich nicht selbst zurücknehmen.",
        )
    });
    Ok((order, plan, instalment, found))
}

pub(super) fn can_waive_fee(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["fee"])?;
    let (order, _, instalment, found) = waiver(view, args)?;
    Ok(verdict(view, found.err().as_ref(), json!({"amount_minor": instalment.fee_minor, "currency": order.currency})))
}
