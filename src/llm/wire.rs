//! What goes over the wire: requests with the types of async-openai, answers read leniently, because "OpenAI-compatible" servers differ in
//! everything but the place of the text. Pure.

use super::budget::Tokens;
use super::fault::Fault;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestSystemMessageContent,
    ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContent, ChatCompletionStreamOptions, CreateChatCompletionRequest,
    ResponseFormat, ResponseFormatJsonSchema,
};
use serde_json::Value;

/// The most bytes of an answer that are read; what is longer is an endless answer.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// How an endpoint is asked for JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// By a schema that the server enforces.
    Schema,
    /// By the name alone.
    Json,
    /// In the words of the prompt.
    Words,
}

impl Shape {
    /// What to try when a server does not know this one.
    pub(super) fn simpler(self) -> Option<Self> {
        match self {
            Self::Schema => Some(Self::Json),
            Self::Json => Some(Self::Words),
            Self::Words => None,
        }
    }
}

/// What is asked, before it is known of whom.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    pub(super) system: &'a str,
    pub(super) user: &'a str,
    /// Name and JSON schema of the answer.
    pub(super) schema: Option<(&'static str, &'a Value)>,
    /// The longest answer, in tokens.
    pub(super) max_tokens: u32,
    /// Whether the answer comes piece by piece.
    pub(super) stream: bool,
}

/// The request for a chat completion.
pub(super) fn request(asked: &Asked<'_>, model: &str, shape: Shape) -> CreateChatCompletionRequest {
    let mut system = asked.system.to_owned();
    let response_format = asked.schema.and_then(|(name, schema)| match shape {
        Shape::Schema => Some(ResponseFormat::JsonSchema {
            json_schema: ResponseFormatJsonSchema { description: None, name: name.to_owned(), schema: schema.clone(), strict: Some(true) },
        }),
        Shape::Json => Some(ResponseFormat::JsonObject),
        Shape::Words => None,
    });
    if let Some((_, schema)) = asked.schema.filter(|_| shape != Shape::Schema) {
        system.push_str("\nAnswer with one JSON object and nothing else. It must fit this JSON schema: ");
        system.push_str(&schema.to_string());
    }
    let messages = vec![
        ChatCompletionRequestMessage::System(ChatCompletionRequestSystemMessage {
            content: ChatCompletionRequestSystemMessageContent::Text(system),
            name: None,
        }),
        ChatCompletionRequestMessage::User(ChatCompletionRequestUserMessage {
            content: ChatCompletionRequestUserMessageContent::Text(asked.user.to_owned()),
            name: None,
        }),
    ];
    #[expect(deprecated, reason = "most compatible servers know no other name for the limit")]
    CreateChatCompletionRequest {
        messages,
        model: model.to_owned(),
        max_tokens: Some(asked.max_tokens),
        temperature: Some(0.0),
        stream: Some(asked.stream),
        stream_options: asked.stream.then_some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None }),
        response_format,
        ..CreateChatCompletionRequest::default()
    }
}

/// What a server answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reply {
    /// The text.
    pub(super) text: String,
    /// Why it ended, if it said so.
    pub(super) finish: Option<String>,
    /// What it took, if it said so.
    pub(super) tokens: Option<Tokens>,
}

impl Reply {
    /// Adds one JSON object of an answer: the whole, or an event of a stream.
    fn take(&mut self, part: &Value) -> Result<(), Fault> {
        if let Some(error) = part.get("error").filter(|error| !error.is_null()) {
            return Err(Fault::Refused(message_of(error)));
        }
        if let Some(usage) = part.get("usage").filter(|usage| usage.is_object()) {
            let count = |name: &str| usage.get(name).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
            self.tokens = Some(Tokens { input: count("prompt_tokens"), output: count("completion_tokens") });
        }
        let Some(choice) = part.get("choices").and_then(|choices| choices.get(0)) else { return Ok(()) };
        if let Some(content) = choice.get("message").or_else(|| choice.get("delta")).and_then(|message| message.get("content")) {
            match content {
                Value::String(text) => self.text.push_str(text),
                Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).for_each(|text| self.text.push_str(text)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
            }
        }
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.to_owned());
        }
        if self.text.len() > MOST_BYTES { Err(Fault::Endless) } else { Ok(()) }
    }

    /// The answer, if it is a whole one.
    fn whole(self) -> Result<Self, Fault> {
        match self.finish.as_deref() {
            None => Err(Fault::Cut),
            Some("length") => Err(Fault::Endless),
            Some("content_filter") => Err(Fault::Refused("its own filter stopped it".into())),
            Some(_) if self.text.trim().is_empty() => Err(Fault::Empty),
            Some(_) => Ok(self),
        }
    }
}

/// Reads an answer that came at once.
pub(super) fn whole(body: &[u8]) -> Result<Reply, Fault> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::Empty);
    }
    let value: Value = serde_json::from_slice(body).map_err(|_| Fault::NotJson)?;
    let mut reply = Reply::default();
    reply.take(&value)?;
    if value.get("choices").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        return Err(Fault::Empty);
    }
    // A server that answers at once need not say why it ended.
    reply.finish.get_or_insert_with(|| "stop".to_owned());
    reply.whole()
}

