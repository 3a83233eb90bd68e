//! Good files are read, bad ones are refused with every problem at its line.

use super::*;
use crate::domain::personas;
use proptest::prelude::*;

const SHOP: &str = r#"{"kind":"merchant","id":"m","name":"Shop","status":"active","currency":"EUR"}"#;
const PERSON: &str =
    r#"{"kind":"customer","id":"c","given_name":"A","family_name":"B","market":"DE","locale":"de-DE","status":"active","currency":"EUR""#;
const ORDER: &str =
    r#""id":"o","ref":"R-1","merchant":"m","placed_at":"2026-11-01T10:00:00Z","total_minor":3000,"currency":"EUR","status":"captured""#;
const PLAN: &str = r#""id":"p","product":"pay_in_3","regime":"none","agreement_at":"2026-11-01T10:00:00Z","status":"active","refund_strategy":"spread_evenly""#;

fn order(more: &str) -> String {
    format!(r#"{PERSON},"orders":[{{{ORDER}{more}}}]}}"#)
}

fn problems(text: &str) -> Vec<String> {
    parse(text, &Merchants::default()).map_or_else(|found| found.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[track_caller]
fn refuses(line: &str, expected: &str) {
    let found = problems(&format!("{SHOP}\n{line}\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("line 2: ") && found[0].contains(expected), "{}", found[0]);
}

#[test]
fn good_files() {
    assert_eq!(parse("", &Merchants::default()), Ok(Import::default()));
    let text = format!("\u{FEFF}{SHOP}\r\n\n  \n{}\r\n", order(""));
    let import = parse(text, &Merchants::default()).expect("it is fine");
    assert_eq!((import.merchants.len(), import.customers.len()), (1, 1));
    let known: Merchants = import.merchants.into_iter().collect();
    assert!(parse(order(""), &known).is_ok());
}

#[test]
fn bad_lines() {
    for (line, expected) in [
        ("{nonsense}", "not JSON at column 2"),
        ("[]", "not a JSON object"),
        (&PERSON[..60], "ends in the middle, at column 60"),
        (r#"{"id":"x"}"#, "has no 'kind'"),
        (r#"{"kind":"custmer"}"#, "Did you mean 'customer'?"),
        (&format!("{PERSON}}}trailing"), "not JSON at column"),
        (&order(r#","totl_minor":1"#), "unknown field 'orders[0].totl_minor' in an order. Did you mean 'total_minor'?"),
        (&format!(r#"{PERSON},"cases":[]}}"#), "makes it by itself"),
        (&format!(r#"{PERSON},"zebra":[]}}"#), "Leave it out; a customer has id, given_name"),
        (
            &order(r#","captures":[{"id":"c1","amount_minor":-5,"captured_at":"2026-11-01T12:00:00Z"}]"#),
            "'orders[0].captures[0].amount_minor' is negative: -5",
        ),
        (
            &order("").replace(r#""currency":"EUR","status":"captured""#, r#""currency":"SEK","status":"captured""#),
            "is in SEK, but the customer's currency is EUR",
        ),
        (
            &order("").replace(r#""currency":"EUR","status":"captured""#, r#""currency":"EURO","status":"captured""#),
            "'EURO' is not an ISO 4217 currency",
        ),
        (&order("").replace("\"merchant\":\"m\"", "\"merchant\":\"mm\""), "names the merchant 'mm', which is unknown"),
        (&order("").replace("2026-11-01T10", "2026-02-30T10"), "orders[0]: 'placed_at'"),
        (&order("").replace("3000", "30.5"), "Write whole minor units"),
        (&order("").replace(r#""ref":"R-1","#, ""), "orders[0]: missing field `ref`"),
        (
            &order(
                r#","refunds":[{"id":"f","amount_minor":5,"initiated_by":"merchant","status":"posted","created_at":"2026-11-05T00:00:00Z","posted_at":"2026-11-04T00:00:00Z"}]"#,
            ),
            "posted before it was made",
        ),
        (
            &order(r#","returns":[{"id":"r","reported_at":"2026-11-05T00:00:00Z","status":"reported","lines":[{"line":"x","qty":1}]}]"#),
            "names the line 'x'",
        ),
        (
            &order(&format!(
                r#","plan":{{{PLAN},"instalments":[{{"id":"i","seq":0,"due_on":"2026-12-01","original_due_on":"2026-12-01","amount_minor":5,"status":"scheduled"}}]}}"#
            )),
            "has the seq 0",
        ),
        (
            &order(&format!(
                r#","plan":{{{PLAN},"instalments":[{{"id":"i","seq":1,"due_on":"2026-13-01","original_due_on":"2026-12-01","amount_minor":5,"status":"scheduled"}}]}}"#
            )),
            "orders[0].plan.instalments[0]: 'due_on'",
        ),
        (
            &order(
                r#","disputes":[{"id":"d","public_no":"D-1","reason":"goods_not_received","state":"closed","disputed_minor":5,"opened_at":"2026-11-20T00:00:00Z"}]"#,
            ),
            "closed without outcome",
        ),
        (&format!("{}}}", PERSON.replace("\"DE\"", "\"XX\"")), "market 'XX' is unknown"),
        (
            &format!(r#"{PERSON},"payment_methods":[{{"id":"k","type":"card","last4":"4111111111111111","status":"active"}}]}}"#),
            "is not four digits",
        ),
        (&SHOP.replace("\"m\"", "\"\""), "merchant id '' is empty"),
        (SHOP, "merchant id 'm' is in the file twice"),
        (&format!("{PERSON},\"flags\":[{}]}}", "[".repeat(300)), "recursion limit"),
    ] {
        refuses(line, expected);
    }
}

#[test]
fn everything_is_said_at_once() {
    let twice = order("").replace("\"id\":\"c\"", "\"id\":\"c2\"");
    let text = format!("{{\n{SHOP}\n{}\n{twice}\n\n{}\n", order(""), order(r#","x":1,"y":2"#));
    let found = problems(&text);
    let lines: Vec<&str> = found.iter().map(|problem| &problem[..7]).collect();
    assert_eq!(lines, ["line 1:", "line 4:", "line 4:", "line 6:", "line 6:"]);
    assert!(found[1].contains("order id 'o' is in the file twice") && found[2].contains("order ref 'R-1'"));
    let long = format!("{{\"kind\":\"{}\"}}", "x".repeat(MAX_LINE));
    assert!(problems(&long)[0].contains("more than 1048576"));
    assert!(parse(b"{\"kind\":\"\xFF\"}", &Merchants::default()).expect_err("not UTF-8")[0].problem.contains("byte 10 is not UTF-8"));
    assert!(problems(&"x\n".repeat(5_000)).len() == MAX_PROBLEMS + 1);
}

#[test]
fn amounts_that_are_too_large_are_only_strange() {
    let instalments = r#""instalments":[{"id":"i","seq":1,"due_on":"2026-12-01","original_due_on":"2026-12-01","amount_minor":3001,"status":"scheduled"}]"#;
    let text = format!("{SHOP}\n{}", order(&format!(r#","plan":{{{PLAN},{instalments}}}"#)));
    let import = parse(text, &Merchants::default()).expect("it is taken");
    assert_eq!(import.warnings.len(), 1);
    assert!(import.warnings[0].to_string().contains("add up to €30.01, but it cost €30.00"));
}

#[test]
fn what_was_read_can_be_written_and_read_again() {
    let first = personas::load();
    let mut lines: Vec<String> = Vec::new();
    let mut write = |kind: &str, value: serde_json::Result<Value>| {
        let mut value = value.expect("JSON");
        value["kind"] = kind.into();
        lines.push(value.to_string());
    };
    first.merchants.iter().for_each(|merchant| write("merchant", serde_json::to_value(merchant)));
    first.customers.iter().for_each(|customer| write("customer", serde_json::to_value(customer)));
    assert_eq!(parse(lines.join("\n"), &Merchants::default()), Ok(first));
}

proptest! {
    #[test]
    fn damaged_files_never_break_it(at in 0usize..79_000, with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = personas::JSONL.as_bytes().to_vec();
        let at = at.min(bytes.len() - 1);
        bytes[at] = with;
        if cut {
            bytes.truncate(at);
        }
        let _ = parse(bytes, &Merchants::default());
    }
}
