//! Changes of accounts that no conversation makes: facts from outside and timers. A fact's row, the account, its timers, the
//! messages for other systems and the calls for people are one transaction, fenced by the account's version.

use super::facts::{self, FactRow, FactState};
use super::unit::{AccountUse, Row, Ticket};
use super::writer::{conversation_row_of, event_row_of};
use super::{Backend, StoreError, accounts};
use crate::domain::event::{Event, NewEvent};
use jiff::Timestamp;
use sqlx::{AnyConnection, Row as _};
use std::sync::Arc;
use tokio::sync::oneshot;

/// One change, all or nothing.
#[derive(Debug, Default)]
pub struct Change {
    /// When it happens.
    pub at: Timestamp,
    /// The account that was read, and what it becomes.
    pub account: Option<AccountUse>,
    /// The fact that causes it.
    pub fact: Option<FactRow>,
    /// Messages for other systems: topic and JSON text.
    pub outbox: Vec<(String, String)>,
    /// Conversations that wait for a person from the start.
    pub calls: Vec<Call>,
}

/// A person is called: a conversation of its own in the waiting list.
#[derive(Debug)]
pub struct Call {
    /// The conversation; one that is there already is left as it is, so the same matter calls once.
    pub row: Row,
    /// What it is about, for the desk.
    pub note: NewEvent,
    /// The place in the waiting list.
    pub ticket: Box<Ticket>,
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is stored.
    Done,
    /// The account has moved since it was read: nothing was stored.
    Stale,
    /// The fact was stored before: nothing was stored now.
    Repeated(FactState),
}

pub(super) struct ChangeJob {
    pub(super) change: Change,
    pub(super) reply: oneshot::Sender<Result<Changed, StoreError>>,
}

/// What a transaction of changes did to what others watch.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) outcomes: Vec<Changed>,
    pub(super) rows: Vec<(Arc<Row>, Event)>,
    pub(super) queue_changed: bool,
}

/// Applies changes in order, inside a transaction.
pub(super) async fn apply(tx: &mut AnyConnection, backend: Backend, changes: &[&Change]) -> Result<Seen, StoreError> {
    let mut seen = Seen::default();
    for change in changes {
        let outcome = apply_one(tx, backend, change, &mut seen).await?;
        seen.outcomes.push(outcome);
    }
    Ok(seen)
}

async fn apply_one(tx: &mut AnyConnection, backend: Backend, change: &Change, seen: &mut Seen) -> Result<Changed, StoreError> {
    if let Some(used) = &change.account {
        let lock = match backend {
            Backend::Sqlite => "SELECT version FROM customers WHERE id = $1",
            Backend::Postgres => "SELECT version FROM customers WHERE id = $1 FOR UPDATE",
        };
        let row = sqlx::query(lock).bind(used.read.customer.id.as_str()).fetch_optional(&mut *tx).await?;
        let version: Option<i64> = row.map(|row| row.try_get(0)).transpose()?;
        if version != Some(used.read.version) {
            return Ok(Changed::Stale);
        }
    }
    if let Some(fact) = &change.fact
        && let Some(before) = facts::put(tx, fact).await?
    {
        return Ok(Changed::Repeated(before));
    }
    if let Some(used) = &change.account
        && let Some(becomes) = &used.becomes
    {
        accounts::write(tx, backend, &used.read, becomes, change.at).await?;
    }
    for (topic, payload) in &change.outbox {
        super::outbox::put(tx, topic, payload, change.at).await?;
    }
    for call in &change.calls {
        let known = sqlx::query("SELECT 1 FROM conversations WHERE id = $1").bind(call.row.id.as_str()).fetch_optional(&mut *tx).await?;
        if known.is_some() {
            continue;
        }
        let event = Event {
            seq: 0,
            sub: 1,
            at: change.at,
            by: call.note.by.clone(),
            kind: call.note.kind,
            data: call.note.data.to_string().into_boxed_str(),
            key: None,
            level: 0,
        };
        conversation_row_of(tx, backend, &call.row).await?;
        event_row_of(tx, backend, &call.row.id, &event).await?;
        super::tickets::put(tx, &call.row.id, &call.ticket).await?;
        seen.rows.push((Arc::new(call.row.clone()), event));
        seen.queue_changed = true;
    }
    Ok(Changed::Done)
}
