//! The language model as a helper: nothing depends on it. What it is shown is masked and fenced, what it says is checked by code, and when it
//! is late, down or over budget everything goes on as if there were none.

mod agents;
mod messages;
mod rewriting;
mod slots;
mod tryout;

pub use agents::{Help, NoHelp};
pub(in crate::services) use messages::{Helped, Message, article};
pub(in crate::services) use rewriting::Translated;
pub(in crate::services) use slots::Unanswered;
pub use tryout::Tryout;

use crate::catalog::Catalog;
use crate::catalog::prompts::Given;
use crate::domain::account::Account;
use crate::domain::ids::ConversationId;
use crate::domain::mask::Mask;
use crate::llm::{Failure, Models, Question, Use};
use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Summaries that are kept until an agent asks for them.
const KEPT: usize = 1_000;

/// The models, if any are configured, and what they said last.
#[derive(Debug)]
pub struct Helper {
    models: Option<Models>,
    summaries: Cache<String, Arc<agents::Summed>>,
    /// Conversations about which a model is being asked.
    asking: Mutex<HashSet<ConversationId>>,
}

/// As long as this lives, a model is being asked about the conversation.
pub(super) struct Asking<'a> {
    helper: &'a Helper,
    conversation: ConversationId,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.helper.asking.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.conversation);
    }
}

impl Helper {
    /// With models, or without.
    pub fn new(models: Option<Models>) -> Self {
        Self { models, summaries: Cache::new(KEPT), asking: Mutex::default() }
    }

    /// How the models are; `null` when there are none.
    pub fn report(&self) -> Value {
        self.models.as_ref().map_or(Value::Null, Models::report)
    }

    /// The models, if any are configured.
    pub fn models(&self) -> Option<&Models> {
        self.models.as_ref()
    }

    /// Notes that a model is being asked about a conversation.
    pub(super) fn helping(&self, conversation: &ConversationId) -> Asking<'_> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner).insert(conversation.clone());
        Asking { helper: self, conversation: conversation.clone() }
    }

    /// Whether a model is being asked about it.
    pub(super) fn is_helping(&self, conversation: &ConversationId) -> bool {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner).contains(conversation)
    }

    /// Until when a reply may wait for a model, from now on.
    fn reply_time(&self) -> Duration {
        self.models.as_ref().map_or(Duration::ZERO, |models| models.settings().reply)
    }

    /// Whether a question of this kind about this account has a chance now.
    fn would_ask(&self, purpose: Use, account: Option<&Account>) -> bool {
        self.models.as_ref().is_some_and(|models| may_leave(models, account) && models.would_ask(purpose))
    }

    /// Whether texts of this account's talks may be translated now.
    pub(in crate::services) fn would_translate(&self, account: Option<&Account>) -> bool {
        self.would_ask(Use::Translate, account)
    }

    /// Whether any customer's texts may be translated at all.
    pub(in crate::services) fn would_translate_any(&self) -> bool {
        self.models.as_ref().is_some_and(|models| models.would_ask(Use::Translate))
    }

    /// The same with the reason for people, when not.
    fn must_ask(&self, purpose: Use, account: Option<&Account>) -> Result<(), NoHelp> {
        if self.would_ask(purpose, account) {
            return Ok(());
        }
        let why = if self.models.is_none() { "no language model is configured" } else { "the model is switched off for this, or down" };
        Err(NoHelp::NoAnswer(why.to_owned()))
    }

    /// Asks. What is given has to be masked.
    async fn ask<T: DeserializeOwned>(
        &self,
        catalog: &Catalog,
        account: Option<&Account>,
        given: &Given<'_>,
        schema: &Value,
        until: Instant,
    ) -> Result<T, Failure> {
        let models = self.models.as_ref().filter(|models| may_leave(models, account)).ok_or(Failure::Off)?;
        let purpose = given.purpose();
        let rendered = catalog.prompts.render(given).map_err(|error| {
            tracing::error!(llm.purpose = purpose.name(), %error, "A prompt cannot be rendered, so no model is asked");
            Failure::Off
        })?;
        let question = Question { purpose, prompt: catalog.prompts.digest(purpose), system: rendered.system, user: rendered.user, schema };
        models.ask(&question, until).await
    }
}

/// Whether the words of this customer may leave the process.
fn may_leave(models: &Models, account: Option<&Account>) -> bool {
    let inside = &models.settings().keep_inside;
    let market = account.map(|account| account.customer.market.as_str());
    // Of a stranger no market is known: then one that keeps its customers' words inside counts for all.
    market.map_or(inside.is_empty(), |market| {
        !inside.iter().any(|kept| market.eq_ignore_ascii_case(kept) || country(market).eq_ignore_ascii_case(kept))
    })
}

/// `US` of `US-NY`.
fn country(market: &str) -> &str {
    market.split('-').next().unwrap_or(market)
}

/// A mask that knows what is personal about this customer.
fn mask(account: Option<&Account>) -> Mask {
    let known = account.map(|account| {
        let customer = &account.customer;
        [customer.given_name.as_str(), customer.family_name.as_str(), customer.email.as_str(), customer.phone.as_str()]
    });
    Mask::knowing(known.into_iter().flatten())
}
