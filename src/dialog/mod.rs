//! Meaning to next state and effects: pure and total. `step` never performs anything; what it needs from outside it
//! asks for as a `Call`, and gets it back as an `Answer`.

mod article;
pub mod call;
mod choose;
mod correct;
pub mod flow;
mod hear;
mod language;
mod meant;
mod open;
mod question;
pub mod replies;
mod run;
mod scope;
mod slots;
pub mod state;
mod step;
pub mod texts;
mod turn;

#[cfg(test)]
mod tests;

pub use language::is_foreign;
pub use meant::{Proposal, Wanted};
pub use step::step;
pub use turn::merge;

use crate::domain::ids::IntentId;
use crate::understanding::Reading;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use state::DialogState;

/// How well the customer is known in this turn: 0 anonymous, 1 signed in, 2 fresh step-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Level(pub u8);

/// What a step may depend on besides state and input. Time is an argument.
#[derive(Clone, Debug)]
pub struct StepContext {
    /// The conversation's now.
    pub now: Timestamp,
    /// Today in the market's time zone, `YYYY-MM-DD`.
    pub today: jiff::civil::Date,
    /// How well the customer is known.
    pub level: Level,
    /// `customer` as expressions see it; `null` when anonymous.
    pub customer: Value,
    /// BCP 47 language of the conversation.
    pub locale: String,
    /// What the articles say to the message, when it is no clear wish for anything.
    pub article: Option<Article>,
    /// What the message may have meant for the open question, when it does not answer it.
    pub proposal: Option<Proposal>,
}

/// What an article says to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The passage, or an answer that rests on it (CommonMark).
    pub text: String,
    /// What the article is called.
    pub title: String,
    /// Where it stands on the company's pages.
    pub link: Option<String>,
    /// Whether a model worded the text.
    pub by_model: bool,
    /// Intents that the article belongs to, the likeliest first.
    pub intents: Vec<IntentId>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The customer wrote something.
    Said {
        /// The text (redacted).
        text: String,
        /// What it was read as.
        reading: Box<Reading>,
    },
    /// The customer clicked an option that was offered.
    Chose {
        /// The option's id.
        option: String,
        /// Its label, as the customer saw it.
        label: String,
    },
    /// The button "a person, please".
    WantsHuman,
    /// The answer to the `Call` of the step before.
    Answered(Answer),
    /// Nothing was said for long.
    Silence,
    /// The customer signed in or stepped up.
    LevelRaised,
    /// A person gave the conversation back.
    Returned,
}

/// A question to the world, from the closed list in `docs/flows.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Read, rule or write.
    pub kind: CallKind,
    /// Its name in `docs/flows.md`.
    pub name: String,
    /// Its arguments.
    pub with: Map<String, Value>,
}

/// What kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `lookup`: reads only.
    Lookup,
    /// `check`: asks a rule.
    Check,
    /// `do`: changes the account.
    Do,
}

/// The answer to a `Call`.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The value for the step's variable.
    Value(Value),
    /// An action or a rule's call could not be done: `{reason, why}`.
    Refused(Value),
}

/// Something that the turn must make happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The bot says this (CommonMark). `step_up` asks the client for that sign-in level.
    Say {
        /// The text.
        text: String,
        /// The sign-in level that the client should obtain now.
        step_up: Option<Level>,
    },
    /// The bot offers options.
    Offer(Vec<OptionOffer>),
    /// The bot shows a card.
    Card(Card),
    /// A person is needed.
    HandOver(HandOver),
    /// Something was promised to the customer.
    Promise {
        /// What was said.
        text: String,
        /// When it is due.
        due: Timestamp,
        /// What it is about.
        subject: String,
    },
    /// Why the bot did what it did; only the desk sees it.
    Decision(Value),
    /// Wake this conversation at that instant if nothing happens before.
    Remind(Timestamp),
    /// The conversation is over.
    Close(String),
}

/// An option that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionOffer {
    /// Opaque; comes back in `choose`.
    pub id: String,
    /// What the customer sees.
    pub label: String,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// `plan`, `dispute`, `order` or `refund`.
    pub card: String,
    /// Its title.
    pub title: String,
    /// Its lines.
    pub fields: Vec<CardField>,
}

/// One line of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardField {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// A hand-over: why, where to, how urgent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// Short code, e.g. `asked_for_person`, `not_understood`, `pod_shows_delivered`.
    pub reason: String,
    /// One of the queues of `docs/flows.md`.
    pub queue: String,
    /// 0 (at once) to 4.
    pub priority: u8,
    /// The intent that was active or asked for.
    pub intent: Option<IntentId>,
    /// What else was asked about and not taken up yet.
    pub also: Vec<IntentId>,
    /// What the flow knew: slots and variables, for the packet.
    pub known: Value,
}

/// What a step leads to.
#[derive(Clone, Debug)]
pub struct Step {
    /// The next state.
    pub state: DialogState,
    /// What must happen, in order.
    pub effects: Vec<Effect>,
    /// The language that the conversation goes on in, when this turn has changed it: the context of the steps to come.
    pub locale: Option<String>,
    /// What the open question waits for, when the message did not answer it and free words could.
    pub missed: Option<Wanted>,
    /// When set, the driver answers it and calls `step` again with `Input::Answered` in the same turn.
    pub ask: Option<Call>,
}
