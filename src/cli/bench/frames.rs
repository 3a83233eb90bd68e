//! The frames of the customer socket as the load generator reads and writes them: borrowed from the socket's buffer, no JSON tree.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt::Write;

/// A frame from the server.
#[derive(Debug)]
pub(super) enum Frame<'a> {
    Welcome {
        conversation: &'a str,
        resume: &'a str,
        head: u64,
        owner: &'a str,
    },
    Event(Event<'a>),
    Ack {
        id: &'a str,
        seq: u64,
    },
    Error {
        id: Option<&'a str>,
        code: &'a str,
        retry_after_ms: u64,
    },
    /// Typing, queue position and the like: nothing that is stored.
    Passing,
}

/// A stored event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event<'a> {
    pub(super) seq: u64,
    pub(super) id: Option<&'a str>,
    pub(super) author: Author,
    pub(super) kind: &'a str,
    pub(super) data: &'a str,
}

/// Who wrote an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Author {
    Customer,
    Bot,
    Agent,
    System,
}

/// Something that the bot offers to click.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) label: String,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(rename = "type")]
    of_type: &'a str,
    id: Option<&'a str>,
    seq: Option<u64>,
    kind: Option<&'a str>,
    #[serde(borrow)]
    by: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    conversation: Option<&'a str>,
    resume: Option<&'a str>,
    head: Option<u64>,
    owner: Option<&'a str>,
    code: Option<&'a str>,
    retry_after_ms: Option<u64>,
}

/// Reads a frame; the error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Frame<'_>, String> {
    let raw: Raw =
        serde_json::from_str(text).map_err(|error| format!("the server sent a frame that cannot be read ({error}): {}", short(text)))?;
    let lacks = |field: &str| format!("the server sent {} without `{field}`: {}", raw.of_type, short(text));
    Ok(match raw.of_type {
        "event" => {
            #[derive(Deserialize)]
            struct By {
                kind: Author,
            }
            let by = raw.by.ok_or_else(|| lacks("by"))?.get();
            Frame::Event(Event {
                seq: raw.seq.ok_or_else(|| lacks("seq"))?,
                id: raw.id,
                author: serde_json::from_str::<By>(by).map_err(|_| lacks("by.kind"))?.kind,
                kind: raw.kind.ok_or_else(|| lacks("kind"))?,
                data: raw.data.map_or("{}", RawValue::get),
            })
        }
        "ack" => Frame::Ack { id: raw.id.ok_or_else(|| lacks("id"))?, seq: raw.seq.ok_or_else(|| lacks("seq"))? },
        "welcome" => Frame::Welcome {
            conversation: raw.conversation.ok_or_else(|| lacks("conversation"))?,
            resume: raw.resume.ok_or_else(|| lacks("resume"))?,
            head: raw.head.ok_or_else(|| lacks("head"))?,
            owner: raw.owner.unwrap_or("bot"),
        },
        "error" => {
            Frame::Error { id: raw.id, code: raw.code.ok_or_else(|| lacks("code"))?, retry_after_ms: raw.retry_after_ms.unwrap_or(0) }
        }
        _ => Frame::Passing,
    })
}

/// The options of a `choices` event.
pub(super) fn choices(data: &str) -> Vec<Choice> {
    #[derive(Deserialize)]
    struct Data {
        options: Vec<Choice>,
    }
    serde_json::from_str::<Data>(data).map(|data| data.options).unwrap_or_default()
}

/// The state of a `handoff` event.
pub(super) fn handoff_state(data: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Data {
        state: String,
    }
    serde_json::from_str::<Data>(data).ok().map(|data| data.state)
}

/// `hello`, to begin or (with a conversation and its secret) to come back.
pub(super) fn hello(token: Option<&str>, back: Option<(&str, &str)>, after: u64) -> String {
    let mut text = String::from(r#"{"type":"hello","locale":"en""#);
    if let Some(token) = token {
        let _ = write!(text, r#","token":{}"#, quoted(token));
    }
    if let Some((conversation, resume)) = back {
        let _ = write!(text, r#","conversation":{},"resume":{},"after":{after}"#, quoted(conversation), quoted(resume));
    }
    text.push('}');
    text
}

/// `message`.
pub(super) fn message(id: &str, text: &str) -> String {
    format!(r#"{{"type":"message","id":"{id}","text":{}}}"#, quoted(text))
}

/// `choose`.
pub(super) fn choose(id: &str, option: &str) -> String {
    format!(r#"{{"type":"choose","id":"{id}","option":{}}}"#, quoted(option))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn short(text: &str) -> &str {
    let end = (0..=text.len().min(200)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_without_copying() {
        let text = r#"{"type":"event","seq":3,"at":"2026-12-04T09:00:00Z","by":{"kind":"bot"},"kind":"choices","data":{"options":[{"id":"a","label":"The \"shoes\""}]}}"#;
        let Ok(Frame::Event(event)) = parse(text) else { panic!("an event") };
        assert_eq!((event.seq, event.author, event.kind, event.id), (3, Author::Bot, "choices", None));
        assert_eq!(choices(event.data), [Choice { id: "a".into(), label: "The \"shoes\"".into() }]);
    }

    #[test]
    fn frames_that_are_not_stored_pass_whatever_their_fields_hold() {
        for text in [
            r#"{"type":"typing","by":"bot","on":true}"#,
            r#"{"type":"read","by":{"kind":"agent","name":"Kim"},"seq":4}"#,
            r#"{"type":"queue","position":1,"wait_seconds":60}"#,
            r#"{"type":"news","anything":[1,2]}"#,
        ] {
            assert!(matches!(parse(text), Ok(Frame::Passing)), "{text}");
        }
    }

    #[test]
    fn a_frame_without_its_fields_is_an_error_that_names_them() {
        for (text, field) in
            [(r#"{"type":"ack","id":"x"}"#, "`seq`"), (r#"{"type":"event","seq":1,"kind":"message"}"#, "`by`"), ("{", "cannot be read")]
        {
            let error = parse(text).expect_err("it lacks a field");
            assert!(error.contains(field), "{error}");
        }
    }

    #[test]
    fn what_we_send_is_json() {
        for text in
            [hello(Some("a.b.c"), Some(("c\"1", "r")), 7), hello(None, None, 0), message("id", "say \"hi\"\n"), choose("id", "o\\1")]
        {
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert!(value["type"].is_string(), "{text}");
        }
    }
}
