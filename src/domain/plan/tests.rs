//! Worked examples and invariants of payment plans.

use super::*;
use crate::domain::account::{Account, Attempt, Order, Product, RefundStrategy};
use crate::domain::market::{Market, days_after, days_between};
use crate::domain::money::split;
use crate::domain::timer::{TimerKind, timers};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

/// A plan agreed on 1 December 2026 with the first so many instalments paid.
pub(crate) fn plan(product: Product, total_minor: i64, paid: usize) -> Plan {
    let (parts, interval) = match product {
        Product::PayNow | Product::PayIn30 => (1, 30),
        Product::PayIn3 => (3, 30),
        Product::PayIn4 => (4, 14),
        Product::Financing => (6, 30),
    };
    let instalments = split(total_minor, parts)
        .into_iter()
        .enumerate()
        .map(|(place, amount)| {
            let due_on = days_after(date(2026, 12, 10), i32::try_from(place).expect("few") * interval);
            Instalment {
                id: format!("i{}", place + 1),
                seq: u32::try_from(place).expect("few") + 1,
                due_on,
                original_due_on: due_on,
                amount_minor: amount,
                fee_minor: 0,
                paid_minor: if place < paid { amount } else { 0 },
                refunded_minor: 0,
                overpaid_minor: 0,
                asked_at: None,
                status: if place < paid { InstalmentStatus::Paid } else { InstalmentStatus::Scheduled },
                attempts: Vec::new(),
            }
        })
        .collect();
    Plan {
        id: "plan".into(),
        product,
        regime: "none".into(),
        agreement_at: "2026-12-01T09:00:00Z".parse().expect("an instant"),
        apr_bps: 0,
        autopay: true,
        status: PlanStatus::Active,
        extensions_used: 0,
        refund_strategy: RefundStrategy::SpreadEvenly,
        instalments,
    }
}

/// Plans of every shape, partly paid.
pub(crate) fn arb_plan() -> impl Strategy<Value = Plan> {
    let products = prop::sample::select(vec![Product::PayIn30, Product::PayIn3, Product::PayIn4, Product::Financing]);
    let strategies = prop::sample::select(vec![RefundStrategy::SpreadEvenly, RefundStrategy::LastFirst, RefundStrategy::ShortenTerm]);
    (products, strategies, 1i64..50_000, 0usize..7, 0u32..2, 0i64..600).prop_map(|(product, strategy, total, paid, used, part)| {
        let mut plan = plan(product, total, paid);
        plan.refund_strategy = strategy;
        plan.extensions_used = used;
        if let Some(next) = plan.instalments.get_mut(paid).filter(|next| part > 0 && part < next.amount_minor) {
            next.paid_minor = part;
            next.status = InstalmentStatus::PartiallyPaid;
        }
        plan
    })
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn ask(plan: &Plan, id: &str, now: &str) -> Result<Extension, &'static str> {
    extension(plan, id, false, Market::of("GB"), at(now)).expect("it exists").map_err(|refusal| refusal.reason)
}

#[test]
fn a_date_moves_once_and_in_time() {
    let mut invoice = plan(Product::PayIn30, 10_000, 0);
    invoice.instalments[0].due_on = date(2026, 12, 20);
    let extension = ask(&invoice, "i1", "2026-12-10T10:00:00Z").expect("it may");
    assert_eq!((extension.old_due_on, extension.max_days, extension.fee_minor), (date(2026, 12, 20), 10, 0));
    assert_eq!(ask(&invoice, "i1", "2026-12-18T23:59:59Z").map(|_| ()), Ok(()));
    assert_eq!(ask(&invoice, "i1", "2026-12-19T00:00:00Z"), Err("too_close"));
    assert_eq!(ask(&invoice, "i1", "2026-12-19T12:00:00Z"), Err("too_close"));
    assert_eq!(extend(&mut invoice, "i1", 10, 0), Some(date(2026, 12, 30)));
    assert_eq!(ask(&invoice, "i1", "2026-12-10T10:00:00Z"), Err("already_used"));
}

