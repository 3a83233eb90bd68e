//! Two at the same instant: exactly one may win, and the bot is silent from the moment a person has the conversation.

use crate::harness::{Agent, Customer, Server, WORDS_ALONE, by_bot, desk_session, seq};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How many conversations race side by side, and how often each: 1,000 races in all.
const WORKERS: usize = 10;
const ROUNDS: usize = 100;

fn has_state(event: &Value, state: &str) -> bool {
    event["kind"] == "handoff" && event["data"]["state"] == state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_agents_who_claim_at_once_exactly_one_wins() {
    let server = Arc::new(Server::with(&WORDS_ALONE));
    let sessions = [desk_session(&server, 0).await, desk_session(&server, 1).await];
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (server, sessions) = (server.clone(), sessions.clone());
            tokio::spawn(async move {
                let mut agents = Vec::new();
                for (name, token) in sessions {
                    agents.push(Agent::open(&server, name, &token).await);
                }
                let [one, two] = &mut agents[..] else { panic!("two agents") };
                let mut customer = Customer::anonymous(&server).await;
                let conversation = customer.conversation.clone();
                let claim = json!({ "type": "claim", "conversation": conversation });
                let mut wins = [0, 0];
                for round in 0..ROUNDS {
                    customer.ask_for_a_person().await;
                    let (first, second) = if round % 2 == 0 {
                        tokio::join!(one.command(claim.clone()), two.command(claim.clone()))
                    } else {
                        let (second, first) = tokio::join!(two.command(claim.clone()), one.command(claim.clone()));
                        (first, second)
                    };
                    let winner = match (first["type"].as_str(), second["type"].as_str()) {
                        (Some("ack"), Some("error")) => 0,
                        (Some("error"), Some("ack")) => 1,
                        _ => panic!("round {round}: one should win, not {first} and {second}"),
                    };
                    let lost = if winner == 0 { &second } else { &first };
                    assert_eq!(lost["code"], "conflict", "{lost}");
                    wins[winner] += 1;
                    let agent = if winner == 0 { &mut *one } else { &mut *two };
                    agent.does(json!({ "type": "return", "conversation": conversation })).await;
                    agent.inbox.clear();
                    let returned = customer.until(|frame| frame["type"] == "event" && has_state(frame, "returned")).await;
                    customer.log.retain(|event| seq(event) > seq(&returned));
                }
                let claims = server.public_events(&conversation).await.iter().filter(|event| has_state(event, "claimed")).count();
                assert_eq!(claims, ROUNDS, "each round was claimed once");
                wins
            })
        })
        .collect();
    let mut wins = [0, 0];
    for worker in workers {
        let won = worker.await.expect("no worker fails");
        wins = [wins[0] + won[0], wins[1] + won[1]];
    }
    assert_eq!(wins[0] + wins[1], WORKERS * ROUNDS);
    assert!(wins[0] > 0 && wins[1] > 0, "it was a race: {wins:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bot_is_silent_from_the_moment_of_a_claim() {
    let server = Arc::new(Server::with(&WORDS_ALONE));
    let session = desk_session(&server, 0).await;
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (server, (name, token)) = (server.clone(), session.clone());
            tokio::spawn(async move {
                let mut agent = Agent::open(&server, name, &token).await;
                let mut customer = Customer::signed_in(&server, "P01", 1).await;
                let conversation = customer.conversation.clone();
                customer.ask("when is my next payment due?").await;
                for round in 0..ROUNDS {
                    // The message starts a bot turn, the claim comes at the same moment, a little before or a little after.
                    let claim = json!({ "type": "claim", "conversation": conversation });
                    let say = json!({ "type": "message", "text": "how much do i owe?" });
                    let apart = Duration::from_micros(rand::random::<u64>() % 3_000);
                    if round % 2 == 0 {
                        customer.post(say).await;
                        tokio::time::sleep(apart).await;
                        agent.does(claim).await;
                    } else {
                        let id = agent.post(claim).await;
                        tokio::time::sleep(apart / 2).await;
                        customer.post(say).await;
                        assert_eq!(agent.answer_to(&id).await["type"], "ack");
                    }
                    customer.until(|frame| frame["type"] == "ack").await;
                    // A word of the agent's, so that a late turn of the bot's has all the time it needs to go wrong.
                    agent.does(json!({ "type": "reply", "conversation": conversation, "text": "One moment, please." })).await;
                    customer.until(|frame| frame["type"] == "event" && frame["by"]["kind"] == "agent" && frame["kind"] == "message").await;
                    agent.does(json!({ "type": "return", "conversation": conversation })).await;
                    agent.inbox.clear();
                    customer.until(|frame| frame["type"] == "event" && has_state(frame, "returned")).await;
                }
                outcomes_of(&server.public_events(&conversation).await)
            })
        })
        .collect();
    let mut all = Outcomes::default();
    for worker in workers {
        let one = worker.await.expect("no worker fails");
        all = Outcomes {
            answered: all.answered + one.answered,
            cut_short: all.cut_short + one.cut_short,
            too_late: all.too_late + one.too_late,
        };
    }
    println!("{all:?}");
    assert_eq!(all.answered + all.cut_short + all.too_late, WORKERS * ROUNDS);
    assert!(all.answered > 0 && all.cut_short + all.too_late > 0, "it was a race: {all:?}");
}

/// How the races of a conversation ended.
#[derive(Debug, Default)]
struct Outcomes {
    /// The bot had answered before the claim.
    answered: usize,
    /// The message was there before the claim, and the bot was stopped.
    cut_short: usize,
    /// The message came after the claim.
    too_late: usize,
}

/// Goes through a log: the bot must not speak between a claim and the return.
fn outcomes_of(events: &[Value]) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let (mut owned, mut asked, mut answered) = (false, false, false);
    for event in events {
        if has_state(event, "claimed") {
            match (asked, answered) {
                (true, true) => outcomes.answered += 1,
                (true, false) => outcomes.cut_short += 1,
                (false, _) => outcomes.too_late += 1,
            }
            owned = true;
        } else if has_state(event, "returned") {
            (owned, asked, answered) = (false, false, false);
        } else if event["by"]["kind"] == "customer" {
            (asked, answered) = (true, false);
        } else if by_bot(event) {
            assert!(!owned, "the bot spoke while a person had the conversation: {event}");
            answered = true;
        }
    }
    outcomes
}
