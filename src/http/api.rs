//! The service API: what other systems of the company may read. Needs the service token.

use super::Shared;
use super::auth::ServiceCaller;
use super::error::Problem;
use crate::domain::account::Dispute;
use crate::domain::conversation::Owner;
use crate::domain::event::Place;
use crate::domain::ids::{ConversationId, CustomerId};
use crate::store::Row;
use crate::store::books::Balance;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most rows in one answer.
const PAGE: i64 = 1000;

/// A customer with orders, plans and disputes, as they stand now, and the balances of their books (`ledger`).
#[utoipa::path(get, path = "/api/customers/{id}", params(("id" = String, Path)), responses((status = 200, description = "The account"), (status = 404, description = "Unknown customer")))]
pub(super) async fn customer(_: ServiceCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let (store, customer) = (&site.gateway.service.store, CustomerId::from(id.as_str()));
    let account = store.account(&customer).await?.ok_or_else(|| Problem::not_found(format!("there is no customer '{id}'")))?;
    let mut shown = json!(account);
    shown["ledger"] = store.books(&customer).await?.iter().map(Balance::shown).collect();
    Ok(Json(shown))
}

#[derive(Deserialize)]
pub(super) struct OfCustomer {
    customer: Option<String>,
}

/// The conversations of a customer, newest first.
#[utoipa::path(get, path = "/api/conversations", params(("customer" = String, Query)), responses((status = 200, description = "Conversations")))]
pub(super) async fn conversations(_: ServiceCaller, State(site): Shared, Query(of): Query<OfCustomer>) -> Result<Json<Value>, Problem> {
    let customer = of.customer.ok_or_else(|| Problem::bad_request("say whose: ?customer=ID"))?;
    let rows = site.gateway.service.store.conversations_of(&CustomerId::from(customer)).await?;
    Ok(Json(json!({ "conversations": rows.iter().map(shown).collect::<Vec<_>>() })))
}

fn shown(row: &Row) -> Value {
    let owner = match &row.owner {
        Owner::Bot => "bot",
        Owner::Queued(_) => "queued",
        Owner::Agent(_) => "agent",
        Owner::Closed(_) => "closed",
    };
    json!({
        "id": row.id, "customer": row.customer, "owner": owner, "head": row.head.seq, "locale": &*row.locale,
        "started_at": row.started_at, "updated_at": row.updated_at,
    })
}

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

/// Events of a conversation after a seq, desk-only ones included.
#[utoipa::path(get, path = "/api/conversations/{id}/events", params(("id" = String, Path), ("after" = Option<i64>, Query)), responses((status = 200, description = "Events in order"), (status = 404, description = "Unknown conversation")))]
pub(super) async fn events(
    _: ServiceCaller,
    State(site): Shared,
    Path(id): Path<String>,
    after: Result<Query<After>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(After { after }) = after.map_err(|_| Problem::bad_request("'after' must be a whole number: the last seq that you have"))?;
    let id = ConversationId::from(id);
    let store = &site.gateway.service.store;
    let row = store.conversation(&id).await?.ok_or_else(|| Problem::not_found("there is no such conversation"))?;
    let mut place = Place { seq: after, sub: if after > 0 { i64::MAX } else { 0 } };
    let mut all = Vec::new();
    loop {
        let events = store.events_after(&id, place, false, PAGE).await?;
        let Some(last) = events.last() else { break };
        place = last.place();
        for event in &events {
            all.push(serde_json::from_str::<Value>(&event.json(None)).unwrap_or(Value::Null));
        }
    }
    Ok(Json(json!({ "conversation": id, "head": row.head.seq, "events": all })))
}

/// The waiting list.
#[utoipa::path(get, path = "/api/queue", responses((status = 200, description = "The waiting list, in the order to be taken")))]
pub(super) async fn queue(_: ServiceCaller, State(site): Shared) -> Result<Json<Value>, Problem> {
    site.gateway.service.refresh_queue().await?;
    let snapshot = site.gateway.service.queue.snapshot();
    let waiting = snapshot.waiting.iter().map(|waiting| {
        let mut row = json!(waiting);
        row["offered_to"] = json!(waiting.offered.as_ref().map(|(agent, _)| agent));
        row
    });
    Ok(Json(json!({ "waiting": waiting.collect::<Vec<_>>(), "taken": snapshot.taken, "on_duty": snapshot.on_duty })))
}

/// A dispute, by id or public number.
#[utoipa::path(get, path = "/api/disputes/{id}", params(("id" = String, Path)), responses((status = 200, description = "The dispute"), (status = 404, description = "Unknown dispute")))]
pub(super) async fn dispute(_: ServiceCaller, State(site): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let missing = || Problem::not_found(format!("there is no dispute '{id}'"));
    let store = &site.gateway.service.store;
    let owner = store.dispute_owner(&id).await?.ok_or_else(missing)?;
    let account = store.account(&owner).await?.ok_or_else(missing)?;
    let is_it = |dispute: &&Dispute| dispute.id == id || dispute.public_no == id;
    let found = account.customer.orders.iter().find_map(|order| order.disputes.iter().find(is_it).map(|dispute| (order, dispute)));
    let (order, dispute) = found.ok_or_else(missing)?;
    let mut shown = json!(dispute);
    shown["customer"] = json!(owner);
    shown["order"] = json!(order.id);
    shown["currency"] = json!(order.currency);
    Ok(Json(shown))
}

#[derive(Deserialize)]
pub(super) struct OutboxAfter {
    #[serde(default)]
    after: String,
}

/// Facts for other systems (what changed in accounts), oldest first; ask again with the last `id`.
#[utoipa::path(get, path = "/api/outbox", params(("after" = Option<String>, Query)), responses((status = 200, description = "Facts in order")))]
pub(super) async fn outbox(_: ServiceCaller, State(site): Shared, Query(of): Query<OutboxAfter>) -> Result<Json<Value>, Problem> {
    let rows = site.gateway.service.store.outbox_after(&of.after, PAGE).await?;
    let facts: Vec<Value> = rows
        .into_iter()
        .map(|(id, topic, payload, at)| {
            let payload: Value = serde_json::from_str(&payload).unwrap_or(Value::Null);
            json!({ "id": id, "topic": topic, "at": at, "payload": payload })
        })
        .collect();
    Ok(Json(json!({ "facts": facts })))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Quiet {
    quiet: bool,
}

/// Whether a customer is told things unasked: `{"quiet": true}` switches it off.
#[utoipa::path(post, path = "/api/customers/{id}/quiet", params(("id" = String, Path)), request_body = Quiet, responses((status = 200, description = "As it is now"), (status = 404, description = "Unknown customer")))]
pub(super) async fn quiet(
    _: ServiceCaller,
    State(site): Shared,
    Path(id): Path<String>,
    body: Result<Json<Quiet>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Quiet { quiet }) = body.map_err(|error| Problem::bad_request(format!("send {{\"quiet\":true}}: {}", error.body_text())))?;
    let known = site.gateway.service.set_quiet(&CustomerId::from(id.as_str()), quiet).await?;
    if !known {
        return Err(Problem::not_found(format!("there is no customer '{id}'")));
    }
    Ok(Json(json!({ "quiet": quiet })))
}
