//! The life of a dispute: which event leads from which state to which, who may cause it, and what the event must bring.
//!
//! Pure: a dispute and an event give the next dispute or a typed refusal. Money, payments and messages follow from the step and are
//! `domain/progress`'s business. `docs/disputes.md` is written from the tables here.

use super::clock::{self, Clock};
use super::detail::Detail;
use crate::domain::account::{Decision, Dispute, DisputeOutcome, DisputeReason, DisputeState, Framework};
use serde_json::{Value, json};
use std::fmt;

/// Most rounds of evidence that a store is asked for. Klarna v3: at most five requests.
pub const MOST_ROUNDS: u32 = 5;

/// Who causes an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The customer, in the chat or the purchases tab.
    Customer,
    /// The store.
    Merchant,
    /// A person of ours.
    Agent,
    /// A deadline.
    Timer,
    /// A carrier or the payment provider.
    Outside,
    /// One of the rules R1 to R9.
    Rule,
}

impl Actor {
    /// The word in a dispute's events.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Customer => "customer",
            Actor::Merchant => "merchant",
            Actor::Agent => "agent",
            Actor::Timer => "timer",
            Actor::Outside => "outside",
            Actor::Rule => "rule",
        }
    }
}

macro_rules! events {
    ($($variant:ident $name:literal $meaning:literal;)*) => {
        /// What may happen to a dispute.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Event {
            $(#[doc = $meaning] $variant,)*
        }

        impl Event {
            /// All of them.
            pub const ALL: &[Event] = &[$(Event::$variant),*];

            /// The word in a dispute's events and on the desk's interface.
            pub fn as_str(self) -> &'static str {
                match self { $(Event::$variant => $name,)* }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Event::$variant => $meaning,)* }
            }
        }
    };
}

events! {
    Submit "submit" "The claim is filed.";
    ReportUnauthorised "report_unauthorised" "Somebody else made the purchase.";
    DraftExpired "draft_expired" "A claim that was never filed is a day old.";
    NeedInfo "need_info" "We need something from the customer.";
    InfoSupplied "info_supplied" "The customer has answered.";
    InfoDeadlineMissed "info_deadline_missed" "The customer has not answered in time.";
    AskMerchant "ask_merchant" "The store is asked about a purchase that the customer did not make.";
    ConfirmedFraud "confirmed_fraud" "Somebody else did make the purchase.";
    CustomerAuthorised "customer_authorised" "The purchase was the customer's own.";
    NotFraud "not_fraud_reclassified" "It is another problem, and the customer agrees.";
    WindowElapsed "window_elapsed" "The store's time to settle is over.";
    EscalatesEarly "customer_escalates_early" "The customer does not want to wait for the store.";
    RiskEscalation "risk_escalation" "We do not want to wait for the store.";
    ReturnUnrefunded "return_unrefunded" "Rule R4: the store has had the return for two weeks.";
    EvidenceSubmitted "evidence_submitted" "The store has answered.";
    AcceptLoss "accept_loss" "The store accepts the claim.";
    DeadlineMissed "deadline_missed" "The store has not answered in time, and rule R1 may not decide.";
    DecidedByRule "decided_by_rule" "A rule decides for the customer.";
    DuplicateFound "duplicate_found" "Rule R6: two equal charges within a day for one parcel.";
    Decide "decide" "A first decision.";
    MoreInfo "more_info" "The store is asked again.";
    Appeal "appeal" "One side asks for a second look.";
    AppealWindowElapsed "appeal_window_elapsed" "Nobody asked for a second look.";
    Accept "accept" "The side that lost accepts the decision.";
    FinalDecision "final_decision" "The binding decision of a second person.";
    Withdraw "withdraw" "The customer takes the claim back.";
    AcceptOffer "accept_offer" "The customer takes the part that the store gives.";
    RefundPosted "refund_posted" "The store has paid back all of it.";
    Unanswered "close_unanswered" "The customer never answered what we needed.";
    Duplicate "duplicate" "There is another dispute about the same thing.";
    WrongReason "wrong_reason" "It was opened for the wrong reason; a new one goes on under the right one.";
    Reopen "reopen" "A closed claim is looked at again, as a new dispute.";
}

impl Event {
    /// The event with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == name)
    }
}

/// Where an event leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To this state.
    State(DisputeState),
    /// To the first state of the dispute's framework.
    First,
    /// Back to where the customer was asked.
    Back,
    /// The dispute stays closed, and a new one begins in this state.
    New(DisputeState),
}

