//! Where commits are heard: rooms of sockets that watch a conversation, and the caches of rows and accounts.
//!
//! A ring carries no data. A listener that wakes asks its room for what came after its cursor; what the room no longer
//! holds it reads from the store. So a lost ring, a full room or another node's commit loses nothing.

use crate::domain::account::Account;
use crate::domain::event::{Event, Place};
use crate::domain::forecast::Estimate;
use crate::domain::ids::{AgentId, ConversationId, CustomerId};
use crate::store::alerts::Alert;
use crate::store::{Observer, Row};
use bytes::Bytes;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast, watch};

/// Alerts that a slow desk may be behind.
const ALERTS: usize = 256;
/// Events that a room keeps for its listeners.
const TAIL: usize = 32;
const SHARDS: usize = 64;

/// Rooms, caches and bells of this node.
pub struct Hub {
    shards: Vec<Mutex<HashMap<ConversationId, Arc<Room>>>>,
    rows: Cache<ConversationId, Arc<Row>>,
    accounts: Cache<CustomerId, Arc<Account>>,
    /// Rings when the waiting list may have changed.
    pub queue_bell: Notify,
    /// Rings when an account has changed: its timers may be others.
    pub accounts_bell: Notify,
    owners: watch::Sender<u64>,
    alerts: broadcast::Sender<Alert>,
    sessions: watch::Sender<u64>,
    desks: Mutex<HashMap<AgentId, usize>>,
    /// Sessions of the desk sockets here, by the hashes of their secrets.
    secrets: Mutex<HashMap<String, usize>>,
}

/// An event as its listeners' frames need it.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its place.
    pub place: Place,
    /// The frame as customers see it.
    pub text: Bytes,
}

/// What is not stored: who types, how far somebody has read, the place in the waiting list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// The customer is typing.
    pub customer_typing: bool,
    /// A person is typing: their first name.
    pub agent_typing: Option<String>,
    /// How far the customer has read.
    pub customer_read: i64,
    /// How far a person has read.
    pub agent_read: i64,
    /// The place in the waiting list, while waiting for a person.
    pub queue: Option<Arc<QueuePlace>>,
    /// Somebody at the desk who does not have the conversation writes a note: their first name. Only desks see it.
    pub drafting: Option<String>,
}

/// A customer's place in the waiting list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// 1 is next.
    pub position: usize,
    /// How long it may take.
    pub estimate: Estimate,
    /// How many people of the team are on duty.
    pub on_duty: usize,
    /// Whether the team is there at this hour.
    pub open: bool,
    /// When it is there next, while it is not.
    pub opens_at: Option<Timestamp>,
    /// Times at which somebody could call back, while nobody is there.
    pub slots: Vec<Timestamp>,
}

/// The sockets that watch one conversation, on this node.
#[derive(Default)]
pub struct Room {
    inner: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    tail: VecDeque<Frame>,
    /// Everything up to here stands before the tail.
    before: Option<Place>,
    listeners: Vec<Listener>,
    signals: Signals,
}

struct Listener {
    number: u64,
    bell: Arc<Notify>,
    /// The first name of the person at the desk; `None` for a customer.
    desk: Option<String>,
}

/// A socket's presence in a room; leaves when dropped.
pub struct Presence {
    hub: Arc<Hub>,
    room: Arc<Room>,
    conversation: ConversationId,
    number: u64,
}

static NUMBER: AtomicU64 = AtomicU64::new(1);

impl Default for Hub {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            rows: Cache::new(20_000),
            accounts: Cache::new(10_000),
            queue_bell: Notify::new(),
            accounts_bell: Notify::new(),
            owners: watch::Sender::new(0),
            alerts: broadcast::Sender::new(ALERTS),
            sessions: watch::Sender::new(0),
            desks: Mutex::default(),
            secrets: Mutex::default(),
        }
    }
}

impl Hub {
    /// The row as it was last seen by this node; the fence tells when that is too old.
    pub fn row(&self, id: &ConversationId) -> Option<Arc<Row>> {
        self.rows.get(id)
    }

    /// Remembers a row.
    pub fn remember_row(&self, row: Arc<Row>) {
        self.rows.insert(row.id.clone(), row);
    }

    /// Forgets a row: its conversation was erased.
    pub fn forget_row(&self, id: &ConversationId) {
        self.rows.remove(id);
    }

    /// The account as it was last read by this node.
    pub fn account(&self, id: &CustomerId) -> Option<Arc<Account>> {
        self.accounts.get(id)
    }

    /// Remembers an account.
    pub fn remember_account(&self, account: Arc<Account>) {
        self.accounts.insert(account.customer.id.clone(), account);
    }

