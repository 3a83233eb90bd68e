//! Several nodes on one database: what one of them notices reaches desks on the others, once.

use crate::harness::{Agent, Customer, Server, WORDS_ALONE};
use serde_json::{Value, json};

#[tokio::test]
async fn alerts_reach_desks_on_other_nodes() {
    let first = Server::with(&WORDS_ALONE);
    let database = format!("sqlite://{}", first.folder().join("data/redress.db").display());
    let second = Server::with(&WORDS_ALONE.into_iter().chain(["--database", &database]).collect::<Vec<_>>());
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
