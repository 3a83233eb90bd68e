//! Several nodes on one database, SQLite or PostgreSQL: what one of them notices or ends reaches desks on the others, once.

use crate::harness::{Agent, Customer, Schema, Server, WORDS_ALONE, desk_session};
use serde_json::{Value, json};

/// Two servers on one database: a file, or this address.
fn pair(url: Option<&str>) -> (Server, Server) {
    let on = |url: &str| Server::with(&WORDS_ALONE.into_iter().chain(["--database", url]).collect::<Vec<_>>());
    match url {
        Some(url) => (on(url), on(url)),
        None => {
            let first = Server::with(&WORDS_ALONE);
            let file = format!("sqlite://{}", first.folder().join("data/redress.db").display());
            let second = on(&file);
            (first, second)
        }
    }
}

#[tokio::test]
async fn alerts_reach_desks_on_other_nodes() {
    alerts(pair(None)).await;
}

#[tokio::test]
async fn alerts_reach_desks_on_other_nodes_of_postgres() {
    let Some(schema) = Schema::new("alerts").await else { return };
    alerts(pair(Some(&schema.url))).await;
    schema.remove().await;
}

async fn alerts((first, second): (Server, Server)) {
    let (mut ana, mut lea_here) = (Agent::sign_in(&first, 0).await, Agent::sign_in(&first, 2).await);
    ana.does(json!({ "type": "available", "on": true })).await;
    let mut lea_there = Agent::sign_in(&second, 2).await;
    let mut ben_there = Agent::sign_in(&second, 1).await;
    let mut customer = Customer::signed_in(&first, "P01", 1).await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    ana.does(json!({ "type": "claim", "conversation": id })).await;
    let is = |what: &'static str| move |frame: &Value| frame["type"] == "alert" && frame["what"] == what;
    for text in ["@Lea one", "@Lea two"] {
        ana.does(json!({ "type": "note", "conversation": id, "text": text })).await;
    }
    let told = ["mentions you: @Lea one", "mentions you: @Lea two"];
    for lea in [&mut lea_here, &mut lea_there] {
        for words in told {
            let alert = lea.until(is("mention")).await;
            assert!(alert["conversation"] == id && alert["text"].as_str().is_some_and(|text| text.ends_with(words)), "{alert}");
        }
    }
    // The first node's clock runs out there; who leads is told on both, who does not lead on neither.
    let moved = first.post("/api/clock", &json!({ "advance": "PT14H" })).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    for lea in [&mut lea_here, &mut lea_there] {
        let alert = lea.until(is("clock_breached")).await;
        assert_eq!(alert["conversation"], id, "{alert}");
        assert!(!lea.inbox.iter().any(is("mention")), "told twice");
    }
    ana.does(json!({ "type": "note", "conversation": id, "text": "@Ben three" })).await;
    ben_there.until(is("mention")).await;
    assert!(!ben_there.inbox.iter().any(is("clock_breached")), "for those who lead");
}

#[tokio::test]
async fn sessions_end_on_every_node() {
    sessions(pair(None)).await;
}

#[tokio::test]
async fn sessions_end_on_every_node_of_postgres() {
    let Some(schema) = Schema::new("sessions").await else { return };
    sessions(pair(Some(&schema.url))).await;
    schema.remove().await;
}

/// The desk is told why, then its socket is closed.
async fn is_put_out(desk: &mut Agent) {
    desk.until(|frame| frame["type"] == "error" && frame["code"] == "unauthorized").await;
    let (_, code) = desk.socket.ended().await;
    assert_eq!(code, 4003);
}

/// Ended by whoever it belongs to, by a lead, by a new password, by signing out: on one node, with the sockets on the other.
async fn sessions((first, second): (Server, Server)) {
    let (name, here) = desk_session(&first, 0).await;
    let stolen = desk_session(&second, 0).await.1;
    let (mut desk_there, mut desk_here) =
        (Agent::open(&second, name.clone(), &stolen).await, Agent::open(&first, name.clone(), &here).await);
    let (_, list) = first.desk(&here, "GET", "/api/desk/sessions", None).await;
    let other = list["sessions"].as_array().and_then(|all| all.iter().find(|one| one["current"] == false)).expect("the stolen one").clone();
    let ended = first.desk(&here, "DELETE", &format!("/api/desk/sessions/{}", other["id"].as_str().expect("an id")), None).await;
    assert_eq!(ended.0, 204, "{}", ended.1);
    is_put_out(&mut desk_there).await;
    assert_eq!(second.desk(&stolen, "GET", "/api/desk/session", None).await.0, 401);
    desk_here.does(json!({ "type": "available", "on": true })).await;

    // A lead ends Ben's.
    let lea = desk_session(&first, 2).await.1;
    let mut ben = Agent::sign_in(&second, 1).await;
    let (_, list) = first.desk(&lea, "GET", "/api/desk/sessions", None).await;
    let bens = list["sessions"].as_array().and_then(|all| all.iter().find(|one| one["agent"] == "Ben")).expect("Ben's").clone();
    assert_eq!(first.desk(&lea, "DELETE", &format!("/api/desk/sessions/{}", bens["id"].as_str().expect("an id")), None).await.0, 204);
    is_put_out(&mut ben).await;

    // A new password ends all the others of that person, and nobody else's.
    let mut again = Agent::open(&second, name, &desk_session(&second, 0).await.1).await;
    let mut lea_there = Agent::sign_in(&second, 2).await;
    let change = json!({ "old": "demo-desk", "new": "a-longer-password" });
    assert_eq!(first.desk(&here, "POST", "/api/desk/password", Some(&change)).await.0, 204);
    is_put_out(&mut again).await;
    desk_here.does(json!({ "type": "available", "on": false })).await;
    lea_there.does(json!({ "type": "available", "on": false })).await;
    assert!(!lea_there.inbox.iter().any(|frame| frame["type"] == "error"), "somebody else's session");
}
