//! A turn: accept what a customer said, think, act. Message and answer are one commit when nobody else moves; otherwise
//! the message is stored and acknowledged first, and the answer follows as a turn of its own.

use super::Service;
use super::helped::Helped;
use super::reading::{Around, Memory};
use super::think::{Heard, Said, Thought};
use crate::catalog::Catalog;
use crate::dialog::state::DialogState;
use crate::dialog::{Level, OptionOffer};
use crate::domain::account::Account;
use crate::domain::conversation::Owner;
use crate::domain::event::{Author, Event, EventKind, NewEvent, Place};
use crate::domain::handoff;
use crate::domain::ids::{ConversationId, CustomerId, TicketId};
use crate::domain::market::Market;
use crate::domain::redact::redact;
use crate::domain::team::{ClockKind, Teams};
use crate::store::unit::{AccountUse, Ticket, Turn, Write};
use crate::store::{Outcome, Row, StoreError, Unit};
use serde_json::{Value, json};
use std::sync::Arc;

/// Who speaks, as far as the socket knows.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// Where.
    pub conversation: ConversationId,
    /// Who, when signed in.
    pub customer: Option<CustomerId>,
    /// How well they are known.
    pub level: Level,
    /// BCP 47 language.
    pub locale: String,
}

/// What a customer's frame says.
#[derive(Clone, Debug, PartialEq)]
pub enum Saying {
    /// A text.
    Text(String),
    /// A click on an option.
    Choose(String),
    /// A person, please.
    Human,
    /// A rating, 1 to 5, with an optional comment.
    Rate(u8, Option<String>),
}

/// Why something was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    /// The option is not on offer.
    #[error("that option is no longer on offer")]
    NotOffered,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How often a turn looks again when somebody moved first.
const TRIES: usize = 8;

impl Service {
    /// Accepts what a customer said: when this returns, it is stored for good, under the seq that it returns.
    /// A frame id that was seen before gets its old seq, and nothing happens twice.
    ///
    /// # Errors
    /// When a click is not on offer, or the store failed (then nothing was stored).
    pub async fn say(self: &Arc<Self>, speaker: &Speaker, frame_id: &str, saying: Saying) -> Result<i64, SayError> {
        let _turn = self.locks.lock(&speaker.conversation).await;
        let now = self.clock.now();
        let row = match self.row(&speaker.conversation).await? {
            Some(row) => row,
            None => Arc::new(Row::fresh(speaker.conversation.clone(), speaker.customer.clone(), &speaker.locale, now)),
        };
        let Some((mut data, heard)) = self.hear(&row, frame_id, saying).await? else {
            return Err(SayError::NotOffered);
        };
        if let Saying2::Repeated(seq) = heard {
            return Ok(seq);
        }
        let (kind, heard) = match heard {
            Saying2::Rating => (EventKind::Rating, None),
            Saying2::Said(heard) => (EventKind::Message, Some(heard)),
            Saying2::Repeated(_) => (EventKind::Message, None),
        };
        let wants_answer = heard.is_some();
        let (mut turn, mut hands_over) = (None, false);
        let bot_has_it = matches!(row.owner, Owner::Bot | Owner::Closed(_)) && row.asked <= row.answered;
        if let Some(heard) = heard
            && bot_has_it
        {
            let account = self.account_of(row.customer.as_ref().or(speaker.customer.as_ref())).await?;
            let heard = vec![(heard, speaker.level)];
            let catalog = self.catalog.current();
            let around = Around { catalog: &catalog, account: account.as_deref(), locale: &row.locale };
            let mut read = self.read(around, heard).await;
            let goes_on = self.goes_on(&row, &mut read.said, now).await?;
            let state = dialog_state(&row);
            // A model is asked only when the message is safe: then the answer follows as a turn of its own.
            if goes_on.is_some() || !self.wants_help(around, &state, &read) {
                let may_fill = goes_on.is_none() && self.may_fill(around, &state, &read);
                let last_words = last_words(&read.said).map(str::to_owned);
                let thought = self.think_over(&row, account.as_deref(), &catalog, read.said, &row.locale);
                if !(may_fill && thought.missed.is_some()) {
                    let mut thought = self.write_down(&row, account, &catalog, thought, last_words.as_deref(), speaker.level);
                    if let (Some(ended), Some(ticket)) = (goes_on, &mut thought.ticket) {
                        super::reopen::again(ticket, ended, now);
                        ticket.preview = data["text"].as_str().unwrap_or_default().chars().take(140).collect();
                    }
                    if let Some(locale) = &thought.locale {
                        // The customer has changed the language with these words: they are in it.
                        data["locale"] = json!(&**locale);
                    }
                    hands_over = thought.ticket.is_some();
                    turn = Some(Box::new(thought));
                }
            }
        }
        let for_a_person = !bot_has_it && kind == EventKind::Message && self.helper.would_translate_any();
        let event = NewEvent { by: Author::CUSTOMER, kind, data, key: Some(frame_id.to_owned()) };
        let clock = self.answer_clock(&row, now);
        let write = Write::Say { event, level: speaker.level.0, wants_answer, turn, clock };
        let committed = self.commit(Unit { row, at: now, write }).await?;
        match committed.outcome {
            Outcome::Said { seq, turned } => {
                if turned {
                    metrics::counter!("redress_turns_total", "path" => "at_once").increment(1);
                    if hands_over {
                        self.sum_up_later(speaker.conversation.clone());
                    }
                } else if committed.row.is_unanswered() {
                    self.advance_later(speaker.conversation.clone());
                } else if for_a_person {
                    self.translate_later(speaker.conversation.clone(), seq);
                }
                Ok(seq)
            }
            Outcome::Repeated { seq } => Ok(seq),
            Outcome::Turned | Outcome::Stale | Outcome::Done { .. } | Outcome::Refused(_) => Err(SayError::Store(StoreError::Closed)),
        }
    }

