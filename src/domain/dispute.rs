//! Disputes: when one may be opened, what opening does, and what a customer is told about it.
//!
//! Customers never read who "won": they read what was decided for whom and what happens to their money.

use super::account::{
    Customer, CustomerStatus, Dispute, DisputeOutcome, DisputeReason, DisputeState, Merchant, MerchantStatus, Order, OrderStatus, Party,
    RefundStatus, Shipment, ShipmentStatus,
};
use super::ids::IdMaker;
use super::market::{Market, days_after};
use super::money::display;
use super::plan::{self, Held};
use super::rule::Refusal;
use super::time::spoken;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

/// What opening a dispute would mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// How much would be contested: what was charged, less what was paid back.
    pub disputed_minor: i64,
    /// Where it would stand.
    pub state: DisputeState,
    /// Who would have to act.
    pub next_actor: Party,
    /// By when: the end of a day in the market's zone.
    pub deadline_at: Timestamp,
    /// That day.
    pub deadline_on: Date,
    /// Days until then.
    pub window_days: i32,
}

/// Why a dispute can't be opened, with what the customer may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Code and sentence: `already_open`, `too_early`, `too_late`, `delivered`, `not_captured`, `needs_person`.
    pub refusal: Refusal,
    /// The dispute that is open already.
    pub public_no: Option<String>,
    /// The first day on which it can be opened.
    pub from_on: Option<Date>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, public_no: None, from_on: None }
    }
}

/// The parcels that went to the customer: not those that carry a return.
pub fn outbound(order: &Order) -> impl Iterator<Item = &Shipment> {
    order.shipments.iter().filter(|parcel| {
        parcel.tracking_no.is_none() || order.returns.iter().all(|back| back.tracking_no.as_deref() != parcel.tracking_no.as_deref())
    })
}

/// The dispute of an order that is not closed.
pub fn open_dispute(order: &Order) -> Option<&Dispute> {
    order.disputes.iter().find(|dispute| dispute.state != DisputeState::Closed)
}

/// Whether every parcel is proven to have been handed over where it should: delivered, with the order's own postcode on the proof.
fn proven_delivered(order: &Order) -> bool {
    let mut parcels = outbound(order).peekable();
    let same = |proof: &str, ours: &str| {
        let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
        !plain(ours).is_empty() && plain(proof) == plain(ours)
    };
    parcels.peek().is_some()
        && parcels.all(|parcel| {
            parcel.status == ShipmentStatus::Delivered
                && matches!((&parcel.proof_postcode, &order.ship_to), (Some(proof), Some(ours)) if same(proof, &ours.postcode))
        })
}

/// Whether a dispute may be opened about an order.
///
/// The purchase was charged, at most 180 days ago (an unauthorised purchase: no limit); no dispute about it is open; "not received" only
/// after the promised day and a week after the charge, unless the carrier says that the parcel is lost; and not when the carrier
/// proves delivery. Whatever would need a decision against the customer goes to a person instead.
pub fn may_open(
    order: &Order,
    reason: DisputeReason,
    customer: &Customer,
    merchant: Option<&Merchant>,
    market: &Market,
    now: Timestamp,
) -> Result<Opening, Refused> {
    if let Some(open) = open_dispute(order) {
        let why = format!("There is a dispute about this order already: {}.", open.public_no);
        return Err(Refused { public_no: Some(open.public_no.clone()), ..Refusal::new("already_open", why).into() });
    }
    let unauthorised = reason == DisputeReason::UnauthorisedPurchase;
    let today = market.date(now);
    let charged_at = match order.captures.iter().map(|capture| capture.captured_at).max() {
        Some(at) => at,
        None if unauthorised || matches!(order.status, OrderStatus::Captured | OrderStatus::PartCaptured | OrderStatus::Closed) => {
            order.placed_at
        }
        None => return Err(Refusal::new("not_captured", "The store has not charged this order, so there is nothing to dispute.").into()),
    };
    let back: i64 = order
        .refunds
        .iter()
        .filter(|refund| refund.status != RefundStatus::Failed && refund.status != RefundStatus::Reversed)
        .map(|refund| refund.amount_minor)
        .sum();
    let charged: i64 = order.captures.iter().map(|capture| capture.amount_minor).sum();
    let disputed_minor = if charged > 0 { charged } else { order.total_minor } - back;
    needs_person(order, reason, customer, merchant, disputed_minor)?;
    let charged_on = market.date(charged_at);
    if !unauthorised && days_after(charged_on, market.claim_window_days) < today {
        let why = format!(
            "A problem can be disputed for {} days after the charge, and this one was charged on {}.",
            market.claim_window_days,
            spoken(charged_on, today)
        );
        return Err(Refusal::new("too_late", why).into());
    }
    if reason == DisputeReason::GoodsNotReceived {
        received_or_too_early(order, charged_on, market, today)?;
    }
    let (state, next_actor, window_days) = if unauthorised {
        (DisputeState::FraudInvestigation, Party::Us, market.fraud_window_days)
    } else {
        (DisputeState::MerchantWindow, Party::Merchant, market.dispute_window_days)
    };
    let deadline_on = days_after(today, window_days);
    Ok(Opening { disputed_minor, state, next_actor, deadline_at: market.end_of(deadline_on), deadline_on, window_days })
}

