//! Orders: what was bought, charged, sent, sent back and refunded.

use super::dispute::Dispute;
use super::plan::Plan;
use crate::domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum OrderStatus {
    Authorized,
    PartCaptured,
    Captured,
    Cancelled,
    Expired,
    Closed,
}

/// A purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Id.
    pub id: String,
    /// What the customer sees.
    pub r#ref: String,
    /// Id of the store.
    pub merchant: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Total.
    pub total_minor: i64,
    /// Currency of everything below.
    pub currency: Currency,
    /// State.
    pub status: OrderStatus,
    /// Where it goes.
    #[serde(default)]
    pub ship_to: Option<Address>,
    /// What was bought.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// What was charged.
    #[serde(default)]
    pub captures: Vec<Capture>,
    /// What was sent.
    #[serde(default)]
    pub shipments: Vec<Shipment>,
    /// What was sent back.
    #[serde(default)]
    pub returns: Vec<Return>,
    /// What was paid back.
    #[serde(default)]
    pub refunds: Vec<Refund>,
    /// How it is paid.
    #[serde(default)]
    pub plan: Option<Plan>,
    /// What is contested.
    #[serde(default)]
    pub disputes: Vec<Dispute>,
}

impl Order {
    /// What was charged, or is to be, less what was paid back. A refund whose payment failed counts: the plan was lowered by it, and the rest
    /// is still owed.
    pub fn refundable_minor(&self) -> i64 {
        let counts = |refund: &&Refund| refund.status != RefundStatus::Reversed;
        let back: i64 = self.refunds.iter().filter(counts).map(|refund| refund.amount_minor).sum();
        let charged: i64 = self.captures.iter().map(|capture| capture.amount_minor).sum();
        if charged > 0 { charged - back } else { self.total_minor - back }
    }
}

/// Where an order goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// City.
    #[serde(default)]
    pub city: String,
    /// Postcode.
    #[serde(default)]
    pub postcode: String,
    /// ISO 3166 country.
    #[serde(default)]
    pub country: String,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Id.
    pub id: String,
    /// What it is.
    pub name: String,
    /// How many.
    pub qty: u32,
    /// Total of the line.
    pub total_minor: i64,
}

/// A charge for goods that were sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Id.
    pub id: String,
    /// Amount.
    pub amount_minor: i64,
    /// When.
    pub captured_at: Timestamp,
}

/// State of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum ShipmentStatus {
    LabelCreated,
    InTransit,
    OutForDelivery,
    Delivered,
    FailedAttempt,
    ReturnedToSender,
    Lost,
    Unknown,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipment {
    /// Id.
    pub id: String,
    /// Carrier.
    #[serde(default)]
    pub carrier: String,
    /// Tracking number.
    #[serde(default)]
    pub tracking_no: Option<String>,
    /// Promised day.
    #[serde(default)]
    pub promised_on: Option<Date>,
    /// State.
    pub status: ShipmentStatus,
    /// When it was delivered.
    #[serde(default)]
    pub delivered_at: Option<Timestamp>,
    /// Postcode on the proof of delivery.
    #[serde(default)]
    pub proof_postcode: Option<String>,
    /// Scans.
    #[serde(default)]
    pub events: Vec<ShipmentEvent>,
}

/// A carrier's scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShipmentEvent {
    /// Code.
    pub code: String,
    /// When.
    pub occurred_at: Timestamp,
    /// Where.
    #[serde(default)]
    pub city: Option<String>,
    /// When the carrier itself told us; none for what came with an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
}

/// State of a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum ReturnStatus {
    Reported,
    InTransit,
    DeliveredToMerchant,
    Registered,
    Rejected,
    Refunded,
    Expired,
}

/// Goods on their way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Id.
    pub id: String,
    /// When the customer told us.
    pub reported_at: Timestamp,
    /// Day it was sent.
    #[serde(default)]
    pub sent_on: Option<Date>,
    /// Carrier.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Tracking number.
    #[serde(default)]
    pub tracking_no: Option<String>,
    /// State.
    pub status: ReturnStatus,
    /// When the carrier handed it to the store.
    #[serde(default)]
    pub delivered_at: Option<Timestamp>,
    /// What is sent back.
    #[serde(default)]
    pub lines: Vec<ReturnLine>,
}

/// One line that is sent back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnLine {
    /// Id of the order's line.
    pub line: String,
    /// How many.
    pub qty: u32,
}

/// State of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum RefundStatus {
    Pending,
    Applied,
    Posted,
    Failed,
    Reversed,
}

/// Money back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// Id.
    pub id: String,
    /// Amount.
    pub amount_minor: i64,
    /// `merchant`, `agent` or `rule`.
    pub initiated_by: String,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// State.
    pub status: RefundStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it reached the customer.
    #[serde(default)]
    pub posted_at: Option<Timestamp>,
}
