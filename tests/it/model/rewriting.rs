//! An agent's own words, polished and translated: they say the same, or they are not given.

use super::scripted::{Script, Scripted};
use super::server;
use crate::harness::{Customer, Server, desk_session};
use serde_json::{Value, json};
use std::fs;

const OWN: &str = "hi, ur payment of £45.00 for order 48213 is due 4 december, write to me at ana@shop.example or call +44 7700 900123";

pub(super) async fn rewrite(server: &Server, conversation: &str, what: &str, body: &Value) -> (u16, Value) {
    let (_, token) = desk_session(server, 0).await;
    server.desk(&token, "POST", &format!("/api/desk/conversations/{conversation}/{what}"), Some(body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_words_come_back_with_everything_in_its_place() {
    let model = Scripted::start(Script::Good).await;
    let server = server("rewriting", &model);
    let mut customer = Customer::signed_in(&server, "P02", 1).await;
    customer.say("hello").await;
    let id = customer.conversation.clone();
    let kept = ["£45.00", "48213", "4 december", "ana@shop.example", "+44 7700 900123"];

    let (status, polished) = rewrite(&server, &id, "polish", &json!({ "text": OWN })).await;
    let text = polished["text"].as_str().unwrap_or_else(|| panic!("{status} {polished}"));
    assert!(text.starts_with("Hi, ur payment") && kept.iter().all(|word| text.contains(word)), "{text}");
    let (status, french) = rewrite(&server, &id, "translate", &json!({ "text": OWN, "to": "fr-FR" })).await;
    let text = french["text"].as_str().unwrap_or_else(|| panic!("{status} {french}"));
    assert!(text.starts_with("Voici") && kept.iter().all(|word| text.contains(word)), "{text}");
    let wire = model.wire();
    for word in kept.into_iter().chain(["45.00", "900123"]) {
        assert!(!wire.contains(word), "{word} has left the process");
    }
    assert!(server.public_events(&id).await.iter().all(|event| event["by"]["kind"] != "agent"), "nothing is sent by itself");

    let (_, same) = rewrite(&server, &id, "translate", &json!({ "text": "Which order is it about, please?", "to": "en" })).await;
    assert!(same["text"].is_null() && same["why"].as_str().is_some_and(|why| why.contains("English already")), "{same}");
    for (what, body, expected) in [
        ("polish", json!({ "text": " " }), 422),
        ("polish", json!({ "text": "x".repeat(4_001) }), 422),
        ("polish", json!({}), 422),
        ("translate", json!({ "text": "hello", "to": "xx" }), 422),
    ] {
        let (status, problem) = rewrite(&server, &id, what, &body).await;
        assert_eq!(status, expected, "{problem}");
    }
    assert_eq!(rewrite(&server, "nowhere", "polish", &json!({ "text": "hello" })).await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_says_more_is_refused_and_says_why() {
    let model = Scripted::start(Script::Worst).await;
    let server = server("rewriting-worst", &model);
    let mut customer = Customer::signed_in(&server, "P02", 1).await;
    customer.say("hello").await;
    let id = customer.conversation.clone();
    // Texts of several lengths bring out each of the model's lies.
    for more in ["", "!", "!!", "!!!", "!!!!"] {
        let text = format!("Your payment of £45.00 is due on 4 December{more}");
        for (what, body) in [("polish", json!({ "text": text })), ("translate", json!({ "text": text, "to": "de" }))] {
            let (status, answer) = rewrite(&server, &id, what, &body).await;
            let why = answer["why"].as_str().unwrap_or_default();
            assert!(status == 200 && answer["text"].is_null() && why.contains("Your text is unchanged"), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_leaves_for_a_market_that_keeps_them_inside() {
    let model = Scripted::start(Script::Good).await;
    let content = super::content("inside");
    let models = content.join("models.yaml");
    fs::write(&models, format!("keep_inside: [GB]\nendpoints:\n  - url: {}\n    model: test\n", model.url())).expect("a file");
    let server = Server::with(&["--content", content.to_str().expect("UTF-8"), "--model", models.to_str().expect("UTF-8")]);
    // An account of Great Britain, and a stranger.
    for customer in [Customer::signed_in(&server, "P02", 1).await, Customer::anonymous(&server).await] {
        let mut customer = customer;
        customer.ask("quand est-ce que je dois payer la prochaine fois").await;
        assert!(
            customer.log.iter().any(|event| event["data"]["locale"] == "fr" && event["by"]["kind"] == "bot"),
            "a person is fetched, in French"
        );
        let (_, answer) = rewrite(&server, &customer.conversation, "polish", &json!({ "text": OWN })).await;
        assert!(answer["text"].is_null(), "{answer}");
    }
    assert_eq!(model.asked().len(), 0);
    let alone = Server::start();
    let mut customer = Customer::anonymous(&alone).await;
    customer.say("hello").await;
    let (_, answer) = rewrite(&alone, &customer.conversation, "polish", &json!({ "text": OWN })).await;
    assert_eq!(answer["why"], "no language model is configured");
}
