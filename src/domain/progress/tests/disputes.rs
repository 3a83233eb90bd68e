//! The rules R3 to R6 and R9, and what people do with disputes.

use super::*;
use crate::domain::account::{Capture, Return, ReturnStatus};
use crate::domain::dispute::Detail;
use crate::domain::dispute::machine::{Actor, Brings, Event, Refused};

/// P07's order with a claim of this reason, opened by the machine as the chat would.
fn claimed(reason: DisputeReason, change: impl FnOnce(&mut Account)) -> Account {
    let mut account = persona("P07");
    change(&mut account);
    let (merchants, now) = (merchants(), at(personas::NOW));
    let customer = account.customer.clone();
    let order = &mut account.customer.orders[0];
    let merchant = merchants.get(&order.merchant);
    let opening = may_open(order, reason, &customer, merchant, Market::of("GB"), now).expect("may be opened");
    let claim = Claim { reason, sub_reason: None, store_contact: None, store_contact_on: None, note: None };
    open(order, claim, &opening, "D-TEST1".into(), merchant, &mut IdMaker::new(&["test"]), Market::of("GB"), now);
    account
}

fn only(account: &Account) -> &Dispute {
    account.customer.orders[0].disputes.last().expect("a dispute")
}

fn does(account: &Account, event: Event, brings: Brings, when: &str) -> Result<Account, Refused> {
    let merchants = merchants();
    let ground = Ground { merchants: &merchants, now: at(when) };
    let by = if matches!(event, Event::Withdraw | Event::AcceptOffer) { Actor::Customer } else { Actor::Agent };
    act(account, "D-TEST1", event, by, brings, ground).map(|happened| happened.account)
}

fn decides(agent: &str, outcome: DisputeOutcome, detail: Detail, refund_minor: i64) -> Brings {
    Brings { outcome: Some(outcome), detail: Some(detail), refund_minor, agent: Some(agent.into()), ..Brings::default() }
}

#[test]
fn r3_the_carriers_own_word_decides_after_a_week() {
    let merchants = merchants();
    // Until the carrier itself says so, the import's word is not enough: a week passes and nothing happens.
    let (account, rung, _) = pass(disputed(), "2026-12-20T12:00:00Z", &merchants);
    assert_eq!(only(&account).state, DisputeState::MerchantWindow);
    assert!(rung.iter().all(|timer| timer.kind != TimerKind::DisputeRule));
    let lost = event("s1", "shipment.scan", "2026-12-06T08:00:00Z", json!({"shipment": "P07-1-s1", "code": "lost"}));
    let told = take(&disputed(), &lost, Ground { merchants: &merchants, now: lost.received_at }).expect("it is news").account;
    let (early, ..) = pass(told.clone(), "2026-12-11T08:59:00Z", &merchants);
    assert_eq!(only(&early).state, DisputeState::MerchantWindow, "the store was told less than a week ago");
    let (done, ..) = pass(told.clone(), "2026-12-11T09:00:00Z", &merchants);
    let decision = only(&done).decision.clone().expect("decided");
    assert_eq!((only(&done).state, decision.rule.as_deref(), decision.by.as_str()), (DisputeState::Closed, Some("R3"), "rule"));
    assert!(decision.told.is_some_and(|told| told.contains("Decided for you. The carrier says that the parcel did not reach you.")));
    assert_eq!(decision.inputs["scans"], json!(["lost"]));
    // A scan that contradicts it stops the rule.
    let found = event("s2", "shipment.scan", "2026-12-08T08:00:00Z", json!({"shipment": "P07-1-s1", "code": "delivered"}));
    let found = take(&told, &found, Ground { merchants: &merchants, now: found.received_at }).expect("it is news").account;
    let (found, ..) = pass(found, "2026-12-20T09:00:00Z", &merchants);
    assert_eq!(only(&found).state, DisputeState::MerchantWindow);
}

