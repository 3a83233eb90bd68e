//! The fields of each object of the format, to say exactly where something is wrong.

use super::Flaw;
use crate::domain::account;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object of the format.
pub(super) struct Shape {
    /// Its name in messages.
    name: &'static str,
    /// Its plain fields.
    plain: &'static [&'static str],
    /// Its fields that hold objects or lists of objects.
    nested: &'static [(&'static str, &'static Shape)],
    /// Whether a value has this shape, all nested objects included.
    fits: fn(&Value) -> Result<(), serde_json::Error>,
}

fn fits<T: DeserializeOwned>(value: &Value) -> Result<(), serde_json::Error> {
    T::deserialize(value).map(|_| ())
}

pub(super) static MERCHANT: Shape = Shape {
    name: "a merchant",
    plain: &["id", "name", "aliases", "support_email", "support_url", "return_window_days", "status", "auto_accept_minor", "currency"],
    nested: &[],
    fits: fits::<account::Merchant>,
};

pub(super) static CUSTOMER: Shape = Shape {
    name: "a customer",
    plain: &[
        "id",
        "given_name",
        "family_name",
        "email",
        "phone",
        "market",
        "locale",
        "birth_year",
        "status",
        "flags",
        "quiet",
        "spending_limit_minor",
        "currency",
    ],
    nested: &[("payment_methods", &METHOD), ("orders", &ORDER)],
    fits: fits::<account::Customer>,
};

static METHOD: Shape = Shape {
    name: "a payment method",
    plain: &["id", "type", "brand", "last4", "exp_month", "exp_year", "status", "is_default"],
    nested: &[],
    fits: fits::<account::PaymentMethod>,
};

static ORDER: Shape = Shape {
    name: "an order",
    plain: &["id", "ref", "merchant", "placed_at", "total_minor", "currency", "status"],
    nested: &[
        ("ship_to", &ADDRESS),
        ("lines", &LINE),
        ("captures", &CAPTURE),
        ("shipments", &SHIPMENT),
        ("returns", &RETURN),
        ("refunds", &REFUND),
        ("plan", &PLAN),
        ("disputes", &DISPUTE),
    ],
    fits: fits::<account::Order>,
};

static ADDRESS: Shape = Shape { name: "an address", plain: &["city", "postcode", "country"], nested: &[], fits: fits::<account::Address> };

static LINE: Shape = Shape { name: "a line", plain: &["id", "name", "qty", "total_minor"], nested: &[], fits: fits::<account::Line> };

static CAPTURE: Shape =
    Shape { name: "a capture", plain: &["id", "amount_minor", "captured_at"], nested: &[], fits: fits::<account::Capture> };

static SHIPMENT: Shape = Shape {
    name: "a shipment",
    plain: &["id", "carrier", "tracking_no", "promised_on", "status", "delivered_at", "proof_postcode"],
    nested: &[("events", &SCAN)],
    fits: fits::<account::Shipment>,
};

static SCAN: Shape = Shape {
    name: "a shipment's event",
    plain: &["code", "occurred_at", "city", "received_at"],
    nested: &[],
    fits: fits::<account::ShipmentEvent>,
};

static RETURN: Shape = Shape {
    name: "a return",
    plain: &["id", "reported_at", "sent_on", "carrier", "tracking_no", "status", "delivered_at"],
    nested: &[("lines", &RETURN_LINE)],
    fits: fits::<account::Return>,
};

static RETURN_LINE: Shape = Shape { name: "a return's line", plain: &["line", "qty"], nested: &[], fits: fits::<account::ReturnLine> };

static REFUND: Shape = Shape {
    name: "a refund",
    plain: &["id", "amount_minor", "initiated_by", "reason", "status", "created_at", "posted_at"],
    nested: &[],
    fits: fits::<account::Refund>,
};

static PLAN: Shape = Shape {
    name: "a plan",
    plain: &["id", "product", "regime", "agreement_at", "apr_bps", "autopay", "status", "extensions_used", "refund_strategy"],
    nested: &[("instalments", &INSTALMENT)],
    fits: fits::<account::Plan>,
};

static INSTALMENT: Shape = Shape {
    name: "an instalment",
    plain: &["id", "seq", "due_on", "original_due_on", "amount_minor", "fee_minor", "paid_minor", "refunded_minor", "status"],
    nested: &[("attempts", &ATTEMPT)],
    fits: fits::<account::Instalment>,
};

static ATTEMPT: Shape =
    Shape { name: "an attempt", plain: &["attempted_at", "result", "decline_class"], nested: &[], fits: fits::<account::Attempt> };

static DISPUTE: Shape = Shape {
    name: "a dispute",
    plain: &[
        "id",
        "public_no",
        "reason",
        "sub_reason",
        "state",
        "disputed_minor",
        "lines",
        "opened_at",
        "next_deadline_at",
        "next_actor",
        "round",
        "outcome",
        "refund_minor",
        "closed_at",
        "requests",
        "evidence",
        "events",
        "framework",
        "asked_from",
        "decision",
        "reopened_from",
    ],
    nested: &[],
    fits: fits::<account::Dispute>,
};

