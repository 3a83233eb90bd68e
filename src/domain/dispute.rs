//! Disputes: when one may be opened, what opening does, and what a customer is told about it.
//!
//! Customers never read who "won": they read what was decided for whom and what happens to their money. How a dispute goes on is in
//! `machine` (states and events), `clock` (deadlines) and `rules` (what is decided without a person).

pub mod case;
pub mod clock;
mod detail;
pub mod machine;
pub mod rules;
mod words;

pub use detail::Detail;
pub use words::{outcome_text, reason_text, state_text};

use super::account::{
    Customer, CustomerStatus, Dispute, DisputeReason, DisputeState, Framework, Merchant, MerchantStatus, Order, OrderStatus, Party,
    Shipment, ShipmentStatus,
};
use super::ids::IdMaker;
use super::language::Language;
use super::market::{Market, days_after};
use super::plan::{self, Held};
use super::rule::Refusal;
use super::time::spoken;
use clock::{Clock, LEAST_WINDOW_DAYS};
use jiff::Timestamp;
use jiff::civil::Date;
use machine::{Actor, Brings, Event, Refused as NoStep};
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
        return Err(already_open(&open.public_no));
    }
    let unauthorised = reason == DisputeReason::UnauthorisedPurchase;
    let today = market.date(now);
    let charged_at = match order.captures.iter().map(|capture| capture.captured_at).max() {
        Some(at) => at,
        None if unauthorised || matches!(order.status, OrderStatus::Captured | OrderStatus::PartCaptured | OrderStatus::Closed) => {
            order.placed_at
        }
        None => {
            return Err(Refusal::new(
                "not_captured",
                "The store has not charged this order, so there is nothing to dispute.",
                "Butiken har inte debiterat den här beställningen, så det finns inget att bestrida.",
                "Der Shop hat diese Bestellung noch nicht abgerechnet, es gibt also nichts zu beanstanden.",
            )
            .into());
        }
    };
    let disputed_minor = order.refundable_minor();
    needs_person(order, reason, customer, merchant, disputed_minor)?;
    let charged_on = market.date(charged_at);
    if !unauthorised && days_after(charged_on, market.claim_window_days) < today {
        let days = market.claim_window_days;
        return Err(Refusal::told("too_late", |language| {
            let on = spoken(charged_on, today, language);
            match language {
                Language::English => {
                    format!("A problem can be disputed for {days} days after the charge, and this one was charged on {on}.")
                }
                Language::Swedish => {
                    format!("Ett problem kan bestridas i {days} dagar efter debiteringen, och den här debiterades {on}.")
                }
                Language::German => {
                    format!("Ein Problem lässt sich {days} Tage nach der Abrechnung beanstanden, und diese war am {on}.")
                }
            }
        })
        .into());
    }
    if reason == DisputeReason::GoodsNotReceived {
        received_or_too_early(order, charged_on, market, today)?;
    }
    Ok(opening(order, reason, disputed_minor, market, now))
}

/// What a person may file although the rules of the chat say no: anything that was charged and not paid back, unless it is open already.
///
/// # Errors
/// When a dispute is open, or nothing is left to dispute.
pub fn by_exception(order: &Order, reason: DisputeReason, market: &Market, now: Timestamp) -> Result<Opening, Refused> {
    if let Some(open) = open_dispute(order) {
        return Err(already_open(&open.public_no));
    }
    let disputed_minor = order.refundable_minor();
    if disputed_minor <= 0 {
        return Err(paid_back());
    }
    Ok(opening(order, reason, disputed_minor, market, now))
}

/// A person named an order that the customer does not have.
pub fn no_such_order() -> Refused {
    Refusal::new(
        "needs_person",
        "The customer has no such order.",
        "Kunden har ingen sådan beställning.",
        "Der Kunde hat keine solche Bestellung.",
    )
    .into()
}

/// What filing would lead to, by the dispute machine itself.
fn opening(order: &Order, reason: DisputeReason, disputed_minor: i64, market: &Market, now: Timestamp) -> Opening {
    let claim = Claim { reason, sub_reason: None, store_contact: None, store_contact_on: None, note: None };
    let filed = filed(order, &claim, disputed_minor, None, market, now);
    let deadline_at = filed.next_deadline_at.unwrap_or(now);
    let deadline_on = market.date(deadline_at);
    let window_days = super::market::days_between(market.date(now), deadline_on);
    Opening { disputed_minor, state: filed.state, next_actor: filed.next_actor.unwrap_or(Party::Us), deadline_at, deadline_on, window_days }
}

/// A draft, filed. Its ids are the caller's to give.
fn filed(order: &Order, claim: &Claim, disputed_minor: i64, merchant: Option<&Merchant>, market: &Market, now: Timestamp) -> Dispute {
    let draft = Dispute {
        id: String::new(),
        public_no: String::new(),
        reason: claim.reason,
        sub_reason: claim.sub_reason.clone(),
        state: DisputeState::Draft,
        disputed_minor,
        lines: order.lines.iter().map(|line| line.id.clone()).collect(),
        opened_at: now,
        next_deadline_at: None,
        next_actor: None,
        round: 0,
        outcome: None,
        refund_minor: 0,
        closed_at: None,
        requests: Vec::new(),
        evidence: Vec::new(),
        events: Vec::new(),
        framework: market.framework,
        asked_from: None,
        decision: None,
        reopened_from: None,
    };
    let event = if claim.reason == DisputeReason::UnauthorisedPurchase { Event::ReportUnauthorised } else { Event::Submit };
    let stepped: Result<Dispute, NoStep> = machine::step(&draft, event, Actor::Customer, &Brings::default(), Clock { now, market });
    let mut filed = stepped.expect("a draft can be filed: a test holds it for every reason");
    if let Some(told) = filed.events.last_mut() {
        told["store_contact"] = json!(claim.store_contact);
        told["store_contact_on"] = json!(claim.store_contact_on);
        told["note"] = json!(claim.note);
        if let Some(limit) = rules::accepts_unseen(merchant, order, disputed_minor) {
            told["accepts_up_to_minor"] = json!(limit);
        }
    }
    // For a return the store's time began when the goods were sent; Klarna counts 21 days from the return's date.
    let sent = order.returns.iter().filter_map(|back| back.sent_on.or(Some(market.date(back.reported_at)))).max();
    if let (DisputeReason::ReturnRefundMissing, Framework::V3, Some(sent)) = (claim.reason, filed.framework, sent) {
        let least = days_after(market.date(now), LEAST_WINDOW_DAYS);
        filed.next_deadline_at = Some(market.end_of(days_after(sent, market.dispute_window_days).max(least)));
    }
    filed
}

