//! One entry of a conversation's log. The log is the only record of what happened; everything else reads it.
//!
//! `seq` counts 1, 2, 3 … over the events that everybody sees, so that a customer never notices a hole. What only the desk
//! sees (`note`, `decision`, `action`) stands between them: it has the `seq` of the last public event before it, and a `sub` of 1, 2, 3 ….

use super::ids::ConversationId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody said something: `text` (CommonMark), `locale`.
    Message,
    /// Options to click: `options: [{id, label}]`.
    Choices,
    /// A card: `card`, `title`, `fields`.
    Card,
    /// Hand-over between bot and people: `state` (`queued`, `claimed`, `returned`).
    Handoff,
    /// Something happened outside the chat.
    Notice,
    /// The conversation ended: `reason`.
    Closed,
    /// The customer is asked for a rating.
    RatingRequest,
    /// The customer's rating: `score`, `comment`.
    Rating,
    /// An agent's note. Desk only.
    Note,
    /// Why the bot did what it did. Desk only.
    Decision,
    /// What changed in an account. Desk only.
    Action,
}

impl EventKind {
    /// Whether customers may see it.
    pub fn is_public(self) -> bool {
        match self {
            EventKind::Message
            | EventKind::Choices
            | EventKind::Card
            | EventKind::Handoff
            | EventKind::Notice
            | EventKind::Closed
            | EventKind::RatingRequest
            | EventKind::Rating => true,
            EventKind::Note | EventKind::Decision | EventKind::Action => false,
        }
    }

    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::Message => "message",
            EventKind::Choices => "choices",
            EventKind::Card => "card",
            EventKind::Handoff => "handoff",
            EventKind::Notice => "notice",
            EventKind::Closed => "closed",
            EventKind::RatingRequest => "rating_request",
            EventKind::Rating => "rating",
            EventKind::Note => "note",
            EventKind::Decision => "decision",
            EventKind::Action => "action",
        }
    }

    /// The kind with that name.
    pub fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(Value::String(name.to_owned())).ok()
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// The customer.
    Customer,
    /// The scripted assistant.
    Bot,
    /// A person at the desk.
    Agent,
    /// The server itself.
    System,
}

impl AuthorKind {
    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthorKind::Customer => "customer",
            AuthorKind::Bot => "bot",
            AuthorKind::Agent => "agent",
            AuthorKind::System => "system",
        }
    }

    /// The author kind with that name.
    pub fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(Value::String(name.to_owned())).ok()
    }
}

/// The author of an event, with the name that the customer may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Which side.
    pub kind: AuthorKind,
    /// First name of a person, or nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
}

impl Author {
    /// The customer.
    pub const CUSTOMER: Author = Author { kind: AuthorKind::Customer, name: None };
    /// The scripted assistant.
    pub const BOT: Author = Author { kind: AuthorKind::Bot, name: None };
    /// The server itself.
    pub const SYSTEM: Author = Author { kind: AuthorKind::System, name: None };

    /// A person at the desk.
    pub fn agent(name: impl Into<String>) -> Self {
        Author { kind: AuthorKind::Agent, name: Some(name.into()) }
    }
}

/// An event that is not stored yet: it has no place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Who did it.
    pub by: Author,
    /// What happened.
    pub kind: EventKind,
    /// The fields of that kind.
    pub data: Value,
    /// The id that the client chose; unique in a conversation, so that a resend is recognised.
    pub key: Option<String>,
}

/// A stored event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its place among the public events (see the module's text).
    pub seq: i64,
    /// 0 for public events; 1, 2, 3 … for what only the desk sees.
    pub sub: i64,
    /// When it was stored.
    pub at: Timestamp,
    /// Who did it.
    pub by: Author,
    /// What happened.
    pub kind: EventKind,
    /// The fields of that kind, as JSON text: it is written once and passed on as it is.
    pub data: Box<str>,
    /// The id that the client chose.
    pub key: Option<Box<str>>,
    /// How well the customer was known when they said it (0, 1, 2); 0 for everybody else.
    pub level: u8,
}

impl Event {
    /// Whether customers may see it.
    pub fn is_public(&self) -> bool {
        self.sub == 0
    }

    /// Its place in the whole log, desk-only events included.
    pub fn place(&self) -> Place {
        Place { seq: self.seq, sub: self.sub }
    }

    /// The event as every client sees it: one JSON object, type `event`. The desk's frames name the `conversation`.
    pub fn json(&self, conversation: Option<&ConversationId>) -> String {
        use std::fmt::Write as _;
        let mut out = String::with_capacity(self.data.len() + 200);
        out.push_str("{\"type\":\"event\"");
        let mut field = |name: &str, value: &str| {
            out.push_str(",\"");
            out.push_str(name);
            out.push_str("\":");
            out.push_str(value);
        };
        if let Some(conversation) = conversation {
            field("conversation", &quoted(conversation.as_str()));
        }
        let mut number = String::new();
        let _ = write!(number, "{}", self.seq);
        field("seq", &number);
        if self.sub > 0 {
            number.clear();
            let _ = write!(number, "{}", self.sub);
            field("sub", &number);
        }
        number.clear();
        let _ = write!(number, "\"{}\"", self.at);
        field("at", &number);
        match &self.by.name {
            Some(name) => field("by", &format!("{{\"kind\":\"{}\",\"name\":{}}}", self.by.kind.as_str(), quoted(name))),
            None => field("by", &format!("{{\"kind\":\"{}\"}}", self.by.kind.as_str())),
        }
        field("kind", &quoted(self.kind.as_str()));
        field("data", &self.data);
        if let Some(key) = &self.key {
            field("id", &quoted(key));
        }
        out.push('}');
        out
    }

    /// The `data` as a value; stored data is always JSON.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or(Value::Null)
    }
}

/// A place in the log: everything up to and including it has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Public events seen.
    pub seq: i64,
    /// Desk-only events seen after that one.
    pub sub: i64,
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string always serialises")
}
