//! The first half of a turn: from what was said to what the bot will do. Pure: it reads a snapshot of the account and
//! changes nothing; the whole result can be thrown away.

use super::calls::{self, Session, World};
use super::helper::{Message, article};
use crate::catalog::Catalog;
use crate::dialog::state::DialogState;
use crate::dialog::{Article, Effect, HandOver, Input, Level, Proposal, StepContext, Wanted, merge, step};
use crate::domain::account::{Account, Notice, Promise};
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::ids::CustomerId;
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::merchants::Merchants;
use crate::domain::notice;
use crate::understanding::{ReadContext, Reading};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What a turn starts from.
pub struct Ground<'a> {
    /// The content.
    pub catalog: &'a Catalog,
    /// The signed-in customer.
    pub customer: Option<&'a CustomerId>,
    /// Their account, as read.
    pub account: Option<&'a Account>,
    /// All stores.
    pub merchants: &'a Merchants,
    /// The conversation's id.
    pub conversation: &'a str,
    /// The conversation's language.
    pub locale: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Something that happened in the conversation, before it is understood.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A text.
    Text(String),
    /// A click.
    Choice {
        /// The option.
        option: String,
        /// Its label.
        label: String,
    },
    /// The button "a person, please".
    Human,
    /// Nothing, for long.
    Silence,
    /// A higher sign-in level.
    LevelRaised,
    /// A person gave the conversation back.
    Returned,
}

/// Something heard, at a sign-in level.
#[derive(Clone, Debug)]
pub struct Said {
    /// What.
    pub heard: Heard,
    /// How well its speaker was known.
    pub level: Level,
    /// What a text was read as; without, thinking reads it, and waits for the encoder if it must.
    pub reading: Option<Box<Reading>>,
    /// What the articles say to it.
    pub article: Option<Article>,
    /// What it may mean for the open question.
    pub proposal: Option<Proposal>,
}

/// What a turn will do.
#[derive(Debug, Default)]
pub struct Thought {
    /// The next dialog state.
    pub state: DialogState,
    /// Events to append, in order.
    pub events: Vec<NewEvent>,
    /// A person is needed.
    pub hand_over: Option<HandOver>,
    /// The account as it becomes.
    pub account: Option<Box<Account>>,
    /// What changed in it.
    pub facts: Vec<Value>,
    /// What is asked of the payment provider: topic and payload.
    pub messages: Vec<(String, Value)>,
    /// Promises that no account can hold.
    pub promises: Vec<Promise>,
    /// Legal notices that no account can hold.
    pub notices: Vec<Notice>,
    /// When to look again.
    pub wake_at: Option<Timestamp>,
    /// The language that the conversation goes on in, when it has changed.
    pub locale: Option<String>,
    /// The conversation ends.
    pub close: Option<String>,
    /// Whether the account was looked at: then the turn is void when it has changed meanwhile.
    pub read_account: bool,
    /// What the open question waits for, when the last message did not answer it and free words could.
    pub missed: Option<Wanted>,
}

/// A turn asks at most this many questions; a flow that asks more is broken.
const MOST_CALLS: usize = 64;

/// Thinks out the answer to everything that was heard since the last one. Never fails: what goes wrong inside a flow becomes a hand-over.
pub fn think(ground: &Ground<'_>, state: DialogState, heard: Vec<Said>) -> Thought {
    let market = ground.account.map_or_else(Market::fallback, |account| Market::of(&account.customer.market));
    let mut context = StepContext {
        now: ground.now,
        today: market.date(ground.now),
        level: Level(0),
        customer: ground.account.map_or(Value::Null, |account| {
            let customer = &account.customer;
            json!({ "given_name": customer.given_name, "market": customer.market, "locale": customer.locale, "currency": customer.currency })
        }),
        locale: ground.locale.to_owned(),
        article: None,
        proposal: None,
    };
    let mut thought = Thought { state, ..Thought::default() };
    let mut effects = Vec::new();
    for Said { heard, level, reading, article, proposal } in heard {
        context.level = level;
        context.article = article;
        context.proposal = proposal;
        let session = Session { level, customer: ground.customer.cloned() };
        let mut input = understood(ground, market, heard, reading, &mut context);
        if let Input::Said { reading, .. } = &input {
            note_legal(ground, market, &mut thought, reading);
        }
        for _ in 0..MOST_CALLS {
            let next = step(&ground.catalog.flows, std::mem::take(&mut thought.state), input, &context);
            thought.state = next.state;
            if let Some(locale) = next.locale {
                context.locale.clone_from(&locale);
                thought.locale = Some(locale);
            }
            effects.extend(next.effects);
            thought.missed = next.missed;
            let Some(call) = next.ask else { break };
            let account = thought.account.as_deref().or(ground.account);
            thought.read_account = true;
            let language = language_of(ground, &thought.state, &context.locale);
            let answered = calls::answer(World { account, merchants: ground.merchants, now: ground.now, language }, &call, &session);
            if let Some(change) = answered.change {
                thought.account = Some(Box::new(change.account));
                // The facts tell what changed; `done` tells which action of the flow language did it.
                thought.facts.extend(change.facts.into_iter().map(|mut fact| {
                    fact["done"] = json!(call.name);
                    fact
                }));
                thought.messages.extend(change.messages);
            }
            input = Input::Answered(answered.answer);
        }
    }
    settle(ground, &mut thought, effects);
    if let (Some(becomes), Some(read)) = (thought.account.as_mut(), ground.account) {
        becomes.version = read.version + 1;
    }
    thought
}

