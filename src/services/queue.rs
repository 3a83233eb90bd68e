//! The waiting list as everybody sees it: desks get the whole list, each waiting customer their place and an honest estimate.

use super::Service;
use super::hub::QueuePlace;
use crate::domain::forecast::{Estimate, Floor, WINDOW, forecast};
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::market::Market;
use crate::domain::routing::{Person, Place};
use crate::domain::team::Teams;
use crate::store::desk::{Agent, Waiting};
use crate::store::floor::{DeskClock, TakenRow};
use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Changes within this time are shown together.
const GATHER: Duration = Duration::from_millis(60);
/// How long it sleeps at most: other nodes ring no bell here.
const MOST: Duration = Duration::from_secs(5);
/// How long an estimate stands: with five hundred waiting it takes some 20 ms.
const FORESEEN: SignedDuration = SignedDuration::from_secs(2);
/// Call-back times that a customer is shown.
const SLOTS: usize = 3;

/// The waiting list at one instant.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// In the order to be taken; what sleeps comes last.
    pub waiting: Vec<Waiting>,
    /// Conversations that people have.
    pub taken: Vec<TakenRow>,
    /// Everybody at the desk.
    pub floor: Vec<Colleague>,
    /// How many people are on duty.
    pub on_duty: usize,
    /// How long those who wait awake will wait, and when that was foreseen.
    estimates: Arc<HashMap<ConversationId, Estimate>>,
    foreseen_at: Timestamp,
    /// Clocks that run.
    clocks: HashMap<ConversationId, DeskClock>,
    /// The rows of `waiting` as JSON text, made once for all desks.
    rows: Vec<String>,
}

/// Somebody at the desk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Colleague {
    /// Who, with their role, skills and capacity.
    #[serde(flatten)]
    pub agent: Agent,
    /// Conversations that they have, and are being asked about.
    pub load: usize,
    /// `available`, `away` or `gone`.
    pub state: &'static str,
}

/// The newest snapshot, and a bell for its readers.
pub struct Queue {
    newest: ArcSwap<Snapshot>,
    bell: watch::Sender<u64>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { newest: ArcSwap::default(), bell: watch::Sender::new(0) }
    }
}

impl Queue {
    /// The list as it stands.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.newest.load_full()
    }

    /// Moves with every new snapshot.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }
}

impl Snapshot {
    /// The name of somebody at the desk.
    pub fn name_of(&self, agent: &AgentId) -> Option<&str> {
        self.floor.iter().find(|known| &known.agent.id == agent).map(|known| super::desk::first_name(&known.agent))
    }

    /// The `queue` frame for one agent.
    pub fn frame(&self, agent: &Agent) -> String {
        let mut waiting = String::with_capacity(self.rows.iter().map(|row| row.len() + 1).sum());
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                waiting.push(',');
            }
            match &self.waiting[at].offered {
                Some((asked, _)) if asked == &agent.id => waiting.push_str(&self.row(&self.waiting[at], true).to_string()),
                Some(_) | None => waiting.push_str(row),
            }
        }
        let mine: Vec<Value> = self.taken.iter().filter(|taken| taken.agent == agent.id).map(|taken| self.taken_row(taken)).collect();
        let mut frame = format!("{{\"type\":\"queue\",\"waiting\":[{waiting}],\"mine\":{},\"on_duty\":{}", json!(mine), self.on_duty);
        if agent.role.leads() {
            let taken: Vec<Value> = self.taken.iter().map(|taken| self.taken_row(taken)).collect();
            frame.push_str(&format!(",\"taken\":{},\"floor\":{}", json!(taken), json!(self.floor)));
        }
        frame.push('}');
        frame
    }

    fn row(&self, waiting: &Waiting, mine: bool) -> Value {
        let mut row = json!(waiting);
        row["offered"] = match &waiting.offered {
            Some((agent, until)) => json!({ "agent": self.name_of(agent), "mine": mine, "until": until }),
            None => Value::Null,
        };
        let breached = |clock: &DeskClock| clock.state == "breached";
        row["breached"] = json!(self.clocks.get(&waiting.conversation).is_some_and(breached));
        row
    }

    fn taken_row(&self, taken: &TakenRow) -> Value {
        let mut row = json!(taken);
        row["agent_name"] = json!(self.name_of(&taken.agent));
        row["clock"] = match self.clocks.get(&taken.conversation) {
            Some(clock) => json!({ "kind": clock.kind.as_str(), "due": clock.due_at, "state": clock.state }),
            None => Value::Null,
        };
        row
    }

    /// The place of the waiting customer at `index` of the list, in the line of their team.
    fn place(&self, index: usize, teams: &Teams, now: Timestamp) -> Option<QueuePlace> {
        let waiting = &self.waiting[index];
        if waiting.snoozed_until.is_some_and(|until| until > now) {
            return None;
        }
        let awake = |other: &&Waiting| other.snoozed_until.is_none_or(|until| until <= now);
        let before = || self.waiting[..index].iter().filter(awake);
        let can = |agent: &Agent| agent.skills.is_empty() || agent.skills.contains(&waiting.skill);
        let people = self.floor.iter().filter(|colleague| colleague.state == "available" && can(&colleague.agent)).count();
        let hours = teams.hours(&waiting.skill, Market::of(&waiting.market));
        let open = hours.is_open(now);
        let away = !open || people == 0;
        Some(QueuePlace {
            position: before().filter(|other| other.skill == waiting.skill).count() + 1,
            estimate: self.estimates.get(&waiting.conversation).copied().unwrap_or_default(),
            on_duty: people,
            open,
            opens_at: hours.opens_after(now),
            slots: if away { hours.slots(now, SLOTS) } else { Vec::new() },
        })
    }

    fn same_as(&self, other: &Snapshot) -> bool {
        self.rows == other.rows && self.taken == other.taken && self.floor == other.floor && self.clocks == other.clocks
    }
}

