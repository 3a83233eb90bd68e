//! Payments and debits: what money does to a plan, and when a debit is tried again.

use crate::domain::account::{Attempt, Instalment, InstalmentStatus, Plan, PlanStatus};
use crate::domain::market::{Market, days_after};
use jiff::Timestamp;
use jiff::civil::Date;

/// Where the money of a payment went.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Received {
    /// To which instalments: number and amount.
    pub parts: Vec<(u32, i64)>,
    /// More than was open: credit of the customer.
    pub credit_minor: i64,
}

/// Money for an instalment: what it does not need goes to the next open ones, and what is left stays with it as credit.
///
/// While a plan is paused a payment is accepted all the same, and what is not paid stays paused.
pub fn receive(plan: &mut Plan, instalment: &str, amount_minor: i64) -> Received {
    let at = plan.instalments.iter().position(|due| due.id == instalment).unwrap_or(0);
    let mut left = amount_minor.max(0);
    let mut received = Received::default();
    let (count, held) = (plan.instalments.len(), plan.is_paused());
    for place in (0..count).map(|step| (at + step) % count) {
        let due = &mut plan.instalments[place];
        let part = left.min(due.open_minor());
        if part > 0 {
            due.paid_minor += part;
            left -= part;
            received.parts.push((due.seq, part));
            due.status = match (due.open_minor(), due.status) {
                (0, _) => InstalmentStatus::Paid,
                (_, InstalmentStatus::Paused) => InstalmentStatus::Paused,
                (_, InstalmentStatus::Processing) if held => InstalmentStatus::Paused,
                (_, InstalmentStatus::Overdue) => InstalmentStatus::Overdue,
                (_, _) => InstalmentStatus::PartiallyPaid,
            };
        }
    }
    if left > 0
        && let Some(due) = plan.instalments.get_mut(at)
    {
        due.paid_minor += left;
        due.overpaid_minor += left;
        received.credit_minor = left;
    }
    if plan.open_minor() == 0 {
        plan.status = PlanStatus::Completed;
    } else if plan.status == PlanStatus::Overdue && plan.instalments.iter().all(|due| due.status != InstalmentStatus::Overdue) {
        plan.status = PlanStatus::Active;
    }
    received
}

/// An instalment is being collected from that instant on: nothing else collects it meanwhile. Gives its state before; `None` when there is
/// none.
pub fn begin_debit(plan: &mut Plan, instalment: &str, now: Timestamp) -> Option<InstalmentStatus> {
    let due = plan.instalments.iter_mut().find(|due| due.id == instalment)?;
    due.asked_at = Some(now);
    Some(std::mem::replace(&mut due.status, InstalmentStatus::Processing))
}

/// A debit came back without money: it is noted, and the payment waits for the next try. Gives the day of that try; none while the
/// plan is paused. `None` when there is no such instalment.
pub fn attempted(plan: &mut Plan, instalment: &str, attempt: Attempt, market: &Market, today: Date) -> Option<Option<Date>> {
    let held = plan.is_paused();
    let due = plan.instalments.iter_mut().find(|due| due.id == instalment)?;
    due.attempts.push(attempt);
    due.asked_at = None;
    if due.status == InstalmentStatus::Processing {
        due.status = match (held, due.due_on < today, due.paid_minor > 0) {
            (true, _, _) => InstalmentStatus::Paused,
            (false, true, _) => InstalmentStatus::Overdue,
            (false, false, true) => InstalmentStatus::PartiallyPaid,
            (false, false, false) => InstalmentStatus::Scheduled,
        };
    }
    Some(if held { None } else { next_debit(due, market) })
}

/// The day of the next debit of an instalment by the market's ladder; `None` when the ladder is used up or the bank has refused for good.
pub fn next_debit(instalment: &Instalment, market: &Market) -> Option<Date> {
    if instalment.attempts.last().is_some_and(|attempt| attempt.result == "hard_decline") {
        return None;
    }
    let failed = instalment
        .attempts
        .iter()
        .filter(|attempt| attempt.result != "succeeded" && market.date(attempt.attempted_at) >= instalment.due_on)
        .count();
    market.retry_days.get(failed).map(|days| days_after(instalment.due_on, *days))
}

/// Takes the credit of a plan out of it, to be paid out. Gives how much.
pub fn pay_out_credit(plan: &mut Plan) -> i64 {
    plan.instalments
        .iter_mut()
        .map(|due| {
            let credit = due.credit_minor();
            due.paid_minor -= credit;
            due.overpaid_minor = 0;
            credit
        })
        .sum()
}
