//! Customers, orders and what happens to them, all from one seed: the same numbers make the same year.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

/// When every run begins.
pub(super) const START: &str = "2026-12-04T09:00:00Z";
/// Days between two orders of one customer.
const BETWEEN: u32 = 97;
/// Orders of a customer within a year.
const ORDERS: u32 = 3;

/// Somebody's order, and what is claimed about it.
pub(super) struct Lot {
    pub(super) customer: String,
    pub(super) order: String,
    pub(super) reason: &'static str,
}

/// A number from 0 to `below` that follows from what it is asked for.
fn chance(below: u32, of: &str) -> u32 {
    let hash = of.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    u32::try_from((mixed >> 33) % u64::from(below)).unwrap_or(0)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(super) fn day_after(now: &str) -> String {
    at(now).saturating_add(SignedDuration::from_hours(24)).expect("in range").to_string()
}

/// Whole days from the first to the second; negative when it lies before.
pub(super) fn days_between(from: &str, to: &str) -> i64 {
    at(to).duration_since(at(from)).as_hours() / 24
}

pub(super) fn customer_id(number: u32) -> String {
    format!("Y{number:04}")
}

fn order_id(number: u32, order: u32) -> String {
    format!("Y{number:04}-{order}")
}

/// The day of the run on which an order was placed; the first ones lie before it.
fn placed_on(number: u32, order: u32) -> i64 {
    i64::from(order * BETWEEN) + i64::from(chance(60, &format!("placed {number} {order}"))) - 50
}

fn day(offset: i64) -> Date {
    (at(START).to_zoned(jiff::tz::TimeZone::UTC).date()).saturating_add(offset.days())
}

/// Everybody, as lines to import. An order stands in the account from the beginning, its dates lie where they lie.
pub(super) fn customers(count: u32) -> String {
    const MARKETS: [(&str, &str, &str, &str); 4] = [
        ("GB", "GBP", "en-GB", "kestrel"),
        ("DE", "EUR", "de-DE", "papaya"),
        ("SE", "SEK", "sv-SE", "nordlys"),
        ("US", "USD", "en-US", "maple"),
    ];
    let mut lines = String::new();
    for number in 0..count {
        let id = customer_id(number);
        let (market, currency, locale, merchant) = MARKETS[(number % 4) as usize];
        let declined = chance(10, &format!("card {number}")) == 0;
        let orders: Vec<Value> = (0..ORDERS).map(|order| order_of(number, order, currency, merchant)).collect();
        let customer = json!({"kind": "customer", "id": id, "given_name": format!("Name{number}"), "family_name": "Example",
            "email": format!("{}@example.com", id.to_lowercase()), "phone": "+44 7700 900000", "market": market, "locale": locale,
            "birth_year": 1990, "status": "active", "flags": [], "spending_limit_minor": 500_000, "currency": currency,
            "payment_methods": [{"id": format!("{id}-card"), "type": "card", "brand": "Visa", "last4": if declined { "0002" } else { "4242" },
                "exp_month": 8, "exp_year": 2031, "status": "active", "is_default": true}], "orders": orders});
        lines.push_str(&customer.to_string());
        lines.push('\n');
    }
    lines
}

fn order_of(number: u32, order: u32, currency: &str, merchant: &str) -> Value {
    let id = order_id(number, order);
    let total = 3_000 + i64::from(chance(9_000, &format!("total {id}")));
    let (third, rest) = (total / 3, total % 3);
    let placed = placed_on(number, order);
    let on = |offset: i64| day(placed + offset).to_string();
    let instalments: Vec<Value> = (0..3)
        .map(|seq: i64| {
            let amount = third + i64::from(seq < rest);
            let due = placed + 30 * seq;
            // What was due before redress took over was paid before.
            let (paid, status) = if due < 0 { (amount, "paid") } else { (0, "scheduled") };
            json!({"id": format!("{id}-i{}", seq + 1), "seq": seq + 1, "due_on": on(30 * seq), "original_due_on": on(30 * seq),
                "amount_minor": amount, "fee_minor": 0, "paid_minor": paid, "refunded_minor": 0, "status": status, "attempts": []})
        })
        .collect();
    let placed_at = format!("{}T08:00:00Z", on(0));
    json!({"id": id, "ref": format!("REF-{number}-{order}"), "merchant": merchant, "placed_at": placed_at, "total_minor": total,
        "currency": currency, "status": "captured", "ship_to": {"city": "Town", "postcode": "12345", "country": "GB"},
        "lines": [{"id": format!("{id}-l1"), "name": "Thing", "qty": 1, "total_minor": total}],
        "captures": [{"id": format!("{id}-c1"), "amount_minor": total, "captured_at": placed_at}],
        "shipments": [{"id": format!("{id}-s1"), "carrier": "Parcelway", "tracking_no": format!("T{id}"), "promised_on": on(8),
            "status": "label_created", "events": []}],
        "plan": {"id": format!("{id}-plan"), "product": "pay_in_3", "regime": "none", "agreement_at": placed_at, "refund_strategy": "spread_evenly", "apr_bps": 0, "extensions_used": 0, "autopay": true, "status": "active",
            "instalments": instalments},
        "disputes": []})
}

/// What reaches us on a day of the run.
pub(super) fn facts(customers: u32, today: u32, now: &str) -> Vec<Value> {
    let mut facts = Vec::new();
    for number in 0..customers {
        for order in 0..ORDERS {
            let id = order_id(number, order);
            let age = i64::from(today) - placed_on(number, order);
            let mut add = |name: &str, sort: &str, data: Value| {
                facts.push(json!({"id": format!("{id}-{name}"), "source": "year", "type": sort, "occurred_at": now, "data": data}));
            };
            let scan = |code: &str| json!({"shipment": format!("{id}-s1"), "code": code});
            let fate = chance(100, &format!("fate {id}"));
            match age {
                2 => add("moving", "shipment.scan", scan("in_transit")),
                6 if fate >= 20 => add("there", "shipment.scan", scan("delivered")),
                12 if fate < 8 => add("lost", "shipment.scan", scan("lost")),
                // Some stores pay back by themselves, all or a part, one of them twice.
                20 | 21 if (20..24).contains(&fate) => {
                    let amount = if fate == 20 { 99_999 } else { 1_000 };
                    add(
                        &format!("refund{age}"),
                        "refund.posted",
                        json!({"refund": format!("{id}-r1"), "order": id, "amount_minor": amount, "currency": currency(number)}),
                    );
                }
                25 if (24..28).contains(&fate) => {
                    let due = json!({"plan": format!("{id}-i2"), "amount_minor": 500, "currency": currency(number)});
                    add("paid", "payment.received", due);
                }
                _ => {}
            }
        }
    }
    facts
}

fn currency(number: u32) -> &'static str {
    ["GBP", "EUR", "SEK", "USD"][(number % 4) as usize]
}

