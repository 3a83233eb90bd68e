//! Accounts as they are imported, stored and shown: customers with their orders, plans and disputes (the contract's shapes).
//!
//! Money is whole minor units (`*_minor`) beside a currency; `*_at` are UTC instants, `*_on` calendar dates in the market's zone.

mod customer;
mod dispute;
mod order;
mod plan;
mod records;

pub use customer::{Customer, CustomerStatus, Merchant, MerchantStatus, MethodKind, MethodStatus, PaymentMethod};
pub use dispute::{Dispute, DisputeOutcome, DisputeReason, DisputeState, Party};
pub use order::{
    Address, Capture, Line, Order, OrderStatus, Refund, RefundStatus, Return, ReturnLine, ReturnStatus, Shipment, ShipmentEvent,
    ShipmentStatus,
};
pub use plan::{Attempt, Instalment, InstalmentStatus, Plan, PlanStatus, Product, RefundStrategy};
pub use records::{Adjustment, Case, Promise};

use serde::Serialize;
use serde_json::Value;

/// Everything that redress knows about one customer; read and written as a whole, fenced by `version`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// Moves with every change; not shown.
    #[serde(skip)]
    pub version: i64,
    /// The customer with orders, plans and disputes.
    #[serde(flatten)]
    pub customer: Customer,
    /// Cases.
    pub cases: Vec<Case>,
    /// Notices outside the chat.
    pub notices: Vec<Value>,
    /// Promises.
    pub promises: Vec<Promise>,
    /// Changes of plans.
    pub adjustments: Vec<Adjustment>,
}

impl Account {
    /// A customer without any record besides.
    pub fn new(customer: Customer) -> Self {
        Self { version: 0, customer, cases: Vec::new(), notices: Vec::new(), promises: Vec::new(), adjustments: Vec::new() }
    }
}
