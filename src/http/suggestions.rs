//! What sentences mean that the bot did not read rightly: the list, and a decision. For those who lead or keep the intents.

use super::Shared;
use super::auth::DeskCaller;
use super::error::Problem;
use crate::domain::ids::ConversationId;
use crate::services::suggest::{About, SuggestError};
use crate::store::desk::Agent;
use crate::store::suggestions::Stand;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Suggestions in one page.
const PAGE: i64 = 50;

impl From<SuggestError> for Problem {
    fn from(error: SuggestError) -> Self {
        match error {
            SuggestError::NotFound => Problem::not_found(error.to_string()),
            SuggestError::Decided => Problem::conflict(error.to_string()),
            SuggestError::UnknownIntent(_) => Problem::unprocessable(error.to_string()),
            SuggestError::Store(error) => error.into(),
        }
    }
}

fn may_decide(agent: &Agent) -> Result<(), Problem> {
    if agent.role.teaches() {
        return Ok(());
    }
    Err(Problem::forbidden("what the bot learns is decided by those who lead a shift or keep the intents; ask one of them"))
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: Stand,
    #[serde(default)]
    after: String,
}

/// Suggestions, the oldest first.
#[utoipa::path(get, path = "/api/desk/suggestions", params(("state" = Option<String>, Query, description = "`open` (default), `accepted` or `dismissed`"), ("after" = Option<String>, Query, description = "`next` of the page before")), responses((status = 200, description = "`{suggestions: [{id, conversation, seq, text, language, read_as, intent, reason, by, at, state}], next}`"), (status = 400, description = "Unknown state"), (status = 403, description = "For lead, ops and admin")))]
pub(super) async fn list(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    may_decide(&agent)?;
    let Query(Which { state, after }) = which.map_err(|_| Problem::bad_request("'state' must be open, accepted or dismissed"))?;
    let found = site.gateway.service.store.suggestions(state, &after, PAGE).await?;
    let next = found.last().filter(|_| found.len() as i64 == PAGE).map(|last| last.id.clone());
    Ok(Json(json!({ "suggestions": found, "next": next })))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    Accept,
    Dismiss,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    act: Act,
    /// Another intent than the suggested one, for `accept`.
    #[serde(default)]
    intent: Option<String>,
}

/// Accepts a suggestion, perhaps for another intent, or dismisses it. Accepted, the line to add to the intent's file is the answer.
#[utoipa::path(post, path = "/api/desk/suggestions/{id}", params(("id" = String, Path)), request_body = Decision, responses((status = 200, description = "For `accept`: `{file, line, already}`"), (status = 403, description = "For lead, ops and admin"), (status = 404, description = "Unknown"), (status = 409, description = "Decided meanwhile"), (status = 422, description = "Unknown act or intent")))]
pub(super) async fn decide(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Decision>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    may_decide(&agent)?;
    let Json(Decision { act, intent }) = body.map_err(|error| {
        Problem::unprocessable(format!("send {{\"act\": \"accept\" or \"dismiss\", \"intent\"}} as JSON: {}", error.body_text()))
    })?;
    let service = &site.gateway.service;
    match act {
        Act::Accept => Ok(Json(json!(service.accept_suggestion(&agent, &id, intent.as_deref()).await?))),
        Act::Dismiss => {
            service.dismiss_suggestion(&agent, &id).await?;
            Ok(Json(json!({})))
        }
    }
}

/// What an agent may say a conversation was about when they end it, with what their acts tell already.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/about", params(("id" = String, Path)), responses((status = 200, description = "`{ask, intent, why}`; `ask`: the bot can learn from the answer"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn about(DeskCaller(agent): DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<About>, Problem> {
    Ok(Json(site.gateway.service.about(&agent, &ConversationId::from(id)).await?))
}

/// All intents with their titles, to choose from.
#[utoipa::path(get, path = "/api/desk/intents", responses((status = 200, description = "`{intents: [{intent, title}]}`")))]
pub(super) async fn intents(_: DeskCaller, State(site): Shared) -> Json<Value> {
    Json(json!({ "intents": site.gateway.service.intents() }))
}
