//! What belongs to an account besides orders: cases, promises, changes of plans.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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
