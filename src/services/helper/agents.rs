//! Help for agents: a summary of the talk, each sentence with the events it rests on, and a reply as a draft. Both are offers: the packet is
//! complete without them, and a draft is never sent by itself.

use super::{Helper, mask};
use crate::catalog::Catalog;
use crate::catalog::prompts::{Given, Shown};
use crate::domain::account::Account;
use crate::domain::event::{AuthorKind, Event, EventKind};
use crate::domain::ids::ConversationId;
use crate::domain::mask::Mask;
use crate::knowledge::Question;
use crate::leash::support::{self, Draft, Line, Resting, Summary, drafted, supported};
use crate::llm::{Failure, Use};
use crate::services::Service;
use crate::store::StoreError;
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Events of a talk that a model is shown, counted from its end.
const EVENTS: i64 = 60;
/// Passages that a draft may state.
const PASSAGES: usize = 2;
/// No agent waits longer than this; the use's own time is shorter.
const LONGEST: Duration = Duration::from_secs(600);

/// A summary of a talk up to an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summed {
    /// Its sentences, each with the `seq` of the events that it rests on.
    pub sentences: Vec<Resting>,
    /// The `seq` of the last event that it knows.
    pub head: i64,
    /// Sentences that no event supported; they were dropped.
    pub dropped: usize,
}

/// What an agent asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Help {
    /// A summary.
    Summary(Arc<Summed>),
    /// A reply as a draft.
    Draft(String),
}

