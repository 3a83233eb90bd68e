//! Messages and prompts that are tried out. Nothing is stored.

use super::super::Shared;
use super::super::auth::OpsCaller;
use super::super::error::Problem;
use super::body;
use crate::domain::{market, personas};
use crate::llm::Use;
use crate::services::ops::playground::Message;
use crate::services::ops::prompts::{NoTry, rendered};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Try {
    text: String,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    market: Option<String>,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    level: Option<u8>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Prompt {
    text: String,
}

/// Who may speak and where: the personas, the markets, the languages that the bot speaks, the intents.
#[utoipa::path(get, path = "/api/ops/speakers", responses((status = 200, description = "`{personas, markets, languages, intents}`")))]
pub(in crate::http) async fn speakers(_: OpsCaller, State(site): Shared) -> Json<Value> {
    let catalog = site.gateway.service.catalog.current();
    let personas: Vec<Value> =
        personas::stories().iter().map(|(id, name, story)| json!({ "id": id, "name": name, "story": story })).collect();
    let intents: Vec<Value> =
        catalog.intents.iter().map(|file| json!({ "intent": file.intent.text, "title": file.title.english.text })).collect();
    let languages: Vec<&str> = ["en", "sv", "de"].into_iter().filter(|language| catalog.flows.speaks(language)).collect();
    Json(json!({ "personas": personas, "markets": market::CODES, "languages": languages, "intents": intents }))
}

/// A message tried out: how it is read and why, and the first reply. Nothing is stored, and no account is looked at.
#[utoipa::path(post, path = "/api/ops/try", request_body = Try, responses((status = 200, description = "What `redress classify` tells, with `micros` and `reply`: `{rows, path, rule, hand_over, locale}`"), (status = 400, description = "Too long, or an unknown customer or market")))]
pub(in crate::http) async fn message(
    _: OpsCaller,
    State(site): Shared,
    sent: Result<Json<Try>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Try { text, language, market, customer, level } = body(sent, "{\"text\", \"language\", \"market\", \"customer\", \"level\"}")?;
    let tried = site.gateway.service.try_message(Message { text, language, market, customer, level }).await;
    tried.map(Json).map_err(Problem::bad_request)
}

/// Every use of a language model with its prompt, its variables and its sample; and the model, if there is one.
#[utoipa::path(get, path = "/api/ops/prompts", responses((status = 200, description = "`{uses, model}`")))]
pub(in crate::http) async fn prompts(_: OpsCaller, State(site): Shared) -> Result<Json<Value>, Problem> {
    Ok(Json(site.gateway.service.prompts_report().await?))
}

/// A prompt's text rendered with the sample, and what is wrong with it.
#[utoipa::path(post, path = "/api/ops/prompts/{use}", params(("use" = String, Path)), request_body = Prompt, responses((status = 200, description = "`{system, user, digest, problems}`"), (status = 404, description = "No such use")))]
pub(in crate::http) async fn render(
    _: OpsCaller,
    Path(name): Path<String>,
    sent: Result<Json<Prompt>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Prompt { text } = body(sent, "{\"text\"}")?;
    Ok(Json(rendered(named(&name)?, &text)))
}

/// The sample sent to the model with this prompt, and what the checks make of its answer. Counted in the day's budget; reaches no customer.
#[utoipa::path(post, path = "/api/ops/prompts/{use}/try", params(("use" = String, Path)), request_body = Prompt, responses((status = 200, description = "`{answer, failure, leash, shown, tokens_in, tokens_out, ms}`"), (status = 404, description = "No such use"), (status = 409, description = "There is no model"), (status = 422, description = "The prompt has an error")))]
pub(in crate::http) async fn ask(
    _: OpsCaller,
    State(site): Shared,
    Path(name): Path<String>,
    sent: Result<Json<Prompt>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Prompt { text } = body(sent, "{\"text\"}")?;
    match site.gateway.service.try_prompt(named(&name)?, &text).await {
        Ok(tryout) => Ok(Json(json!(tryout))),
        Err(none @ NoTry::NoModel) => Err(Problem::conflict(none.to_string())),
        Err(broken @ NoTry::Broken(_)) => Err(Problem::unprocessable(broken.to_string())),
    }
}

fn named(name: &str) -> Result<Use, Problem> {
    Use::named(name).ok_or_else(|| {
        let names: Vec<&str> = Use::ALL.into_iter().map(Use::name).collect();
        Problem::not_found(format!("there is no use '{name}' of a model; there are {}", names.join(", ")))
    })
}
