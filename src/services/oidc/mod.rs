//! Sign-in at the desk by a company's identity provider: OpenID Connect, authorization code with PKCE, state and nonce.
//!
//! Addresses and keys of the provider are asked for at the first sign-in and kept for an hour; a token that is signed with a key that is
//! not among them has them asked for again. So the server starts, and passwords work, while the provider is down.

mod claims;
mod client;

use super::Service;
use super::identity::{new_secret, secret_hash};
use super::signin::{Origin, UNKNOWN};
use crate::domain::time;
use crate::store::StoreError;
use crate::store::desk::{Agent, Role};
use crate::store::subjects::{Attempt, Known, Person};
use arc_swap::ArcSwapOption;
use client::{Claims, Http, Party, SIGNATURES, Token};
use jiff::SignedDuration;
use openidconnect::core::{CoreAuthenticationFlow, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long somebody may take to sign in at the provider.
pub const ATTEMPT: SignedDuration = SignedDuration::from_mins(10);
/// How long the provider's addresses and keys are kept.
const KEPT: Duration = Duration::from_secs(3600);

/// How the desk's sign-in by a provider is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of the provider, as its tokens name it.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our password at the provider, if it gave one.
    pub client_secret: Option<String>,
    /// Where the provider sends browsers back to: our page `/api/desk/oidc/back`.
    pub back: String,
    /// The claim that says the role.
    pub role_claim: String,
    /// What it says, and the role that this gives.
    pub roles: Vec<(String, Role)>,
    /// Only mail addresses of this domain are let in.
    pub mail_domain: Option<String>,
    /// What the button says after "Sign in with".
    pub name: String,
}

/// Why somebody is not signed in. The words are for the log; the desk's page has its own for each `code`.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The provider does not answer, or not as one does.
    #[error("the identity provider does not answer as one does: {0}")]
    Down(String),
    /// The attempt is unknown, too old, used, or another browser's.
    #[error("the attempt to sign in is unknown, too old, used, or another browser's")]
    Stale,
    /// The provider let them not in, or they gave up there.
    #[error("the identity provider did not sign them in: {0}")]
    Denied(String),
    /// The provider's word is not to be trusted.
    #[error("what the identity provider sent is not to be trusted: {0}")]
    Untrusted(String),
    /// The claim gives no role.
    #[error("{subject} of the identity provider has no role here: claim '{claim}' is in no mapping")]
    NoRole {
        /// Who.
        subject: String,
        /// The claim that was looked at.
        claim: String,
    },
    /// The mail address is of another domain, or not verified.
    #[error("{0} of the identity provider has no verified mail address of the domain that is let in")]
    Elsewhere(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// A word for the page.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Down(_) => "down",
            Refusal::Stale => "stale",
            Refusal::Denied(_) => "denied",
            Refusal::Untrusted(_) => "untrusted",
            Refusal::NoRole { .. } => "no_role",
            Refusal::Elsewhere(_) => "elsewhere",
            Refusal::Store(_) => "failed",
        }
    }
}

/// The identity provider.
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    back: RedirectUrl,
    http: Http,
    known: ArcSwapOption<(CoreProviderMetadata, Instant)>,
}