fn capacity(agent: &Agent) -> usize {
    usize::try_from(agent.capacity).unwrap_or(1)
}

fn person(colleague: &Colleague) -> Person {
    let Colleague { agent, load, state } = colleague;
    Person {
        id: agent.id.clone(),
        skills: agent.skills.clone(),
        languages: agent.languages.clone(),
        capacity: capacity(agent),
        load: *load,
        available: *state == "available",
    }
}

impl Service {
    /// Keeps the list fresh, and people asked, until `stop`.
    pub async fn keep_queue(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = match self.refresh_queue().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "the waiting list could not be read; it is tried again in a few seconds");
                    None
                }
            };
            let until =
                next.map_or(MOST, |at| Duration::try_from(at.duration_since(self.clock.now())).unwrap_or(GATHER).clamp(GATHER, MOST));
            tokio::select! {
                () = self.hub.queue_bell.notified() => tokio::time::sleep(GATHER).await,
                () = tokio::time::sleep(until) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Runs the floor, reads the list and tells everybody whose place has changed. Gives the instant at which something is due next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_queue(self: &Arc<Self>) -> Result<Option<Timestamp>, crate::store::StoreError> {
        let _one_at_a_time = self.routing.lock().await;
        let next = self.run_floor().await?;
        let new = self.look().await?;
        let old = self.queue.snapshot();
        let teams = &self.catalog.current().teams;
        let now = self.clock.now();
        metrics::gauge!("redress_waiting").set(new.waiting.len() as f64);
        for (index, waiting) in new.waiting.iter().enumerate() {
            if let Some(room) = self.hub.room(&waiting.conversation) {
                let place = new.place(index, teams, now);
                room.signal(|signals| signals.queue = place.map(Arc::new));
            }
        }
        let still: HashSet<&ConversationId> = new.waiting.iter().map(|waiting| &waiting.conversation).collect();
        for gone in old.waiting.iter().filter(|waiting| !still.contains(&waiting.conversation)) {
            if let Some(room) = self.hub.room(&gone.conversation) {
                room.signal(|signals| signals.queue = None);
            }
        }
        if !old.same_as(&new) {
            self.queue.newest.store(Arc::new(new));
            self.queue.bell.send_modify(|count| *count += 1);
        }
        Ok(next)
    }

    /// Reads the whole list.
    async fn look(&self) -> Result<Snapshot, crate::store::StoreError> {
        let now = self.clock.now();
        let mut waiting = self.store.waiting().await?;
        waiting.sort_by_key(|row| row.snoozed_until.is_some_and(|until| until > now));
        for row in &mut waiting {
            row.offered = row.offered.take().filter(|(_, until)| *until > now);
        }
        let taken = self.store.taken().await?;
        let mut clocks: HashMap<ConversationId, DeskClock> = HashMap::new();
        // Sorted by due time: what is due first stands for the conversation.
        for clock in self.store.desk_clocks().await? {
            clocks.entry(clock.conversation.clone()).or_insert(clock);
        }
        let floor = self.floor(&taken, &waiting).await?;
        let on_duty = floor.iter().filter(|colleague| colleague.state == "available").count();
        let (foreseen_at, estimates) = self.estimates(&floor, &taken, now).await?;
        let mut snapshot = Snapshot { waiting, taken, floor, on_duty, estimates, foreseen_at, clocks, rows: Vec::new() };
        snapshot.rows = snapshot.waiting.iter().map(|row| snapshot.row(row, false).to_string()).collect();
        Ok(snapshot)
    }

    /// How long everybody who waits awake will wait, and when that was foreseen: once in a while, and when somebody is new.
    async fn estimates(
        &self,
        floor: &[Colleague],
        taken: &[TakenRow],
        now: Timestamp,
    ) -> Result<(Timestamp, Arc<HashMap<ConversationId, Estimate>>), crate::store::StoreError> {
        let awake = |place: &Place| place.not_before.is_none_or(|at| at <= now);
        let waits = self.store.places().await?.into_iter().filter(|(_, place)| awake(place));
        let (waiting, places): (Vec<ConversationId>, Vec<Place>) = waits.unzip();
        let known = self.queue.snapshot();
        let is_fresh = now.duration_since(known.foreseen_at) < FORESEEN && now >= known.foreseen_at;
        if is_fresh && waiting.iter().all(|id| known.estimates.contains_key(id)) {
            return Ok((known.foreseen_at, Arc::clone(&known.estimates)));
        }
        let people: Vec<Person> = floor.iter().map(person).collect();
        let since = |taken: &TakenRow| taken.claimed_at.map_or(0, |at| now.duration_since(at).as_secs());
        let talking: Vec<(usize, i64)> =
            taken.iter().filter_map(|taken| Some((people.iter().position(|person| person.id == taken.agent)?, since(taken)))).collect();
        let came = self.store.came_since(now.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN), now).await?;
        let talks = self.store.recent_talks(now).await?;
        let teams = &self.catalog.current().teams;
        let floor = Floor { places: &places, people: &people, talking: &talking, came: &came, talks: &talks, teams, now };
        Ok((now, Arc::new(waiting.into_iter().zip(forecast(&floor)).collect())))
    }

    async fn floor(&self, taken: &[TakenRow], waiting: &[Waiting]) -> Result<Vec<Colleague>, crate::store::StoreError> {
        let presence = self.store.presence().await?;
        let agents = self.store.agents().await?;
        let mut load: HashMap<&AgentId, usize> = HashMap::new();
        let asked = waiting.iter().filter_map(|row| row.offered.as_ref().map(|(agent, _)| agent));
        for agent in taken.iter().map(|taken| &taken.agent).chain(asked) {
            *load.entry(agent).or_default() += 1;
        }
        let colleagues = agents.into_iter().map(|agent| {
            let there = presence.iter().find(|one| one.agent == agent.id);
            let state = match there {
                Some(one) if one.gone_at.is_some() => "gone",
                Some(one) if one.available => "available",
                Some(_) => "away",
                None => "gone",
            };
            Colleague { load: load.get(&agent.id).copied().unwrap_or(0), state, agent }
        });
        Ok(colleagues.collect())
    }

    /// The place of a conversation in the list, with the estimate.
    pub fn place_of(&self, conversation: &ConversationId) -> Option<QueuePlace> {
        let snapshot = self.queue.snapshot();
        let index = snapshot.waiting.iter().position(|waiting| &waiting.conversation == conversation)?;
        snapshot.place(index, &self.catalog.current().teams, self.clock.now())
    }
}

impl QueuePlace {
    /// The customer's `queue` frame.
    pub fn frame(&self) -> Value {
        let Estimate { low, likely, high } = self.estimate;
        json!({
            "type": "queue", "position": self.position, "wait_seconds": likely, "wait_low_seconds": low, "wait_high_seconds": high,
            "on_duty": self.on_duty, "open": self.open, "opens_at": self.opens_at, "slots": self.slots,
        })
    }
}
