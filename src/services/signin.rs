//! Sign-in to the desk: name and password, a second factor for who has one, sessions that can be listed and ended.

use super::Service;
use super::identity::{new_secret, secret_hash};
use crate::domain::time;
use crate::store::StoreError;
use crate::store::desk::{Agent, DeskSession, Role, Skills, Totp};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use jiff::SignedDuration;
use totp_rs::{Algorithm, Builder, Secret, Totp as Engine};

/// How long a desk session lasts.
pub const SESSION: SignedDuration = SignedDuration::from_hours(12);
/// How long a code of the second factor lasts, in seconds.
const STEP: u64 = 30;
/// A hash that no password has, for names that nobody has.
pub(super) const UNKNOWN: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What came of an attempt to sign in.
#[derive(Debug)]
pub enum SignedIn {
    /// Here is the session's secret.
    Yes(String, Agent),
    /// Name and password are right, the code of the second factor is missing or wrong.
    NeedsCode,
    /// Name or password is wrong; which of them is not said.
    No,
}

/// Where a sign-in comes from, for the list of sessions.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Network address.
    pub address: String,
    /// What the client calls itself, shortened.
    pub client: String,
}

/// Why a password or second factor was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The old password is wrong.
    #[error("the old password is wrong")]
    WrongPassword,
    /// The new password can't be one.
    #[error("{0}")]
    BadPassword(String),
    /// The code is wrong or was used.
    #[error("this code is wrong, too old or used already; take the next one from your app")]
    WrongCode,
    /// Nothing was set up.
    #[error("no second factor is set up; ask for a secret first")]
    NothingSetUp,
    /// Somebody else's.
    #[error("there is no such session, or it is not yours to end")]
    NotYours,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Hashes a password (argon2id) for the store. Takes tens of milliseconds: not for a runtime's thread.
///
/// # Errors
/// When the password is too short to be one.
pub fn hash_password(password: &str) -> Result<String, String> {
    if password.chars().count() < 8 {
        return Err("a password needs at least 8 characters".into());
    }
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// Whether a password has that hash.
async fn fits(password: &str, hash: String) -> bool {
    let password = password.to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    });
    checked.await.unwrap_or(false)
}

fn engine(secret: &str, name: &str) -> Option<Engine> {
    let secret = Secret::try_from_base32(secret).ok()?;
    // SHA-1 is what every app can; one step to either side, since clocks differ.
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(STEP).with_secret(secret);
    builder.with_account_name(name.replace(':', " ")).with_issuer(Some("redress")).build().ok()
}

/// The step that a code belongs to, if it is right about now.
fn step_of(engine: &Engine, code: &str) -> Option<i64> {
    let now = u64::try_from(time::wall().as_second()).unwrap_or(0);
    engine.check(code.trim(), now).and_then(|step| i64::try_from(step).ok())
}