fn already_open(number: &str) -> Refused {
    let refusal = Refusal::told("already_open", |language| match language {
        Language::English => format!("There is a dispute about this order already: {number}."),
        Language::Swedish => format!("Det finns redan ett ärende om den här beställningen: {number}."),
        Language::German => format!("Zu dieser Bestellung gibt es schon einen Fall: {number}."),
    });
    Refused { public_no: Some(number.to_owned()), ..refusal.into() }
}

fn paid_back() -> Refused {
    Refusal::new(
        "needs_person",
        "The whole amount was paid back already, so a person has to look at what is still wrong.",
        "Hela beloppet är redan återbetalat, så en människa måste titta på vad som fortfarande är fel.",
        "Der ganze Betrag wurde schon erstattet, deshalb muss ein Mensch prüfen, was noch nicht stimmt.",
    )
    .into()
}

fn needs_person(
    order: &Order,
    reason: DisputeReason,
    customer: &Customer,
    merchant: Option<&Merchant>,
    disputed_minor: i64,
) -> Result<(), Refused> {
    let no = |english, swedish, german| Err(Refusal::new("needs_person", english, swedish, german).into());
    if reason == DisputeReason::HighRiskOrder {
        return no("A person has to look at this.", "En människa måste titta på det här.", "Das muss sich ein Mensch ansehen.");
    }
    if reason == DisputeReason::UnauthorisedPurchase {
        return Ok(());
    }
    if order.disputes.iter().any(|dispute| dispute.reason == reason) {
        return no(
            "This problem was decided on before, so a person has to look at it again.",
            "Det här problemet har avgjorts tidigare, så en människa måste titta på det igen.",
            "Über dieses Problem wurde schon einmal entschieden, deshalb muss es sich ein Mensch noch einmal ansehen.",
        );
    }
    if merchant.is_some_and(|merchant| merchant.status == MerchantStatus::Insolvent) {
        return no(
            "This store has stopped trading, so a person has to take care of your order.",
            "Den här butiken har lagt ner, så en människa måste ta hand om din beställning.",
            "Dieser Shop hat den Betrieb eingestellt, deshalb muss sich ein Mensch um deine Bestellung kümmern.",
        );
    }
    if disputed_minor <= 0 {
        return Err(paid_back());
    }
    if customer.flags.iter().any(|flag| flag == "dispute_abuse")
        || matches!(customer.status, CustomerStatus::Closed | CustomerStatus::Deceased)
    {
        return no(
            "A person has to look at this before a dispute can be opened.",
            "En människa måste titta på det här innan ett ärende kan öppnas.",
            "Das muss sich ein Mensch ansehen, bevor ein Fall eröffnet werden kann.",
        );
    }
    Ok(())
}

fn received_or_too_early(order: &Order, charged_on: Date, market: &Market, today: Date) -> Result<(), Refused> {
    if proven_delivered(order) {
        return Err(Refusal::new(
            "delivered",
            "The carrier has a proof of delivery at your address.",
            "Transportören har ett bevis på leverans till din adress.",
            "Der Paketdienst hat einen Zustellnachweis für deine Adresse.",
        )
        .into());
    }
    let lost = outbound(order).any(|parcel| matches!(parcel.status, ShipmentStatus::Lost | ShipmentStatus::ReturnedToSender));
    let promised = outbound(order).filter_map(|parcel| parcel.promised_on).max();
    // The day after the promised day is the first on which it is late.
    let from = promised.map_or(Date::MIN, |on| days_after(on, 1)).max(days_after(charged_on, market.not_received_wait_days));
    if lost || from <= today {
        return Ok(());
    }
    let refusal = Refusal::told("too_early", |language| {
        let from = spoken(from, today, language);
        match language {
            Language::English => format!("It may still arrive in time. If it has not come by then, it can be disputed from {from}."),
            Language::Swedish => format!("Det kan fortfarande komma i tid. Har det inte kommit då kan det bestridas från {from}."),
            Language::German => format!("Es kann noch rechtzeitig kommen. Ist es bis dahin nicht da, lässt es sich ab {from} beanstanden."),
        }
    });
    Err(Refused { from_on: Some(from), ..refusal.into() })
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
#[expect(clippy::too_many_arguments, reason = "a claim, what the rules said about it, and the world that it is filed in")]
pub fn open(
    order: &mut Order,
    claim: Claim,
    opening: &Opening,
    public_no: String,
    merchant: Option<&Merchant>,
    ids: &mut IdMaker,
    market: &Market,
    now: Timestamp,
) -> Vec<Held> {
    let filed = filed(order, &claim, opening.disputed_minor, merchant, market, now);
    order.disputes.push(Dispute { id: ids.id("dsp"), public_no, ..filed });
    order.plan.as_mut().map(plan::pause).unwrap_or_default()
}

#[cfg(test)]
mod tests;
