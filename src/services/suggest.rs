//! What sentences mean that the bot did not read rightly: told when an agent ends a conversation, decided by those who keep the intents.

use super::Service;
use super::desk::{DeskError, first_name};
use super::reading::Around;
use super::think::Heard;
use crate::catalog::example::ExampleLine;
use crate::catalog::{Catalog, IntentFile};
use crate::dialog::Level;
use crate::domain::account::Account;
use crate::domain::ids::{ConversationId, IntentId};
use crate::domain::suggest::{self, Given, Label, NONE, Sentence, Suggested};
use crate::store::desk::Agent;
use crate::store::suggestions::Stand;
use crate::store::{Row, StoreError};
use crate::understanding::Decision;
use serde::Serialize;
use std::sync::Arc;

/// Events that it looks back over.
const EVENTS: i64 = 500;
/// So many of the last messages to the person are read.
const READ: usize = 5;
/// Asking for a person says nothing about the matter.
const TALK_TO_HUMAN: &str = "talk_to_human";

/// Why a suggestion was not decided.
#[derive(Debug, thiserror::Error)]
pub enum SuggestError {
    /// No such suggestion.
    #[error("there is no such suggestion; it may have been erased with its conversation")]
    NotFound,
    /// Somebody was faster.
    #[error("this suggestion was decided meanwhile; look at the list again")]
    Decided,
    /// No such intent.
    #[error("there is no intent '{0}'; name one of the files of intents/, without its ending")]
    UnknownIntent(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an agent is asked when they end a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// Whether the bot can learn from the answer.
    pub ask: bool,
    /// What their acts tell.
    pub intent: Option<String>,
    /// How it is known, in words.
    pub why: Option<String>,
}

/// An intent to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The intent.
    pub intent: String,
    /// In the customer's words.
    pub title: String,
}

/// The sentences of the matter at hand, and what it was about by what the agent did.
struct Matter {
    sentences: Vec<Sentence>,
    derived: Option<Label>,
    account: Option<Arc<Account>>,
}

impl Service {
    /// What the end of a conversation tells about sentences that the bot did not read rightly.
    ///
    /// # Errors
    /// When `about` is no intent, or the database fails.
    pub(super) async fn suggested(&self, agent: &Agent, row: &Row, code: &str, about: Option<&str>) -> Result<Vec<Suggested>, DeskError> {
        let catalog = self.catalog.current();
        if let Some(unknown) = about.filter(|about| *about != NONE && !knows(&catalog, about)) {
            return Err(DeskError::UnknownIntent(unknown.to_owned()));
        }
        let Matter { sentences, derived, account } = self.matter(&catalog, agent, row).await?;
        let Some(label) = suggest::label(about, derived, first_name(agent), code) else { return Ok(Vec::new()) };
        let customer = account.as_deref().map(|account| &account.customer);
        let known = customer.map(|one| [&*one.given_name, &*one.family_name, &*one.email, &*one.phone]);
        let known: Vec<&str> = known.into_iter().flatten().collect();
        Ok(suggest::suggestions(sentences, &label, &known))
    }

    /// What the dialog in which a conversation is ended asks.
    ///
    /// # Errors
    /// When there is no such conversation or the database fails.
    pub async fn about(&self, agent: &Agent, conversation: &ConversationId) -> Result<About, DeskError> {
        let row = self.row(conversation).await?.ok_or(DeskError::NotFound)?;
        let catalog = self.catalog.current();
        let Matter { sentences, derived, .. } = self.matter(&catalog, agent, &row).await?;
        let (intent, why) = derived.map(|label| (label.intent, label.why)).unzip();
        Ok(About { ask: !sentences.is_empty(), intent, why })
    }

    /// All intents, by title.
    pub fn intents(&self) -> Vec<Choice> {
        let choice = |file: &IntentFile| Choice { intent: file.intent.text.clone(), title: file.title.english.text.clone() };
        let mut choices: Vec<Choice> = self.catalog.current().intents.iter().map(choice).collect();
        choices.sort_by(|one, other| one.title.cmp(&other.title));
        choices
    }

    async fn matter(&self, catalog: &Catalog, agent: &Agent, row: &Row) -> Result<Matter, StoreError> {
        let events = self.store.last_events(&row.id, EVENTS).await?;
        let sentences = suggest::sentences(&events);
        if sentences.is_empty() {
            return Ok(Matter { sentences, derived: None, account: None });
        }
        let account = match &row.customer {
            Some(customer) => self.account(customer).await?,
            None => None,
        };
        let words = suggest::told_to_person(&events);
        let words = &words[words.len().saturating_sub(READ)..];
        let heard = words.iter().map(|(_, text)| (Heard::Text(text.clone()), Level(0))).collect();
        let read = self.read(Around { catalog, account: account.as_deref(), locale: &row.locale }, heard).await;
        let told: Vec<(i64, String)> = words
            .iter()
            .zip(&read.said)
            .filter_map(|((seq, _), said)| match &said.reading.as_ref()?.decision {
                Decision::Act(intent) if intent.as_str() != TALK_TO_HUMAN => Some((*seq, intent.to_string())),
                Decision::Act(_) | Decision::Clarify(_) | Decision::Abstain => None,
            })
            .collect();
        let replies: Vec<_> = catalog.saved.iter().filter_map(|reply| reply.about()).collect();
        let given = Given { events: &events, account: account.as_deref(), replies: &replies, told: &told, agent: first_name(agent) };
        let derived = suggest::derived(&given).filter(|label| knows(catalog, &label.intent));
        Ok(Matter { sentences, derived, account })
    }

    /// The sentence becomes an example of the intent, or of another one: the line to add to its file.
    ///
    /// # Errors
    /// When it is unknown or decided, the intent is unknown, or the database fails.
    pub async fn accept_suggestion(&self, agent: &Agent, id: &str, other: Option<&str>) -> Result<ExampleLine, SuggestError> {
        let found = self.store.suggestion(id).await?.ok_or(SuggestError::NotFound)?;
        let intent = IntentId::from(other.unwrap_or(&found.suggested.intent));
        let catalog = self.catalog.current();
        let file = catalog.file_of(&intent).ok_or_else(|| SuggestError::UnknownIntent(intent.to_string()))?;
        let line = file.example_line(&found.suggested.language, &found.suggested.text);
        self.decide(agent, id, Stand::Accepted, intent.as_str()).await?;
        Ok(line)
    }

    /// The sentence is no example.
    ///
    /// # Errors
    /// When it is unknown or decided, or the database fails.
    pub async fn dismiss_suggestion(&self, agent: &Agent, id: &str) -> Result<(), SuggestError> {
        let found = self.store.suggestion(id).await?.ok_or(SuggestError::NotFound)?;
        self.decide(agent, id, Stand::Dismissed, &found.suggested.intent).await
    }

    async fn decide(&self, agent: &Agent, id: &str, to: Stand, intent: &str) -> Result<(), SuggestError> {
        let now = self.clock.now();
        if !self.store.decide_suggestion(id, to, intent, &agent.name, now).await? {
            return Err(SuggestError::Decided);
        }
        let act = if to == Stand::Accepted { "accept_suggestion" } else { "dismiss_suggestion" };
        self.store.audit(now, &agent.name, act, id, intent).await?;
        Ok(())
    }
}

fn knows(catalog: &Catalog, intent: &str) -> bool {
    catalog.file_of(&IntentId::from(intent)).is_some()
}
