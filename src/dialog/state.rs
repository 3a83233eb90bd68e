//! Where a conversation stands in its flows. Stored with every turn; `format` lets a newer server read an older state.

use super::{OptionOffer, Wanted};
use crate::domain::ids::IntentId;
use crate::understanding::Reading;
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
    /// The intent that ran last, so that a person who takes over knows the topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<IntentId>,
    /// Further matters of earlier messages, in the order of mention: each is taken up when nothing is open any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Later>,
    /// The labels on offer as the customer reads them, where they were translated; the options themselves keep theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<OptionOffer>,
    /// How many options were numbered so far: ids are never used twice in a conversation.
    #[serde(default)]
    pub options: u32,
    /// What the turn that is under way did so far; never stored.
    #[serde(skip)]
    pub notes: TurnNotes,
}

/// What a turn did so far: it spans the steps between the customer's message and the wait for the next one.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TurnNotes {
    /// The rule of precedence that was taken.
    pub rule: &'static str,
    /// What the message was read as, in short.
    pub read: Option<Value>,
    /// The message that started a flow in this turn, and its reading: it may tell which record is meant.
    pub opening: Option<(String, Box<Reading>)>,
    /// Why, in short.
    pub why: String,
    /// Paths of the instructions that ran.
    pub path: Vec<String>,
    /// How many instructions ran.
    pub ops: u32,
    /// What the bot said.
    pub said: String,
    /// The language that the conversation goes on in, when this turn has changed it.
    pub locale: Option<String>,
    /// What the open question waits for, when the message did not answer it.
    pub missed: Option<Wanted>,
    /// A person was asked for: whatever the flow does, one is fetched before the turn ends.
    pub person: bool,
    /// A person was fetched.
    pub handed_over: bool,
    /// The instruction that failed, and why.
    pub error: Option<(String, String)>,
}

impl DialogState {
    /// What the customer may click now.
    pub fn on_offer(&self) -> impl Iterator<Item = &OptionOffer> {
        let open = self.stack.last().and_then(|frame| frame.waiting.as_ref()).map_or(&[][..], Waiting::offered);
        open.iter().chain(&self.offered)
    }

    /// The format that this version writes.
    pub const FORMAT: u32 = 1;
}

impl Default for DialogState {
    fn default() -> Self {
        Self {
            format: Self::FORMAT,
            stack: Vec::new(),
            misses: 0,
            offered: Vec::new(),
            last_said: String::new(),
            silences: 0,
            topic: None,
            later: Vec::new(),
            shown: Vec::new(),
            options: 0,
            notes: TurnNotes::default(),
        }
    }
}

/// A matter that waits until those before it are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Later {
    /// The intent to start.
    pub intent: IntentId,
    /// The message that named it.
    pub text: String,
    /// What the message already answers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub slots: Map<String, Value>,
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
    /// The flow was edited under the customer and started again.
    #[serde(default)]
    pub restarted: bool,
}

impl Frame {
    /// A flow before its first instruction.
    pub fn new(intent: IntentId, text: String) -> Self {
        Self {
            intent,
            at: String::new(),
            slots: Map::new(),
            vars: Map::new(),
            waiting: None,
            trail: Vec::new(),
            text,
            confirmed: false,
            restarted: false,
        }
    }
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
        /// Yes and no.
        #[serde(default)]
        offered: Vec<OptionOffer>,
    },
    /// Whether a value that was read out of free words is what was meant.
    Meant {
        /// The value.
        value: Value,
        /// What was rendered.
        text: String,
        /// Yes and no.
        offered: Vec<OptionOffer>,
        /// The question that it would answer.
        open: Box<Waiting>,
    },
    /// The answer to a call (never stored: a turn answers its calls).
    Call,
    /// A higher sign-in level.
    Level,
}

impl Waiting {
    /// What is on offer.
    pub fn offered(&self) -> &[OptionOffer] {
        match self {
            Waiting::Slot { offered, .. }
            | Waiting::Record { offered, .. }
            | Waiting::Yes { offered, .. }
            | Waiting::Meant { offered, .. } => offered,
            Waiting::Call | Waiting::Level => &[],
        }
    }
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
    /// Answered without asking: taken from the opening message, or the only record there was.
    #[serde(default)]
    pub auto: bool,
}
