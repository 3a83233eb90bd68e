//! `POST /api/events`: facts from outside, one or many, each with an answer of its own.

use super::Shared;
use super::auth;
use super::error::Problem;
use crate::domain::time::wall;
use crate::services::webhook::{SIGNATURE, verify};
use crate::store::facts::FactState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most events in one request.
const MOST: usize = 500;
const PAGE: i64 = 500;

/// Takes facts in: one event, a list of them, or `{"events": [...]}`. Signed with `REDRESS_EVENTS_SECRET`, or with the service token.
#[utoipa::path(post, path = "/api/events", request_body = Value, responses(
    (status = 200, description = "One event: its receipt. Many: `{results}`, a receipt for each in order"),
    (status = 401, description = "Neither a right signature nor the service token"),
    (status = 422, description = "The one event was refused; `detail` says why")))]
pub(super) async fn take(State(site): Shared, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let given = headers.get(SIGNATURE).map(|value| value.to_str().unwrap_or_default());
    match (given, &site.events_secret) {
        (Some(given), Some(secret)) => {
            verify(secret, given, &body, wall().as_second()).map_err(|refused| Problem::unauthorized(refused.to_string()))?;
        }
        (Some(_), None) => return Err(Problem::unauthorized("signatures cannot be checked: start the server with REDRESS_EVENTS_SECRET")),
        (None, _) => auth::service(&headers, &site)?,
    }
    let parsed: Value = serde_json::from_slice(&body).map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
    let (events, many) = match parsed {
        Value::Array(events) => (events, true),
        Value::Object(mut fields) if fields.len() == 1 && fields.get("events").is_some_and(Value::is_array) => {
            (fields.remove("events").and_then(|events| events.as_array().cloned()).unwrap_or_default(), true)
        }
        one => (vec![one], false),
    };
    if events.len() > MOST {
        return Err(Problem::bad_request(format!("{} events in one request; send at most {MOST}", events.len())));
    }
    let service = &site.gateway.service;
    let mut results = Vec::with_capacity(events.len());
    for event in &events {
        results.push(service.take_in(event, service.clock.now()).await?);
    }
    // What they set in motion at once is done before the sender hears of it.
    service.catch_up().await?;
    if many {
        return Ok(Json(json!({ "results": results })).into_response());
    }
    match results.pop() {
        Some(refused) if refused.status == "refused" => Err(Problem::unprocessable(refused.why.unwrap_or_default())),
        Some(receipt) => Ok((StatusCode::OK, Json(receipt)).into_response()),
        None => Err(Problem::bad_request("there is no event in it")),
    }
}

#[derive(Deserialize)]
pub(super) struct InState {
    #[serde(default)]
    state: Option<String>,
}

/// Facts that somebody may have to look at: `?state=parked` (default), `reported`, `noted` or `applied`, oldest first.
#[utoipa::path(get, path = "/api/events", params(("state" = Option<String>, Query)), responses((status = 200, description = "Facts with what came of them")))]
pub(super) async fn list(_: auth::ServiceCaller, State(site): Shared, Query(of): Query<InState>) -> Result<Json<Value>, Problem> {
    let name = of.state.as_deref().unwrap_or("parked");
    let state = FactState::parse(name)
        .ok_or_else(|| Problem::bad_request(format!("'{name}' is no state of a fact; there are parked, reported, noted and applied")))?;
    let facts = site.gateway.service.store.facts_in(state, PAGE).await?;
    Ok(Json(json!({ "facts": facts })))
}
