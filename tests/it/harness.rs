//! Starts the real server and speaks to it like customers, agents and other programs do.
//!
//! Nothing here sleeps to wait for something: every wait is for a frame or an answer, with a generous limit.

use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use redress::cli::bench::http;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

/// How long any one wait may take; a loaded machine is slow, a hung server is not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const SERVICE_TOKEN: &str = "the-service-token-of-the-tests";
pub(crate) const IDENTITY_SECRET: &str = "the-identity-secret-of-the-tests-0123456789";

/// Where a server listens, whether it runs or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address {
    pub(crate) port: u16,
}

/// A running server with a data folder of its own.
pub(crate) struct Server {
    child: Child,
    address: Address,
    folder: PathBuf,
    options: Vec<String>,
}

impl Server {
    /// Starts a demo server without a limit of frames a second, which would only slow the tests.
    pub(crate) fn start() -> Self {
        Self::with(&["--frames-per-second", "0"])
    }

    /// Starts a demo server with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("server-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the server's data");
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let (child, address) = launch(&folder, &options, 0);
        Self { child, address, folder, options }
    }

    /// Starts a demo server whose port stays its own while it is down: a port that the system gives out for outgoing
    /// connections could be taken by one of them before the server is back.
    pub(crate) fn on_lasting_port(options: &[&str]) -> Self {
        let mut server = Self::with(options);
        server.kill9();
        server.address.port = lasting_port();
        server.restart();
        server
    }

    /// One server for all tests that ask for it at the same time; it ends with the last of them.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start());
        *shared = Arc::downgrade(&server);
        server
    }

    /// SIGKILL: no chance to say or save anything.
    pub(crate) fn kill9(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("a killed server ends");
    }

    /// SIGTERM, and waits for the end; returns whether it ended with success.
    pub(crate) fn terminate(&mut self) -> bool {
        self.ask_to_stop();
        self.child.wait().expect("the server ends").success()
    }

    /// SIGTERM, without waiting.
    pub(crate) fn ask_to_stop(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the server can be asked to stop");
    }

    /// Starts it again on the same data and the same port, after a kill or an end.
    pub(crate) fn restart(&mut self) {
        (self.child, self.address) = launch(&self.folder, &self.options, self.address.port);
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// `redress import` of these lines; the server must be down.
    pub(crate) fn import(&self, lines: &str) {
        let file = self.folder.join("import.jsonl");
        fs::write(&file, lines).expect("a file to import");
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["import", "--data"])
            .arg(self.folder.join("data"))
            .arg(&file)
            .env_remove("DATABASE_URL")
            .output()
            .expect("the import runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl std::ops::Deref for Server {
    type Target = Address;

    fn deref(&self) -> &Address {
        &self.address
    }
}

impl Address {
    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `GET` without credentials.
    pub(crate) async fn get(&self, path: &str) -> http::Answer {
        http::request("GET", &self.authority(), path, &[], None).await.expect("an answer")
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> http::Answer {
        let authorization = format!("Bearer {SERVICE_TOKEN}");
        http::request("POST", &self.authority(), path, &[("authorization", &authorization)], Some(&body.to_string()))
            .await
            .expect("an answer")
    }

    /// `GET` as a program of the company; must succeed.
    pub(crate) async fn api(&self, path: &str) -> Value {
        let authorization = format!("Bearer {SERVICE_TOKEN}");
        let answer = http::request("GET", &self.authority(), path, &[("authorization", &authorization)], None).await.expect("an answer");
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.json().expect("JSON")
    }

    /// The whole log of a conversation, desk-only events included.
    pub(crate) async fn events(&self, conversation: &str) -> Vec<Value> {
        let answer = self.api(&format!("/api/conversations/{conversation}/events?after=0")).await;
        let events = if answer.is_array() { &answer } else { &answer["events"] };
        events.as_array().unwrap_or_else(|| panic!("a list of events, not {answer}")).clone()
    }

    /// What customers see of it.
    pub(crate) async fn public_events(&self, conversation: &str) -> Vec<Value> {
        self.events(conversation).await.into_iter().filter(is_public).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server's data and log are in {}", self.folder.display());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn launch(folder: &Path, options: &[String], port: u16) -> (Child, Address) {
    let log_path = folder.join("server.log");
    let log = File::options().create(true).append(true).open(&log_path).expect("a log file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}"), "--content", env!("CARGO_MANIFEST_DIR")])
        .arg("--data")
        .arg(folder.join("data"))
        .args(options)
        .env_remove("DATABASE_URL")
        .env_remove("NATS_URL")
        .env("REDRESS_SERVICE_TOKEN", SERVICE_TOKEN)
        .env("REDRESS_IDENTITY_SECRET", IDENTITY_SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("the server can be started");
    let output = child.stdout.take().expect("its standard output");
    let (said, listening) = mpsc::channel();
    // Reads on to the end, so that the server never waits for somebody to read.
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(port) = line.strip_prefix("listening on http://127.0.0.1:").and_then(|port| port.trim().parse().ok()) {
                let _ = said.send(port);
            }
        }
    });
    match listening.recv_timeout(PATIENCE) {
        Ok(port) => (child, Address { port }),
        Err(_) => {
            let _ = child.kill();
            let status = child.wait();
            panic!("the server did not start ({status:?}): {}", fs::read_to_string(&log_path).unwrap_or_default());
        }
    }
}

