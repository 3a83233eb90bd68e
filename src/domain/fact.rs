//! Facts from outside: what carriers, stores and payment providers report. Typed, with errors that say which field is wrong.
//!
//! A fact names what it is about by an id that an account holds; the sender's own id makes it unique, so that a repeated fact changes nothing.

use super::money::Currency;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How far ahead of our clock a sender's clock may be: five minutes. Our own figure.
pub const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Most characters of an id.
const MAX_ID: usize = 128;

/// Something that happened outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The sender's id of the event.
    pub id: String,
    /// Who says so, e.g. `carrier:parcelway`, `psp`.
    pub source: String,
    /// When it happened, by the sender's clock.
    pub occurred_at: Timestamp,
    /// When it reached us.
    pub received_at: Timestamp,
    /// What happened.
    pub kind: FactKind,
}

/// What happened. The names on the wire are those of `TYPES`.
#[derive(Clone, Debug, PartialEq)]
pub enum FactKind {
    /// A carrier scanned a parcel.
    Scan(Scan),
    /// A store handed in evidence.
    Evidence(Evidence),
    /// A store accepts that the customer is right.
    Accepted(OfDispute),
    /// The store asks for a second look.
    Appealed(Appealed),
    /// A store offers a part of the amount.
    Offer(Offer),
    /// Money went back to the customer, or the store's credit note was registered.
    RefundPosted(RefundFact),
    /// A refund could not be paid out.
    RefundFailed(RefundFact),
    /// A debit was tried.
    Attempted(Attempted),
    /// The customer paid by themselves.
    Received(Received),
    /// The store confirmed that goods came back.
    ReturnRegistered(OfReturn),
    /// The store refuses goods that came back.
    ReturnRejected(OfReturn),
    /// A store stopped trading.
    MerchantInsolvent(OfMerchant),
}

/// Every type on the wire.
pub const TYPES: [&str; 12] = [
    "shipment.scan",
    "dispute.evidence",
    "dispute.accepted",
    "dispute.appealed",
    "dispute.offer",
    "refund.posted",
    "refund.failed",
    "payment.attempted",
    "payment.received",
    "return.registered",
    "return.rejected",
    "merchant.insolvent",
];

/// A carrier's scan of a parcel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Id of the parcel, or its tracking number.
    pub shipment: String,
    /// `label_created`, `in_transit`, `out_for_delivery`, `delivered`, `failed_attempt`, `returned_to_sender`, `lost`; others are kept as they are.
    pub code: String,
    /// Where.
    #[serde(default)]
    pub city: Option<String>,
    /// Postcode on the proof of delivery.
    #[serde(default)]
    pub proof_postcode: Option<String>,
}

/// Evidence of a store.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Id or public number of the dispute.
    pub dispute: String,
    /// `proof_of_delivery`, `tracking`, `receipt`, `refund_proof`, `policy` …
    #[serde(rename = "type")]
    pub sort: String,
    /// In the store's words.
    #[serde(default)]
    pub note: Option<String>,
}

/// A fact about a dispute as a whole.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfDispute {
    /// Id or public number of the dispute.
    pub dispute: String,
}

/// A store's wish for a second look at a first decision.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appealed {
    /// Id or public number of the dispute.
    pub dispute: String,
    /// Why, in the store's words.
    #[serde(default)]
    pub text: Option<String>,
}

/// A store's offer of a part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Id or public number of the dispute.
    pub dispute: String,
    /// How much of it.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
}

/// A refund, ours (then its id is known) or the store's own (then it names the order).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundFact {
    /// Our id, or the store's.
    pub refund: String,
    /// The order, when the refund is the store's own.
    #[serde(default)]
    pub order: Option<String>,
    /// How much.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Why it failed or was made.
    #[serde(default)]
    pub reason: Option<String>,
}

/// An attempt to debit an instalment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempted {
    /// Id of the instalment.
    pub instalment: String,
    /// How it ended.
    pub result: AttemptResult,
    /// How much was tried.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Why it was declined: a class, never the bank's code.
    #[serde(default)]
    pub decline_class: Option<String>,
}

/// How a debit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum AttemptResult {
    Succeeded,
    SoftDecline,
    HardDecline,
    Error,
}

