//! Accounts as they are imported, stored and shown: customers with their orders, plans and disputes (the contract's shapes).
//!
//! Money is whole minor units (`*_minor`) beside a currency; `*_at` are UTC instants, `*_on` calendar dates in the market's zone.

use super::ids::CustomerId;
use super::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// State of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum MerchantStatus {
    Active,
    Suspended,
    Insolvent,
}

/// A store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// Id.
    pub id: String,
    /// Name that customers know.
    pub name: String,
    /// Names on statements.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where customers write.
    #[serde(default)]
    pub support_email: Option<String>,
    /// Where customers look.
    #[serde(default)]
    pub support_url: Option<String>,
    /// Days in which goods can be sent back.
    #[serde(default)]
    pub return_window_days: u32,
    /// State.
    pub status: MerchantStatus,
    /// Disputes up to this amount are decided for the customer.
    #[serde(default)]
    pub auto_accept_minor: i64,
    /// Currency of `auto_accept_minor`.
    pub currency: Currency,
}

/// State of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum CustomerStatus {
    Active,
    Locked,
    Restricted,
    Closed,
    Deceased,
}

/// A customer with everything that belongs to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Id.
    pub id: CustomerId,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Mail address.
    #[serde(default)]
    pub email: String,
    /// Phone number.
    #[serde(default)]
    pub phone: String,
    /// Market code, e.g. `GB`.
    pub market: String,
    /// BCP 47 language.
    pub locale: String,
    /// Year of birth.
    #[serde(default)]
    pub birth_year: Option<i32>,
    /// State.
    pub status: CustomerStatus,
    /// Flags: `vulnerability`, `hardship`, `fraud_watch`, `dispute_abuse`, `breathing_space`, `deceased`, `poa`, `minor_suspected`, `accessibility`, `new_device`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Spending limit.
    #[serde(default)]
    pub spending_limit_minor: Option<i64>,
    /// Currency of the limit.
    pub currency: Currency,
    /// Ways to pay.
    #[serde(default)]
    pub payment_methods: Vec<PaymentMethod>,
    /// Orders.
    #[serde(default)]
    pub orders: Vec<Order>,
}

/// Kind of a payment method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum MethodKind {
    Card,
    BankDebit,
    BankTransfer,
    Wallet,
}

/// State of a payment method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's words")]
pub enum MethodStatus {
    Active,
    Expired,
    Removed,
}

/// A way to pay. Never a full card number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentMethod {
    /// Id.
    pub id: String,
    /// Kind.
    pub r#type: MethodKind,
    /// Brand.
    #[serde(default)]
    pub brand: Option<String>,
    /// Last four digits.
    #[serde(default)]
    pub last4: Option<String>,
    /// Month of expiry.
    #[serde(default)]
    pub exp_month: Option<u8>,
    /// Year of expiry.
    #[serde(default)]
    pub exp_year: Option<u16>,
    /// State.
    pub status: MethodStatus,
    /// Used unless another is chosen.
    #[serde(default)]
    pub is_default: bool,
}

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
    /// State.
    pub status: InstalmentStatus,
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
