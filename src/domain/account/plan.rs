//! Payment plans and their instalments.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum Product {
    PayNow,
    #[serde(rename = "pay_in_30")]
    PayIn30,
    #[serde(rename = "pay_in_3")]
    PayIn3,
    #[serde(rename = "pay_in_4")]
    PayIn4,
    Financing,
}

/// State of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum PlanStatus {
    Active,
    Paused,
    Overdue,
    Completed,
    Cancelled,
    ChargedOff,
    InCollections,
    Hardship,
}

/// How a partial refund lowers what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum RefundStrategy {
    SpreadEvenly,
    LastFirst,
    ShortenTerm,
}

/// A payment plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Id.
    pub id: String,
    /// Product.
    pub product: Product,
    /// Law of the agreement: `none`, `uk_dpc`, `uk_cca`, `eu_ccd2`, `us_reg_z`, `us_state`.
    pub regime: String,
    /// When it was agreed.
    pub agreement_at: Timestamp,
    /// Interest, basis points a year.
    #[serde(default)]
    pub apr_bps: i64,
    /// Collected by itself.
    #[serde(default)]
    pub autopay: bool,
    /// State.
    pub status: PlanStatus,
    /// Times a date was moved.
    #[serde(default)]
    pub extensions_used: u32,
    /// How refunds are spread.
    pub refund_strategy: RefundStrategy,
    /// Instalments, by `seq`.
    #[serde(default)]
    pub instalments: Vec<Instalment>,
}

/// State of an instalment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum InstalmentStatus {
    Scheduled,
    Processing,
    Paid,
    PartiallyPaid,
    Overdue,
    Paused,
    Cancelled,
    WrittenOff,
}

/// One payment of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instalment {
    /// Id.
    pub id: String,
    /// 1, 2, 3 …
    pub seq: u32,
    /// When it is due.
    pub due_on: Date,
    /// When it was due at first.
    pub original_due_on: Date,
    /// Principal and interest.
    pub amount_minor: i64,
    /// Fees.
    #[serde(default)]
    pub fee_minor: i64,
    /// Paid so far.
    #[serde(default)]
    pub paid_minor: i64,
    /// Paid back or taken off.
    #[serde(default)]
    pub refunded_minor: i64,
    /// The part of `paid_minor` that came when nothing of this instalment was owed any more: the customer's credit. What was refunded before
    /// and after the payment looks alike without it.
    #[serde(default, skip_serializing_if = "is_none_of_it")]
    pub overpaid_minor: i64,
    /// State.
    pub status: InstalmentStatus,
    /// Since when a debit is under way, while nobody was called because its answer does not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// Attempts to collect.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
}

/// One attempt to collect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// When.
    pub attempted_at: Timestamp,
    /// `succeeded`, `soft_decline`, `hard_decline` or `error`.
    pub result: String,
    /// Why it failed: a class, never the bank's code.
    #[serde(default)]
    pub decline_class: Option<String>,
}

fn is_none_of_it(amount_minor: &i64) -> bool {
    *amount_minor == 0
}