    /// Answers whatever is unanswered in a conversation, on a task of its own.
    pub fn advance_later(self: &Arc<Self>, conversation: ConversationId) {
        let service = Arc::clone(self);
        self.tasks.spawn(async move {
            match service.advance_helped(&conversation, None, true).await {
                Ok(advanced) => {
                    advanced.unread.into_iter().for_each(|seq| service.translate_later(conversation.clone(), seq));
                    if advanced.hands_over {
                        service.sum_up_later(conversation);
                    }
                }
                Err(error) => tracing::error!(conversation.id = %conversation, %error, "a turn failed; the sweep will try again"),
            }
        });
    }

    /// Answers whatever is unanswered in a conversation; or what `happened` besides, at this level. Nothing to do is fine.
    ///
    /// # Errors
    /// When the store failed; what is unanswered stays so and the sweep finds it.
    pub async fn advance(&self, conversation: &ConversationId, happened: Option<(Heard, Level)>) -> Result<(), StoreError> {
        // Whoever asks a model about it right now will answer it.
        if happened.is_none() && self.helper.is_helping(conversation) {
            return Ok(());
        }
        // What the customer waits for may take as long as a reply; the sweep waits for nobody.
        let with_help = matches!(happened, Some((Heard::LevelRaised | Heard::Returned, _)));
        self.advance_helped(conversation, happened, with_help).await.map(drop)
    }

    /// The same, where it may be with the help of a model.
    async fn advance_helped(
        &self,
        conversation: &ConversationId,
        happened: Option<(Heard, Level)>,
        with_help: bool,
    ) -> Result<Advanced, StoreError> {
        let nothing = || Ok(Advanced::default());
        let mut turn_lock = self.locks.lock(conversation).await;
        let (reply_by, mut memory) = (self.helper.reply_by(), Memory::default());
        for _ in 0..TRIES {
            let Some(row) = self.row(conversation).await? else { return nothing() };
            if row.owner != Owner::Bot {
                return nothing();
            }
            let (mut heard, mut seqs) = (Vec::new(), Vec::new());
            let mut level = Level(0);
            if row.is_unanswered() {
                let after = Place { seq: row.answered, sub: i64::MAX };
                let events = self.store.events_after(conversation, after, true, 200).await?;
                for event in events.iter().filter(|event| event.seq <= row.asked) {
                    if let Some(said) = heard_in(event) {
                        level = Level(event.level);
                        heard.push((said, level));
                        seqs.push(event.seq);
                    }
                }
            }
            if let Some((what, at)) = &happened {
                level = level.max(*at);
                heard.push((what.clone(), *at));
            }
            if heard.is_empty() && !row.is_unanswered() {
                return nothing();
            }
            let account = self.account_of(row.customer.as_ref()).await?;
            let catalog = self.catalog.current();
            let around = Around { catalog: &catalog, account: account.as_deref(), locale: &row.locale };
            let read = self.read(around, heard).await;
            let (state, last_words) = (dialog_state(&row), last_words(&read.said).map(str::to_owned));
            let helped = if with_help && (self.wants_help(around, &state, &read) || self.may_fill(around, &state, &read)) {
                // Whoever writes or takes over meanwhile need not wait: the fence makes this thought void then.
                let _helping = self.helper.helping(conversation);
                drop(turn_lock);
                let helped = self.think_with_help(&row, around, read, &seqs, reply_by, &mut memory).await;
                turn_lock = self.locks.lock(conversation).await;
                helped
            } else {
                let thought = self.think_over(&row, account.as_deref(), &catalog, read.said, &row.locale);
                Helped { thought, unread: Vec::new() }
            };
            let unread = helped.unread;
            let mut turn = self.write_down(&row, account, &catalog, helped.thought, last_words.as_deref(), level);
            turn.answers = row.asked;
            let hands_over = turn.ticket.is_some();
            let unit = Unit { row: Arc::clone(&row), at: self.clock.now(), write: Write::Turn(Box::new(turn)) };
            let committed = self.commit(unit).await?;
            match committed.outcome {
                Outcome::Stale => {
                    metrics::counter!("redress_turns_stale_total").increment(1);
                    self.hub.remember_row(committed.row);
                }
                Outcome::Turned | Outcome::Said { .. } | Outcome::Repeated { .. } | Outcome::Done { .. } | Outcome::Refused(_) => {
                    metrics::counter!("redress_turns_total", "path" => "after").increment(1);
                    return Ok(Advanced { hands_over, unread });
                }
            }
        }
        drop(turn_lock);
        tracing::warn!(conversation.id = %conversation, "a turn was overtaken {TRIES} times; the sweep will try again");
        nothing()
    }

