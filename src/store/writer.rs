//! Group commit: one task owns the one writing connection, drains its queue into one transaction, commits with one
//! flush, and answers everybody after the commit. The commit before is the batching window; under load a moment more.

use super::change::{self, Change, ChangeJob, Changed, Seen};
use super::decide::{Effects, Facts, TicketChange, apply};
use super::sql::{Batch, Rows, batch};
use super::unit::{Committed, Outcome, Row, Ticket, Unit, Write};
use super::{Backend, Observer, StoreError, accounts, conversations, prepare, tickets};
use crate::domain::conversation::Owner;
use crate::domain::event::Event;
use crate::domain::ids::{ConversationId, CustomerId};
use sqlx::AnyConnection;
use sqlx::{Connection, Row as _};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Most units of work in one transaction.
const BATCH: usize = 512;
/// A batch with fewer units than this waits a moment for more.
const GATHER_BELOW: usize = 32;
/// How long that moment is.
const GATHER: Duration = Duration::from_millis(2);

/// What the writer is asked for.
pub(super) enum Work {
    /// Something in a conversation.
    Talk(Job),
    /// A change of an account that no conversation makes.
    Change(ChangeJob),
}

pub(super) struct Job {
    pub(super) unit: Unit,
    pub(super) reply: oneshot::Sender<Result<Committed, StoreError>>,
}

pub(super) struct Writer {
    url: String,
    connection: AnyConnection,
    backend: Backend,
    observer: Arc<dyn Observer>,
}

/// What a transaction has done, before it is known to be durable.
#[derive(Default)]
struct Done {
    outcomes: Vec<(Outcome, Arc<Row>, Vec<Event>)>,
    accounts: Vec<CustomerId>,
    queue_changed: bool,
}

/// The versions first: where they are what the callers know, the rows need not be read.
const LOCK: Batch =
    batch!("SELECT c.id, c.version FROM conversations c WHERE c.id IN (SELECT j.value ->> 0 FROM", ")", "ORDER BY c.id FOR UPDATE");
const MOVED: Batch = batch!(
    "SELECT c.id, c.customer_id, c.version, c.head, c.sub, c.asked, c.answered, c.owner, c.owner_of, c.state, c.locale, c.wake_at, \
     c.started_at, c.updated_at FROM conversations c WHERE c.id IN (SELECT j.value ->> 0 FROM",
    ")"
);
const REPEATED: Batch =
    batch!("SELECT e.conversation_id, e.key, e.seq FROM", "JOIN events e ON e.conversation_id = j.value ->> 0 AND e.key = j.value ->> 1");
const ACCOUNTS: Batch =
    batch!("SELECT c.id, c.version FROM customers c WHERE c.id IN (SELECT j.value ->> 0 FROM", ")", "ORDER BY c.id FOR UPDATE");
const ROWS: Batch = batch!(
    "INSERT INTO conversations (id, customer_id, version, head, sub, asked, answered, owner, owner_of, state, locale, wake_at, started_at, updated_at) \
     SELECT j.value ->> 0, j.value ->> 1, CAST(j.value ->> 2 AS BIGINT), CAST(j.value ->> 3 AS BIGINT), CAST(j.value ->> 4 AS BIGINT), \
     CAST(j.value ->> 5 AS BIGINT), CAST(j.value ->> 6 AS BIGINT), j.value ->> 7, j.value ->> 8, j.value ->> 9, j.value ->> 10, \
     CAST(j.value ->> 11 AS BIGINT), CAST(j.value ->> 12 AS BIGINT), CAST(j.value ->> 13 AS BIGINT) FROM",
    "WHERE true ON CONFLICT (id) DO UPDATE SET version = excluded.version, head = excluded.head, \
     sub = excluded.sub, asked = excluded.asked, answered = excluded.answered, owner = excluded.owner, owner_of = excluded.owner_of, \
     state = excluded.state, locale = excluded.locale, wake_at = excluded.wake_at, updated_at = excluded.updated_at"
);
const EVENTS: Batch = batch!(
    "INSERT INTO events (conversation_id, seq, sub, at, by_kind, by_name, kind, data, key, level) \
     SELECT j.value ->> 0, CAST(j.value ->> 1 AS BIGINT), CAST(j.value ->> 2 AS BIGINT), CAST(j.value ->> 3 AS BIGINT), j.value ->> 4, \
     j.value ->> 5, j.value ->> 6, j.value ->> 7, j.value ->> 8, CAST(j.value ->> 9 AS BIGINT) FROM",
    "WHERE true"
);