/// Why an agent gets no help.
#[derive(Debug, thiserror::Error)]
pub enum NoHelp {
    /// No such conversation.
    #[error("there is no such conversation")]
    NotFound,
    /// The model did not help; in words for agents.
    #[error("{0}")]
    NoAnswer(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Failure> for NoHelp {
    fn from(failure: Failure) -> Self {
        Self::NoAnswer(failure.to_string())
    }
}

/// A talk as a model is shown it, and as its answer is held against.
struct Talk {
    lines: Vec<Line>,
    masked: String,
    mask: Mask,
    last_words: String,
}

impl Talk {
    fn of(events: &[Event], account: Option<&Account>) -> Self {
        let mut mask = mask(account);
        let (mut lines, mut masked, mut last_words) = (Vec::new(), String::new(), String::new());
        let said: Vec<(&Event, String)> =
            events.iter().filter(|event| event.is_public()).filter_map(|event| Some((event, said(event)?))).collect();
        // A name that is introduced late stands before that, too.
        said.iter().for_each(|(_, text)| mask.learn(text));
        for (event, text) in said {
            let by = event.by.kind.as_str();
            if event.by.kind == AuthorKind::Customer {
                last_words.clone_from(&text);
            }
            let hidden = mask.hide(&text).replace('\n', " ");
            let _ = writeln!(masked, "{} {by}: {hidden}", event.seq);
            lines.push(Line { seq: event.seq, by, text });
        }
        Self { lines, masked, mask, last_words }
    }
}

/// What an event says, in words.
fn said(event: &Event) -> Option<String> {
    let data = event.value();
    // What a model has translated is held against what was said before.
    let data = data.pointer("/translated/original").cloned().unwrap_or(data);
    let text = |field: &str| data.get(field).and_then(serde_json::Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned);
    match event.kind {
        EventKind::Message | EventKind::Notice => text("text"),
        EventKind::Card => {
            let fields = data.get("fields").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
            let fields: Vec<String> = fields
                .iter()
                .filter_map(|field| Some(format!("{}: {}", field.get("label")?.as_str()?, field.get("value")?.as_str()?)))
                .collect();
            Some(format!("{}: {}", text("title")?, fields.join("; ")))
        }
        EventKind::Choices
        | EventKind::Handoff
        | EventKind::Closed
        | EventKind::RatingRequest
        | EventKind::Rating
        | EventKind::Note
        | EventKind::Decision
        | EventKind::Action => None,
    }
}

impl Helper {
    async fn sum_up(&self, catalog: &Catalog, account: Option<&Account>, talk: &Talk, locale: &str, head: i64) -> Result<Summed, Failure> {
        let given = Given::Summary { language: locale, talk: &talk.masked };
        let summary: Summary = self.ask(catalog, account, &given, &support::summary_schema(), Instant::now() + LONGEST).await?;
        let all = summary.sentences.len();
        let restored =
            summary.sentences.into_iter().filter_map(|sentence| Some(Resting { text: talk.mask.restore(&sentence.text)?, ..sentence }));
        let sentences = supported(&Summary { sentences: restored.collect() }, &talk.lines);
        Ok(Summed { dropped: all - sentences.len(), sentences, head })
    }

    async fn draft(&self, catalog: &Catalog, account: Option<&Account>, talk: &Talk, locale: &str) -> Result<Option<String>, Failure> {
        let question = Question { text: &talk.last_words, vector: None, guesses: &[], language: locale };
        let passages: Vec<&str> = catalog.library.find(&question, PASSAGES).iter().map(|found| found.section.text.as_str()).collect();
        let listed: Vec<Shown<'_>> = passages.iter().enumerate().map(|(place, text)| Shown { number: place + 1, text }).collect();
        let given = Given::Draft { passages: &listed, language: locale, talk: &talk.masked };
        let draft: Draft = self.ask(catalog, account, &given, &support::draft_schema(), Instant::now() + LONGEST).await?;
        let mut sources: String = talk.lines.iter().map(|line| format!("{}\n", line.text)).collect();
        sources.push_str(&passages.join("\n"));
        Ok(talk.mask.restore(&draft.text).and_then(|text| drafted(&Draft { text }, &sources)))
    }
}

impl Service {
    /// Helps an agent with a conversation: by a summary, or by a draft of a reply. Nothing is stored, nothing is sent.
    ///
    /// # Errors
    /// See [`NoHelp`].
    pub async fn help_agent(&self, conversation: &ConversationId, purpose: Use) -> Result<Help, NoHelp> {
        let row = self.row(conversation).await?.ok_or(NoHelp::NotFound)?;
        let head = row.head.seq;
        let kept = self.helper.summaries.get(conversation.as_str()).filter(|kept| kept.head == head);
        if let Some(kept) = kept.filter(|_| purpose == Use::Summary) {
            return Ok(Help::Summary(kept));
        }
        let account = match &row.customer {
            Some(customer) => self.account(customer).await?,
            None => None,
        };
        self.helper.must_ask(purpose, account.as_deref())?;
        let events = self.store.last_events(conversation, EVENTS).await?;
        let talk = Talk::of(&events, account.as_deref());
        let catalog = self.catalog.current();
        if purpose == Use::Draft {
            let draft = self.helper.draft(&catalog, account.as_deref(), &talk, &row.locale).await?;
            return draft
                .map(Help::Draft)
                .ok_or_else(|| NoHelp::NoAnswer("the model's draft said what neither the talk nor an article says".into()));
        }
        let summed = Arc::new(self.helper.sum_up(&catalog, account.as_deref(), &talk, &row.locale, head).await?);
        self.helper.summaries.insert(conversation.to_string(), Arc::clone(&summed));
        Ok(Help::Summary(summed))
    }

    /// Has a summary made for whoever takes this conversation over, on a task of its own.
    pub(in crate::services) fn sum_up_later(self: &Arc<Self>, conversation: ConversationId) {
        if self.helper.models.is_none() {
            return;
        }
        let service = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(error) = service.help_agent(&conversation, Use::Summary).await {
                tracing::debug!(conversation.id = %conversation, %error, "The packet goes without a summary by a model");
            }
        });
    }

    /// The summary that was made last, if any.
    pub(in crate::services) fn last_summary(&self, conversation: &ConversationId) -> Option<Arc<Summed>> {
        self.helper.summaries.get(conversation.as_str())
    }
}
