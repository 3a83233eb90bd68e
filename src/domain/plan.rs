//! Payment plans: what is open, moving a date, pausing and resuming, late fees and when they are taken back.

use super::account::{Instalment, InstalmentStatus, Order, Plan, PlanStatus, Product};
use super::language::Language;
use super::market::{Market, days_after, days_between};
use super::rule::Refusal;
use super::time::spoken;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

impl Instalment {
    /// What is still to be paid, fees included; 0 when it was cancelled or written off.
    pub fn open_minor(&self) -> i64 {
        match self.status {
            InstalmentStatus::Paid | InstalmentStatus::Cancelled | InstalmentStatus::WrittenOff => 0,
            InstalmentStatus::Scheduled
            | InstalmentStatus::Processing
            | InstalmentStatus::PartiallyPaid
            | InstalmentStatus::Overdue
            | InstalmentStatus::Paused => (self.amount_minor + self.fee_minor - self.paid_minor - self.refunded_minor).max(0),
        }
    }

    /// What is still to be paid without fees; payments and refunds lower the principal first.
    pub fn principal_open_minor(&self) -> i64 {
        self.open_minor().min((self.amount_minor - self.paid_minor - self.refunded_minor).max(0))
    }

    /// Whether anything is still to be paid.
    pub fn is_open(&self) -> bool {
        self.open_minor() > 0
    }

    /// What was paid beyond what was owed.
    pub fn credit_minor(&self) -> i64 {
        let owed = self.amount_minor + self.fee_minor;
        match self.status {
            // A refund of a paid instalment went back to the customer: it does not count as paid again.
            InstalmentStatus::Paid => (self.paid_minor - owed).max(0),
            InstalmentStatus::Scheduled
            | InstalmentStatus::Processing
            | InstalmentStatus::PartiallyPaid
            | InstalmentStatus::Overdue
            | InstalmentStatus::Paused
            | InstalmentStatus::Cancelled
            | InstalmentStatus::WrittenOff => {
                if self.paid_minor == 0 {
                    0
                } else {
                    (self.paid_minor + self.refunded_minor - owed).clamp(0, self.paid_minor)
                }
            }
        }
    }

    /// The state as of a day: what is scheduled for a day that has passed is overdue.
    pub fn standing(&self, today: Date) -> InstalmentStatus {
        match self.status {
            InstalmentStatus::Scheduled | InstalmentStatus::PartiallyPaid if self.due_on < today => InstalmentStatus::Overdue,
            status => status,
        }
    }
}

impl Plan {
    /// Sum of what is open.
    pub fn open_minor(&self) -> i64 {
        self.instalments.iter().map(Instalment::open_minor).sum()
    }

    /// Sum of what was paid.
    pub fn paid_minor(&self) -> i64 {
        self.instalments.iter().map(|instalment| instalment.paid_minor).sum()
    }

    /// Whether nothing is collected at present.
    pub fn is_paused(&self) -> bool {
        self.status == PlanStatus::Paused
    }

    /// The instalment with that id.
    pub fn instalment(&self, id: &str) -> Option<&Instalment> {
        self.instalments.iter().find(|instalment| instalment.id == id)
    }
}

/// What moving a date would mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The date as it is.
    pub old_due_on: Date,
    /// Most days by which it may move; it stays before the next instalment.
    pub max_days: i32,
    /// What it costs.
    pub fee_minor: i64,
}

/// Whether the date of an instalment may move. `hardship`: the customer has a hardship or breathing-space arrangement.
///
/// It may when the plan runs, the payment is scheduled and starts more than 24 hours from now, no other payment of the plan is
/// overdue and no date of the order was moved before. `None` when the plan has no such instalment.
pub fn extension(plan: &Plan, instalment: &str, hardship: bool, market: &Market, now: Timestamp) -> Option<Result<Extension, Refusal>> {
    let instalment = plan.instalment(instalment)?;
    Some(extension_of(plan, instalment, hardship, market, now))
}

