//! What agents must not be able to do, and what happens at once to two of them: a clear sentence, and nothing lost.

use crate::harness::{Agent, Customer, Server, WORDS_ALONE, desk_session};
use serde_json::{Value, json};
use sqlx::AnyPool;

const ACTS: [&str; 6] = ["reply", "return", "transfer", "release", "snooze", "resolve"];

/// A wish with everything that it may need.
fn wish(kind: &str, conversation: &str) -> Value {
    json!({ "type": kind, "conversation": conversation, "text": "too late", "to": "fraud", "until": "2026-12-05T09:00:00Z", "code": "solved" })
}

async fn refused(agent: &mut Agent, kind: &str, conversation: &str, code: &str, words: &str) {
    let answer = agent.command(wish(kind, conversation)).await;
    let told = answer["message"].as_str().is_some_and(|text| text.contains(words));
    assert!(answer["type"] == "error" && answer["code"] == code && told, "{kind} was answered by {answer}");
}

async fn handed_over(server: &Server, persona: &str) -> Customer {
    let mut customer = Customer::signed_in(server, persona, 1).await;
    customer.ask_for_a_person().await;
    customer
}

/// Never theirs, taken by somebody else, ended, unknown, erased.
#[tokio::test]
async fn acts_on_what_is_not_theirs_get_a_sentence() {
    let server = Server::with(&WORDS_ALONE);
    let (mut ana, mut ben) = (Agent::sign_in(&server, 0).await, Agent::sign_in(&server, 1).await);
    let customer = handed_over(&server, "P01").await;
    let id = customer.conversation.clone();
    for kind in ACTS {
        refused(&mut ana, kind, &id, "conflict", "").await;
    }
    ben.does(wish("claim", &id)).await;
    for kind in ACTS.iter().chain(&["claim"]) {
        refused(&mut ana, kind, &id, "conflict", "").await;
    }
    refused(&mut ana, "claim", &id, "conflict", "Ben").await;
    ben.does(wish("resolve", &id)).await;
    for kind in ACTS {
        refused(&mut ben, kind, &id, "conflict", "").await;
    }
    for kind in ACTS.iter().chain(&["claim", "note", "watch"]) {
        refused(&mut ben, kind, "no-such-conversation", "not_found", "there is no such conversation").await;
    }
    let log = server.events(&id).await;
    assert!(!log.iter().any(|event| event["data"]["text"] == "too late"), "{log:?}");

    // Erased while Ana has it: she is told, and it does not come back; the customer begins anew.
    let mut other = handed_over(&server, "P02").await;
    let gone = other.conversation.clone();
    ana.does(wish("claim", &gone)).await;
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&format!("sqlite://{}", server.folder().join("data/redress.db").display())).await.expect("connects");
    for table in ["events", "tickets"] {
        let sql = format!("DELETE FROM {table} WHERE conversation_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&gone).execute(&pool).await.expect("erases");
    }
    sqlx::query("DELETE FROM conversations WHERE id = $1").bind(&gone).execute(&pool).await.expect("erases");
    refused(&mut ana, "reply", &gone, "not_found", "erased").await;
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM conversations WHERE id = $1").bind(&gone).fetch_one(&pool).await.expect("counts");
    assert_eq!(count, 0, "it came back");
    other.say("and I am still here").await;
    assert!(
        server.events(&gone).await.iter().any(|event| event["data"]["text"] == "and I am still here"),
        "what is said later is a new beginning"
    );
}

/// Two leads move the same conversation at once, over and over: one owner at most, one place at most, and the customer is heard.
#[tokio::test]
async fn two_leads_who_move_the_same_conversation() {
    let server = Server::with(&WORDS_ALONE);
    let token = desk_session(&server, 2).await.1;
    let (mut one, mut two) = (Agent::open(&server, "Lea".into(), &token).await, Agent::open(&server, "Lea".into(), &token).await);
    let mut ana = Agent::sign_in(&server, 0).await;
    let mut customer = handed_over(&server, "P01").await;
    let id = customer.conversation.clone();
    ana.does(wish("claim", &id)).await;
    for round in 0..10 {
        let to = |name: &str| json!({ "type": "assign", "conversation": id, "to": name });
        let (left, right) = if round % 2 == 0 { (to("Ana"), to("Ben")) } else { (to("Ben"), wish("take_over", &id)) };
        let (left, right) = tokio::join!(one.command(left), two.command(right));
        for answer in [left, right] {
            let sentence = answer["message"].as_str().is_some_and(|text| !text.is_empty());
            assert!(answer["type"] == "ack" || (answer["code"] == "conflict" && sentence), "{answer}");
        }
        let said = format!("round {round}");
        customer.say(&said).await;
        let queue = server.api("/api/queue").await;
        let places = queue["waiting"].as_array().into_iter().flatten().filter(|row| row["conversation"] == id.as_str()).count();
        assert!(places <= 1, "{queue}");
    }
    one.does(wish("take_over", &id)).await;
    one.does(json!({ "type": "reply", "conversation": id, "text": "I have it now." })).await;
    customer.until(|frame| frame["data"]["text"] == "I have it now.").await;
    let log = server.events(&id).await;
    let heard = log.iter().filter(|event| event["data"]["text"].as_str().is_some_and(|text| text.starts_with("round "))).count();
    assert_eq!(heard, 10);
}