#[test]
fn r4_a_return_that_the_store_has_is_asked_about_at_once_and_then_r1_decides() {
    let merchants = merchants();
    let account = claimed(DisputeReason::ReturnRefundMissing, |account| {
        account.customer.orders[0].returns.push(Return {
            id: "ret1".into(),
            reported_at: at("2026-11-15T09:00:00Z"),
            sent_on: None,
            carrier: None,
            tracking_no: Some("RT1".into()),
            status: ReturnStatus::DeliveredToMerchant,
            delivered_at: Some(at("2026-11-25T09:00:00Z")),
            lines: Vec::new(),
        });
    });
    assert_eq!(only(&account).next_deadline_at, Some(at("2026-12-11T23:59:59Z")), "its window began with the return");
    let (asked, ..) = pass(account, "2026-12-09T09:00:00Z", &merchants);
    assert_eq!((only(&asked).state, only(&asked).round), (DisputeState::MerchantEvidenceRequested, 1));
    assert!(only(&asked).events.iter().any(|event| event["rule"] == "R4"));
    let (done, ..) = pass(asked, "2026-12-25T00:00:00Z", &merchants);
    assert_eq!(only(&done).decision.as_ref().and_then(|decision| decision.rule.as_deref()), Some("R1"));
}

#[test]
fn r5_a_small_claim_is_accepted_unseen_unless_a_flag_asks_for_a_person() {
    let merchants = merchants();
    let small = |account: &mut Account| {
        let order = &mut account.customer.orders[0];
        order.total_minor = 900;
        order.captures[0].amount_minor = 900;
        if let Some(plan) = &mut order.plan {
            for due in &mut plan.instalments {
                (due.amount_minor, due.paid_minor) = (300, due.paid_minor.min(300));
            }
        }
    };
    let (done, ..) = pass(claimed(DisputeReason::IncorrectAmount, small), personas::NOW, &merchants);
    assert_eq!(only(&done).decision.as_ref().and_then(|decision| decision.rule.as_deref()), Some("R5"));
    assert_eq!(done.customer.orders[0].refunds.last().map(|refund| refund.amount_minor), Some(900));
    let (kept, ..) = pass(
        claimed(DisputeReason::IncorrectAmount, |account| {
            small(account);
            account.customer.flags.push("vulnerability".into());
        }),
        personas::NOW,
        &merchants,
    );
    assert_eq!(only(&kept).state, DisputeState::MerchantWindow);
    assert!(only(&kept).events.iter().any(|event| event["event"] == "rule_passed" && event["rule"] == "R5"));
}

#[test]
fn r6_the_same_charge_twice_goes_to_a_person_with_advice() {
    let merchants = merchants();
    let account = claimed(DisputeReason::DuplicateCharge, |account| {
        let order = &mut account.customer.orders[0];
        let again = Capture { id: "again".into(), captured_at: at("2026-11-10T18:00:00Z"), ..order.captures[0].clone() };
        order.captures.push(again);
    });
    let (asked, _, happened) = pass(account, personas::NOW, &merchants);
    assert_eq!(only(&asked).state, DisputeState::UnderReview);
    let calls: Vec<_> = happened.iter().flat_map(|one| &one.calls).collect();
    assert!(calls.len() == 1 && calls[0].summary.contains("rule R6"), "{calls:?}");
    assert!(only(&asked).outcome.is_none(), "only a person pays back");
}

#[test]
fn r9_the_customer_takes_a_part_or_goes_on() {
    let merchants = merchants();
    let offer =
        event("o", "dispute.offer", "2026-12-05T08:00:00Z", json!({"dispute": "D-TEST1", "amount_minor": 3_000, "currency": "GBP"}));
    let offered = take(&disputed(), &offer, Ground { merchants: &merchants, now: offer.received_at }).expect("it is news").account;
    assert_eq!(only(&offered).offer_minor(), Some(3_000));
    assert!(offered.tellings.iter().any(|telling| telling.kind == TellingKind::OfferMade));
    let taken = does(&offered, Event::AcceptOffer, Brings::default(), "2026-12-05T09:00:00Z").expect("taken");
    assert_eq!((only(&taken).outcome, only(&taken).refund_minor), (Some(DisputeOutcome::CustomerWonPartial), 3_000));
    assert_eq!(taken.customer.orders[0].refunds.iter().map(|refund| refund.amount_minor).sum::<i64>(), 3_000);
    assert!(!taken.customer.orders[0].plan.as_ref().expect("a plan").is_paused(), "the rest goes on");
    let ground = Ground { merchants: &merchants, now: at("2026-12-05T09:00:00Z") };
    let refused = refuse_offer(&offered, "D-TEST1", ground).expect("refused").account;
    assert_eq!((only(&refused).offer_minor(), only(&refused).state), (None, DisputeState::MerchantWindow));
    assert!(
        refuse_offer(&refused, "D-TEST1", ground).is_err()
            && does(&refused, Event::AcceptOffer, Brings::default(), "2026-12-05T09:00:00Z").is_err()
    );
}

