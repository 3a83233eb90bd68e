//! A language model that fails as often as it is told to, each time in another way: an OpenAI-compatible server of plain sockets, because a good
//! HTTP server would not send half of this. It speaks to nobody but the server under test.

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The largest request that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// How long a connection stays open without a byte: longer than anybody should wait.
const STALL: Duration = Duration::from_secs(30);
/// How long a slow model takes to its first word.
const SLOW: Duration = Duration::from_secs(5);

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    SlowFirstToken,
    Stalled,
    Cut,
    TooMany,
    ServerError,
    Html,
    WrongSchema,
    Endless,
    Empty,
    ContentType,
    Refused,
    TooManyRetryAfter,
    UnknownModel,
    ExpiredKey,
}

/// All of them; last those after which a client does well to stay away for long, so that the others come up before.
const FAULTS: [Fault; 14] = [
    Fault::SlowFirstToken,
    Fault::Stalled,
    Fault::Cut,
    Fault::TooMany,
    Fault::ServerError,
    Fault::Html,
    Fault::WrongSchema,
    Fault::Endless,
    Fault::Empty,
    Fault::ContentType,
    Fault::Refused,
    Fault::TooManyRetryAfter,
    Fault::UnknownModel,
    Fault::ExpiredKey,
];

/// What was asked of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Played {
    calls: u64,
    good: u64,
    /// How often each fault was played.
    failed: BTreeMap<Fault, u64>,
}

/// Whether and how a call fails, by its number from 1 on: evenly spread, each fault in its turn.
fn fault(call: u64, share: f64) -> Option<Fault> {
    let failed = |calls: u64| (calls as f64 * share).floor() as u64;
    let before = failed(call - 1);
    (failed(call) > before).then(|| FAULTS[before as usize % FAULTS.len()])
}

/// Plays a model at this address until the run ends. Must run inside a `LocalSet`.
///
/// # Errors
/// When the address cannot be listened on.
pub(super) async fn start(address: &str, share: f64) -> Result<Rc<RefCell<Played>>> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("--model-at {address}: cannot listen there"))?;
    let played = Rc::new(RefCell::new(Played::default()));
    let counted = Rc::clone(&played);
    tokio::task::spawn_local(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let counted = Rc::clone(&counted);
            tokio::task::spawn_local(async move {
                // Who hangs up has its reasons: a client that stops waiting does.
                let _ = serve(socket, share, &counted).await;
            });
        }
    });
    Ok(played)
}

async fn serve(mut socket: TcpStream, share: f64, played: &RefCell<Played>) -> std::io::Result<()> {
    let Some(asked) = read(&mut socket).await? else { return Ok(()) };
    let fault = {
        let mut played = played.borrow_mut();
        played.calls += 1;
        let fault = fault(played.calls, share);
        match fault {
            Some(fault) => *played.failed.entry(fault).or_default() += 1,
            None => played.good += 1,
        }
        fault
    };
    let good = || whole(&asked, &words(&asked));
    let refuse =
        |status: &str, more: &str| response(status, "application/json", &json!({ "error": { "message": "no" } }).to_string(), more);
    let answer = match fault {
        None => good(),
        Some(Fault::SlowFirstToken) => {
            tokio::time::sleep(SLOW).await;
            good()
        }
        Some(Fault::Stalled) => {
            socket.write_all(half(&asked).as_bytes()).await?;
            tokio::time::sleep(STALL).await;
            return Ok(());
        }
        Some(Fault::Cut) => half(&asked),
        Some(Fault::Endless) => {
            socket.write_all(half(&asked).as_bytes()).await?;
            loop {
                socket.write_all(event(&"again and ".repeat(100)).as_bytes()).await?;
            }
        }
        Some(Fault::TooMany) => refuse("429 Too Many Requests", ""),
        Some(Fault::TooManyRetryAfter) => refuse("429 Too Many Requests", "retry-after: 30\r\n"),
        Some(Fault::ServerError) => refuse("500 Internal Server Error", ""),
        Some(Fault::UnknownModel) => refuse("404 Not Found", ""),
        Some(Fault::ExpiredKey) => refuse("401 Unauthorized", ""),
        Some(Fault::Html) => response("200 OK", "text/html", "<html><body>Welcome to our gateway</body></html>", ""),
        Some(Fault::ContentType) => response("200 OK", "text/plain", "it is about a refund", ""),
        Some(Fault::WrongSchema) => whole(&asked, "{\"topic\": 7}"),
        Some(Fault::Empty) => response("200 OK", "application/json", "", ""),
        // The connection goes away without a byte, as if nobody were there.
        Some(Fault::Refused) => return Ok(()),
    };
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await
}

