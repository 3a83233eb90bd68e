//! The desk's requests about disputes: the list, the case, a step, a claim filed for a customer.

use super::Shared;
use super::auth::DeskCaller;
use super::error::Problem;
use crate::services::analyst::{AnalystError, Filing, Step};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

impl From<AnalystError> for Problem {
    fn from(error: AnalystError) -> Self {
        match error {
            AnalystError::NotFound(_) => Problem::not_found(error.to_string()),
            AnalystError::Moved { .. } => Problem::conflict(error.to_string()),
            AnalystError::Refused(why) => Problem::unprocessable(why),
            AnalystError::Store(error) => error.into(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    all: bool,
}

/// Disputes that wait for a person, due first on top; with `?all=true` every open one.
#[utoipa::path(get, path = "/api/desk/disputes", params(("all" = Option<bool>, Query)), responses((status = 200, description = "`{disputes}`"), (status = 401, description = "Not signed in")))]
pub(super) async fn list(_: DeskCaller, State(site): Shared, Query(which): Query<Which>) -> Result<Json<Value>, Problem> {
    let disputes = site.gateway.service.disputes(which.all).await?;
    Ok(Json(json!({ "disputes": disputes })))
}

/// One dispute, by id or public number: both sides, advice, possible steps.
#[utoipa::path(get, path = "/api/desk/disputes/{id}", params(("id" = String, Path)), responses((status = 200, description = "The case"), (status = 404, description = "Unknown dispute")))]
pub(super) async fn case(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(site.gateway.service.dispute_case(&id).await?))
}

/// A step of a dispute.
#[utoipa::path(post, path = "/api/desk/disputes/{id}", params(("id" = String, Path)), request_body = Step, responses((status = 200, description = "The case as it is now"), (status = 409, description = "It has moved since it was looked at"), (status = 422, description = "The step is not possible; `detail` says why")))]
pub(super) async fn step(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Step>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(step) =
        body.map_err(|error| Problem::unprocessable(format!("send {{\"event\", \"state\", …}} as JSON: {}", error.body_text())))?;
    Ok(Json(site.gateway.service.move_dispute(&agent, &id, step).await?))
}

/// A claim that the chat may not file.
#[utoipa::path(post, path = "/api/desk/disputes", request_body = Filing, responses((status = 200, description = "The case"), (status = 404, description = "Unknown customer"), (status = 422, description = "It can't be filed; `detail` says why")))]
pub(super) async fn file(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    body: Result<Json<Filing>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(filing) = body.map_err(|error| {
        Problem::unprocessable(format!("send {{\"customer\", \"order\", \"reason\", \"note\"}} as JSON: {}", error.body_text()))
    })?;
    Ok(Json(site.gateway.service.file_dispute(&agent, &filing).await?))
}
