//! A tiny server for the tests of the load generator: speaks just enough of the protocol, and breaks one promise on request.

use super::load::{self, LoadReport, Plan};
use super::scripts::Flows;
use super::socket::Target;
use super::tokens::Tokens;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

/// The promise that is broken, at the third message of every conversation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Break {
    Nothing,
    /// An event is never sent.
    Gap,
    /// The bot's event is sent twice.
    Double,
    /// The acknowledgement names another place.
    WrongAck,
    /// The message is acknowledged but not stored.
    Lost,
    /// The bot does not answer.
    Silence,
    /// The connection is cut after the message was stored and before it was acknowledged.
    Cut,
    /// The same, and the resent message is stored again.
    CutAndForget,
}

/// All conversations: their events, as they are sent.
type Logs = Arc<Mutex<HashMap<String, Vec<Value>>>>;

async fn serve(listener: TcpListener, broken: Break) {
    let logs = Logs::default();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::task::spawn_local(one(stream, logs.clone(), broken));
    }
}

async fn one(stream: TcpStream, logs: Logs, broken: Break) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut socket = tokio_tungstenite::accept_async(stream).await.ok()?;
    let hello = read(&mut socket).await?;
    let after = hello["after"].as_u64().unwrap_or(0);
    let name = hello["conversation"].as_str().map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    let missed: Vec<Value> = logs.lock().ok()?.entry(name.clone()).or_default().iter().skip(after as usize).cloned().collect();
    let head = after + missed.len() as u64;
    send(&mut socket, &json!({ "type": "welcome", "conversation": name, "resume": "r", "head": head, "owner": "bot" })).await?;
    for event in missed {
        send(&mut socket, &event).await?;
    }
    loop {
        let frame = read(&mut socket).await?;
        let id = frame["id"].as_str()?.to_owned();
        let (news, place, third) = {
            let mut logs = logs.lock().ok()?;
            let log = logs.get_mut(&name)?;
            let known = log.iter().position(|event| event["id"] == id.as_str()).filter(|_| broken != Break::CutAndForget);
            match known {
                Some(index) => (Vec::new(), index as u64 + 1, false),
                None => {
                    let place = log.len() as u64 + 1;
                    let own =
                        json!({ "type": "event", "seq": place, "id": id, "by": { "kind": "customer" }, "kind": "message", "data": {} });
                    let bot = json!({ "type": "event", "seq": place + 1, "by": { "kind": "bot" }, "kind": "message", "data": {} });
                    log.extend([own.clone(), bot.clone()]);
                    (vec![own, bot], place, place == 5)
                }
            }
        };
        let broken = if third { broken } else { Break::Nothing };
        if matches!(broken, Break::Cut | Break::CutAndForget) {
            return None;
        }
        let said = if broken == Break::WrongAck { place + 1 } else { place };
        send(&mut socket, &json!({ "type": "ack", "id": id, "seq": said })).await?;
        for (index, event) in news.iter().enumerate() {
            match (broken, index) {
                (Break::Gap, 0) | (Break::Lost, _) | (Break::Silence, 1) => {}
                (Break::Double, 1) => {
                    send(&mut socket, event).await?;
                    send(&mut socket, event).await?;
                }
                _ => send(&mut socket, event).await?,
            }
        }
    }
}

async fn read(socket: &mut WebSocketStream<TcpStream>) -> Option<Value> {
    loop {
        if let Message::Text(text) = socket.next().await?.ok()? {
            return serde_json::from_str(&text).ok();
        }
    }
}

async fn send(socket: &mut WebSocketStream<TcpStream>, frame: &Value) -> Option<()> {
    socket.send(Message::text(frame.to_string())).await.ok()
}

fn play(broken: Break, rate: Option<f64>) -> LoadReport {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let target = Target::parse(&format!("ws://{}", listener.local_addr().expect("an address"))).await.expect("a target");
        tokio::task::spawn_local(serve(listener, broken));
        let plan = Plan {
            conversations: 4,
            seconds: 0.5,
            warmup: 0.0,
            rate,
            flows: Flows::Lookups,
            patience: Duration::from_millis(300),
            budget: Duration::from_secs(2),
            pid: None,
        };
        let tokens = Tokens::new(Some("a secret of at least thirty-two bytes"), &target.authority);
        load::run(target, &tokens, &plan, None, CancellationToken::new()).await.expect("a report")
    })
}

#[test]
fn a_server_that_keeps_its_promises_gets_a_clean_report() {
    for broken in [Break::Nothing, Break::Cut] {
        let report = play(broken, None);
        assert!(report.is_clean(), "{broken:?}: {report:?}");
        assert_eq!(report.reconnects, if broken == Break::Cut { 4 } else { 0 }, "{report:?}");
        assert!(report.turns > 100, "{report:?}");
        assert!(report.ack_ms.count > 100 && report.ack_ms.p50 <= report.reply_ms.p50, "{report:?}");
    }
}

#[test]
fn an_open_loop_keeps_to_its_rate() {
    let report = play(Break::Nothing, Some(200.0));
    assert!(report.is_clean(), "{report:?}");
    assert!((50..=110).contains(&report.turns), "{report:?}");
}

#[test]
fn every_broken_promise_is_noticed() {
    for (broken, count) in [
        (Break::Gap, (|report: &LoadReport| report.faults.gaps) as fn(&LoadReport) -> u64),
        (Break::Double, |report| report.faults.doubled),
        (Break::WrongAck, |report| report.faults.wrong_ack),
        (Break::Lost, |report| report.faults.gaps + report.faults.lost + report.unanswered),
        (Break::Silence, |report| report.unanswered),
        (Break::CutAndForget, |report| report.faults.doubled),
    ] {
        let report = play(broken, None);
        assert!(count(&report) >= 4, "{broken:?}: each of the four conversations should notice: {report:?}");
        assert!(!report.is_clean());
    }
}
