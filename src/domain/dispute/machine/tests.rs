//! The machine by itself: every state reaches the end, nothing outside the table is taken, and what is closed stays so.

use super::*;
use crate::domain::market::Market;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::HashSet;

const STATES: [DisputeState; 9] = [
    Draft,
    MerchantWindow,
    CustomerInfoRequested,
    MerchantEvidenceRequested,
    UnderReview,
    PreliminaryDecision,
    AppealReview,
    FraudInvestigation,
    Closed,
];

const ACTORS: [Actor; 6] = [Customer, Merchant, Agent, Timer, Outside, Rule];

fn now() -> Timestamp {
    "2026-12-04T09:00:00Z".parse().expect("an instant")
}

fn clock(now: Timestamp) -> Clock<'static> {
    Clock { now, market: Market::of("GB") }
}

fn draft(reason: DisputeReason, framework: Framework) -> Dispute {
    let value = json!({"id": "d1", "public_no": "D-TEST1", "reason": reason, "state": "draft", "disputed_minor": 10_000,
        "opened_at": now(), "framework": framework});
    serde_json::from_value(value).expect("a dispute")
}

fn reasons() -> Vec<DisputeReason> {
    [
        "goods_not_received",
        "service_not_provided",
        "faulty_or_not_as_described",
        "return_refund_missing",
        "incorrect_amount",
        "already_paid_elsewhere",
        "duplicate_charge",
        "subscription_cancelled",
        "unauthorised_purchase",
        "high_risk_order",
    ]
    .map(|name| serde_json::from_value(json!(name)).expect("a reason"))
    .to_vec()
}

/// Everything that an event may ask for.
fn everything(outcome: DisputeOutcome, agent: &str, refund_minor: i64) -> Brings {
    Brings {
        outcome: Some(outcome),
        refund_minor,
        detail: Detail::ALL.iter().copied().find(|detail| detail.fits(outcome)),
        text: Some("because".into()),
        reason: Some(DisputeReason::IncorrectAmount),
        rule: Some(("R1", json!({}))),
        agent: Some(agent.to_owned()),
    }
}

#[test]
fn every_reason_can_be_filed_in_both_frameworks() {
    for reason in reasons() {
        for framework in [Framework::V3, Framework::V4] {
            let event = if reason == DisputeReason::UnauthorisedPurchase { Event::ReportUnauthorised } else { Event::Submit };
            let filed = step(&draft(reason, framework), event, Customer, &Brings::default(), clock(now())).expect("it is filed");
            assert!(filed.next_deadline_at.is_some_and(|at| at > now()) && filed.next_actor.is_some(), "{reason:?}");
            assert_eq!(filed.round, u32::from(filed.state == MerchantEvidenceRequested));
        }
    }
}

#[test]
fn every_state_has_a_way_to_the_end_without_the_customer_or_the_store() {
    let mut ends: HashSet<DisputeState> = HashSet::from([Closed]);
    for _ in STATES {
        for row in TRANSITIONS.iter().filter(|row| row.by.iter().any(|by| matches!(by, Agent | Timer))) {
            let to = match row.to {
                To::State(state) => vec![state],
                To::First => vec![MerchantWindow, MerchantEvidenceRequested],
                To::Back | To::New(_) => continue,
            };
            if to.iter().all(|state| ends.contains(state)) {
                ends.extend(row.from);
            }
        }
    }
    assert_eq!(ends.len(), STATES.len(), "{ends:?}");
}

#[test]
fn every_event_stands_in_the_table_once_a_state_and_is_named_once() {
    for event in Event::ALL {
        assert_eq!(Event::parse(event.as_str()), Some(*event));
        let from: Vec<_> = TRANSITIONS.iter().filter(|row| row.event == *event).flat_map(|row| row.from).collect();
        assert!(!from.is_empty() && from.iter().collect::<HashSet<_>>().len() == from.len(), "{event}");
    }
    for state in STATES.into_iter().filter(|state| *state != Closed) {
        let timed = TRANSITIONS.iter().any(|row| row.from.contains(&state) && row.by.contains(&Timer));
        let waits = matches!(state, UnderReview | AppealReview | FraudInvestigation);
        assert_eq!(timed, !waits, "{state:?}: either time moves it, or people are called");
    }
}

#[test]
fn automation_never_decides_against_a_customer() {
    for row in TRANSITIONS.iter().filter(|row| row.by.iter().any(|by| matches!(by, Timer | Rule))) {
        for state in row.from {
            let mut dispute = draft(DisputeReason::GoodsNotReceived, Framework::V3);
            dispute.state = *state;
            for by in row.by.iter().filter(|by| matches!(by, Timer | Rule)) {
                let brings = Brings { outcome: None, ..everything(DisputeOutcome::MerchantWon, "a", 0) };
                if let Ok(next) = step(&dispute, row.event, *by, &brings, clock(now())) {
                    let adverse =
                        [DisputeOutcome::MerchantWon, DisputeOutcome::CustomerDidNotRespond, DisputeOutcome::CustomerAuthorisedPurchase];
                    assert!(next.outcome.is_none_or(|outcome| !adverse.contains(&outcome)), "{}", row.event);
                }
            }
        }
    }
}

