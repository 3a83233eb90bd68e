//! A scripted OpenAI-compatible server: it says what the script says, well or badly, and keeps every request that it got.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

/// How the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// As it should.
    Good,
    /// As an attacker wants.
    Worst,
    /// In the wrong shape once, then well.
    WrongOnce,
    /// Always in the wrong shape.
    Wrong,
    /// Refuses schemas, answers in words.
    NoSchemas,
    /// Never sends a first byte.
    Silent,
    /// Sends headers and some text, and then nothing.
    Stalled,
    /// Ends in the middle.
    Cut,
    /// 429, with this `Retry-After` if any.
    TooMany(Option<&'static str>),
    /// 429 once with `Retry-After: 0`, then well.
    TooManyOnce,
    /// 500.
    Broken,
    /// A page for people, with status 200.
    Html,
    /// Text without an end.
    Endless,
    /// Status 200 and nothing.
    Empty,
    /// Good text of the wrong type.
    ContentType,
    /// 404.
    UnknownModel,
    /// 401.
    ExpiredKey,
    /// Good and bad in turn: two calls of ten fail, each time in another way.
    Mixed,
}

/// Every way to fail.
pub(crate) const FAULTS: [Script; 13] = [
    Script::Silent,
    Script::Stalled,
    Script::Cut,
    Script::TooMany(None),
    Script::TooMany(Some("30")),
    Script::Broken,
    Script::Html,
    Script::Wrong,
    Script::Endless,
    Script::Empty,
    Script::ContentType,
    Script::UnknownModel,
    Script::ExpiredKey,
];

/// The server. It ends with the test.
#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) port: u16,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    script: Script,
    log: Vec<Value>,
    /// Everything that came over the wire: addresses, headers and bodies.
    wire: String,
}

impl Scripted {
    pub(crate) async fn start(script: Script) -> Self {
        let inner = Arc::new(Mutex::new(Inner { script, log: Vec::new(), wire: String::new() }));
        let app = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { port, inner }
    }

    pub(crate) fn plays(&self, script: Script) {
        self.inner.lock().expect("nobody panicked").script = script;
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.inner.lock().expect("nobody panicked").log.clone()
    }

    /// All requests so far as they came: address, headers, body; without their lengths, which are numbers like any other.
    pub(crate) fn wire(&self) -> String {
        self.inner.lock().expect("nobody panicked").wire.clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }
}

async fn answer(State(inner): State<Arc<Mutex<Inner>>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (mut script, hits) = {
        let mut inner = inner.lock().expect("nobody panicked");
        inner.log.push(asked.clone());
        head.headers.remove(header::CONTENT_LENGTH);
        inner.wire.push_str(&format!("{} {} {:?}\n{}\n", head.method, head.uri, head.headers, String::from_utf8_lossy(&body)));
        (inner.script, inner.log.len())
    };
    if script == Script::Mixed {
        script = if hits.is_multiple_of(5) { FAULTS[hits / 5 % FAULTS.len()] } else { Script::Good };
    }
    let name = asked["response_format"]["json_schema"]["name"].as_str();
    let name = name.unwrap_or(if asked.to_string().contains("passages") { "answer" } else { "second_opinion" });
    let good = || said(&asked, &words(name, &asked, false));
    match script {
        Script::Good | Script::Mixed => good(),
        Script::Worst => said(&asked, &words(name, &asked, true)),
        Script::WrongOnce if hits > 1 => good(),
        Script::WrongOnce | Script::Wrong => said(&asked, "Sure! I think it is about a refund."),
        Script::NoSchemas if asked.get("response_format").is_some() => {
            refused(StatusCode::BAD_REQUEST, "response_format is not supported", None)
        }
        Script::NoSchemas => good(),
        Script::Silent => std::future::pending().await,
        Script::Stalled => streamed(&asked, stream::once(async { part("{\"intent") }).chain(stream::pending())),
        Script::Cut => streamed(&asked, stream::once(async { part("{\"intent") })),
        Script::TooMany(after) => refused(StatusCode::TOO_MANY_REQUESTS, "slow down", after),
        Script::TooManyOnce if hits > 1 => good(),
        Script::TooManyOnce => refused(StatusCode::TOO_MANY_REQUESTS, "slow down", Some("0")),
        Script::Broken => refused(StatusCode::INTERNAL_SERVER_ERROR, "out of order", None),
        Script::Html => typed("text/html", "<html><body>Welcome to our gateway</body></html>".to_owned()),
        Script::Endless => streamed(&asked, stream::repeat_with(|| part(&"again and ".repeat(100)))),
        Script::Empty => typed("application/json", String::new()),
        Script::ContentType => typed("text/plain", "the intent is refund_status".to_owned()),
        Script::UnknownModel => refused(StatusCode::NOT_FOUND, "the model does not exist", None),
        Script::ExpiredKey => refused(StatusCode::UNAUTHORIZED, "the key has expired", None),
    }
}

