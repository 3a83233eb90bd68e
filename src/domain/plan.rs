//! Payment plans: what is open, moving a date, pausing and resuming, payments and debits, late fees, settling early.

mod extension;
mod fees;
mod pause;
mod payment;
mod payoff;

pub use extension::{Extension, extend, extension};
pub use fees::{fee_charged_on, fee_due, late_fee, late_fee_from, waive_reason};
pub use pause::{Held, pausable, pause, resume};
pub use payment::{Received, attempted, begin_debit, next_debit, pay_out_credit, receive};
pub use payoff::{Payoff, payoff};

use super::account::{Instalment, InstalmentStatus, Plan, PlanStatus};
use jiff::civil::Date;

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
            InstalmentStatus::Paid => (self.paid_minor - owed).max(self.overpaid_minor).max(0),
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

#[cfg(test)]
pub(crate) mod tests;
