//! A conversation without server or store: the same thinking on accounts in memory. `redress chat` and `redress test` run on it.

use super::think::{Ground, Heard, Said, Thought, think};
use crate::catalog::Catalog;
use crate::dialog::state::DialogState;
use crate::dialog::{HandOver, Level, OptionOffer};
use crate::domain::account::Account;
use crate::domain::ids::CustomerId;
use crate::domain::merchants::Merchants;
use crate::domain::redact::redact;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// One conversation in memory.
pub struct Rehearsal {
    catalog: Arc<Catalog>,
    merchants: Arc<Merchants>,
    customer: Option<CustomerId>,
    account: Option<Account>,
    level: Level,
    locale: String,
    now: Timestamp,
    state: DialogState,
    wake_at: Option<Timestamp>,
    queued: Option<HandOver>,
}

impl Rehearsal {
    /// A new conversation.
    pub fn new(catalog: Arc<Catalog>, merchants: Arc<Merchants>, account: Option<Account>, level: Level, now: Timestamp) -> Self {
        let locale = account.as_ref().map_or_else(|| "en".to_owned(), |account| account.customer.locale.clone());
        Self {
            catalog,
            merchants,
            customer: account.as_ref().map(|account| account.customer.id.clone()),
            account,
            level,
            locale,
            now,
            state: DialogState::default(),
            wake_at: None,
            queued: None,
        }
    }

    /// The same for a client that asks for this language.
    pub fn speaking(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }

    /// The customer writes. While a person is waited for the bot is silent: `None`.
    pub fn say(&mut self, text: &str) -> Option<Thought> {
        let text = redact(text).text.into_owned();
        self.hear(Heard::Text(text))
    }

    /// The customer clicks an option that is on offer.
    pub fn choose(&mut self, option: &OptionOffer) -> Option<Thought> {
        self.hear(Heard::Choice { option: option.id.clone(), label: option.label.clone() })
    }

    /// The customer comes back with another sign-in level.
    pub fn sign_in(&mut self, level: Level) -> Option<Thought> {
        let raised = level > self.level;
        self.level = level;
        if raised { self.hear(Heard::LevelRaised) } else { None }
    }

    /// Time passes; a reminder that falls due runs.
    pub fn wait(&mut self, by: SignedDuration) -> Option<Thought> {
        self.now = self.now.saturating_add(by).unwrap_or(self.now);
        if self.wake_at.is_some_and(|at| at <= self.now) { self.hear(Heard::Silence) } else { None }
    }

    /// The options that are on offer.
    pub fn offered(&self) -> Vec<OptionOffer> {
        self.state.on_offer().cloned().collect()
    }

    /// The hand-over, once a person is waited for.
    pub fn queued(&self) -> Option<&HandOver> {
        self.queued.as_ref()
    }

    /// The account as it stands.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    fn hear(&mut self, heard: Heard) -> Option<Thought> {
        if self.queued.is_some() {
            return None;
        }
        let ground = Ground {
            catalog: &self.catalog,
            customer: self.customer.as_ref(),
            account: self.account.as_ref(),
            merchants: &self.merchants,
            conversation: "rehearsal",
            locale: &self.locale,
            now: self.now,
        };
        let mut thought = think(
            &ground,
            std::mem::take(&mut self.state),
            vec![Said { heard, level: self.level, reading: None, article: None, proposal: None }],
        );
        self.state = thought.state.clone();
        self.wake_at = thought.wake_at;
        if let Some(locale) = &thought.locale {
            self.locale.clone_from(locale);
        }
        self.queued = thought.hand_over.clone();
        if let Some(account) = thought.account.take() {
            self.account = Some(*account);
        }
        Some(thought)
    }
}