/// A free port below those that Linux gives to outgoing connections (from 32768).
fn lasting_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 20_000 + (std::process::id() % 1_000) as u16 * 10;
    (0..1_000)
        .map(|_| start + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one of a thousand ports is free")
}

/// Raises the limit of open files as far as it goes; a test with a thousand sockets needs more than the usual 1024.
pub(crate) fn allow_many_files() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
}

/// An identity token that the server accepts.
pub(crate) fn token(customer: &str, level: u8) -> String {
    let now = wall_s();
    sign(&json!({ "sub": customer, "level": level, "iat": now, "exp": now + 3600 }), IDENTITY_SECRET)
}

/// Any token: these claims, signed with that secret.
pub(crate) fn sign(claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a signed token")
}

pub(crate) fn wall_s() -> i64 {
    redress::domain::time::wall().as_second()
}

pub(crate) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Whether customers see the event.
pub(crate) fn is_public(event: &Value) -> bool {
    event["sub"].as_i64().unwrap_or(0) == 0
}

pub(crate) fn seq(event: &Value) -> u64 {
    event["seq"].as_u64().unwrap_or_else(|| panic!("an event with a seq, not {event}"))
}

/// Whether the bot wrote it.
pub(crate) fn by_bot(event: &Value) -> bool {
    event["by"]["kind"] == "bot"
}

/// What is the same for everybody who sees an event, in whatever frame it came.
pub(crate) fn core(event: &Value) -> Value {
    json!({
        "seq": event["seq"], "at": event["at"], "by": event["by"], "kind": event["kind"], "data": event["data"], "id": event["id"],
    })
}

/// What comes out of a socket.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Value),
    /// Closed by the server: code and reason.
    Closed(u16, String),
    /// Cut without a word.
    Gone,
}

/// A WebSocket to the server.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn open(server: &Address, path: &str) -> Self {
        Self::try_open(server, path, &[]).await.unwrap_or_else(|status| panic!("the upgrade of {path} was refused with {status}"))
    }

    /// Opens a socket with more headers; the error is the HTTP status of the refusal.
    pub(crate) async fn try_open(server: &Address, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let stream = TcpStream::connect(server.authority()).await.map_err(|_| 0_u16)?;
        stream.set_nodelay(true).map_err(|_| 0_u16)?;
        let mut request = format!("ws://{}{path}", server.authority()).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        match tokio::time::timeout(PATIENCE, tokio_tungstenite::client_async_with_config(request, stream, Some(config))).await {
            Ok(Ok((socket, _))) => Ok(Self(socket)),
            Ok(Err(Error::Http(answer))) => Err(answer.status().as_u16()),
            Ok(Err(_)) => Err(0),
            Err(_) => panic!("no answer to the upgrade of {path}"),
        }
    }

    /// Sends any WebSocket message. What cannot be sent because the socket is gone shows in the next [`Socket::hear`].
    pub(crate) async fn send_raw(&mut self, message: Message) {
        let _ = self.0.send(message).await;
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    /// The next frame, or how the socket ended.
    pub(crate) async fn hear(&mut self) -> Heard {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Frame(serde_json::from_str(&text).expect("the server sends JSON")),
                    Some(Ok(Message::Close(Some(frame)))) => return Heard::Closed(frame.code.into(), frame.reason.to_string()),
                    Some(Ok(Message::Binary(_))) => panic!("the server sends text only"),
                    Some(Ok(Message::Close(None)) | Err(_)) | None => return Heard::Gone,
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("nothing came for {} seconds", PATIENCE.as_secs()))
    }

    /// The next frame; the socket must be open.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            other => panic!("a frame should come, not {other:?}"),
        }
    }

    /// Reads to the end: the frames on the way, and the close code (0 = cut without one).
    pub(crate) async fn ended(&mut self) -> (Vec<Value>, u16) {
        let mut frames = Vec::new();
        loop {
            match self.hear().await {
                Heard::Frame(frame) => frames.push(frame),
                Heard::Closed(code, reason) => {
                    assert!(code == 1000 || !reason.is_empty(), "close code {code} should come with a reason");
                    return (frames, code);
                }
                Heard::Gone => return (frames, 0),
            }
        }
    }
}