fn needs_person(
    order: &Order,
    reason: DisputeReason,
    customer: &Customer,
    merchant: Option<&Merchant>,
    disputed_minor: i64,
) -> Result<(), Refused> {
    let no = |why: &str| Err(Refusal::new("needs_person", why).into());
    if reason == DisputeReason::HighRiskOrder {
        return no("A person has to look at this.");
    }
    if reason == DisputeReason::UnauthorisedPurchase {
        return Ok(());
    }
    if order.disputes.iter().any(|dispute| dispute.reason == reason) {
        return no("This problem was decided on before, so a person has to look at it again.");
    }
    if merchant.is_some_and(|merchant| merchant.status == MerchantStatus::Insolvent) {
        return no("This store has stopped trading, so a person has to take care of your order.");
    }
    if disputed_minor <= 0 {
        return no("The whole amount was paid back already, so a person has to look at what is still wrong.");
    }
    if customer.flags.iter().any(|flag| flag == "dispute_abuse")
        || matches!(customer.status, CustomerStatus::Closed | CustomerStatus::Deceased)
    {
        return no("A person has to look at this before a dispute can be opened.");
    }
    Ok(())
}

fn received_or_too_early(order: &Order, charged_on: Date, market: &Market, today: Date) -> Result<(), Refused> {
    if proven_delivered(order) {
        return Err(Refusal::new("delivered", "The carrier has a proof of delivery at your address.").into());
    }
    let lost = outbound(order).any(|parcel| matches!(parcel.status, ShipmentStatus::Lost | ShipmentStatus::ReturnedToSender));
    let promised = outbound(order).filter_map(|parcel| parcel.promised_on).max();
    // The day after the promised day is the first on which it is late.
    let from = promised.map_or(Date::MIN, |on| days_after(on, 1)).max(days_after(charged_on, market.not_received_wait_days));
    if lost || from <= today {
        return Ok(());
    }
    let why = format!("It may still arrive in time. If it has not come by then, it can be disputed from {}.", spoken(from, today));
    Err(Refused { from_on: Some(from), ..Refusal::new("too_early", why).into() })
}

/// What the customer says about a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is contested.
    pub reason: DisputeReason,
    /// More exactly.
    pub sub_reason: Option<String>,
    /// What the store answered: `agreed`, `unavailable`, `unexpected`, `could_not_help`, `not_contacted`.
    pub store_contact: Option<String>,
    /// When the store was asked.
    pub store_contact_on: Option<Date>,
    /// In the customer's words.
    pub note: Option<String>,
}

