//! Disputes as they are stored and shown; their rules are in `domain/dispute`.

use crate::domain::dispute::Detail;
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

/// Which way of working a dispute follows; its market says which new ones do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framework {
    /// The store first has time to settle with the customer, then it is asked for evidence. Klarna until 2025.
    #[default]
    V3,
    /// The store is asked for evidence at once. Klarna since 2026.
    V4,
}

impl Framework {
    /// Whether it is the one that disputes have which name none.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a dispute was decided as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// The id of an agent, or what decided: `rule`, `merchant`, `outside`, `customer`, `timer`.
    pub by: String,
    /// The rule, `R1` to `R9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the rule looked at.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub inputs: Value,
    /// The reason that the customer reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// Whether nobody can ask for a second look any more.
    #[serde(default)]
    pub is_final: bool,
    /// What the customer was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
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
    /// The way of working that it follows.
    #[serde(default, skip_serializing_if = "Framework::is_usual")]
    pub framework: Framework,
    /// Where it goes on when the customer has answered what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_from: Option<DisputeState>,
    /// Why it was decided as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The closed dispute that it takes up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_from: Option<String>,
}

impl Dispute {
    /// What the store has paid back while it ran. Until a decision, `refund_minor` says just that.
    pub fn refunded_minor(&self) -> i64 {
        if self.outcome.is_none() {
            return self.refund_minor;
        }
        self.events.iter().filter(|event| event["event"] == "partial_refund").filter_map(|event| event["amount_minor"].as_i64()).sum()
    }

    /// The part that the customer can still take and close with: an offer of the store, or 0 for what it has paid back already.
    /// `None` when there is neither, or the customer has said no to it.
    pub fn offer_minor(&self) -> Option<i64> {
        let last = self.events.iter().rev().find_map(|event| match event["event"].as_str()? {
            "offer" => Some(event["amount_minor"].as_i64()),
            "partial_refund" => Some(Some(0)),
            "offer_refused" => Some(None),
            _ => None,
        });
        last.flatten().filter(|offered| *offered < self.disputed_minor)
    }
}