impl Writer {
    pub(super) fn new(url: String, connection: AnyConnection, backend: Backend, observer: Arc<dyn Observer>) -> Self {
        Self { url, connection, backend, observer }
    }

    /// Runs until every sender is gone.
    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Work>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.recv_many(&mut batch, BATCH).await > 0 {
            // Several at once mean load: a moment's patience makes fewer and fuller commits, each of which costs a flush. One alone is not kept waiting.
            if (2..GATHER_BELOW).contains(&batch.len()) {
                tokio::time::sleep(GATHER).await;
                while batch.len() < BATCH
                    && let Ok(job) = jobs.try_recv()
                {
                    batch.push(job);
                }
            }
            metrics::histogram!("redress_commit_units").record(batch.len() as f64);
            let (mut talks, mut changes) = (Vec::with_capacity(batch.len()), Vec::new());
            for work in batch.drain(..) {
                match work {
                    Work::Talk(job) => talks.push(job),
                    Work::Change(job) => changes.push(job),
                }
            }
            if !talks.is_empty() {
                self.talk(talks).await;
            }
            if !changes.is_empty() {
                self.change(changes).await;
            }
        }
        let _ = self.connection.close().await;
    }

    /// Units of work of conversations: together, or one by one when that fails.
    async fn talk(&mut self, jobs: Vec<Job>) {
        let units: Vec<&Unit> = jobs.iter().map(|job| &job.unit).collect();
        match self.commit(&units).await {
            Ok(done) => {
                self.publish(&done);
                for (job, (outcome, row, _)) in jobs.into_iter().zip(done.outcomes) {
                    let _ = job.reply.send(Ok(Committed { outcome, row }));
                }
            }
            Err(error) => {
                tracing::warn!(units = jobs.len(), %error, "a commit failed; trying its units one by one");
                for mut job in jobs {
                    let result = self.commit_alone(&mut job.unit).await;
                    let _ = job.reply.send(result);
                }
            }
        }
    }

    /// Changes of accounts: together, or one by one (each tried twice) when that fails.
    async fn change(&mut self, jobs: Vec<ChangeJob>) {
        let changes: Vec<&Change> = jobs.iter().map(|job| &job.change).collect();
        if let Ok(seen) = self.commit_changes(&changes).await {
            self.publish_changes(&changes, &seen);
            for (job, outcome) in jobs.into_iter().zip(seen.outcomes) {
                let _ = job.reply.send(Ok(outcome));
            }
            return;
        }
        for job in jobs {
            self.reconnect_if_dead().await;
            let change = [&job.change];
            let result = match self.commit_changes(&change).await {
                Ok(seen) => {
                    self.publish_changes(&change, &seen);
                    Ok(seen.outcomes.into_iter().next().unwrap_or(Changed::Stale))
                }
                Err(error) => {
                    tracing::error!(%error, "a change of an account could not be stored");
                    Err(error)
                }
            };
            let _ = job.reply.send(result);
        }
    }

    async fn commit_changes(&mut self, changes: &[&Change]) -> Result<Seen, StoreError> {
        let backend = self.backend;
        let mut tx = match backend {
            Backend::Sqlite => self.connection.begin_with("BEGIN IMMEDIATE").await?,
            Backend::Postgres => self.connection.begin().await?,
        };
        let seen = change::apply(&mut tx, backend, changes).await?;
        tx.commit().await?;
        Ok(seen)
    }

    fn publish_changes(&self, changes: &[&Change], seen: &Seen) {
        for (change, outcome) in changes.iter().zip(&seen.outcomes) {
            if let Some(used) = change.account.as_ref().filter(|used| used.becomes.is_some() || *outcome == Changed::Stale) {
                self.observer.account_changed(&used.read.customer.id);
            }
        }
        for (row, event) in &seen.rows {
            self.observer.committed(row, std::slice::from_ref(event));
        }
        if seen.queue_changed {
            self.observer.queue_changed();
        }
    }

    /// One unit in a transaction of its own, so that a poisonous one harms nobody else. Tried twice: two nodes may open the same conversation.
    async fn commit_alone(&mut self, unit: &mut Unit) -> Result<Committed, StoreError> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.commit(&[&*unit]).await {
                Ok(mut done) => {
                    self.publish(&done);
                    let (outcome, row, _) = done.outcomes.pop().expect("a batch of one has one outcome");
                    return Ok(Committed { outcome, row });
                }
                // A turn that cannot be stored must not take the customer's message with it: the message goes alone, its turn is thought again.
                Err(error)
                    if tried == 2
                        && let Write::Say { turn: turn @ Some(_), .. } = &mut unit.write =>
                {
                    tracing::error!(conversation.id = %unit.row.id, %error, "a turn could not be stored; its message is stored without it");
                    *turn = None;
                }
                Err(StoreError::Gone) => return Err(StoreError::Gone),
                Err(error) if tried >= 2 => {
                    tracing::error!(conversation.id = %unit.row.id, %error, "a unit of work could not be stored");
                    return Err(error);
                }
                Err(_) => self.reconnect_if_dead().await,
            }
        }
    }

    async fn reconnect_if_dead(&mut self) {
        let alive = tokio::time::timeout(Duration::from_secs(2), self.connection.ping()).await;
        if matches!(alive, Ok(Ok(()))) {
            return;
        }
        match AnyConnection::connect(&self.url).await {
            Ok(mut connection) => match prepare(&mut connection, self.backend).await {
                Ok(()) => self.connection = connection,
                Err(error) => tracing::error!(%error, "the database connection is gone and cannot be prepared again"),
            },
            Err(error) => tracing::error!(%error, "the database connection is gone and cannot be opened again"),
        }
    }

    fn publish(&self, done: &Done) {
        for (_, row, events) in &done.outcomes {
            self.observer.committed(row, events);
        }
        for customer in &done.accounts {
            self.observer.account_changed(customer);
        }
        if done.queue_changed {
            self.observer.queue_changed();
        }
    }

    /// All units in one transaction.
    async fn commit(&mut self, units: &[&Unit]) -> Result<Done, StoreError> {
        let backend = self.backend;
        let mut tx = match backend {
            Backend::Sqlite => self.connection.begin_with("BEGIN IMMEDIATE").await?,
            Backend::Postgres => self.connection.begin().await?,
        };
        let mut rows = lock_rows(&mut tx, backend, units).await?;
        let mut repeated = find_repeated(&mut tx, backend, units).await?;
        let mut versions = lock_accounts(&mut tx, backend, units).await?;

        let mut done = Done::default();
        let mut stored_rows: HashSet<ConversationId> = HashSet::new();
        let mut event_rows = Rows::default();
        let mut places: Vec<(ConversationId, &Ticket)> = Vec::new();
        for unit in units {
            let id = &unit.row.id;
            let mut row = match rows.remove(id) {
                Some(row) => row,
                None if unit.row.version == 0 => (*unit.row).clone(),
                // It was there once: what was erased must not come back by somebody who remembers it.
                None => return Err(StoreError::Gone),
            };
            let key = client_key(&unit.write);
            let used = account_use(&unit.write);
            let facts = Facts {
                repeated: key.and_then(|key| repeated.get(&(id.clone(), key.to_owned())).copied()),
                account_is_current: used.is_none_or(|used| versions.get(&used.read.customer.id) == Some(&used.read.version)),
            };
            if let (Some(used), false) = (used, facts.account_is_current) {
                done.accounts.push(used.read.customer.id.clone());
            }
            let (outcome, effects) = apply(&mut row, &unit.write, unit.at, &facts);
            let Effects { events, ticket, tickets: change, turn, starts, stops, unseen, suggested } = effects;
            if let (Some(key), Some(first)) = (key, events.first()) {
                repeated.insert((id.clone(), key.to_owned()), first.seq);
            }
            for event in &events {
                event_row(&mut event_rows, id, event);
            }
            if change != TicketChange::None {
                flush_tickets(&mut tx, &mut places).await?;
                tickets::change(&mut tx, id, &change, unit.at).await?;
                done.queue_changed = true;
            }
            if let Some(unseen) = unseen {
                super::outbox::put(&mut tx, "message.unseen", &unseen.to_string(), unit.at).await?;
            }
            if let Some((by, suggested)) = suggested {
                super::suggestions::put(&mut tx, id, by, suggested, unit.at).await?;
            }
            tickets::stop(&mut tx, id, stops, unit.at).await?;
            tickets::start(&mut tx, id, &starts, unit.at).await?;
            if !starts.is_empty() || !stops.is_empty() {
                done.queue_changed = true;
            }
            if let Some(ticket) = ticket {
                places.push((id.clone(), ticket));
                done.queue_changed = true;
            }
            if let Some(turn) = turn {
                if let Some(used) = &turn.account
                    && let Some(becomes) = &used.becomes
                {
                    accounts::write(&mut tx, backend, &used.read, becomes, unit.at).await?;
                    versions.insert(used.read.customer.id.clone(), becomes.version);
                    done.accounts.push(used.read.customer.id.clone());
                }
                for notice in &turn.notices {
                    accounts::write_record(&mut tx, id.as_str(), "notice", &notice.id, notice).await?;
                }
                for promise in &turn.promises {
                    accounts::write_record(&mut tx, id.as_str(), "promise", &promise.id, promise).await?;
                }
                for (topic, payload) in &turn.outbox {
                    super::outbox::put(&mut tx, topic, payload, unit.at).await?;
                }
            }
            let moved = row.version != unit.row.version || !events.is_empty();
            if moved {
                stored_rows.insert(id.clone());
            }
            if let Write::Bind(customer) = &unit.write {
                // Rows are stored without their customer when they exist: it hardly ever changes, and its index is dear.
                sqlx::query("UPDATE conversations SET customer_id = $1 WHERE id = $2")
                    .bind(customer.as_str())
                    .bind(id.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
            done.outcomes.push((outcome, Arc::new(row.clone()), events));
            rows.insert(id.clone(), row);
        }
        flush_tickets(&mut tx, &mut places).await?;
        if !stored_rows.is_empty() {
            let mut values = Rows::default();
            for row in stored_rows.iter().filter_map(|id| rows.get(id)) {
                conversation_row(&mut values, row);
            }
            sqlx::query(ROWS.on(backend)).bind(values.json()).execute(&mut *tx).await?;
        }
        if !event_rows.is_empty() {
            sqlx::query(EVENTS.on(backend)).bind(event_rows.json()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(done)
    }
}

async fn lock_rows(tx: &mut AnyConnection, backend: Backend, units: &[&Unit]) -> Result<HashMap<ConversationId, Row>, StoreError> {
    let mut ids = Rows::default();
    for unit in units {
        ids.row().text(unit.row.id.as_str());
    }
    let mut versions: HashMap<ConversationId, i64> = HashMap::new();
    for row in sqlx::query(LOCK.on(backend)).bind(ids.json()).fetch_all(&mut *tx).await? {
        versions.insert(ConversationId::from(row.try_get::<String, _>(0)?), row.try_get(1)?);
    }
    let mut rows: HashMap<ConversationId, Row> = HashMap::with_capacity(units.len());
    let mut moved = Rows::default();
    for unit in units {
        let id = &unit.row.id;
        match versions.get(id) {
            Some(version) if *version == unit.row.version => {
                rows.entry(id.clone()).or_insert_with(|| (*unit.row).clone());
            }
            Some(_) => moved.row().text(id.as_str()),
            None => {}
        }
    }
    if !moved.is_empty() {
        for row in sqlx::query(MOVED.on(backend)).bind(moved.json()).fetch_all(&mut *tx).await? {
            let row = conversations::read_row(&row)?;
            rows.entry(row.id.clone()).or_insert(row);
        }
    }
    Ok(rows)
}

async fn find_repeated(
    tx: &mut AnyConnection,
    backend: Backend,
    units: &[&Unit],
) -> Result<HashMap<(ConversationId, String), i64>, StoreError> {
    let mut keys = Rows::default();
    for unit in units {
        if let Some(key) = client_key(&unit.write) {
            let mut row = keys.row();
            row.text(unit.row.id.as_str());
            row.text(key);
        }
    }
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let found = sqlx::query(REPEATED.on(backend)).bind(keys.json()).fetch_all(&mut *tx).await?;
    found
        .iter()
        .map(|row| {
            let conversation: String = row.try_get(0)?;
            Ok(((ConversationId::from(conversation), row.try_get(1)?), row.try_get(2)?))
        })
        .collect()
}

async fn lock_accounts(tx: &mut AnyConnection, backend: Backend, units: &[&Unit]) -> Result<HashMap<CustomerId, i64>, StoreError> {
    let mut ids = Rows::default();
    let used: HashSet<&str> = units.iter().filter_map(|unit| account_use(&unit.write)).map(|used| used.read.customer.id.as_str()).collect();
    for id in used {
        ids.row().text(id);
    }
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = sqlx::query(ACCOUNTS.on(backend)).bind(ids.json()).fetch_all(&mut *tx).await?;
    found
        .iter()
        .map(|row| {
            let customer: String = row.try_get(0)?;
            Ok((CustomerId::from(customer), row.try_get(1)?))
        })
        .collect()
}

async fn flush_tickets(tx: &mut AnyConnection, tickets: &mut Vec<(ConversationId, &Ticket)>) -> Result<(), StoreError> {
    for (conversation, ticket) in tickets.drain(..) {
        tickets::put(tx, &conversation, ticket).await?;
    }
    Ok(())
}

/// Stores the row of one conversation.
pub(super) async fn conversation_row_of(tx: &mut AnyConnection, backend: Backend, of: &Row) -> Result<(), StoreError> {
    let mut values = Rows::default();
    conversation_row(&mut values, of);
    sqlx::query(ROWS.on(backend)).bind(values.json()).execute(&mut *tx).await?;
    Ok(())
}

/// Stores one event.
pub(super) async fn event_row_of(
    tx: &mut AnyConnection,
    backend: Backend,
    conversation: &ConversationId,
    event: &Event,
) -> Result<(), StoreError> {
    let mut values = Rows::default();
    event_row(&mut values, conversation, event);
    sqlx::query(EVENTS.on(backend)).bind(values.json()).execute(&mut *tx).await?;
    Ok(())
}

/// The client's id of what is to be stored, if it has one.
fn client_key(write: &Write) -> Option<&str> {
    use super::unit::DeskAct;
    match write {
        Write::Say { event, .. }
        | Write::Leave(event)
        | Write::CallBack(event, _)
        | Write::Desk { act: DeskAct::Reply { event, .. } | DeskAct::Note(event), .. } => event.key.as_deref(),
        Write::Desk {
            act:
                DeskAct::Claim
                | DeskAct::Return
                | DeskAct::Requeue(_)
                | DeskAct::TakeOver
                | DeskAct::Reopen
                | DeskAct::Resolve { .. }
                | DeskAct::Act(_),
            ..
        }
        | Write::Turn(_)
        | Write::Bind(_) => None,
    }
}

fn account_use(write: &Write) -> Option<&super::unit::AccountUse> {
    match write {
        Write::Say { turn: Some(turn), .. } | Write::Turn(turn) | Write::Desk { act: super::unit::DeskAct::Act(turn), .. } => {
            turn.account.as_ref()
        }
        Write::Say { turn: None, .. } | Write::Leave(_) | Write::CallBack(..) | Write::Desk { .. } | Write::Bind(_) => None,
    }
}

fn event_row(rows: &mut Rows, conversation: &ConversationId, event: &Event) {
    let mut row = rows.row();
    row.text(conversation.as_str());
    row.number(event.seq);
    row.number(event.sub);
    row.number(event.at.as_millisecond());
    row.text(event.by.kind.as_str());
    row.maybe(event.by.name.as_deref());
    row.text(event.kind.as_str());
    row.text(&event.data);
    row.maybe(event.key.as_deref());
    row.number(i64::from(event.level));
}

fn conversation_row(rows: &mut Rows, of: &Row) {
    let (owner, owner_of) = owner_columns(&of.owner);
    let mut row = rows.row();
    row.text(of.id.as_str());
    row.maybe(of.customer.as_ref().map(CustomerId::as_str));
    row.number(of.version);
    row.number(of.head.seq);
    row.number(of.head.sub);
    row.number(of.asked);
    row.number(of.answered);
    row.text(owner);
    row.maybe(owner_of);
    row.text(&of.state);
    row.text(&of.locale);
    match of.wake_at {
        Some(at) => row.number(at.as_millisecond()),
        None => row.maybe(None),
    }
    row.number(of.started_at.as_millisecond());
    row.number(of.updated_at.as_millisecond());
}

fn owner_columns(owner: &Owner) -> (&'static str, Option<&str>) {
    match owner {
        Owner::Bot => ("bot", None),
        Owner::Queued(ticket) => ("queued", Some(ticket.as_str())),
        Owner::Agent(agent) => ("agent", Some(agent.as_str())),
        Owner::Closed(outcome) => ("closed", Some(outcome)),
    }
}