/// Opens a dispute and pauses the plan of its order. The caller has asked `may_open`. Gives what the pause holds.
pub fn open(order: &mut Order, claim: Claim, opening: &Opening, public_no: String, ids: &mut IdMaker, now: Timestamp) -> Vec<Held> {
    let event = json!({"at": now, "event": if opening.state == DisputeState::FraudInvestigation { "report_unauthorised" } else { "submit" },
        "by": "customer", "from": DisputeState::Draft, "to": opening.state, "store_contact": claim.store_contact,
        "store_contact_on": claim.store_contact_on, "note": claim.note});
    order.disputes.push(Dispute {
        id: ids.id("dsp"),
        public_no,
        reason: claim.reason,
        sub_reason: claim.sub_reason,
        state: opening.state,
        disputed_minor: opening.disputed_minor,
        lines: order.lines.iter().map(|line| line.id.clone()).collect(),
        opened_at: now,
        next_deadline_at: Some(opening.deadline_at),
        next_actor: Some(opening.next_actor),
        round: 0,
        outcome: None,
        refund_minor: 0,
        closed_at: None,
        requests: Vec::new(),
        evidence: Vec::new(),
        events: vec![event],
    });
    order.plan.as_mut().map(plan::pause).unwrap_or_default()
}

/// A reason in the customer's words, to follow "about": "goods that never arrived".
pub fn reason_text(reason: DisputeReason) -> &'static str {
    match reason {
        DisputeReason::GoodsNotReceived => "goods that never arrived",
        DisputeReason::ServiceNotProvided => "a service that was not provided",
        DisputeReason::FaultyOrNotAsDescribed => "goods that are faulty or not as described",
        DisputeReason::ReturnRefundMissing => "a missing refund for a return",
        DisputeReason::IncorrectAmount => "a wrong amount",
        DisputeReason::AlreadyPaidElsewhere => "something that was already paid another way",
        DisputeReason::DuplicateCharge => "a charge that was made twice",
        DisputeReason::SubscriptionCancelled => "a subscription that was cancelled",
        DisputeReason::UnauthorisedPurchase => "a purchase that you didn't make",
        DisputeReason::HighRiskOrder => "a purchase that we are checking",
    }
}

/// An outcome in the customer's words.
pub fn outcome_text(outcome: DisputeOutcome) -> &'static str {
    match outcome {
        DisputeOutcome::CustomerWonFull => "decided for you",
        DisputeOutcome::CustomerWonPartial => "decided for you in part",
        DisputeOutcome::MerchantWon => "decided for the store",
        DisputeOutcome::WithdrawnByCustomer => "withdrawn by you",
        DisputeOutcome::RefundedByMerchant => "refunded by the store",
        DisputeOutcome::Duplicate => "closed because there was another dispute about the same order",
        DisputeOutcome::WrongReason => "closed because it was opened for another reason",
        DisputeOutcome::CustomerDidNotRespond => "closed because we had no answer from you",
        DisputeOutcome::CustomerAuthorisedPurchase => "closed because the purchase turned out to be yours",
    }
}

/// Where a dispute stands, as one or two sentences for the customer.
///
/// `merchant`: the store's name; `method`: how money goes back, e.g. `Visa ending in 4242`.
pub fn state_text(order: &Order, dispute: &Dispute, merchant: &str, method: Option<&str>, market: &Market, now: Timestamp) -> String {
    let today = market.date(now);
    let by = |lead: &str| dispute.next_deadline_at.map_or(String::new(), |at| format!(" {lead} {}", spoken(market.date(at), today)));
    let paused = order.plan.as_ref().is_some_and(|plan| plan.is_paused());
    let and_paused = |text: &str| if paused { format!(" {text}") } else { String::new() };
    match dispute.state {
        DisputeState::Draft => "It has not been sent yet: we still need some answers from you.".into(),
        DisputeState::MerchantWindow => {
            format!("We've told {merchant}. They have{} to sort it out with you.{}", by("until"), and_paused("Your payments are paused."))
        }
        DisputeState::CustomerInfoRequested => {
            format!(
                "We need {} from you{}.{}",
                asked_for(dispute, "customer", "more information"),
                by("by"),
                and_paused("Your payments stay paused.")
            )
        }
        DisputeState::MerchantEvidenceRequested => {
            let proof = asked_for(dispute, "merchant", usual_proof(dispute.reason));
            format!(
                "We've asked {merchant} for proof such as {proof}. They must answer{}.{}",
                by("by"),
                and_paused("Your payments stay paused.")
            )
        }
        DisputeState::UnderReview => {
            format!("A specialist is deciding. We expect to tell you{}.{}", by("by"), and_paused("Your payments stay paused."))
        }
        DisputeState::PreliminaryDecision => {
            let result = dispute.outcome.map_or("we have looked at both sides", outcome_text);
            format!("First decision: {result}. Either side can ask for a second look{}.", by("until"))
        }
        DisputeState::AppealReview => {
            format!("A different specialist is taking a second, final look.{}", and_paused("Your payments stay paused."))
        }
        DisputeState::FraudInvestigation => "We've locked this purchase and paused payments. A person is handling it.".into(),
        DisputeState::Closed => closed_text(order, dispute, method, market, today),
    }
}

