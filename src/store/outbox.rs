//! Messages for other systems: written in the transaction that causes them, delivered afterwards, at least once, each under its own id.

use super::{Store, StoreError};
use crate::domain::time::from_ms;
use jiff::Timestamp;
use sqlx::{AnyConnection, Row as _};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id; the receiver uses it to recognise a repeated one.
    pub id: String,
    /// What it is about.
    pub topic: String,
    /// JSON text.
    pub payload: String,
    /// When it was caused.
    pub created_at: Timestamp,
    /// How often it was tried in vain.
    pub tries: i64,
}

/// Stores a message.
pub(super) async fn put(tx: &mut AnyConnection, topic: &str, payload: &str, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO outbox (id, topic, payload, created_at) VALUES ($1, $2, $3, $4)")
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(topic)
        .bind(payload)
        .bind(at.as_millisecond())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

fn read(row: &sqlx::any::AnyRow) -> Result<Message, StoreError> {
    Ok(Message {
        id: row.try_get(0)?,
        topic: row.try_get(1)?,
        payload: row.try_get(2)?,
        created_at: from_ms(row.try_get(3)?),
        tries: row.try_get(4)?,
    })
}

impl Store {
    /// Messages that the webhook has not taken and whose next try is due by the wall clock, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_unsent(&self, wall: Timestamp, limit: i64) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, topic, payload, created_at, tries FROM outbox WHERE sent_at IS NULL AND next_try_at <= $1 ORDER BY next_try_at, id LIMIT $2",
        )
        .bind(wall.as_millisecond())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// The webhook took a message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_sent(&self, id: &str, wall: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET sent_at = $1 WHERE id = $2").bind(wall.as_millisecond()).bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// The webhook did not take a message: when to try again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_retry(&self, id: &str, next: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET tries = tries + 1, next_try_at = $1 WHERE id = $2")
            .bind(next.as_millisecond())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What payment providers and carriers are asked and the simulated ones have not answered, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_unanswered(&self, limit: i64) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, topic, payload, created_at, tries FROM outbox WHERE answered_at IS NULL AND topic IN ('payment.debit', 'refund.pay_out', \
             'carrier.watch', 'carrier.trace') \
             ORDER BY created_at, id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// The simulated provider or carrier answered a message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_answered(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET answered_at = $1 WHERE id = $2").bind(at.as_millisecond()).bind(id).execute(&self.pool).await?;
        Ok(())
    }
}