#[test]
fn what_stands_against_moving_a_date() {
    let now = "2026-12-05T10:00:00Z";
    assert_eq!(ask(&plan(Product::Financing, 10_000, 0), "i1", now), Err("financing"));
    assert_eq!(ask(&plan(Product::PayIn3, 10_000, 1), "i1", now), Err("not_scheduled"));
    assert_eq!(ask(&plan(Product::PayIn3, 10_000, 0), "i1", "2026-12-11T10:00:00Z"), Err("overdue"));
    assert_eq!(ask(&plan(Product::PayIn3, 10_000, 0), "i2", "2026-12-11T10:00:00Z"), Err("other_overdue"));
    let mut paused = plan(Product::PayIn3, 10_000, 1);
    pause(&mut paused);
    assert_eq!(ask(&paused, "i2", now), Err("paused"));
    let refused = extension(&plan(Product::PayIn3, 10_000, 1), "i2", true, Market::of("GB"), at(now)).expect("it exists");
    assert_eq!(refused.expect_err("hardship").reason, "hardship");
    // Two weeks later would be the day of the next payment.
    assert_eq!(ask(&plan(Product::PayIn4, 10_000, 0), "i1", now).map(|may| may.max_days), Ok(13));
    assert!(extension(&paused, "nothing", false, Market::of("GB"), at(now)).is_none());
}

#[test]
fn a_pause_keeps_the_distance_of_payments() {
    let mut paused = plan(Product::PayIn3, 10_000, 0);
    paused.instalments.truncate(2);
    let held = pause(&mut paused);
    assert_eq!(held.iter().map(|held| held.seq).collect::<Vec<_>>(), [1, 2]);
    assert!(paused.is_paused());
    let moved = resume(&mut paused, date(2026, 12, 30), Market::of("GB"));
    assert_eq!(moved.iter().map(|(_, _, new)| *new).collect::<Vec<_>>(), [date(2027, 1, 13), date(2027, 2, 12)]);
}

#[test]
fn late_fees_stop_at_the_cap_and_the_count() {
    let market = Market::of("GB");
    assert_eq!(late_fee(1_800, &[], market), 450);
    assert_eq!(late_fee(1_800, &[450], market), 0);
    assert_eq!(late_fee(10_000, &[500], market), 500);
    assert_eq!(late_fee(10_000, &[500, 500], market), 0);
    assert_eq!(late_fee_from(date(2026, 12, 1), market), date(2026, 12, 9));
}

#[test]
fn a_fee_after_our_own_failed_debit_is_taken_back() {
    let order: Order =
        serde_json::from_value(serde_json::json!({"id": "o", "ref": "R-1", "merchant": "m", "placed_at": "2026-10-01T09:00:00Z",
        "total_minor": 9_000, "currency": "GBP", "status": "captured"}))
        .expect("an order");
    let mut late = plan(Product::PayIn3, 9_000, 0).instalments.remove(0);
    late.fee_minor = 500;
    let charged_on = date(2026, 12, 18);
    let reason = |late: &Instalment| waive_reason(&order, late, charged_on, Market::of("GB"));
    assert_eq!(reason(&late), None);
    for (result, attempted_at, expected) in [
        ("soft_decline", "2026-12-17T09:00:00Z", None),
        ("error", "2026-12-14T09:00:00Z", None),
        ("error", "2026-12-15T09:00:00Z", Some("own_failed_debit")),
    ] {
        late.attempts = vec![Attempt { attempted_at: at(attempted_at), result: result.into(), decline_class: None }];
        assert_eq!(reason(&late), expected, "{result} {attempted_at}");
    }
}

#[test]
fn payments_go_on_to_the_next_and_then_become_credit() {
    let mut one = plan(Product::PayIn3, 10_000, 1);
    assert_eq!(receive(&mut one, "i2", 1_000), Received { parts: vec![(2, 1_000)], credit_minor: 0 });
    assert_eq!(one.instalments[1].status, InstalmentStatus::PartiallyPaid);
    assert_eq!(receive(&mut one, "i2", 4_000), Received { parts: vec![(2, 2_333), (3, 1_667)], credit_minor: 0 });
    assert_eq!(receive(&mut one, "i3", 2_000), Received { parts: vec![(3, 1_666)], credit_minor: 334 });
    assert_eq!((one.status, one.open_minor()), (PlanStatus::Completed, 0));
    assert_eq!(pay_out_credit(&mut one), 334);
    assert_eq!((one.paid_minor(), pay_out_credit(&mut one)), (10_000, 0));
}

