//! What agents do: sign in, watch, claim, reply, note, return, transfer, resolve.

use super::Service;
use super::identity::{new_secret, secret_hash};
use super::think::Heard;
use crate::dialog::Level;
use crate::domain::conversation::OwnerError;
use crate::domain::event::{Author, EventKind, NewEvent, Place};
use crate::domain::handoff;
use crate::domain::ids::{ConversationId, TicketId};
use crate::domain::redact::redact;
use crate::domain::time;
use crate::store::desk::{Agent, Role};
use crate::store::unit::{DeskAct, Ticket, Write};
use crate::store::{Outcome, StoreError, Unit};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a desk session lasts.
pub const SESSION: SignedDuration = SignedDuration::from_hours(12);

/// Why an agent's wish was refused.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such conversation.
    #[error("there is no such conversation")]
    NotFound,
    /// Somebody else has it.
    #[error("{0} has this conversation")]
    Taken(String),
    /// It is not theirs, or not to be had.
    #[error("{0}")]
    NotAllowed(String),
    /// Not one of the queues.
    #[error("'{0}' is no queue; use one of {list}", list = handoff::QUEUES.join(", "))]
    UnknownQueue(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an agent wants.
#[derive(Debug)]
pub enum Wish {
    /// Take it.
    Claim,
    /// Say something to the customer.
    Reply(String),
    /// Write a note.
    Note(String),
    /// Give it back to the bot.
    Return,
    /// Put it into another queue.
    Transfer(String),
    /// End it.
    Resolve(String),
}

/// The first name of an agent, which customers see.
pub fn first_name(agent: &Agent) -> &str {
    agent.name.split_whitespace().next().unwrap_or(&agent.name)
}

/// Hashes a password (argon2id) for the store. Takes tens of milliseconds: not for a runtime's thread.
///
/// # Errors
/// When the password is too short to be one.
pub fn hash_password(password: &str) -> Result<String, String> {
    if password.chars().count() < 8 {
        return Err("a password needs at least 8 characters".into());
    }
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

impl Service {
    /// Signs an agent in: their session's secret, or nothing when name or password are wrong (which of them is not said).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<Option<(String, Agent)>, StoreError> {
        let found = self.store.agent_by_name(name.trim()).await?;
        let (agent, hash) = match found {
            Some((agent, hash)) => (Some(agent), hash),
            // An unknown name costs as much time as a wrong password.
            None => (None, UNKNOWN.to_owned()),
        };
        let password = password.to_owned();
        let right = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
        .unwrap_or(false);
        let Some(agent) = agent.filter(|_| right) else { return Ok(None) };
        let secret = new_secret();
        let now = time::wall();
        let expires = now.saturating_add(SESSION).unwrap_or(now);
        self.store.open_session(&secret_hash(&secret), &agent.id, expires, now).await?;
        Ok(Some((secret, agent)))
    }

    /// Who a desk session's secret belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, secret: &str) -> Result<Option<Agent>, StoreError> {
        self.store.session(&secret_hash(secret), time::wall()).await
    }

    /// Ends a desk session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), StoreError> {
        self.store.close_session(&secret_hash(secret)).await
    }

    /// Adds an agent (or gives an existing one a new password and role).
    ///
    /// # Errors
    /// When the password is too short or the database fails.
    pub async fn add_agent(&self, name: &str, role: Role, password: String) -> Result<(), String> {
        let hash = tokio::task::spawn_blocking(move || hash_password(&password)).await.map_err(|error| error.to_string())??;
        self.store.put_agent(name, role, &hash, time::wall()).await.map_err(|error| error.to_string())
    }

    /// Does what an agent wants; returns the seq of what it added to the log. `frame_id` makes replies and notes idempotent.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn desk(
        self: &Arc<Self>,
        agent: &Agent,
        conversation: &ConversationId,
        frame_id: &str,
        wish: Wish,
    ) -> Result<i64, DeskError> {
        let now = self.clock.now();
        let row = self.row(conversation).await?.ok_or(DeskError::NotFound)?;
        let text = |kind, text: String| NewEvent {
            by: Author::agent(first_name(agent)),
            kind,
            data: json!({ "text": redact(&text).text, "locale": &*row.locale }),
            key: Some(frame_id.to_owned()),
        };
        let returns = matches!(wish, Wish::Return);
        let act = match wish {
            Wish::Claim => DeskAct::Claim,
            Wish::Reply(said) => DeskAct::Reply(text(EventKind::Message, said)),
            Wish::Note(noted) => DeskAct::Note(text(EventKind::Note, noted)),
            Wish::Return => DeskAct::Return,
            Wish::Transfer(queue) => DeskAct::Transfer(Box::new(self.transfer_ticket(conversation, queue).await?)),
            Wish::Resolve(code) => DeskAct::Resolve(code),
        };
        let write = Write::Desk { agent: agent.id.clone(), name: first_name(agent).to_owned(), act };
        let committed = self.store.commit(Unit { row, at: now, write }).await?;
        match committed.outcome {
            Outcome::Done { place } => {
                if let Some(room) = self.hub.room(conversation) {
                    room.signal(|signals| signals.agent_typing = None);
                }
                if returns {
                    self.greet_again(conversation.clone());
                }
                Ok(place.seq)
            }
            Outcome::Repeated { seq } => Ok(seq),
            Outcome::Refused(OwnerError::Taken(other)) => Err(DeskError::Taken(self.name_of(&other).await)),
            Outcome::Refused(refused @ (OwnerError::NotWaiting | OwnerError::NotYours)) => Err(DeskError::NotAllowed(refused.to_string())),
            Outcome::Said { .. } | Outcome::Turned | Outcome::Stale => Err(DeskError::Store(StoreError::Closed)),
        }
    }

    /// The bot takes up the talk again after a person gave it back.
    fn greet_again(self: &Arc<Self>, conversation: ConversationId) {
        let service = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(error) = service.advance(&conversation, Some((Heard::Returned, Level(0)))).await {
                tracing::error!(conversation.id = %conversation, %error, "the bot could not take up the talk again");
            }
        });
    }

    async fn transfer_ticket(&self, conversation: &ConversationId, queue: String) -> Result<Ticket, DeskError> {
        if !handoff::QUEUES.contains(&queue.as_str()) {
            return Err(DeskError::UnknownQueue(queue));
        }
        let old = self.store.newest_ticket(conversation).await?;
        let now = self.clock.now();
        let priority = old.as_ref().map_or(4, |old| u8::try_from(old.priority).unwrap_or(4));
        let mut packet: Value = old.as_ref().and_then(|old| serde_json::from_str(&old.packet).ok()).unwrap_or_else(|| json!({}));
        packet["queue"] = json!(queue);
        let preview = self
            .store
            .last_events(conversation, 20)
            .await?
            .iter()
            .rev()
            .find(|event| event.by == Author::CUSTOMER)
            .map_or_else(String::new, |event| {
                event.value().get("text").and_then(Value::as_str).unwrap_or_default().chars().take(140).collect()
            });
        Ok(Ticket {
            id: TicketId::new(),
            queue,
            priority,
            reason: "transferred".into(),
            intent: old.as_ref().and_then(|old| old.intent.clone()),
            customer_name: old.as_ref().and_then(|old| old.customer.clone()),
            preview,
            packet: packet.to_string(),
            // Who was transferred does not start at the end again.
            waiting_since: old.as_ref().map_or(now, |old| old.waiting_since),
            due_at: handoff::due_at(priority, now),
        })
    }

    /// The name behind an agent's id, for messages to other agents.
    pub async fn name_of(&self, agent: &crate::domain::ids::AgentId) -> String {
        let agents = self.store.agents().await.unwrap_or_default();
        agents.iter().find(|known| &known.id == agent).map_or_else(|| "Somebody".to_owned(), |known| first_name(known).to_owned())
    }

    /// The hand-over packet of a conversation, with the last ten turns and the readings that led here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn packet(&self, conversation: &ConversationId) -> Result<Value, StoreError> {
        let mut packet = match self.store.newest_ticket(conversation).await? {
            Some(ticket) => serde_json::from_str(&ticket.packet).unwrap_or_else(|_| json!({})),
            None => json!({ "reason": null, "summary": ["The bot still has this conversation."] }),
        };
        let events = self.store.last_events(conversation, 60).await?;
        let turns: Vec<Value> = events
            .iter()
            .filter(|event| event.kind == EventKind::Message)
            .map(|event| json!({ "seq": event.seq, "at": event.at, "by": event.by, "text": event.value()["text"] }))
            .collect();
        packet["turns"] = Value::Array(turns.into_iter().rev().take(10).rev().collect());
        packet["intents"] = events
            .iter()
            .rev()
            .filter(|event| event.kind == EventKind::Decision)
            .map(crate::domain::event::Event::value)
            // Clicks and small talk are read too, but say nothing about what the customer came for.
            .find(|decision| decision["decision"] == "act")
            .and_then(|decision| decision.get("intents").cloned())
            .unwrap_or_else(|| json!([]));
        let done: Vec<Value> =
            events.iter().filter(|event| event.kind == EventKind::Action).map(crate::domain::event::Event::value).collect();
        packet["actions"] = Value::Array(done);
        if let Some(summary) = self.last_summary(conversation) {
            packet["model_summary"] = json!(*summary);
        }
        Ok(packet)
    }

    /// The end of the log of a conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self, conversation: &ConversationId) -> Result<Option<Place>, StoreError> {
        Ok(self.row(conversation).await?.map(|row| row.head))
    }
}

/// A hash that no password has, for names that nobody has.
const UNKNOWN: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