    /// Forgets all accounts (after an import).
    pub fn forget_accounts(&self) {
        self.accounts.clear();
    }

    /// Enters the room of a conversation. `bell` rings when something is new; `desk` is the first name of a person at the desk.
    pub fn enter(self: &Arc<Self>, conversation: &ConversationId, bell: &Arc<Notify>, desk: Option<&str>) -> Presence {
        let mut shard = lock(self.shard(conversation));
        let room = Arc::clone(shard.entry(conversation.clone()).or_default());
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        {
            let mut inside = lock(&room.inner);
            inside.listeners.push(Listener { number, bell: Arc::clone(bell), desk: desk.map(str::to_owned) });
            if desk.is_some() {
                // The others see that somebody looks on.
                ring(&inside);
            }
        }
        drop(shard);
        Presence { hub: Arc::clone(self), room, conversation: conversation.clone(), number }
    }

    /// The room of a conversation, while somebody is in it.
    pub fn room(&self, conversation: &ConversationId) -> Option<Arc<Room>> {
        lock(self.shard(conversation)).get(conversation).cloned()
    }

    /// Moves whenever a conversation changes its owner.
    pub fn owners(&self) -> watch::Receiver<u64> {
        self.owners.subscribe()
    }

    /// Tells the desks of this node something that they should notice at once.
    pub fn alert(&self, alert: Alert) {
        // Nobody at a desk here: it is in the list for whoever comes.
        let _ = self.alerts.send(alert);
    }

    /// What desks should notice at once. One who lags misses some; all of it is in the list, too.
    pub fn alerts(&self) -> broadcast::Receiver<Alert> {
        self.alerts.subscribe()
    }

    /// A desk session has ended: sockets look whether it was theirs.
    pub fn sessions_changed(&self) {
        self.sessions.send_modify(|count| *count += 1);
    }

    /// Moves when a desk session has ended here.
    pub fn sessions(&self) -> watch::Receiver<u64> {
        self.sessions.subscribe()
    }

    /// One more or one fewer socket of an agent on this node; how many there are now.
    pub fn desk_sockets(&self, agent: &AgentId, by: isize) -> usize {
        count(&mut lock(&self.desks), agent, by)
    }

    /// One more or one fewer socket of a desk session on this node.
    pub fn session_sockets(&self, hash: &str, by: isize) -> usize {
        count(&mut lock(&self.secrets), &hash.to_owned(), by)
    }

    /// The sessions of the desk sockets on this node, by the hashes of their secrets.
    pub fn open_sessions(&self) -> Vec<String> {
        lock(&self.secrets).keys().cloned().collect()
    }

    fn shard(&self, conversation: &ConversationId) -> &Mutex<HashMap<ConversationId, Arc<Room>>> {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(conversation);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }
}

/// Counts up or down; what counts nothing is forgotten.
fn count<K: Clone + Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, of: &K, by: isize) -> usize {
    let count = counts.get(of).copied().unwrap_or(0).saturating_add_signed(by);
    if count == 0 {
        counts.remove(of);
    } else {
        counts.insert(of.clone(), count);
    }
    count
}

impl Observer for Hub {
    fn committed(&self, row: &Arc<Row>, events: &[Event]) {
        let owner_moved = self.rows.get(&row.id).is_none_or(|old| old.owner != row.owner);
        self.rows.insert(row.id.clone(), Arc::clone(row));
        if !events.is_empty()
            && let Some(room) = self.room(&row.id)
        {
            room.push(events);
        }
        if owner_moved {
            self.owners.send_modify(|count| *count += 1);
        }
    }

    fn account_changed(&self, customer: &CustomerId) {
        self.accounts.remove(customer);
        self.accounts_bell.notify_one();
    }

    fn queue_changed(&self) {
        self.queue_bell.notify_one();
    }
}

impl Room {
    /// The frames after a place, or `None` when the room no longer has all of them (then the store has).
    pub fn since(&self, after: Place) -> Option<Vec<Frame>> {
        let inside = lock(&self.inner);
        let last = inside.tail.back().map(|frame| frame.place);
        if last.is_none() || last.is_some_and(|last| last <= after) {
            // An empty tail knows nothing; a tail that ends before `after` has nothing to give.
            return last.map(|_| Vec::new());
        }
        let before = inside.before?;
        if after < before {
            return None;
        }
        Some(inside.tail.iter().filter(|frame| frame.place > after).cloned().collect())
    }

    /// What is not stored, as it stands.
    pub fn signals(&self) -> Signals {
        lock(&self.inner).signals.clone()
    }

