//! What is derived from accounts and kept in step with them: timers, open disputes, and which account holds which id.

use super::sql::{Batch, Rows, batch};
use super::{Backend, Store, StoreError, accounts};
use crate::domain::account::{Account, Customer, DisputeState};
use crate::domain::dispute::machine::state_name;
use crate::domain::ids::CustomerId;
use crate::domain::market::Market;
use crate::domain::subject::subjects;
use crate::domain::time::from_ms;
use crate::domain::timer::{Timer, TimerKind, timers};
use jiff::Timestamp;
use sqlx::{AnyConnection, Connection, Row as _};
use std::collections::BTreeSet;

const PUT_TIMERS: Batch = batch!(
    "INSERT INTO timers (subject, kind, customer_id, due_at) SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, CAST(j.value ->> 3 AS BIGINT) FROM",
    "WHERE true ON CONFLICT (subject, kind) DO UPDATE SET customer_id = excluded.customer_id, due_at = excluded.due_at"
);
const DROP_TIMERS: Batch =
    batch!("DELETE FROM timers WHERE (subject, kind, customer_id) IN (SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM", ")");
const PUT_SUBJECTS: Batch = batch!(
    "INSERT INTO subjects (id, customer_id) SELECT j.value ->> 0, j.value ->> 1 FROM",
    "WHERE true ON CONFLICT (id, customer_id) DO NOTHING"
);
const DROP_SUBJECTS: Batch = batch!("DELETE FROM subjects WHERE (id, customer_id) IN (SELECT j.value ->> 0, j.value ->> 1 FROM", ")");

const PUT_DISPUTES: Batch = batch!(
    "INSERT INTO open_disputes (id, customer_id, state, due_at, opened_at) SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, CAST(j.value ->> 3 AS BIGINT), CAST(j.value ->> 4 AS BIGINT) FROM",
    "WHERE true ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, state = excluded.state, due_at = excluded.due_at"
);
const DROP_DISPUTES: Batch = batch!("DELETE FROM open_disputes WHERE id IN (SELECT j.value ->> 0 FROM", ")");

impl Store {
    /// Open disputes in these states, each with its customer: those that are due first come first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_disputes(&self, states: &[DisputeState], limit: i64) -> Result<Vec<(CustomerId, String)>, StoreError> {
        let mut found = Vec::new();
        for state in states {
            let rows = sqlx::query("SELECT customer_id, id, due_at FROM open_disputes WHERE state = $1 ORDER BY due_at, id LIMIT $2")
                .bind(state_name(*state))
                .bind(limit)
                .fetch_all(&self.pool)
                .await?;
            for row in &rows {
                found.push((row.try_get::<i64, _>(2)?, row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?));
            }
        }
        found.sort();
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found.into_iter().map(|(_, customer, id)| (customer.into(), id)).collect())
    }

    /// The earliest timer that has not rung.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query("SELECT due_at FROM timers ORDER BY due_at LIMIT 1").fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get::<i64, _>(0)).transpose()?.map(from_ms))
    }

    /// Timers that are due, in due order, each with its customer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_timers(&self, now: Timestamp, limit: i64) -> Result<Vec<(CustomerId, Timer)>, StoreError> {
        let rows =
            sqlx::query("SELECT customer_id, subject, kind, due_at FROM timers WHERE due_at <= $1 ORDER BY due_at, subject, kind LIMIT $2")
                .bind(now.as_millisecond())
                .bind(limit)
                .fetch_all(&self.pool)
                .await?;
        rows.iter()
            .map(|row| {
                let (customer, subject, kind): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                let Some(parsed) = TimerKind::parse(&kind) else {
                    return Err(StoreError::Unreadable {
                        table: "timers",
                        id: subject,
                        column: "kind",
                        why: format!("'{kind}' is unknown"),
                    });
                };
                Ok((customer.into(), Timer { subject, kind: parsed, due_at: from_ms(row.try_get(3)?) }))
            })
            .collect()
    }

    /// Derives everything of one customer afresh, for rows that are no longer true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn derive_again(&self, customer: &CustomerId) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut tx = match self.backend {
            Backend::Sqlite => connection.begin_with("BEGIN IMMEDIATE").await?,
            Backend::Postgres => connection.begin().await?,
        };
        sqlx::query("DELETE FROM timers WHERE customer_id = $1").bind(customer.as_str()).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM open_disputes WHERE customer_id = $1").bind(customer.as_str()).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM subjects WHERE customer_id = $1").bind(customer.as_str()).execute(&mut *tx).await?;
        if let Some(account) = accounts::read(&mut tx, customer).await? {
            let nothing = Account::new(Customer { orders: Vec::new(), ..account.customer.clone() });
            write(&mut tx, self.backend, &nothing, &account).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Derives everything afresh when the rules of derivation are others than those of the stored rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn derive_all(&self, rules: &str) -> Result<(), StoreError> {
        if self.setting("derived_by", String::new).await? == rules {
            return Ok(());
        }
        let ids = sqlx::query("SELECT id FROM customers ORDER BY id").fetch_all(&self.pool).await?;
        for row in &ids {
            self.derive_again(&CustomerId::from(row.try_get::<String, _>(0)?)).await?;
        }
        sqlx::query("UPDATE settings SET value = $1 WHERE name = 'derived_by'").bind(rules).execute(&self.pool).await?;
        Ok(())
    }
}

