//! Accounts as they are imported, stored and shown: customers with their orders, plans and disputes (the contract's shapes).
//!
//! Money is whole minor units (`*_minor`) beside a currency; `*_at` are UTC instants, `*_on` calendar dates in the market's zone.

mod customer;
mod dispute;
mod order;
mod plan;
mod records;

pub use customer::{Customer, CustomerStatus, Merchant, MerchantStatus, MethodKind, MethodStatus, PaymentMethod};
pub use dispute::{Decision, Dispute, DisputeOutcome, DisputeReason, DisputeState, Framework, Party};
pub use order::{
    Address, Capture, Line, Order, OrderStatus, Refund, RefundStatus, Return, ReturnLine, ReturnStatus, Shipment, ShipmentEvent,
    ShipmentStatus,
};
pub use plan::{Attempt, Instalment, InstalmentStatus, Plan, PlanStatus, Product, RefundStrategy};
pub use records::{Adjustment, Case, Notice, Promise, Telling, TellingKind, TellingState};

use jiff::Timestamp;
use serde::Serialize;

/// Everything that redress knows about one customer; read and written as a whole, fenced by `version`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// Moves with every change; not shown.
    #[serde(skip)]
    pub version: i64,
    /// When redress took the account over: what was due before is not its to do. Not shown.
    #[serde(skip)]
    pub since: Timestamp,
    /// The customer with orders, plans and disputes.
    #[serde(flatten)]
    pub customer: Customer,
    /// Cases.
    pub cases: Vec<Case>,
    /// Legal notices.
    pub notices: Vec<Notice>,
    /// Promises.
    pub promises: Vec<Promise>,
    /// Changes of plans.
    pub adjustments: Vec<Adjustment>,
    /// What the customer is or was told unasked.
    pub tellings: Vec<Telling>,
}

impl Account {
    /// A customer without any record besides.
    pub fn new(customer: Customer) -> Self {
        Self {
            version: 0,
            since: Timestamp::MIN,
            customer,
            cases: Vec::new(),
            notices: Vec::new(),
            promises: Vec::new(),
            adjustments: Vec::new(),
            tellings: Vec::new(),
        }
    }

    /// The order with that id.
    pub fn order(&self, id: &str) -> Option<&Order> {
        self.customer.orders.iter().find(|order| order.id == id)
    }

    /// The dispute with that id or public number, and its order.
    pub fn dispute(&self, id: &str) -> Option<(&Order, &Dispute)> {
        let is_it = |dispute: &&Dispute| dispute.id == id || dispute.public_no == id;
        self.customer.orders.iter().find_map(|order| order.disputes.iter().find(is_it).map(|dispute| (order, dispute)))
    }

    /// Whether the customer is in hardship, mourning or under a moratorium: then nothing is collected, charged or said about debt.
    pub fn is_sheltered(&self) -> bool {
        let sheltered = ["hardship", "breathing_space", "deceased", "bereavement"];
        self.customer.flags.iter().any(|flag| sheltered.contains(&flag.as_str()))
            || matches!(self.customer.status, CustomerStatus::Deceased | CustomerStatus::Closed)
    }
}
