//! What sentences mean that the bot did not read rightly: written with the end of a conversation, decided by people, gone with it.

use super::{Store, StoreError};
use crate::domain::ids::{ConversationId, TicketId};
use crate::domain::suggest::Suggested;
use crate::domain::time::from_ms;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

/// Where a suggestion stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Nobody has decided.
    #[default]
    Open,
    /// It is to become an example.
    Accepted,
    /// It is none.
    Dismissed,
}

impl Stand {
    fn as_str(self) -> &'static str {
        match self {
            Stand::Open => "open",
            Stand::Accepted => "accepted",
            Stand::Dismissed => "dismissed",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "accepted" => Stand::Accepted,
            "dismissed" => Stand::Dismissed,
            _ => Stand::Open,
        }
    }
}

/// "This sentence means that intent."
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Id; sorts by the time at which it was made.
    pub id: String,
    /// Where it was said.
    pub conversation: ConversationId,
    /// The sentence and what it means.
    #[serde(flatten)]
    pub suggested: Suggested,
    /// First name of the agent who ended the conversation.
    pub by: String,
    /// When they ended it.
    pub at: Timestamp,
    /// Where it stands.
    pub state: Stand,
}

const COLUMNS: &str = "id, conversation_id, seq, words, language, read_as, intent, reason, by_name, created_at, state";

fn read(row: &AnyRow) -> Result<Suggestion, StoreError> {
    Ok(Suggestion {
        id: row.try_get(0)?,
        conversation: ConversationId::from(row.try_get::<String, _>(1)?),
        suggested: Suggested {
            seq: row.try_get(2)?,
            text: row.try_get(3)?,
            language: row.try_get(4)?,
            read_as: row.try_get(5)?,
            intent: row.try_get(6)?,
            reason: row.try_get(7)?,
        },
        by: row.try_get(8)?,
        at: from_ms(row.try_get(9)?),
        state: Stand::read(&row.try_get::<String, _>(10)?),
    })
}

/// Stores what the end of a conversation tells. A sentence of an end that was taken back gets its new meaning unless somebody has decided.
pub(super) async fn put(
    tx: &mut AnyConnection,
    conversation: &ConversationId,
    by: &str,
    suggested: &[Suggested],
    at: Timestamp,
) -> Result<(), StoreError> {
    for one in suggested {
        sqlx::query(
            "INSERT INTO suggestions (id, conversation_id, seq, words, language, read_as, intent, reason, by_name, created_at, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open') ON CONFLICT (conversation_id, seq) DO UPDATE SET \
             intent = excluded.intent, reason = excluded.reason, by_name = excluded.by_name, created_at = excluded.created_at \
             WHERE suggestions.state = 'open'",
        )
        .bind(TicketId::new().as_str())
        .bind(conversation.as_str())
        .bind(one.seq)
        .bind(one.text.as_str())
        .bind(one.language.as_str())
        .bind(one.read_as.as_deref())
        .bind(one.intent.as_str())
        .bind(one.reason.as_str())
        .bind(by)
        .bind(at.as_millisecond())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

impl Store {
    /// Suggestions that stand so, the oldest first, beginning behind an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn suggestions(&self, state: Stand, after: &str, limit: i64) -> Result<Vec<Suggestion>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM suggestions WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3");
        let found = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(state.as_str()).bind(after).bind(limit).fetch_all(&self.pool).await?;
        found.iter().map(read).collect()
    }

    /// One suggestion.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn suggestion(&self, id: &str) -> Result<Option<Suggestion>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM suggestions WHERE id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// Decides an open suggestion; whether it was open still.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decide_suggestion(&self, id: &str, to: Stand, intent: &str, by: &str, at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE suggestions SET state = $1, intent = $2, decided_by = $3, decided_at = $4 WHERE id = $5 AND state = 'open'",
        )
        .bind(to.as_str())
        .bind(intent)
        .bind(by)
        .bind(at.as_millisecond())
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
