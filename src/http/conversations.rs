//! The desk's requests about conversations: lists and search, history, transcript, saved replies, what may be done to the account.

use super::Shared;
use super::auth::DeskCaller;
use super::error::Problem;
use crate::domain::ids::ConversationId;
use crate::domain::redact::{mask_email, mask_phone};
use crate::services::desk::DeskError;
use crate::services::replies::ReplyError;
use crate::store::search::{Filter, View};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// Conversations in one page of a list.
const PAGE: i64 = 50;

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound => Problem::not_found(error.to_string()),
            DeskError::Taken(_) | DeskError::NotAllowed(_) => Problem::conflict(error.to_string()),
            DeskError::LeadsOnly => Problem::forbidden(error.to_string()),
            DeskError::UnknownGoal(_) | DeskError::BadTime(_) | DeskError::UnknownIntent(_) => Problem::unprocessable(error.to_string()),
            DeskError::Store(error) => error.into(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    view: Option<String>,
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    before: Option<String>,
}

/// Conversations by who has them, by queue, by customer, and by full text over everything that was said.
#[utoipa::path(get, path = "/api/desk/conversations", params(("view" = Option<String>, Query), ("q" = Option<String>, Query), ("queue" = Option<String>, Query), ("customer" = Option<String>, Query), ("before" = Option<String>, Query)), responses((status = 200, description = "`{rows, next}`"), (status = 400, description = "Unknown view or no instant")))]
pub(super) async fn list(DeskCaller(agent): DeskCaller, State(site): Shared, Query(which): Query<Which>) -> Result<Json<Value>, Problem> {
    let view = match which.view.as_deref().unwrap_or("all") {
        "all" => View::All,
        "waiting" => View::Waiting,
        "mine" => View::Of(agent.id),
        "people" => View::People,
        "bot" => View::Bot,
        "closed" => View::Closed,
        other => return Err(Problem::bad_request(format!("'{other}' is no view; use waiting, mine, people, bot, closed or all"))),
    };
    let before = which.before.as_deref().filter(|before| !before.is_empty()).map(str::parse);
    let before = before.transpose().map_err(|_| Problem::bad_request("'before' must be the 'next' of the page before"))?;
    if which.q.as_ref().is_some_and(|text| text.chars().count() > 200) {
        return Err(Problem::bad_request("'q' may have 200 characters at most"));
    }
    let filter = Filter { view, queue: which.queue, customer: which.customer, text: which.q, before, most: PAGE };
    let service = &site.gateway.service;
    let found = service.store.find(&filter).await?;
    let next = found.last().filter(|_| found.len() as i64 == PAGE).map(|last| last.updated_at);
    let mut rows = Vec::with_capacity(found.len());
    for one in found {
        let agent = match &one.agent {
            Some(agent) => Some(service.name_of(agent).await),
            None => None,
        };
        let mut row = json!(one);
        row["agent"] = json!(agent);
        rows.push(row);
    }
    Ok(Json(json!({ "rows": rows, "next": next })))
}

/// The other conversations of the same customer.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/history", params(("id" = String, Path)), responses((status = 200, description = "`{rows}`")))]
pub(super) async fn history(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "rows": site.gateway.service.history(&ConversationId::from(id)).await? })))
}

/// What was said, notes included, as plain text.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/transcript", params(("id" = String, Path)), responses((status = 200, description = "Plain text"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn transcript(DeskCaller(agent): DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Response, Problem> {
    let service = &site.gateway.service;
    let id = ConversationId::from(id);
    service.row(&id).await?.ok_or_else(|| Problem::not_found("there is no such conversation"))?;
    let text = service.transcript(&id, true).await?;
    service.store.audit(service.clock.now(), &agent.name, "transcript", id.as_str(), "").await?;
    Ok(as_file(text, "transcript.txt"))
}

/// A text that browsers save.
pub(super) fn as_file(text: String, name: &'static str) -> Response {
    let mut response = text.into_response();
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    response
}

/// The saved replies.
#[utoipa::path(get, path = "/api/desk/replies", responses((status = 200, description = "`{replies}`")))]
pub(super) async fn replies(_: DeskCaller, State(site): Shared) -> Json<Value> {
    let catalog = site.gateway.service.catalog.current();
    let all = catalog.saved.iter();
    let all = all.map(|reply| {
        let languages: Vec<&String> = reply.texts.keys().collect();
        json!({ "shortcut": reply.shortcut, "title": reply.title, "languages": languages, "then": reply.then })
    });
    Json(json!({ "replies": all.collect::<Vec<_>>() }))
}

