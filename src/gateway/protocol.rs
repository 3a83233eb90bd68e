//! Frames: JSON text to what somebody wants, and back. Every wrong frame gets one sentence that says which field and what it should be.

use crate::domain::ids::ConversationId;
use crate::services::desk::Wish;
use crate::services::turn::Saying;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Longest frame in bytes.
pub(super) const MAX_FRAME: usize = 16 * 1024;
/// Longest message in characters.
pub(super) const MAX_TEXT: usize = 4000;

/// The codes of `error` frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    BadFrame,
    TooLarge,
    Unauthorized,
    Forbidden,
    RateLimited,
    NotFound,
    Conflict,
    Unavailable,
}

impl Code {
    fn as_str(self) -> &'static str {
        match self {
            Code::BadFrame => "bad_frame",
            Code::TooLarge => "too_large",
            Code::Unauthorized => "unauthorized",
            Code::Forbidden => "forbidden",
            Code::RateLimited => "rate_limited",
            Code::NotFound => "not_found",
            Code::Conflict => "conflict",
            Code::Unavailable => "unavailable",
        }
    }
}

/// An `error` frame in the making.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    pub(super) id: Option<String>,
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) retry_after_ms: Option<u64>,
}

impl Problem {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { id: None, code, message: message.into(), retry_after_ms: None }
    }

    pub(super) fn about(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    pub(super) fn frame(&self) -> String {
        let mut frame = json!({ "type": "error", "code": self.code.as_str(), "message": self.message });
        if let Some(id) = &self.id {
            frame["id"] = json!(id);
        }
        if let Some(wait) = self.retry_after_ms {
            frame["retry_after_ms"] = json!(wait);
        }
        frame.to_string()
    }
}

/// The customer's first frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hello {
    pub(super) token: Option<String>,
    pub(super) conversation: Option<ConversationId>,
    pub(super) resume: Option<String>,
    pub(super) after: i64,
    pub(super) locale: Option<String>,
}

/// A customer's frame after `hello`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FromCustomer {
    Say { id: String, saying: Saying },
    Leave { id: String },
    CallBack { id: String, at: Timestamp },
    Typing(bool),
    Read(i64),
    Ping(Value),
}

/// An agent's frame.
#[derive(Debug)]
pub(super) enum FromAgent {
    Hello { token: Option<String> },
    Available { id: String, on: bool },
    Watch { id: String, conversation: ConversationId, after: i64 },
    Unwatch { id: String, conversation: ConversationId },
    Wish { id: String, conversation: ConversationId, wish: Wish },
    Typing { conversation: ConversationId, on: bool },
    Read { conversation: ConversationId, seq: i64 },
    Ping(Value),
}

/// The fields of a frame.
struct Fields {
    kind: String,
    map: Map<String, Value>,
}

impl Fields {
    fn read(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_FRAME {
            let message = format!("this frame has {} bytes; the most is {MAX_FRAME}. Send shorter messages", text.len());
            return Err(Problem::new(Code::TooLarge, message));
        }
        let value: Value = serde_json::from_str(text)
            .map_err(|error| Problem::new(Code::BadFrame, format!("this frame is not JSON: {error}. Send one JSON object")))?;
        let Value::Object(map) = value else {
            return Err(Problem::new(Code::BadFrame, "a frame is one JSON object with a 'type'"));
        };
        match map.get("type") {
            Some(Value::String(kind)) => Ok(Self { kind: kind.clone(), map }),
            Some(_) | None => Err(Problem::new(Code::BadFrame, "this frame has no 'type', or it is not a string")),
        }
    }

    /// A problem with this frame; it names the frame's id when there is a usable one.
    fn wrong(&self, message: impl Into<String>) -> Problem {
        let id = self.map.get("id").and_then(Value::as_str).filter(|id| id.len() <= 64).map(str::to_owned);
        Problem { id, code: Code::BadFrame, message: message.into(), retry_after_ms: None }
    }

