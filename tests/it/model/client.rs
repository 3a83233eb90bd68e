//! The client of language models against every fault: what it says, how long it takes, how often it asks.

use super::scripted::{FAULTS, Script, Scripted};
use redress::llm::{Failure, Fault, Models, Question, Settings, Use};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pick {
    intent: String,
}

/// How long a question of these tests may take.
const TIME: Duration = Duration::from_millis(900);

fn models(endpoints: &[&Scripted], more: &str) -> Models {
    let list: String = endpoints.iter().map(|one| format!("  - url: {}\n    model: test\n    at_once: 1\n", one.url())).collect();
    let text = format!("{more}endpoints:\n{list}uses:\n  second_opinion: {{ ms: {0} }}\n  answer: {{ ms: {0} }}\n", TIME.as_millis());
    Models::new(Settings::read("models.yaml", text.as_bytes(), |_| None).expect("good settings")).expect("a client")
}

async fn ask(models: &Models, purpose: Use) -> (Result<Pick, Failure>, Duration) {
    let schema = json!({ "type": "object", "properties": { "intent": { "type": "string", "enum": ["refund_status", "none_of_these"] } } });
    let question = Question { purpose, prompt: "test", system: "Pick.".into(), user: "message".into(), schema: &schema };
    let began = Instant::now();
    let answer = models.ask(&question, tokio::time::Instant::now() + Duration::from_secs(60)).await;
    (answer, began.elapsed())
}

#[tokio::test]
async fn a_good_answer_comes_by_the_schema() {
    let server = Scripted::start(Script::Good).await;
    let models = models(&[&server], "");
    let (answer, _) = ask(&models, Use::SecondOpinion).await;
    assert_eq!(answer, Ok(Pick { intent: "refund_status".into() }));
    let asked: Value = server.asked().remove(0);
    assert_eq!((&asked["model"], &asked["response_format"]["type"]), (&json!("test"), &json!("json_schema")));
}

#[tokio::test]
async fn every_fault_ends_in_time_with_its_name_and_opens_the_breaker() {
    for fault in FAULTS {
        for purpose in [Use::SecondOpinion, Use::Answer] {
            let server = Scripted::start(fault).await;
            let models = models(&[&server], "");
            let (answer, took) = ask(&models, purpose).await;
            let failure = answer.expect_err("a fault");
            assert!(took < TIME + Duration::from_millis(600), "{fault:?} took {took:?}");
            let expected: &[&str] = match fault {
                Script::Silent | Script::Stalled => &["late"],
                Script::Cut => &["cut", "not_json"],
                Script::TooMany(_) => &["too_many"],
                Script::Broken => &["status"],
                Script::Html | Script::ContentType => &["content_type"],
                Script::Wrong => &["shape"],
                Script::Endless => &["endless"],
                Script::Empty => &["empty"],
                Script::UnknownModel => &["unknown_model"],
                Script::ExpiredKey => &["key_refused"],
                _ => &[],
            };
            assert!(expected.contains(&failure.name()), "{fault:?} is called {}", failure.name());
            let mut hits = server.asked().len();
            assert!(hits <= 3, "{fault:?} was asked {hits} times");
            for _ in 0..3 {
                let _ = ask(&models, purpose).await;
            }
            hits = server.asked().len();
            let (answer, took) = ask(&models, purpose).await;
            // An answer of the wrong shape is no fault of the connection.
            if fault != Script::Wrong {
                assert_eq!(answer, Err(Failure::Down), "{fault:?}");
                assert_eq!(server.asked().len(), hits, "{fault:?}: a dead endpoint is left alone");
                assert!(took < Duration::from_millis(100), "{fault:?}: {took:?} for nothing");
                assert!(!models.would_ask(purpose));
            }
        }
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_asks_for_time_gets_it() {
    for (script, hits) in [(Script::TooManyOnce, 2), (Script::WrongOnce, 2), (Script::NoSchemas, 3)] {
        let server = Scripted::start(script).await;
        let (answer, _) = ask(&models(&[&server], ""), Use::SecondOpinion).await;
        // Without its schema the scripted server knows no intents.
        let expected = if script == Script::NoSchemas { "none_of_these" } else { "refund_status" };
        assert_eq!(answer, Ok(Pick { intent: expected.into() }), "{script:?}");
        assert_eq!(server.asked().len(), hits, "{script:?}");
    }
    let server = Scripted::start(Script::WrongOnce).await;
    let _ = ask(&models(&[&server], ""), Use::SecondOpinion).await;
    assert!(server.asked()[1]["messages"][1]["content"].as_str().is_some_and(|text| text.contains("could not be used")));
}

#[tokio::test]
async fn the_next_endpoint_takes_over() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
    for bad in [Script::Broken, Script::ExpiredKey, Script::Empty, Script::Html] {
        let (first, second) = (Scripted::start(bad).await, Scripted::start(Script::Good).await);
        let (answer, took) = ask(&models(&[&first, &second], ""), Use::SecondOpinion).await;
        assert!(answer.is_ok() && took < TIME, "{bad:?}: {answer:?} after {took:?}");
    }
    let mut gone = Scripted::start(Script::Good).await;
    gone.port = nobody;
    let second = Scripted::start(Script::Good).await;
    let (answer, _) = ask(&models(&[&gone, &second], ""), Use::SecondOpinion).await;
    assert!(answer.is_ok(), "{answer:?}");
    let (answer, _) = ask(&models(&[&gone], ""), Use::SecondOpinion).await;
    assert!(matches!(answer, Err(Failure::Fault(Fault::Unreachable(_)))), "{answer:?}");
}

#[tokio::test]
async fn budget_seats_and_switches_hold() {
    let server = Scripted::start(Script::Good).await;
    let poor = models(&[&server], "daily_tokens: 150\n");
    assert!(ask(&poor, Use::SecondOpinion).await.0.is_ok(), "it took 110 tokens");
    assert_eq!(ask(&poor, Use::SecondOpinion).await.0, Err(Failure::OverBudget));
    assert_eq!(server.asked().len(), 1);
    let slow = Scripted::start(Script::Silent).await;
    let busy = models(&[&slow], "");
    let (one, other) = tokio::join!(ask(&busy, Use::SecondOpinion), ask(&busy, Use::SecondOpinion));
    let names = [one.0.expect_err("late").name(), other.0.expect_err("busy").name()];
    assert!(names.contains(&"busy") && names.contains(&"late"), "{names:?}");
    let text = format!("endpoints:\n  - url: {}\n    model: m\nuses:\n  answer: {{ on: false }}\n", server.url());
    let off = Models::new(Settings::read("models.yaml", text.as_bytes(), |_| None).expect("good")).expect("a client");
    assert_eq!(ask(&off, Use::Answer).await.0, Err(Failure::Off));
}