impl AttemptResult {
    /// The word in an account.
    pub fn as_str(self) -> &'static str {
        match self {
            AttemptResult::Succeeded => "succeeded",
            AttemptResult::SoftDecline => "soft_decline",
            AttemptResult::HardDecline => "hard_decline",
            AttemptResult::Error => "error",
        }
    }
}

/// Money that a customer sent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Id of the instalment or the plan.
    #[serde(alias = "instalment")]
    pub plan: String,
    /// How much.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
}

/// A fact about goods that come back.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfReturn {
    /// Id of the return, or its tracking number.
    #[serde(rename = "return")]
    pub id: String,
    /// Why it was rejected.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A fact about a store.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfMerchant {
    /// Id of the store.
    pub merchant: String,
}

impl FactKind {
    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            FactKind::Scan(_) => "shipment.scan",
            FactKind::Evidence(_) => "dispute.evidence",
            FactKind::Accepted(_) => "dispute.accepted",
            FactKind::Appealed(_) => "dispute.appealed",
            FactKind::Offer(_) => "dispute.offer",
            FactKind::RefundPosted(_) => "refund.posted",
            FactKind::RefundFailed(_) => "refund.failed",
            FactKind::Attempted(_) => "payment.attempted",
            FactKind::Received(_) => "payment.received",
            FactKind::ReturnRegistered(_) => "return.registered",
            FactKind::ReturnRejected(_) => "return.rejected",
            FactKind::MerchantInsolvent(_) => "merchant.insolvent",
        }
    }

    /// The id by which the account is found. A refund of the store's own is found by its order.
    pub fn subject(&self) -> &str {
        match self {
            FactKind::Scan(scan) => &scan.shipment,
            FactKind::Evidence(evidence) => &evidence.dispute,
            FactKind::Accepted(of) => &of.dispute,
            FactKind::Appealed(appeal) => &appeal.dispute,
            FactKind::Offer(offer) => &offer.dispute,
            FactKind::RefundPosted(refund) | FactKind::RefundFailed(refund) => refund.order.as_deref().unwrap_or(&refund.refund),
            FactKind::Attempted(attempt) => &attempt.instalment,
            FactKind::Received(received) => &received.plan,
            FactKind::ReturnRegistered(of) | FactKind::ReturnRejected(of) => &of.id,
            FactKind::MerchantInsolvent(of) => &of.merchant,
        }
    }
}

/// Why something is no fact. One sentence: what, where, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAFact(pub String);

/// Reads one fact. Fields: `id`, `source`, `type`, `occurred_at`, `data`.
///
/// # Errors
/// When a field is missing, unknown or of the wrong kind, an amount is not above zero, or it lies more than five minutes ahead of `now`.
pub fn parse(value: &Value, now: Timestamp) -> Result<Fact, NotAFact> {
    let fields =
        value.as_object().ok_or_else(|| NotAFact("an event is a JSON object with id, source, type, occurred_at and data".into()))?;
    if let Some(unknown) = fields.keys().find(|key| !["id", "source", "type", "occurred_at", "data"].contains(&key.as_str())) {
        return Err(NotAFact(format!("unknown field '{unknown}'; an event has id, source, type, occurred_at and data")));
    }
    let id = name(fields, "id")?;
    let source = name(fields, "source")?;
    let sort = name(fields, "type")?;
    let at = fields.get("occurred_at").and_then(Value::as_str).unwrap_or_default();
    let occurred_at: Timestamp = at
        .parse()
        .map_err(|_| NotAFact(format!("'occurred_at' is '{at}'; write an instant with its offset, such as 2026-12-04T09:00:00Z")))?;
    if occurred_at.duration_since(now) > AHEAD {
        return Err(NotAFact(format!(
            "'occurred_at' is {occurred_at}, more than five minutes ahead of this server's clock ({now}); send it when it has happened"
        )));
    }
    let kind = kind(&sort, fields.get("data").cloned().unwrap_or_else(|| Value::Object(Map::new())))?;
    Ok(Fact { id, source, occurred_at, received_at: now, kind })
}

fn name(fields: &Map<String, Value>, field: &str) -> Result<String, NotAFact> {
    let text = fields.get(field).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if text.is_empty() || text.chars().count() > MAX_ID || text.chars().any(char::is_control) {
        return Err(NotAFact(format!("'{field}' must be a text of 1 to {MAX_ID} characters")));
    }
    Ok(text.to_owned())
}