#[test]
fn debits_follow_the_ladder_of_the_market() {
    let failed = |on: &str, result: &str| Attempt { attempted_at: at(on), result: result.into(), decline_class: None };
    let mut late = plan(Product::PayIn4, 10_000, 0);
    assert_eq!(next_debit(&late.instalments[0], Market::of("GB")), Some(date(2026, 12, 10)));
    begin_debit(&mut late, "i1", at("2026-12-10T09:00:00Z"));
    let next = attempted(&mut late, "i1", failed("2026-12-10T09:00:00Z", "soft_decline"), Market::of("GB"), date(2026, 12, 10));
    assert_eq!(next, Some(Some(date(2026, 12, 17))));
    assert_eq!(late.instalments[0].status, InstalmentStatus::Scheduled);
    attempted(&mut late, "i1", failed("2026-12-17T09:00:00Z", "soft_decline"), Market::of("GB"), date(2026, 12, 17));
    // The United States try once more, the United Kingdom twice.
    assert_eq!(next_debit(&late.instalments[0], Market::of("US")), None);
    assert_eq!(next_debit(&late.instalments[0], Market::of("GB")), Some(date(2026, 12, 24)));
    attempted(&mut late, "i1", failed("2026-12-18T09:00:00Z", "hard_decline"), Market::of("GB"), date(2026, 12, 18));
    assert_eq!(next_debit(&late.instalments[0], Market::of("GB")), None);
    assert_eq!(attempted(&mut late, "nothing", failed("2026-12-18T09:00:00Z", "error"), Market::of("GB"), date(2026, 12, 18)), None);
}

#[test]
fn settling_early_costs_no_more_and_gives_interest_back() {
    let order = order_of(plan(Product::PayIn3, 10_000, 1), 10_000);
    let figure = |order: &Order, today| payoff(order, order.plan.as_ref().expect("a plan"), Market::of("GB"), today);
    let even = figure(&order, date(2026, 12, 4));
    assert_eq!((even.open_minor, even.rebate_minor, even.total_minor), (6_666, 0, 6_666));
    // 600.00 for goods of 540.00 from 1 December to 9 May, 159 days; after 59 of them 100/159 of 60.00 are not owed.
    let financed = order_of(plan(Product::Financing, 60_000, 2), 54_000);
    let early = figure(&financed, date(2027, 1, 29));
    assert_eq!((early.open_minor, early.rebate_minor, early.total_minor), (40_000, 3_774, 36_226));
    assert_eq!(figure(&financed, date(2027, 6, 1)).rebate_minor, 0);
}

fn order_of(plan: Plan, total_minor: i64) -> Order {
    let mut order: Order = serde_json::from_value(serde_json::json!({"id": "o", "ref": "R-1", "merchant": "m",
        "placed_at": "2026-10-01T09:00:00Z", "total_minor": total_minor, "currency": "GBP", "status": "captured"}))
    .expect("an order");
    order.plan = Some(plan);
    order
}

