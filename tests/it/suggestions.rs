//! What agents make of sentences that the bot did not read rightly becomes suggestions for the intents, which leads decide.

use crate::harness::{Agent, Customer, Server, WORDS_ALONE, desk_session};
use serde_json::{Value, json};
use sqlx::AnyPool;

const RIDDLES: [&str; 2] = [
    "the purple gizmo of jane.doe@example.com sings under my umbrella 4111 1111 1111 1111",
    "my umbrella gizmo keeps on singing at the moon",
];

/// Says what nobody can read until a person is fetched.
async fn riddles(customer: &mut Customer) {
    for riddle in RIDDLES {
        customer.ask(riddle).await;
    }
    if !customer.log.iter().any(|event| event["kind"] == "handoff") {
        customer.ask_for_a_person().await;
    }
}

async fn list(server: &Server, token: &str, query: &str) -> Vec<Value> {
    let (status, found) = server.desk(token, "GET", &format!("/api/desk/suggestions{query}"), None).await;
    assert_eq!(status, 200, "{found}");
    found["suggestions"].as_array().expect("a list").clone()
}

/// Unreadable, handed over, ended with what it was about, suggested, decided once, in the log of privileged acts.
#[tokio::test]
async fn what_an_agent_says_is_suggested_and_decided_once() {
    let server = Server::with(&WORDS_ALONE);
    let (name, token) = desk_session(&server, 0).await;
    let (mut ana, lea) = (Agent::open(&server, name, &token).await, desk_session(&server, 2).await.1);
    let mut customer = Customer::anonymous(&server).await;
    riddles(&mut customer).await;
    let id = customer.conversation.clone();
    ana.does(json!({ "type": "claim", "conversation": id })).await;
    let (status, about) = server.desk(&token, "GET", &format!("/api/desk/conversations/{id}/about"), None).await;
    assert!(status == 200 && about["ask"] == true && about["intent"].is_null(), "{about}");
    let (_, all) = server.desk(&token, "GET", "/api/desk/intents", None).await;
    assert!(all["intents"].as_array().is_some_and(|all| all.iter().any(|one| one["intent"] == "refund_status")), "{all}");
    let wrong = ana.command(json!({ "type": "resolve", "conversation": id, "code": "solved", "about": "refund_statis" })).await;
    assert!(wrong["code"] == "bad_frame" && wrong["message"].as_str().is_some_and(|text| text.contains("no intent")), "{wrong}");
    assert!(list(&server, &lea, "").await.is_empty());
    ana.does(json!({ "type": "resolve", "conversation": id, "code": "solved", "about": "refund_status" })).await;

    let open = list(&server, &lea, "?state=open").await;
    assert_eq!(open.len(), 2, "{open:?}");
    let first = &open[0];
    let is = |field: &str, expected: Value| assert_eq!(first[field], expected, "{first}");
    is("conversation", json!(id));
    is("intent", json!("refund_status"));
    is("language", json!("en"));
    is("by", json!("Ana"));
    is("state", json!("open"));
    let (text, reason) = (first["text"].as_str().expect("a text"), first["reason"].as_str().expect("a reason"));
    assert!(text.contains("purple gizmo") && !text.contains("4111") && !text.contains("jane.doe"), "{text}");
    assert!(reason.contains("Ana said so when ending it"), "{reason}");
    let stored = server.events(&id).await;
    assert!(stored.iter().any(|event| event["seq"] == first["seq"] && event["kind"] == "message"), "{first}");
    assert!(first["at"].is_string() && first.get("read_as").is_some(), "{first}");

    // Agents do not decide what the bot learns.
    let path = format!("/api/desk/suggestions/{}", first["id"].as_str().expect("an id"));
    let accept = json!({ "act": "accept" });
    for (method, path, body) in [("GET", "/api/desk/suggestions", None), ("POST", path.as_str(), Some(&accept))] {
        let (status, refused) = server.desk(&token, method, path, body).await;
        assert_eq!(status, 403, "{refused}");
    }
    for (body, status) in [
        (json!({ "act": "accept", "intent": "no_such_intent" }), 422),
        (json!({ "act": "sing" }), 422),
        (json!({ "act": "accept", "more": 1 }), 422),
    ] {
        assert_eq!(server.desk(&lea, "POST", &path, Some(&body)).await.0, status, "{body}");
    }
    assert_eq!(server.desk(&lea, "POST", "/api/desk/suggestions/none", Some(&accept)).await.0, 404);
    assert_eq!(server.desk(&lea, "GET", "/api/desk/suggestions?state=sideways", None).await.0, 400);

    // Accepted for another intent: the line to add, quoted and indented; then it is decided.
    let (status, line) = server.desk(&lea, "POST", &path, Some(&json!({ "act": "accept", "intent": "refund_missing" }))).await;
    assert!(status == 200 && line["file"] == "intents/refund_missing.yaml" && line["already"] == false, "{line}");
    let expected = format!("    - {}", json!(text));
    assert_eq!(line["line"], expected.as_str(), "its brackets need quotes");
    for act in ["accept", "dismiss"] {
        let (status, late) = server.desk(&lea, "POST", &path, Some(&json!({ "act": act }))).await;
        assert!(status == 409 && late["detail"].as_str().is_some_and(|text| text.contains("decided meanwhile")), "{late}");
    }
    let accepted = list(&server, &lea, "?state=accepted").await;
    assert!(accepted.len() == 1 && accepted[0]["intent"] == "refund_missing" && accepted[0]["state"] == "accepted", "{accepted:?}");
    let other = format!("/api/desk/suggestions/{}", open[1]["id"].as_str().expect("an id"));
    assert_eq!(server.desk(&lea, "POST", &other, Some(&json!({ "act": "dismiss" }))).await.0, 200);
    assert!(list(&server, &lea, "").await.is_empty());
    assert_eq!(list(&server, &lea, "?state=dismissed").await.len(), 1);
    let (_, log) = server.desk(&lea, "GET", "/api/desk/audit", None).await;
    let acts: Vec<&str> = log["rows"].as_array().into_iter().flatten().filter_map(|row| row["act"].as_str()).collect();
    assert!(acts.contains(&"accept_suggestion") && acts.contains(&"dismiss_suggestion"), "{log}");
}