/// A saved reply, filled in for a conversation.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/replies/{shortcut}", params(("id" = String, Path), ("shortcut" = String, Path)), responses((status = 200, description = "`{text, language}`"), (status = 404, description = "Unknown reply or conversation"), (status = 422, description = "Something that it names is missing; `detail` says what")))]
pub(super) async fn fill(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    Path((id, shortcut)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    match site.gateway.service.fill_reply(&agent, &ConversationId::from(id), &shortcut).await {
        Ok((text, language)) => Ok(Json(json!({ "text": text, "language": language }))),
        Err(missing @ ReplyError::NotFound(_)) => Err(Problem::not_found(missing.to_string())),
        Err(ReplyError::Fill(missing)) => Err(Problem::unprocessable(missing.to_string())),
        Err(ReplyError::Desk(error)) => Err(error.into()),
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reveal {
    field: String,
}

/// A masked part of the account, shown in full; that somebody looked is written down.
#[utoipa::path(post, path = "/api/desk/conversations/{id}/reveal", params(("id" = String, Path)), request_body = Reveal, responses((status = 200, description = "`{value}`"), (status = 404, description = "No account"), (status = 422, description = "Not a masked field")))]
pub(super) async fn reveal(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Reveal>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Reveal { field }) =
        body.map_err(|error| Problem::unprocessable(format!("send {{\"field\"}} as JSON: {}", error.body_text())))?;
    let service = &site.gateway.service;
    let id = ConversationId::from(id);
    let account = behind(&site, &id).await?.ok_or_else(|| Problem::not_found("this customer is not signed in"))?;
    let value = match field.as_str() {
        "email" => account.customer.email.clone(),
        "phone" => account.customer.phone.clone(),
        other => return Err(Problem::unprocessable(format!("'{other}' is no masked field; use email or phone"))),
    };
    service.store.audit(service.clock.now(), &agent.name, "reveal", account.customer.id.as_str(), &format!("{field}, {id}")).await?;
    Ok(Json(json!({ "value": value })))
}

async fn behind(site: &super::Site, id: &ConversationId) -> Result<Option<std::sync::Arc<crate::domain::account::Account>>, Problem> {
    let service = &site.gateway.service;
    let row = service.row(id).await?.ok_or_else(|| Problem::not_found("there is no such conversation"))?;
    match &row.customer {
        Some(customer) => Ok(service.account(customer).await?),
        None => Ok(None),
    }
}

/// The account behind a conversation, contact data masked.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/account", params(("id" = String, Path)), responses((status = 200, description = "The account, or null for an anonymous customer"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn account(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let Some(account) = behind(&site, &ConversationId::from(id)).await? else {
        return Ok(Json(json!({ "account": null, "merchants": {} })));
    };
    let mut shown = json!(*account);
    shown["email"] = json!(mask_email(&account.customer.email));
    shown["phone"] = json!(mask_phone(&account.customer.phone));
    let merchants = site.gateway.service.merchants.load();
    let names: serde_json::Map<String, Value> =
        account.customer.orders.iter().map(|order| (order.merchant.clone(), json!(merchants.name(&order.merchant)))).collect();
    Ok(Json(json!({ "account": shown, "merchants": names })))
}

/// What may be done to the account behind a conversation.
#[utoipa::path(get, path = "/api/desk/conversations/{id}/actions", params(("id" = String, Path)), responses((status = 200, description = "`{actions}`"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn actions(_: DeskCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "actions": site.gateway.service.account_acts(&ConversationId::from(id)).await? })))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    action: String,
    subject: String,
}

/// Does one of them. The conversation must be the agent's own.
#[utoipa::path(post, path = "/api/desk/conversations/{id}/actions", params(("id" = String, Path)), request_body = Act, responses((status = 200, description = "`{done}`"), (status = 409, description = "Not possible (any more), or not theirs; `detail` says why")))]
pub(super) async fn act(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Act>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Act { action, subject }) =
        body.map_err(|error| Problem::unprocessable(format!("send {{\"action\", \"subject\"}} as JSON: {}", error.body_text())))?;
    let done = site.gateway.service.act_on_account(&agent, &ConversationId::from(id), &action, &subject).await?;
    Ok(Json(json!({ "done": done })))
}

/// Everybody at the desk, and the teams.
#[utoipa::path(get, path = "/api/desk/agents", responses((status = 200, description = "`{agents, teams}`")))]
pub(super) async fn agents(_: DeskCaller, State(site): Shared) -> Result<Json<Value>, Problem> {
    let service = &site.gateway.service;
    service.refresh_queue().await?;
    Ok(Json(json!({ "agents": service.queue.snapshot().floor, "teams": service.teams_now() })))
}
