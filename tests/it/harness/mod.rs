//! Starts the real server and speaks to it like customers, agents and other programs do.
//!
//! Nothing here sleeps to wait for something: every wait is for a frame or an answer, with a generous limit.

pub(crate) mod identity;
mod people;
mod schema;
mod socket;

pub(crate) use people::{Agent, Customer, Hello, desk_session};
pub(crate) use schema::Schema;
pub(crate) use socket::{Heard, Socket};

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

/// How long any one wait may take; a loaded machine is slow, a hung server is not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// How long a server may take to start: it learns from thousands of examples, several at once on a busy machine.
const START: Duration = Duration::from_secs(300);
/// Options of a server whose tests are not about reading: it starts twice as fast.
pub(crate) const WORDS_ALONE: [&str; 4] = ["--frames-per-second", "0", "--encoder", "none"];
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

    /// Starts it again as if it were that instant: a moved clock does not outlive its server.
    pub(crate) fn restart_at(&mut self, now: &str) {
        self.options.retain(|option| !option.starts_with("--clock="));
        self.options.push(format!("--clock={now}"));
        self.restart();
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

    /// A request of a signed-in agent: status and answer.
    pub(crate) async fn desk(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let bearer = format!("Bearer {token}");
        let text = body.map(Value::to_string);
        let answer =
            http::request(method, &self.authority(), path, &[("authorization", &bearer)], text.as_deref()).await.expect("an answer");
        (answer.status, answer.json().unwrap_or_else(|_| json!(answer.body)))
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
            let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the server's data and log are in {}; the log's end:", self.folder.display());
            lines[lines.len().saturating_sub(20)..].iter().for_each(|line| eprintln!("{line}"));
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn launch(folder: &Path, options: &[String], port: u16) -> (Child, Address) {
    let log_path = folder.join("server.log");
    let log = File::options().create(true).append(true).open(&log_path).expect("a log file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["serve", "--demo", "--listen", &format!("127.0.0.1:{port}")])
        .args(if options.iter().any(|option| option == "--content") { &[][..] } else { &["--content", env!("CARGO_MANIFEST_DIR")] })
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
    match listening.recv_timeout(START) {
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