impl Provider {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// When an address is none, or the system has no certificates.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| format!("'{}' is no address: {error}", settings.issuer))?;
        let back = RedirectUrl::new(settings.back.clone()).map_err(|error| format!("'{}' is no address: {error}", settings.back))?;
        Ok(Self { settings, issuer, back, http: Http::new()?, known: ArcSwapOption::empty() })
    }

    /// What the button says after "Sign in with".
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The provider's addresses and keys: kept, or asked for. Several may ask at the same time; the last answer is kept.
    async fn metadata(&self, fresh: bool) -> Result<CoreProviderMetadata, Refusal> {
        let known = self.known.load_full().filter(|known| !fresh && known.1.elapsed() < KEPT);
        if let Some(known) = known {
            return Ok(known.0.clone());
        }
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        let found = found.map_err(|error| Refusal::Down(in_full(&error)))?;
        self.known.store(Some(Arc::new((found.clone(), Instant::now()))));
        Ok(found)
    }

    fn party(&self, metadata: CoreProviderMetadata) -> Party {
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        Party::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), secret).set_redirect_uri(self.back.clone())
    }

    /// Begins a sign-in: the provider's page to send the browser to, and the state that the browser has to keep.
    ///
    /// # Errors
    /// When the provider does not answer or the database fails.
    pub async fn begin(&self, service: &Service) -> Result<(String, String), Refusal> {
        let party = self.party(self.metadata(false).await?);
        let state = new_secret();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let csrf = CsrfToken::new(state.clone());
        let mut request = party.authorize_url(CoreAuthenticationFlow::AuthorizationCode, || csrf, Nonce::new_random);
        for scope in ["profile", "email"] {
            request = request.add_scope(Scope::new(scope.into()));
        }
        let (address, _, nonce) = request.set_pkce_challenge(challenge).url();
        let now = time::wall();
        let attempt = Attempt { nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        service.store.begin_attempt(&secret_hash(&state), &attempt, now, now.saturating_add(ATTEMPT).unwrap_or(now)).await?;
        Ok((address.to_string(), state))
    }

    /// Ends a sign-in with the code that the provider sent the browser back with: the session's secret and whose it is.
    ///
    /// # Errors
    /// When the attempt is not known, the provider does not vouch for anybody, or whom it vouches for has no place here.
    pub async fn finish(&self, service: &Service, state: &str, code: String, from: Origin) -> Result<(String, Agent), Refusal> {
        let attempt = self.take(service, state).await?;
        let party = self.party(self.metadata(false).await?);
        let exchange = party.exchange_code(AuthorizationCode::new(code)).map_err(|error| Refusal::Down(error.to_string()))?;
        let answer = exchange.set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier)).request_async(&self.http).await;
        let answer = answer.map_err(|error| match error {
            RequestTokenError::Request(lost) => Refusal::Down(in_full(&lost)),
            RequestTokenError::ServerResponse(told) => Refusal::Denied(told.to_string()),
            RequestTokenError::Parse(error, _) => Refusal::Untrusted(error.to_string()),
            RequestTokenError::Other(error) => Refusal::Untrusted(error),
        })?;
        let token = answer.id_token().ok_or_else(|| Refusal::Untrusted("there is no ID token in the answer".into()))?;
        let nonce = Nonce::new(attempt.nonce);
        let claims = match self.claims(&party, token, &nonce) {
            // The provider has a new key since we asked.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let party = self.party(self.metadata(true).await?);
                self.claims(&party, token, &nonce)
            }
            claims => claims,
        };
        let person = self.person(claims.map_err(|error| Refusal::Untrusted(in_full(&error)))?)?;
        service.enter(&person, from).await.map_err(Refusal::Store)
    }

    /// Takes the attempt out, also when the provider sends no code: it can be used once.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn take(&self, service: &Service, state: &str) -> Result<Attempt, Refusal> {
        service.store.take_attempt(&secret_hash(state), time::wall()).await?.ok_or(Refusal::Stale)
    }

    fn claims<'t>(&self, party: &Party, token: &'t Token, nonce: &Nonce) -> Result<&'t Claims, ClaimsVerificationError> {
        token.claims(&party.id_token_verifier().set_allowed_algs(SIGNATURES), nonce)
    }

    /// Whom checked claims speak of, if they have a place here.
    fn person(&self, claims: &Claims) -> Result<Person, Refusal> {
        let subject = claims.subject().as_str().to_owned();
        let mail = claims.email().map(|mail| mail.as_str());
        if let Some(domain) = &self.settings.mail_domain
            && !(claims.email_verified() == Some(true) && mail.is_some_and(|mail| claims::is_of(mail, domain)))
        {
            return Err(Refusal::Elsewhere(subject));
        }
        let claim = &self.settings.role_claim;
        let Some(role) = claims.additional_claims().role(claim, &self.settings.roles) else {
            return Err(Refusal::NoRole { subject, claim: claim.clone() });
        };
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
        let name = claims::called([name, claims.preferred_username().map(|name| name.as_str()), mail]);
        Ok(Person { issuer: self.settings.issuer.clone(), subject, name, role })
    }
}

impl Service {
    /// Signs in somebody whom the provider vouches for; at their first time here an agent is made for them, who has no password.
    async fn enter(&self, person: &Person, from: Origin) -> Result<(String, Agent), StoreError> {
        let (agent, known) = self.store.agent_of(person, UNKNOWN, time::wall()).await?;
        let role = json!(agent.role);
        let told = format!("{}, subject {} of {}", role.as_str().unwrap_or_default(), person.subject, person.issuer);
        match known {
            Known::New => self.store.audit(self.clock.now(), &agent.name, "agent_made", agent.id.as_str(), &told).await?,
            Known::Moved => self.store.audit(self.clock.now(), &agent.name, "role_changed", agent.id.as_str(), &told).await?,
            Known::Same => {}
        }
        let secret = self.admit(&agent, from).await?;
        Ok((secret, agent))
    }
}

/// An error with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