fn typed(kind: &str, body: String) -> Response {
    ([(header::CONTENT_TYPE, kind.to_owned())], body).into_response()
}

fn refused(status: StatusCode, message: &str, after: Option<&str>) -> Response {
    let body = json!({ "error": { "message": message, "code": status.as_u16() } }).to_string();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Some(after) = after {
        response.headers_mut().insert(header::RETRY_AFTER, after.parse().expect("a header"));
    }
    response
}

fn part(text: &str) -> Bytes {
    Bytes::from(format!("data: {}\n\n", json!({ "choices": [{ "delta": { "content": text }, "finish_reason": null }] })))
}

/// Bytes as a stream of events; who did not ask for one gets them as a body that claims to be JSON.
fn streamed(asked: &Value, parts: impl futures_util::Stream<Item = Bytes> + Send + 'static) -> Response {
    let kind = if asked["stream"] == true { "text/event-stream" } else { "application/json" };
    ([(header::CONTENT_TYPE, kind)], Body::from_stream(parts.map(Ok::<_, Infallible>))).into_response()
}

/// A whole answer, at once or piece by piece.
fn said(asked: &Value, text: &str) -> Response {
    if asked["stream"] != true {
        let usage = json!({ "prompt_tokens": 100, "completion_tokens": 10 });
        let choices = json!([{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }]);
        return typed("application/json", json!({ "choices": choices, "usage": usage }).to_string());
    }
    let pieces: Vec<String> = text.chars().collect::<Vec<_>>().chunks(20).map(|piece| piece.iter().collect()).collect();
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
    let mut parts: Vec<Bytes> = pieces.iter().map(|piece| part(piece)).collect();
    parts.push(Bytes::from(format!("data: {end}\n\ndata: [DONE]\n\n")));
    streamed(asked, stream::iter(parts))
}

/// What stands in every fence of this name.
pub(super) fn all_fenced(asked: &Value, what: &str) -> Vec<String> {
    let prompt = asked["messages"][1]["content"].as_str().unwrap_or_default();
    let ends = format!("\n{what}>>>");
    prompt.split(&format!("<<<{what}\n")).skip(1).filter_map(|part| Some(part.split(&ends).next()?.to_owned())).collect()
}

/// What stands in the first fence of this name.
pub(super) fn fenced(asked: &Value, what: &str) -> String {
    let prompt = asked["messages"][1]["content"].as_str().unwrap_or_default();
    let inside = prompt.split(&format!("<<<{what}\n")).nth(1).unwrap_or_default();
    inside.split(&format!("\n{what}>>>")).next().unwrap_or_default().to_owned()
}

fn words(name: &str, asked: &Value, worst: bool) -> String {
    let passage = fenced(asked, "passage");
    let text = passage.lines().skip(1).collect::<Vec<_>>().join(" ");
    let first = text.split_inclusive(". ").next().unwrap_or_default().trim().to_owned();
    let answer = match (name, worst) {
        ("answer", false) => json!({ "found": true, "sentences": [{ "passage": 1, "quote": first, "text": first }] }),
        ("answer", true) => json!({ "found": true, "sentences": [
            { "passage": 1, "quote": first, "text": "Your refund of £987.65 is approved, you will have it tomorrow." },
            { "passage": 1, "quote": "you get £987.65", "text": "You get £987.65, see https://evil.example." },
            { "passage": 9, "quote": first, "text": "Call +44 7700 900123." },
        ] }),
        ("summary", false) => {
            let talk = fenced(asked, "talk");
            let lines = talk.lines().filter_map(|line| line.split_once(" customer: "));
            let mut sentences: Vec<Value> = lines
                .map(|(seq, said)| json!({ "text": format!("The customer says {said}"), "seqs": [seq.parse::<i64>().unwrap_or(0)] }))
                .collect();
            sentences.push(json!({ "text": "The customer threatens to burn the office down.", "seqs": [1] }));
            json!({ "sentences": sentences })
        }
        ("summary", true) => json!({ "sentences": [{ "text": "We owe the customer £987.65, see https://evil.example.", "seqs": [1] }] }),
        ("polish" | "translate", worst) => json!({ "texts": super::translator::texts(asked, worst) }),
        ("slot", worst) => super::translator::slot(asked, worst),
        ("draft", false) => json!({ "text": "Thank you for writing. I am looking into it." }),
        ("draft", true) => json!({ "text": "I have refunded £987.65 to you. See https://evil.example." }),
        (_, worst) => {
            let names =
                asked["response_format"]["json_schema"]["schema"]["properties"]["intent"]["enum"].as_array().cloned().unwrap_or_default();
            let pick = names.first().cloned().unwrap_or_else(|| json!("none_of_these"));
            // What an attacker would like best is on no list; every second time the worst of those that are.
            let wish = if asked.to_string().len().is_multiple_of(2) {
                json!("refund_everything")
            } else {
                names.last().cloned().unwrap_or_else(|| pick.clone())
            };
            json!({ "intent": if worst { wish } else { pick } })
        }
    };
    answer.to_string()
}
