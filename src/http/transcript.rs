//! The customer's own transcript, as a file.

use super::Shared;
use super::conversations::as_file;
use super::error::Problem;
use super::evidence::{identity, open_to};
use crate::domain::ids::ConversationId;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Which {
    conversation: String,
    /// The secret of `welcome`, for those who are not signed in.
    #[serde(default)]
    resume: Option<String>,
}

/// What was said in one's own conversation, as plain text. `Authorization: Bearer` with the identity token, or the conversation's `resume` secret.
#[utoipa::path(get, path = "/api/transcript", params(("conversation" = String, Query), ("resume" = Option<String>, Query)), responses((status = 200, description = "Plain text"), (status = 401, description = "Neither signed in nor the right secret"), (status = 404, description = "Not one's own")))]
pub(super) async fn own(State(site): Shared, headers: HeaderMap, Query(which): Query<Which>) -> Response {
    let answer = async {
        let id = ConversationId::from(which.conversation);
        let service = &site.gateway.service;
        let row = service.row(&id).await.map_err(|error| Problem::from(error).into_response())?;
        let missing = || Problem::not_found("there is no such conversation of yours").into_response();
        let by_secret = which.resume.as_deref().is_some_and(|secret| service.identities.may_resume(&id, secret));
        let row = row.ok_or_else(missing)?;
        if !by_secret || row.customer.is_some() {
            let who = identity(&site, &headers)?;
            if row.customer.as_ref() != Some(&who.customer) {
                return Err(missing());
            }
        }
        let text = service.transcript(&id, false).await.map_err(|error| Problem::from(error).into_response())?;
        Ok(as_file(text, "conversation.txt"))
    };
    let answer: Result<Response, Response> = answer.await;
    open_to(&site, &headers, answer.unwrap_or_else(|refused| refused))
}
