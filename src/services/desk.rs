//! What agents do to a conversation: claim, reply, note, give back, hand on, let sleep, end, take back.

use super::Service;
use super::think::Heard;
use crate::dialog::Level;
use crate::domain::conversation::{Owner, OwnerError};
use crate::domain::event::{Author, EventKind, NewEvent, Place};
use crate::domain::handoff;
use crate::domain::ids::{AgentId, ConversationId, TicketId};
use crate::domain::market::Market;
use crate::domain::redact::redact;
use crate::domain::routing::{RESERVE, UNDO};
use crate::domain::team::ClockKind;
use crate::store::alerts::Alert;
use crate::store::desk::Agent;
use crate::store::unit::{DeskAct, Requeue, Ticket, Write};
use crate::store::{Outcome, StoreError, Unit};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;

/// Longest time that a conversation may sleep.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Why an agent's wish was refused.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such conversation.
    #[error("there is no such conversation; it may have been erased")]
    NotFound,
    /// Somebody else has it.
    #[error("{0} has this conversation")]
    Taken(String),
    /// It is not theirs, or not to be had.
    #[error("{0}")]
    NotAllowed(String),
    /// Only those who lead may.
    #[error("only people who lead a shift may do this; ask one of them")]
    LeadsOnly,
    /// Neither a queue nor somebody at the desk.
    #[error("'{0}' is no queue and nobody at the desk; use one of {list}, or a person's name", list = handoff::QUEUES.join(", "))]
    UnknownGoal(String),
    /// Not an instant that a conversation can sleep until.
    #[error("{0}")]
    BadTime(String),
    /// No such intent.
    #[error("there is no intent '{0}'; leave 'about' out, or use one that GET /api/desk/intents lists, or 'none'")]
    UnknownIntent(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an agent wants.
#[derive(Debug)]
pub enum Wish {
    /// Take it.
    Claim,
    /// Not take what they are asked to take.
    Decline,
    /// Say something to the customer.
    Reply(String),
    /// Write a note.
    Note(String),
    /// Give it back to the bot.
    Return,
    /// Hand it to another queue or to a person, with a reason.
    Transfer(String, Option<String>),
    /// Give it back to the waiting list.
    Release(Option<String>),
    /// Let it sleep until an instant.
    Snooze(Timestamp, Option<String>),
    /// Take it from whoever has it; for those who lead.
    TakeOver(Option<String>),
    /// Hand it to a person, whoever has it; for those who lead.
    Assign(String),
    /// Take back what they have just ended or given away.
    Reopen,
    /// End it.
    Resolve {
        /// How it ended.
        code: String,
        /// What it was about: an intent, or `none` of them.
        about: Option<String>,
    },
}

/// The first name of an agent, which customers see.
pub fn first_name(agent: &Agent) -> &str {
    agent.name.split_whitespace().next().unwrap_or(&agent.name)
}

impl Service {
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
        let had = if let Owner::Agent(had) = &row.owner { Some(had.clone()).filter(|had| had != &agent.id) } else { None };
        let words = |kind, text: &str| NewEvent {
            by: Author::agent(first_name(agent)),
            kind,
            data: json!({ "text": redact(text).text, "locale": &*row.locale }),
            key: Some(frame_id.to_owned()),
        };
        let noted = |start: &str, why: Option<String>| why.map(|why| words(EventKind::Note, &format!("{start}: {why}")));
        let (mut after, mut mentions) = (After::Nothing, String::new());
        let act = match wish {
            Wish::Decline => return self.decline(agent, conversation).await,
            Wish::Claim => DeskAct::Claim,
            Wish::Reply(said) => {
                // Somebody who is not there is told some other way: by mail, where a webhook is set up.
                let absent = self.hub.room(conversation).is_none_or(|room| room.customers() == 0);
                DeskAct::Reply { event: words(EventKind::Message, &said), absent }
            }
            Wish::Note(note) => {
                let event = words(EventKind::Note, &note);
                mentions = note;
                DeskAct::Note(event)
            }
            Wish::Return => {
                after = After::Greet;
                DeskAct::Return
            }
            Wish::Release(why) => {
                let mut ticket = self.next_ticket(conversation, "released", now).await?;
                ticket.declined.push(agent.id.clone());
                requeue(agent, ticket, noted("Back to the list", why))
            }
            Wish::Transfer(to, why) => {
                let mut ticket = self.next_ticket(conversation, "transferred", now).await?;
                ticket.declined.push(agent.id.clone());
                let start = match self.goal(&to).await? {
                    Goal::Queue(queue) => {
                        ticket.queue.clone_from(&queue);
                        format!("To {queue}")
                    }
                    Goal::Person(person) => {
                        ticket.reserved = Some((person.id.clone(), later(now, RESERVE)));
                        let text = format!("{} hands you a conversation.", first_name(agent));
                        after = After::Tell(Alert { to: Some(person.id.clone()), conversation: None, what: "assigned".into(), text });
                        format!("To {}", person.name)
                    }
                };
                requeue(agent, ticket, noted(&start, why))
            }
            Wish::Snooze(until, why) => {
                let latest = later(now, LONGEST_SLEEP);
                if until <= now || until > latest {
                    return Err(DeskError::BadTime(format!("'until' must lie between now ({now}) and {latest}")));
                }
                let mut ticket = self.next_ticket(conversation, "snoozed", now).await?;
                ticket.not_before = Some(until);
                ticket.due_at = until;
                ticket.reserved = Some((agent.id.clone(), later(until, RESERVE)));
                requeue(agent, ticket, noted("Asleep", why))
            }
            Wish::TakeOver(_) | Wish::Assign(_) if !agent.role.leads() => return Err(DeskError::LeadsOnly),
            Wish::TakeOver(why) => {
                if let Some(had) = had {
                    let text = format!("{} has taken over a conversation of yours.", first_name(agent));
                    after = After::Tell(Alert { to: Some(had), conversation: None, what: "taken_over".into(), text });
                }
                self.store.audit(now, &agent.name, "take_over", conversation.as_str(), &why.unwrap_or_default()).await?;
                DeskAct::TakeOver
            }
            Wish::Assign(to) => {
                let person = match self.goal(&to).await? {
                    Goal::Person(person) => person,
                    Goal::Queue(_) => return Err(DeskError::UnknownGoal(to)),
                };
                if row.owner == Owner::Agent(person.id.clone()) {
                    // It is theirs: taking it away to offer it to them again would help nobody.
                    return Ok(row.head.seq);
                }
                self.store.audit(now, &agent.name, "assign", conversation.as_str(), &person.name).await?;
                let text = format!("{} hands you a conversation.", first_name(agent));
                let to = Some(person.id.clone());
                self.tell_desks(Alert { to, conversation: Some(conversation.clone()), what: "assigned".into(), text }).await;
                let until = later(now, RESERVE);
                let Owner::Agent(of) = row.owner.clone() else {
                    let open = self.store.newest_ticket(conversation).await?.filter(|ticket| ticket.state == "open");
                    let ticket = open.ok_or_else(|| DeskError::NotAllowed(OwnerError::NotWaiting.to_string()))?;
                    self.store.reserve(&ticket.id, &person.id, until).await?;
                    self.hub.queue_bell.notify_one();
                    return Ok(row.head.seq);
                };
                let mut ticket = self.next_ticket(conversation, "assigned", now).await?;
                ticket.reserved = Some((person.id.clone(), until));
                let note = noted("Assigned", Some(format!("to {} by {}", person.name, agent.name)));
                DeskAct::Requeue(Box::new(Requeue { of, ticket, state: "waiting", note }))
            }
            Wish::Reopen => {
                self.may_reopen(agent, conversation, now).await?;
                DeskAct::Reopen
            }
            Wish::Resolve { code, about } => {
                let suggested = self.suggested(agent, &row, &code, about.as_deref()).await?;
                DeskAct::Resolve { code, ask: !self.store.was_asked_for_a_rating(conversation).await?, suggested }
            }
        };
        let write = Write::Desk { agent: agent.id.clone(), name: first_name(agent).to_owned(), act };
        let committed = match self.commit(Unit { row, at: now, write }).await {
            Err(StoreError::Gone) => return Err(DeskError::NotFound),
            committed => committed?,
        };
        match committed.outcome {
            Outcome::Done { place } => {
                if let Some(room) = self.hub.room(conversation) {
                    room.signal(|signals| (signals.agent_typing, signals.drafting) = (None, None));
                }
                self.tell_mentioned(agent, conversation, &mentions).await?;
                match after {
                    After::Nothing => {}
                    After::Greet => self.greet_again(conversation.clone()),
                    After::Tell(alert) => self.tell_desks(Alert { conversation: Some(conversation.clone()), ..alert }).await,
                }
                Ok(place.seq)
            }
            Outcome::Repeated { seq } => Ok(seq),
            Outcome::Refused(OwnerError::Taken(other)) => Err(DeskError::Taken(self.name_of(&other).await)),
            Outcome::Refused(refused @ (OwnerError::NotWaiting | OwnerError::NotYours)) => Err(DeskError::NotAllowed(refused.to_string())),
            Outcome::Said { .. } | Outcome::Turned | Outcome::Stale => Err(DeskError::Store(StoreError::Closed)),
        }
    }

    /// Somebody does not want what they are asked to take: it goes on.
    async fn decline(&self, agent: &Agent, conversation: &ConversationId) -> Result<i64, DeskError> {
        let places = self.store.places().await?;
        let asked =
            places.into_iter().find(|(of, place)| of == conversation && place.offered.as_ref().is_some_and(|(who, _)| *who == agent.id));
        let Some((_, place)) = asked else { return Err(DeskError::NotAllowed("you are not being asked to take this any more".into())) };
        let mut declined = place.declined;
        declined.retain(|other| *other != agent.id);
        declined.push(agent.id.clone());
        self.store.end_offer(&place.ticket, &agent.id, &declined).await?;
        self.hub.queue_bell.notify_one();
        Ok(0)
    }

    /// Whether this agent may take back what they have just ended or given away.
    async fn may_reopen(&self, agent: &Agent, conversation: &ConversationId, now: Timestamp) -> Result<(), DeskError> {
        let last = self.store.last_of(conversation, &agent.id).await?;
        match last {
            Some(done) if later(done, UNDO) >= now => Ok(()),
            Some(_) | None => Err(DeskError::NotAllowed(format!("this can be taken back for {} seconds only", UNDO.as_secs()))),
        }
    }

    /// Those whose names stand after an @ in a note.
    async fn tell_mentioned(&self, agent: &Agent, conversation: &ConversationId, note: &str) -> Result<(), StoreError> {
        if !note.contains('@') {
            return Ok(());
        }
        for other in self.store.agents().await? {
            let named = |name: &str| note.to_lowercase().contains(&format!("@{}", name.to_lowercase()));
            if other.id != agent.id && (named(&other.name) || named(first_name(&other))) {
                let text = format!("{} mentions you: {}", first_name(agent), redact(note).text.chars().take(120).collect::<String>());
                let to = Some(other.id);
                self.tell_desks(Alert { to, conversation: Some(conversation.clone()), what: "mention".into(), text }).await;
            }
        }
        Ok(())
    }

    /// The bot takes up the talk again after a person gave it back, or the customer no longer wants to wait.
    pub(super) fn greet_again(self: &Arc<Self>, conversation: ConversationId) {
        let service = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(error) = service.advance(&conversation, Some((Heard::Returned, Level(0)))).await {
                tracing::error!(conversation.id = %conversation, %error, "the bot could not take up the talk again");
            }
        });
    }

    /// Where a conversation is to go.
    async fn goal(&self, to: &str) -> Result<Goal, DeskError> {
        if handoff::QUEUES.contains(&to) {
            return Ok(Goal::Queue(to.to_owned()));
        }
        let agents = self.store.agents().await?;
        let fits =
            |agent: &Agent| agent.id.as_str() == to || agent.name.eq_ignore_ascii_case(to) || first_name(agent).eq_ignore_ascii_case(to);
        agents.into_iter().find(fits).map(Goal::Person).ok_or_else(|| DeskError::UnknownGoal(to.to_owned()))
    }

    /// The place that a conversation gets when it goes back into the list: with what was known, and the time that it has waited already.
    pub(super) async fn next_ticket(&self, conversation: &ConversationId, reason: &str, now: Timestamp) -> Result<Ticket, StoreError> {
        let old = self.store.newest_ticket(conversation).await?;
        let account = match self.row(conversation).await?.and_then(|row| row.customer.clone()) {
            Some(customer) => self.account(&customer).await?,
            None => None,
        };
        let said = self.store.last_events(conversation, 20).await?;
        let said = said.iter().rev().find(|event| event.by == Author::CUSTOMER && event.kind == EventKind::Message);
        let preview = said.and_then(|event| event.value()["text"].as_str().map(str::to_owned)).unwrap_or_default();
        let priority = old.as_ref().map_or(4, |old| u8::try_from(old.priority).unwrap_or(4));
        let market = account.as_ref().map_or("", |account| account.customer.market.as_str());
        let packet = old.as_ref().map_or_else(|| json!({}).to_string(), |old| old.packet.clone());
        let queue = old.as_ref().map_or_else(|| handoff::QUEUES[0].to_owned(), |old| old.queue.clone());
        let fresh = self.catalog.current().teams.clock(ClockKind::FirstAnswer, &queue, priority, Market::of(market), now).due_at;
        Ok(Ticket {
            id: TicketId::new(),
            queue,
            priority,
            reason: reason.to_owned(),
            intent: old.as_ref().and_then(|old| old.intent.clone()),
            customer_name: old
                .as_ref()
                .and_then(|old| old.customer.clone())
                .or_else(|| account.as_ref().map(|account| account.customer.given_name.clone())),
            preview: preview.chars().take(140).collect(),
            packet,
            // Who is handed on does not start at the end again.
            waiting_since: old.as_ref().map_or(now, |old| old.waiting_since),
            due_at: old.as_ref().map_or(fresh, |old| old.due_at.min(fresh)),
            language: old.as_ref().map_or_else(|| "en".to_owned(), |old| old.language.clone()),
            market: market.to_owned(),
            reserved: None,
            not_before: None,
            declined: Vec::new(),
            clocks: Vec::new(),
        })
    }

    /// The name behind an agent's id, for messages to other agents.
    pub async fn name_of(&self, agent: &AgentId) -> String {
        if let Some(name) = self.queue.snapshot().name_of(agent) {
            return name.to_owned();
        }
        let agents = self.store.agents().await.unwrap_or_default();
        agents.iter().find(|known| &known.id == agent).map_or_else(|| "Somebody".to_owned(), |known| first_name(known).to_owned())
    }

    /// The end of the log of a conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self, conversation: &ConversationId) -> Result<Option<Place>, StoreError> {
        Ok(self.row(conversation).await?.map(|row| row.head))
    }
}

/// Where a conversation is to go.
enum Goal {
    Queue(String),
    Person(Agent),
}

/// What follows the commit.
enum After {
    Nothing,
    Greet,
    Tell(Alert),
}

fn requeue(agent: &Agent, ticket: Ticket, note: Option<NewEvent>) -> DeskAct {
    DeskAct::Requeue(Box::new(Requeue { of: agent.id.clone(), ticket, state: "queued", note }))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
