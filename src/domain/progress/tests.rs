//! P07 from complaint to refund, facts that come twice, late or wrong, and any order of both.

mod arrival;
mod disputes;

use super::*;
use crate::domain::account::{DisputeOutcome, DisputeReason, DisputeState, InstalmentStatus, PlanStatus, RefundStatus};
use crate::domain::dispute::{Claim, may_open, open};
use crate::domain::fact::{self, Fact};
use crate::domain::personas;
use crate::domain::timer::{Timer, TimerKind, timers};

fn merchants() -> Merchants {
    Merchants::of(personas::load().merchants)
}

fn persona(id: &str) -> Account {
    let mut account = personas::accounts().into_iter().find(|account| account.customer.id.as_str() == id).expect(id);
    account.since = at(personas::NOW);
    account
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn event(id: &str, sort: &str, when: &str, data: Value) -> Fact {
    fact::parse(&json!({"id": id, "source": "test", "type": sort, "occurred_at": when, "data": data}), at(when)).expect("a fact")
}

/// P07 with her dispute open.
fn disputed() -> Account {
    let mut account = persona("P07");
    let (merchants, now) = (merchants(), at(personas::NOW));
    let customer = account.customer.clone();
    let order = &mut account.customer.orders[0];
    let reason = DisputeReason::GoodsNotReceived;
    let opening = may_open(order, reason, &customer, merchants.get(&order.merchant), Market::of("GB"), now).expect("may be opened");
    let claim = Claim { reason, sub_reason: Some("never_arrived".into()), store_contact: None, store_contact_on: None, note: None };
    let merchant = merchants.get(&order.merchant);
    open(order, claim, &opening, "D-TEST1".into(), merchant, &mut IdMaker::new(&["test"]), Market::of("GB"), now);
    account
}

/// Rings everything due until then, in order.
fn pass(mut account: Account, until: &str, merchants: &Merchants) -> (Account, Vec<Timer>, Vec<Happenings>) {
    let (mut rung, mut all) = (Vec::new(), Vec::new());
    loop {
        let next = timers(&account, Market::of(&account.customer.market)).into_iter().next();
        let Some(timer) = next.filter(|timer| timer.due_at <= at(until)) else { return (account, rung, all) };
        assert!(rung.len() < 500 && !rung.contains(&timer), "a timer rings twice: {timer:?}");
        let happened = ring(&account, &timer, Ground { merchants, now: timer.due_at }).expect("it is derived");
        account = happened.account.clone();
        account.version += 1;
        rung.push(timer);
        all.push(happened);
    }
}

#[test]
fn a_silent_store_loses_and_the_money_comes_back() {
    let merchants = merchants();
    let (account, rung, _) = pass(disputed(), "2026-12-26T12:00:00Z", &merchants);
    assert_eq!(account.customer.orders[0].disputes[0].state, DisputeState::MerchantEvidenceRequested);
    assert!(rung.iter().all(|timer| timer.kind != TimerKind::Collect), "nothing is collected inside the pause");
    let (account, _, happened) = pass(account, "2027-01-11T12:00:00Z", &merchants);
    let order = &account.customer.orders[0];
    let dispute = &order.disputes[0];
    assert_eq!((dispute.state, dispute.outcome), (DisputeState::Closed, Some(DisputeOutcome::CustomerWonFull)));
    let plan = order.plan.as_ref().expect("a plan");
    assert_eq!((plan.status, plan.open_minor()), (PlanStatus::Cancelled, 0));
    let refund = order.refunds.last().expect("a refund").clone();
    assert_eq!((refund.status, refund.amount_minor), (RefundStatus::Applied, 8_400));
    let paid_out: Vec<_> = happened.iter().flat_map(|one| &one.outbox).filter(|(topic, _)| topic == "refund.pay_out").collect();
    assert_eq!(paid_out.len(), 1);
    assert_eq!(paid_out[0].1["amount_minor"], 2_800, "only what she had paid goes back");

    let posted =
        event("r1", "refund.posted", "2027-01-12T09:00:00Z", json!({"refund": refund.id, "amount_minor": 2_800, "currency": "GBP"}));
    let ground = Ground { merchants: &merchants, now: posted.received_at };
    let done = take(&account, &posted, ground).expect("it moves");
    assert_eq!(done.account.customer.orders[0].refunds.last().expect("a refund").status, RefundStatus::Posted);
    assert!(done.account.tellings.iter().any(|telling| telling.kind == TellingKind::RefundPosted));
    assert!(take(&done.account, &posted, ground).expect_err("twice").to_string().contains("posted before"));
}

#[test]
fn evidence_stops_the_rule_and_calls_a_person() {
    let merchants = merchants();
    let (account, _, _) = pass(disputed(), "2026-12-26T12:00:00Z", &merchants);
    let proof = event("e1", "dispute.evidence", "2026-12-28T12:00:00Z", json!({"dispute": "D-TEST1", "type": "proof_of_delivery"}));
    let done = take(&account, &proof, Ground { merchants: &merchants, now: proof.received_at }).expect("it moves");
    assert_eq!(done.account.customer.orders[0].disputes[0].state, DisputeState::UnderReview);
    assert_eq!(done.calls.len(), 1);
    let (account, _, happened) = pass(done.account, "2027-03-01T12:00:00Z", &merchants);
    assert_eq!(account.customer.orders[0].disputes[0].state, DisputeState::UnderReview, "only a person decides now");
    assert_eq!(happened.iter().flat_map(|one| &one.calls).count(), 1, "and is called once when our own deadline has passed");
}

#[test]
fn scans_in_any_order_end_the_same() {
    let merchants = merchants();
    let scan = |id: &str, code: &str, when: &str| event(id, "shipment.scan", when, json!({"shipment": "P06-1-s1", "code": code}));
    let scans = [
        scan("1", "in_transit", "2026-12-05T08:00:00Z"),
        scan("2", "out_for_delivery", "2026-12-06T08:00:00Z"),
        scan("3", "delivered", "2026-12-06T12:00:00Z"),
    ];
    let end = |order: [usize; 3]| {
        let mut account = persona("P06");
        for place in order {
            let ground = Ground { merchants: &merchants, now: at("2026-12-07T09:00:00Z") };
            account = take(&account, &scans[place], ground).expect("it moves").account;
        }
        account.customer
    };
    let expected = end([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(end(order), expected, "{order:?}");
    }
}

#[test]
fn a_debit_is_paid_or_tried_again() {
    let merchants = merchants();
    let (account, _, happened) = pass(persona("P01"), "2026-12-09T07:00:00Z", &merchants);
    let debit = happened.iter().flat_map(|one| &one.outbox).find(|(topic, _)| topic == "payment.debit").expect("a debit").1.clone();
    let instalment = debit["instalment"].as_str().expect("an id");
    let attempt = |id: &str, result: &str| {
        let data =
            json!({"instalment": instalment, "result": result, "amount_minor": debit["amount_minor"], "currency": debit["currency"]});
        event(id, "payment.attempted", "2026-12-09T07:01:00Z", data)
    };
    let ground = Ground { merchants: &merchants, now: at("2026-12-09T07:01:00Z") };
    let of = |account: &Account| {
        let all = account.customer.orders.iter().flat_map(|order| &order.plan).flat_map(|plan| &plan.instalments);
        all.into_iter().find(|due| due.id == instalment).expect("is there").clone()
    };
    let paid = take(&account, &attempt("a", "succeeded"), ground).expect("it moves").account;
    assert_eq!(of(&paid).status, InstalmentStatus::Paid);
    let failed = take(&account, &attempt("b", "soft_decline"), ground).expect("it moves").account;
    assert_eq!(of(&failed).paid_minor, 0);
    assert!(failed.tellings.iter().any(|telling| telling.kind == TellingKind::PaymentFailed));
    let again = timers(&failed, Market::of("GB")).into_iter().any(|timer| timer.subject == instalment && timer.kind == TimerKind::Collect);
    assert!(again, "a soft decline is tried again");
}

#[test]
fn a_debit_without_an_answer_calls_a_person_once_and_is_not_taken_again() {
    let merchants = merchants();
    let (account, rung, happened) = pass(persona("P01"), "2026-12-22T07:00:00Z", &merchants);
    let asked = |topic: &str| happened.iter().flat_map(|one| &one.outbox).filter(|(sent, _)| sent == topic).count();
    let debits = asked("payment.debit");
    let calls: Vec<_> = happened.iter().flat_map(|one| &one.calls).filter(|call| call.reason == "debit_silent").collect();
    assert_eq!(calls.len(), debits);
    assert!(debits > 0 && calls[0].summary.contains("has not answered the debit"), "{calls:?}");
    assert_eq!(rung.iter().filter(|timer| timer.kind == TimerKind::DebitSilent).count(), debits);
    let waiting = account.customer.orders.iter().flat_map(|order| &order.plan).flat_map(|plan| &plan.instalments);
    assert!(waiting.filter(|due| due.status == InstalmentStatus::Processing).all(|due| due.asked_at.is_none()));
}

#[test]
fn a_refund_above_what_was_left_books_nothing() {
    let merchants = merchants();
    let data = json!({"refund": "x1", "order": "P07-1", "amount_minor": 9_000, "currency": "GBP"});
    let fact = event("1", "refund.posted", "2026-12-05T08:00:00Z", data);
    let done = take(&disputed(), &fact, Ground { merchants: &merchants, now: fact.received_at }).expect("a person is called");
    assert_eq!((done.account.customer, done.calls.len()), (disputed().customer, 1));
}

#[test]
fn the_store_refunds_all_of_it() {
    let merchants = merchants();
    let data = json!({"refund": "x1", "order": "P07-1", "amount_minor": 8_400, "currency": "GBP"});
    let fact = event("1", "refund.posted", "2026-12-05T08:00:00Z", data);
    let done = take(&disputed(), &fact, Ground { merchants: &merchants, now: fact.received_at }).expect("it moves");
    let order = &done.account.customer.orders[0];
    assert_eq!(order.disputes[0].outcome, Some(DisputeOutcome::RefundedByMerchant));
    assert_eq!(order.plan.as_ref().map(|plan| plan.open_minor()), Some(0));
    let wrong = event(
        "2",
        "refund.posted",
        "2026-12-05T08:00:00Z",
        json!({"refund": "x2", "order": "P07-1", "amount_minor": 1, "currency": "EUR"}),
    );
    assert!(take(&disputed(), &wrong, Ground { merchants: &merchants, now: fact.received_at }).is_err());
}

#[test]
fn a_store_that_stops_trading_pauses_what_is_open() {
    let merchants = merchants();
    let fact = event("1", "merchant.insolvent", "2026-12-05T08:00:00Z", json!({"merchant": "kestrel"}));
    let done = take(&persona("P07"), &fact, Ground { merchants: &merchants, now: fact.received_at }).expect("it moves");
    assert!(done.account.customer.orders[0].plan.as_ref().expect("a plan").is_paused());
    assert_eq!(done.calls.len(), 1);
    assert!(take(&persona("P06"), &fact, Ground { merchants: &merchants, now: fact.received_at }).is_err());
}

/// One of many things that may happen to P07, at any time and as often as it likes.
fn anything(account: &Account, what: u8, step: usize, now: Timestamp) -> Option<Fact> {
    let order = &account.customer.orders[0];
    let dispute = order.disputes[0].public_no.clone();
    let money = |refund: String, amount: i64| json!({"refund": refund, "order": "P07-1", "amount_minor": amount, "currency": "GBP"});
    let (sort, data) = match what {
        0 => ("shipment.scan", json!({"shipment": "P07-1-s1", "code": "delivered"})),
        1 => ("shipment.scan", json!({"shipment": "PW10020417GB", "code": "returned_to_sender"})),
        2 => ("dispute.evidence", json!({"dispute": dispute, "type": "tracking"})),
        3 => ("dispute.accepted", json!({"dispute": dispute})),
        4 => ("refund.posted", money(format!("store-{step}"), 2_000)),
        5 => ("refund.posted", money("store-once".into(), 8_400)),
        6 => {
            let ours = order.refunds.iter().find(|refund| refund.initiated_by == "rule")?;
            ("refund.posted", json!({"refund": ours.id, "amount_minor": ours.amount_minor, "currency": "GBP"}))
        }
        7 => ("refund.failed", json!({"refund": order.refunds.last()?.id, "amount_minor": 1, "currency": "GBP"})),
        8 | 9 => {
            let result = if what == 8 { "succeeded" } else { "soft_decline" };
            ("payment.attempted", json!({"instalment": "P07-1-i2", "result": result, "amount_minor": 2_800, "currency": "GBP"}))
        }
        10 => ("payment.received", json!({"plan": "P07-1-plan", "amount_minor": 1_000, "currency": "GBP"})),
        11 => ("dispute.offer", json!({"dispute": dispute, "amount_minor": 3_000, "currency": "GBP"})),
        _ => ("merchant.insolvent", json!({"merchant": "kestrel"})),
    };
    Some(event(&format!("any-{step}"), sort, &now.to_string(), data))
}

fn is_sound(account: &Account) -> Result<(), String> {
    let market = Market::of("GB");
    let order = &account.customer.orders[0];
    let plan = order.plan.as_ref().ok_or("the plan is gone")?;
    let all = timers(account, market);
    let names: std::collections::HashSet<_> = all.iter().map(|timer| (&timer.subject, timer.kind)).collect();
    let refunded: i64 =
        order.refunds.iter().filter(|refund| refund.status != RefundStatus::Reversed).map(|refund| refund.amount_minor).sum();
    let debits = all.iter().any(|timer| matches!(timer.kind, TimerKind::Collect | TimerKind::LateFee | TimerKind::Announce));
    let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {order:#?}")) };
    check(names.len() == all.len(), "two timers of one subject and kind")?;
    check(refunded <= order.total_minor, "more is refunded than was bought")?;
    check(!(plan.is_paused() && debits), "something is collected inside a pause")?;
    check(
        order.disputes.iter().all(|dispute| {
            (dispute.state == DisputeState::Closed) == (dispute.closed_at.is_some() && dispute.outcome.is_some())
                && (dispute.state != DisputeState::Closed || dispute.next_deadline_at.is_none())
        }),
        "a closed dispute without an outcome, or one with a deadline",
    )?;
    check(
        plan.instalments.iter().all(|due| due.refunded_minor <= due.amount_minor && due.paid_minor >= 0),
        "more is refunded than was owed",
    )?;
    let tellings: std::collections::HashSet<_> = account.tellings.iter().map(|telling| &telling.id).collect();
    check(tellings.len() == account.tellings.len(), "a telling twice")
}

proptest::proptest! {
    #[test]
    fn whatever_happens_ends_in_a_sound_state(steps in proptest::collection::vec((0u8..14, 0i64..20), 1..25)) {
        let merchants = merchants();
        let mut account = disputed();
        let mut now = at(personas::NOW);
        for (step, (what, days)) in steps.into_iter().enumerate() {
            now = now.saturating_add(jiff::SignedDuration::from_hours(days * 24 + 5)).expect("in range");
            let (passed, _, _) = pass(account, &now.to_string(), &merchants);
            account = passed;
            if let Some(fact) = anything(&account, what, step, now)
                && let Ok(happened) = take(&account, &fact, Ground { merchants: &merchants, now })
            {
                account = happened.account;
                account.version += 1;
            }
            if let Err(unsound) = is_sound(&account) {
                return Err(proptest::test_runner::TestCaseError::fail(unsound));
            }
        }
    }
}