    /// Changes what is not stored, and rings.
    pub fn signal(&self, change: impl FnOnce(&mut Signals)) {
        let mut inside = lock(&self.inner);
        let old = inside.signals.clone();
        change(&mut inside.signals);
        if inside.signals != old {
            ring(&inside);
        }
    }

    /// Rings without news: another node committed something.
    pub fn ring(&self) {
        ring(&lock(&self.inner));
    }

    /// How many customers' sockets are here.
    pub fn customers(&self) -> usize {
        lock(&self.inner).listeners.iter().filter(|listener| listener.desk.is_none()).count()
    }

    /// The first names of those at the desk who look on, each once, but for one.
    pub fn viewers(&self, but: &str) -> Vec<String> {
        let inside = lock(&self.inner);
        let mut names: Vec<String> =
            inside.listeners.iter().filter_map(|listener| listener.desk.clone()).filter(|name| name != but).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn push(&self, events: &[Event]) {
        let Some(first) = events.first() else { return };
        let mut inside = lock(&self.inner);
        let continues = inside.tail.back().is_some_and(|last| follows(last.place, first.place()));
        if !continues {
            inside.tail.clear();
            inside.before = Some(predecessor(first.place()));
        }
        for event in events {
            if inside.tail.len() == TAIL
                && let Some(oldest) = inside.tail.pop_front()
            {
                inside.before = Some(oldest.place);
            }
            inside.tail.push_back(Frame { place: event.place(), text: Bytes::from(event.json(None)) });
        }
        ring(&inside);
    }
}

/// Whether `next` comes right after `last`, as far as places tell: a public event follows any desk-only ones of the seq before.
fn follows(last: Place, next: Place) -> bool {
    (next.seq == last.seq && next.sub == last.sub + 1) || (next.sub == 0 && next.seq == last.seq + 1)
}

/// A place before `first` from which nothing can be missing: exact for desk-only events, the last public one else.
fn predecessor(first: Place) -> Place {
    if first.sub > 0 { Place { seq: first.seq, sub: first.sub - 1 } } else { Place { seq: first.seq - 1, sub: i64::MAX } }
}

fn ring(inside: &Inside) {
    for listener in &inside.listeners {
        listener.bell.notify_one();
    }
}

impl Presence {
    /// The room.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut shard = lock(self.hub.shard(&self.conversation));
        let mut inside = lock(&self.room.inner);
        inside.listeners.retain(|listener| listener.number != self.number);
        ring(&inside);
        if inside.listeners.is_empty() {
            shard.remove(&self.conversation);
        }
    }
}

/// A panic elsewhere cannot leave these maps half changed, so a poisoned lock is as good as a clean one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Author, EventKind};

    fn event(seq: i64, sub: i64) -> Event {
        Event {
            seq,
            sub,
            at: jiff::Timestamp::UNIX_EPOCH,
            by: Author::BOT,
            kind: if sub == 0 { EventKind::Message } else { EventKind::Note },
            data: "{}".into(),
            key: None,
            level: 0,
        }
    }

    fn places(room: &Room, seq: i64, sub: i64) -> Option<Vec<(i64, i64)>> {
        room.since(Place { seq, sub }).map(|frames| frames.iter().map(|frame| (frame.place.seq, frame.place.sub)).collect())
    }

    #[test]
    fn an_empty_room_sends_its_listeners_to_the_store() {
        assert_eq!(places(&Room::default(), 0, 0), None);
    }

    #[test]
    fn what_the_room_holds_comes_from_the_room() {
        let room = Room::default();
        room.push(&[event(3, 0), event(3, 1), event(4, 0)]);
        assert_eq!(places(&room, 3, 0), Some(vec![(3, 1), (4, 0)]));
        assert_eq!(places(&room, 4, 0), Some(vec![]));
        assert_eq!(places(&room, 2, i64::MAX), Some(vec![(3, 0), (3, 1), (4, 0)]));
        assert_eq!(places(&room, 1, 0), None, "what came before the tail is the store's");
    }

    #[test]
    fn a_gap_forgets_the_tail() {
        let room = Room::default();
        room.push(&[event(3, 0)]);
        room.push(&[event(7, 0)]);
        assert_eq!(places(&room, 3, 0), None);
        assert_eq!(places(&room, 6, i64::MAX), Some(vec![(7, 0)]));
    }

    #[test]
    fn a_long_run_keeps_the_newest() {
        let room = Room::default();
        for seq in 1..=100 {
            room.push(&[event(seq, 0)]);
        }
        assert_eq!(places(&room, 10, 0), None);
        assert_eq!(places(&room, 98, 0), Some(vec![(99, 0), (100, 0)]));
    }
}
