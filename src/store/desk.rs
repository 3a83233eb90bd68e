//! The desk's rows: agents, their sessions, the waiting list. And the server's own settings.

use super::{Store, StoreError};
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::time::from_ms;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashSet;

/// A person at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Id.
    pub id: AgentId,
    /// Sign-in name; its first word is what customers see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Queues that they work on; empty: all.
    pub skills: Vec<String>,
    /// Languages that they speak, two letters each; empty: all.
    pub languages: Vec<String>,
    /// Conversations that they have at once.
    pub capacity: i64,
}

/// What an agent is asked to take, beside the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skills {
    /// Queues; empty: all.
    pub skills: Vec<String>,
    /// Languages, two letters each; empty: all.
    pub languages: Vec<String>,
    /// Conversations at once.
    pub capacity: i64,
}

/// A sign-in that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeskSession {
    /// What it is named by; not its secret.
    pub id: String,
    /// Whose.
    pub agent: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From where.
    pub address: String,
    /// With what.
    pub client: String,
}

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The secret, base32.
    pub secret: String,
    /// Whether it is asked for.
    pub on: bool,
    /// The last step that was used.
    pub step: i64,
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
    /// Leads a shift: sees the floor and the log, takes over, hands out.
    pub fn leads(self) -> bool {
        matches!(self, Role::Lead | Role::Admin)
    }

    /// Decides what the bot learns from what agents did.
    pub fn teaches(self) -> bool {
        self.leads() || self == Role::Ops
    }

    /// Edits the content: sees the ops page.
    pub fn edits(self) -> bool {
        matches!(self, Role::Ops | Role::Admin)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
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
    /// Two-letter language.
    pub language: String,
    /// Market; empty when the customer is not known.
    pub market: String,
    /// Nobody is asked before.
    pub snoozed_until: Option<Timestamp>,
    /// Who is being asked, until when.
    #[serde(skip)]
    pub offered: Option<(AgentId, Timestamp)>,
}

