//! Paying now, settling a plan, paying out a credit: rules and actions that move money. Nothing is moved here: what pays in or out
//! leaves as a message for the payment provider and comes back as a fact.

use super::actions::{Done, Draft};
use super::args::{Args, BadCall};
use super::rules::verdict;
use super::{View, word};
use crate::domain::account::{Account, Instalment, InstalmentStatus, Order, Plan, Product};
use crate::domain::language::Language;
use crate::domain::money::Currency;
use crate::domain::plan::{self, Payoff};
use crate::domain::refund::allocate;
use crate::domain::rule::Refusal;
use serde_json::{Value, json};

/// A payment that may be made now.
struct Paying<'a> {
    order: &'a Order,
    plan: &'a Plan,
    instalment: &'a Instalment,
    amount_minor: i64,
}

/// The instalment that the argument names, what is to be paid of it (all of it unless `amount_minor` says less), and whether it may be.
fn paying<'a>(view: &View<'a>, args: &Args<'_>) -> Result<(Paying<'a>, Result<(), Refusal>), BadCall> {
    let id = args.need_text("instalment")?;
    let (order, plan, instalment) = view.instalment(id).ok_or_else(|| args.not_theirs("instalment", id))?;
    let open = instalment.open_minor();
    let amount_minor = args.number("amount_minor")?.unwrap_or(open);
    let found = collectable(view, &[instalment]).and_then(|()| {
        if amount_minor < 1 {
            return Err(Refusal::new(
                "too_little",
                "The amount has to be more than nothing.",
                "Beloppet måste vara större än noll.",
                "Der Betrag muss größer als null sein.",
            ));
        }
        if amount_minor > open {
            return Err(Refusal::told("too_much", |language| {
                let open = super::amount_in(open, order.currency, language);
                match language {
                    Language::English => format!("Only {open} is open for this payment."),
                    Language::Swedish => format!("Bara {open} är öppet för den här betalningen."),
                    Language::German => format!("Für diese Zahlung sind nur {open} offen."),
                }
            }));
        }
        Ok(())
    });
    Ok((Paying { order, plan, instalment, amount_minor }, found))
}

/// Whether a debit of these may begin: something is open, none is being collected, and there is something to pay with.
fn collectable(view: &View<'_>, due: &[&Instalment]) -> Result<(), Refusal> {
    if due.iter().any(|instalment| instalment.status == InstalmentStatus::Processing) {
        return Err(Refusal::new(
            "processing",
            "This payment is being collected right now, so it must not be taken a second time.",
            "Den här betalningen dras just nu, så den får inte dras en gång till.",
            "Diese Zahlung wird gerade eingezogen und darf nicht ein zweites Mal abgebucht werden.",
        ));
    }
    if due.iter().all(|instalment| !instalment.is_open()) {
        return Err(Refusal::new(
            "nothing_open",
            "There is nothing left to pay here.",
            "Det finns inget kvar att betala här.",
            "Hier ist nichts mehr zu zahlen.",
        ));
    }
    no_method(view)
}

fn no_method(view: &View<'_>) -> Result<(), Refusal> {
    match view.method() {
        Some(_) => Ok(()),
        None => Err(Refusal::new(
            "no_method",
            "There is no card or bank account on your profile that works at the moment.",
            "Det finns inget kort eller bankkonto på din profil som fungerar just nu.",
            "In deinem Profil ist gerade keine Karte und kein Bankkonto hinterlegt, das funktioniert.",
        )),
    }
}

pub(super) fn can_pay(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["instalment", "amount_minor"])?;
    let (paying, found) = paying(view, args)?;
    let Paying { order, instalment, amount_minor, .. } = paying;
    let left = (instalment.open_minor() - amount_minor).max(0);
    let own = json!({"amount_minor": amount_minor, "left_minor": left, "currency": order.currency, "method": view.method(),
        "merchant": view.merchants.name(&order.merchant), "due_on": instalment.due_on});
    Ok(verdict(view, found.err().as_ref(), own))
}

pub(super) fn pay(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["instalment", "amount_minor"])?;
    let (paying, found) = paying(view, args)?;
    found?;
    let Paying { order, plan, instalment, amount_minor } = paying;
    let mut draft = Draft::new(view, &instalment.id);
    debit(&mut draft, order, plan, instalment, amount_minor, "can_pay", "payment")?;
    draft.done(json!({"amount_minor": amount_minor, "currency": order.currency, "method": view.method()}))
}

