//! Settling a plan early.

use crate::domain::account::{Order, Plan, Product};
use crate::domain::market::{Market, days_between};
use jiff::civil::Date;

/// What it costs to be done with a plan today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payoff {
    /// What is open by the plan, fees included, minor units.
    pub open_minor: i64,
    /// Interest that is not owed when it is paid today, minor units; 0 for plans without interest.
    pub rebate_minor: i64,
    /// What is to be paid, minor units.
    pub total_minor: i64,
    /// The last day on which the figure holds.
    pub valid_until: Date,
}

/// The settlement figure. Early payment is free; for financing the interest of the days that are left is taken off, pro rata over
/// the days from the agreement to the last payment and rounded for the customer (the right to a reduction of costs, CCD2 and UK law).
pub fn payoff(order: &Order, plan: &Plan, market: &Market, today: Date) -> Payoff {
    let open_minor = plan.open_minor();
    let charged: i64 = plan.instalments.iter().map(|due| due.amount_minor).sum();
    let interest = if plan.product == Product::Financing { (charged - order.total_minor).max(0) } else { 0 };
    let rebate_minor = plan.instalments.iter().map(|due| due.due_on).max().map_or(0, |last| {
        let term = days_between(market.date(plan.agreement_at), last).max(1);
        let left = days_between(today, last).clamp(0, term);
        let (interest, left, term) = (i128::from(interest), i128::from(left), i128::from(term));
        i64::try_from((interest * left + term - 1) / term).unwrap_or(0).min(open_minor)
    });
    Payoff { open_minor, rebate_minor, total_minor: open_minor - rebate_minor, valid_until: today }
}
