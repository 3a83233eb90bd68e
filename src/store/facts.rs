//! Facts from outside as they are kept: every one under its sender's id, with what came of it.

use super::{Store, StoreError};
use crate::domain::ids::CustomerId;
use crate::domain::time::from_ms;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

/// What came of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactState {
    /// It moved an account.
    Applied,
    /// It changed nothing; the row says why.
    Noted,
    /// What it is about is not known yet.
    Parked,
    /// It was parked for too long and somebody must look at it.
    Reported,
}

impl FactState {
    /// The name in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            FactState::Applied => "applied",
            FactState::Noted => "noted",
            FactState::Parked => "parked",
            FactState::Reported => "reported",
        }
    }

    /// The state with that name.
    pub fn parse(name: &str) -> Option<Self> {
        [FactState::Applied, FactState::Noted, FactState::Parked, FactState::Reported].into_iter().find(|state| state.as_str() == name)
    }
}

/// A fact's row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactRow {
    /// Who says so.
    pub source: String,
    /// The sender's id.
    pub id: String,
    /// Type on the wire.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it reached us.
    pub received_at: Timestamp,
    /// The event as it came, as JSON text.
    #[serde(skip)]
    pub body: String,
    /// What came of it.
    pub state: FactState,
    /// Why it changed nothing.
    pub why: Option<String>,
    /// Whose account it moved.
    pub customer: Option<CustomerId>,
}

/// Stores a fact's row; a parked one may be stored again when its subject is known. Gives the state of one that is settled already.
pub(super) async fn put(tx: &mut AnyConnection, fact: &FactRow) -> Result<Option<FactState>, StoreError> {
    let done = sqlx::query(
        "INSERT INTO facts (source, id, kind, subject, occurred_at, received_at, body, state, why, customer_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (source, id) DO UPDATE SET state = excluded.state, why = excluded.why, customer_id = excluded.customer_id \
         WHERE facts.state IN ('parked', 'reported') AND excluded.state IN ('applied', 'noted')",
    )
    .bind(fact.source.as_str())
    .bind(fact.id.as_str())
    .bind(fact.kind.as_str())
    .bind(fact.subject.as_str())
    .bind(fact.occurred_at.as_millisecond())
    .bind(fact.received_at.as_millisecond())
    .bind(fact.body.as_str())
    .bind(fact.state.as_str())
    .bind(fact.why.as_deref())
    .bind(fact.customer.as_ref().map(CustomerId::as_str))
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT state FROM facts WHERE source = $1 AND id = $2")
        .bind(fact.source.as_str())
        .bind(fact.id.as_str())
        .fetch_one(&mut *tx)
        .await?;
    Ok(FactState::parse(&row.try_get::<String, _>(0)?))
}

const COLUMNS: &str = "f.source, f.id, f.kind, f.subject, f.occurred_at, f.received_at, f.body, f.state, f.why, f.customer_id";

fn read(row: &AnyRow) -> Result<FactRow, StoreError> {
    let (source, id, state): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(7)?);
    let state = FactState::parse(&state).ok_or_else(|| StoreError::Unreadable {
        table: "facts",
        id: id.clone(),
        column: "state",
        why: format!("'{state}' is unknown"),
    })?;
    Ok(FactRow {
        source,
        id,
        kind: row.try_get(2)?,
        subject: row.try_get(3)?,
        occurred_at: from_ms(row.try_get(4)?),
        received_at: from_ms(row.try_get(5)?),
        body: row.try_get(6)?,
        state,
        why: row.try_get(8)?,
        customer: row.try_get::<Option<String>, _>(9)?.map(CustomerId::from),
    })
}

impl Store {
    /// Whose accounts hold an id that a fact names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holders(&self, subject: &str) -> Result<Vec<CustomerId>, StoreError> {
        let rows =
            sqlx::query("SELECT customer_id FROM subjects WHERE id = $1 ORDER BY customer_id").bind(subject).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(CustomerId::from(row.try_get::<String, _>(0)?))).collect()
    }

    /// The fact with that id of that sender.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fact(&self, source: &str, id: &str) -> Result<Option<FactRow>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM facts f WHERE f.source = $1 AND f.id = $2")))
            .bind(source)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Facts in a state, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts_in(&self, state: FactState, limit: i64) -> Result<Vec<FactRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM facts f WHERE f.state = $1 ORDER BY f.received_at, f.id LIMIT $2"
        )))
        .bind(state.as_str())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Parked facts whose subject has become known, in the order in which they happened.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts_to_apply(&self, limit: i64) -> Result<Vec<FactRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM facts f WHERE f.state = 'parked' AND EXISTS (SELECT 1 FROM subjects s WHERE s.id = f.subject) \
             ORDER BY f.occurred_at, f.id LIMIT $1"
        )))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Reports facts that were parked before an instant. Gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn report_parked(&self, before: Timestamp) -> Result<u64, StoreError> {
        let parked = sqlx::query("SELECT 1 FROM facts WHERE state = 'parked' AND received_at < $1 LIMIT 1")
            .bind(before.as_millisecond())
            .fetch_optional(&self.pool)
            .await?;
        if parked.is_none() {
            return Ok(0);
        }
        let done = sqlx::query(
            "UPDATE facts SET state = 'reported', why = 'what it is about never became known' WHERE state = 'parked' AND received_at < $1",
        )
        .bind(before.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