proptest! {
    #![proptest_config(crate::domain::cases::cases())]

    #[test]
    fn no_date_moves_when_paused_overdue_or_within_a_day(mut plan in arb_plan(), hours in 0i64..4_000, frozen in any::<bool>(), choice in 0usize..6) {
        if frozen {
            pause(&mut plan);
        }
        let market = Market::of("GB");
        let now = at("2026-12-01T09:00:00Z") + hours.hours();
        let instalment = plan.instalments[choice % plan.instalments.len()].clone();
        if let Some(Ok(extension)) = extension(&plan, &instalment.id, false, market, now) {
            prop_assert!(!plan.is_paused() && instalment.status == InstalmentStatus::Scheduled);
            prop_assert!(now < market.start_of(instalment.due_on) - 24.hours());
            prop_assert!(plan.instalments.iter().all(|other| !other.is_open() || other.due_on >= market.date(now)));
            let dates: Vec<Date> = plan.instalments.iter().map(|i| i.due_on).collect();
            prop_assert!(extend(&mut plan, &instalment.id, extension.max_days, 0).is_some());
            let moved: Vec<Date> = plan.instalments.iter().map(|i| i.due_on).collect();
            prop_assert!(moved.windows(2).all(|pair| pair[0] < pair[1]), "{:?} {:?}", dates, moved);
        }
    }

    #[test]
    fn pause_and_resume_keep_the_spacing_and_never_debit_inside(mut plan in arb_plan(), from in 0i32..300, length in 0i32..60) {
        let market = Market::of("GB");
        let before = plan.clone();
        let paused_on = days_after(date(2026, 12, 1), from);
        let ended_on = days_after(paused_on, length);
        let held = pause(&mut plan);
        prop_assert!(plan.instalments.iter().all(|i| !i.is_open() || i.status == InstalmentStatus::Paused));
        let moved = resume(&mut plan, ended_on, market);
        prop_assert_eq!(moved.len(), held.len());
        prop_assert!(moved.iter().all(|(_, old, new)| new >= old));
        if let Some((_, _, first)) = moved.first() {
            prop_assert!(days_between(ended_on, *first) >= market.resume_days);
        }
        for pair in moved.windows(2) {
            prop_assert_eq!(days_between(pair[0].2, pair[1].2), days_between(pair[0].1, pair[1].1));
        }
        prop_assert_eq!(plan.open_minor(), before.open_minor());
    }

    #[test]
    fn fees_stay_below_cap_and_count(order in 0i64..200_000, code in prop::sample::select(crate::domain::market::CODES.to_vec())) {
        let market = Market::of(code);
        let mut charged = Vec::new();
        for _ in 0..5 {
            let fee = late_fee(order, &charged, market);
            if fee > 0 {
                charged.push(fee);
            }
        }
        prop_assert!(charged.len() <= market.late_fee_max_count);
        prop_assert!(charged.iter().sum::<i64>() <= market.late_fee_cap(order));
    }

    #[test]
    fn a_payment_loses_nothing(mut plan in arb_plan(), amount in 0i64..60_000, choice in 0usize..6, frozen in any::<bool>()) {
        if frozen {
            pause(&mut plan);
        }
        let id = plan.instalments[choice % plan.instalments.len()].id.clone();
        let (open, paid) = (plan.open_minor(), plan.paid_minor());
        let received = receive(&mut plan, &id, amount);
        let parts: i64 = received.parts.iter().map(|(_, amount)| amount).sum();
        prop_assert_eq!(parts + received.credit_minor, amount);
        prop_assert_eq!(plan.open_minor(), open - parts);
        prop_assert_eq!(plan.paid_minor(), paid + amount);
        let credit: i64 = plan.instalments.iter().map(Instalment::credit_minor).sum();
        prop_assert_eq!(pay_out_credit(&mut plan), credit);
        prop_assert!(credit >= received.credit_minor);
        prop_assert_eq!(plan.open_minor(), open - parts);
    }

    #[test]
    fn nothing_is_debited_and_no_fee_charged_inside_a_pause(mut plan in arb_plan(), days in 0i32..200) {
        plan.extensions_used = 0;
        if pause(&mut plan).is_empty() {
            return Ok(());
        }
        let market = Market::of("GB");
        let order = order_of(plan.clone(), 10_000);
        prop_assert_eq!(fee_due(&order, &plan, market), 0);
        let mut customer: crate::domain::account::Customer = serde_json::from_value(serde_json::json!({"id": "c", "given_name": "A",
            "family_name": "B", "market": "GB", "locale": "en-GB", "status": "active", "currency": "GBP"})).expect("a customer");
        customer.orders.push(order);
        let of_money = |account: &Account| timers(account, market).into_iter()
            .any(|timer| matches!(timer.kind, TimerKind::Collect | TimerKind::LateFee | TimerKind::Announce));
        let mut account = Account::new(customer);
        prop_assert!(!of_money(&account));
        // A debit that was under way when the pause began, and failed, waits like the others.
        let held = account.customer.orders[0].plan.as_mut().expect("a plan");
        let id = held.instalments.iter().find(|due| due.is_open()).expect("one is open").id.clone();
        begin_debit(held, &id, at("2026-12-10T09:00:00Z"));
        let failed = Attempt { attempted_at: at("2026-12-10T09:00:00Z"), result: "soft_decline".into(), decline_class: None };
        prop_assert_eq!(attempted(held, &id, failed, market, days_after(date(2026, 12, 1), days)), Some(None));
        prop_assert!(!of_money(&account));
    }

    #[test]
    fn a_settlement_figure_is_never_more_than_what_is_open(plan in arb_plan(), interest in 0i64..5_000, days in 0i32..300) {
        let total: i64 = plan.instalments.iter().map(|due| due.amount_minor).sum();
        let order = order_of(plan.clone(), (total - interest).max(1));
        let figure = payoff(&order, &plan, Market::of("GB"), days_after(date(2026, 12, 1), days));
        prop_assert_eq!(figure.total_minor + figure.rebate_minor, figure.open_minor);
        prop_assert!(figure.rebate_minor >= 0 && figure.total_minor >= 0 && figure.rebate_minor <= interest);
    }
}
