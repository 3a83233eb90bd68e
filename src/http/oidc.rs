//! Sign-in at the desk by an identity provider: what the page asks, and where the provider sends the browser back to.

use super::Shared;
use super::access::{Cookie, origin, set_cookie};
use super::auth::cookie;
use super::error::Problem;
use crate::services::oidc::{ATTEMPT, Refusal};
use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The cookie that ties an attempt to the browser that began it.
const STATE: &str = "redress_oidc";

fn state_cookie(secret: &str) -> Cookie<'_> {
    let seconds = if secret.is_empty() { 0 } else { ATTEMPT.as_secs() };
    // Lax: it has to come along when the provider's page sends the browser back.
    Cookie { name: STATE, secret, path: "/api/desk/oidc", same_site: "Lax", seconds }
}

/// What the button says after "Sign in with"; `null` without an identity provider.
#[utoipa::path(get, path = "/api/desk/oidc", responses((status = 200, description = "`{name}`")))]
pub(super) async fn about(State(site): Shared) -> Json<Value> {
    Json(json!({ "name": site.provider.as_ref().map(|provider| provider.name()) }))
}

/// Begins a sign-in by the identity provider: the page to send the browser to. A cookie ties the attempt to this browser.
#[utoipa::path(post, path = "/api/desk/oidc", responses((status = 200, description = "`{url}`"), (status = 404, description = "No identity provider is set up"), (status = 503, description = "It does not answer; passwords still work")))]
pub(super) async fn begin(
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    super::check_origin(&site, &headers, false)?;
    let Some(provider) = &site.provider else { return Err(Problem::not_found("no identity provider is set up here")) };
    if !site.gateway.limits.may_sign_in(address.ip()) {
        return Err(Problem::too_many("too many tries to sign in from here; wait a minute"));
    }
    let (url, state) = provider.begin(&site.gateway.service).await.map_err(|refusal| match refusal {
        Refusal::Store(error) => Problem::from(error),
        refusal => {
            tracing::warn!(%refusal, "a sign-in by the identity provider could not begin");
            let name = provider.name();
            Problem::unavailable(format!("Sign-in with {name} does not work right now. Try again in a minute, or use name and password."))
        }
    })?;
    let mut response = Json(json!({ "url": url })).into_response();
    set_cookie(&mut response, &headers, &state_cookie(&state));
    Ok(response)
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// Where the identity provider sends the browser back to: sets the session cookie and goes on to the desk, which says in words when
/// somebody was not let in.
#[utoipa::path(get, path = "/api/desk/oidc/back", params(("state" = String, Query), ("code" = Option<String>, Query), ("error" = Option<String>, Query)), responses((status = 303, description = "To the desk: signed in, or with `refused` in the address")))]
pub(super) async fn back(
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let Some(provider) = &site.provider else { return Err(Problem::not_found("no identity provider is set up here")) };
    if !site.gateway.limits.may_sign_in(address.ip()) {
        return Err(Problem::too_many("too many tries to sign in from here; wait a minute"));
    }
    let service = &site.gateway.service;
    let ours = cookie(&headers, STATE).is_some_and(|kept| !kept.is_empty() && kept == back.state);
    let entered = match (ours, back.code, back.error) {
        (false, ..) => Err(Refusal::Stale),
        (true, Some(code), None) => provider.finish(service, &back.state, code, origin(address, &headers)).await,
        (true, _, error) => provider.take(service, &back.state).await.and(Err(Refusal::Denied(error.unwrap_or_default()))),
    };
    let (target, secret) = match entered {
        Ok((secret, _)) => ("/desk".to_owned(), Some(secret)),
        Err(refusal) => {
            tracing::warn!(%refusal, "a sign-in by the identity provider was refused");
            (format!("/desk?refused={}", refusal.code()), None)
        }
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response();
    set_cookie(&mut response, &headers, &state_cookie(""));
    if let Some(secret) = secret {
        set_cookie(&mut response, &headers, &Cookie::session(&secret));
    }
    Ok(response)
}
