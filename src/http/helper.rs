//! The desk's requests for a language model's help. All answers are offers: nothing is stored, nothing is sent.

use super::Shared;
use super::auth::DeskCaller;
use super::error::Problem;
use crate::domain::ids::ConversationId;
use crate::llm::Use;
use crate::services::helper::{Help, NoHelp};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

/// An answer without help is an answer, too: the desk shows why.
fn answered(help: Result<Help, NoHelp>) -> Result<Json<Value>, Problem> {
    match help {
        Ok(Help::Summary(summary)) => Ok(Json(json!(*summary))),
        Ok(Help::Draft(text)) => Ok(Json(json!({ "text": text }))),
        Err(NoHelp::NoAnswer(why)) => Ok(Json(json!({ "text": null, "sentences": [], "why": why }))),
        Err(missing @ NoHelp::NotFound) => Err(Problem::not_found(missing.to_string())),
        Err(NoHelp::Store(error)) => Err(error.into()),
    }
}

/// A summary of the talk: `{sentences: [{text, seqs}], head, dropped}`, each sentence with the `seq` of the events that it rests on.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/summary", params(("id" = String, Path)), responses((status = 200, description = "The summary; without a model `sentences` is empty and `why` tells the reason"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn summary(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    answered(site.gateway.service.help_agent(&ConversationId::from(id), Use::Summary).await)
}

/// A reply as a draft: `{text}`. The agent changes and sends it, or throws it away.
#[utoipa::path(post, path = "/api/desk/conversations/{id}/draft", params(("id" = String, Path)), responses((status = 200, description = "The draft; without one `text` is null and `why` tells the reason"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn draft(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    answered(site.gateway.service.help_agent(&ConversationId::from(id), Use::Draft).await)
}

/// How the models are: endpoints, which of them are left alone after failures, uses. `model` is null without one.
#[utoipa::path(get, path = "/api/desk/model", responses((status = 200, description = "`{model}`")))]
pub(super) async fn report(_: DeskCaller, State(site): Shared) -> Json<Value> {
    Json(json!({ "model": site.gateway.service.helper.report() }))
}
