//! Disputes as they are stored and shown; their rules are in `domain/dispute`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is contested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum DisputeReason {
    GoodsNotReceived,
    ServiceNotProvided,
    FaultyOrNotAsDescribed,
    ReturnRefundMissing,
    IncorrectAmount,
    AlreadyPaidElsewhere,
    DuplicateCharge,
    SubscriptionCancelled,
    UnauthorisedPurchase,
    HighRiskOrder,
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum DisputeState {
    Draft,
    MerchantWindow,
    CustomerInfoRequested,
    MerchantEvidenceRequested,
    UnderReview,
    PreliminaryDecision,
    AppealReview,
    FraudInvestigation,
    Closed,
}

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum Party {
    Customer,
    Merchant,
    Us,
}

/// How a dispute ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum DisputeOutcome {
    CustomerWonFull,
    CustomerWonPartial,
    MerchantWon,
    WithdrawnByCustomer,
    RefundedByMerchant,
    Duplicate,
    WrongReason,
    CustomerDidNotRespond,
    CustomerAuthorisedPurchase,
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// Id.
    pub id: String,
    /// What the customer sees, e.g. `D-7F3K2`.
    pub public_no: String,
    /// What is contested.
    pub reason: DisputeReason,
    /// More exactly.
    #[serde(default)]
    pub sub_reason: Option<String>,
    /// Where it stands.
    pub state: DisputeState,
    /// How much.
    pub disputed_minor: i64,
    /// Which lines.
    #[serde(default)]
    pub lines: Vec<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By when the next one must act.
    #[serde(default)]
    pub next_deadline_at: Option<Timestamp>,
    /// Who that is.
    #[serde(default)]
    pub next_actor: Option<Party>,
    /// Round of evidence.
    #[serde(default)]
    pub round: u32,
    /// How it ended.
    #[serde(default)]
    pub outcome: Option<DisputeOutcome>,
    /// What the customer gets back.
    #[serde(default)]
    pub refund_minor: i64,
    /// When it ended.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// What was asked of whom.
    #[serde(default)]
    pub requests: Vec<Value>,
    /// What was handed in.
    #[serde(default)]
    pub evidence: Vec<Value>,
    /// What happened to it.
    #[serde(default)]
    pub events: Vec<Value>,
}
