//! The desk's requests: sign-in and the side panel.

use super::Shared;
use super::auth::{COOKIE, DeskCaller, session_cookie};
use super::error::Problem;
use crate::domain::ids::ConversationId;
use crate::domain::redact::{mask_email, mask_phone};
use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    name: String,
    password: String,
}

/// Signs in: sets the session cookie and answers with the same secret for other clients.
#[utoipa::path(post, path = "/api/desk/session", request_body = SignIn, responses((status = 200, description = "Signed in"), (status = 401, description = "Wrong name or password")))]
pub(super) async fn sign_in(
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<SignIn>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, Problem> {
    super::check_origin(&site, &headers, false)?;
    let Json(SignIn { name, password }) =
        body.map_err(|error| Problem::bad_request(format!("send {{\"name\", \"password\"}} as JSON: {}", error.body_text())))?;
    if password.len() > 1024 || name.len() > 256 {
        return Err(Problem::bad_request("name or password is too long"));
    }
    if !site.gateway.limits.may_sign_in(address.ip()) {
        return Err(Problem::too_many("too many tries to sign in from here; wait a minute"));
    }
    let Some((secret, agent)) = site.gateway.service.sign_in(&name, &password).await? else {
        return Err(Problem::unauthorized("name or password is wrong"));
    };
    let mut response = Json(json!({ "token": secret, "agent": agent })).into_response();
    let seconds = crate::services::desk::SESSION.as_secs();
    set_cookie(&mut response, &headers, &secret, seconds);
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
    set_cookie(&mut response, &headers, "", 0);
    Ok(response)
}

fn set_cookie(response: &mut Response, headers: &HeaderMap, secret: &str, seconds: i64) {
    // Browsers keep `Secure` cookies from plain HTTP, which only a developer's own machine uses.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let plain = host.starts_with("127.0.0.1") || host.starts_with("localhost") || host.starts_with("[::1]");
    let secure = if plain { "" } else { "; Secure" };
    let cookie = format!("{COOKIE}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

/// The account behind a conversation, contact data masked.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/account", params(("id" = String, Path)), responses((status = 200, description = "The account, or null for an anonymous customer"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn account(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let service = &site.gateway.service;
    let row = service.row(&ConversationId::from(id)).await?.ok_or_else(|| Problem::not_found("there is no such conversation"))?;
    let Some(customer) = &row.customer else { return Ok(Json(json!({ "account": null, "merchants": {} }))) };
    let Some(account) = service.store.account(customer).await? else { return Ok(Json(json!({ "account": null, "merchants": {} }))) };
    let mut shown = json!(account);
    shown["email"] = json!(mask_email(&account.customer.email));
    shown["phone"] = json!(mask_phone(&account.customer.phone));
    let merchants = service.merchants.load();
    let names: serde_json::Map<String, Value> =
        account.customer.orders.iter().map(|order| (order.merchant.clone(), json!(merchants.name(&order.merchant)))).collect();
    Ok(Json(json!({ "account": shown, "merchants": names })))
}