fn closed_text(order: &Order, dispute: &Dispute, method: Option<&str>, market: &Market, today: Date) -> String {
    let restart = order
        .plan
        .as_ref()
        .and_then(|plan| plan.instalments.iter().filter(|instalment| instalment.is_open()).map(|instalment| instalment.due_on).min())
        .map_or(String::new(), |on| format!(" Your next payment is due on {}; there are no fees for the pause.", spoken(on, today)));
    let Some(outcome) = dispute.outcome else { return "It is closed.".into() };
    match outcome {
        DisputeOutcome::CustomerWonFull | DisputeOutcome::CustomerWonPartial => {
            let lead = if outcome == DisputeOutcome::CustomerWonFull { "Decided for you." } else { "Decided for you in part." };
            let back = display(dispute.refund_minor, order.currency);
            let to = method.map_or(String::new(), |method| format!(" to {method}"));
            format!("{lead} You get back {back}{to}; it can take up to {} days.", market.refund_posting_days)
        }
        DisputeOutcome::MerchantWon => format!(
            "Decided for the store because of the proof that it sent us.{restart} You can complain to us, and after that to {}.",
            market.ombudsman
        ),
        DisputeOutcome::WithdrawnByCustomer => format!("You withdrew it.{restart}"),
        DisputeOutcome::RefundedByMerchant => {
            format!(
                "The store paid you back {}; it can take up to {} days to reach you.",
                display(dispute.refund_minor, order.currency),
                market.refund_posting_days
            )
        }
        DisputeOutcome::Duplicate
        | DisputeOutcome::WrongReason
        | DisputeOutcome::CustomerDidNotRespond
        | DisputeOutcome::CustomerAuthorisedPurchase => {
            let text = outcome_text(outcome);
            format!("It was {text}.{restart}")
        }
    }
}

fn asked_for(dispute: &Dispute, whom: &str, otherwise: &str) -> String {
    let last = dispute.requests.iter().rev().find(|request| request["to"] == whom && request["answered_at"].is_null());
    last.and_then(|request| request["text"].as_str()).unwrap_or(otherwise).to_owned()
}

fn usual_proof(reason: DisputeReason) -> &'static str {
    match reason {
        DisputeReason::GoodsNotReceived => "a signed proof of delivery",
        DisputeReason::ServiceNotProvided => "a record of the service",
        DisputeReason::FaultyOrNotAsDescribed => "its answer to your complaint and its returns policy",
        DisputeReason::ReturnRefundMissing => "a record of the return and the refund",
        DisputeReason::IncorrectAmount | DisputeReason::AlreadyPaidElsewhere | DisputeReason::DuplicateCharge => {
            "the invoice and the payments it has received"
        }
        DisputeReason::SubscriptionCancelled => "the subscription's terms and dates",
        DisputeReason::UnauthorisedPurchase | DisputeReason::HighRiskOrder => "who ordered and where it was sent",
    }
}

#[cfg(test)]
mod tests;