fn kind(sort: &str, data: Value) -> Result<FactKind, NotAFact> {
    fn read<T: serde::de::DeserializeOwned>(sort: &str, data: Value) -> Result<T, NotAFact> {
        serde_json::from_value(data).map_err(|error| NotAFact(format!("'data' of {sort}: {error}")))
    }
    let kind = match sort {
        "shipment.scan" => FactKind::Scan(read(sort, data)?),
        "dispute.evidence" => FactKind::Evidence(read(sort, data)?),
        "dispute.accepted" => FactKind::Accepted(read(sort, data)?),
        "dispute.appealed" => FactKind::Appealed(read(sort, data)?),
        "dispute.offer" => FactKind::Offer(read(sort, data)?),
        "refund.posted" => FactKind::RefundPosted(read(sort, data)?),
        "refund.failed" => FactKind::RefundFailed(read(sort, data)?),
        "payment.attempted" => FactKind::Attempted(read(sort, data)?),
        "payment.received" => FactKind::Received(read(sort, data)?),
        "return.registered" => FactKind::ReturnRegistered(read(sort, data)?),
        "return.rejected" => FactKind::ReturnRejected(read(sort, data)?),
        "merchant.insolvent" => FactKind::MerchantInsolvent(read(sort, data)?),
        other => return Err(NotAFact(format!("'{other}' is no type of event; there are {}", TYPES.join(", ")))),
    };
    let amount = match &kind {
        FactKind::Offer(offer) => Some(offer.amount_minor),
        FactKind::RefundPosted(refund) | FactKind::RefundFailed(refund) => Some(refund.amount_minor),
        FactKind::Attempted(attempt) => Some(attempt.amount_minor),
        FactKind::Received(received) => Some(received.amount_minor),
        FactKind::Scan(_)
        | FactKind::Evidence(_)
        | FactKind::Accepted(_)
        | FactKind::Appealed(_)
        | FactKind::ReturnRegistered(_)
        | FactKind::ReturnRejected(_)
        | FactKind::MerchantInsolvent(_) => None,
    };
    if amount.is_some_and(|amount| amount <= 0) {
        return Err(NotAFact(format!("'data' of {sort}: 'amount_minor' must be above zero, in minor units")));
    }
    if kind.subject().trim().is_empty() {
        return Err(NotAFact(format!("'data' of {sort} names nothing: the id of what it is about is empty")));
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-12-04T09:00:00Z".parse().expect("an instant")
    }

    fn event() -> Value {
        json!({"id": "e1", "source": "carrier", "type": "shipment.scan", "occurred_at": "2026-12-04T08:00:00Z",
            "data": {"shipment": "s1", "code": "delivered"}})
    }

    #[test]
    fn reads_a_scan() {
        let fact = parse(&event(), now()).expect("a fact");
        assert_eq!((fact.kind.name(), fact.kind.subject(), fact.source.as_str()), ("shipment.scan", "s1", "carrier"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (field, value, expected) in [
            ("id", json!(""), "'id' must be"),
            ("source", json!(7), "'source' must be"),
            ("type", json!("shipment.flown"), "there are shipment.scan"),
            ("occurred_at", json!("yesterday"), "write an instant"),
            ("occurred_at", json!("2026-12-04T09:06:00Z"), "more than five minutes ahead"),
            ("data", json!({"code": "delivered"}), "missing field `shipment`"),
            ("data", json!({"shipment": "s1", "code": "x", "colour": 1}), "unknown field `colour`"),
            ("data", json!({"shipment": " ", "code": "x"}), "names nothing"),
            ("more", json!(1), "unknown field 'more'"),
        ] {
            let mut event = event();
            event[field] = value;
            let problem = parse(&event, now()).expect_err(field).to_string();
            assert!(problem.contains(expected), "{field}: {problem}");
        }
        let refund = json!({"id": "r", "source": "psp", "type": "refund.posted", "occurred_at": "2026-12-04T08:00:00Z",
            "data": {"refund": "x", "amount_minor": 0, "currency": "GBP"}});
        assert!(parse(&refund, now()).expect_err("no amount").to_string().contains("above zero"));
        assert!(parse(&json!([]), now()).is_err());
    }
}