pub(super) fn set_autopay(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["plan", "on"])?;
    let (order, plan) = plan_of(view, args)?;
    let on = args.flag("on")?.ok_or_else(|| args.wrong("on", "true or false"))?;
    if on {
        no_method(view)?;
    }
    let mut draft = Draft::new(view, &plan.id);
    draft.plan(&order.id)?.autopay = on;
    if on != plan.autopay {
        draft.adjust(&plan.id, if on { "autopay_on" } else { "autopay_off" }, "set_autopay", "asked in chat");
    }
    draft.fact("set_autopay", "set_autopay", &plan.id, json!({"autopay": plan.autopay}), json!({"autopay": on}));
    draft.done(json!({"autopay": on, "merchant": view.merchants.name(&order.merchant), "currency": order.currency}))
}

/// The plan that the argument names, and its order.
fn plan_of<'a>(view: &View<'a>, args: &Args<'_>) -> Result<(&'a Order, &'a Plan), BadCall> {
    let id = args.need_text("plan")?;
    let mut plans = view.account.customer.orders.iter().filter_map(|order| order.plan.as_ref().map(|plan| (order, plan)));
    plans.find(|(_, plan)| plan.id == id).ok_or_else(|| args.not_theirs("plan", id))
}

/// The settlement of a plan that may be made now, or why it may not.
type Settling<'a> = (&'a Order, &'a Plan, Payoff, Result<(), Refusal>);

fn settling<'a>(view: &View<'a>, args: &Args<'_>) -> Result<Settling<'a>, BadCall> {
    let (order, plan) = plan_of(view, args)?;
    let figure = plan::payoff(order, plan, view.market, view.today);
    let due: Vec<&Instalment> = plan.instalments.iter().collect();
    let found = collectable(view, &due).and_then(|()| {
        if plan.product == Product::Financing {
            // The rebate is a change of the agreement.
            return Err(Refusal::new(
                "financing",
                "This is a financing agreement, so a person has to close it with you.",
                "Det här är ett kreditavtal, så en människa måste avsluta det med dig.",
                "Das ist ein Ratenkredit, deshalb muss ein Mensch ihn mit dir abschließen.",
            ));
        }
        Ok(())
    });
    Ok((order, plan, figure, found))
}

pub(super) fn can_settle(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["plan"])?;
    let (order, _, figure, found) = settling(view, args)?;
    let own = json!({"total_minor": figure.total_minor, "open_minor": figure.open_minor, "rebate_minor": figure.rebate_minor,
        "valid_until": figure.valid_until, "currency": order.currency, "method": view.method(),
        "merchant": view.merchants.name(&order.merchant)});
    Ok(verdict(view, found.err().as_ref(), own))
}

pub(super) fn settle_plan(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["plan"])?;
    let (order, plan, figure, found) = settling(view, args)?;
    found?;
    let first = plan.instalments.iter().find(|due| due.is_open()).ok_or_else(|| args.not_theirs("plan", &plan.id))?;
    let mut draft = Draft::new(view, &plan.id);
    debit(&mut draft, order, plan, first, figure.total_minor, "can_settle", "payoff")?;
    draft.done(json!({"total_minor": figure.total_minor, "currency": order.currency, "method": view.method()}))
}

/// Asks the provider for money. What comes goes to this instalment and on to the next open ones.
fn debit(
    draft: &mut Draft<'_>,
    order: &Order,
    plan: &Plan,
    instalment: &Instalment,
    amount_minor: i64,
    rule: &str,
    kind: &str,
) -> Result<(), BadCall> {
    let now = draft.now();
    let before = plan::begin_debit(draft.plan(&order.id)?, &instalment.id, now);
    let adjustment = draft.adjust(&plan.id, kind, rule, "asked in chat");
    adjustment.instalment = Some(instalment.id.clone());
    adjustment.amount_minor = amount_minor;
    draft.fact(
        kind,
        rule,
        &instalment.id,
        json!({"status": before.map(word)}),
        json!({"status": "processing", "amount_minor": amount_minor}),
    );
    let tries = instalment.attempts.len() + 1;
    let customer = draft.account.customer.id.clone();
    draft.send(
        "payment.debit",
        json!({"customer": customer, "instalment": instalment.id, "order": order.id, "amount_minor": amount_minor,
            "currency": order.currency, "attempt": tries}),
    );
    Ok(())
}

