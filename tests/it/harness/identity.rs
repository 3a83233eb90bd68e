//! An identity provider that does what a test tells it: OpenID Connect over plain HTTP, with tokens that are really signed.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) const CLIENT: &str = "redress-desk";
pub(crate) const CLIENT_SECRET: &str = "the-secret-of-the-client";

/// What the provider does next.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// Claims of the ID token, laid over those that it would have; `null` takes one away.
    pub(crate) claims: Value,
    /// The key that signs: `rsa` (RS256) or `p256` (ES256).
    pub(crate) signs: &'static str,
    /// The keys that are published.
    pub(crate) published: Vec<&'static str>,
    /// The code that every browser comes back with, instead of a new one.
    pub(crate) code: Option<String>,
}

impl Default for Script {
    fn default() -> Self {
        let claims =
            json!({ "sub": "u-1", "name": "Olle Nilsson", "email": "olle@bank.example", "email_verified": true, "groups": ["desk"] });
        Self { claims, signs: "rsa", published: vec!["rsa"], code: None }
    }
}

/// What a browser was sent here with.
#[derive(Clone, Debug)]
struct Asked {
    nonce: String,
    challenge: String,
    back: String,
}

#[derive(Debug, Default)]
struct Inside {
    issuer: String,
    script: Script,
    codes: HashMap<String, Asked>,
    given: u32,
    keys_asked: usize,
}

/// A running provider; stops when dropped.
pub(crate) struct Provider {
    inside: Arc<Mutex<Inside>>,
    port: u16,
    task: JoinHandle<()>,
}

type Shared = State<Arc<Mutex<Inside>>>;

impl Provider {
    /// Starts on a port, or on any (0).
    pub(crate) async fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port for the provider");
        let port = listener.local_addr().expect("an address").port();
        let issuer = format!("http://127.0.0.1:{port}");
        let inside = Arc::new(Mutex::new(Inside { issuer, ..Inside::default() }));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&inside));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Self { inside, port, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it does from now on.
    pub(crate) fn does(&self, script: Script) {
        lock(&self.inside).script = script;
    }

    /// How often its keys were asked for.
    pub(crate) fn keys_asked(&self) -> usize {
        lock(&self.inside).keys_asked
    }

    /// Ends it; open connections are cut.
    pub(crate) async fn stop(self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().expect("no test panics in the provider")
}

fn key(name: &str) -> (EncodingKey, Algorithm) {
    match name {
        "rsa" => (EncodingKey::from_rsa_pem(include_bytes!("keys/rsa.pem")).expect("an RSA key"), Algorithm::RS256),
        "p256" => (EncodingKey::from_ec_pem(include_bytes!("keys/p256.pem")).expect("an EC key"), Algorithm::ES256),
        other => panic!("the provider has no key '{other}'"),
    }
}

async fn configuration(State(inside): Shared) -> Json<Value> {
    let issuer = lock(&inside).issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    }))
}

async fn keys(State(inside): Shared) -> Json<Value> {
    let mut inside = lock(&inside);
    inside.keys_asked += 1;
    let keys: Vec<Value> = inside.script.published.iter().map(|name| public(name)).collect();
    Json(json!({ "keys": keys }))
}

fn public(name: &str) -> Value {
    let (private, algorithm) = key(name);
    let mut jwk = json!(Jwk::from_encoding_key(&private, algorithm).expect("a public key"));
    jwk["kid"] = json!(name);
    jwk["use"] = json!("sig");
    jwk
}

async fn authorize(State(inside): Shared, Query(asked): Query<HashMap<String, String>>) -> Response {
    let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let scopes = of("scope");
    if of("response_type") != "code" || of("client_id") != CLIENT || of("code_challenge_method") != "S256" || !scopes.contains("openid") {
        return (StatusCode::BAD_REQUEST, format!("this is no request of the code flow with PKCE: {asked:?}")).into_response();
    }
    let mut inside = lock(&inside);
    inside.given += 1;
    let code = inside.script.code.clone().unwrap_or_else(|| format!("code-{}", inside.given));
    let asked = Asked { nonce: of("nonce"), challenge: of("code_challenge"), back: of("redirect_uri") };
    let target = format!("{}?code={code}&state={}", asked.back, of("state"));
    if inside.script.code.is_none() {
        inside.codes.insert(code, asked);
    }
    (StatusCode::FOUND, [(header::LOCATION, target)]).into_response()
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}

async fn token(State(inside): Shared, headers: HeaderMap, form: String) -> Response {
    // A form is written like a query.
    let form: Uri = format!("/?{form}").parse().expect("a form");
    let Query(asked) = Query::<HashMap<String, String>>::try_from_uri(&form).expect("a form");
    let of = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
    if headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) != Some(basic.as_str()) {
        return refused("invalid_client");
    }
    let mut inside = lock(&inside);
    // A code is good once.
    let Some(known) = inside.codes.remove(of("code")) else { return refused("invalid_grant") };
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")));
    if of("grant_type") != "authorization_code" || proof != known.challenge || of("redirect_uri") != known.back {
        return refused("invalid_grant");
    }
    let now = super::wall_s();
    let mut claims = json!({ "iss": inside.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": known.nonce });
    for (name, value) in inside.script.claims.as_object().expect("an object of claims") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    let (private, algorithm) = key(inside.script.signs);
    let head = Header { kid: Some(inside.script.signs.to_owned()), ..Header::new(algorithm) };
    let id_token = jsonwebtoken::encode(&head, &claims, &private).expect("a signed token");
    Json(json!({ "access_token": "of-no-use", "token_type": "Bearer", "expires_in": 300, "id_token": id_token })).into_response()
}