/// What the API shows beside the format: made by the server, never imported.
const READ_ONLY: [&str; 4] = ["cases", "notices", "promises", "adjustments"];

/// The name that is meant by a mistyped one.
pub(super) fn nearest<'n>(typed: &str, names: &[&'n str]) -> Option<&'n str> {
    let scored = names.iter().map(|name| (strsim::jaro_winkler(typed, name), *name));
    scored.filter(|(score, _)| *score > 0.8).max_by(|(one, _), (two, _)| one.total_cmp(two)).map(|(_, name)| name)
}

fn below(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// The nested objects of a value, with their paths.
fn children<'v>(shape: &Shape, value: &'v Value, path: &str) -> Vec<(&'static Shape, &'v Value, String)> {
    let mut found = Vec::new();
    for (field, nested) in shape.nested {
        let path = below(path, field);
        match value.get(field) {
            Some(Value::Array(items)) => {
                found.extend(items.iter().enumerate().map(|(place, item)| (*nested, item, format!("{path}[{place}]"))));
            }
            Some(item @ Value::Object(_)) => found.push((*nested, item, path)),
            _ => {}
        }
    }
    found
}

/// Says each field that the format doesn't have, with the one that may be meant.
pub(super) fn unknown_fields(shape: &Shape, value: &Value, path: &str, flaws: &mut Vec<Flaw>) {
    let Value::Object(fields) = value else { return };
    let known: Vec<&str> = shape.plain.iter().copied().chain(shape.nested.iter().map(|(field, _)| *field)).collect();
    for field in fields.keys().filter(|field| !known.contains(&field.as_str())) {
        let problem = format!("unknown field '{}' in {}", below(path, field), shape.name);
        let remedy = match nearest(field, &known) {
            _ if path.is_empty() && READ_ONLY.contains(&field.as_str()) => "The server makes it by itself: leave it out".to_owned(),
            Some(meant) => format!("Did you mean '{meant}'?"),
            None => format!("Leave it out; {} has {}", shape.name, known.join(", ")),
        };
        flaws.push(Flaw::new(problem, remedy));
    }
    for (shape, item, path) in children(shape, value, path) {
        unknown_fields(shape, item, &path, flaws);
    }
}

/// Says each amount below zero.
pub(super) fn negative_money(value: &Value, path: &str, flaws: &mut Vec<Flaw>) {
    match value {
        Value::Object(fields) => {
            for (field, item) in fields {
                let path = below(path, field);
                if field.ends_with("_minor") && item.as_f64().is_some_and(|amount| amount < 0.0) {
                    flaws.push(Flaw::new(format!("'{path}' is negative: {item}"), "Write amounts as 0 or more minor units"));
                }
                negative_money(item, &path, flaws);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                negative_money(item, &format!("{path}[{place}]"), flaws);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Says which innermost objects have wrong or missing values.
pub(super) fn wrong_values(shape: &Shape, value: &Value, path: &str, flaws: &mut Vec<Flaw>) {
    let Err(error) = (shape.fits)(value) else { return };
    let before = flaws.len();
    for (shape, item, path) in children(shape, value, path) {
        wrong_values(shape, item, &path, flaws);
    }
    if flaws.len() > before {
        return;
    }
    let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
    let guilty = guilty_field(shape, value);
    let field = guilty.map_or(String::new(), |field| format!("'{field}': "));
    flaws.push(Flaw::new(format!("{place}{field}{error}"), remedy(&error.to_string(), guilty.unwrap_or_default())));
}

/// The field without which the error would be another one. Tells the place that the error itself doesn't tell.
fn guilty_field<'v>(shape: &Shape, value: &'v Value) -> Option<&'v str> {
    let Value::Object(fields) = value else { return None };
    let error = (shape.fits)(value).err()?.to_string();
    if error.starts_with("missing field") {
        return None;
    }
    fields.keys().map(String::as_str).find(|field| {
        let mut without = fields.clone();
        without.remove(*field);
        (shape.fits)(&Value::Object(without)).map_or_else(|other| other.to_string() != error, |()| true)
    })
}

fn remedy(error: &str, field: &str) -> &'static str {
    if error.starts_with("missing field") {
        "Add it"
    } else if field.ends_with("_on") {
        "Write a calendar date such as 2026-12-04"
    } else if field.ends_with("_at") {
        "Write a UTC instant such as 2026-12-04T09:00:00Z"
    } else if field.ends_with("_minor") {
        "Write whole minor units such as 4500"
    } else if field == "currency" {
        "Write the currency's ISO 4217 code in capitals"
    } else {
        "Correct the value"
    }
}
