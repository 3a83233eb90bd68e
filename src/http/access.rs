//! The desk's requests about access: sign-in, sessions, password, second factor, and the log of privileged acts.

use super::Shared;
use super::auth::{COOKIE, DeskCaller, desk_secret, session_cookie};
use super::error::Problem;
use crate::services::signin::{AccessError, Origin, SESSION, SignedIn};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Acts in one page of the log.
const PAGE: i64 = 100;

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotYours => Problem::not_found(error.to_string()),
            AccessError::WrongPassword | AccessError::WrongCode => Problem::forbidden(error.to_string()),
            AccessError::BadPassword(_) | AccessError::NothingSetUp => Problem::unprocessable(error.to_string()),
            AccessError::Store(error) => error.into(),
        }
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    name: String,
    password: String,
    #[serde(default)]
    code: Option<String>,
}

/// Signs in: sets the session cookie and answers with the same secret for other clients.
#[utoipa::path(post, path = "/api/desk/session", request_body = SignIn, responses((status = 200, description = "Signed in"), (status = 401, description = "Wrong name or password; with `need: code` only the code of the second factor is missing or wrong")))]
pub(super) async fn sign_in(
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Problem> {
    super::check_origin(&site, &headers, false)?;
    let Json(SignIn { name, password, code }) =
        body.map_err(|error| Problem::bad_request(format!("send {{\"name\", \"password\"}} as JSON: {}", error.body_text())))?;
    if password.len() > 1024 || name.len() > 256 || code.as_ref().is_some_and(|code| code.len() > 32) {
        return Err(Problem::bad_request("name, password or code is too long"));
    }
    if !site.gateway.limits.may_sign_in(address.ip()) {
        return Err(Problem::too_many("too many tries to sign in from here; wait a minute"));
    }
    let from = origin(address, &headers);
    let (secret, agent) = match site.gateway.service.sign_in(&name, &password, code.as_deref(), from).await? {
        SignedIn::Yes(secret, agent) => (secret, agent),
        SignedIn::NeedsCode => {
            let detail = if code.is_some() { "this code is wrong or was used; take the next one" } else { "enter the code of your app" };
            return Err(Problem::unauthorized(detail).needing("code"));
        }
        SignedIn::No => return Err(Problem::unauthorized("name or password is wrong")),
    };
    let mut response = Json(json!({ "token": secret, "agent": agent })).into_response();
    set_cookie(&mut response, &headers, &Cookie::session(&secret));
    Ok(response)
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/desk/session", responses((status = 200, description = "Who is signed in"), (status = 401, description = "Nobody")))]
pub(super) async fn who(DeskCaller(agent): DeskCaller) -> Json<Value> {
    Json(json!({ "agent": agent }))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/desk/session", responses((status = 204, description = "Signed out")))]
pub(super) async fn sign_out(State(site): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    super::check_origin(&site, &headers, false)?;
    if let Some(secret) = session_cookie(&headers) {
        site.gateway.service.sign_out(&secret).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &headers, &Cookie::session(""));
    Ok(response)
}

/// Where a sign-in comes from.
pub(super) fn origin(address: SocketAddr, headers: &HeaderMap) -> Origin {
    let client = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Origin { address: address.ip().to_string(), client: client.chars().take(120).collect() }
}

/// A secret that a browser keeps.
pub(super) struct Cookie<'a> {
    pub(super) name: &'static str,
    pub(super) secret: &'a str,
    pub(super) path: &'static str,
    /// `Strict`: sent from our own pages only; `Lax`: also when another site sends the browser here.
    pub(super) same_site: &'static str,
    /// 0 takes it away.
    pub(super) seconds: i64,
}

impl<'a> Cookie<'a> {
    /// The cookie of a desk session.
    pub(super) fn session(secret: &'a str) -> Self {
        let seconds = if secret.is_empty() { 0 } else { SESSION.as_secs() };
        Self { name: COOKIE, secret, path: "/", same_site: "Strict", seconds }
    }
}

pub(super) fn set_cookie(response: &mut Response, headers: &HeaderMap, cookie: &Cookie<'_>) {
    // Browsers keep `Secure` cookies from plain HTTP, which only a developer's own machine uses.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let plain = host.starts_with("127.0.0.1") || host.starts_with("localhost") || host.starts_with("[::1]");
    let secure = if plain { "" } else { "; Secure" };
    let Cookie { name, secret, path, same_site, seconds } = cookie;
    let cookie = format!("{name}={secret}; HttpOnly; SameSite={same_site}; Path={path}; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Live sessions: one's own, for those who lead everybody's.
#[utoipa::path(get, path = "/api/desk/sessions", responses((status = 200, description = "`{sessions}`")))]
pub(super) async fn sessions(DeskCaller(agent): DeskCaller, State(site): Shared, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    let found = site.gateway.service.sessions(&agent, &desk_secret(&headers)).await?;
    let shown = found.into_iter().map(|(session, current)| {
        let mut value = json!(session);
        value["current"] = json!(current);
        value
    });
    Ok(Json(json!({ "sessions": shown.collect::<Vec<_>>() })))
}

/// Ends a session; its sockets close at once.
#[utoipa::path(delete, path = "/api/desk/sessions/{id}", params(("id" = String, Path)), responses((status = 204, description = "Ended"), (status = 404, description = "Unknown, or somebody else's")))]
pub(super) async fn end_session(DeskCaller(agent): DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    site.gateway.service.end_session(&agent, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    old: String,
    new: String,
}

/// Changes one's own password; all one's other sessions end.
#[utoipa::path(post, path = "/api/desk/password", request_body = NewPassword, responses((status = 204, description = "Changed"), (status = 403, description = "The old one is wrong"), (status = 422, description = "The new one is too short")))]
pub(super) async fn password(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<NewPassword>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(NewPassword { old, new }) =
        body.map_err(|error| Problem::unprocessable(format!("send {{\"old\", \"new\"}} as JSON: {}", error.body_text())))?;
    if old.len() > 1024 || new.len() > 1024 {
        return Err(Problem::unprocessable("a password has 1024 bytes at most"));
    }
    if !site.gateway.limits.may_sign_in(address.ip()) {
        return Err(Problem::too_many("too many tries from here; wait a minute"));
    }
    site.gateway.service.change_password(&agent, &desk_secret(&headers), &old, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a second factor is asked for.
#[utoipa::path(get, path = "/api/desk/totp", responses((status = 200, description = "`{on}`")))]
pub(super) async fn second_factor(DeskCaller(agent): DeskCaller, State(site): Shared) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "on": site.gateway.service.has_second_factor(&agent).await? })))
}

/// A new secret for the agent's app; it is asked for only after a code has been given.
#[utoipa::path(post, path = "/api/desk/totp", responses((status = 200, description = "`{secret, uri}`"), (status = 422, description = "One is on already")))]
pub(super) async fn begin_second_factor(DeskCaller(agent): DeskCaller, State(site): Shared) -> Result<Json<Value>, Problem> {
    let (secret, uri) = site.gateway.service.begin_second_factor(&agent).await?;
    Ok(Json(json!({ "secret": secret, "uri": uri })))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    code: String,
}

/// Switches the second factor on.
#[utoipa::path(put, path = "/api/desk/totp", request_body = Code, responses((status = 204, description = "On"), (status = 403, description = "Wrong code")))]
pub(super) async fn second_factor_on(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    body: Result<Json<Code>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    switch(&site, &agent, body, true).await
}

/// Switches the second factor off.
#[utoipa::path(delete, path = "/api/desk/totp", request_body = Code, responses((status = 204, description = "Off"), (status = 403, description = "Wrong code")))]
pub(super) async fn second_factor_off(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    body: Result<Json<Code>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    switch(&site, &agent, body, false).await
}

async fn switch(
    site: &super::Site,
    agent: &crate::store::desk::Agent,
    body: Result<Json<Code>, JsonRejection>,
    on: bool,
) -> Result<StatusCode, Problem> {
    let Json(Code { code }) = body.map_err(|error| Problem::unprocessable(format!("send {{\"code\"}} as JSON: {}", error.body_text())))?;
    site.gateway.service.switch_second_factor(agent, &code, on).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct Before {
    #[serde(default)]
    before: Option<i64>,
}

/// The log of privileged acts, the newest first; for those who lead.
#[utoipa::path(get, path = "/api/desk/audit", params(("before" = Option<i64>, Query)), responses((status = 200, description = "`{rows, next}`"), (status = 403, description = "For those who lead")))]
pub(super) async fn audit(DeskCaller(agent): DeskCaller, State(site): Shared, Query(page): Query<Before>) -> Result<Json<Value>, Problem> {
    if !agent.role.leads() {
        return Err(Problem::forbidden("only people who lead a shift may read this"));
    }
    let rows = site.gateway.service.store.acts_before(page.before.unwrap_or(i64::MAX), PAGE).await?;
    let next = rows.last().filter(|_| rows.len() as i64 == PAGE).map(|last| last.n);
    Ok(Json(json!({ "rows": rows, "next": next })))
}