/// One row of the table.
#[derive(Debug)]
pub struct Transition {
    /// What happens.
    pub event: Event,
    /// In which states it can.
    pub from: &'static [DisputeState],
    /// Where it leads.
    pub to: To,
    /// Who may cause it.
    pub by: &'static [Actor],
    /// What must hold, in words. Empty: nothing more.
    pub guard: &'static str,
}

use Actor::{Agent, Customer, Merchant, Outside, Rule, Timer};
use DisputeState::{
    AppealReview, Closed, CustomerInfoRequested, Draft, FraudInvestigation, MerchantEvidenceRequested, MerchantWindow, PreliminaryDecision,
    UnderReview,
};

const OPEN: &[DisputeState] =
    &[MerchantWindow, CustomerInfoRequested, MerchantEvidenceRequested, UnderReview, PreliminaryDecision, AppealReview, FraudInvestigation];

const fn row(event: Event, from: &'static [DisputeState], to: To, by: &'static [Actor], guard: &'static str) -> Transition {
    Transition { event, from, to, by, guard }
}

/// Every way from one state to another. An event that stands in no row for a state is refused there.
pub const TRANSITIONS: &[Transition] = &[
    row(Event::Submit, &[Draft], To::First, &[Customer, Agent], "signed in; the rules of `can_dispute`; a person may make an exception"),
    row(Event::ReportUnauthorised, &[Draft], To::State(FraudInvestigation), &[Customer, Agent], "no wait, no limit of days"),
    row(Event::DraftExpired, &[Draft], To::State(Closed), &[Timer], "24 hours old"),
    row(
        Event::NeedInfo,
        &[MerchantWindow, MerchantEvidenceRequested, UnderReview, AppealReview, FraudInvestigation],
        To::State(CustomerInfoRequested),
        &[Agent],
        "says what is needed",
    ),
    row(Event::InfoSupplied, &[CustomerInfoRequested], To::Back, &[Customer, Agent], "a text or a file"),
    row(Event::InfoDeadlineMissed, &[CustomerInfoRequested], To::State(UnderReview), &[Timer], "a person closes, never the timer"),
    row(Event::AskMerchant, &[FraudInvestigation], To::State(MerchantEvidenceRequested), &[Agent], ""),
    row(Event::ConfirmedFraud, &[FraudInvestigation], To::State(Closed), &[Agent], "the customer gets everything back"),
    row(Event::CustomerAuthorised, &[FraudInvestigation], To::State(Closed), &[Agent], "says why"),
    row(Event::NotFraud, &[FraudInvestigation], To::First, &[Agent], "names the reason; the customer has agreed"),
    row(Event::WindowElapsed, &[MerchantWindow], To::State(MerchantEvidenceRequested), &[Timer], "the deadline has passed"),
    row(Event::EscalatesEarly, &[MerchantWindow], To::State(MerchantEvidenceRequested), &[Agent], "the customer asked for it"),
    row(Event::RiskEscalation, &[MerchantWindow], To::State(MerchantEvidenceRequested), &[Agent], ""),
    row(Event::ReturnUnrefunded, &[MerchantWindow], To::State(MerchantEvidenceRequested), &[Rule], "rule R4"),
    row(Event::EvidenceSubmitted, &[MerchantEvidenceRequested], To::State(UnderReview), &[Merchant], ""),
    row(Event::AcceptLoss, OPEN, To::State(Closed), &[Merchant], "rule R2: the customer gets everything back"),
    row(Event::DeadlineMissed, &[MerchantEvidenceRequested], To::State(UnderReview), &[Timer], "the deadline and a day have passed"),
    row(
        Event::DecidedByRule,
        &[MerchantWindow, MerchantEvidenceRequested],
        To::State(Closed),
        &[Rule],
        "rules R1, R3 and R5: everything for the customer, never against them",
    ),
    row(Event::DuplicateFound, &[MerchantWindow, MerchantEvidenceRequested], To::State(UnderReview), &[Rule], "rule R6"),
    row(Event::Decide, &[UnderReview], To::State(PreliminaryDecision), &[Agent], "an outcome, its amount and a reason"),
    row(Event::MoreInfo, &[UnderReview], To::State(MerchantEvidenceRequested), &[Agent], "at most five rounds"),
    row(Event::Appeal, &[PreliminaryDecision], To::State(AppealReview), &[Merchant, Customer, Agent], "within ten days"),
    row(Event::AppealWindowElapsed, &[PreliminaryDecision], To::State(Closed), &[Timer], "the deadline has passed"),
    row(Event::Accept, &[PreliminaryDecision], To::State(Closed), &[Merchant, Customer, Agent], ""),
    row(Event::FinalDecision, &[AppealReview], To::State(Closed), &[Agent], "another person than the one who decided first"),
    row(Event::Withdraw, OPEN, To::State(Closed), &[Customer], "freshly confirmed, after an explicit yes"),
    row(
        Event::AcceptOffer,
        &[MerchantWindow, CustomerInfoRequested, MerchantEvidenceRequested, UnderReview],
        To::State(Closed),
        &[Customer, Agent],
        "rule R9: the store gave or offered a part, and the customer agrees",
    ),
    row(Event::RefundPosted, OPEN, To::State(Closed), &[Outside], "rule R2: at least what is disputed"),
    row(Event::Unanswered, &[UnderReview], To::State(Closed), &[Agent], "the customer was asked and did not answer in time"),
    row(Event::Duplicate, OPEN, To::State(Closed), &[Agent], ""),
    row(
        Event::WrongReason,
        OPEN,
        To::State(Closed),
        &[Agent],
        "names the right reason; the clock of the new dispute began with the old one",
    ),
    row(Event::Reopen, &[Closed], To::New(UnderReview), &[Agent], "says why; closed ones are never opened again themselves"),
];

