//! Telling customers what matters, unasked: in their open conversation, or at the next visit. Never into a person's conversation (the
//! person gets a note), never twice, and only what the account still holds true.

use super::Service;
use crate::domain::account::{Account, Telling, TellingKind, TellingState};
use crate::domain::conversation::Owner;
use crate::domain::dispute::state_text;
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::ids::{AgentId, ConversationId, CustomerId};
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::timer::Timer;
use crate::store::unit::{AccountUse, DeskAct, Turn, Write};
use crate::store::{Change, Changed, Outcome, Row, StoreError, Unit};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;

impl Service {
    /// Says a telling whose hour has come in the customer's open conversation. `false`: there is none, or it is no longer wanted.
    pub(super) async fn tell_in_chat(&self, account: &Arc<Account>, timer: &Timer) -> Result<bool, StoreError> {
        let Some(telling) = account.tellings.iter().find(|found| found.id == timer.subject && is_wanted(account, found, timer.due_at))
        else {
            return Ok(false);
        };
        let customer = &account.customer.id;
        let Some(row) = self.store.conversations_of(customer).await?.into_iter().find(|row| !row.id.as_str().starts_with("call_")) else {
            return Ok(false);
        };
        match &row.owner {
            Owner::Bot => self.say_unasked(account, Arc::new(row), std::slice::from_ref(telling), timer.due_at).await,
            Owner::Queued(_) | Owner::Agent(_) => {
                if let Some(event) = self.event_of(account, telling, &row.locale, timer.due_at) {
                    let note = NewEvent {
                        by: Author::SYSTEM,
                        kind: EventKind::Note,
                        data: json!({"text": event.data["text"], "for_customer": true}),
                        key: Some(format!("note/{}", telling.id)),
                    };
                    let write = Write::Desk { agent: AgentId::from("system"), name: "redress".into(), act: DeskAct::Note(note) };
                    let at = row.updated_at.max(timer.due_at);
                    self.commit(Unit { row: Arc::new(row), at, write }).await?;
                }
                Ok(false)
            }
            Owner::Closed(_) => Ok(false),
        }
    }

    /// A signed-in customer is here: what has waited for them is said in this conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visit(&self, conversation: &ConversationId, account: Arc<Account>, locale: &str) -> Result<(), StoreError> {
        let waits = |telling: &&Telling| telling.state == TellingState::Waiting;
        if !account.tellings.iter().any(|telling| waits(&telling)) {
            return Ok(());
        }
        let now = self.clock.now();
        let Some(account) = self.store.account(&account.customer.id).await?.map(Arc::new) else { return Ok(()) };
        let waiting: Vec<Telling> =
            account.tellings.iter().filter(|telling| waits(telling) && is_wanted(&account, telling, now)).cloned().collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let row = match self.store.conversation(conversation).await? {
            Some(row) => row,
            None => Row::fresh(conversation.clone(), Some(account.customer.id.clone()), locale, now),
        };
        if row.owner == Owner::Bot && row.customer.as_ref() == Some(&account.customer.id) {
            self.say_unasked(&account, Arc::new(row), &waiting, now).await?;
        }
        Ok(())
    }

    /// Switches tellings off or on for a customer. `false`: there is no such customer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_quiet(&self, customer: &CustomerId, quiet: bool) -> Result<bool, StoreError> {
        loop {
            let Some(read) = self.store.account(customer).await?.map(Arc::new) else { return Ok(false) };
            let mut becomes = Account::clone(&read);
            becomes.version += 1;
            becomes.customer.quiet = quiet;
            let outbox = vec![("account.quiet".to_owned(), json!({"customer": customer, "quiet": quiet}).to_string())];
            let account = Some(AccountUse { read, becomes: Some(Box::new(becomes)) });
            let change = Change { at: self.clock.now(), account, outbox, ..Change::default() };
            if self.store.change(change).await? != Changed::Stale {
                return Ok(true);
            }
        }
    }

    /// One commit: what is said, and that it was said. `false` when somebody moved first.
    async fn say_unasked(&self, account: &Arc<Account>, row: Arc<Row>, tellings: &[Telling], now: Timestamp) -> Result<bool, StoreError> {
        let _turn = self.locks.lock(&row.id).await;
        let mut becomes = Account::clone(account);
        becomes.version += 1;
        let mut events = Vec::new();
        for telling in tellings {
            let event = self.event_of(account, telling, &row.locale, now);
            let Some(kept) = becomes.tellings.iter_mut().find(|kept| kept.id == telling.id) else { continue };
            kept.state = if event.is_some() { TellingState::Told } else { TellingState::Dropped };
            kept.told_at = Some(now);
            events.extend(event);
        }
        let turn = Turn {
            version: row.version,
            answers: row.answered,
            events,
            state: row.state.to_string(),
            wake_at: row.wake_at,
            account: Some(AccountUse { read: Arc::clone(account), becomes: Some(Box::new(becomes)) }),
            ..Turn::default()
        };
        let at = row.updated_at.max(now);
        let committed = self.commit(Unit { row, at, write: Write::Turn(Box::new(turn)) }).await?;
        Ok(committed.outcome == Outcome::Turned)
    }

    /// The words, from the account as it stands. `None` when there are none any more.
    fn event_of(&self, account: &Account, telling: &Telling, locale: &str, now: Timestamp) -> Option<NewEvent> {
        let market = Market::of(&account.customer.market);
        let catalog = self.catalog.current();
        let mut data = telling.data.clone();
        if telling.kind == TellingKind::DisputeMoved {
            let (order, dispute) = account.dispute(&telling.subject)?;
            let merchants = self.merchants.load();
            let merchant = merchants.name(&order.merchant);
            let method = account
                .customer
                .payment_methods
                .iter()
                .find(|method| method.is_default)
                .and_then(|method| Some(format!("{} ending in {}", method.brand.as_deref()?, method.last4.as_deref()?)));
            let language =
                if catalog.flows.replies.contains_key(&format!("told_dispute_moved.{}", crate::domain::language::primary(locale))) {
                    Language::of(locale)
                } else {
                    Language::English
                };
            data["merchant"] = json!(merchant);
            data["text"] = json!(state_text(order, dispute, merchant, method.as_deref(), market, now, language));
        }
        match catalog.flows.worded(telling.kind.wording(), locale, market.date(now), &data) {
            Ok((text, locale)) => Some(NewEvent {
                by: Author::BOT,
                kind: EventKind::Notice,
                data: json!({"text": text, "locale": locale, "about": telling.kind, "subject": telling.subject}),
                key: None,
            }),
            Err(error) => {
                tracing::error!(telling.id, %error, "a telling has no words; it is dropped");
                None
            }
        }
    }
}

/// Whether the customer should still hear it.
fn is_wanted(account: &Account, telling: &Telling, now: Timestamp) -> bool {
    matches!(telling.state, TellingState::Pending | TellingState::Waiting)
        && telling.until.is_none_or(|until| until >= now)
        && !account.customer.quiet
        && !(telling.kind.is_about_debt() && account.is_sheltered())
}
