//! Who wins: what one unit of work does to a conversation's row. Pure; the writer runs it on rows that it has locked.

use super::unit::{DeskAct, Outcome, Row, Ticket, Turn, Write};
use crate::domain::conversation::{Owner, OwnerError};
use crate::domain::event::{Author, Event, EventKind, NewEvent};
use crate::domain::ids::AgentId;
use crate::domain::suggest::Suggested;
use crate::domain::team::{ClockKind, Running};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the writer must store for one unit besides the row.
#[derive(Debug, Default)]
pub(super) struct Effects<'a> {
    /// New events, placed.
    pub(super) events: Vec<Event>,
    /// A new place in the waiting list.
    pub(super) ticket: Option<&'a Ticket>,
    /// What happens to the place in the waiting list that is open or claimed.
    pub(super) tickets: TicketChange,
    /// The turn was applied: its account, promises and outbox rows must be stored.
    pub(super) turn: Option<&'a Turn>,
    /// Clocks that begin to run; one that runs already goes on.
    pub(super) starts: Vec<Running>,
    /// Clocks that end.
    pub(super) stops: &'static [ClockKind],
    /// A reply that the customer is not there to see.
    pub(super) unseen: Option<Value>,
    /// What sentences mean, by the agent who ended the conversation.
    pub(super) suggested: Option<(&'a str, &'a [Suggested])>,
}

/// What happens to the conversation's current ticket.
#[derive(Debug, Default, PartialEq)]
pub(super) enum TicketChange {
    /// Nothing.
    #[default]
    None,
    /// An agent has it.
    Claimed(AgentId),
    /// It is done, with the code of its end when a person ended it.
    Done(Option<String>),
    /// The agent has taken it back.
    Reopened(AgentId),
    /// The customer has written: it no longer sleeps.
    Woken,
    /// Nobody is asked before this instant, at which the customer wants to be called.
    CallBack(Timestamp),
}

/// Facts that only the database knows.
pub(super) struct Facts {
    /// The seq under which this client id is stored already.
    pub(super) repeated: Option<i64>,
    /// Whether the account that the turn has read is still at that version.
    pub(super) account_is_current: bool,
}

/// Applies one unit to its row. A refused or stale unit leaves the row as it was.
pub(super) fn apply<'a>(row: &mut Row, write: &'a Write, at: Timestamp, facts: &Facts) -> (Outcome, Effects<'a>) {
    let mut effects = Effects::default();
    let outcome = match write {
        Write::Say { event, level, wants_answer, turn, clock } => {
            if let Some(seq) = facts.repeated {
                return (Outcome::Repeated { seq }, effects);
            }
            let before = row.version;
            if matches!(row.owner, Owner::Closed(_)) {
                row.owner = Owner::Bot;
            }
            row.version += 1;
            append(row, &mut effects, event, *level, at);
            let seq = row.head.seq;
            match &row.owner {
                Owner::Bot if *wants_answer => row.asked = seq,
                Owner::Agent(_) => effects.starts.extend(*clock),
                Owner::Queued(_) => effects.tickets = TicketChange::Woken,
                Owner::Bot | Owner::Closed(_) => {}
            }
            let turned = match turn {
                Some(turn) if turn.version == before && row.owner == Owner::Bot && facts.account_is_current => {
                    act(row, &mut effects, turn, seq, at);
                    true
                }
                Some(_) | None => false,
            };
            Outcome::Said { seq, turned }
        }
        Write::Turn(turn) => {
            if turn.version != row.version || row.owner != Owner::Bot || !facts.account_is_current {
                return (Outcome::Stale, effects);
            }
            row.version += 1;
            act(row, &mut effects, turn, turn.answers, at);
            Outcome::Turned
        }
        Write::Desk { agent, name, act } => {
            if let Some(seq) = facts.repeated {
                return (Outcome::Repeated { seq }, effects);
            }
            if matches!(act, DeskAct::Act(_)) && !facts.account_is_current {
                return (Outcome::Stale, effects);
            }
            return desk(row, agent, name, act, at);
        }
        Write::Leave(_) | Write::CallBack(..) if facts.repeated.is_some() => {
            return (Outcome::Repeated { seq: facts.repeated.unwrap_or_default() }, effects);
        }
        Write::Leave(event) => match row.owner.clone().leave() {
            Ok(next) => {
                row.version += 1;
                append(row, &mut effects, event, 0, at);
                row.owner = next;
                effects.tickets = TicketChange::Done(None);
                effects.stops = &ClockKind::ALL;
                Outcome::Done { place: row.head }
            }
            Err(refused) => Outcome::Refused(refused),
        },
        Write::CallBack(event, when) => match row.owner {
            Owner::Queued(_) => {
                row.version += 1;
                append(row, &mut effects, event, 0, at);
                effects.tickets = TicketChange::CallBack(*when);
                Outcome::Done { place: row.head }
            }
            Owner::Bot | Owner::Agent(_) | Owner::Closed(_) => Outcome::Refused(OwnerError::NotWaiting),
        },
        Write::Bind(customer) => {
            row.version += 1;
            row.customer = Some(customer.clone());
            row.updated_at = at;
            Outcome::Done { place: row.head }
        }
    };
    (outcome, effects)
}

