//! The log of privileged acts. Each row's hash covers the row and the hash before it, so a changed or removed row shows.

use super::{Store, StoreError};
use crate::domain::time::from_ms;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Act {
    /// Its number.
    pub n: i64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who: a name at the desk.
    pub agent: String,
    /// What: a short code.
    pub act: String,
    /// Of what: a conversation, a session, a person.
    pub subject: String,
    /// More, in words.
    pub detail: String,
    /// The hash in the chain.
    #[serde(skip)]
    hash: String,
}

/// How often a row is tried when another node wrote one at the same moment.
const TRIES: usize = 16;

fn hash(before: &str, n: i64, at: i64, words: [&str; 4]) -> String {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(n.to_be_bytes());
    hash.update(at.to_be_bytes());
    for word in words {
        hash.update((word.len() as u64).to_be_bytes());
        hash.update(word);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(row: &AnyRow) -> Result<Act, StoreError> {
    Ok(Act {
        n: row.try_get(0)?,
        at: from_ms(row.try_get(1)?),
        agent: row.try_get(2)?,
        act: row.try_get(3)?,
        subject: row.try_get(4)?,
        detail: row.try_get(5)?,
        hash: row.try_get(6)?,
    })
}

impl Store {
    /// Adds an act to the end of the chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, at: Timestamp, agent: &str, act: &str, subject: &str, detail: &str) -> Result<(), StoreError> {
        let ms = at.as_millisecond();
        let mut tried = 0;
        loop {
            tried += 1;
            let last = sqlx::query("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetch_optional(&self.pool).await?;
            let (n, before) = match &last {
                Some(row) => (row.try_get::<i64, _>(0)? + 1, row.try_get::<String, _>(1)?),
                None => (1, String::new()),
            };
            let stored = sqlx::query(
                "INSERT INTO audit (n, at, agent, act, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (n) DO NOTHING",
            )
            .bind(n)
            .bind(ms)
            .bind(agent)
            .bind(act)
            .bind(subject)
            .bind(detail)
            .bind(hash(&before, n, ms, [agent, act, subject, detail]))
            .execute(&self.pool)
            .await?;
            if stored.rows_affected() > 0 || tried >= TRIES {
                return Ok(());
            }
        }
    }

    /// Acts before a number, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acts_before(&self, before: i64, most: i64) -> Result<Vec<Act>, StoreError> {
        let rows = sqlx::query("SELECT n, at, agent, act, subject, detail, hash FROM audit WHERE n < $1 ORDER BY n DESC LIMIT $2")
            .bind(before)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Walks along the chain: how many acts it has, and the number of the first whose hash is wrong or which is missing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_audit(&self) -> Result<(i64, Option<i64>), StoreError> {
        let (mut before, mut n) = (String::new(), 0);
        loop {
            let rows = sqlx::query("SELECT n, at, agent, act, subject, detail, hash FROM audit WHERE n > $1 ORDER BY n LIMIT 1000")
                .bind(n)
                .fetch_all(&self.pool)
                .await?;
            if rows.is_empty() {
                return Ok((n, None));
            }
            for row in &rows {
                let act = read(row)?;
                n += 1;
                let right = hash(&before, n, act.at.as_millisecond(), [&act.agent, &act.act, &act.subject, &act.detail]);
                if act.n != n || act.hash != right {
                    return Ok((n, Some(n)));
                }
                before = act.hash;
            }
        }
    }
}