/// The language in which a flow gets its sentences and labels: that of the conversation when the flow has texts in it.
fn language_of(ground: &Ground<'_>, state: &DialogState, locale: &str) -> Language {
    let flow = state.stack.last().and_then(|frame| ground.catalog.flows.flows.get(&frame.intent));
    if flow.is_some_and(|flow| flow.speaks(locale)) { Language::of(locale) } else { Language::English }
}

fn understood(ground: &Ground<'_>, market: &Market, heard: Heard, reading: Option<Box<Reading>>, context: &mut StepContext) -> Input {
    match heard {
        Heard::Text(text) => {
            let reading = reading.unwrap_or_else(|| {
                let understander = &ground.catalog.understander;
                let draft = understander.begin(&text, &ReadContext::of(market, ground.now));
                let vectors = understander.vectors(&draft);
                let reading = understander.finish(draft, &vectors);
                let vector = vectors.first().map(AsRef::as_ref);
                context.article = article(ground.catalog, Message { text: &text, vector, reading: &reading, locale: &context.locale });
                Box::new(reading)
            });
            Input::Said { reading, text }
        }
        Heard::Choice { option, label } => Input::Chose { option, label },
        Heard::Human => Input::WantsHuman,
        Heard::Silence => Input::Silence,
        Heard::LevelRaised => Input::LevelRaised,
        Heard::Returned => Input::Returned,
    }
}

/// Starts the clock of every legal notice that a message makes, in the same commit as the message, whatever the flows make of it.
fn note_legal(ground: &Ground<'_>, market: &Market, thought: &mut Thought, reading: &Reading) {
    let urgent = reading.safety.iter().map(|hit| (hit.intent.as_str(), hit.confidence));
    let likely = reading.intents.iter().map(|guess| (guess.intent.as_str(), guess.confidence));
    let further = reading.also.iter().map(|intent| (intent.as_str(), 1.0));
    let account = thought.account.as_deref().or(ground.account);
    let made = notice::heard(account, urgent.chain(likely).chain(further), market, ground.conversation, ground.now);
    if made.is_empty() {
        return;
    }
    for notice in &made {
        let text = format!("Legal notice ({}, {}): to be answered by {}.", notice.kind.replace('_', " "), notice.regime, notice.due_at);
        let data = json!({ "text": text, "notice": notice });
        thought.events.push(NewEvent { by: Author::SYSTEM, kind: EventKind::Note, data, key: None });
    }
    match (account.cloned(), ground.account) {
        (Some(mut account), Some(_)) => {
            account.notices.extend(made);
            thought.account = Some(Box::new(account));
        }
        (Some(_) | None, _) => thought.notices.extend(made),
    }
}

/// Turns effects into events and the other halves of the commit.
fn settle(ground: &Ground<'_>, thought: &mut Thought, effects: Vec<Effect>) {
    let bot = |kind, data| NewEvent { by: Author::BOT, kind, data, key: None };
    let mut said = Vec::with_capacity(effects.len());
    for effect in effects {
        match effect {
            Effect::Promise { text, due, subject } => {
                promise(ground, thought, &text, due, subject);
                said.push(Effect::Say { text, step_up: None });
            }
            Effect::Decision(data) => thought.events.push(bot(EventKind::Decision, data)),
            other => said.push(other),
        }
    }
    for fact in &thought.facts {
        thought.events.push(bot(EventKind::Action, fact.clone()));
    }
    for effect in merge(said) {
        match effect {
            Effect::Say { text, step_up } => {
                let locale = thought.locale.as_deref().unwrap_or(ground.locale);
                let mut data = json!({ "text": text, "locale": locale });
                if let Some(level) = step_up {
                    data["step_up"] = json!(level.0);
                }
                thought.events.push(bot(EventKind::Message, data));
            }
            Effect::Offer(options) => thought.events.push(bot(EventKind::Choices, json!({ "options": options }))),
            Effect::Card(card) => thought.events.push(bot(EventKind::Card, json!(card))),
            Effect::HandOver(hand_over) => {
                thought.events.push(NewEvent {
                    by: Author::SYSTEM,
                    kind: EventKind::Handoff,
                    data: json!({ "state": "queued" }),
                    key: None,
                });
                thought.hand_over = Some(hand_over);
            }
            Effect::Remind(at) => thought.wake_at = Some(at),
            Effect::Close(reason) => {
                thought.events.push(NewEvent { by: Author::SYSTEM, kind: EventKind::Closed, data: json!({ "reason": reason }), key: None });
                thought.close = Some(reason);
            }
            Effect::Promise { .. } | Effect::Decision(_) => {}
        }
    }
    if thought.hand_over.is_some() {
        thought.wake_at = None;
    }
}

fn promise(ground: &Ground<'_>, thought: &mut Thought, text: &str, due: Timestamp, subject: String) {
    let id = uuid::Uuid::now_v7().to_string();
    let record = Promise { id, subject, text: text.to_owned(), made_at: ground.now, due_at: due, state: "open".into(), escalated_at: None };
    match (thought.account.as_mut(), ground.account) {
        (Some(account), _) => account.promises.push(record),
        (None, Some(account)) => {
            let mut account = account.clone();
            account.promises.push(record);
            thought.account = Some(Box::new(account));
        }
        (None, None) => thought.promises.push(record),
    }
}