#[test]
fn a_part_that_was_paid_back_counts_once_when_all_is_decided_for_the_customer() {
    let merchants = merchants();
    let (asked, ..) = pass(disputed(), "2026-12-26T12:00:00Z", &merchants);
    let part = event(
        "p",
        "refund.posted",
        "2026-12-27T08:00:00Z",
        json!({"refund": "x1", "order": "P07-1", "amount_minor": 2_000, "currency": "GBP"}),
    );
    let account = take(&asked, &part, Ground { merchants: &merchants, now: part.received_at }).expect("it moves").account;
    let proof = event("e1", "dispute.evidence", "2026-12-28T12:00:00Z", json!({"dispute": "D-TEST1", "type": "tracking"}));
    let account = take(&account, &proof, Ground { merchants: &merchants, now: proof.received_at }).expect("it moves").account;
    let brings = decides("robin", DisputeOutcome::CustomerWonFull, Detail::NoProof, 0);
    let decided = does(&account, Event::Decide, brings, "2026-12-29T09:00:00Z").expect("decided");
    assert_eq!((only(&decided).state, only(&decided).refund_minor), (DisputeState::PreliminaryDecision, 8_400));
    assert_eq!(decided.customer.orders[0].refunds.len(), 1, "nothing is paid before the decision is final");
    // A part more, while the store may still ask for a second look.
    let more = event(
        "q",
        "refund.posted",
        "2026-12-30T08:00:00Z",
        json!({"refund": "x2", "order": "P07-1", "amount_minor": 1_000, "currency": "GBP"}),
    );
    let more = take(&decided, &more, Ground { merchants: &merchants, now: more.received_at }).expect("it moves").account;
    let (done, ..) = pass(more, "2027-01-20T12:00:00Z", &merchants);
    assert_eq!(only(&done).state, DisputeState::Closed);
    let refunds: Vec<i64> = done.customer.orders[0].refunds.iter().map(|refund| refund.amount_minor).collect();
    assert_eq!(refunds, [2_000, 1_000, 5_400], "8,400 in all");
}

#[test]
fn a_decision_for_the_store_lets_payments_go_on_after_the_time_for_a_second_look() {
    let merchants = merchants();
    let mut account = disputed();
    account.customer.orders[0].disputes[0].state = DisputeState::UnderReview;
    let brings = decides("robin", DisputeOutcome::MerchantWon, Detail::Delivered, 0);
    let decided = does(&account, Event::Decide, brings, "2026-12-29T09:00:00Z").expect("decided");
    assert!(decided.customer.orders[0].plan.as_ref().expect("a plan").is_paused());
    let told: Vec<_> = decided.tellings.iter().filter(|telling| telling.kind == TellingKind::DisputeMoved).collect();
    assert_eq!(told.len(), 1);
    let (done, ..) = pass(decided, "2027-01-10T12:00:00Z", &merchants);
    let plan = done.customer.orders[0].plan.as_ref().expect("a plan");
    assert_eq!((only(&done).outcome, plan.is_paused()), (Some(DisputeOutcome::MerchantWon), false));
    let first = plan.instalments.iter().filter(|due| due.is_open()).map(|due| due.due_on).min().expect("open");
    assert!(first >= jiff::civil::date(2027, 1, 22), "two weeks' notice: {first}");
}

#[test]
fn a_wrong_reason_goes_on_under_the_right_one_with_the_clock_kept() {
    let account = disputed();
    let brings = Brings { reason: Some(DisputeReason::FaultyOrNotAsDescribed), agent: Some("robin".into()), ..Brings::default() };
    let moved = does(&account, Event::WrongReason, brings, "2026-12-10T09:00:00Z").expect("moved");
    let order = &moved.customer.orders[0];
    assert_eq!((order.disputes.len(), order.disputes[0].outcome), (2, Some(DisputeOutcome::WrongReason)));
    let next = only(&moved);
    assert_eq!((next.reason, next.opened_at), (DisputeReason::FaultyOrNotAsDescribed, order.disputes[0].opened_at));
    assert_eq!(next.next_deadline_at, Some(at("2026-12-25T23:59:59Z")));
    assert!(order.plan.as_ref().expect("a plan").is_paused(), "payments stay paused");
    assert_eq!(next.reopened_from.as_deref(), Some(order.disputes[0].id.as_str()));
}