    fn unknown(&self, known: &[&str]) -> Problem {
        let near = known
            .iter()
            .map(|name| (strsim::damerau_levenshtein(name, &self.kind), name))
            .min()
            .filter(|(distance, _)| *distance <= 2)
            .map(|(_, name)| format!(" Did you mean '{name}'?"))
            .unwrap_or_default();
        let kind: String = self.kind.chars().take(40).collect();
        self.wrong(format!("'{kind}' is no frame type here.{near} Known: {}", known.join(", ")))
    }

    fn optional_text(&self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
            Some(Value::String(_)) => Err(self.wrong(format!("'{name}' may have {most} characters at most"))),
            Some(_) => Err(self.wrong(format!("'{name}' must be a string"))),
        }
    }

    /// What people wrote: 1 to `most` characters, control characters (but line breaks and tabs) left out.
    fn said(&self, name: &str, most: usize) -> Result<String, Problem> {
        let Some(text) = self.optional_text(name, usize::MAX)? else {
            return Err(self.wrong(format!("'{name}' is missing; it must be a string of 1 to {most} characters")));
        };
        let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        let text = text.trim();
        let count = text.chars().count();
        if count == 0 || count > most {
            return Err(self.wrong(format!("'{name}' must have 1 to {most} characters; it has {count}")));
        }
        Ok(text.to_owned())
    }

    /// Why, in an agent's words.
    fn reason(&self) -> Result<Option<String>, Problem> {
        match self.map.get("reason") {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.said("reason", 500).map(Some),
        }
    }

    fn instant(&self, name: &str) -> Result<Timestamp, Problem> {
        let given = self.map.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok());
        given.ok_or_else(|| self.wrong(format!("'{name}' must be an instant such as 2026-12-04T15:00:00Z")))
    }

    fn flag(&self, name: &str) -> Result<bool, Problem> {
        self.map.get(name).and_then(Value::as_bool).ok_or_else(|| self.wrong(format!("'{name}' must be true or false")))
    }

    fn whole(&self, name: &str, absent: Option<i64>) -> Result<i64, Problem> {
        match (self.map.get(name), absent) {
            (None | Some(Value::Null), Some(value)) => Ok(value),
            (Some(value), _) => {
                value.as_i64().filter(|n| *n >= 0).ok_or_else(|| self.wrong(format!("'{name}' must be a whole number, 0 or more")))
            }
            (None, None) => Err(self.wrong(format!("'{name}' is missing; it must be a whole number"))),
        }
    }

    /// The UUID that a customer's client chose, in its usual spelling so that a resend in other casing is the same.
    fn uuid(&self) -> Result<String, Problem> {
        let id = self.map.get("id").and_then(Value::as_str).and_then(|id| uuid::Uuid::try_parse(id).ok());
        id.map(|id| id.to_string()).ok_or_else(|| self.wrong("'id' must be a UUID that your client chose, a new one for each message"))
    }

    /// The id of an agent's frame.
    fn id(&self) -> Result<String, Problem> {
        match self.optional_text("id", 64)? {
            Some(id) if !id.is_empty() => Ok(id),
            Some(_) | None => Err(self.wrong("'id' is missing; choose a new one (1 to 64 characters) for each frame")),
        }
    }

    fn conversation(&self) -> Result<ConversationId, Problem> {
        match self.optional_text("conversation", 64)? {
            Some(id) if !id.is_empty() => Ok(ConversationId::from(id)),
            Some(_) | None => Err(self.wrong("'conversation' is missing; name the conversation")),
        }
    }

    fn ping(&self) -> Result<Value, Problem> {
        let t = self.map.get("t").cloned().unwrap_or(Value::Null);
        if t.to_string().len() > 64 {
            return Err(self.wrong("'t' may have 64 bytes at most"));
        }
        Ok(t)
    }
}

