//! A thousand sockets, cut at random while people talk; each comes back for what it missed, and all end with the same log.
//!
//! Needs about 1,100 open files in the test and as many in the server; both limits are raised as far as the system allows
//! (`ulimit -H -n` shows how far).

use crate::harness::{Customer, Heard, Server, WORDS_ALONE, allow_many_files, core, new_id, seq, token};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Conversations, sockets in each (the first one writes), and what is written.
const CONVERSATIONS: usize = 250;
const SOCKETS: usize = 4;
const TEXTS: [&str; 4] =
    ["when is my next payment due?", "how much do i owe in total?", "show me my payment schedule", "can you say that again?"];
/// Each socket is cut about once in so many frames.
const CUT_ONE_IN: u32 = 6;

fn unlucky() -> bool {
    rand::random::<u32>().is_multiple_of(CUT_ONE_IN)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_storm_everybody_has_the_same_log() {
    allow_many_files();
    let server = Arc::new(Server::with(&WORDS_ALONE));
    let cuts = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    // Everybody is connected before the first word.
    let mut speakers = Vec::new();
    let mut listeners = Vec::new();
    for number in 0..CONVERSATIONS {
        let persona = ["P01", "P02", "P03", "P28"][number % 4];
        let speaker = Customer::enter(&server, crate::harness::Hello { token: Some(token(persona, 1)), ..Default::default() }).await;
        for _ in 1..SOCKETS {
            listeners.push((number, Customer::enter(&server, speaker.hello.clone()).await));
        }
        speakers.push(speaker);
    }
    assert_eq!(speakers.len() + listeners.len(), 1000);

    // At most so many speak at the same moment, as the machine of a test is small.
    let floor = Arc::new(Semaphore::new(64));
    let mut heads = Vec::new();
    let mut speaking = Vec::new();
    for mut speaker in speakers {
        let (said, head) = tokio::sync::watch::channel(None::<u64>);
        heads.push(head);
        let (server, cuts, floor) = (server.clone(), cuts.clone(), floor.clone());
        speaking.push(tokio::spawn(async move {
            for text in TEXTS {
                let _turn = floor.acquire().await.expect("never closed");
                let place = say_in_the_storm(&server, &mut speaker, text, &cuts).await;
                loop {
                    // The answer, or the cut that comes before it.
                    if speaker.log.iter().any(|event| seq(event) > place && event["by"]["kind"] == "bot") {
                        break;
                    }
                    hear_or_be_cut(&server, &mut speaker, &cuts).await;
                }
            }
            let head = server.public_events(&speaker.conversation).await.len() as u64;
            let _ = said.send(Some(head));
            speaker.up_to(head).await;
            speaker
        }));
    }
    let mut listening = Vec::new();
    for (number, mut listener) in listeners {
        let (server, cuts, mut head) = (server.clone(), cuts.clone(), heads[number].clone());
        listening.push(tokio::spawn(async move {
            let mut end = None;
            while end.is_none_or(|end| listener.head() < end) {
                if end.is_some() {
                    hear_or_be_cut(&server, &mut listener, &cuts).await;
                    continue;
                }
                tokio::select! {
                    changed = head.changed() => {
                        changed.expect("the speaker comes to an end");
                        end = *head.borrow();
                    }
                    () = hear_or_be_cut(&server, &mut listener, &cuts) => {}
                }
            }
            (number, listener)
        }));
    }
    let mut logs = Vec::new();
    for task in speaking {
        let speaker = task.await.expect("no speaker fails");
        let stored: Vec<Value> = server.public_events(&speaker.conversation).await.iter().map(core).collect();
        assert!(stored.len() >= 2 * TEXTS.len(), "{} events", stored.len());
        assert_eq!(speaker.log.iter().map(core).collect::<Vec<_>>(), stored);
        assert_eq!(stored.iter().filter(|event| event["by"]["kind"] == "customer").count(), TEXTS.len(), "each message is stored once");
        logs.push(speaker.log);
    }
    for task in listening {
        let (number, listener) = task.await.expect("no listener fails");
        assert_eq!(listener.log, logs[number], "a listener of conversation {number} has another log than the speaker");
    }
    let cuts = cuts.load(std::sync::atomic::Ordering::Relaxed);
    assert!(cuts > 1000, "it was a storm: {cuts} cuts");
}

/// Takes the next frame; then, at random, cuts the connection and comes back.
async fn hear_or_be_cut(server: &Server, customer: &mut Customer, cuts: &std::sync::atomic::AtomicUsize) {
    match customer.hear().await {
        Heard::Frame(_) if !unlucky() => {}
        Heard::Frame(_) => {
            cuts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            customer.reconnect(server).await;
        }
        ended => panic!("the server cut a connection by itself: {ended:?}"),
    }
}

/// Writes a message that is sent again after every cut until it is acknowledged; returns its place.
async fn say_in_the_storm(server: &Server, speaker: &mut Customer, text: &str, cuts: &std::sync::atomic::AtomicUsize) -> u64 {
    let id = new_id();
    let frame = json!({ "type": "message", "id": id, "text": text });
    loop {
        speaker.socket.send(&frame).await;
        loop {
            if unlucky() {
                cuts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                speaker.reconnect(server).await;
                break;
            }
            let heard = speaker.frame().await;
            if heard["type"] == "ack" && heard["id"] == id.as_str() {
                return seq(&heard);
            }
        }
    }
}