/// The row for an event in a state.
pub fn transition(state: DisputeState, event: Event) -> Option<&'static Transition> {
    TRANSITIONS.iter().find(|row| row.event == event && row.from.contains(&state))
}

/// What somebody may do with a dispute in this state.
pub fn possible(state: DisputeState, by: Actor) -> impl Iterator<Item = Event> {
    TRANSITIONS.iter().filter(move |row| row.from.contains(&state) && row.by.contains(&by)).map(|row| row.event)
}

/// What an event brings with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brings {
    /// For decisions: how it ends.
    pub outcome: Option<DisputeOutcome>,
    /// For decisions in part: what the customer gets back, in minor units of the order's currency.
    pub refund_minor: i64,
    /// For decisions: why, in a sentence that the customer reads.
    pub detail: Option<Detail>,
    /// In somebody's own words: what is asked, answered or noted.
    pub text: Option<String>,
    /// For a new reason.
    pub reason: Option<DisputeReason>,
    /// For rules: which one, and what it looked at.
    pub rule: Option<(&'static str, Value)>,
    /// Which agent.
    pub agent: Option<String>,
}

/// Why an event changes nothing. One sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing by that name.
    #[error("the account has no dispute '{0}'")]
    Unknown(String),
    /// Not in this state.
    #[error("'{event}' can't happen to dispute {no}, which is in state '{state}'; an agent can now: {possible}")]
    State {
        /// The dispute.
        no: String,
        /// What was tried.
        event: &'static str,
        /// Where the dispute stands.
        state: &'static str,
        /// What an agent may do instead.
        possible: String,
    },
    /// Not by this one.
    #[error("'{event}' is not for the {actor} to do")]
    Actor {
        /// What was tried.
        event: &'static str,
        /// By whom.
        actor: &'static str,
    },
    /// Something is missing or does not fit.
    #[error("'{event}' needs {what}")]
    Needs {
        /// What was tried.
        event: &'static str,
        /// What it needs.
        what: &'static str,
    },
    /// Enough was asked.
    #[error("the store was asked {MOST_ROUNDS} times already; decide on what is there")]
    Rounds,
    /// The second look needs other eyes.
    #[error("{0} made the first decision; another person must make the final one")]
    SameDecider(String),
}

