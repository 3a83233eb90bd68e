//! Who owns a conversation, and how ownership may move. While a person owns it the bot is silent.

use super::ids::{AgentId, TicketId};
use serde::{Deserialize, Serialize};

/// The one who answers. Transitions consume the owner and return the next, or say why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "owner", content = "of", rename_all = "snake_case")]
pub enum Owner {
    /// The scripted flows answer.
    Bot,
    /// Waiting for a person; the bot is silent.
    Queued(TicketId),
    /// A person has it.
    Agent(AgentId),
    /// Ended; a new customer message gives it back to the bot.
    Closed(String),
}

/// Why a transition was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnerError {
    /// Somebody else has it already.
    #[error("already taken by {0}")]
    Taken(AgentId),
    /// Nobody asked for a person here.
    #[error("this conversation is not waiting for a person")]
    NotWaiting,
    /// The agent does not have this conversation.
    #[error("this conversation is not yours")]
    NotYours,
}

impl Owner {
    /// Asks for a person: only the bot can hand over; waiting or taken stays as it is.
    pub fn hand_over(self, ticket: TicketId) -> Owner {
        match self {
            Owner::Bot | Owner::Closed(_) => Owner::Queued(ticket),
            Owner::Queued(_) | Owner::Agent(_) => self,
        }
    }

    /// An agent takes it, from the queue or straight from the bot.
    pub fn claim(self, agent: AgentId) -> Result<Owner, OwnerError> {
        match self {
            Owner::Queued(_) | Owner::Bot => Ok(Owner::Agent(agent)),
            Owner::Agent(other) => Err(OwnerError::Taken(other)),
            Owner::Closed(_) => Err(OwnerError::NotWaiting),
        }
    }

    /// Somebody who leads the shift takes it from whoever has it.
    pub fn take_over(self, agent: AgentId) -> Result<Owner, OwnerError> {
        match self {
            Owner::Queued(_) | Owner::Bot | Owner::Agent(_) => Ok(Owner::Agent(agent)),
            Owner::Closed(_) => Err(OwnerError::NotWaiting),
        }
    }

    /// The agent takes back what they have just ended or given away, unless somebody else has it by now.
    pub fn reopen(self, agent: AgentId) -> Result<Owner, OwnerError> {
        match self {
            Owner::Agent(other) if other != agent => Err(OwnerError::Taken(other)),
            Owner::Agent(_) | Owner::Queued(_) | Owner::Bot | Owner::Closed(_) => Ok(Owner::Agent(agent)),
        }
    }

    /// The customer no longer wants to wait: the bot has it again.
    pub fn leave(self) -> Result<Owner, OwnerError> {
        match self {
            Owner::Queued(_) => Ok(Owner::Bot),
            Owner::Bot | Owner::Agent(_) | Owner::Closed(_) => Err(OwnerError::NotWaiting),
        }
    }

    /// The agent gives it back to the bot.
    pub fn give_back(self, agent: &AgentId) -> Result<Owner, OwnerError> {
        self.require(agent)?;
        Ok(Owner::Bot)
    }

    /// The agent ends it.
    pub fn resolve(self, agent: &AgentId, code: String) -> Result<Owner, OwnerError> {
        self.require(agent)?;
        Ok(Owner::Closed(code))
    }

    /// `Ok` when this agent has the conversation.
    pub fn require(&self, agent: &AgentId) -> Result<(), OwnerError> {
        match self {
            Owner::Agent(owner) if owner == agent => Ok(()),
            Owner::Agent(_) | Owner::Bot | Owner::Queued(_) | Owner::Closed(_) => Err(OwnerError::NotYours),
        }
    }
}
