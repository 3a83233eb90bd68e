//! Plays many conversations at once on one thread, at a rate or flat out, and adds up what they saw.

use super::conversation::{Conversation, Schedule, World};
use super::histogram::{Histogram, Percentiles};
use super::ledger::Faults;
use super::process::Usage;
use super::scripts::{self, Flows};
use super::socket::Target;
use super::tokens::Tokens;
use anyhow::{Context, Result};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What to play.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) conversations: usize,
    /// Measured time.
    pub(super) seconds: f64,
    /// Played before it, not measured.
    pub(super) warmup: f64,
    /// Turns a second over all conversations; `None` = flat out.
    pub(super) rate: Option<f64>,
    pub(super) flows: Flows,
    pub(super) patience: Duration,
    /// What a reply may take; slower ones are counted.
    pub(super) budget: Duration,
    /// The server's process, to report what it uses.
    pub(super) pid: Option<u32>,
}

/// What the conversations saw, all together.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) turns: u64,
    pub(super) events: u64,
    pub(super) ack: Histogram,
    pub(super) reply: Histogram,
    /// Replies that took longer than the budget.
    pub(super) late: u64,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) unanswered: u64,
    pub(super) handovers: u64,
    pub(super) reconnects: u64,
    pub(super) faults: Faults,
}

impl Tally {
    pub(super) fn error(&mut self, code: &str) {
        *self.errors.entry(code.to_owned()).or_default() += 1;
    }

    /// Forgets the figures of the warm-up; errors and faults stay.
    fn restart(&mut self) {
        self.turns = 0;
        self.events = 0;
        self.ack = Histogram::default();
        self.reply = Histogram::default();
        self.late = 0;
    }
}

/// The figures of a load run.
#[derive(Debug, Serialize)]
pub(super) struct LoadReport {
    conversations: usize,
    flows: &'static str,
    /// Turns a second asked for; absent = flat out.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    seconds: f64,
    pub(super) turns: u64,
    turns_per_s: f64,
    events: u64,
    /// From the moment a frame was due until its acknowledgement.
    pub(super) ack_ms: Percentiles,
    /// From the moment a frame was due until the bot's first event after it.
    pub(super) reply_ms: Percentiles,
    /// Replies that took longer than --budget-ms.
    late: u64,
    errors: BTreeMap<String, u64>,
    pub(super) unanswered: u64,
    handovers: u64,
    pub(super) reconnects: u64,
    pub(super) faults: Faults,
    /// The share of one core that the load generator itself used; near 1 means that it was the bottleneck.
    client_cpu: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_cpu: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_cpu_us_per_turn: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_rss_kib: Option<u64>,
}

impl LoadReport {
    /// Whether every promise was kept and every turn answered.
    pub(super) fn is_clean(&self) -> bool {
        self.faults.total() == 0 && self.unanswered == 0 && self.errors.is_empty()
    }
}

/// A file that says what was acknowledged, written as it happens: one JSON object a line.
pub(super) struct Journal(RefCell<File>);

impl Journal {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("--resume-check {}: cannot be written", path.display()))?;
        Ok(Self(RefCell::new(file)))
    }

    pub(super) fn acked(&self, customer: Option<&str>, conversation: &str, resume: &str, id: &str, seq: u64) {
        let line = serde_json::json!({ "customer": customer, "conversation": conversation, "resume": resume, "id": id, "seq": seq });
        // A full disk must not stop the load; the reader of the file sees what is missing.
        let _ = self.0.borrow_mut().write_all(format!("{line}\n").as_bytes());
    }
}

/// Plays the plan. Must run inside a `LocalSet`.
///
/// # Errors
/// When the server cannot be reached or gives no tokens.
pub(super) async fn run(
    target: Target,
    tokens: &Tokens,
    plan: &Plan,
    journal: Option<Journal>,
    stop: CancellationToken,
) -> Result<LoadReport> {
    let personas = scripts::personas(plan.flows);
    let tokens = tokens.for_all(personas.iter().filter_map(|persona| persona.customer.map(|customer| (customer, persona.level)))).await?;
    let world =
        Rc::new(World { target, patience: plan.patience, budget: plan.budget, stop: stop.clone(), tally: RefCell::default(), journal });

    let mut conversations = Vec::with_capacity(plan.conversations);
    for number in 0..plan.conversations {
        let persona = personas[number % personas.len()];
        let token = persona.customer.and_then(|customer| tokens.get(&(customer, persona.level)).cloned());
        let mut conversation = Conversation::new(world.clone(), number, persona, token);
        conversation.open().await.with_context(|| format!("conversation {number}"))?;
        conversations.push(conversation);
    }

    let start = Instant::now();
    let tasks: Vec<_> = conversations
        .into_iter()
        .enumerate()
        .map(|(number, conversation)| {
            let schedule = plan.rate.map(|rate| {
                let every = Duration::from_secs_f64(plan.conversations as f64 / rate);
                Schedule { next: start + every.mul_f64(number as f64 / plan.conversations as f64), every }
            });
            tokio::task::spawn_local(conversation.talk(schedule))
        })
        .collect();

    wait(plan.warmup, &stop).await;
    world.tally.borrow_mut().restart();
    let usage = Usage::now(plan.pid);
    let begin = Instant::now();
    wait(plan.seconds, &stop).await;
    let seconds = begin.elapsed().as_secs_f64();
    let used = Usage::now(plan.pid).since(&usage);
    let (turns, events) = {
        let tally = world.tally.borrow();
        (tally.turns, tally.events)
    };
    stop.cancel();
    for task in tasks {
        task.await.context("a conversation of the load generator failed")?;
    }

    let tally = world.tally.borrow();
    Ok(LoadReport {
        conversations: plan.conversations,
        flows: match plan.flows {
            Flows::All => "all",
            Flows::Lookups => "lookups",
            Flows::Unsure => "unsure",
        },
        rate: plan.rate,
        seconds,
        turns,
        turns_per_s: turns as f64 / seconds,
        events,
        ack_ms: tally.ack.percentiles(),
        reply_ms: tally.reply.percentiles(),
        late: tally.late,
        errors: tally.errors.clone(),
        unanswered: tally.unanswered,
        handovers: tally.handovers,
        reconnects: tally.reconnects,
        faults: tally.faults.clone(),
        client_cpu: used.own_cpu_s / seconds,
        server_cpu: used.server_cpu_s.map(|cpu| cpu / seconds),
        server_cpu_us_per_turn: used.server_cpu_s.filter(|_| turns > 0).map(|cpu| cpu * 1e6 / turns as f64),
        server_rss_kib: used.server_rss_kib,
    })
}

async fn wait(seconds: f64, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs_f64(seconds)) => {}
        () = stop.cancelled() => {}
    }
}