/// A customer's first frame.
pub(super) fn hello(text: &str) -> Result<Hello, Problem> {
    let fields = Fields::read(text)?;
    if fields.kind != "hello" {
        return Err(fields.wrong("the first frame must be 'hello'"));
    }
    let locale = fields.optional_text("locale", 35)?;
    if let Some(locale) = &locale
        && !is_language_tag(locale)
    {
        return Err(fields.wrong("'locale' must be a BCP 47 language such as 'en' or 'sv-SE'"));
    }
    Ok(Hello {
        token: fields.optional_text("token", 8 * 1024)?.filter(|token| !token.is_empty()),
        conversation: fields.optional_text("conversation", 64)?.filter(|id| !id.is_empty()).map(ConversationId::from),
        resume: fields.optional_text("resume", 128)?,
        after: fields.whole("after", Some(0))?,
        locale,
    })
}

/// A customer's later frame.
pub(super) fn from_customer(text: &str) -> Result<FromCustomer, Problem> {
    let fields = Fields::read(text)?;
    Ok(match fields.kind.as_str() {
        "message" => FromCustomer::Say { id: fields.uuid()?, saying: Saying::Text(fields.said("text", MAX_TEXT)?) },
        "choose" => FromCustomer::Say { id: fields.uuid()?, saying: Saying::Choose(fields.said("option", 128)?) },
        "human" => FromCustomer::Say { id: fields.uuid()?, saying: Saying::Human },
        "rate" => {
            let score = u8::try_from(fields.whole("score", None)?).ok().filter(|score| (1..=5).contains(score));
            let score = score.ok_or_else(|| fields.wrong("'score' must be 1 to 5"))?;
            let comment = fields.optional_text("comment", 1000)?.filter(|comment| !comment.trim().is_empty());
            FromCustomer::Say { id: fields.uuid()?, saying: Saying::Rate(score, comment) }
        }
        "leave" => FromCustomer::Leave { id: fields.uuid()? },
        "callback" => FromCustomer::CallBack { id: fields.uuid()?, at: fields.instant("at")? },
        "typing" => FromCustomer::Typing(fields.flag("on")?),
        "read" => FromCustomer::Read(fields.whole("seq", None)?),
        "ping" => FromCustomer::Ping(fields.ping()?),
        "hello" => return Err(fields.wrong("'hello' comes once, as the first frame; open a new socket to sign in again")),
        _ => return Err(fields.unknown(&["message", "choose", "human", "rate", "leave", "callback", "typing", "read", "ping"])),
    })
}

/// An agent's frame.
pub(super) fn from_agent(text: &str) -> Result<FromAgent, Problem> {
    let fields = Fields::read(text)?;
    let wish = |wish| Ok(FromAgent::Wish { id: fields.id()?, conversation: fields.conversation()?, wish });
    match fields.kind.as_str() {
        "hello" => Ok(FromAgent::Hello { token: fields.optional_text("token", 1024)?.filter(|token| !token.is_empty()) }),
        "available" => Ok(FromAgent::Available { id: fields.id()?, on: fields.flag("on")? }),
        "watch" => Ok(FromAgent::Watch { id: fields.id()?, conversation: fields.conversation()?, after: fields.whole("after", Some(0))? }),
        "unwatch" => Ok(FromAgent::Unwatch { id: fields.id()?, conversation: fields.conversation()? }),
        "claim" => wish(Wish::Claim),
        "reply" => wish(Wish::Reply(fields.said("text", MAX_TEXT)?)),
        "note" => wish(Wish::Note(fields.said("text", MAX_TEXT)?)),
        "return" => wish(Wish::Return),
        "decline" => wish(Wish::Decline),
        "transfer" => wish(Wish::Transfer(fields.said("to", 128)?, fields.reason()?)),
        "release" => wish(Wish::Release(fields.reason()?)),
        "snooze" => wish(Wish::Snooze(fields.instant("until")?, fields.reason()?)),
        "take_over" => wish(Wish::TakeOver(fields.reason()?)),
        "assign" => wish(Wish::Assign(fields.said("to", 128)?)),
        "reopen" => wish(Wish::Reopen),
        "resolve" => wish(Wish::Resolve {
            code: fields.optional_text("code", 64)?.unwrap_or_else(|| "resolved".into()),
            about: fields.optional_text("about", 64)?.filter(|about| !about.is_empty()),
        }),
        "typing" => Ok(FromAgent::Typing { conversation: fields.conversation()?, on: fields.flag("on")? }),
        "read" => Ok(FromAgent::Read { conversation: fields.conversation()?, seq: fields.whole("seq", None)? }),
        "ping" => Ok(FromAgent::Ping(fields.ping()?)),
        _ => Err(fields.unknown(&[
            "available",
            "watch",
            "unwatch",
            "claim",
            "reply",
            "note",
            "return",
            "decline",
            "transfer",
            "release",
            "snooze",
            "take_over",
            "assign",
            "reopen",
            "resolve",
            "typing",
            "read",
            "ping",
        ])),
    }
}

fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts.next().is_some_and(|first| (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// An `ack` frame.
pub(super) fn ack(id: &str, seq: i64) -> String {
    format!("{{\"type\":\"ack\",\"id\":{},\"seq\":{seq}}}", Value::from(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        from_customer(text).expect_err(text).message
    }

    #[test]
    fn good_frames_are_understood() {
        let id = "0193ABCD-0000-7000-8000-000000000001";
        let message = from_customer(&json!({"type":"message","id":id,"text":"  hi\u{0}\u{7} there "}).to_string()).expect("good");
        assert_eq!(message, FromCustomer::Say { id: id.to_lowercase(), saying: Saying::Text("hi there".into()) });
        assert_eq!(from_customer(r#"{"type":"typing","on":true}"#).expect("good"), FromCustomer::Typing(true));
        let hello = hello(r#"{"type":"hello","locale":"sv-SE","after":7}"#).expect("good");
        assert_eq!((hello.after, hello.locale.as_deref()), (7, Some("sv-SE")));
    }

    #[test]
    fn wrong_frames_get_a_sentence() {
        let id = "0193abcd-0000-7000-8000-000000000001";
        let long = "x".repeat(4001);
        let cases = [
            ("", "not JSON"),
            ("[]", "one JSON object"),
            ("{}", "no 'type'"),
            (r#"{"type":7}"#, "no 'type'"),
            (r#"{"type":"mesage"}"#, "Did you mean 'message'"),
            (r#"{"type":"message","id":"7","text":"hi"}"#, "UUID"),
            (&format!(r#"{{"type":"message","id":"{id}"}}"#), "'text' is missing"),
            (&format!(r#"{{"type":"message","id":"{id}","text":5}}"#), "must be a string"),
            (&format!(r#"{{"type":"message","id":"{id}","text":"  "}}"#), "1 to 4000"),
            (&format!(r#"{{"type":"message","id":"{id}","text":"{long}"}}"#), "it has 4001"),
            (&format!(r#"{{"type":"rate","id":"{id}","score":6}}"#), "1 to 5"),
            (r#"{"type":"typing"}"#, "true or false"),
            (r#"{"type":"read","seq":-1}"#, "0 or more"),
            (r#"{"type":"hello"}"#, "comes once"),
            (&"[".repeat(5000), "not JSON"),
            (&format!(r#"{{"type":"ping","t":{}}}"#, "[".repeat(200) + &"]".repeat(200)), "not JSON"),
        ];
        for (frame, expected) in cases {
            let said = problem(frame);
            assert!(said.contains(expected), "{frame:.60} gave: {said}");
        }
        assert!(
            from_customer(&format!(r#"{{"type":"message","id":"{id}","text":"{}"}}"#, "x".repeat(17 * 1024)))
                .is_err_and(|p| p.code == Code::TooLarge)
        );
    }

    #[test]
    fn languages() {
        for (tag, good) in
            [("en", true), ("sv-SE", true), ("zh-Hant-TW", true), ("e", false), ("en_GB", false), ("<b>", false), ("", false)]
        {
            assert_eq!(is_language_tag(tag), good, "{tag}");
        }
    }
}