/// The body of a request, as JSON; `None` when it is none.
async fn read(socket: &mut TcpStream) -> std::io::Result<Option<Value>> {
    let mut bytes = Vec::new();
    loop {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|end| end + 4);
        if let Some(start) = head {
            let lines = String::from_utf8_lossy(&bytes[..start]).to_lowercase();
            let length = lines.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            if let Some(body) = bytes.get(start..start + length.unwrap_or(0)) {
                return Ok(serde_json::from_slice(body).ok());
            }
        }
        if bytes.len() > MOST_BYTES || socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

fn response(status: &str, kind: &str, body: &str, more: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n{more}\r\n{body}", body.len())
}

/// A piece of a streamed answer.
fn event(text: &str) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "delta": { "content": text }, "finish_reason": null }] }))
}

fn is_stream(asked: &Value) -> bool {
    asked["stream"] == true
}

/// The head and the first words of an answer that does not end.
fn half(asked: &Value) -> String {
    let kind = if is_stream(asked) { "text/event-stream" } else { "application/json" };
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n{}", event("{\"intent"))
}

/// A whole answer, in the way that was asked for.
fn whole(asked: &Value, text: &str) -> String {
    if !is_stream(asked) {
        let body = json!({ "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 200, "completion_tokens": 10 } });
        return response("200 OK", "application/json", &body.to_string(), "");
    }
    let mut body = event(text);
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
    let _ = write!(body, "data: {end}\n\ndata: [DONE]\n\n");
    response("200 OK", "text/event-stream", &body, "")
}

/// What it says: the first intent of the list, no value in free words, texts as they were given, or the first sentence of the first passage.
fn words(asked: &Value) -> String {
    let properties = &asked["response_format"]["json_schema"]["schema"]["properties"];
    if let Some(names) = properties["intent"]["enum"].as_array() {
        return json!({ "intent": names.first() }).to_string();
    }
    if ["date", "amount", "option"].iter().any(|value| properties.get(value).is_some()) {
        return json!({ "found": false }).to_string();
    }
    let prompt = asked["messages"][1]["content"].as_str().unwrap_or_default();
    if properties.get("texts").is_some() {
        let fenced = prompt.split("<<<text\n").skip(1).filter_map(|rest| rest.split("\ntext>>>").next());
        return json!({ "texts": fenced.collect::<Vec<_>>() }).to_string();
    }
    let passage = prompt.split("<<<passage\n").nth(1).and_then(|rest| rest.split("\npassage>>>").next()).unwrap_or_default();
    let text = passage.split_once('\n').map_or("", |(_, text)| text);
    let first = text.split_inclusive(". ").next().unwrap_or_default().trim();
    json!({ "found": !first.is_empty(), "sentences": [{ "passage": 1, "quote": first, "text": first }] }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_of_five_fails_and_every_fault_has_its_turn() {
        let all: Vec<Option<Fault>> = (1..=700).map(|call| fault(call, 0.2)).collect();
        assert_eq!(all.iter().flatten().count(), 140);
        for one in FAULTS {
            assert_eq!(all.iter().flatten().filter(|other| **other == one).count(), 10, "{one:?}");
        }
        assert!((1..=20).all(|call| fault(call, 0.0).is_none() && fault(call, 1.0).is_some()));
    }

    #[test]
    fn it_says_what_the_schema_allows() {
        let asked = json!({ "response_format": { "json_schema": { "schema": { "properties": { "intent": { "enum": ["a", "b"] } } } } } });
        assert_eq!(words(&asked), r#"{"intent":"a"}"#);
        let of = |name: &str| json!({ "response_format": { "json_schema": { "schema": { "properties": { name: {} } } } }, "messages": [{}, { "content": "<<<text\nbonjour\ntext>>>" }] });
        assert_eq!((words(&of("date")).as_str(), words(&of("texts")).as_str()), (r#"{"found":false}"#, r#"{"texts":["bonjour"]}"#));
        let asked = json!({ "messages": [{}, { "content": "x\n<<<passage\nTitle\nOne. Two.\npassage>>>" }] });
        assert!(words(&asked).contains(r#""quote":"One.""#), "{}", words(&asked));
    }
}