/// How a customer says hello.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hello {
    pub(crate) token: Option<String>,
    /// Conversation and secret.
    pub(crate) back: Option<(String, String)>,
    pub(crate) after: u64,
}

impl Hello {
    pub(crate) fn frame(&self) -> Value {
        let mut frame = json!({ "type": "hello", "locale": "en", "after": self.after });
        if let Some(token) = &self.token {
            frame["token"] = json!(token);
        }
        if let Some((conversation, resume)) = &self.back {
            frame["conversation"] = json!(conversation);
            frame["resume"] = json!(resume);
        }
        frame
    }
}

/// A customer with an open conversation. Checks with every event that `seq` counts on without a hole.
pub(crate) struct Customer {
    pub(crate) socket: Socket,
    pub(crate) welcome: Value,
    pub(crate) conversation: String,
    pub(crate) hello: Hello,
    /// Every event so far, from `after` on.
    pub(crate) log: Vec<Value>,
    head: u64,
}

impl Customer {
    pub(crate) async fn anonymous(server: &Address) -> Self {
        Self::enter(server, Hello::default()).await
    }

    pub(crate) async fn signed_in(server: &Address, customer: &str, level: u8) -> Self {
        Self::enter(server, Hello { token: Some(token(customer, level)), ..Hello::default() }).await
    }

    /// Says hello; must be let in.
    pub(crate) async fn enter(server: &Address, hello: Hello) -> Self {
        Self::try_enter(server, hello).await.unwrap_or_else(|problem| panic!("no welcome: {problem}"))
    }

    /// Says hello; the error says what came instead of a welcome.
    pub(crate) async fn try_enter(server: &Address, hello: Hello) -> Result<Self, String> {
        let mut socket = Socket::try_open(server, "/ws/chat", &[]).await.map_err(|status| format!("upgrade refused with {status}"))?;
        socket.send(&hello.frame()).await;
        let welcome = match socket.hear().await {
            Heard::Frame(frame) if frame["type"] == "welcome" => frame,
            other => return Err(format!("{other:?}")),
        };
        let text = |field: &str| welcome[field].as_str().unwrap_or_else(|| panic!("welcome has `{field}`: {welcome}")).to_owned();
        let (conversation, resume) = (text("conversation"), text("resume"));
        let head = hello.after;
        let hello = Hello { back: Some((conversation.clone(), resume)), ..hello };
        Ok(Self { socket, welcome, conversation, hello, log: Vec::new(), head })
    }

    /// The `seq` of the last event seen.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// How to come back and get what is missed.
    pub(crate) fn way_back(&self) -> Hello {
        Hello { after: self.head, ..self.hello.clone() }
    }

    /// Cuts the connection without a word, and comes back; keeps the log.
    pub(crate) async fn reconnect(&mut self, server: &Address) {
        let fresh = Self::enter(server, self.way_back()).await;
        (self.socket, self.welcome) = (fresh.socket, fresh.welcome);
    }

