//! Who asks: the service token of other systems, the session of agents.

use super::Site;
use super::error::Problem;
use crate::store::desk::Agent;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::Arc;

/// The name of the desk's cookie.
pub(super) const COOKIE: &str = "redress_desk";

/// Proof that the request carries the service token.
pub(super) struct ServiceCaller;

impl FromRequestParts<Arc<Site>> for ServiceCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        service(&parts.headers, site).map(|()| Self)
    }
}

/// Whether the headers carry the service token.
pub(super) fn service(headers: &HeaderMap, site: &Site) -> Result<(), Problem> {
    let Some(expected) = &site.service_token else {
        return Err(Problem::unauthorized("the service API is closed: start the server with REDRESS_SERVICE_TOKEN"));
    };
    match bearer(headers) {
        Some(given) if same(given, expected) => Ok(()),
        Some(_) | None => Err(Problem::unauthorized("send 'Authorization: Bearer' with the server's REDRESS_SERVICE_TOKEN")),
    }
}

/// A request of the demo page: it needs no token, but a wrong one is refused.
pub(super) struct DemoCaller;

impl FromRequestParts<Arc<Site>> for DemoCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        if site.demo.is_none() {
            return Err(Problem::not_found("this exists with --demo only"));
        }
        super::check_origin(site, &parts.headers, true)?;
        match (bearer(&parts.headers), &site.service_token) {
            (Some(given), Some(expected)) if !same(given, expected) => {
                Err(Problem::unauthorized("this is not the server's REDRESS_SERVICE_TOKEN"))
            }
            (Some(_) | None, _) => Ok(Self),
        }
    }
}

/// The secret of a desk session: the cookie's, or a bearer token; empty without.
pub(super) fn desk_secret(headers: &HeaderMap) -> String {
    session_cookie(headers).or_else(|| bearer(headers).map(str::to_owned)).unwrap_or_default()
}

/// A signed-in agent.
pub(super) struct DeskCaller(pub(super) Agent);

impl FromRequestParts<Arc<Site>> for DeskCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        super::check_origin(site, &parts.headers, false)?;
        let secret = desk_secret(&parts.headers);
        if secret.is_empty() {
            return Err(Problem::unauthorized("sign in at the desk first"));
        }
        match site.gateway.service.session(&secret).await? {
            Some(agent) => Ok(Self(agent)),
            None => Err(Problem::unauthorized("this desk session is unknown or has ended; sign in again")),
        }
    }
}

/// A signed-in agent who may edit the content.
pub(super) struct OpsCaller(pub(super) Agent);

impl FromRequestParts<Arc<Site>> for OpsCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let DeskCaller(agent) = DeskCaller::from_request_parts(parts, site).await?;
        if agent.role.edits() {
            return Ok(Self(agent));
        }
        let Agent { name, role, .. } = agent;
        Err(Problem::forbidden(format!(
            "the operations page is for the roles ops and admin, and {name} has the role {}. Sign in as somebody else, or ask whoever gives out accounts",
            role.as_str()
        )))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// The secret in the desk's cookie.
pub(super) fn session_cookie(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE)
}

/// What a cookie holds.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, secret)| secret.to_owned())
}

/// Compares secrets without telling by the time taken how much of them is right.
fn same(given: &str, expected: &str) -> bool {
    let mac = |text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"compare").expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac
    };
    mac(given).verify_slice(&mac(expected).finalize().into_bytes()).is_ok()
}
