//! The desk's requests for a language model's help. All answers are offers: nothing is stored, nothing is sent.

use super::Shared;
use super::auth::DeskCaller;
use super::error::Problem;
use crate::domain::ids::ConversationId;
use crate::domain::language::primary;
use crate::leash::rewrite::MOST_CHARS;
use crate::leash::weights::{LANGUAGES, knows};
use crate::llm::Use;
use crate::services::helper::{Help, NoHelp};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

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

/// A text of an agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Own {
    /// 1 to 4,000 characters.
    text: String,
}

/// A text of an agent, and the language that they want it in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Foreign {
    /// 1 to 4,000 characters.
    text: String,
    /// Two letters of the language.
    to: String,
}

/// The text, if it can be rewritten at all.
fn checked(text: &str) -> Result<&str, Problem> {
    let chars = text.trim().chars().count();
    if (1..=MOST_CHARS).contains(&chars) {
        return Ok(text.trim());
    }
    Err(Problem::unprocessable(format!("`text` needs 1 to {MOST_CHARS} characters")))
}

/// The agent's own text, better written: `{text}`. It says the same, or it is not given; the agent sends it, changes it or keeps their own.
#[utoipa::path(post, path = "/api/desk/conversations/{id}/polish", request_body = Own, params(("id" = String, Path)), responses((status = 200, description = "The text; without one `text` is null and `why` tells the reason"), (status = 404, description = "Unknown conversation"), (status = 422, description = "No text, or too much of it")))]
pub(super) async fn polish(
    _: DeskCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Own>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(own) = body.map_err(|error| Problem::unprocessable(format!("send {{\"text\"}} as JSON: {}", error.body_text())))?;
    let text = checked(&own.text)?;
    answered(site.gateway.service.rewrite_for_agent(&ConversationId::from(id), text, None).await.map(Help::Draft))
}

/// The agent's own text in another language: `{text}`, under the same rules.
#[utoipa::path(post, path = "/api/desk/conversations/{id}/translate", request_body = Foreign, params(("id" = String, Path)), responses((status = 200, description = "The text; without one `text` is null and `why` tells the reason"), (status = 404, description = "Unknown conversation"), (status = 422, description = "No text, too much of it, or a language that is not known")))]
pub(super) async fn translate(
    _: DeskCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Foreign>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(own) = body.map_err(|error| Problem::unprocessable(format!("send {{\"text\",\"to\"}} as JSON: {}", error.body_text())))?;
    let text = checked(&own.text)?;
    if !knows(primary(&own.to)) {
        return Err(Problem::unprocessable(format!("`to` is one of {}", LANGUAGES.join(", "))));
    }
    answered(site.gateway.service.rewrite_for_agent(&ConversationId::from(id), text, Some(&own.to)).await.map(Help::Draft))
}

/// How the models are: endpoints, which of them are left alone after failures, uses. `model` is null without one.
#[utoipa::path(get, path = "/api/desk/model", responses((status = 200, description = "`{model}`")))]
pub(super) async fn report(_: DeskCaller, State(site): Shared) -> Json<Value> {
    Json(json!({ "model": site.gateway.service.helper.report() }))
}