    pub(super) async fn account_of(&self, customer: Option<&CustomerId>) -> Result<Option<Arc<Account>>, StoreError> {
        match customer {
            Some(customer) => self.account(customer).await,
            None => Ok(None),
        }
    }

    /// Writes a thought down as the second half of a turn.
    fn write_down(
        &self,
        row: &Row,
        account: Option<Arc<Account>>,
        catalog: &Catalog,
        thought: Thought,
        last_words: Option<&str>,
        level: Level,
    ) -> Turn {
        let now = self.clock.now();
        let teams = &catalog.teams;
        let ticket = |_| Box::new(ticket(&thought, row, thought.account.as_deref().or(account.as_deref()), last_words, level, teams, now));
        let ticket = thought.hand_over.as_ref().map(ticket);
        let account = match (account, thought.account, thought.read_account) {
            (Some(read), becomes, true) => Some(AccountUse { read, becomes }),
            (Some(read), Some(becomes), false) => Some(AccountUse { read, becomes: Some(becomes) }),
            (Some(_) | None, _, _) => None,
        };
        let told = thought.facts.iter().map(|fact| (topic(fact), with_origin(fact, row, &catalog.digest)));
        let asked = thought.messages.iter().map(|(topic, payload)| (topic.clone(), payload.to_string()));
        let outbox = told.chain(asked).collect();
        Turn {
            version: row.version,
            answers: row.asked,
            events: thought.events,
            state: serde_json::to_string(&thought.state).expect("dialog state has string keys only"),
            ticket,
            close: thought.close,
            locale: thought.locale.map(Arc::from),
            wake_at: thought.wake_at,
            account,
            promises: thought.promises,
            notices: thought.notices,
            outbox,
        }
    }

    /// What a frame says, as the data of its event and as something heard. `None`: the click is not on offer.
    async fn hear(&self, row: &Row, frame_id: &str, saying: Saying) -> Result<Option<(Value, Saying2)>, StoreError> {
        Ok(Some(match saying {
            Saying::Text(text) => {
                let text = redact(&text).text.into_owned();
                (json!({ "text": text, "locale": &*row.locale }), Saying2::Said(Heard::Text(text)))
            }
            Saying::Human => {
                let catalog = self.catalog.current();
                let text = catalog.flows.wording("option_person", &row.locale);
                (json!({ "text": text, "locale": &*row.locale, "human": true }), Saying2::Said(Heard::Human))
            }
            Saying::Rate(score, comment) => {
                let comment = comment.map(|comment| redact(&comment).text.into_owned());
                (json!({ "score": score, "comment": comment }), Saying2::Rating)
            }
            Saying::Choose(option) => match chosen(&dialog_state(row), &option) {
                Some((offer, shown)) => (
                    json!({ "text": shown, "locale": &*row.locale, "option": offer.id }),
                    Saying2::Said(Heard::Choice { option: offer.id, label: offer.label }),
                ),
                None => match self.store.seq_of(&row.id, frame_id).await? {
                    Some(seq) => (Value::Null, Saying2::Repeated(seq)),
                    None => return Ok(None),
                },
            },
        }))
    }
}

