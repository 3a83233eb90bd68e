//! A language model as helper, from outside: it helps when it can, and nothing is worse when it cannot or means harm.

mod attacks;
mod client;
mod faults;
mod languages;
mod opinions;
mod privacy;
mod real;
mod rewriting;
mod scripted;
mod slots;
mod statements;
mod translator;
mod tryout;

use crate::harness::{Address, Agent, Customer, Server, by_bot, desk_session, seq};
use redress::cli::bench::http;
use scripted::{Script, Scripted};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A message that the local reading is unsure of.
const UNSURE: &str = "is there a maximum penalty or does it go on forever";
/// A question that only an article answers.
const ASKED: &str = "does the lamp museum in the basement open on holidays";

/// A content folder like the project's, with one article of its own.
fn content(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("content-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("knowledge")).expect("a folder");
    for part in ["intents", "prompts"] {
        std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(part), folder.join(part)).expect("a link");
    }
    let article = "---\ntitle: The lamp museum\nintents: []\nlanguage: en\n---\n## Does the lamp museum in the basement open on holidays\nThe lamp museum \
        in the basement opens on holidays at 10. Nobody pays to get in.\n";
    fs::write(folder.join("knowledge/lamp-museum.md"), article).expect("an article");
    folder
}

/// A server with this model behind it.
fn server(name: &str, model: &Scripted) -> Server {
    let content = content(name);
    let models = content.join("models.yaml");
    fs::write(&models, format!("endpoints:\n  - url: {}\n    model: test\n", model.url())).expect("a file");
    Server::with(&["--frames-per-second", "0", "--content", content.to_str().expect("UTF-8"), "--model", models.to_str().expect("UTF-8")])
}

/// Writes a message and waits for the bot's answer, unless a person has the talk. `false` when it is refused at the door.
async fn write(customer: &mut Customer, text: &str) -> bool {
    let taken = customer.command(json!({ "type": "message", "text": text })).await;
    if taken["type"] != "ack" {
        return false;
    }
    let place = seq(&taken);
    let ends = |event: &Value| event["kind"] == "handoff" || seq(event) > place && by_bot(event) && event["kind"] == "message";
    while !customer.log.iter().any(ends) {
        customer.frame().await;
    }
    true
}

async fn desk(server: &Address, method: &str, path: &str) -> Value {
    let (_, token) = desk_session(server, 0).await;
    let authorization = format!("Bearer {token}");
    let answer = http::request(method, &server.authority(), path, &[("authorization", &authorization)], None).await.expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json().expect("JSON")
}

/// The rule and reading that the bot noted with its last answer.
async fn decision(server: &Address, conversation: &str) -> Value {
    let events = server.events(conversation).await;
    events.iter().rev().find(|event| event["kind"] == "decision").map(|event| event["data"].clone()).expect("a decision")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_helps_customers_and_agents_and_sees_nothing_personal() {
    let model = Scripted::start(Script::Good).await;
    let server = server("good", &model);

    let mut customer = Customer::signed_in(&server, "P07", 1).await;
    let answer = customer.ask(ASKED).await;
    assert!(answer.contains("The lamp museum in the basement opens on holidays at 10."), "{answer}");
    assert!(
        answer.contains("automatically") && answer.contains("The lamp museum"),
        "it says where it is from, and that a machine made it: {answer}"
    );
    assert!(!answer.contains("Nobody pays"), "only what the model chose: {answer}");

    let mut other = Customer::anonymous(&server).await;
    other.ask(UNSURE).await;
    let noted = decision(&server, &other.conversation).await;
    assert!(noted["why"].as_str().is_some_and(|why| why.contains("second opinion")), "{noted}");

    let mut person = Customer::signed_in(&server, "P02", 1).await;
    let planted = [
        "+44 7700 900123",
        "jo.public@post.example",
        "12 Baker Street",
        "19850312-1234",
        "4111 1111 1111 1111",
        "GB29 NWBK 6016 1331 9268 19",
    ];
    for item in planted {
        person.say(&format!("the frobnicator of my cousin is {item} and she wonders about halves")).await;
    }
    person.ask_for_a_person().await;
    let path = format!("/api/desk/conversations/{}", person.conversation);
    let summary = desk(&server, "GET", &format!("{path}/summary")).await;
    let sentences = summary["sentences"].as_array().expect("sentences");
    // One that no event says, and one with an address on the net.
    assert!(!sentences.is_empty() && summary["dropped"] == 2, "{summary}");
    let log: Vec<u64> = server.public_events(&person.conversation).await.iter().map(seq).collect();
    let rests = |sentence: &Value| {
        sentence["seqs"].as_array().is_some_and(|seqs| !seqs.is_empty() && seqs.iter().all(|seq| log.contains(&seq.as_u64().unwrap_or(0))))
    };
    assert!(sentences.iter().all(rests), "{summary}");
    assert!(!summary.to_string().contains("burn"), "{summary}");
    let draft = desk(&server, "POST", &format!("{path}/draft")).await;
    assert_eq!(draft["text"], "Thank you for writing. I am looking into it.");
    let mut agent = Agent::sign_in(&server, 0).await;
    agent.post(json!({ "type": "watch", "conversation": person.conversation })).await;
    let packet = agent.until(|frame| frame["type"] == "packet").await;
    assert!(packet["packet"]["model_summary"]["sentences"].is_array() && packet["packet"]["summary"].is_array(), "{packet}");

    let asked: String = model.asked().iter().map(ToString::to_string).collect();
    for item in planted {
        assert!(!asked.contains(item), "{item} has left the process");
    }
    for event in server.public_events(&person.conversation).await {
        assert!(!event["data"].to_string().contains("evil"));
    }
    let account = server.api("/api/customers/P02").await;
    for name in ["given_name", "family_name"] {
        let name = account[name].as_str().or(account["customer"][name].as_str()).expect("a name");
        assert!(!asked.contains(name), "{name} has left the process");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_beyond_the_budget_whatever_is_wrong_with_the_model() {
    let model = Scripted::start(Script::Mixed).await;
    let server = server("faults", &model);
    let slowest = Mutex::new(Duration::ZERO);
    let talk = async |text: &str| {
        let mut customer = Customer::anonymous(&server).await;
        let began = Instant::now();
        let answer = customer.ask(text).await;
        let took = began.elapsed();
        let mut slowest = slowest.lock().expect("nobody panicked");
        *slowest = slowest.max(took);
        answer
    };
    // Each fault by itself; a good answer between them, so that the breaker stays closed.
    for fault in [Script::Silent, Script::Stalled, Script::Wrong, Script::Endless, Script::ContentType, Script::Empty] {
        model.plays(fault);
        let before = model.asked().len();
        assert!(!talk(UNSURE).await.is_empty());
        assert!(model.asked().len() > before, "{fault:?} was met");
        model.plays(Script::Good);
        talk(UNSURE).await;
    }
    // As on a bad day; then nothing but refusals, until the model is left alone.
    for script in [Script::Mixed, Script::Broken, Script::ExpiredKey] {
        model.plays(script);
        for _ in 0..6 {
            let answer = talk(ASKED).await;
            assert!(!answer.is_empty());
        }
    }
    let slowest = slowest.into_inner().expect("nobody panicked");
    println!("the slowest reply took {slowest:?}");
    // The budget is two seconds; the rest is for a busy machine.
    assert!(slowest < Duration::from_secs(4), "somebody waited {slowest:?}");
    let report = desk(&server, "GET", "/api/desk/model").await;
    assert_eq!(report["model"]["endpoints"][0]["left_alone"], true, "{report}");
}
