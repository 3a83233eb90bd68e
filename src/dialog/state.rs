//! Where a conversation stands in its flows. Stored with every turn; `format` lets a newer server read an older state.

use super::OptionOffer;
use crate::domain::ids::IntentId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The state of one conversation's dialog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DialogState {
    /// Format number of this record.
    pub format: u32,
    /// Running flows, the active one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Frame>,
    /// How often in a row nothing was understood.
    #[serde(default)]
    pub misses: u32,
    /// Options that are on offer outside any flow ("did you mean").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<OptionOffer>,
    /// The last thing that the bot said, for "say that again".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_said: String,
    /// How often silence was remarked on since the customer last spoke.
    #[serde(default)]
    pub silences: u32,
}

impl DialogState {
    /// The format that this version writes.
    pub const FORMAT: u32 = 1;
}

impl Default for DialogState {
    fn default() -> Self {
        Self { format: Self::FORMAT, stack: Vec::new(), misses: 0, offered: Vec::new(), last_said: String::new(), silences: 0 }
    }
}

/// One running flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Its intent.
    pub intent: IntentId,
    /// Path of the instruction it stands at (see `flow::Op::path`).
    pub at: String,
    /// Answers so far.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub slots: Map<String, Value>,
    /// Results of lookups, checks and actions.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub vars: Map<String, Value>,
    /// What the flow waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The questions answered so far, oldest first, for corrections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<Answered>,
    /// The message that started the flow.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// An explicit yes was given to a rendered confirmation and is not used up.
    #[serde(default)]
    pub confirmed: bool,
}

/// What a flow waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Waiting {
    /// The answer to a slot's question.
    Slot {
        /// The slot.
        slot: String,
        /// How often the answer did not fit.
        tries: u32,
        /// What is on offer.
        offered: Vec<OptionOffer>,
    },
    /// A choice among records.
    Record {
        /// The slot.
        slot: String,
        /// How often the answer did not fit.
        tries: u32,
        /// What is on offer.
        offered: Vec<OptionOffer>,
        /// The records, in the order of the offer.
        records: Vec<Value>,
    },
    /// A yes or no to a rendered confirmation.
    Yes {
        /// What was rendered.
        text: String,
        /// How often the answer was neither.
        tries: u32,
    },
    /// The answer to a call (never stored: a turn answers its calls).
    Call,
    /// A higher sign-in level.
    Level,
}

/// A question that was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The slot.
    pub slot: String,
    /// Path of the instruction that asked.
    pub at: String,
    /// Names of variables that existed before it was asked.
    pub vars: Vec<String>,
}
