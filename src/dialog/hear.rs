//! One message as the dialog looks at it: text, reading, words.

use super::flow::Flows;
use super::language::{Meant, confidence};
use super::turn::TALK_TO_HUMAN;
use crate::domain::ids::IntentId;
use crate::understanding::{Act, EntityValue, Reading};

/// Words after which a yes is not a plain yes, and which open a digression.
const BUT: [&str; 17] = [
    "but", "unless", "if", "wait", "except", "instead", "however", "först", "men", "aber", "wenn", "vänta", "warte", "falls", "om", "utom",
    "außer",
];
const OPENERS: [&str; 10] = ["wait", "hold", "hang", "also", "btw", "quick", "question", "vänta", "warte", "moment"];

pub(super) struct Heard<'a> {
    pub(super) text: &'a str,
    pub(super) reading: &'a Reading,
    /// Lower-case words.
    pub(super) words: Vec<String>,
}

impl<'a> Heard<'a> {
    pub(super) fn new(text: &'a str, reading: &'a Reading) -> Self {
        Self { text, reading, words: words(text) }
    }

    pub(super) fn does(&self, act: Act) -> bool {
        self.reading.does(act)
    }

    /// Yes or no; `None` when it is neither or both.
    pub(super) fn yes_or_no(&self) -> Option<bool> {
        match (self.does(Act::Yes), self.does(Act::No)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (true, true) | (false, false) => None,
        }
    }

    /// Whether stopping is meant more clearly than yes or no.
    pub(super) fn cancels(&self) -> bool {
        let first = self.reading.acts.iter().find(|act| matches!(act, Act::Yes | Act::No | Act::Cancel));
        first == Some(&Act::Cancel)
    }

    /// A yes without a no, a condition, a question, a correction or another wish in it.
    pub(super) fn plain_yes(&self, current: &IntentId, flows: &Flows) -> bool {
        self.does(Act::Yes)
            && ![Act::No, Act::Cancel, Act::Correct].iter().any(|act| self.does(*act))
            && self.other(current, flows).is_none()
            && !self.asks()
            && !self.words.iter().any(|word| BUT.contains(&word.as_str()))
    }

    pub(super) fn asks(&self) -> bool {
        self.text.contains('?')
    }

    /// A clear other intent, with its confidence.
    pub(super) fn other(&self, current: &IntentId, flows: &Flows) -> Option<(&IntentId, f32)> {
        match Meant::of(self.reading, flows) {
            Meant::Act(intent) if intent != current && intent.as_str() != TALK_TO_HUMAN => Some((intent, confidence(self.reading, intent))),
            Meant::Act(_) | Meant::Clarify(_) | Meant::Unspoken | Meant::Nothing => None,
        }
    }

    /// Whether it opens like a question of its own.
    pub(super) fn opens_anew(&self) -> bool {
        self.asks() || self.words.first().is_some_and(|word| OPENERS.contains(&word.as_str()))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &EntityValue> {
        self.reading.entities.iter().map(|entity| &entity.value)
    }
}

/// Lower-case words of letters and digits; an apostrophe joins ("can't").
pub(super) fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
    parts.map(|part| part.trim_matches(['\'', '’']).to_lowercase()).filter(|part| !part.is_empty()).collect()
}
