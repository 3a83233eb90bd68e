//! Text to meaning: pure, synchronous, never fails. Trained once per catalog. A message that its words make clear costs tens of
//! microseconds; only the others are shown to the sentence encoder, which takes a hundred times as long.

mod acts;
mod amounts;
mod automaton;
mod background;
mod balance;
mod blend;
mod chance;
mod classifier;
mod clauses;
mod coins;
mod concepts;
mod contacts;
mod dates;
pub mod encoder;
mod entities;
pub mod eval;
mod explain;
mod features;
mod figures;
mod language;
mod learned;
mod lessons;
mod lexical;
mod lexicon;
mod names;
mod newton;
mod normalize;
mod numbers;
mod omega;
pub(crate) mod parallel;
mod patterns;
mod phrases;
mod pieces;
mod postcodes;
mod products;
mod safety;
mod scope;
pub(crate) mod semantic;
mod sentences;
mod spelling;
mod strangers;
mod trial;
mod tried;
mod trust;
mod understander;
mod urgent;
mod verdict;

pub(crate) use concepts::idea;
pub use explain::Explanation;
pub(crate) use language::detect as language_of;
pub use learned::ERROR_BUDGET;
pub(crate) use names::plain_words;
pub use names::{Which, name_fit, named};
pub(crate) use normalize::Plain;
pub use patterns::{BadPattern, check_pattern};
pub use sentences::Sentences;
pub use tried::Tried;
pub use understander::{Draft, Understander};
pub use urgent::URGENT;

pub(crate) use patterns::PatternSet;

use crate::domain::ids::IntentId;
use crate::domain::market::Market;
use crate::domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

/// What the understanding learns from one intent file.
#[derive(Clone, Debug)]
pub struct TrainingIntent {
    /// The intent.
    pub id: IntentId,
    /// Its title in the customer's words.
    pub title: String,
    /// One line of description.
    pub description: String,
    /// Examples with their language.
    pub examples: Vec<(String, String)>,
    /// Patterns that count as strong evidence (already checked to compile).
    pub patterns: Vec<String>,
    /// Patterns that start this intent before anything else.
    pub safety: Vec<String>,
    /// 0 (at once) to 4; orders safety hits.
    pub priority: u8,
}

/// What the reading may depend on besides the text.
#[derive(Clone, Debug)]
pub struct ReadContext {
    /// The conversation's now.
    pub now: Timestamp,
    /// The market's time zone, for dates in words.
    pub zone: TimeZone,
    /// The market's currency, for bare amounts.
    pub currency: Option<Currency>,
    /// The market's code (`GB`, `US-NY`; empty when unknown), for the order of day and month, phone numbers and postcodes.
    pub market: &'static str,
}

impl ReadContext {
    /// A reading in a market at that time.
    pub fn of(market: &Market, now: Timestamp) -> Self {
        Self { now, zone: market.zone.clone(), currency: Some(market.currency), market: market.code }
    }
}

/// One candidate intent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guess {
    /// The intent.
    pub intent: IntentId,
    /// Calibrated probability, 0 to 1.
    pub confidence: f32,
}

/// What to do with a reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Sure enough to start this intent.
    Act(IntentId),
    /// Ask which of these two or three is meant.
    Clarify(Vec<IntentId>),
    /// Not understood.
    Abstain,
}

/// A dialogue act: what a message does in the talk, whatever it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// "hi"
    Greet,
    /// "thanks"
    Thanks,
    /// "bye"
    Goodbye,
    /// "yes please"
    Yes,
    /// "no"
    No,
    /// "never mind", "stop"
    Cancel,
    /// "say that again"
    Repeat,
    /// "what can you do"
    Help,
    /// "no, I meant …", "actually …": corrects an earlier answer
    Correct,
    /// "skip", "I don't know", "none"
    Skip,
    /// "a person please"
    Human,
    /// "are you a bot?"
    AreYouBot,
    /// "auf Deutsch bitte": `Reading::language` says which
    Language,
}

/// The value of an entity.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum EntityValue {
    /// An amount in minor units; the currency only if it was said or the market gives it.
    Money {
        /// Minor units.
        minor: i64,
        /// Currency.
        currency: Option<Currency>,
    },
    /// A calendar date. What names no year or no week ("12 Dec", "Friday") gives a second date with the same range, on the other
    /// side of today; the likelier one comes first.
    Date(Date),
    /// A span of days ("two weeks" = 14).
    Days(i64),
    /// What the customer sees as the order number.
    Order(String),
    /// A dispute's public number, e.g. `D-7F3K2`.
    Dispute(String),
    /// "the second one" = 2, "the last one" = -1.
    Ordinal(i64),
    /// A bare number.
    Number(i64),
    /// Any other word with a digit in it (tracking number, case number).
    Reference(String),
    /// An e-mail address.
    Email(String),
    /// A phone number: digits, with `+` before the country if it was said.
    Phone(String),
    /// A postcode as its country writes it.
    Postcode(String),
}

/// Something concrete that the text names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entity {
    /// The value.
    #[serde(flatten)]
    pub value: EntityValue,
    /// The words it was read from.
    pub text: String,
    /// Byte range in the message.
    pub start: usize,
    /// Byte range in the message.
    pub end: usize,
}

/// An urgent matter: it runs before everything else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SafetyHit {
    /// The intent to start at once.
    pub intent: IntentId,
    /// The safety rule that fired; `None` when no rule did and the message reads like it beyond doubt.
    pub rule: Option<String>,
    /// Its probability, 0 to 1.
    pub confidence: f32,
}

/// Everything that one message was read as.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// The likeliest intents, best first, at most five.
    pub intents: Vec<Guess>,
    /// Act, clarify or abstain.
    pub decision: Decision,
    /// Further matters of the same message, in the order of mention, to be taken one after the other.
    pub also: Vec<IntentId>,
    /// The urgent matter that the message raises, if any; the most urgent one.
    pub safety: Option<SafetyHit>,
    /// Dialogue acts, clearest first.
    pub acts: Vec<Act>,
    /// Entities in order of appearance.
    pub entities: Vec<Entity>,
    /// BCP 47 language, or `und` when it is not clear. For `Act::Language` the language that is asked for.
    pub language: &'static str,
    /// One sentence for people: what decided.
    pub why: String,
}

impl Reading {
    /// Whether the message does this act.
    pub fn does(&self, act: Act) -> bool {
        self.acts.contains(&act)
    }
}
