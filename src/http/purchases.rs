//! The customer's own view: what they have bought and what is open, and whether they want to be told things unasked.

use super::Shared;
use super::error::Problem;
use super::evidence::{identity, open_to};
use crate::domain::language::Language;
use crate::domain::purchases::purchases;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
pub(super) struct In {
    #[serde(default)]
    locale: Option<String>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Quiet {
    quiet: bool,
}

/// The signed-in customer's purchases, in words. `Authorization: Bearer` with the identity token.
#[utoipa::path(get, path = "/api/purchases", params(("locale" = Option<String>, Query)), responses((status = 200, description = "`{given_name, quiet, orders}`"), (status = 401, description = "Not signed in")))]
pub(super) async fn list(State(site): Shared, headers: HeaderMap, Query(given): Query<In>) -> Response {
    let answer = async {
        let who = identity(&site, &headers)?;
        let service = &site.gateway.service;
        let account = service.account(&who.customer).await.map_err(|error| Problem::from(error).into_response())?;
        let account = account.ok_or_else(|| Problem::not_found("there is no account for this customer here").into_response())?;
        let language = Language::of(given.locale.as_deref().unwrap_or(&account.customer.locale));
        Ok(Json(purchases(&account, &service.merchants.load(), service.clock.now(), language)).into_response())
    };
    let answer: Result<Response, Response> = answer.await;
    open_to(&site, &headers, answer.unwrap_or_else(|refused| refused))
}

/// Switches what the customer is told unasked off or on.
#[utoipa::path(post, path = "/api/purchases/quiet", request_body = Quiet, responses((status = 200, description = "`{quiet}`"), (status = 401, description = "Not signed in")))]
pub(super) async fn quiet(State(site): Shared, headers: HeaderMap, body: Result<Json<Quiet>, JsonRejection>) -> Response {
    let answer = async {
        let who = identity(&site, &headers)?;
        let Json(Quiet { quiet }) =
            body.map_err(|error| Problem::bad_request(format!("send {{\"quiet\": true}} as JSON: {}", error.body_text())).into_response())?;
        let known = site.gateway.service.set_quiet(&who.customer, quiet).await.map_err(|error| Problem::from(error).into_response())?;
        if known {
            Ok(Json(json!({ "quiet": quiet })).into_response())
        } else {
            Err(Problem::not_found("there is no account for this customer here").into_response())
        }
    };
    let answer: Result<Response, Response> = answer.await;
    open_to(&site, &headers, answer.unwrap_or_else(|refused| refused))
}
