//! The desk's rows: agents, their sessions, the waiting list. And the server's own settings.

use super::{Store, StoreError};
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::time::from_ms;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A person at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Id.
    pub id: AgentId,
    /// Sign-in name; its first word is what customers see.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// What somebody may do at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks to customers.
    Agent,
    /// Leads a shift.
    Lead,
    /// Edits intents and prompts.
    Ops,
    /// Everything.
    Admin,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Lead => "lead",
            Role::Ops => "ops",
            Role::Admin => "admin",
        }
    }
}

/// A place in the waiting list, as the desk shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// The conversation.
    pub conversation: ConversationId,
    /// 0 (at once) to 4.
    pub priority: i64,
    /// Short code.
    pub reason: String,
    /// The queue.
    pub skill: String,
    /// Since when.
    pub waiting_since: Timestamp,
    /// By when somebody should have it.
    pub due: Timestamp,
    /// Intent.
    pub intent: Option<String>,
    /// First name, if known.
    pub customer: Option<String>,
    /// The last thing that the customer said.
    pub preview: String,
}

impl Store {
    /// Adds an agent, or gives an existing one a new password and role.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_agent(&self, name: &str, role: Role, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO agents (id, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash",
        )
        .bind(AgentId::new().as_str())
        .bind(name)
        .bind(role.as_str())
        .bind(password_hash)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// An agent with their password hash, by name (in any casing).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agent_by_name(&self, name: &str) -> Result<Option<(Agent, String)>, StoreError> {
        let row = sqlx::query("SELECT id, name, role, password_hash FROM agents WHERE LOWER(name) = LOWER($1)")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok((read_agent(&row)?, row.try_get(3)?))).transpose()
    }

    /// Opens a desk session under the hash of its secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_session(&self, token_hash: &str, agent: &AgentId, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM desk_sessions WHERE expires_at < $1").bind(now.as_millisecond()).execute(&self.pool).await?;
        sqlx::query("INSERT INTO desk_sessions (token_hash, agent_id, expires_at) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(agent.as_str())
            .bind(expires.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Who a live session belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Agent>, StoreError> {
        let row = sqlx::query(
            "SELECT a.id, a.name, a.role FROM desk_sessions s JOIN agents a ON a.id = s.agent_id WHERE s.token_hash = $1 AND s.expires_at > $2",
        )
        .bind(token_hash)
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(read_agent).transpose()
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_session(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM desk_sessions WHERE token_hash = $1").bind(token_hash).execute(&self.pool).await?;
        Ok(())
    }

    /// The names of agents.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows = sqlx::query("SELECT id, name, role FROM agents ORDER BY name").fetch_all(&self.pool).await?;
        rows.iter().map(read_agent).collect()
    }

    /// The waiting list in the order to be taken: most urgent first, then longest waiting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let rows = sqlx::query(
            "SELECT conversation_id, priority, reason, queue, waiting_since, due_at, intent, customer_name, preview FROM tickets \
             WHERE state = 'open' ORDER BY priority, waiting_since, id LIMIT 5000",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Waiting {
                    conversation: ConversationId::from(row.try_get::<String, _>(0)?),
                    priority: row.try_get(1)?,
                    reason: row.try_get(2)?,
                    skill: row.try_get(3)?,
                    waiting_since: from_ms(row.try_get(4)?),
                    due: from_ms(row.try_get(5)?),
                    intent: row.try_get(6)?,
                    customer: row.try_get(7)?,
                    preview: row.try_get(8)?,
                })
            })
            .collect()
    }

    /// The newest ticket of a conversation: packet, queue, priority, reason, intent, first name, and when an agent took it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_ticket(&self, conversation: &ConversationId) -> Result<Option<NewestTicket>, StoreError> {
        let row = sqlx::query(
            "SELECT packet, queue, priority, reason, intent, customer_name, waiting_since, claimed_at FROM tickets WHERE conversation_id = $1 \
             ORDER BY waiting_since DESC, id DESC LIMIT 1",
        )
        .bind(conversation.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(NewestTicket {
                packet: row.try_get(0)?,
                queue: row.try_get(1)?,
                priority: row.try_get(2)?,
                reason: row.try_get(3)?,
                intent: row.try_get(4)?,
                customer: row.try_get(5)?,
                waiting_since: from_ms(row.try_get(6)?),
                claimed_at: row.try_get::<Option<i64>, _>(7)?.map(from_ms),
            })
        })
        .transpose()
    }

    /// Facts for other systems, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_after(&self, after: &str, limit: i64) -> Result<Vec<(String, String, String, Timestamp)>, StoreError> {
        let rows = sqlx::query("SELECT id, topic, payload, created_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, from_ms(row.try_get(3)?)))).collect()
    }

    /// The value of a setting; `make` gives it when it is absent. All nodes agree on the first one stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setting(&self, name: &str, make: impl FnOnce() -> String) -> Result<String, StoreError> {
        sqlx::query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(make())
            .execute(&self.pool)
            .await?;
        Ok(sqlx::query("SELECT value FROM settings WHERE name = $1").bind(name).fetch_one(&self.pool).await?.try_get(0)?)
    }
}

/// The newest place of a conversation in the waiting list.
#[derive(Clone, Debug)]
pub struct NewestTicket {
    /// The packet, as JSON text.
    pub packet: String,
    /// Queue.
    pub queue: String,
    /// Priority.
    pub priority: i64,
    /// Reason.
    pub reason: String,
    /// Intent.
    pub intent: Option<String>,
    /// First name.
    pub customer: Option<String>,
    /// Since when.
    pub waiting_since: Timestamp,
    /// When an agent took it.
    pub claimed_at: Option<Timestamp>,
}

fn read_agent(row: &AnyRow) -> Result<Agent, StoreError> {
    let id: String = row.try_get(0)?;
    let role: String = row.try_get(2)?;
    let role = match role.as_str() {
        "agent" => Role::Agent,
        "lead" => Role::Lead,
        "ops" => Role::Ops,
        "admin" => Role::Admin,
        other => {
            let why = format!("'{other}' is no role");
            return Err(StoreError::Unreadable { table: "agents", id, column: "role", why });
        }
    };
    Ok(Agent { id: AgentId::from(id), name: row.try_get(1)?, role })
}