/// What was paid too much, in the currency of the account.
fn credit(account: &Account) -> (i64, Currency) {
    let currency = account.customer.currency;
    let of = account.customer.orders.iter().filter(|order| order.currency == currency).filter_map(|order| order.plan.as_ref());
    (of.flat_map(|plan| &plan.instalments).map(Instalment::credit_minor).sum(), currency)
}

fn payable_out(view: &View<'_>) -> Result<(i64, Currency), Refusal> {
    let (amount, currency) = credit(view.account);
    if amount == 0 {
        return Err(Refusal::new(
            "no_credit",
            "There is no credit on your account.",
            "Det finns inget tillgodo på ditt konto.",
            "Auf deinem Konto ist kein Guthaben.",
        ));
    }
    if amount > view.market.claim_cap_minor || currency != view.market.currency {
        return Err(Refusal::new(
            "above_cap",
            "A person has to approve a payout of this size.",
            "En människa måste godkänna en utbetalning av den storleken.",
            "Eine Auszahlung in dieser Höhe muss ein Mensch freigeben.",
        ));
    }
    no_method(view)?;
    Ok((amount, currency))
}

pub(super) fn can_pay_out(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&[])?;
    let (amount_minor, currency) = credit(view.account);
    let own = json!({"amount_minor": amount_minor, "currency": currency, "method": view.method(), "posting_days": view.market.refund_posting_days});
    Ok(verdict(view, payable_out(view).err().as_ref(), own))
}

pub(super) fn pay_out_credit(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&[])?;
    let (amount_minor, currency) = payable_out(view)?;
    let customer = view.account.customer.id.as_str();
    let mut draft = Draft::new(view, customer);
    let of: Vec<String> = view
        .account
        .customer
        .orders
        .iter()
        .filter(|order| order.currency == currency && order.plan.is_some())
        .map(|order| order.id.clone())
        .collect();
    for order in of {
        let paid_out = draft.plan(&order)?;
        let (id, part) = (paid_out.id.clone(), plan::pay_out_credit(paid_out));
        if part > 0 {
            draft.adjust(&id, "credit_payout", "can_pay_out", "asked in chat").amount_minor = part;
        }
    }
    draft.fact("credit_payout", "can_pay_out", customer, json!({"credit_minor": amount_minor}), json!({"credit_minor": 0}));
    draft.send("credit.pay_out", json!({"customer": customer, "amount_minor": amount_minor, "currency": currency}));
    draft.done(json!({"amount_minor": amount_minor, "currency": currency, "method": view.method(), "posting_days": view.market.refund_posting_days}))
}

/// Lookup `refund_effect`: what a refund of so much would do to an order's plan. Nothing is changed.
pub(super) fn refund_effect(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["order", "amount_minor"])?;
    let order = view.order(args)?;
    let amount_minor = args.number("amount_minor")?.ok_or_else(|| args.wrong("amount_minor", "an amount"))?.clamp(0, order.total_minor);
    let mut trial = order.plan.clone();
    let allocation = trial.as_mut().map(|plan| allocate(plan, amount_minor)).unwrap_or_default();
    let back: i64 = if trial.is_some() { allocation.paid_back.iter().map(|(_, amount)| amount).sum() } else { amount_minor };
    let left: Vec<Value> = trial
        .iter()
        .flat_map(|plan| &plan.instalments)
        .filter(|due| due.is_open())
        .map(|due| json!({"seq": due.seq, "due_on": due.due_on, "open_minor": due.open_minor()}))
        .collect();
    Ok(
        json!({"amount_minor": amount_minor, "currency": order.currency, "merchant": view.merchants.name(&order.merchant), "method": view.method(),
        "left_minor": trial.as_ref().map_or(0, Plan::open_minor), "back_minor": back + allocation.credit_minor, "items": left,
        "count": left.len(), "posting_days": view.market.refund_posting_days}),
    )
}