fn extension_of(plan: &Plan, instalment: &Instalment, hardship: bool, market: &Market, now: Timestamp) -> Result<Extension, Refusal> {
    let today = market.date(now);
    let no = |reason, english, swedish, german| Err(Refusal::new(reason, english, swedish, german));
    if plan.product == Product::Financing {
        return no(
            "financing",
            "This is a financing agreement: its dates can only change with a new agreement, which a person has to make.",
            "Det här är ett kreditavtal: datumen kan bara ändras med ett nytt avtal, och det måste en människa göra.",
            "Das ist ein Ratenkredit: Die Termine ändern sich nur mit einem neuen Vertrag, und den muss ein Mensch machen.",
        );
    }
    if hardship || matches!(plan.status, PlanStatus::Hardship | PlanStatus::InCollections | PlanStatus::ChargedOff) {
        return no(
            "hardship",
            "A special arrangement applies to your payments, so a person has to look at any change of dates.",
            "En särskild överenskommelse gäller för dina betalningar, så en människa måste titta på ändrade datum.",
            "Für deine Zahlungen gilt eine besondere Vereinbarung, deshalb muss ein Mensch jede Terminänderung prüfen.",
        );
    }
    if plan.is_paused() || instalment.status == InstalmentStatus::Paused {
        return no(
            "paused",
            "This payment is paused, so nothing is due at the moment and there is no date to move.",
            "Den här betalningen är pausad, så inget förfaller just nu och det finns inget datum att flytta.",
            "Diese Zahlung ist pausiert, es ist also gerade nichts fällig und kein Termin zu verschieben.",
        );
    }
    match instalment.standing(today) {
        InstalmentStatus::Scheduled => {}
        InstalmentStatus::Overdue => {
            return no(
                "overdue",
                "This payment is overdue already, and the date of an overdue payment can't be moved.",
                "Den här betalningen är redan försenad, och datumet för en försenad betalning kan inte flyttas.",
                "Diese Zahlung ist schon überfällig, und der Termin einer überfälligen Zahlung lässt sich nicht verschieben.",
            );
        }
        InstalmentStatus::Processing => {
            return no(
                "not_scheduled",
                "This payment is being collected right now, so its date can't be moved any more.",
                "Den här betalningen dras just nu, så datumet kan inte flyttas längre.",
                "Diese Zahlung wird gerade eingezogen, deshalb lässt sich der Termin nicht mehr verschieben.",
            );
        }
        InstalmentStatus::PartiallyPaid => {
            return no(
                "not_scheduled",
                "A part of this payment is paid already, so its date can't be moved any more.",
                "En del av den här betalningen är redan betald, så datumet kan inte flyttas längre.",
                "Ein Teil dieser Zahlung ist schon bezahlt, deshalb lässt sich der Termin nicht mehr verschieben.",
            );
        }
        InstalmentStatus::Paid | InstalmentStatus::Cancelled | InstalmentStatus::WrittenOff | InstalmentStatus::Paused => {
            return no(
                "not_scheduled",
                "Nothing is due for this payment, so there is no date to move.",
                "Det finns inget att betala för den här delen, så det finns inget datum att flytta.",
                "Für diese Zahlung ist nichts fällig, es gibt also keinen Termin zu verschieben.",
            );
        }
    }
    if plan.instalments.iter().any(|other| other.is_open() && other.standing(today) == InstalmentStatus::Overdue) {
        return no(
            "other_overdue",
            "Another payment of this plan is overdue. It has to be paid before a date can be moved.",
            "En annan betalning i samma plan är försenad. Den måste betalas innan ett datum kan flyttas.",
            "Eine andere Zahlung dieses Plans ist überfällig. Sie muss bezahlt sein, bevor sich ein Termin verschieben lässt.",
        );
    }
    if plan.extensions_used >= market.extensions_per_order {
        return no(
            "already_used",
            "A date of this order was moved before, and that is possible only once for each order.",
            "Ett datum för den här beställningen har redan flyttats, och det går bara en gång per beställning.",
            "Ein Termin dieser Bestellung wurde schon einmal verschoben, und das geht nur einmal pro Bestellung.",
        );
    }
    if now >= market.start_of(instalment.due_on) - 24.hours() {
        return Err(Refusal::told("too_close", |language| {
            let when = match days_between(today, instalment.due_on) {
                0 => language.pick("today", "idag", "heute").to_owned(),
                1 => language.pick("tomorrow", "imorgon", "morgen").to_owned(),
                _ => format!("{} {}", language.pick("on", "på", "am"), spoken(instalment.due_on, today, language)),
            };
            match language {
                Language::English => format!("It is due {when}, and a date can't be moved in the last 24 hours before it."),
                Language::Swedish => format!("Den förfaller {when}, och ett datum kan inte flyttas de sista 24 timmarna innan."),
                Language::German => {
                    format!("Sie ist {when} fällig, und in den letzten 24 Stunden davor lässt sich ein Termin nicht verschieben.")
                }
            }
        }));
    }
    let before_next = plan
        .instalments
        .iter()
        .filter(|other| other.due_on > instalment.due_on)
        .map(|other| days_between(instalment.due_on, other.due_on) - 1)
        .min()
        .unwrap_or(i32::MAX);
    let max_days = market.extension_days(plan.product).min(before_next);
    if max_days < 1 {
        return no(
            "not_scheduled",
            "The date of this payment can't be moved.",
            "Datumet för den här betalningen kan inte flyttas.",
            "Der Termin dieser Zahlung lässt sich nicht verschieben.",
        );
    }
    Ok(Extension { old_due_on: instalment.due_on, max_days, fee_minor: market.extension_fee_minor })
}

/// Moves the date of an instalment; the others stay. The caller has asked `extension` and kept within its `max_days`.
pub fn extend(plan: &mut Plan, instalment: &str, days: i32, fee_minor: i64) -> Option<Date> {
    let instalment = plan.instalments.iter_mut().find(|candidate| candidate.id == instalment)?;
    instalment.due_on = days_after(instalment.due_on, days);
    instalment.fee_minor += fee_minor;
    plan.extensions_used += 1;
    Some(instalment.due_on)
}

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
/// Klarna pauses the whole plan when a problem or a return is reported. A plan with nothing open stays as it is.
pub fn pause(plan: &mut Plan) -> Vec<Held> {
    let held = pausable(plan);
    if !held.is_empty() {
        for instalment in &mut plan.instalments {
            if held.iter().any(|held| held.id == instalment.id) {
                instalment.status = InstalmentStatus::Paused;
            }
        }
        plan.status = PlanStatus::Paused;
    }
    held
}

/// Ends a pause: the first held payment is due on its old date, or a fixed number of days after the pause when that is later;
/// the others keep their distance to it. Gives the id, the old and the new date of each.
pub fn resume(plan: &mut Plan, ended_on: Date, market: &Market) -> Vec<(String, Date, Date)> {
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

#[cfg(test)]
pub(crate) mod tests;
