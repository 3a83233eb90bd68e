//! Units of work: what somebody wants to append to a conversation, and what came of it.

use crate::domain::account::{Account, Notice, Promise};
use crate::domain::conversation::{Owner, OwnerError};
use crate::domain::event::{NewEvent, Place};
use crate::domain::ids::{AgentId, ConversationId, CustomerId, TicketId};
use crate::domain::suggest::Suggested;
use crate::domain::team::Running;
use jiff::Timestamp;
use std::sync::Arc;

/// A conversation as its row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Id.
    pub id: ConversationId,
    /// The signed-in customer, once known.
    pub customer: Option<CustomerId>,
    /// The fence: moves with every commit. 0 before the first.
    pub version: i64,
    /// The end of the log.
    pub head: Place,
    /// `seq` of the last customer event that wants an answer from the bot.
    pub asked: i64,
    /// `seq` of the last customer event that a turn has answered.
    pub answered: i64,
    /// Who answers.
    pub owner: Owner,
    /// Dialog state, as JSON text; empty before the first turn.
    pub state: Arc<str>,
    /// BCP 47 language.
    pub locale: Arc<str>,
    /// When the bot should look again.
    pub wake_at: Option<Timestamp>,
    /// First event.
    pub started_at: Timestamp,
    /// Last event.
    pub updated_at: Timestamp,
}

impl Row {
    /// A conversation that has no event yet.
    pub fn fresh(id: ConversationId, customer: Option<CustomerId>, locale: &str, now: Timestamp) -> Self {
        Self {
            id,
            customer,
            version: 0,
            head: Place::default(),
            asked: 0,
            answered: 0,
            owner: Owner::Bot,
            state: Arc::from(""),
            locale: Arc::from(locale),
            wake_at: None,
            started_at: now,
            updated_at: now,
        }
    }

    /// Whether the bot owes an answer.
    pub fn is_unanswered(&self) -> bool {
        self.owner == Owner::Bot && self.asked > self.answered
    }
}

/// One unit of work on one conversation.
#[derive(Debug)]
pub struct Unit {
    /// The conversation as the caller knows it; used as it is when no row exists yet.
    pub row: Arc<Row>,
    /// When it happens.
    pub at: Timestamp,
    /// What to do.
    pub write: Write,
}

/// What to do.
#[derive(Debug)]
pub enum Write {
    /// A customer said something: always stored. The turn that answers it goes along in the same commit unless somebody moved first.
    Say {
        /// What was said, with the client's id as its key.
        event: NewEvent,
        /// How well the customer is known.
        level: u8,
        /// Whether it wants an answer.
        wants_answer: bool,
        /// The answer, thought out for `row.version`.
        turn: Option<Box<Turn>>,
        /// The clock that begins to run when a person has the conversation.
        clock: Option<Running>,
    },
    /// The customer no longer wants to wait for a person.
    Leave(NewEvent),
    /// The customer wants to be called back, at this instant.
    CallBack(NewEvent, Timestamp),
    /// A turn alone; refused as stale when somebody moved first.
    Turn(Box<Turn>),
    /// An agent acts.
    Desk {
        /// Who.
        agent: AgentId,
        /// Their name, as customers see it.
        name: String,
        /// What.
        act: DeskAct,
    },
    /// The customer signed in: the conversation is theirs from now on.
    Bind(CustomerId),
}

/// The second half of a turn: everything that it changes, all or nothing.
#[derive(Debug, Default)]
pub struct Turn {
    /// The version that it was thought out for.
    pub version: i64,
    /// The last customer event that it answers.
    pub answers: i64,
    /// What is appended.
    pub events: Vec<NewEvent>,
    /// The next dialog state, as JSON text.
    pub state: String,
    /// A person is needed.
    pub ticket: Option<Box<Ticket>>,
    /// The conversation ends.
    pub close: Option<String>,
    /// The language that the conversation goes on in, when it has changed.
    pub locale: Option<Arc<str>>,
    /// When the bot should look again.
    pub wake_at: Option<Timestamp>,
    /// The account that was read, and what it becomes.
    pub account: Option<AccountUse>,
    /// What was promised to somebody without an account.
    pub promises: Vec<Promise>,
    /// Legal notices of somebody without an account.
    pub notices: Vec<Notice>,
    /// Facts for other systems: topic and JSON text.
    pub outbox: Vec<(String, String)>,
}

