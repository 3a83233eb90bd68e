//! A shift through the real server: people with different skills, a rush, some who go away without a word, a node that is killed. Nobody is
//! stranded, nobody unskilled is asked, the bot keeps quiet, and within a kind whoever came first is offered first.
//!
//! `REDRESS_TEST_SHIFT=AGENTS,CUSTOMERS,HOURS` makes it larger; the full one is `40,3000,10`.

mod plan;

use crate::harness::{Agent, Customer, Hello, Server, WORDS_ALONE, by_bot};
use futures_util::future::join_all;
use plan::{Coming, STEP, Size, Worker};
use redress::domain::event::Event;
use redress::domain::ids::CustomerId;
use redress::services::signin::hash_password;
use redress::store::desk::{Role, Skills};
use redress::store::{Observer, Row, Store};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const SEED: u64 = 7;
const PASSWORD: &str = "a-long-password";
/// Nine in the morning on a Friday in Stockholm, an hour later in Helsinki.
const START: &str = "2026-12-04T08:00:00Z";

fn size() -> Size {
    let given = std::env::var("REDRESS_TEST_SHIFT").unwrap_or_default();
    let numbers: Vec<usize> = given.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match numbers[..] {
        [agents, customers, hours] => Size { agents, customers, hours },
        _ => Size { agents: 8, customers: 90, hours: 2 },
    }
}

struct Nobody;

impl Observer for Nobody {
    fn committed(&self, _: &Arc<Row>, _: &[Event]) {}
    fn account_changed(&self, _: &CustomerId) {}
    fn queue_changed(&self) {}
}

/// A customer in the shift.
struct Case {
    plan: Coming,
    conversation: String,
    came: usize,
    due_at: String,
    offered: Option<usize>,
    claimed: Option<usize>,
    /// Who has it, and until which step.
    talk: Option<(usize, usize)>,
    done: bool,
    estimate: Option<(i64, i64, i64)>,
}

