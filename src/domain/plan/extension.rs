//! Moving the date of a payment.

use crate::domain::account::{Instalment, InstalmentStatus, Plan, PlanStatus, Product};
use crate::domain::language::Language;
use crate::domain::market::{Market, days_after, days_between};
use crate::domain::rule::Refusal;
use crate::domain::time::spoken;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

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