/// The account that a turn has read.
#[derive(Debug)]
pub struct AccountUse {
    /// As it was read; the turn is stale when its version has moved.
    pub read: Arc<Account>,
    /// As it becomes, if it changes.
    pub becomes: Option<Box<Account>>,
}

/// A place in the waiting list.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Id.
    pub id: TicketId,
    /// Queue.
    pub queue: String,
    /// 0 (at once) to 4.
    pub priority: u8,
    /// Short code.
    pub reason: String,
    /// Intent.
    pub intent: Option<String>,
    /// First name, if known.
    pub customer_name: Option<String>,
    /// The last thing that the customer said, shortened.
    pub preview: String,
    /// The hand-over packet, as JSON text.
    pub packet: String,
    /// Since when.
    pub waiting_since: Timestamp,
    /// By when somebody should have it.
    pub due_at: Timestamp,
    /// Two-letter language of the customer.
    pub language: String,
    /// Market of the customer; empty when they are not known.
    pub market: String,
    /// Kept for somebody until an instant.
    pub reserved: Option<(AgentId, Timestamp)>,
    /// Nobody is asked before this instant.
    pub not_before: Option<Timestamp>,
    /// Who is asked last: they have just given it away.
    pub declined: Vec<AgentId>,
    /// Clocks that begin to run.
    pub clocks: Vec<Running>,
}

/// What an agent does to a conversation.
#[derive(Debug)]
pub enum DeskAct {
    /// Takes it.
    Claim,
    /// Says something to the customer.
    Reply {
        /// What.
        event: NewEvent,
        /// The customer is not there: other systems are told, so that they hear of it.
        absent: bool,
    },
    /// Writes a note.
    Note(NewEvent),
    /// Gives it back to the bot.
    Return,
    /// Puts it back into the waiting list: transferred, released, snoozed, or because its agent is gone.
    Requeue(Box<Requeue>),
    /// Takes it from whoever has it.
    TakeOver,
    /// Takes back what they have just ended or given away.
    Reopen,
    /// Ends it.
    Resolve {
        /// How it ended.
        code: String,
        /// The customer is asked for a rating.
        ask: bool,
        /// What sentences mean that the bot did not read rightly.
        suggested: Vec<Suggested>,
    },
    /// Changes the account: the events and everything else of a turn.
    Act(Box<Turn>),
}

/// A conversation goes back into the waiting list.
#[derive(Debug)]
pub struct Requeue {
    /// Who must have it for this to happen.
    pub of: AgentId,
    /// Its new place.
    pub ticket: Ticket,
    /// What the customer reads: `queued`, or `waiting` when the person had to leave.
    pub state: &'static str,
    /// Why, for the desk.
    pub note: Option<NewEvent>,
}

/// What came of a unit.
#[derive(Debug)]
pub struct Committed {
    /// What came of it.
    pub outcome: Outcome,
    /// The row after it.
    pub row: Arc<Row>,
}

/// What came of a unit.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Stored under this seq. `turned`: the turn went along.
    Said {
        /// Its seq.
        seq: i64,
        /// Whether the turn that came along was applied.
        turned: bool,
    },
    /// It was stored before, under this seq.
    Repeated {
        /// Its seq.
        seq: i64,
    },
    /// The turn was applied.
    Turned,
    /// Somebody moved first: nothing was changed.
    Stale,
    /// Done; `place` is where its first event stands.
    Done {
        /// Place of the first event that it added.
        place: Place,
    },
    /// Not allowed.
    Refused(OwnerError),
}
