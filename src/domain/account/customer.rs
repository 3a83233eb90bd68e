//! Customers, how they pay, and the stores they buy from.

use super::order::Order;
use crate::domain::ids::CustomerId;
use crate::domain::money::Currency;
use serde::{Deserialize, Serialize};

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
    /// Does not want to be told anything unasked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
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
