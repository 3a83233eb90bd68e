//! The customer's own view over HTTP, and that what it starts leads to the flow that its button promises.

use crate::harness::{Customer, Hello, Server, token};
use redress::cli::bench::http;
use serde_json::Value;

async fn purchases(server: &Server, token: &str, locale: &str) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let path = format!("/api/purchases?locale={locale}");
    let answer = http::request("GET", &server.authority(), &path, &[("authorization", &bearer)], None).await.expect("an answer");
    (answer.status, answer.json().unwrap_or(Value::Null))
}

#[tokio::test]
async fn every_start_leads_where_its_button_says() {
    let server = Server::shared();
    assert_eq!(purchases(&server, "no.such.token", "en").await.0, 401);
    for (persona, locale) in [
        ("P07", "en"),
        ("P12", "en"),
        ("P13", "en"),
        ("P11", "en"),
        ("P01", "en"),
        ("P12", "sv"),
        ("P13", "de"),
        ("P07", "sv"),
        ("P07", "de"),
        ("P11", "de"),
    ] {
        let mine = token(persona, 1);
        let (status, view) = purchases(&server, &mine, locale).await;
        assert_eq!(status, 200, "{view}");
        let order = &view["orders"][0];
        for start in order["starts"].as_array().expect("a list") {
            let hello = Hello {
                token: Some(mine.clone()),
                locale: Some(if locale == "sv" {
                    "sv"
                } else if locale == "de" {
                    "de"
                } else {
                    "en"
                }),
                ..Hello::default()
            };
            let mut customer = Customer::enter(&server, hello).await;
            customer.ask(start["says"].as_str().expect("a sentence")).await;
            let events = server.events(&customer.conversation).await;
            let decision = events.iter().find(|event| event["kind"] == "decision").unwrap_or_else(|| panic!("{start}: {events:?}"));
            let read = &decision["data"]["intents"][0][0];
            assert_eq!(read, &start["intent"], "{locale} {persona} {start}: {decision}");
            assert_ne!(decision["data"]["decision"], "abstain", "{start}: {decision}");
            let asks_which = events.iter().any(|event| {
                event["kind"] == "choices" && event["data"]["options"].to_string().contains(order["ref"].as_str().unwrap_or("-"))
            });
            assert!(!asks_which, "{start}: it asks for the order that was named: {events:?}");
        }
    }
}

#[tokio::test]
async fn one_switch_ends_what_is_told_unasked() {
    let server = Server::shared();
    let bearer = format!("Bearer {}", token("P20", 1));
    for (body, status) in [("{\"quiet\": true}", 200), ("{\"quiet\": 1}", 400), ("{\"quiet\": false}", 200)] {
        let answer = http::request("POST", &server.authority(), "/api/purchases/quiet", &[("authorization", &bearer)], Some(body)).await;
        assert_eq!(answer.expect("an answer").status, status, "{body}");
        let quiet = server.api("/api/customers/P20").await["quiet"].clone();
        assert_eq!(quiet.as_bool().unwrap_or(false), body.contains("true") || body.contains("1"), "{body}: {quiet}");
    }
}