/// What an agent did to the account tells it without a word; and whoever erases the customer's conversations erases what came of them.
#[tokio::test]
async fn what_an_agent_does_is_suggested_and_erased_with_the_customer() {
    let server = Server::with(&WORDS_ALONE);
    let (name, token) = desk_session(&server, 0).await;
    let (mut ana, lea) = (Agent::open(&server, name, &token).await, desk_session(&server, 2).await.1);
    let mut customer = Customer::signed_in(&server, "P05", 1).await;
    riddles(&mut customer).await;
    let id = customer.conversation.clone();
    ana.does(json!({ "type": "claim", "conversation": id })).await;
    let actions = format!("/api/desk/conversations/{id}/actions");
    let (_, possible) = server.desk(&token, "GET", &actions, None).await;
    let fee =
        possible["actions"].as_array().and_then(|all| all.iter().find(|one| one["action"] == "waive_fee")).expect("a fee to waive").clone();
    let (status, done) = server.desk(&token, "POST", &actions, Some(&json!({ "action": fee["action"], "subject": fee["subject"] }))).await;
    assert_eq!(status, 200, "{done}");
    let (_, about) = server.desk(&token, "GET", &format!("/api/desk/conversations/{id}/about"), None).await;
    assert_eq!(about["intent"], "late_fee_waiver", "{about}");
    ana.does(json!({ "type": "resolve", "conversation": id, "code": "solved" })).await;
    let open = list(&server, &lea, "").await;
    assert!(open.len() == 2 && open.iter().all(|one| one["intent"] == "late_fee_waiver"), "{open:?}");
    assert!(open[0]["reason"].as_str().is_some_and(|reason| reason.contains("Ana then took back a late fee")), "{open:?}");

    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&format!("sqlite://{}", server.folder().join("data/redress.db").display())).await.expect("connects");
    sqlx::query("DELETE FROM conversations WHERE customer_id = 'P05'").execute(&pool).await.expect("erases");
    assert!(list(&server, &lea, "").await.is_empty());
    let path = format!("/api/desk/suggestions/{}", open[0]["id"].as_str().expect("an id"));
    assert_eq!(server.desk(&lea, "POST", &path, Some(&json!({ "act": "accept" }))).await.0, 404);
}
