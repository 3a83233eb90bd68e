//! The floor: asks people to take what waits, passes on what they let pass, gives back what those who are gone had, and tells when a
//! clock runs out. Every step is one guarded statement or one unit of work, so that nodes may do it at the same time.

use super::Service;
use super::desk::first_name;
use super::identity::secret_hash;
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::ids::AgentId;
use crate::domain::market::Market;
use crate::domain::routing::{self, GRACE, MOST_MISSED, Person, Place};
use crate::domain::time;
use crate::store::StoreError;
use crate::store::alerts::Alert;
use crate::store::desk::Agent;
use crate::store::floor::Presence;
use crate::store::unit::{DeskAct, Requeue, Write};
use crate::store::{Outcome, Unit};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

/// A node that has not said so for this long is gone, and its agents with it.
const SILENCE: SignedDuration = SignedDuration::from_secs(45);

impl Service {
    /// Does what is due on the floor. Gives the instant at which something is due next.
    pub(super) async fn run_floor(self: &Arc<Self>) -> Result<Option<Timestamp>, StoreError> {
        let (now, wall) = (self.clock.now(), time::wall());
        let silent = wall.saturating_sub(SILENCE).unwrap_or(Timestamp::MIN);
        self.store.beat(&self.node, wall, silent, now).await?;
        let (agents, presence) = (self.store.agents().await?, self.store.presence().await?);
        self.hear_other_nodes(wall).await?;
        let mut next = Next(None);
        self.pass_on(&presence, now).await?;
        self.take_back(&agents, &presence, now, &mut next).await?;
        self.ask(&agents, now, &mut next).await?;
        self.ring_clocks(now, &mut next).await?;
        Ok(next.0)
    }

    /// Offers that were let pass go on to somebody else; who lets two pass is away.
    async fn pass_on(&self, presence: &[Presence], now: Timestamp) -> Result<(), StoreError> {
        for (_, place) in self.store.places().await? {
            let Some((agent, until)) = &place.offered else { continue };
            let there = presence.iter().find(|one| &one.agent == agent);
            let here = there.is_some_and(|one| one.available && one.gone_at.is_none());
            if *until > now && here {
                continue;
            }
            let mut declined = place.declined.clone();
            declined.retain(|other| other != agent);
            declined.push(agent.clone());
            if !self.store.end_offer(&place.ticket, agent, &declined).await? || !here {
                continue;
            }
            self.store.missed_one(agent).await?;
            if there.is_some_and(|one| one.missed + 1 >= MOST_MISSED) {
                self.store.set_available(agent, false).await?;
                let text = "You did not take two conversations, so you are set to away.".to_owned();
                self.tell_desks(Alert { to: Some(agent.clone()), conversation: None, what: "away".into(), text }).await;
            }
        }
        Ok(())
    }

    /// Conversations of those who have been gone for too long wait for others, with the time that they have waited already.
    async fn take_back(
        self: &Arc<Self>,
        agents: &[Agent],
        presence: &[Presence],
        now: Timestamp,
        next: &mut Next,
    ) -> Result<(), StoreError> {
        for taken in self.store.taken().await? {
            let gone = presence.iter().find(|one| one.agent == taken.agent).and_then(|one| one.gone_at);
            let Some(until) = gone.and_then(|at| at.checked_add(GRACE).ok()) else { continue };
            if until > now {
                next.at(until);
                continue;
            }
            let name = agents.iter().find(|agent| agent.id == taken.agent).map_or("Somebody", first_name).to_owned();
            let Some(row) = self.row(&taken.conversation).await? else { continue };
            let ticket = self.next_ticket(&taken.conversation, "agent_gone", now).await?;
            let text = format!("{name} is gone; this waits for somebody else.");
            let note = NewEvent { by: Author::SYSTEM, kind: EventKind::Note, data: json!({ "text": text }), key: None };
            let requeue = Requeue { of: taken.agent.clone(), ticket, state: "waiting", note: Some(note) };
            let act = DeskAct::Requeue(Box::new(requeue));
            let unit = Unit { row, at: now, write: Write::Desk { agent: taken.agent.clone(), name, act } };
            let committed = self.commit(unit).await?;
            if let Outcome::Refused(refused) = committed.outcome {
                tracing::debug!(conversation.id = %taken.conversation, %refused, "somebody has moved it already");
            }
        }
        Ok(())
    }