/// Stores the difference between what is derived from an account as it was and as it becomes.
pub(super) async fn write(tx: &mut AnyConnection, backend: Backend, read: &Account, becomes: &Account) -> Result<(), StoreError> {
    let customer = becomes.customer.id.as_str();
    let market = |account: &Account| Market::of(&account.customer.market);
    let (old, new) = (timers(read, market(read)), timers(becomes, market(becomes)));
    let kept: BTreeSet<(&str, TimerKind)> = new.iter().map(|timer| (timer.subject.as_str(), timer.kind)).collect();
    let (mut put, mut dropped) = (Rows::default(), Rows::default());
    for timer in new.iter().filter(|timer| !old.contains(timer)) {
        let mut row = put.row();
        row.text(&timer.subject);
        row.text(timer.kind.as_str());
        row.text(customer);
        row.number(timer.due_at.as_millisecond());
    }
    for timer in old.iter().filter(|timer| !kept.contains(&(timer.subject.as_str(), timer.kind))) {
        let mut row = dropped.row();
        row.text(&timer.subject);
        row.text(timer.kind.as_str());
        row.text(customer);
    }
    run(tx, backend, &DROP_TIMERS, dropped).await?;
    run(tx, backend, &PUT_TIMERS, put).await?;
    disputes(tx, backend, read, becomes).await?;
    let (old, new) = (subjects(read), subjects(becomes));
    let (mut put, mut dropped) = (Rows::default(), Rows::default());
    for (rows, ids) in [(&mut put, new.difference(&old)), (&mut dropped, old.difference(&new))] {
        for id in ids {
            let mut row = rows.row();
            row.text(id);
            row.text(customer);
        }
    }
    run(tx, backend, &DROP_SUBJECTS, dropped).await?;
    run(tx, backend, &PUT_SUBJECTS, put).await
}

/// Open disputes that moved, and those that are open no more.
async fn disputes(tx: &mut AnyConnection, backend: Backend, read: &Account, becomes: &Account) -> Result<(), StoreError> {
    fn open(account: &Account) -> Vec<(&str, DisputeState, i64, i64)> {
        let all = account.customer.orders.iter().flat_map(|order| &order.disputes);
        let due = |at: Option<Timestamp>| at.unwrap_or(Timestamp::MAX).as_millisecond();
        all.filter(|dispute| dispute.state != DisputeState::Closed)
            .map(|open| (open.id.as_str(), open.state, due(open.next_deadline_at), open.opened_at.as_millisecond()))
            .collect()
    }
    let (old, new) = (open(read), open(becomes));
    let (mut put, mut dropped) = (Rows::default(), Rows::default());
    for (id, state, due_at, opened_at) in new.iter().filter(|dispute| !old.contains(dispute)) {
        let mut row = put.row();
        row.text(id);
        row.text(becomes.customer.id.as_str());
        row.text(state_name(*state));
        row.number(*due_at);
        row.number(*opened_at);
    }
    for (id, ..) in old.iter().filter(|(id, ..)| new.iter().all(|(kept, ..)| kept != id)) {
        dropped.row().text(id);
    }
    run(tx, backend, &DROP_DISPUTES, dropped).await?;
    run(tx, backend, &PUT_DISPUTES, put).await
}

async fn run(tx: &mut AnyConnection, backend: Backend, statement: &Batch, rows: Rows) -> Result<(), StoreError> {
    if !rows.is_empty() {
        sqlx::query(statement.on(backend)).bind(rows.json()).execute(&mut *tx).await?;
    }
    Ok(())
}