/// Claims that are filed on a day: for parcels that never came, and for goods that are not right.
pub(super) fn filing(customers: u32, today: u32) -> Vec<Lot> {
    lots(customers, |number, order, id| {
        let (age, fate) = (i64::from(today) - placed_on(number, order), chance(100, &format!("fate {id}")));
        match fate {
            0..20 if age == 16 => Some("goods_not_received"),
            30..36 if age == 15 => Some("faulty_or_not_as_described"),
            _ => None,
        }
    })
}

/// Customers who ask for more time on a day.
pub(super) fn chatting(customers: u32, today: u32) -> Vec<Lot> {
    lots(customers, |number, order, id| {
        let age = i64::from(today) - placed_on(number, order);
        (age == 40 && chance(8, &format!("later {id}")) == 0 && matches!(number % 4, 0 | 3)).then_some("")
    })
}

fn lots(customers: u32, claim: impl Fn(u32, u32, &str) -> Option<&'static str>) -> Vec<Lot> {
    let mut found = Vec::new();
    for number in 0..customers {
        for order in 0..ORDERS {
            let id = order_id(number, order);
            if let Some(reason) = claim(number, order, &id) {
                found.push(Lot {
                    customer: customer_id(number),
                    order: if reason.is_empty() { format!("REF-{number}-{order}") } else { id },
                    reason,
                });
            }
        }
    }
    found
}

/// Whether a person decides for the store, by the number of the order.
pub(super) fn decides_for_store(number: &str) -> bool {
    chance(2, number) == 0
}

/// What of an order must be the same in every run: amounts, states and dates, no ids and no instants of the wall clock.
pub(super) fn books_of(order: &Value) -> Value {
    let each = |field: &str, keep: &[&str]| -> Vec<Value> {
        let all = order[field].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| keep.iter().map(|name| one[*name].clone()).collect()).collect()
    };
    let plan = &order["plan"];
    let dues: Vec<Value> = plan["instalments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|due| {
            let attempts: Vec<&Value> = due["attempts"].as_array().into_iter().flatten().map(|attempt| &attempt["result"]).collect();
            json!([due["due_on"], due["amount_minor"], due["fee_minor"], due["paid_minor"], due["refunded_minor"], due["status"], attempts])
        })
        .collect();
    json!({"plan": plan["status"], "dues": dues, "refunds": each("refunds", &["amount_minor", "status", "initiated_by"]),
        "disputes": each("disputes", &["reason", "state", "outcome", "refund_minor", "disputed_minor", "round"])})
}