    /// Asks people to take what waits.
    async fn ask(&self, agents: &[Agent], now: Timestamp, next: &mut Next) -> Result<(), StoreError> {
        // Read again: what was passed on and taken back is free now.
        let places: Vec<Place> = self.store.places().await?.into_iter().map(|(_, place)| place).collect();
        let presence = self.store.presence().await?;
        let taken = self.store.taken().await?;
        let people: Vec<Person> = agents
            .iter()
            .map(|agent| {
                let there = presence.iter().any(|one| one.agent == agent.id && one.available && one.gone_at.is_none());
                let asked =
                    places.iter().filter(|place| place.offered.as_ref().is_some_and(|(who, until)| *who == agent.id && *until > now));
                Person {
                    id: agent.id.clone(),
                    skills: agent.skills.clone(),
                    languages: agent.languages.clone(),
                    capacity: usize::try_from(agent.capacity).unwrap_or(1),
                    load: taken.iter().filter(|taken| taken.agent == agent.id).count() + asked.count(),
                    available: there,
                }
            })
            .collect();
        let until = now.saturating_add(routing::ACCEPT).unwrap_or(Timestamp::MAX);
        for offer in routing::offers(&places, &people, &self.catalog.current().teams, now) {
            self.store.offer(&offer.ticket, &offer.agent, now, until).await?;
            metrics::counter!("redress_offers_total").increment(1);
            next.at(until);
        }
        for place in &places {
            let reserved = place.reserved.as_ref().map(|(_, until)| *until);
            let offered = place.offered.as_ref().map(|(_, until)| *until);
            // Past due, others help out.
            for at in [reserved, offered, place.not_before, Some(place.due)].into_iter().flatten().filter(|at| *at > now) {
                next.at(at);
            }
        }
        Ok(())
    }

    /// Clocks that warn, and those that are broken: the owner is told, and who leads.
    async fn ring_clocks(&self, now: Timestamp, next: &mut Next) -> Result<(), StoreError> {
        let taken = self.store.taken().await?;
        for clock in self.store.desk_clocks().await? {
            let (to, what) = match clock.state.as_str() {
                "running" | "warned" if clock.due_at <= now => ("breached", "clock_breached"),
                "running" if clock.warn_at <= now => ("warned", "clock_warned"),
                "running" => {
                    next.at(clock.warn_at);
                    continue;
                }
                "warned" => {
                    next.at(clock.due_at);
                    continue;
                }
                _ => continue,
            };
            if !self.store.move_clock(&clock, to).await? {
                continue;
            }
            metrics::counter!("redress_desk_clocks_total", "kind" => clock.kind.as_str(), "to" => to).increment(1);
            let of = taken.iter().find(|taken| taken.conversation == clock.conversation);
            let who = of.and_then(|taken| taken.customer.clone()).unwrap_or_else(|| "A customer".to_owned());
            let waits = clock.kind.as_str().replace('_', " ");
            let text = if to == "breached" { format!("{who}: the {waits} is late.") } else { format!("{who}: the {waits} is due soon.") };
            let owner = of.map(|taken| taken.agent.clone());
            let leads = owner.is_none() || to == "breached";
            for to in owner.map(Some).into_iter().chain(leads.then_some(None)) {
                let conversation = Some(clock.conversation.clone());
                self.tell_desks(Alert { to, conversation, what: what.into(), text: text.clone() }).await;
            }
        }
        Ok(())
    }

    /// The teams: whether somebody is there at this hour on the clock of the usual market, and whose people help out.
    pub fn teams_now(&self) -> Vec<Value> {
        let (now, catalog) = (self.clock.now(), self.catalog.current());
        let team = |team: &crate::domain::team::Team| {
            let hours = catalog.teams.hours(&team.name, Market::fallback());
            json!({ "id": team.name, "overflow": team.overflow, "open": hours.is_open(now), "opens_at": hours.opens_after(now) })
        };
        catalog.teams.teams.iter().map(team).collect()
    }

    /// An agent has a socket here, by the session with this secret. They stay on duty over a short cut.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agent_came(&self, agent: &AgentId, secret: &str) -> Result<bool, StoreError> {
        self.hub.session_sockets(&secret_hash(secret), 1);
        self.hub.desk_sockets(agent, 1);
        let since = self.clock.now().saturating_sub(GRACE).unwrap_or(Timestamp::MIN);
        self.store.came(agent, &self.node, time::wall(), since).await?;
        self.hub.queue_bell.notify_one();
        Ok(self.store.presence().await?.iter().any(|one| &one.agent == agent && one.available))
    }

    /// A socket of an agent is closed; with the last one they are gone.
    pub async fn agent_went(&self, agent: &AgentId, secret: &str) {
        self.hub.session_sockets(&secret_hash(secret), -1);
        if self.hub.desk_sockets(agent, -1) > 0 {
            return;
        }
        let now = self.clock.now();
        let mut stored = self.store.went(agent, &self.node, now).await;
        // A page that is loaded anew closes one socket and opens the next: that one may have come while this was stored.
        if self.hub.desk_sockets(agent, 0) > 0 {
            stored = self.store.came(agent, &self.node, time::wall(), now.saturating_sub(GRACE).unwrap_or(Timestamp::MIN)).await;
        }
        if let Err(error) = stored {
            tracing::error!(agent.id = %agent, %error, "it could not be stored whether an agent is there");
        }
        self.hub.queue_bell.notify_one();
    }

    /// They want to be asked, or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_available(&self, agent: &AgentId, on: bool) -> Result<(), StoreError> {
        self.store.set_available(agent, on).await?;
        self.hub.queue_bell.notify_one();
        Ok(())
    }
}

/// The earliest of several instants.
struct Next(Option<Timestamp>);

impl Next {
    fn at(&mut self, at: Timestamp) {
        self.0 = Some(self.0.map_or(at, |before| before.min(at)));
    }
}
