//! Evidence from the widget: begin, ask where it goes on, send a part; and a file for the desk. The widget stands in pages of other
//! origins, so those that may embed it may ask.

use super::auth::DeskCaller;
use super::error::Problem;
use super::{Shared, Site, check_origin};
use crate::domain::evidence::{MOST_FILES, Unfit};
use crate::domain::ids::ConversationId;
use crate::domain::language::Language;
use crate::services::evidence::UploadError;
use crate::services::identity::Identity;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    conversation: String,
    #[serde(default)]
    dispute: Option<String>,
    name: String,
    size: u64,
    #[serde(default)]
    locale: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct At {
    offset: u64,
    #[serde(default)]
    locale: Option<String>,
}

/// Begins an upload. `Authorization: Bearer` with the customer's identity token.
#[utoipa::path(post, path = "/api/evidence", request_body = Begin, responses(
    (status = 201, description = "`{id, offset, size, name, dispute}`"),
    (status = 300, description = "Several disputes are open: `{choices: [{dispute, label}]}`"),
    (status = 422, description = "Not taken; `detail` is a sentence for the customer, `code` a word")))]
pub(super) async fn begin(State(site): Shared, headers: HeaderMap, body: Result<Json<Begin>, JsonRejection>) -> Response {
    let answer = async {
        let who = identity(&site, &headers)?;
        let Json(begin) = body.map_err(|error| {
            Problem::bad_request(format!("send {{\"conversation\", \"name\", \"size\"}} as JSON: {}", error.body_text())).into_response()
        })?;
        let language = Language::of(begin.locale.as_deref().unwrap_or("en"));
        let conversation = ConversationId::from(begin.conversation);
        let begun = site.gateway.service.begin_upload(&who, &conversation, begin.dispute.as_deref(), &begin.name, begin.size).await;
        begun.map(|begun| (StatusCode::CREATED, Json(begun)).into_response()).map_err(|error| refused(error, language))
    };
    let answer: Result<Response, Response> = answer.await;
    open_to(&site, &headers, answer.unwrap_or_else(|refused| refused))
}

/// Where an upload goes on.
#[utoipa::path(get, path = "/api/evidence/{id}", params(("id" = String, Path)), responses((status = 200, description = "`{offset, size}`"), (status = 404, description = "Unknown or done")))]
pub(super) async fn offset(State(site): Shared, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let answer = async {
        let who = identity(&site, &headers)?;
        let found = site.gateway.service.upload_offset(&who, &id).await;
        found
            .map(|(offset, size)| Json(json!({"offset": offset, "size": size})).into_response())
            .map_err(|error| refused(error, Language::English))
    };
    let answer: Result<Response, Response> = answer.await;
    open_to(&site, &headers, answer.unwrap_or_else(|refused| refused))
}

/// A part that begins at `offset`; what comes before a cut is kept.
#[utoipa::path(put, path = "/api/evidence/{id}", params(("id" = String, Path), ("offset" = u64, Query)), responses(
    (status = 200, description = "`{offset, size}`, with the last byte also `done`"),
    (status = 409, description = "It goes on elsewhere: `{offset}`"),
    (status = 422, description = "The file is not taken; `detail` is a sentence for the customer")))]
pub(super) async fn part(State(site): Shared, headers: HeaderMap, Path(id): Path<String>, Query(at): Query<At>, body: Body) -> Response {
    let answer = async {
        let who = identity(&site, &headers)?;
        let language = Language::of(at.locale.as_deref().unwrap_or("en"));
        let taken = site.gateway.service.upload_part(&who, &id, at.offset, body.into_data_stream()).await;
        taken.map(|taken| Json(taken).into_response()).map_err(|error| refused(error, language))
    };
    let answer: Result<Response, Response> = answer.await;
    open_to(&site, &headers, answer.unwrap_or_else(|refused| refused))
}

/// What browsers ask before a page of another origin may send a part.
pub(super) async fn preflight(State(site): Shared, headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    open_to(&site, &headers, response)
}

