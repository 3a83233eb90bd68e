//! Customers and agents, as the tests play them.

use super::{Address, Heard, Socket, by_bot, is_public, new_id, seq, token};
use serde_json::{Value, json};

/// How a customer says hello.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hello {
    pub(crate) token: Option<String>,
    /// Conversation and secret.
    pub(crate) back: Option<(String, String)>,
    pub(crate) after: u64,
    /// English when left out.
    pub(crate) locale: Option<&'static str>,
}

impl Hello {
    pub(crate) fn frame(&self) -> Value {
        let mut frame = json!({ "type": "hello", "locale": self.locale.unwrap_or("en"), "after": self.after });
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

    /// Reads and forgets what has come: a desk that reads nothing is cut off in the end.
    pub(crate) async fn drain(&mut self) {
        // Whatever is there, not only a task's fair share of reading.
        while let Ok(heard) = tokio::task::unconstrained(tokio::time::timeout(std::time::Duration::ZERO, self.socket.hear())).await {
            assert!(matches!(heard, Heard::Frame(_)), "{} was cut off: {heard:?}", self.name);
        }
        self.inbox.clear();
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
