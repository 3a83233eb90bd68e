//! Worked examples and invariants of payment plans.

use super::*;
use crate::domain::account::{Attempt, RefundStrategy};
use crate::domain::money::split;
use jiff::civil::date;
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

proptest! {
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
}