/// The word of a state, as it stands in accounts.
pub fn state_name(state: DisputeState) -> &'static str {
    match state {
        Draft => "draft",
        MerchantWindow => "merchant_window",
        CustomerInfoRequested => "customer_info_requested",
        MerchantEvidenceRequested => "merchant_evidence_requested",
        UnderReview => "under_review",
        PreliminaryDecision => "preliminary_decision",
        AppealReview => "appeal_review",
        FraudInvestigation => "fraud_investigation",
        Closed => "closed",
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The first state of a claim that is filed. The newer way of working asks the store for evidence at once.
pub fn first_state(framework: Framework) -> DisputeState {
    match framework {
        Framework::V3 => MerchantWindow,
        Framework::V4 => MerchantEvidenceRequested,
    }
}

/// The dispute after an event.
///
/// # Errors
/// When the event is not possible in this state or for this actor, or lacks what it must bring. Nothing changes then.
pub fn step(dispute: &Dispute, event: Event, by: Actor, brings: &Brings, clock: Clock<'_>) -> Result<Dispute, Refused> {
    let name = event.as_str();
    let row = transition(dispute.state, event).ok_or_else(|| Refused::State {
        no: dispute.public_no.clone(),
        event: name,
        state: state_name(dispute.state),
        possible: possible(dispute.state, Agent).map(Event::as_str).collect::<Vec<_>>().join(", "),
    })?;
    if !row.by.contains(&by) {
        return Err(Refused::Actor { event: name, actor: by.as_str() });
    }
    let mut next = dispute.clone();
    let decided = demanded(dispute, event, brings)?;
    let asks = |text: &str| json!({"kind": "info", "text": text, "requested_at": clock.now, "answered_at": null});
    let state = match row.to {
        To::State(state) => state,
        To::First => first_state(dispute.framework),
        To::Back => dispute.asked_from.unwrap_or(UnderReview),
        To::New(_) => Closed,
    };
    next.state = state;
    match event {
        Event::NotFraud => next.reason = brings.reason.unwrap_or(dispute.reason),
        Event::NeedInfo => {
            next.asked_from = Some(dispute.state);
            let mut request = asks(brings.text.as_deref().unwrap_or_default());
            request["to"] = json!("customer");
            next.requests.push(request);
        }
        Event::InfoSupplied => {
            next.asked_from = None;
            answered(&mut next, "customer", clock);
        }
        Event::InfoDeadlineMissed => next.asked_from = None,
        Event::EvidenceSubmitted => answered(&mut next, "merchant", clock),
        _ => {}
    }
    if state == MerchantEvidenceRequested && event != Event::InfoSupplied {
        next.round += 1;
        let mut request = asks(brings.text.as_deref().unwrap_or_default());
        request["to"] = json!("merchant");
        request["kind"] = json!("evidence");
        if brings.text.is_none() {
            request["text"] = Value::Null;
        }
        next.requests.push(request);
    }
    if let Some((outcome, refund_minor)) = decided {
        next.outcome = Some(outcome);
        next.refund_minor = refund_minor;
    }
    if decided.is_some() || event == Event::AppealWindowElapsed || event == Event::Accept {
        next.decision = Some(decision(dispute, event, by, brings, clock));
    }
    let deadline = clock::deadline(&next, clock);
    next.next_actor = deadline.map(|(party, _)| party);
    next.next_deadline_at = deadline.map(|(_, at)| at);
    if let (Some(at), Some(request)) = (next.next_deadline_at, next.requests.last_mut())
        && request["answered_at"].is_null()
        && request["due_at"].is_null()
        && matches!(state, MerchantEvidenceRequested | CustomerInfoRequested)
    {
        request["due_at"] = json!(at);
    }
    if state == Closed && dispute.state != Closed {
        next.closed_at = Some(clock.now);
    }
    let mut written = json!({"at": clock.now, "event": name, "by": by.as_str(), "from": dispute.state, "to": state});
    for (field, value) in [("agent", &brings.agent), ("text", &brings.text)] {
        if let Some(value) = value {
            written[field] = json!(value);
        }
    }
    if let Some((rule, inputs)) = &brings.rule {
        written["rule"] = json!(rule);
        written["inputs"] = inputs.clone();
    }
    if let Some(reason) = brings.reason {
        written["reason"] = json!(reason);
    }
    next.events.push(written);
    Ok(next)
}

/// Everything that was asked of a side counts as answered.
fn answered(dispute: &mut Dispute, whom: &str, clock: Clock<'_>) {
    for request in dispute.requests.iter_mut().filter(|request| request["to"] == whom && request["answered_at"].is_null()) {
        request["answered_at"] = json!(clock.now);
    }
}

/// What the event must bring, and for events that decide: the outcome and what the customer gets back in all.
fn demanded(dispute: &Dispute, event: Event, brings: &Brings) -> Result<Option<(DisputeOutcome, i64)>, Refused> {
    use DisputeOutcome as Outcome;
    let needs = |what| Refused::Needs { event: event.as_str(), what };
    let has_text = brings.text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let back = dispute.refunded_minor();
    let all = dispute.disputed_minor + back;
    match event {
        Event::NeedInfo | Event::Appeal | Event::Reopen if !has_text => Err(needs("a text: what is asked, or why")),
        Event::NotFraud | Event::WrongReason if brings.reason.is_none_or(|reason| reason == dispute.reason) => {
            Err(needs("the right reason, another one than the dispute has"))
        }
        Event::NotFraud if brings.reason == Some(DisputeReason::UnauthorisedPurchase) => {
            Err(needs("a reason other than an unauthorised purchase"))
        }
        Event::MoreInfo if dispute.round >= MOST_ROUNDS => Err(Refused::Rounds),
        Event::FinalDecision if first_decider(dispute).is_some_and(|first| brings.agent.as_deref() == Some(first)) => {
            Err(Refused::SameDecider(brings.agent.clone().unwrap_or_default()))
        }
        Event::Unanswered if !was_asked(dispute) => Err(needs("a question to the customer that had no answer in time")),
        Event::DecidedByRule if brings.rule.is_none() => Err(needs("a rule")),
        Event::Decide | Event::FinalDecision => {
            let outcome = brings.outcome.ok_or_else(|| needs("an outcome: customer_won_full, customer_won_partial or merchant_won"))?;
            let detail = brings.detail.ok_or_else(|| needs("a reason that the customer can read"))?;
            if !detail.fits(outcome) {
                return Err(needs("a reason that fits the outcome"));
            }
            match outcome {
                Outcome::CustomerWonFull => Ok(Some((outcome, all))),
                Outcome::MerchantWon => Ok(Some((outcome, back))),
                Outcome::CustomerWonPartial if (1..dispute.disputed_minor).contains(&brings.refund_minor) => {
                    Ok(Some((outcome, back + brings.refund_minor)))
                }
                Outcome::CustomerWonPartial => Err(needs("an amount above zero and below what is disputed, in minor units")),
                _ => Err(needs("one of the outcomes customer_won_full, customer_won_partial and merchant_won")),
            }
        }
        Event::AcceptOffer => match dispute.offer_minor() {
            Some(offered) => Ok(Some((Outcome::CustomerWonPartial, back + offered))),
            None => Err(needs("a part that the store gave or offered")),
        },
        Event::ConfirmedFraud | Event::AcceptLoss | Event::DecidedByRule => Ok(Some((Outcome::CustomerWonFull, all))),
        Event::CustomerAuthorised => Ok(Some((Outcome::CustomerAuthorisedPurchase, back))),
        Event::RefundPosted => Ok(Some((Outcome::RefundedByMerchant, all))),
        Event::Withdraw | Event::DraftExpired => Ok(Some((Outcome::WithdrawnByCustomer, back))),
        Event::Unanswered => Ok(Some((Outcome::CustomerDidNotRespond, back))),
        Event::Duplicate => Ok(Some((Outcome::Duplicate, back))),
        Event::WrongReason => Ok(Some((Outcome::WrongReason, back))),
        Event::AppealWindowElapsed | Event::Accept if dispute.outcome.is_none() => Err(needs("a first decision with an outcome")),
        _ => Ok(None),
    }
}

fn was_asked(dispute: &Dispute) -> bool {
    dispute.events.iter().any(|event| event["event"] == Event::InfoDeadlineMissed.as_str())
        && dispute.requests.iter().any(|request| request["to"] == "customer" && request["answered_at"].is_null())
}

/// Who made the first decision.
fn first_decider(dispute: &Dispute) -> Option<&str> {
    let first = dispute.events.iter().rev().find(|event| event["event"] == Event::Decide.as_str())?;
    first["agent"].as_str()
}

fn decision(dispute: &Dispute, event: Event, by: Actor, brings: &Brings, clock: Clock<'_>) -> Decision {
    if let (Event::AppealWindowElapsed | Event::Accept, Some(first)) = (event, &dispute.decision) {
        return Decision { is_final: true, ..first.clone() };
    }
    Decision {
        at: clock.now,
        by: brings.agent.clone().unwrap_or_else(|| by.as_str().to_owned()),
        rule: brings.rule.as_ref().map(|(rule, _)| (*rule).to_owned()),
        inputs: brings.rule.as_ref().map_or(Value::Null, |(_, inputs)| inputs.clone()),
        detail: brings.detail,
        is_final: event != Event::Decide,
        told: None,
    }
}

#[cfg(test)]
mod tests;