impl Store {
    /// Adds an agent, or gives an existing one a new password and role.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_agent(&self, name: &str, role: Role, skills: &Skills, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO agents (id, name, role, password_hash, created_at, skills, languages, capacity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash, skills = excluded.skills, \
             languages = excluded.languages, capacity = excluded.capacity",
        )
        .bind(AgentId::new().as_str())
        .bind(name)
        .bind(role.as_str())
        .bind(password_hash)
        .bind(now.as_millisecond())
        .bind(serde_json::json!(skills.skills).to_string())
        .bind(serde_json::json!(skills.languages).to_string())
        .bind(skills.capacity)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives an agent a new password and ends all their sessions but one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_password(&self, agent: &AgentId, password_hash: &str, keep: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE agents SET password_hash = $1 WHERE id = $2")
            .bind(password_hash)
            .bind(agent.as_str())
            .execute(&self.pool)
            .await?;
        sqlx::query("DELETE FROM desk_sessions WHERE agent_id = $1 AND token_hash <> $2")
            .bind(agent.as_str())
            .bind(keep)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// An agent's second factor, if they have one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn totp(&self, agent: &AgentId) -> Result<Option<Totp>, StoreError> {
        let row = sqlx::query("SELECT totp_secret, totp_on, totp_step FROM agents WHERE id = $1")
            .bind(agent.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(secret) = row.try_get::<Option<String>, _>(0)? else { return Ok(None) };
        Ok(Some(Totp { secret, on: row.try_get::<i64, _>(1)? != 0, step: row.try_get(2)? }))
    }

    /// Sets an agent's second factor, or takes it away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_totp(&self, agent: &AgentId, totp: Option<&Totp>) -> Result<(), StoreError> {
        sqlx::query("UPDATE agents SET totp_secret = $1, totp_on = $2, totp_step = $3 WHERE id = $4")
            .bind(totp.map(|totp| totp.secret.as_str()))
            .bind(i64::from(totp.is_some_and(|totp| totp.on)))
            .bind(totp.map_or(0, |totp| totp.step))
            .bind(agent.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Uses a step of an agent's second factor. Whether it was free: a code works once, at whatever node.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_totp(&self, agent: &AgentId, step: i64) -> Result<bool, StoreError> {
        let used = sqlx::query("UPDATE agents SET totp_step = $1 WHERE id = $2 AND totp_step < $1")
            .bind(step)
            .bind(agent.as_str())
            .execute(&self.pool)
            .await?;
        Ok(used.rows_affected() > 0)
    }

    /// An agent with their password hash, by name (in any casing).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agent_by_name(&self, name: &str) -> Result<Option<(Agent, String)>, StoreError> {
        let row =
            sqlx::query("SELECT id, name, role, skills, languages, capacity, password_hash FROM agents WHERE LOWER(name) = LOWER($1)")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        row.map(|row| Ok((read_agent(&row)?, row.try_get(6)?))).transpose()
    }

    /// Opens a desk session under the hash of its secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_session(&self, token_hash: &str, agent: &AgentId, session: &DeskSession) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM desk_sessions WHERE expires_at < $1")
            .bind(session.started_at.as_millisecond())
            .execute(&self.pool)
            .await?;
        sqlx::query("INSERT INTO desk_sessions (token_hash, agent_id, expires_at, id, started_at, address, client) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(token_hash)
            .bind(agent.as_str())
            .bind(session.expires_at.as_millisecond())
            .bind(session.id.as_str())
            .bind(session.started_at.as_millisecond())
            .bind(session.address.as_str())
            .bind(session.client.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The live sessions of an agent, or of all; the newest first, each with the hash of its secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions(&self, of: Option<&AgentId>, now: Timestamp) -> Result<Vec<(String, DeskSession)>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.token_hash, s.id, a.name, s.started_at, s.expires_at, s.address, s.client FROM desk_sessions s \
             JOIN agents a ON a.id = s.agent_id WHERE s.expires_at > $1 AND ($2 = '' OR s.agent_id = $2) ORDER BY s.started_at DESC LIMIT 500",
        )
        .bind(now.as_millisecond())
        .bind(of.map_or("", AgentId::as_str))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let session = DeskSession {
                    id: row.try_get(1)?,
                    agent: row.try_get(2)?,
                    started_at: from_ms(row.try_get(3)?),
                    expires_at: from_ms(row.try_get(4)?),
                    address: row.try_get(5)?,
                    client: row.try_get(6)?,
                };
                Ok((row.try_get(0)?, session))
            })
            .collect()
    }

    /// The hashes of the secrets of all live sessions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn live_sessions(&self, now: Timestamp) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query("SELECT token_hash FROM desk_sessions WHERE expires_at > $1")
            .bind(now.as_millisecond())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Who a live session belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Agent>, StoreError> {
        let row = sqlx::query(
            "SELECT a.id, a.name, a.role, a.skills, a.languages, a.capacity FROM desk_sessions s JOIN agents a ON a.id = s.agent_id WHERE s.token_hash = $1 AND s.expires_at > $2",
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
        let rows =
            sqlx::query("SELECT id, name, role, skills, languages, capacity FROM agents ORDER BY name").fetch_all(&self.pool).await?;
        rows.iter().map(read_agent).collect()
    }

    /// The waiting list in the order to be taken: danger and fraud first, then what is due soonest (`domain::routing::rank`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let rows = sqlx::query(
            "SELECT conversation_id, priority, reason, queue, waiting_since, due_at, intent, customer_name, preview, language, market, \
             not_before, offered_to, offer_until FROM tickets WHERE state = 'open' \
             ORDER BY CASE WHEN priority < 2 THEN priority ELSE 2 END, due_at, id LIMIT 5000",
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
                    language: row.try_get(9)?,
                    market: row.try_get(10)?,
                    snoozed_until: row.try_get::<Option<i64>, _>(11)?.map(from_ms),
                    offered: match (row.try_get::<Option<String>, _>(12)?, row.try_get::<Option<i64>, _>(13)?) {
                        (Some(agent), Some(until)) => Some((AgentId::from(agent), from_ms(until))),
                        (Some(_) | None, _) => None,
                    },
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
            "SELECT packet, queue, priority, reason, intent, customer_name, waiting_since, claimed_at, id, state, due_at, language, market, \
             claimed_by, done_at, code FROM tickets WHERE conversation_id = $1 ORDER BY id DESC LIMIT 1",
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
                id: row.try_get(8)?,
                state: row.try_get(9)?,
                due_at: from_ms(row.try_get(10)?),
                language: row.try_get(11)?,
                market: row.try_get(12)?,
                claimed_by: row.try_get::<Option<String>, _>(13)?.map(AgentId::from),
                done_at: row.try_get::<Option<i64>, _>(14)?.map(from_ms),
                code: row.try_get(15)?,
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
    /// Its id.
    pub id: String,
    /// `open`, `claimed` or `done`.
    pub state: String,
    /// By when somebody should have it.
    pub due_at: Timestamp,
    /// Two-letter language.
    pub language: String,
    /// Market; empty when the customer is not known.
    pub market: String,
    /// Who took it.
    pub claimed_by: Option<AgentId>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// How it ended.
    pub code: Option<String>,
}

/// A JSON list of texts; a broken one is empty.
pub(super) fn read_list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

pub(super) fn read_agent(row: &AnyRow) -> Result<Agent, StoreError> {
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
    let list = |column: usize| -> Result<Vec<String>, StoreError> { Ok(read_list(&row.try_get::<String, _>(column)?)) };
    Ok(Agent { id: AgentId::from(id), name: row.try_get(1)?, role, skills: list(3)?, languages: list(4)?, capacity: row.try_get(5)? })
}
