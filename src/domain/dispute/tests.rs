//! When a dispute may be opened, and what customers are told.

use super::*;
use crate::domain::account::Account;
use crate::domain::personas;
use serde_json::Value;

fn customer(id: &str) -> Customer {
    let found = personas::accounts().into_iter().find(|account: &Account| account.customer.id.as_str() == id);
    found.expect("a persona").customer
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn ask(customer: &Customer, reason: DisputeReason, now: &str) -> Result<Opening, &'static str> {
    let market = Market::of(&customer.market);
    may_open(&customer.orders[0], reason, customer, None, market, at(now)).map_err(|refused| refused.refusal.reason)
}

#[test]
fn guards() {
    use DisputeReason::{FaultyOrNotAsDescribed, GoodsNotReceived, HighRiskOrder, UnauthorisedPurchase};
    let now = "2026-12-04T09:00:00Z";
    let late = customer("P06");
    let opening = ask(&late, GoodsNotReceived, now).expect("it may");
    assert_eq!((opening.disputed_minor, opening.window_days, opening.next_actor), (12_600, 21, Party::Merchant));
    assert_eq!(opening.deadline_at, at("2026-12-25T23:59:59Z"));
    assert_eq!(ask(&late, GoodsNotReceived, "2026-11-28T12:00:00Z"), Err("too_early"));
    assert!(ask(&late, GoodsNotReceived, "2026-11-29T00:00:00Z").is_ok());
    assert!(ask(&late, FaultyOrNotAsDescribed, "2027-05-17T23:59:59+01:00").is_ok());
    assert_eq!(ask(&late, FaultyOrNotAsDescribed, "2027-05-18T00:00:00+01:00"), Err("too_late"));
    assert_eq!(ask(&late, UnauthorisedPurchase, "2028-01-01T00:00:00Z").map(|opening| opening.state), Ok(DisputeState::FraudInvestigation));
    assert_eq!(ask(&late, HighRiskOrder, now), Err("needs_person"));
    let mut other = late.clone();
    other.orders[0].captures.clear();
    other.orders[0].status = OrderStatus::Authorized;
    assert_eq!(ask(&other, GoodsNotReceived, now), Err("not_captured"));
    let mut other = late.clone();
    other.flags.push("dispute_abuse".into());
    assert_eq!(ask(&other, GoodsNotReceived, now), Err("needs_person"));
}

#[test]
fn a_proof_of_delivery_counts_only_for_the_right_address() {
    let now = "2026-12-04T09:00:00Z";
    let mut customer = customer("P08");
    assert_eq!(ask(&customer, DisputeReason::GoodsNotReceived, now), Err("delivered"));
    assert!(ask(&customer, DisputeReason::FaultyOrNotAsDescribed, now).is_ok());
    customer.orders[0].shipments[0].proof_postcode = Some("cf119ha".into());
    assert_eq!(ask(&customer, DisputeReason::GoodsNotReceived, now), Err("delivered"));
    for proof in [Some("CF10 1AA"), Some(""), None] {
        customer.orders[0].shipments[0].proof_postcode = proof.map(str::to_owned);
        assert!(ask(&customer, DisputeReason::GoodsNotReceived, now).is_ok(), "{proof:?}");
    }
}

/// What a customer reads in every state, by outcome where it matters.
#[test]
fn nobody_reads_who_won() {
    let customer = customer("P12");
    let order = &customer.orders[0];
    let in_language = |name: &str, state: Option<&str>, language: Language| -> String {
        let mut dispute = serde_json::to_value(&order.disputes[0]).expect("JSON");
        if let Some(state) = state {
            dispute["state"] = Value::from(state);
            dispute["outcome"] = Value::Null;
        } else {
            dispute["state"] = Value::from("closed");
            dispute["outcome"] = Value::from(name);
            dispute["refund_minor"] = Value::from(16_800);
        }
        let dispute: Dispute = serde_json::from_value(dispute).expect("a dispute");
        state_text(order, &dispute, "Saffron Kitchen", Some("Visa ending in 4242"), Market::of("GB"), at("2026-12-04T09:00:00Z"), language)
    };
    let words = |name: &str, state: Option<&str>| in_language(name, state, Language::English);
    for (state, expected) in [
        ("draft", "not been sent yet"),
        (
            "merchant_window",
            "We've told Saffron Kitchen. They have until Tuesday 8 December to sort it out with you. Your payments are paused.",
        ),
        ("customer_info_requested", "We need more information from you by Tuesday 8 December. Your payments stay paused."),
        (
            "merchant_evidence_requested",
            "We've asked Saffron Kitchen for proof such as the offer of a repair or a prepaid return. They must answer by Tuesday 8 December.",
        ),
        ("under_review", "A specialist is deciding. We expect to tell you by Tuesday 8 December."),
        (
            "preliminary_decision",
            "First decision: we have looked at both sides. Either side can ask for a second look until Tuesday 8 December.",
        ),
        ("appeal_review", "A different specialist is taking a second, final look."),
        ("fraud_investigation", "We've locked this purchase and paused payments. A person is handling it."),
    ] {
        let text = words("", Some(state));
        assert!(text.contains(expected), "{state}: {text}");
        assert!(!text.to_lowercase().contains("won") && !text.to_lowercase().contains("lost"), "{text}");
    }
    for (outcome, expected) in [
        ("customer_won_full", "Decided for you. You get back £168.00 to Visa ending in 4242; it can take up to 14 days."),
        ("customer_won_partial", "Decided for you in part. You get back £168.00"),
        ("merchant_won", "Decided for the store. It sent us proof that speaks for it. Your next payment is due on"),
        ("withdrawn_by_customer", "You withdrew it."),
        ("refunded_by_merchant", "The store paid you back £168.00"),
        ("duplicate", "another dispute about the same order"),
        ("wrong_reason", "another reason"),
        ("customer_did_not_respond", "no answer from you"),
        ("customer_authorised_purchase", "turned out to be yours"),
    ] {
        let text = words(outcome, None);
        assert!(text.contains(expected), "{outcome}: {text}");
        assert!(!text.to_lowercase().contains(" won") && !text.to_lowercase().contains("lost"), "{text}");
    }
    for (language, state, expected) in [
        (
            Language::Swedish,
            "merchant_window",
            "Vi har meddelat Saffron Kitchen. De har till tisdag 8 december på sig att lösa det med dig. Dina betalningar",
        ),
        (
            Language::German,
            "merchant_window",
            "Saffron Kitchen Bescheid gegeben. Dort ist bis Dienstag, 8. Dezember Zeit, es mit dir zu klären. Deine",
        ),
        (Language::German, "under_review", "dir bis Dienstag, 8. Dezember Bescheid zu geben."),
    ] {
        let text = in_language("", Some(state), language);
        assert!(text.contains(expected), "{text}");
    }
    assert_eq!(
        in_language("customer_won_full", None, Language::German),
        "Für dich entschieden. Du bekommst 168,00 £ auf Visa ending in 4242 zurück; das kann bis zu 14 Tage dauern."
    );
}