/// A worker with their desk, while they are there.
struct Person {
    plan: Worker,
    id: String,
    desk: Option<Agent>,
    busy_steps: usize,
    there_steps: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shift_strands_nobody() {
    let size = size();
    let started = std::time::Instant::now();
    let (workers, coming) = (plan::workers(size, SEED), plan::customers(size, SEED));
    let mut server = Server::on_lasting_port(&WORDS_ALONE);
    server.kill9();
    put_workers(&server, &workers).await;
    server.restart_at(START);
    let mut people = Vec::new();
    for worker in &workers {
        people.push(Person { plan: worker.clone(), id: String::new(), desk: None, busy_steps: 0, there_steps: 0 });
    }
    let mut cases: Vec<Case> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut next = 0;
    let kill_at = size.steps() * 6 / 10;
    let limit = size.steps() * 3;
    let mut now = START.to_owned();
    let mut step = 0;
    while next < coming.len() || cases.iter().any(|case| !case.done) {
        assert!(step < limit, "{} of {} are stranded", cases.iter().filter(|case| !case.done).count(), cases.len());
        if step == kill_at {
            server.kill9();
            server.restart_at(&now);
            people.iter_mut().for_each(|person| person.desk = None);
        }
        attend(&server, &mut people, step).await;
        let here: Vec<&Coming> = coming[next..].iter().take_while(|coming| coming.step <= step).collect();
        next += here.len();
        let arrived = meanwhile_read(&mut people, join_all(here.iter().map(|coming| arrive(&server, coming)))).await;
        for (customer, estimate) in arrived {
            by_name.insert(customer.conversation.clone(), cases.len());
            cases.push(Case {
                plan: customer.plan,
                conversation: customer.conversation,
                came: step,
                due_at: String::new(),
                offered: None,
                claimed: None,
                talk: None,
                done: false,
                estimate,
            });
        }
        drain(&mut people).await;
        take(&server, &mut people, &mut cases, &by_name, step).await;
        drain(&mut people).await;
        work(&mut people, &mut cases, step).await;
        drain(&mut people).await;
        if step % 100 == 0 {
            println!("step {step}: {} came, {} ended, {:?}", cases.len(), cases.iter().filter(|case| case.done).count(), started.elapsed());
        }
        let moved = server.post("/api/clock", &json!({ "advance": format!("PT{STEP}S") })).await;
        assert_eq!(moved.status, 200, "{}", moved.body);
        now = moved.json().expect("JSON")["now"].as_str().expect("an instant").to_owned();
        step += 1;
    }
    for case in &cases {
        let events = server.events(&case.conversation).await;
        let claimed = events.iter().position(|event| event["kind"] == "handoff" && event["data"]["state"] == "claimed").expect("claimed");
        let after = &events[claimed..];
        assert!(!after.iter().any(|event| event["kind"] == "message" && by_bot(event)), "the bot spoke in {}", case.conversation);
        assert!(after.iter().any(|event| event["kind"] == "closed"), "{} was not ended", case.conversation);
    }
    is_fair(&cases);
    report(size, &cases, &people, &coming, &workers, started.elapsed());
}

/// Waits for something while every desk goes on reading, as a browser does: one that reads nothing for 20 seconds is cut off, and a busy
/// machine needs longer for what takes a moment.
async fn meanwhile_read<T>(people: &mut [Person], what: impl Future<Output = T>) -> T {
    tokio::pin!(what);
    let mut now_and_then = tokio::time::interval(std::time::Duration::from_millis(200));
    loop {
        tokio::select! {
            done = &mut what => return done,
            _ = now_and_then.tick() => drain(people).await,
        }
    }
}

/// Every desk reads what has come.
async fn drain(people: &mut [Person]) {
    join_all(people.iter_mut().filter_map(|person| person.desk.as_mut()).map(Agent::drain)).await;
}

async fn put_workers(server: &Server, workers: &[Worker]) {
    let store = Store::open(&Store::sqlite_url(&server.folder().join("data")), Arc::new(Nobody)).await.expect("opens");
    let hash = hash_password(PASSWORD).expect("long enough");
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    for worker in workers {
        let skills = Skills { skills: own(&worker.skills), languages: own(&worker.languages), capacity: worker.capacity as i64 };
        store.put_agent(&worker.name, Role::Agent, &skills, &hash, jiff::Timestamp::UNIX_EPOCH).await.expect("stored");
    }
}

/// Those who should be there are, those who go away are gone without a word.
async fn attend(server: &Server, people: &mut [Person], step: usize) {
    for at in 0..people.len() {
        let there = people[at].plan.is_there(step);
        if !there {
            people[at].desk = None;
            continue;
        }
        people[at].there_steps += 1;
        if people[at].desk.is_none() {
            drain(people).await;
            let person = &mut people[at];
            let answer = server.post("/api/desk/session", &json!({ "name": person.plan.name, "password": PASSWORD })).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let session = answer.json().expect("JSON");
            person.id = session["agent"]["id"].as_str().expect("an id").to_owned();
            let mut desk = Agent::open(server, person.plan.name.clone(), session["token"].as_str().expect("a token")).await;
            desk.does(json!({ "type": "available", "on": true })).await;
            person.desk = Some(desk);
        }
    }
}

struct Arrived {
    conversation: String,
    plan: Coming,
}

/// Says hello, says what it is about, asks for a person, hears the estimate and leaves the page open no longer.
async fn arrive(server: &Server, coming: &Coming) -> (Arrived, Option<(i64, i64, i64)>) {
    let mut customer = Customer::enter(server, Hello { locale: Some(coming.locale), ..Hello::default() }).await;
    if let Some(says) = coming.matter.says {
        customer.ask(says).await;
    }
    customer.ask_for_a_person().await;
    let queue = customer.until(|frame| frame["type"] == "queue").await;
    let number = |name: &str| queue[name].as_i64();
    let estimate = number("wait_low_seconds").zip(number("wait_seconds")).zip(number("wait_high_seconds"));
    let estimate = estimate.map(|((low, likely), high)| (low, likely, high));
    (Arrived { conversation: customer.conversation.clone(), plan: *coming }, estimate)
}

/// Whoever is asked takes it, until nobody is asked any more.
async fn take(server: &Server, people: &mut [Person], cases: &mut [Case], by_name: &HashMap<String, usize>, step: usize) {
    loop {
        let queue = server.api("/api/queue").await;
        let mut asked: HashMap<usize, Vec<usize>> = HashMap::new();
        for row in queue["waiting"].as_array().into_iter().flatten() {
            let Some(case) = row["conversation"].as_str().and_then(|id| by_name.get(id)).copied() else { continue };
            if cases[case].due_at.is_empty() {
                row["due"].as_str().expect("an instant").clone_into(&mut cases[case].due_at);
                let plan = cases[case].plan.matter;
                assert_eq!((row["skill"].as_str(), row["priority"].as_i64()), (Some(plan.queue), Some(plan.priority)), "{row}");
            }
            let Some(person) = people.iter().position(|person| row["offered_to"] == person.id.as_str() && !person.id.is_empty()) else {
                continue;
            };
            is_skilled(&people[person].plan, row, &queue);
            cases[case].offered.get_or_insert(step);
            asked.entry(person).or_default().push(case);
        }
        let mut taken = 0;
        let offers = people.iter_mut().enumerate().filter_map(|(at, person)| Some((person.desk.as_mut()?, asked.remove(&at)?)));
        let claims = offers.map(|(desk, offered)| {
            let names: Vec<(usize, String)> = offered.into_iter().map(|case| (case, cases[case].conversation.clone())).collect();
            async move {
                let mut done = Vec::new();
                for (case, conversation) in names {
                    desk.does(json!({ "type": "claim", "conversation": conversation })).await;
                    desk.inbox.clear();
                    done.push((case, desk.name.clone()));
                }
                done
            }
        });
        for (case, name) in join_all(claims).await.into_iter().flatten() {
            let person = people.iter().position(|person| person.plan.name == name).expect("works here");
            let case = &mut cases[case];
            case.claimed.get_or_insert(step);
            case.talk = Some((person, step + case.plan.talk));
            taken += 1;
        }
        if taken == 0 {
            return;
        }
    }
}

/// Only the skilled are asked; those who help out only when it is past due.
fn is_skilled(worker: &Worker, row: &Value, queue: &Value) {
    let skill = row["skill"].as_str().unwrap_or_default();
    let helps = skill == "general" && worker.skills.iter().any(|own| ["disputes", "credit", "complaints"].contains(own));
    let late = row["due"].as_str() <= row["waiting_since"].as_str() || helps;
    assert!(worker.skills.contains(&skill) || late, "{} was asked for {row} in {queue}", worker.name);
}

/// Replies at once, ends when the talk is over; what those had who are gone comes back by itself.
async fn work(people: &mut [Person], cases: &mut [Case], step: usize) {
    let mut to_do: HashMap<usize, Vec<(usize, bool)>> = HashMap::new();
    for (at, case) in cases.iter_mut().enumerate() {
        let Some((person, until)) = case.talk else { continue };
        if people[person].desk.is_none() {
            // Gone: somebody else will be asked.
            case.talk = None;
            continue;
        }
        to_do.entry(person).or_default().push((at, until <= step));
    }
    let jobs = people.iter_mut().enumerate().filter_map(|(at, person)| {
        let own = to_do.remove(&at)?;
        person.busy_steps += own.len();
        let names: Vec<(usize, String, bool)> =
            own.into_iter().map(|(case, ends)| (case, cases[case].conversation.clone(), ends)).collect();
        let desk = person.desk.as_mut()?;
        Some(async move {
            let mut ended = Vec::new();
            for (case, conversation, ends) in names.into_iter().filter(|(.., ends)| *ends) {
                let reply = desk.command(json!({ "type": "reply", "conversation": conversation, "text": "That is settled now." })).await;
                // After a restart an agent may have lost what they had, if they were away for too long.
                if reply["type"] == "ack" && ends {
                    desk.does(json!({ "type": "resolve", "conversation": conversation, "code": "solved" })).await;
                    ended.push(case);
                }
                desk.inbox.clear();
            }
            ended
        })
    });
    for case in join_all(jobs).await.into_iter().flatten() {
        cases[case].done = true;
        cases[case].talk = None;
    }
}

/// Within a queue, a priority and a language whoever came in an earlier step is not offered later.
fn is_fair(cases: &[Case]) {
    for one in cases {
        for other in cases.iter().filter(|other| other.came < one.came) {
            let same = (other.plan.matter, other.plan.locale) == (one.plan.matter, one.plan.locale);
            assert!(!same || other.offered <= one.offered, "{} came before {} and was offered later", other.conversation, one.conversation);
        }
    }
}

fn at(sorted: &[i64], share: f64) -> i64 {
    sorted.get(((sorted.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0)
}

fn report(size: Size, cases: &[Case], people: &[Person], coming: &[Coming], workers: &[Worker], took: std::time::Duration) {
    let plain = plan::first_come_first_served(coming, workers);
    let mut kinds: BTreeMap<i64, (Vec<i64>, Vec<i64>, i64)> = BTreeMap::new();
    for case in cases {
        let (waits, ..) = kinds.entry(case.plan.matter.priority).or_default();
        waits.push((case.claimed.expect("claimed") - case.came) as i64 * STEP);
        kinds.entry(case.plan.matter.priority).or_default().2 = case.plan.matter.minutes * 60;
    }
    for (coming, wait) in coming.iter().zip(&plain) {
        kinds.entry(coming.matter.priority).or_default().1.push(*wait);
    }
    println!("{} agents, {} customers, {} hours: {took:?}", size.agents, size.customers, size.hours);
    for (priority, (waits, plain, target)) in &mut kinds {
        waits.sort_unstable();
        plain.sort_unstable();
        let kept = |waits: &[i64]| 100 * waits.iter().filter(|wait| **wait <= *target).count() / waits.len().max(1);
        println!(
            "P{priority}: {} waited p50 {} s, p95 {} s, p99 {} s, longest {} s; in time {} % | first come first served: {} / {} / {} / {} s; {} %",
            waits.len(),
            at(waits, 0.5),
            at(waits, 0.95),
            at(waits, 0.99),
            at(waits, 1.0),
            kept(waits),
            at(plain, 0.5),
            at(plain, 0.95),
            at(plain, 0.99),
            at(plain, 1.0),
            kept(plain),
        );
    }
    let (busy, there): (usize, usize) =
        people.iter().fold((0, 0), |(busy, there), person| (busy + person.busy_steps, there + person.there_steps * person.plan.capacity));
    println!("utilisation {} %", 100 * busy / there.max(1));
    let told: Vec<(i64, (i64, i64, i64))> =
        cases.iter().filter_map(|case| Some(((case.claimed? - case.came) as i64 * STEP, case.estimate?))).collect();
    let waited: Vec<&(i64, (i64, i64, i64))> = told.iter().filter(|(wait, _)| *wait > 0).collect();
    let mut off: Vec<i64> = waited.iter().map(|(wait, (_, likely, _))| (wait - likely).abs()).collect();
    off.sort_unstable();
    let inside = waited.iter().filter(|(wait, (low, _, high))| low - STEP <= *wait && *wait <= high + STEP).count();
    println!(
        "estimate: {} had to wait; off by {} s in the median, {} s at p90; {} % inside the range that they were told",
        waited.len(),
        at(&off, 0.5),
        at(&off, 0.9),
        100 * inside / waited.len().max(1)
    );
}
