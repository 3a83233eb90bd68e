//! Late fees: when, how much, and when one is taken back without asking anybody.

use crate::domain::account::{Instalment, Order, Plan};
use crate::domain::market::{Market, days_after, days_between};
use jiff::civil::Date;

/// The late fee that may be charged now, given those that the order has: 0 when there were enough of them or the cap is reached.
pub fn late_fee(order_minor: i64, charged_minor: &[i64], market: &Market) -> i64 {
    if charged_minor.len() >= market.late_fee_max_count {
        return 0;
    }
    let room = market.late_fee_cap(order_minor) - charged_minor.iter().sum::<i64>();
    market.late_fee_minor.min(room).max(0)
}

/// The first day on which a late fee may be charged: the day after the days of grace.
pub fn late_fee_from(due_on: Date, market: &Market) -> Date {
    days_after(due_on, market.grace_days + 1)
}

/// The day on which the fee of an instalment was charged: as early as the rule allows, counted from the date that was missed.
pub fn fee_charged_on(plan: &Plan, instalment: &Instalment, market: &Market, today: Date) -> Date {
    let moved = late_fee_from(instalment.due_on, market);
    let original = late_fee_from(instalment.original_due_on, market);
    if plan.extensions_used > 0 && moved <= today { moved } else { original }
}

/// Why a fee is taken back without asking anybody: `inside_pause` or `own_failed_debit`.
///
/// A fee dated inside a pause, or within three days of a debit that failed through our own error, was never the customer's fault.
pub fn waive_reason(order: &Order, instalment: &Instalment, charged_on: Date, market: &Market) -> Option<&'static str> {
    if instalment.fee_minor <= 0 {
        return None;
    }
    let disputed = order.disputes.iter().any(|dispute| {
        market.date(dispute.opened_at) <= charged_on && dispute.closed_at.is_none_or(|closed| charged_on <= market.date(closed))
    });
    let returned = order.returns.iter().any(|back| {
        let from = market.date(back.reported_at);
        from <= charged_on && charged_on <= days_after(from, market.return_pause_days)
    });
    if disputed || returned {
        return Some("inside_pause");
    }
    let failed = instalment
        .attempts
        .iter()
        .filter(|attempt| attempt.result == "error")
        .any(|attempt| days_between(market.date(attempt.attempted_at), charged_on).abs() <= 3);
    failed.then_some("own_failed_debit")
}

/// The late fee that an order would bear now; 0 when it has had enough of them, and while its plan is paused.
pub fn fee_due(order: &Order, plan: &Plan, market: &Market) -> i64 {
    if plan.is_paused() {
        return 0;
    }
    let charged: Vec<i64> = plan.instalments.iter().map(|instalment| instalment.fee_minor).filter(|fee| *fee > 0).collect();
    late_fee(order.total_minor, &charged, market)
}