/// `sv-SE` as `sv`.
pub(super) fn two_letters(locale: &str) -> String {
    locale.split('-').next().unwrap_or("en").to_lowercase()
}

/// An option on offer, and its label as the customer reads it.
fn chosen(state: &DialogState, option: &str) -> Option<(OptionOffer, String)> {
    let offer = state.on_offer().find(|offer| offer.id == option)?.clone();
    let shown = state.shown.iter().find(|shown| shown.id == option).map_or(&offer.label, |shown| &shown.label).clone();
    Some((offer, shown))
}

/// What came of a turn besides its commit.
#[derive(Default)]
struct Advanced {
    /// A person is needed now.
    hands_over: bool,
    /// Messages that nobody waited to have translated.
    unread: Vec<i64>,
}

enum Saying2 {
    Said(Heard),
    Rating,
    Repeated(i64),
}

/// The dialog state of a row; one that this version cannot read starts afresh.
pub(super) fn dialog_state(row: &Row) -> DialogState {
    if row.state.is_empty() {
        return DialogState::default();
    }
    serde_json::from_str(&row.state).unwrap_or_else(|error| {
        tracing::error!(conversation.id = %row.id, %error, "the dialog state is unreadable and starts afresh");
        DialogState::default()
    })
}

/// What a stored customer event said; `None` for what wants no answer.
fn heard_in(event: &Event) -> Option<Heard> {
    if event.by != Author::CUSTOMER || event.kind != EventKind::Message {
        return None;
    }
    let data = event.value();
    let text = data.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    if data.get("human").and_then(Value::as_bool) == Some(true) {
        return Some(Heard::Human);
    }
    match data.get("option").and_then(Value::as_str) {
        Some(option) => Some(Heard::Choice { option: option.to_owned(), label: text }),
        None => Some(Heard::Text(text)),
    }
}

fn topic(fact: &Value) -> String {
    format!("account.{}", fact.get("action").and_then(Value::as_str).unwrap_or("changed"))
}

fn with_origin(fact: &Value, row: &Row, digest: &str) -> String {
    json!({ "conversation": row.id, "customer": row.customer, "fact": fact, "catalog": digest }).to_string()
}

fn last_words(said: &[Said]) -> Option<&str> {
    said.iter().rev().find_map(|said| match &said.heard {
        Heard::Text(text) | Heard::Choice { label: text, .. } => Some(text.as_str()),
        Heard::Human | Heard::Silence | Heard::LevelRaised | Heard::Returned => None,
    })
}

/// The place in the waiting list for a thought that needs a person, with the packet for the agent.
fn ticket(
    thought: &Thought,
    row: &Row,
    account: Option<&Account>,
    last_words: Option<&str>,
    level: Level,
    teams: &Teams,
    now: jiff::Timestamp,
) -> Ticket {
    let hand_over = thought.hand_over.as_ref().expect("only called with a hand-over");
    let facts = handoff::Facts {
        account,
        level: level.0,
        locale: thought.locale.as_deref().unwrap_or(&row.locale),
        reason: &hand_over.reason,
        queue: &hand_over.queue,
        priority: hand_over.priority,
        intent: hand_over.intent.as_ref().map(crate::domain::ids::IntentId::as_str),
        also: &hand_over.also,
        known: &hand_over.known,
        actions: &thought.facts,
        last_words,
        now,
    };
    let market = account.map_or("", |account| account.customer.market.as_str());
    let clock = |kind| teams.clock(kind, &hand_over.queue, hand_over.priority, Market::of(market), now);
    let clocks = [ClockKind::FirstAnswer, ClockKind::Settled].map(clock);
    Ticket {
        id: TicketId::new(),
        queue: hand_over.queue.clone(),
        priority: hand_over.priority,
        reason: hand_over.reason.clone(),
        intent: hand_over.intent.as_ref().map(ToString::to_string),
        customer_name: account.map(|account| account.customer.given_name.clone()),
        preview: last_words.unwrap_or_default().chars().take(140).collect(),
        packet: handoff::packet(&facts).to_string(),
        waiting_since: now,
        due_at: clocks[0].due_at,
        language: two_letters(facts.locale),
        market: market.to_owned(),
        reserved: None,
        not_before: None,
        declined: Vec::new(),
        clocks: clocks.to_vec(),
    }
}