#[test]
fn says_what_is_missing() {
    let mut dispute = draft(DisputeReason::GoodsNotReceived, Framework::V3);
    dispute.state = UnderReview;
    let no =
        |event, by, brings: &Brings, dispute: &Dispute| step(dispute, event, by, brings, clock(now())).expect_err("refused").to_string();
    assert!(
        no(Event::Submit, Customer, &Brings::default(), &dispute)
            .contains("which is in state 'under_review'; an agent can now: need_info, decide")
    );
    assert!(no(Event::Decide, Timer, &Brings::default(), &dispute).contains("not for the timer"));
    assert!(no(Event::Decide, Agent, &Brings::default(), &dispute).contains("needs an outcome"));
    let mut brings = everything(DisputeOutcome::CustomerWonPartial, "robin", 10_000);
    assert!(no(Event::Decide, Agent, &brings, &dispute).contains("below what is disputed"));
    brings.refund_minor = 4_000;
    brings.detail = Some(Detail::Delivered);
    assert!(no(Event::Decide, Agent, &brings, &dispute).contains("fits the outcome"));
    assert!(no(Event::Unanswered, Agent, &brings, &dispute).contains("had no answer"));
    brings.detail = Some(Detail::Meets);
    let decided = step(&dispute, Event::Decide, Agent, &brings, clock(now())).expect("decided");
    assert_eq!((decided.state, decided.refund_minor), (PreliminaryDecision, 4_000));
    let appealed = step(&decided, Event::Appeal, Customer, &brings, clock(now())).expect("appealed");
    assert!(no(Event::FinalDecision, Agent, &brings, &appealed).contains("robin made the first decision"));
    let last = step(&appealed, Event::FinalDecision, Agent, &everything(DisputeOutcome::CustomerWonFull, "kim", 0), clock(now()));
    let last = last.expect("final");
    assert_eq!((last.state, last.refund_minor, last.decision.map(|decision| decision.is_final)), (Closed, 10_000, Some(true)));
    dispute.round = MOST_ROUNDS;
    assert_eq!(step(&dispute, Event::MoreInfo, Agent, &brings, clock(now())), Err(Refused::Rounds));
}

#[test]
fn a_question_goes_back_to_where_it_was_asked() {
    for state in [MerchantWindow, MerchantEvidenceRequested, UnderReview, AppealReview, FraudInvestigation] {
        let mut dispute = draft(DisputeReason::GoodsNotReceived, Framework::V3);
        (dispute.state, dispute.round) = (state, 2);
        let brings = everything(DisputeOutcome::CustomerWonFull, "kim", 0);
        let asked = step(&dispute, Event::NeedInfo, Agent, &brings, clock(now())).expect("asked");
        assert_eq!(asked.requests.len(), 1);
        let back = step(&asked, Event::InfoSupplied, Customer, &brings, clock(now())).expect("answered");
        assert_eq!((back.state, back.round, back.asked_from), (state, 2, None));
        assert!(!back.requests[0]["answered_at"].is_null());
        let late = step(&asked, Event::InfoDeadlineMissed, Timer, &brings, clock(now())).expect("late");
        assert!(step(&late, Event::Unanswered, Agent, &brings, clock(now())).is_ok());
    }
}

fn cases() -> u32 {
    if std::env::var_os("CI").is_some() { 10_000 } else { 1_000 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Whatever is tried, by whomever, in whatever order: the dispute stays legal.
    #[test]
    fn any_events_in_any_order_leave_a_legal_dispute(
        reason in 0usize..10,
        v4 in any::<bool>(),
        tries in prop::collection::vec((0usize..Event::ALL.len(), 0usize..ACTORS.len(), 0usize..3, 0i64..12_000, 0i64..40, any::<bool>()), 1..40),
    ) {
        let framework = if v4 { Framework::V4 } else { Framework::V3 };
        let mut dispute = draft(reasons()[reason], framework);
        let mut at = now();
        for (event, actor, outcome, refund, days, second) in tries {
            at = at.saturating_add(SignedDuration::from_hours(days * 24)).expect("in range");
            let (event, actor) = (Event::ALL[event], ACTORS[actor]);
            let outcome = [DisputeOutcome::CustomerWonFull, DisputeOutcome::CustomerWonPartial, DisputeOutcome::MerchantWon][outcome];
            let brings = everything(outcome, if second { "kim" } else { "robin" }, refund);
            let before = dispute.clone();
            match step(&before, event, actor, &brings, clock(at)) {
                Ok(next) => {
                    let row = transition(before.state, event).expect("only what is in the table");
                    prop_assert!(row.by.contains(&actor));
                    dispute = next;
                }
                Err(refused) => prop_assert!(!refused.to_string().is_empty()),
            }
            let closed = dispute.state == Closed;
            prop_assert_eq!(closed, dispute.closed_at.is_some());
            prop_assert_eq!(closed, dispute.next_deadline_at.is_none() && before.state != Draft || (closed && dispute.next_deadline_at.is_none()));
            prop_assert!(!closed || (dispute.outcome.is_some() && dispute.decision.is_some()));
            prop_assert!(dispute.round <= MOST_ROUNDS + 2, "round {}", dispute.round);
            prop_assert!((0..=dispute.disputed_minor + dispute.refunded_minor()).contains(&dispute.refund_minor));
            prop_assert!(before.state != Closed || dispute.state == Closed, "what is closed stays so");
            let live = dispute.requests.iter().filter(|request| request["to"] == "customer" && request["answered_at"].is_null()).count();
            prop_assert!(dispute.state != CustomerInfoRequested || live >= 1);
        }
    }
}
