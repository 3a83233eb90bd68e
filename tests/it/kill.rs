//! The server is killed with SIGKILL again and again under load. Whatever it acknowledged must be there afterwards, once,
//! in its place, and answered. `REDRESS_TEST_KILLS` sets how often (default 20).

use crate::harness::{
    Address, Customer, Heard, Hello, IDENTITY_SECRET, SERVICE_TOKEN, Server, WORDS_ALONE, by_bot, core, new_id, seq, token,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Conversations that go on all the time.
const CONVERSATIONS: usize = 24;

/// The load generator, ended when dropped.
struct Bench(Child);

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Bench {
    fn start(server: &Server, journal: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["bench", "--json", "--flows", "all", "--warmup", "0", "--seconds", "3600", "--patience", "60"])
            .args(["--url", &format!("ws://{}", server.authority()), "--conversations", &CONVERSATIONS.to_string()])
            .arg("--resume-check")
            .arg(journal)
            .env("REDRESS_SERVICE_TOKEN", SERVICE_TOKEN)
            .env("REDRESS_IDENTITY_SECRET", IDENTITY_SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the load generator starts");
        Self(child)
    }

    /// Lets it finish its turns; returns its report.
    fn finish(mut self) -> Value {
        let pid = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the load generator can be asked to stop");
        let output = self.0.stdout.take().expect("its output");
        let report = std::io::read_to_string(output).expect("a report");
        serde_json::from_str(&report).unwrap_or_else(|error| panic!("the report is JSON ({error}): {report}"))
    }
}

/// What was acknowledged, from the file that the load generator writes.
struct Acked {
    customer: Option<String>,
    conversation: String,
    resume: String,
    id: String,
    seq: u64,
}

fn read_journal(journal: &Path) -> Vec<Acked> {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    text.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            let field = |name: &str| line[name].as_str().expect("text").to_owned();
            Acked {
                customer: line["customer"].as_str().map(str::to_owned),
                conversation: field("conversation"),
                resume: field("resume"),
                id: field("id"),
                seq: seq(&line),
            }
        })
        .collect()
}