/// A team in which nobody works: its customers wait in the list, nobody else is asked, who leads is told, and may hand them out.
#[tokio::test]
async fn a_team_without_members_keeps_its_customers_in_sight() {
    let server = Server::with(&WORDS_ALONE);
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&format!("sqlite://{}", server.folder().join("data/redress.db").display())).await.expect("connects");
    sqlx::query("UPDATE agents SET skills = '[\"fraud\"]'").execute(&pool).await.expect("everybody is in one team");
    let (mut ana, mut lea) = (Agent::sign_in(&server, 0).await, Agent::sign_in(&server, 2).await);
    ana.does(json!({ "type": "available", "on": true })).await;
    let mut customer = handed_over(&server, "P01").await;
    let id = customer.conversation.clone();
    let place = customer.until(|frame| frame["type"] == "queue").await;
    assert!(place["position"] == 1 && place["on_duty"] == 0, "{place}");
    // Those who help out when it is late are not there either: the leads hear of it, and still nobody without the skill is asked.
    assert_eq!(server.post("/api/clock", &json!({ "advance": "PT3H" })).await.status, 200);
    lea.until(|frame| frame["type"] == "alert" && frame["what"] == "clock_breached" && frame["conversation"] == id.as_str()).await;
    let queue = server.api("/api/queue").await;
    let row = queue["waiting"].as_array().into_iter().flatten().find(|row| row["conversation"] == id.as_str()).cloned().unwrap_or_default();
    assert!(row["skill"] == "general" && row["offered"].is_null(), "{queue}");
    lea.does(json!({ "type": "assign", "conversation": id, "to": "Ana" })).await;
    ana.does(wish("claim", &id)).await;
    ana.does(json!({ "type": "reply", "conversation": id, "text": "I look after this now." })).await;
    customer.until(|frame| frame["data"]["text"] == "I look after this now.").await;
}

/// Somebody anonymous has left: what is written to them is kept for when they come back, and other systems hear of it. A team of
/// which nobody is there keeps its customers waiting in plain words, in the list, with times for a call back.
#[tokio::test]
async fn customers_who_left_and_teams_of_which_nobody_is_there() {
    let server = Server::with(&WORDS_ALONE);
    let mut ana = Agent::sign_in(&server, 0).await;
    let mut guest = Customer::anonymous(&server).await;
    guest.ask_for_a_person().await;
    let (id, back) = (guest.conversation.clone(), guest.way_back());
    ana.does(wish("claim", &id)).await;
    ana.does(json!({ "type": "watch", "conversation": id })).await;
    drop(guest);
    // The server hears of the closed socket in its own time.
    let mut unseen = Value::Null;
    while unseen.is_null() {
        ana.does(json!({ "type": "reply", "conversation": id, "text": "Are you there?" })).await;
        let outbox = server.api("/api/outbox?after=").await;
        let rows = outbox["facts"].as_array().cloned().unwrap_or_default();
        unseen = rows.into_iter().find(|row| row["topic"] == "message.unseen").unwrap_or(Value::Null);
    }
    assert_eq!(unseen["payload"]["conversation"], id.as_str(), "{unseen}");
    let mut guest = Customer::enter(&server, back).await;
    guest.until(|frame| frame["data"]["text"] == "Are you there?").await;

    let mut victim = Customer::signed_in(&server, "P27", 1).await;
    victim.say("someone used my account to buy things that I never ordered").await;
    if !victim.log.iter().any(|event| event["kind"] == "handoff") {
        victim.ask_for_a_person().await;
    }
    let place = victim.until(|frame| frame["type"] == "queue").await;
    assert!(place["position"] == 1 && place["on_duty"] == 0 && place["slots"].as_array().is_some_and(|slots| !slots.is_empty()), "{place}");
    let queue = server.api("/api/queue").await;
    assert!(
        queue["waiting"].as_array().is_some_and(|rows| rows.iter().any(|row| row["conversation"] == victim.conversation.as_str())),
        "{queue}"
    );
}
