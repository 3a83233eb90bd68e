//! What belongs to an account besides orders: cases, legal notices, promises, changes of plans, and what customers are told unasked.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A case that a person must handle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Id.
    pub id: String,
    /// `fraud`, `complaint`, `privacy` or `hardship`.
    pub kind: String,
    /// When it reached us.
    pub received_at: Timestamp,
    /// By when it must be answered.
    pub due_at: Option<Timestamp>,
    /// `open` or `closed`.
    pub state: String,
    /// When people were told that the deadline is near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_at: Option<Timestamp>,
}

/// A legal notice: words that start a clock by law, whatever they were said about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Id.
    pub id: String,
    /// `complaint`, `data_protection`, `unauthorised_use`, `hardship`, `credit_withdrawal`, `billing_error` or `dispute`.
    pub kind: String,
    /// The law whose clock runs, e.g. `uk_disp`, `gdpr`.
    pub regime: String,
    /// When the customer said it.
    pub received_at: Timestamp,
    /// By when it must be answered.
    pub due_at: Timestamp,
    /// `open` or `answered`.
    pub state: String,
    /// Where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// When people were told that the deadline is near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_at: Option<Timestamp>,
}

/// Something promised to the customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Id.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// What was said.
    pub text: String,
    /// When.
    pub made_at: Timestamp,
    /// By when.
    pub due_at: Timestamp,
    /// `open`, `kept` or `broken`.
    pub state: String,
    /// When the customer was told that it will be late, and a person got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_at: Option<Timestamp>,
}

/// A change of a plan, never altered afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Id.
    pub id: String,
    /// The plan.
    pub plan: String,
    /// The instalment, if one.
    pub instalment: Option<String>,
    /// `extension`, `pause`, `resume`, `refund_reallocation`, `fee`, `fee_waiver` …
    pub kind: String,
    /// Old date.
    pub old_due_on: Option<Date>,
    /// New date.
    pub new_due_on: Option<Date>,
    /// Amount.
    pub amount_minor: i64,
    /// Why.
    pub reason: String,
    /// The rule that allowed it.
    pub rule_id: String,
    /// `customer`, `agent`, `merchant` or `system`.
    pub requested_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// Something that the customer is told unasked, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    /// Id: the same happening has the same id, so nobody is told twice.
    pub id: String,
    /// What happened; also the key of its wording, e.g. `dispute_moved`.
    pub kind: TellingKind,
    /// What it is about: the id of a dispute, an instalment, a refund …
    pub subject: String,
    /// Amounts, dates and names for the wording, as the account had them.
    pub data: Value,
    /// When it happened.
    pub made_at: Timestamp,
    /// Not before: quiet hours end then.
    pub not_before: Timestamp,
    /// After this nobody wants to know any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Where it stands.
    pub state: TellingState,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
}

/// What customers are told unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the keys of the wording")]
pub enum TellingKind {
    DisputeMoved,
    EvidenceNeeded,
    PaymentTomorrow,
    PaymentFailed,
    FeeCharged,
    RefundPosted,
    ParcelLate,
    PromiseLate,
    OfferMade,
}

impl TellingKind {
    /// Whether it is about owing money: then nobody in hardship or mourning is told.
    pub fn is_about_debt(self) -> bool {
        match self {
            TellingKind::PaymentTomorrow | TellingKind::PaymentFailed | TellingKind::FeeCharged => true,
            TellingKind::DisputeMoved
            | TellingKind::EvidenceNeeded
            | TellingKind::RefundPosted
            | TellingKind::ParcelLate
            | TellingKind::PromiseLate
            | TellingKind::OfferMade => false,
        }
    }

    /// The key of its wording in `prompts/replies.yaml`.
    pub fn wording(self) -> &'static str {
        match self {
            TellingKind::DisputeMoved => "told_dispute_moved",
            TellingKind::EvidenceNeeded => "told_evidence_needed",
            TellingKind::PaymentTomorrow => "told_payment_tomorrow",
            TellingKind::PaymentFailed => "told_payment_failed",
            TellingKind::FeeCharged => "told_fee_charged",
            TellingKind::RefundPosted => "told_refund_posted",
            TellingKind::ParcelLate => "told_parcel_late",
            TellingKind::PromiseLate => "told_promise_late",
            TellingKind::OfferMade => "told_offer_made",
        }
    }
}

/// Where a telling stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TellingState {
    /// Its hour has not come.
    Pending,
    /// Nobody was there to be told: it waits for the next visit.
    Waiting,
    /// Said.
    Told,
    /// Overtaken by something newer, no longer wanted, or not fit to be said.
    Dropped,
}