    /// What comes next; events go into the log.
    pub(crate) async fn hear(&mut self) -> Heard {
        let heard = self.socket.hear().await;
        if let Heard::Frame(frame) = &heard
            && frame["type"] == "event"
        {
            assert_eq!(seq(frame), self.head + 1, "seq has a hole or a double: {frame}");
            assert!(is_public(frame), "a customer sees what is for the desk only: {frame}");
            self.head += 1;
            self.log.push(frame.clone());
        }
        heard
    }

    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            other => panic!("a frame should come, not {other:?}"),
        }
    }

    /// The next frame that fits; frames that don't are skipped (events stay in the log).
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.frame().await;
            if fits(&frame) {
                return frame;
            }
        }
    }

    /// Waits until the log reaches that `seq`.
    pub(crate) async fn up_to(&mut self, head: u64) {
        while self.head < head {
            self.frame().await;
        }
    }

    /// Sends a frame with a new id; returns the id.
    pub(crate) async fn post(&mut self, mut frame: Value) -> String {
        let id = new_id();
        frame["id"] = json!(id);
        self.socket.send(&frame).await;
        id
    }

    /// Sends a frame with a new id and waits for its `ack` or `error`.
    pub(crate) async fn command(&mut self, frame: Value) -> Value {
        let id = self.post(frame).await;
        self.until(|frame| (frame["type"] == "ack" || frame["type"] == "error") && frame["id"] == id.as_str()).await
    }

    /// The same; must be acknowledged. Returns the place in the log.
    pub(crate) async fn acked(&mut self, frame: Value) -> u64 {
        let answer = self.command(frame).await;
        assert_eq!(answer["type"], "ack", "{answer}");
        seq(&answer)
    }

    /// Writes a message and waits until it is acknowledged.
    pub(crate) async fn say(&mut self, text: &str) -> u64 {
        self.acked(json!({ "type": "message", "text": text })).await
    }

    /// Writes a message and waits for the bot's answer to it: all that the bot said, joined.
    pub(crate) async fn ask(&mut self, text: &str) -> String {
        let place = self.say(text).await;
        self.answer_after(place).await
    }

    /// Waits for the bot's answer after a place in the log: all that the bot said, joined.
    pub(crate) async fn answer_after(&mut self, place: u64) -> String {
        let said = |log: &[Value]| {
            let texts: Vec<&str> = log
                .iter()
                .filter(|event| seq(event) > place && by_bot(event) && event["kind"] == "message")
                .filter_map(|event| event["data"]["text"].as_str())
                .collect();
            texts.join("\n")
        };
        while said(&self.log).is_empty() {
            self.frame().await;
        }
        said(&self.log)
    }

    /// Waits until options are on offer after a place in the log: `(id, label)`.
    pub(crate) async fn choices_after(&mut self, place: u64) -> Vec<(String, String)> {
        loop {
            if let Some(event) = self.log.iter().find(|event| seq(event) > place && event["kind"] == "choices") {
                let options = event["data"]["options"].as_array().expect("options");
                let text = |option: &Value, field: &str| option[field].as_str().expect("text").to_owned();
                return options.iter().map(|option| (text(option, "id"), text(option, "label"))).collect();
            }
            self.frame().await;
        }
    }

    /// Asks for a person and waits until the conversation is in the waiting list, where it may have been already.
    pub(crate) async fn ask_for_a_person(&mut self) {
        self.acked(json!({ "type": "human" })).await;
        let last_state =
            |log: &[Value]| log.iter().rev().find(|event| event["kind"] == "handoff").map(|event| event["data"]["state"].clone());
        while last_state(&self.log) != Some(json!("queued")) {
            self.frame().await;
        }
    }
}

/// An agent at the desk.
pub(crate) struct Agent {
    pub(crate) socket: Socket,
    pub(crate) name: String,
    /// Frames that came while waiting for something else.
    pub(crate) inbox: Vec<Value>,
}

impl Agent {
    /// Signs in the demo's agent number `number` and opens the desk.
    pub(crate) async fn sign_in(server: &Address, number: usize) -> Self {
        let (name, token) = desk_session(server, number).await;
        Self::open(server, name, &token).await
    }

    /// Opens another desk of an agent who is signed in already.
    pub(crate) async fn open(server: &Address, name: String, token: &str) -> Self {
        let mut socket = Socket::open(server, "/ws/desk").await;
        socket.send(&json!({ "type": "hello", "token": token })).await;
        let mut agent = Self { socket, name, inbox: Vec::new() };
        agent.until(|frame| frame["type"] == "welcome").await;
        agent
    }

    /// Sends a frame and waits for its `ack` or `error`.
    pub(crate) async fn command(&mut self, frame: Value) -> Value {
        let id = self.post(frame).await;
        self.answer_to(&id).await
    }

    /// Sends a frame under a new id, which it returns.
    pub(crate) async fn post(&mut self, mut frame: Value) -> String {
        let id = new_id();
        frame["id"] = json!(id);
        self.socket.send(&frame).await;
        id
    }

    /// The `ack` or `error` for a frame.
    pub(crate) async fn answer_to(&mut self, id: &str) -> Value {
        self.until(|frame| (frame["type"] == "ack" || frame["type"] == "error") && frame["id"] == id).await
    }

    /// Sends a frame that must be acknowledged.
    pub(crate) async fn does(&mut self, frame: Value) -> Value {
        let answer = self.command(frame.clone()).await;
        assert_eq!(answer["type"], "ack", "{frame} was answered by {answer}");
        answer
    }

    /// The first frame that fits, of those that came and those that come.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.inbox.iter().position(&fits) {
            return self.inbox.remove(index);
        }
        loop {
            let frame = self.socket.frame().await;
            if fits(&frame) {
                return frame;
            }
            self.inbox.push(frame);
        }
    }
}

/// Signs in the demo's agent number `number`: name and session token.
pub(crate) async fn desk_session(server: &Address, number: usize) -> (String, String) {
    let demo = server.get("/api/demo").await.json().expect("JSON");
    let agent = &demo["agents"][number];
    assert!(agent.is_object(), "the demo has an agent number {number}: {demo}");
    let answer = server.post("/api/desk/session", &json!({ "name": agent["name"], "password": agent["password"] })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let session = answer.json().expect("JSON");
    (agent["name"].as_str().expect("a name").to_owned(), session["token"].as_str().expect("a token").to_owned())
}