/// A file of a dispute, for a signed-in agent.
#[utoipa::path(get, path = "/api/desk/disputes/{id}/evidence/{file}", params(("id" = String, Path), ("file" = String, Path)), responses((status = 200, description = "The file"), (status = 404, description = "Unknown"), (status = 409, description = "Not scanned yet")))]
pub(super) async fn file(
    DeskCaller(agent): DeskCaller,
    State(site): Shared,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (mime, name, bytes) = match site.gateway.service.evidence_file(&id, &file).await {
        Ok(found) => found,
        Err(UploadError::NotFound) => return Err(Problem::not_found("there is no such file")),
        Err(UploadError::Cut) => return Err(Problem::conflict("this file could not be scanned yet; look again in a few minutes")),
        Err(UploadError::Unfit(unfit)) => return Err(Problem::unprocessable(unfit.text(Language::English))),
        Err(UploadError::Store(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "evidence could not be read");
            return Err(Problem::unavailable("the folder for evidence cannot be read right now; please try again"));
        }
    };
    tracing::info!(agent.id = %agent.id, dispute = id, file, "an agent opened evidence");
    let quoted: String = name
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect();
    let shown = if mime.starts_with("image/") { "inline" } else { "attachment" };
    let mut response = Body::from(bytes).into_response();
    for (field, value) in [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_DISPOSITION, format!("{shown}; filename*=UTF-8''{quoted}")),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(field, value);
        }
    }
    Ok(response)
}

/// The signed-in customer that the token speaks for, asked from a page that may.
#[expect(clippy::result_large_err, reason = "the error is the answer itself")]
pub(super) fn identity(site: &Site, headers: &HeaderMap) -> Result<Identity, Response> {
    check_origin(site, headers, true).map_err(IntoResponse::into_response)?;
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let token =
        token.ok_or_else(|| Problem::unauthorized("send 'Authorization: Bearer' with the customer's identity token").into_response())?;
    site.gateway.service.identities.verify(token.trim()).map_err(|refused| Problem::unauthorized(refused.to_string()).into_response())
}

fn refused(error: UploadError, language: Language) -> Response {
    let body = |status: StatusCode, code: &str, detail: &str, more: Value| {
        let mut value = json!({"status": status.as_u16(), "code": code, "detail": detail});
        if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
            value.extend(more);
        }
        (status, Json(value)).into_response()
    };
    let unfit =
        |unfit: Unfit| body(StatusCode::UNPROCESSABLE_ENTITY, unfit.code(), unfit.text(language), json!({"most_files": MOST_FILES}));
    match error {
        UploadError::Unfit(why) => unfit(why),
        UploadError::NotFound => body(StatusCode::NOT_FOUND, "not_found", &UploadError::NotFound.to_string(), Value::Null),
        UploadError::NotYours => body(StatusCode::FORBIDDEN, "forbidden", &UploadError::NotYours.to_string(), Value::Null),
        UploadError::GoesOnAt(offset) => body(StatusCode::CONFLICT, "conflict", &error.to_string(), json!({"offset": offset})),
        UploadError::Longer => body(StatusCode::BAD_REQUEST, "longer", &error.to_string(), Value::Null),
        UploadError::Which(choices) => body(StatusCode::MULTIPLE_CHOICES, "which", "several cases are open", json!({"choices": choices})),
        UploadError::NoCase => {
            let text = language.pick(
                "There is no open case to add it to. Tell me first what went wrong with your order.",
                "Det finns inget öppet ärende att lägga till den i. Berätta först vad som har gått fel med din beställning.",
                "Es gibt keinen offenen Fall, zu dem sie gehört. Sag mir zuerst, was mit deiner Bestellung schiefgegangen ist.",
            );
            body(StatusCode::UNPROCESSABLE_ENTITY, "no_case", text, Value::Null)
        }
        UploadError::Cut => body(StatusCode::BAD_REQUEST, "cut", &error.to_string(), Value::Null),
        UploadError::Folder(_) | UploadError::Store(_) => {
            tracing::error!(%error, "an upload failed");
            body(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "we cannot keep files right now; please try again", Value::Null)
        }
    }
}

/// Lets the page read the answer, when it is one that may embed the widget.
pub(super) fn open_to(site: &Site, headers: &HeaderMap, mut response: Response) -> Response {
    if let Some(origin) = headers.get(header::ORIGIN)
        && check_origin(site, headers, true).is_ok()
    {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}