/// Why a server refused, in its own words: from its JSON, else nothing.
pub(super) fn refusal(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    value.get("error").map_or_else(String::new, message_of)
}

fn message_of(error: &Value) -> String {
    let text = error.get("message").and_then(Value::as_str).or_else(|| error.as_str()).unwrap_or("an error without a message");
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// An answer that comes piece by piece, as server-sent events.
#[derive(Debug, Default)]
pub(super) struct Stream {
    reply: Reply,
    /// Bytes of a line that has not ended.
    rest: Vec<u8>,
    ended: bool,
}

impl Stream {
    /// Takes the next bytes; says whether the answer has ended.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() > MOST_BYTES {
            return Err(Fault::Endless);
        }
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = line.trim_ascii();
            // Comments keep the connection alive and say nothing.
            let Some(data) = line.strip_prefix(b"data:").map(<[u8]>::trim_ascii) else { continue };
            if data == b"[DONE]" {
                self.ended = true;
                break;
            }
            let event: Value = serde_json::from_slice(data).map_err(|_| Fault::NotJson)?;
            self.reply.take(&event)?;
        }
        Ok(self.ended)
    }

    /// Whether any text has come.
    pub(super) fn has_text(&self) -> bool {
        !self.reply.text.is_empty()
    }

    /// What came until the connection ended.
    pub(super) fn finish(self) -> Result<Reply, Fault> {
        self.reply.whole()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_carries_the_schema_or_says_it_in_words() {
        let schema = json!({ "type": "object" });
        let asked = Asked { system: "s", user: "u", schema: Some(("pick", &schema)), max_tokens: 40, stream: true };
        let sent = |shape| serde_json::to_value(request(&asked, "m", shape)).expect("JSON");
        let by_schema = sent(Shape::Schema);
        assert_eq!(by_schema["response_format"]["json_schema"]["name"], "pick");
        assert_eq!((&by_schema["model"], &by_schema["stream"], &by_schema["max_tokens"]), (&json!("m"), &json!(true), &json!(40)));
        assert_eq!(by_schema["messages"][0], json!({ "role": "system", "content": "s" }));
        assert_eq!(sent(Shape::Json)["response_format"]["type"], "json_object");
        let in_words = sent(Shape::Words);
        assert!(in_words.get("response_format").is_none());
        assert!(in_words["messages"][0]["content"].as_str().is_some_and(|text| text.contains("JSON schema")));
    }

    #[test]
    fn answers_are_read_leniently_and_faults_by_name() {
        let ok = json!({ "choices": [{ "message": { "content": "hi" }, "finish_reason": "eos" }], "usage": { "prompt_tokens": 7, "completion_tokens": 2 } });
        let reply = whole(ok.to_string().as_bytes()).expect("an answer");
        assert_eq!((reply.text.as_str(), reply.tokens), ("hi", Some(Tokens { input: 7, output: 2 })));
        let parts =
            json!({ "choices": [{ "message": { "content": [{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }] } }] });
        assert_eq!(whole(parts.to_string().as_bytes()).expect("an answer").text, "ab");
        for (body, fault) in [
            ("", Fault::Empty),
            ("<html>", Fault::NotJson),
            (r#"{"choices":[]}"#, Fault::Empty),
            (r#"{"choices":[{"message":{"content":null}}]}"#, Fault::Empty),
            (r#"{"choices":[{"message":{"content":"half"},"finish_reason":"length"}]}"#, Fault::Endless),
            (r#"{"error":{"code":400,"message":"no"}}"#, Fault::Refused("no".into())),
        ] {
            assert_eq!(whole(body.as_bytes()), Err(fault), "{body}");
        }
    }

    fn stream(bytes: &[u8]) -> Result<Reply, Fault> {
        let mut stream = Stream::default();
        for byte in bytes {
            if stream.take(&[*byte])? {
                break;
            }
        }
        stream.finish()
    }

    #[test]
    fn a_stream_is_whole_only_when_it_says_why_it_ended() {
        let event = |text: &str, finish: Value| json!({ "choices": [{ "delta": { "content": text }, "finish_reason": finish }] });
        let good = format!(": ping\n\ndata: {}\n\ndata: {}\n\ndata: [DONE]\n\n", event("wé", Value::Null), event("ll", json!("stop")));
        assert_eq!(stream(good.as_bytes()).expect("an answer").text, "wéll");
        let cut = format!("data: {}\n\n", event("half", Value::Null));
        assert_eq!(stream(cut.as_bytes()), Err(Fault::Cut));
        assert_eq!(stream(b"<html>no</html>\n"), Err(Fault::Cut));
        assert_eq!(stream(b"data: {oops\n\n"), Err(Fault::NotJson));
        assert_eq!(stream(b"data: {\"error\":\"down\"}\n\n"), Err(Fault::Refused("down".into())));
        assert_eq!(Stream::default().take(&vec![b'x'; MOST_BYTES + 1]), Err(Fault::Endless));
    }
}
