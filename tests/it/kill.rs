//! The server is killed with SIGKILL again and again under load. Whatever it acknowledged must be there afterwards, once,
//! in its place, and answered. `REDRESS_TEST_KILLS` sets how often (default 20).

use crate::harness::{Customer, Hello, IDENTITY_SECRET, SERVICE_TOKEN, Server, core, seq, token};
use serde_json::Value;
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

#[tokio::test]
async fn what_was_acknowledged_survives_every_kill() {
    let kills: u32 = std::env::var("REDRESS_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20);
    let mut server = Server::on_lasting_port(&["--frames-per-second", "0"]);
    let journal = server.folder().join("acknowledged.jsonl");
    let bench = Bench::start(&server, &journal);
    for kill in 0..kills {
        // Most kills hit a server at work, every fourth one that is still finishing what the last kill cut short.
        if kill % 4 != 3 {
            until_grown(&journal, 2_000).await;
            tokio::time::sleep(up_to_ms(400)).await;
        } else {
            tokio::time::sleep(up_to_ms(150)).await;
        }
        server.kill9();
        server.restart();
    }
    until_grown(&journal, 2_000).await;
    let report = bench.finish();
    let clean = ["gaps", "doubled", "out_of_order", "wrong_ack", "lost", "unreadable"];
    assert!(clean.iter().all(|fault| report["faults"][fault] == 0) && report["unanswered"] == 0, "{report:#}");
    assert_eq!(report["errors"], serde_json::json!({}), "{report:#}");
    assert!(report["reconnects"].as_u64() >= Some(u64::from(kills)), "{report:#}");

    let acked = read_journal(&journal);
    let mut by_conversation: HashMap<&str, Vec<&Acked>> = HashMap::new();
    for one in &acked {
        by_conversation.entry(&one.conversation).or_default().push(one);
    }
    for (conversation, acked) in &by_conversation {
        let events = server.public_events(conversation).await;
        for (index, event) in events.iter().enumerate() {
            assert_eq!(seq(event), index as u64 + 1, "a gap or a double in {conversation}");
        }
        let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
        for event in &events {
            if let Some(id) = event["id"].as_str() {
                places.entry(id).or_default().push(seq(event));
            }
        }
        for one in acked {
            assert_eq!(places.get(one.id.as_str()), Some(&vec![one.seq]), "{conversation}: {} was acknowledged as {}", one.id, one.seq);
        }
        every_message_is_answered(conversation, &events);
        let first = acked[0];
        let hello = Hello {
            token: first.customer.as_ref().map(|customer| token(customer, 1)),
            back: Some((first.conversation.clone(), first.resume.clone())),
            after: 0,
        };
        let mut back = Customer::enter(&server, hello).await;
        back.up_to(events.len() as u64).await;
        assert_eq!(back.log.iter().map(core).collect::<Vec<_>>(), events.iter().map(core).collect::<Vec<_>>());
    }
    println!("{kills} kills, {} acknowledged messages in {} conversations", acked.len(), by_conversation.len());
}

/// Between a customer's message and their next one stands an answer, and the last message has one too.
fn every_message_is_answered(conversation: &str, events: &[Value]) {
    let mut open: Option<&Value> = None;
    for event in events {
        if event["by"]["kind"] == "customer" && event["kind"] == "message" {
            assert!(open.is_none(), "{conversation}: no answer to {}", open.unwrap_or(event));
            open = Some(event);
        } else if event["by"]["kind"] != "customer" {
            open = None;
        }
    }
    assert!(open.is_none(), "{conversation}: no answer to {}", open.unwrap_or(&Value::Null));
}
