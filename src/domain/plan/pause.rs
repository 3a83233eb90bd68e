//! Pausing a plan while a problem is looked into, and what is due when afterwards.

use crate::domain::account::{Instalment, InstalmentStatus, Plan, PlanStatus};
use crate::domain::market::{Market, days_after, days_between};
use jiff::civil::Date;

/// An instalment that a pause holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// Its number.
    pub seq: u32,
    /// When it was due.
    pub due_on: Date,
    /// What is open.
    pub amount_minor: i64,
}

/// What a pause would hold: everything open, except what is being collected right now (that completes and can be paid back).
pub fn pausable(plan: &Plan) -> Vec<Held> {
    plan.instalments
        .iter()
        .filter(|instalment| instalment.is_open() && instalment.status != InstalmentStatus::Processing)
        .map(|instalment| Held {
            id: instalment.id.clone(),
            seq: instalment.seq,
            due_on: instalment.due_on,
            amount_minor: instalment.open_minor(),
        })
        .collect()
}

/// Pauses a plan: nothing is collected, no reminder and no fee until it is resumed. Gives what is held now.
///
/// Klarna pauses the whole plan when a problem or a return is reported. A plan with nothing open stays as it is; one whose only open payment
/// is being collected right now is paused for the case that the debit fails.
pub fn pause(plan: &mut Plan) -> Vec<Held> {
    let held = pausable(plan);
    for instalment in &mut plan.instalments {
        if held.iter().any(|held| held.id == instalment.id) {
            instalment.status = InstalmentStatus::Paused;
        }
    }
    if plan.instalments.iter().any(Instalment::is_open) {
        plan.status = PlanStatus::Paused;
    }
    held
}

/// Ends a pause: the first held payment is due on its old date, or a fixed number of days after the pause when that is later;
/// the others keep their distance to it. Gives the id, the old and the new date of each.
pub fn resume(plan: &mut Plan, ended_on: Date, market: &Market) -> Vec<(String, Date, Date)> {
    if plan.is_paused() {
        plan.status = PlanStatus::Active;
    }
    let Some(first) = plan.instalments.iter().filter(|held| held.status == InstalmentStatus::Paused).map(|held| held.due_on).min() else {
        return Vec::new();
    };
    let shift = days_between(first, days_after(ended_on, market.resume_days)).max(0);
    let mut moved = Vec::new();
    for instalment in plan.instalments.iter_mut().filter(|held| held.status == InstalmentStatus::Paused) {
        let old = instalment.due_on;
        instalment.due_on = days_after(old, shift);
        instalment.status = if instalment.paid_minor > 0 { InstalmentStatus::PartiallyPaid } else { InstalmentStatus::Scheduled };
        moved.push((instalment.id.clone(), old, instalment.due_on));
    }
    plan.status = PlanStatus::Active;
    moved
}
