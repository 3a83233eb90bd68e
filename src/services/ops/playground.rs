//! A message tried out: how it is read and why, and what a customer would read as the first reply. Nothing is stored and no account is touched:
//! the speakers are the demo's made-up customers, in memory.

use super::{SPEAKERS, speaker};
use crate::catalog::Catalog;
use crate::dialog::Level;
use crate::domain::event::EventKind;
use crate::domain::market::Market;
use crate::domain::personas;
use crate::domain::redact::redact;
use crate::knowledge::Question;
use crate::services::Service;
use crate::services::rehearsal::Rehearsal;
use crate::services::think::Thought;
use crate::understanding::{Decision, ReadContext};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Articles that are told with a reading.
const PASSAGES: usize = 3;
/// The longest message, as everywhere.
const MOST_CHARS: usize = 4_000;

/// What is tried.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// What the customer writes.
    pub text: String,
    /// The language that the client asks for; else the customer's, else English.
    pub language: Option<String>,
    /// The market whose money and dates the message is read with; that of the customer if there is one.
    pub market: Option<String>,
    /// A demo persona; anonymous without.
    pub customer: Option<String>,
    /// Their sign-in level, 1 or 2.
    pub level: Option<u8>,
}

/// A message as `redress classify` tells of it: the reading, what decided, and the passages that may answer it.
pub fn classified(catalog: &Catalog, text: &str, context: &ReadContext) -> Value {
    let explanation = catalog.understander.explain(text, context);
    let reading = &explanation.reading;
    let (decision, among) = match &reading.decision {
        Decision::Act(intent) => ("act", vec![intent]),
        Decision::Clarify(intents) => ("clarify", intents.iter().collect()),
        Decision::Abstain => ("abstain", Vec::new()),
    };
    let draft = catalog.understander.begin(text, context);
    let vectors = catalog.understander.vectors(&draft);
    let language = if reading.language == "und" { "en" } else { reading.language };
    let question = Question { text, vector: vectors.first().map(AsRef::as_ref), guesses: &reading.intents, language };
    let ranked = catalog.library.rank(&question);
    let passages: Vec<Value> = ranked
        .iter()
        .take(PASSAGES)
        .map(|found| json!({ "article": found.article.name, "section": found.section.heading, "score": found.score }))
        .collect();
    json!({
        "text": text, "intents": reading.intents, "decision": decision, "among": among, "safety": reading.safety, "acts": reading.acts,
        "entities": reading.entities, "language": reading.language, "also": reading.also, "why": explanation.sentence,
        "passages": passages, "read_as": explanation.read_as, "encoder_asked": explanation.encoder_asked, "words": explanation.parts,
        "unknown_words": explanation.unknown_words, "nearest": explanation.nearest, "patterns": explanation.patterns,
    })
}

impl Service {
    /// Tries a message out: its reading, and the first reply.
    ///
    /// # Errors
    /// One sentence: what was wrong with the request.
    pub async fn try_message(&self, message: Message) -> Result<Value, String> {
        if !(1..=MOST_CHARS).contains(&message.text.trim().chars().count()) {
            return Err("'text' has 1 to 4,000 characters".to_owned());
        }
        let account = match &message.customer {
            Some(id) => Some(speaker(id).ok_or_else(|| format!("there is no demo customer '{id}'; use P01 to P28"))?),
            None => None,
        };
        let market = match (account, &message.market) {
            (Some(account), _) => Market::of(&account.customer.market),
            (None, Some(code)) => Market::find(code).ok_or_else(|| format!("there is no market '{code}'"))?,
            (None, None) => Market::fallback(),
        };
        // The personas are in their situations at one instant.
        let now = if account.is_some() { personas::NOW.parse().unwrap_or(Timestamp::UNIX_EPOCH) } else { self.clock.now() };
        let level = Level(if account.is_some() { message.level.unwrap_or(1).clamp(1, 2) } else { 0 });
        let catalog = self.catalog.current();
        let tried = tokio::task::spawn_blocking(move || {
            let text = redact(message.text.trim()).text.into_owned();
            let context = ReadContext::of(market, now);
            let began = Instant::now();
            catalog.understander.read(&text, &context);
            let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            let mut told = classified(&catalog, &text, &context);
            told["micros"] = json!(micros);
            told["digest"] = json!(catalog.digest);
            let mut talk = Rehearsal::new(catalog, Arc::clone(&SPEAKERS.1), account.cloned(), level, now);
            if let Some(language) = &message.language {
                talk = talk.speaking(language);
            }
            told["reply"] = talk.say(&text).as_ref().map_or(Value::Null, reply);
            told
        });
        tried.await.map_err(|error| {
            tracing::error!(%error, "A message that was tried out broke the reading");
            "this message could not be tried out; the server's log says why".to_owned()
        })
    }
}

/// What the customer would read, and what the flow did for it.
fn reply(thought: &Thought) -> Value {
    let (mut rows, mut decision) = (Vec::new(), Value::Null);
    for event in &thought.events {
        match event.kind {
            EventKind::Message | EventKind::Choices | EventKind::Card | EventKind::Closed => {
                rows.push(json!({ "kind": event.kind, "data": event.data }));
            }
            EventKind::Decision => decision = event.data.clone(),
            EventKind::Handoff | EventKind::Notice | EventKind::RatingRequest | EventKind::Rating | EventKind::Note | EventKind::Action => {
            }
        }
    }
    let hand_over = thought
        .hand_over
        .as_ref()
        .map(|hand_over| json!({ "reason": hand_over.reason, "queue": hand_over.queue, "priority": hand_over.priority }));
    json!({ "rows": rows, "path": decision["path"], "rule": decision["rule"], "hand_over": hand_over, "locale": thought.locale })
}