#[test]
fn what_was_decided_is_looked_at_again_as_a_new_dispute() {
    let merchants = merchants();
    let mut account = disputed();
    account.customer.orders[0].disputes[0].state = DisputeState::UnderReview;
    let brings = decides("robin", DisputeOutcome::MerchantWon, Detail::Delivered, 0);
    let decided = does(&account, Event::Decide, brings, "2026-12-29T09:00:00Z").expect("decided");
    let (done, ..) = pass(decided, "2027-01-10T12:00:00Z", &merchants);
    let why = |text: Option<&str>| Brings { text: text.map(str::to_owned), agent: Some("kim".into()), ..Brings::default() };
    assert!(does(&done, Event::Reopen, why(None), "2027-01-11T09:00:00Z").is_err());
    let again = does(&done, Event::Reopen, why(Some("new evidence")), "2027-01-11T09:00:00Z").expect("reopened");
    let order = &again.customer.orders[0];
    assert_eq!((order.disputes[0].state, only(&again).state), (DisputeState::Closed, DisputeState::UnderReview));
    assert_eq!(only(&again).disputed_minor, 8_400);
    assert!(order.plan.as_ref().expect("a plan").is_paused());
    assert!(does(&again, Event::Reopen, why(Some("twice")), "2027-01-11T09:00:00Z").is_err());
    // What was paid back is not disputed again.
    let mut account = disputed();
    account.customer.orders[0].disputes[0].state = DisputeState::UnderReview;
    let all = does(&account, Event::Decide, decides("robin", DisputeOutcome::CustomerWonFull, Detail::NoProof, 0), "2026-12-29T09:00:00Z");
    let (all, ..) = pass(all.expect("decided"), "2027-01-10T12:00:00Z", &merchants);
    assert!(does(&all, Event::Reopen, why(Some("new evidence")), "2027-01-11T09:00:00Z").is_err());
}

#[test]
fn a_person_files_what_the_chat_may_not() {
    let merchants = merchants();
    let account = persona("P08");
    let ground = Ground { merchants: &merchants, now: at(personas::NOW) };
    let claim =
        |reason| Claim { reason, sub_reason: None, store_contact: None, store_contact_on: None, note: Some("neighbours asked".into()) };
    let filed = file(&account, "LUM-31177", claim(DisputeReason::GoodsNotReceived), "robin", ground).expect("filed");
    let order = &filed.account.customer.orders[0];
    assert_eq!(order.disputes[0].state, DisputeState::MerchantWindow);
    assert!(order.plan.as_ref().expect("a plan").is_paused());
    assert!(filed.outbox.iter().any(|(topic, _)| topic == "dispute.opened"));
    assert!(file(&filed.account, "P08-1", claim(DisputeReason::GoodsNotReceived), "robin", ground).is_err(), "it is open already");
    assert!(file(&account, "nothing", claim(DisputeReason::GoodsNotReceived), "robin", ground).is_err());
}

#[test]
fn the_customer_withdraws_and_payments_go_on() {
    let gone = does(&disputed(), Event::Withdraw, Brings::default(), "2026-12-06T09:00:00Z").expect("withdrawn");
    assert_eq!(only(&gone).outcome, Some(DisputeOutcome::WithdrawnByCustomer));
    assert!(!gone.customer.orders[0].plan.as_ref().expect("a plan").is_paused());
    assert!(gone.tellings.is_empty(), "who acts in the chat hears it there");
    // The store's acceptance comes too late: nothing moves, nothing is paid.
    let merchants = merchants();
    let late = event("a", "dispute.accepted", "2026-12-06T09:01:00Z", json!({"dispute": "D-TEST1"}));
    let unmoved = take(&gone, &late, Ground { merchants: &merchants, now: late.received_at }).expect_err("too late");
    assert!(unmoved.to_string().contains("came too late"), "{unmoved}");
}
