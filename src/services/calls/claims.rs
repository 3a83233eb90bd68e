//! What a customer may do with a dispute of their own: take it back, ask for a second look, take or refuse a part, answer a question.
//! The steps are the dispute machine's; here they are asked for and told.

use super::actions::Done;
use super::args::{Args, BadCall};
use super::rules::verdict;
use super::{Change, No, View, disputes};
use crate::domain::account::{Dispute, DisputeOutcome, DisputeReason, DisputeState, Order};
use crate::domain::dispute::machine::{self, Actor, Brings, Event};
use crate::domain::plan;
use crate::domain::progress::{Ground, Happenings, act, hand_in, refuse_offer as refuse};
use crate::domain::rule::Refusal;
use serde_json::{Value, json};

/// The customer's own dispute that the argument names.
fn named<'a>(view: &View<'a>, args: &Args<'_>) -> Result<(&'a Order, &'a Dispute), BadCall> {
    let id = args.need_text("dispute")?;
    view.account.dispute(id).ok_or_else(|| args.not_theirs("dispute", id))
}

fn withdrawable(dispute: &Dispute) -> Result<(), Refusal> {
    if machine::transition(dispute.state, Event::Withdraw).is_none() {
        return Err(Refusal::new("not_open", "It is closed already.", "Det är redan avslutat.", "Er ist schon geschlossen."));
    }
    if dispute.reason == DisputeReason::UnauthorisedPurchase || dispute.state == DisputeState::AppealReview {
        return Err(Refusal::new(
            "needs_person",
            "A person has to do this with you.",
            "En människa måste göra det här med dig.",
            "Das muss ein Mensch mit dir zusammen machen.",
        ));
    }
    Ok(())
}

pub(super) fn can_withdraw(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["dispute"])?;
    let (order, dispute) = named(view, args)?;
    let refusal = withdrawable(dispute).err();
    let mut preview = order.plan.clone();
    let moved = preview.as_mut().map(|plan| plan::resume(plan, view.today, view.market)).unwrap_or_default();
    let resumes: Vec<Value> = preview
        .iter()
        .flat_map(|plan| &plan.instalments)
        .filter_map(|due| {
            let (.., new) = moved.iter().find(|(id, ..)| *id == due.id)?;
            Some(json!({"seq": due.seq, "due_on": new, "amount_minor": due.open_minor()}))
        })
        .collect();
    let own = json!({"public_no": dispute.public_no, "merchant": view.merchants.name(&order.merchant), "currency": order.currency,
        "resumes": resumes});
    Ok(verdict(view, refusal.as_ref(), own))
}

fn appealable(view: &View<'_>, dispute: &Dispute) -> Result<(), Refusal> {
    let over = dispute.next_deadline_at.is_none_or(|at| at < view.now);
    if dispute.state == DisputeState::PreliminaryDecision && !over {
        if dispute.outcome == Some(DisputeOutcome::CustomerWonFull) {
            return Err(Refusal::new(
                "decided_for_you",
                "It was decided for you in full.",
                "Det avgjordes helt till din fördel.",
                "Es wurde ganz für dich entschieden.",
            ));
        }
        return Ok(());
    }
    if dispute.state == DisputeState::Closed {
        return Err(Refusal::new(
            "window_over",
            "It is closed, so a person has to see whether it can be looked at again.",
            "Det är avslutat, så en människa måste se om det kan tas upp igen.",
            "Er ist geschlossen, deshalb muss ein Mensch sehen, ob er noch einmal geprüft werden kann.",
        ));
    }
    Err(Refusal::new("not_decided", "It has not been decided yet.", "Det är inte avgjort än.", "Er ist noch nicht entschieden."))
}

pub(super) fn can_appeal(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["dispute"])?;
    let (order, dispute) = named(view, args)?;
    let until_on = dispute.next_deadline_at.map(|at| view.market.date(at));
    let refusal = appealable(view, dispute).err();
    let own = json!({"public_no": dispute.public_no, "merchant": view.merchants.name(&order.merchant), "until_on": until_on});
    Ok(verdict(view, refusal.as_ref(), own))
}

pub(super) fn withdraw_dispute(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["dispute"])?;
    let (_, dispute) = named(view, args)?;
    withdrawable(dispute)?;
    step(view, args, dispute, Event::Withdraw, Brings { rule: Some(("R7", json!({"asked_in": "chat"}))), ..Brings::default() })
}

pub(super) fn appeal_dispute(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["dispute", "why"])?;
    let (_, dispute) = named(view, args)?;
    appealable(view, dispute)?;
    let why = args.need_text("why")?.to_owned();
    step(view, args, dispute, Event::Appeal, Brings { text: Some(why), ..Brings::default() })
}

pub(super) fn accept_offer(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["dispute"])?;
    let (_, dispute) = named(view, args)?;
    let rule = Some(("R9", json!({"offer_minor": dispute.offer_minor(), "disputed_minor": dispute.disputed_minor})));
    step(view, args, dispute, Event::AcceptOffer, Brings { rule, ..Brings::default() })
}

pub(super) fn refuse_offer(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["dispute"])?;
    let (_, dispute) = named(view, args)?;
    let happened = refuse(view.account, &dispute.id, ground(view)).map_err(|refused| BadCall(refused.to_string()))?;
    Ok(told(view, &dispute.id, happened))
}

pub(super) fn answer_dispute(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["dispute", "text"])?;
    let (_, dispute) = named(view, args)?;
    let text = args.need_text("text")?.to_owned();
    if dispute.state == DisputeState::CustomerInfoRequested {
        return step(view, args, dispute, Event::InfoSupplied, Brings { text: Some(text), ..Brings::default() });
    }
    // Nobody has asked, but whoever decides should read it.
    let said = json!({"party": "customer", "type": "statement", "note": text, "submitted_at": view.now});
    let happened = hand_in(view.account, &dispute.id, said, ground(view));
    let happened = happened.map_err(|refused| No::from(args.wrong("dispute", &format!("an open one: {refused}"))))?;
    Ok(told(view, &dispute.id, happened))
}

fn ground<'v>(view: &View<'v>) -> Ground<'v> {
    Ground { merchants: view.merchants, now: view.now }
}

fn step(view: &View<'_>, args: &Args<'_>, dispute: &Dispute, event: Event, brings: Brings) -> Done {
    let happened = act(view.account, &dispute.id, event, Actor::Customer, brings, ground(view));
    let happened = happened.map_err(|refused| No::from(args.wrong("dispute", &format!("one that this can happen to: {refused}"))))?;
    Ok(told(view, &dispute.id, happened))
}

/// The dispute as it is now. People who would be called are not: a flow that needs one hands over with everything that was said.
fn told(view: &View<'_>, id: &str, happened: Happenings) -> (Value, Change) {
    let after = View { account: &happened.account, ..*view };
    let record = happened.account.dispute(id).map_or(Value::Null, |(order, dispute)| disputes::record(&after, order, dispute));
    let payments: Vec<Value> = happened
        .account
        .dispute(id)
        .into_iter()
        .flat_map(|(order, _)| &order.plan)
        .flat_map(|plan| &plan.instalments)
        .filter(|due| due.is_open())
        .map(|due| json!({"seq": due.seq, "due_on": due.due_on, "amount_minor": due.open_minor()}))
        .collect();
    let answer = json!({"public_no": record["public_no"], "merchant": record["merchant"], "currency": record["currency"],
        "state_text": record["state_text"], "refund_minor": record["refund_minor"], "deadline_on": record["deadline_on"],
        "payments": payments});
    (answer, Change { account: happened.account, facts: happened.changes, messages: happened.outbox })
}