impl Service {
    /// Signs an agent in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in(&self, name: &str, password: &str, code: Option<&str>, from: Origin) -> Result<SignedIn, StoreError> {
        let found = self.store.agent_by_name(name.trim()).await?;
        let (agent, hash) = match found {
            Some((agent, hash)) => (Some(agent), hash),
            // An unknown name costs as much time as a wrong password.
            None => (None, UNKNOWN.to_owned()),
        };
        let right = fits(password, hash).await;
        let Some(agent) = agent.filter(|_| right) else { return Ok(SignedIn::No) };
        if let Some(totp) = self.store.totp(&agent.id).await?.filter(|totp| totp.on)
            && !self.code_fits(&agent, &totp, code.unwrap_or_default()).await?
        {
            return Ok(SignedIn::NeedsCode);
        }
        let secret = self.admit(&agent, from).await?;
        Ok(SignedIn::Yes(secret, agent))
    }

    /// Opens a session for somebody who has shown who they are; gives its secret.
    pub(super) async fn admit(&self, agent: &Agent, from: Origin) -> Result<String, StoreError> {
        let secret = new_secret();
        let now = time::wall();
        let session = DeskSession {
            id: crate::domain::ids::TicketId::new().to_string(),
            agent: agent.name.clone(),
            started_at: now,
            expires_at: now.saturating_add(SESSION).unwrap_or(now),
            address: from.address,
            client: from.client,
        };
        self.store.open_session(&secret_hash(&secret), &agent.id, &session).await?;
        self.store.audit(self.clock.now(), &agent.name, "sign_in", &session.id, &session.address).await?;
        Ok(secret)
    }

    async fn code_fits(&self, agent: &Agent, totp: &Totp, code: &str) -> Result<bool, StoreError> {
        match engine(&totp.secret, &agent.name).and_then(|engine| step_of(&engine, code)) {
            Some(step) => self.store.use_totp(&agent.id, step).await,
            None => Ok(false),
        }
    }

    /// Who a desk session's secret belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, secret: &str) -> Result<Option<Agent>, StoreError> {
        self.store.session(&secret_hash(secret), time::wall()).await
    }

    /// Ends a desk session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), StoreError> {
        self.store.close_session(&secret_hash(secret)).await?;
        self.hub.sessions_changed();
        Ok(())
    }

    /// Live sessions: one's own, for those who lead everybody's. `current` tells which one asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions(&self, agent: &Agent, secret: &str) -> Result<Vec<(DeskSession, bool)>, StoreError> {
        let of = (!agent.role.leads()).then_some(&agent.id);
        let own = secret_hash(secret);
        let found = self.store.sessions(of, time::wall()).await?;
        Ok(found.into_iter().map(|(hash, session)| (session, hash == own)).collect())
    }

    /// Ends a session by its id; its sockets close.
    ///
    /// # Errors
    /// When it is unknown or somebody else's, or the database fails.
    pub async fn end_session(&self, agent: &Agent, id: &str) -> Result<(), AccessError> {
        let of = (!agent.role.leads()).then_some(&agent.id);
        let found = self.store.sessions(of, time::wall()).await?;
        let (hash, session) = found.into_iter().find(|(_, session)| session.id == id).ok_or(AccessError::NotYours)?;
        self.store.close_session(&hash).await?;
        self.store.audit(self.clock.now(), &agent.name, "end_session", id, &session.agent).await?;
        self.hub.sessions_changed();
        Ok(())
    }

    /// Gives an agent a new password; all their other sessions end.
    ///
    /// # Errors
    /// When the old one is wrong or the new one is too short.
    pub async fn change_password(&self, agent: &Agent, secret: &str, old: &str, new: String) -> Result<(), AccessError> {
        let hash = self.store.agent_by_name(&agent.name).await?.map_or_else(|| UNKNOWN.to_owned(), |(_, hash)| hash);
        if !fits(old, hash).await {
            return Err(AccessError::WrongPassword);
        }
        let made = tokio::task::spawn_blocking(move || hash_password(&new)).await;
        let hash = made.unwrap_or_else(|error| Err(error.to_string())).map_err(AccessError::BadPassword)?;
        self.store.set_password(&agent.id, &hash, &secret_hash(secret)).await?;
        self.store.audit(self.clock.now(), &agent.name, "change_password", agent.id.as_str(), "").await?;
        self.hub.sessions_changed();
        Ok(())
    }

    /// Whether a second factor is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_second_factor(&self, agent: &Agent) -> Result<bool, StoreError> {
        Ok(self.store.totp(&agent.id).await?.is_some_and(|totp| totp.on))
    }

    /// A new secret for the agent's app, not asked for until a code has been given: the secret and its `otpauth` address.
    ///
    /// # Errors
    /// When one is on already or the database fails.
    pub async fn begin_second_factor(&self, agent: &Agent) -> Result<(String, String), AccessError> {
        if self.has_second_factor(agent).await? {
            return Err(AccessError::BadPassword("a second factor is on; switch it off first".into()));
        }
        // RFC 4226 recommends 160 bits.
        let secret = Secret::from(rand::random::<[u8; 20]>().to_vec()).to_base32();
        let engine = engine(&secret, &agent.name).ok_or(AccessError::NothingSetUp)?;
        let address = engine.to_url().map_err(|error| AccessError::BadPassword(error.to_string()))?;
        self.store.set_totp(&agent.id, Some(&Totp { secret: secret.clone(), on: false, step: 0 })).await?;
        Ok((secret, address))
    }

    /// Switches the second factor on or off, with a code of it.
    ///
    /// # Errors
    /// When nothing was set up or the code is wrong.
    pub async fn switch_second_factor(&self, agent: &Agent, code: &str, on: bool) -> Result<(), AccessError> {
        let totp = self.store.totp(&agent.id).await?.ok_or(AccessError::NothingSetUp)?;
        if !self.code_fits(agent, &totp, code).await? {
            return Err(AccessError::WrongCode);
        }
        let step = self.store.totp(&agent.id).await?.map_or(0, |totp| totp.step);
        self.store.set_totp(&agent.id, on.then_some(&Totp { secret: totp.secret, on: true, step })).await?;
        let act = if on { "second_factor_on" } else { "second_factor_off" };
        self.store.audit(self.clock.now(), &agent.name, act, agent.id.as_str(), "").await?;
        Ok(())
    }

    /// Adds an agent (or gives an existing one a new password, role and skills).
    ///
    /// # Errors
    /// When the password is too short or the database fails.
    pub async fn add_agent(&self, name: &str, role: Role, skills: &Skills, password: String) -> Result<(), String> {
        let hash = tokio::task::spawn_blocking(move || hash_password(&password)).await.map_err(|error| error.to_string())??;
        self.store.put_agent(name, role, skills, &hash, time::wall()).await.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_right_for_its_moment_and_the_ones_beside_it() {
        let secret = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        let engine = engine(&secret, "Ana: lead").expect("a secret");
        let now = u64::try_from(time::wall().as_second()).expect("after 1970");
        let code = |at: u64| engine.generate(at).to_string();
        assert!(step_of(&engine, &code(now)).is_some() && step_of(&engine, &format!(" {} ", code(now - 30))).is_some());
        assert_eq!(step_of(&engine, &code(now - 300)), None);
        assert_eq!(step_of(&engine, ""), None);
        let address = engine.to_url().expect("an address");
        assert!(address.starts_with("otpauth://totp/redress:Ana"), "{address}");
        // RFC 6238, appendix B, cut to six digits.
        assert_eq!(code(59), "287082");
    }
}