/// The second half of a turn, on a row whose fence has been passed.
fn act<'a>(row: &mut Row, effects: &mut Effects<'a>, turn: &'a Turn, answers: i64, at: Timestamp) {
    row.answered = row.answered.max(answers);
    row.state = Arc::from(turn.state.as_str());
    row.wake_at = turn.wake_at;
    if let Some(locale) = &turn.locale {
        row.locale = Arc::clone(locale);
    }
    for event in &turn.events {
        append(row, effects, event, 0, at);
    }
    if let Some(ticket) = &turn.ticket {
        row.owner = Owner::Queued(ticket.id.clone());
        effects.starts.extend(ticket.clocks.iter().copied());
        effects.ticket = Some(ticket);
    }
    if let Some(reason) = &turn.close {
        row.owner = Owner::Closed(reason.clone());
        row.state = Arc::from("");
    }
    row.updated_at = at;
    effects.turn = Some(turn);
}

fn desk<'a>(row: &mut Row, agent: &AgentId, name: &'a str, act: &'a DeskAct, at: Timestamp) -> (Outcome, Effects<'a>) {
    let mut effects = Effects::default();
    let start = row.head;
    let handoff = |state: &str, agent: Option<&str>| NewEvent {
        by: Author::SYSTEM,
        kind: EventKind::Handoff,
        data: match agent {
            Some(agent) => json!({ "state": state, "agent": agent }),
            None => json!({ "state": state }),
        },
        key: None,
    };
    let owner = row.owner.clone();
    let next = match act {
        DeskAct::Claim => match owner.claim(agent.clone()) {
            Ok(next) => {
                append(row, &mut effects, &handoff("claimed", Some(name)), 0, at);
                effects.tickets = TicketChange::Claimed(agent.clone());
                row.asked = row.answered;
                row.wake_at = None;
                next
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::Reply { event, absent } => match owner.require(agent) {
            Ok(()) => {
                append(row, &mut effects, event, 0, at);
                effects.stops = &[ClockKind::FirstAnswer, ClockKind::NextAnswer];
                effects.unseen =
                    absent.then(|| json!({ "conversation": row.id, "customer": row.customer, "seq": row.head.seq, "agent": name }));
                owner
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::Act(turn) => match owner.require(agent) {
            Ok(()) => {
                for event in &turn.events {
                    append(row, &mut effects, event, 0, at);
                }
                effects.turn = Some(turn);
                owner
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::Note(event) => {
            append(row, &mut effects, event, 0, at);
            owner
        }
        DeskAct::Return => match owner.give_back(agent) {
            Ok(next) => {
                append(row, &mut effects, &handoff("returned", None), 0, at);
                effects.tickets = TicketChange::Done(Some("returned".to_owned()));
                effects.stops = &ClockKind::ALL;
                next
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::Requeue(requeue) => match owner.require(&requeue.of) {
            Ok(()) => {
                append(row, &mut effects, &handoff(requeue.state, None), 0, at);
                if let Some(note) = &requeue.note {
                    append(row, &mut effects, note, 0, at);
                }
                effects.tickets = TicketChange::Done(None);
                effects.ticket = Some(&requeue.ticket);
                Owner::Queued(requeue.ticket.id.clone())
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::TakeOver => match owner.take_over(agent.clone()) {
            Ok(next) => {
                append(row, &mut effects, &handoff("claimed", Some(name)), 0, at);
                effects.tickets = TicketChange::Claimed(agent.clone());
                row.asked = row.answered;
                row.wake_at = None;
                next
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::Reopen => match owner.reopen(agent.clone()) {
            Ok(next) => {
                append(row, &mut effects, &handoff("claimed", Some(name)), 0, at);
                effects.tickets = TicketChange::Reopened(agent.clone());
                row.asked = row.answered;
                row.wake_at = None;
                next
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
        DeskAct::Resolve { code, ask, suggested } => match owner.resolve(agent, code.clone()) {
            Ok(next) => {
                let closed = NewEvent { by: Author::SYSTEM, kind: EventKind::Closed, data: json!({ "reason": "resolved" }), key: None };
                append(row, &mut effects, &closed, 0, at);
                if *ask {
                    let rating = NewEvent { by: Author::SYSTEM, kind: EventKind::RatingRequest, data: json!({}), key: None };
                    append(row, &mut effects, &rating, 0, at);
                }
                effects.tickets = TicketChange::Done(Some(code.clone()));
                effects.stops = &ClockKind::ALL;
                effects.suggested = Some((name, suggested));
                // What was open when it ended must not come back with the next message.
                row.state = Arc::from("");
                next
            }
            Err(refused) => return (Outcome::Refused(refused), effects),
        },
    };
    row.owner = next;
    row.version += 1;
    let place = effects.events.first().map_or(start, Event::place);
    (Outcome::Done { place }, effects)
}

/// Gives an event its place.
fn append(row: &mut Row, effects: &mut Effects<'_>, event: &NewEvent, level: u8, at: Timestamp) {
    if event.kind.is_public() {
        row.head.seq += 1;
        row.head.sub = 0;
    } else {
        row.head.sub += 1;
    }
    row.updated_at = at;
    effects.events.push(Event {
        seq: row.head.seq,
        sub: row.head.sub,
        at,
        by: event.by.clone(),
        kind: event.kind,
        data: event.data.to_string().into_boxed_str(),
        key: event.key.as_deref().map(Box::from),
        level,
    });
}

#[cfg(test)]
mod tests;
