//! People who sign in at the desk by an identity provider: who they are here, and the attempts that are on their way.

use super::{Store, StoreError};
use crate::domain::ids::AgentId;
use crate::store::desk::{Agent, Role};
use jiff::Timestamp;
use sqlx::Row as _;

/// How many agents may have the same name, told apart by a number behind it.
const NAMESAKES: u32 = 1000;

/// A browser that was sent to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What the ID token must repeat.
    pub nonce: String,
    /// The secret of PKCE.
    pub verifier: String,
}

/// Somebody whom a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The provider.
    pub issuer: String,
    /// Their id there, which never changes and never goes to somebody else.
    pub subject: String,
    /// What they are called there.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// What a sign-in by a provider did to the agent's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// They were here before, in the same role.
    Same,
    /// They were here before, in another role.
    Moved,
    /// They are new.
    New,
}

impl Store {
    /// Keeps an attempt under the hash of its state, and forgets those that took too long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_attempt(&self, state_hash: &str, attempt: &Attempt, now: Timestamp, until: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM desk_attempts WHERE expires_at < $1").bind(now.as_millisecond()).execute(&self.pool).await?;
        sqlx::query("INSERT INTO desk_attempts (state_hash, nonce, verifier, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(state_hash)
            .bind(attempt.nonce.as_str())
            .bind(attempt.verifier.as_str())
            .bind(until.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes an attempt out: it can be taken once, at whatever node.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_attempt(&self, state_hash: &str, now: Timestamp) -> Result<Option<Attempt>, StoreError> {
        let row = sqlx::query("SELECT nonce, verifier FROM desk_attempts WHERE state_hash = $1 AND expires_at > $2")
            .bind(state_hash)
            .bind(now.as_millisecond())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let taken = sqlx::query("DELETE FROM desk_attempts WHERE state_hash = $1").bind(state_hash).execute(&self.pool).await?;
        if taken.rows_affected() == 0 {
            return Ok(None);
        }
        Ok(Some(Attempt { nonce: row.try_get(0)?, verifier: row.try_get(1)? }))
    }

    /// The agent of a person, made if there is none, in the role that they have now. `password_hash` is one that nothing fits.
    ///
    /// # Errors
    /// When the database fails, or a thousand people have the same name.
    pub async fn agent_of(&self, person: &Person, password_hash: &str, now: Timestamp) -> Result<(Agent, Known), StoreError> {
        let id = AgentId::new();
        let mut unit = self.pool.begin().await?;
        // The first statement writes: of two first sign-ins at the same moment one waits here and then finds the other's row.
        let entered = sqlx::query(
            "INSERT INTO desk_subjects (issuer, subject, agent_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING",
        )
        .bind(person.issuer.as_str())
        .bind(person.subject.as_str())
        .bind(id.as_str())
        .bind(now.as_millisecond())
        .execute(&mut *unit)
        .await?;
        if entered.rows_affected() == 0 {
            let moved = sqlx::query(
                "UPDATE agents SET role = $1 WHERE role <> $1 AND id = (SELECT agent_id FROM desk_subjects WHERE issuer = $2 AND subject = $3)",
            )
            .bind(person.role.as_str())
            .bind(person.issuer.as_str())
            .bind(person.subject.as_str())
            .execute(&mut *unit)
            .await?;
            unit.commit().await?;
            let known = if moved.rows_affected() > 0 { Known::Moved } else { Known::Same };
            return Ok((self.agent_by_subject(person).await?, known));
        }
        for number in 1..=NAMESAKES {
            let name = if number == 1 { person.name.clone() } else { format!("{} {number}", person.name) };
            let taken = sqlx::query("SELECT id FROM agents WHERE LOWER(name) = LOWER($1)").bind(&name).fetch_optional(&mut *unit).await?;
            if taken.is_some() {
                continue;
            }
            let made = sqlx::query(
                "INSERT INTO agents (id, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING",
            )
            .bind(id.as_str())
            .bind(&name)
            .bind(person.role.as_str())
            .bind(password_hash)
            .bind(now.as_millisecond())
            .execute(&mut *unit)
            .await?;
            if made.rows_affected() > 0 {
                unit.commit().await?;
                return Ok((self.agent_by_subject(person).await?, Known::New));
            }
        }
        Err(StoreError::Busy)
    }

    async fn agent_by_subject(&self, person: &Person) -> Result<Agent, StoreError> {
        let row = sqlx::query(
            "SELECT a.id, a.name, a.role, a.skills, a.languages, a.capacity FROM desk_subjects s JOIN agents a ON a.id = s.agent_id \
             WHERE s.issuer = $1 AND s.subject = $2",
        )
        .bind(person.issuer.as_str())
        .bind(person.subject.as_str())
        .fetch_one(&self.pool)
        .await?;
        super::desk::read_agent(&row)
    }
}
