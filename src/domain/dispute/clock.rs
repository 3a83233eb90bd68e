//! How long each state of a dispute may last, by framework, reason and round. Deadlines are stored instants: the end of a day in the
//! market's zone, or hours where the field counts hours.

use crate::domain::account::{Dispute, DisputeOutcome, DisputeReason, DisputeState, Framework, Party};
use crate::domain::market::{Market, days_after};
use jiff::{Timestamp, ToSpan};

/// Days in which the customer answers a question. Klarna: 14.
pub const INFO_DAYS: i32 = 14;
/// Days in which a person decides. Affirm decides within 15 days of evidence; at most 30 is our limit.
pub const REVIEW_DAYS: i32 = 15;
/// Days in which the side that lost may ask for a second look. Klarna v4: 10.
pub const APPEAL_DAYS: i32 = 10;
/// Days for the first answer of a store. Klarna v3: 14; v4: 21.
pub const EVIDENCE_DAYS: i32 = 14;
/// The same in the newer framework.
pub const EVIDENCE_DAYS_V4: i32 = 21;
/// Days for later answers. Klarna: 7.
pub const FOLLOW_UP_DAYS: i32 = 7;
/// Hours in which a store answers about an order that looks risky. Klarna v4: 96.
pub const HIGH_RISK_HOURS: i64 = 96;
/// Hours after which a claim that was never filed is discarded. Our figure.
pub const DRAFT_HOURS: i64 = 24;
/// A store whose return came back long ago still gets this many days to settle. Our figure.
pub const LEAST_WINDOW_DAYS: i32 = 7;

/// When, and by whose calendar.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// Now.
    pub now: Timestamp,
    /// Whose days count.
    pub market: &'a Market,
}

/// Who must act next, and by when, in the state that the dispute has. `None` when nothing runs.
pub fn deadline(dispute: &Dispute, clock: Clock<'_>) -> Option<(Party, Timestamp)> {
    let Clock { now, market } = clock;
    let days = |days: i32| market.end_of(days_after(market.date(now), days));
    let hours = |hours: i64| now.saturating_add(hours.hours()).unwrap_or(Timestamp::MAX);
    Some(match dispute.state {
        DisputeState::Closed => return None,
        DisputeState::Draft => (Party::Customer, hours(DRAFT_HOURS)),
        DisputeState::MerchantWindow => (Party::Merchant, days(market.dispute_window_days)),
        DisputeState::CustomerInfoRequested => (Party::Customer, days(INFO_DAYS)),
        DisputeState::MerchantEvidenceRequested => {
            let at = match dispute.reason {
                DisputeReason::HighRiskOrder => hours(HIGH_RISK_HOURS),
                DisputeReason::UnauthorisedPurchase => days(market.fraud_window_days),
                _ => days(evidence_days(dispute.framework, dispute.round)),
            };
            (Party::Merchant, at)
        }
        DisputeState::UnderReview | DisputeState::AppealReview => (Party::Us, days(REVIEW_DAYS)),
        DisputeState::PreliminaryDecision => {
            let lost = if dispute.outcome == Some(DisputeOutcome::MerchantWon) { Party::Customer } else { Party::Merchant };
            (lost, days(APPEAL_DAYS))
        }
        DisputeState::FraudInvestigation => (Party::Us, days(market.fraud_window_days)),
    })
}

/// Days for an answer of the store in this round, which is 1 for the first.
pub fn evidence_days(framework: Framework, round: u32) -> i32 {
    match (framework, round) {
        (_, 2..) => FOLLOW_UP_DAYS,
        (Framework::V3, _) => EVIDENCE_DAYS,
        (Framework::V4, _) => EVIDENCE_DAYS_V4,
    }
}