/// Waits until the load generator has had so many more acknowledgements.
async fn until_grown(journal: &Path, bytes: u64) {
    let size = || std::fs::metadata(journal).map_or(0, |file| file.len());
    let (start, since) = (size(), Instant::now());
    while size() < start + bytes {
        assert!(since.elapsed() < Duration::from_secs(60), "the load stands still");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn up_to_ms(most: u64) -> Duration {
    Duration::from_micros(rand::random::<u64>() % (most * 1000))
}

/// Kills in all.
fn kills() -> usize {
    std::env::var("REDRESS_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

#[tokio::test]
async fn what_was_acknowledged_survives_every_kill() {
    let kills = kills();
    let mut server = Server::on_lasting_port(&WORDS_ALONE);
    server.kill9();
    server.import(&copies(kills));
    server.restart();
    let journal = server.folder().join("acknowledged.jsonl");
    let bench = Bench::start(&server, &journal);
    let mut writers = Vec::new();
    for kill in 0..kills {
        writers.push(tokio::spawn(reports_a_lost_parcel(*server, format!("LOST{kill}"))));
        writers.push(tokio::spawn(postpones_a_payment(*server, format!("LATE{kill}"))));
        // Most kills hit a server at work, every fourth one that is still finishing what the last kill cut short.
        if kill % 4 != 3 {
            until_grown(&journal, 2_000).await;
            tokio::time::sleep(up_to_ms(300)).await;
        } else {
            tokio::time::sleep(up_to_ms(150)).await;
        }
        server.kill9();
        // Starting takes a while and blocks; the customers go on trying meanwhile.
        server = tokio::task::spawn_blocking(move || {
            server.restart();
            server
        })
        .await
        .expect("the server starts again");
    }
    let mut conversations = Vec::new();
    for writer in writers {
        conversations.push(writer.await.expect("every customer comes to an end"));
    }
    let report = bench.finish();
    let clean = ["gaps", "doubled", "out_of_order", "wrong_ack", "lost", "unreadable"];
    assert!(clean.iter().all(|fault| report["faults"][fault] == 0) && report["unanswered"] == 0, "{report:#}");
    assert_eq!(report["errors"], json!({}), "{report:#}");
    assert!(report["reconnects"].as_u64() >= Some(kills as u64), "{report:#}");

    let acked = read_journal(&journal);
    let mut by_conversation: HashMap<&str, Vec<&Acked>> = HashMap::new();
    for one in &acked {
        by_conversation.entry(&one.conversation).or_default().push(one);
    }
    let mut actions = HashMap::new();
    for (conversation, acked) in &by_conversation {
        let events = server.public_events(conversation).await;
        check_log(conversation, &events);
        let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
        for event in &events {
            if let Some(id) = event["id"].as_str() {
                places.entry(id).or_default().push(seq(event));
            }
        }
        for one in acked {
            assert_eq!(places.get(one.id.as_str()), Some(&vec![one.seq]), "{conversation}: {} was acknowledged as {}", one.id, one.seq);
        }
        let first = acked[0];
        let hello = Hello {
            token: first.customer.as_ref().map(|customer| token(customer, 1)),
            back: Some((first.conversation.clone(), first.resume.clone())),
            after: 0,
            locale: None,
        };
        let mut back = Customer::enter(&server, hello).await;
        back.up_to(events.len() as u64).await;
        assert_eq!(back.log.iter().map(core).collect::<Vec<_>>(), events.iter().map(core).collect::<Vec<_>>());
        count_actions(&server, conversation, &mut actions).await;
    }
    for conversation in &conversations {
        check_log(conversation, &server.public_events(conversation).await);
        count_actions(&server, conversation, &mut actions).await;
    }
    let twice: Vec<_> = actions.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "done more than once: {twice:?}");
    for kill in 0..kills {
        let lost = server.api(&format!("/api/customers/LOST{kill}")).await;
        assert_eq!(lost["orders"][0]["disputes"].as_array().map(Vec::len), Some(1), "{lost:#}");
        assert_eq!(lost["orders"][0]["plan"]["instalments"][1]["status"], "paused", "{lost:#}");
        let late = server.api(&format!("/api/customers/LATE{kill}")).await;
        let plan = &late["orders"][0]["plan"];
        assert_eq!(plan["extensions_used"], 1, "{late:#}");
        assert!(plan["instalments"][1]["due_on"].as_str() > plan["instalments"][1]["original_due_on"].as_str(), "{late:#}");
    }
    assert!(actions.len() >= 2 * kills, "every copy did what it came for: {actions:?}");
    println!(
        "{kills} kills, {} acknowledged messages in {} conversations, {} actions, {} reconnects",
        acked.len(),
        by_conversation.len(),
        actions.len(),
        report["reconnects"]
    );
}

/// Accounts like those of P07 (a lost parcel) and P06 (a payment that can be moved), a pair for each kill.
fn copies(count: usize) -> String {
    let personas = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/personas.jsonl")).expect("the demo's accounts");
    let line = |id: &str| personas.lines().find(|line| line.contains(&format!(r#""kind":"customer","id":"{id}""#))).expect("the persona");
    let copy = |id: &str, order: &str, name: String, number: usize| {
        line(id).replace(&format!("\"{id}"), &format!("\"{name}")).replace(order, &format!("{}-{}", &order[..3], 70_000 + number)) + "\n"
    };
    (0..count)
        .map(|number| {
            copy("P07", "KES-20417", format!("LOST{number}"), number) + &copy("P06", "NOR-48213", format!("LATE{number}"), number)
        })
        .collect()
}

/// A customer whose parcel is lost and who gets a case for it, through every kill; returns the conversation.
async fn reports_a_lost_parcel(server: Address, name: String) -> String {
    let mut customer = back_in(&server, Hello { token: Some(token(&name, 1)), ..Hello::default() }).await;
    let lines = ["my parcel never came", "it never arrived", "yes", "they didn't answer", "skip", "yes"];
    let mut said = String::new();
    for line in lines {
        said = insist(&server, &mut customer, line).await;
    }
    assert!(said.contains("Your case is"), "{name}: {said}");
    let again = insist(&server, &mut customer, "my parcel never came").await;
    assert!(again.contains("already"), "{name}: {again}");
    customer.conversation
}

/// A customer who moves a payment once, through every kill; returns the conversation.
async fn postpones_a_payment(server: Address, name: String) -> String {
    let mut customer = back_in(&server, Hello { token: Some(token(&name, 2)), ..Hello::default() }).await;
    let mut said = String::new();
    for line in ["can i pay next week instead", "the first one", "yes please"] {
        said = insist(&server, &mut customer, line).await;
    }
    assert!(said.contains("moved from"), "{name}: {said}");
    customer.conversation
}

/// Lets the customer in (again), however long the server is away.
async fn back_in(server: &Address, hello: Hello) -> Customer {
    let since = Instant::now();
    loop {
        match Customer::try_enter(server, hello.clone()).await {
            Ok(customer) => return customer,
            Err(problem) => assert!(since.elapsed() < Duration::from_secs(90), "the server does not come back: {problem}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Writes a message, again under its id after each cut, until it is acknowledged and the bot has answered; returns the answer.
async fn insist(server: &Address, customer: &mut Customer, text: &str) -> String {
    let id = new_id();
    let frame = json!({ "type": "message", "id": id, "text": text });
    customer.socket.send(&frame).await;
    let mut place = None;
    loop {
        match customer.hear().await {
            Heard::Frame(frame) if frame["type"] == "ack" && frame["id"] == id.as_str() => place = Some(seq(&frame)),
            Heard::Frame(frame) => assert_ne!(frame["type"], "error", "{frame}"),
            Heard::Closed(..) | Heard::Gone => {
                let fresh = back_in(server, customer.way_back()).await;
                (customer.socket, customer.welcome) = (fresh.socket, fresh.welcome);
                if place.is_none() {
                    customer.socket.send(&frame).await;
                }
            }
        }
        if place.is_some_and(|place| customer.log.iter().any(|event| seq(event) > place && by_bot(event) && event["kind"] == "message")) {
            return customer.answer_after(place.unwrap_or_default()).await;
        }
    }
}

/// Counts what was done in a conversation, by action and subject.
async fn count_actions(server: &Address, conversation: &str, actions: &mut HashMap<(String, String), usize>) {
    for event in server.events(conversation).await.iter().filter(|event| event["kind"] == "action") {
        let field = |name: &str| event["data"][name].as_str().unwrap_or_default().to_owned();
        *actions.entry((field("action"), field("subject"))).or_default() += 1;
    }
}

/// `seq` counts on without a hole; each message of the customer's is answered, unless a person has the conversation.
fn check_log(conversation: &str, events: &[Value]) {
    let mut open: Option<&Value> = None;
    let mut with_a_person = false;
    for (index, event) in events.iter().enumerate() {
        assert_eq!(seq(event), index as u64 + 1, "a gap or a double in {conversation}");
        if event["kind"] == "handoff" {
            with_a_person = event["data"]["state"] != "returned";
        }
        if event["by"]["kind"] == "customer" && event["kind"] == "message" {
            assert!(open.is_none(), "{conversation}: no answer to {}", open.unwrap_or(event));
            open = Some(event).filter(|_| !with_a_person);
        } else if event["by"]["kind"] != "customer" {
            open = None;
        }
    }
    assert!(open.is_none(), "{conversation}: no answer to {}", open.unwrap_or(&Value::Null));
}
