//! The content: what stands, a file, how it would differ, what an edit would do, and saving it.

use super::super::Shared;
use super::super::auth::OpsCaller;
use super::super::error::Problem;
use super::body;
use crate::catalog::live::Reload;
use crate::services::ops::content::Addition;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(in crate::http) struct Named {
    path: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Text {
    path: String,
    text: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Save {
    path: String,
    base: Option<String>,
    text: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewExample {
    intent: String,
    text: String,
    #[serde(default = "english")]
    language: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewTest {
    intent: String,
    text: String,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    level: Option<u8>,
    #[serde(default)]
    language: Option<String>,
}

fn english() -> String {
    "en".to_owned()
}

/// Every file with its state, the version in force, and why the last edit was refused, if it was. With the `ETag` of an earlier answer
/// in `If-None-Match` 304 says that nothing has moved.
#[utoipa::path(get, path = "/api/ops/content", responses((status = 200, description = "`{digest, live_since, learning, intents, folder, rejected, files, warnings}`"), (status = 304, description = "Nothing has moved"), (status = 403, description = "For the roles ops and admin")))]
pub(in crate::http) async fn report(_: OpsCaller, State(site): Shared, headers: HeaderMap) -> Response {
    let (tag, report) = site.gateway.service.content_report();
    let tag = format!("\"{tag}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(&tag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { Json(report).into_response() };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A file as it stands in the folder.
#[utoipa::path(get, path = "/api/ops/file", params(("path" = String, Query)), responses((status = 200, description = "`{path, text, base, editable}`"), (status = 400, description = "No file of the content is called so"), (status = 404, description = "There is none")))]
pub(in crate::http) async fn file(_: OpsCaller, State(site): Shared, Query(Named { path }): Query<Named>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(site.gateway.service.content_file(path).await?)))
}

/// How a file would differ with this text. Nothing is saved.
#[utoipa::path(post, path = "/api/ops/diff", request_body = Text, responses((status = 200, description = "`{path, base, editable, text, diff}`")))]
pub(in crate::http) async fn diff(
    _: OpsCaller,
    State(site): Shared,
    sent: Result<Json<Text>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Text { path, text } = body(sent, "{\"path\", \"text\"}")?;
    Ok(Json(site.gateway.service.content_diff(path, text).await?))
}

/// The file of an intent with one more example. Nothing is saved.
#[utoipa::path(post, path = "/api/ops/example", request_body = NewExample, responses((status = 200, description = "`{path, base, editable, text, line, diff}`"), (status = 422, description = "It can't be put in; `detail` says why")))]
pub(in crate::http) async fn example(
    _: OpsCaller,
    State(site): Shared,
    sent: Result<Json<NewExample>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let NewExample { intent, text, language } = body(sent, "{\"intent\", \"text\", \"language\"}")?;
    Ok(Json(site.gateway.service.content_with(intent, text, Addition::Example(language)).await?))
}

/// The file of an intent with one more test: this message starts the intent. `differences` says how it fails with the content in force.
/// Nothing is saved.
#[utoipa::path(post, path = "/api/ops/test", request_body = NewTest, responses((status = 200, description = "`{path, base, editable, text, line, diff, differences}`"), (status = 422, description = "It can't be put in; `detail` says why")))]
pub(in crate::http) async fn test(
    _: OpsCaller,
    State(site): Shared,
    sent: Result<Json<NewTest>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let NewTest { intent, text, customer, level, language } = body(sent, "{\"intent\", \"text\", \"customer\", \"level\", \"language\"}")?;
    Ok(Json(site.gateway.service.content_with(intent, text, Addition::Test { customer, level, locale: language }).await?))
}

/// Saves a file into the content folder and takes it into force.
#[utoipa::path(put, path = "/api/ops/file", request_body = Save, responses((status = 200, description = "`{state, digest}`: `live`, or `waits` for the errors of other files to be mended"), (status = 409, description = "It was changed meanwhile, or the content is no folder"), (status = 422, description = "It would be refused: `problems`")))]
pub(in crate::http) async fn save(
    OpsCaller(agent): OpsCaller,
    State(site): Shared,
    sent: Result<Json<Save>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Save { path, base, text } = body(sent, "{\"path\", \"base\", \"text\"}")?;
    let service = &site.gateway.service;
    let state = match service.save_content(&agent, path, base, text).await? {
        Reload::Swapped | Reload::Unchanged if service.catalog.rejected().is_none() => "live",
        Reload::Swapped | Reload::Unchanged | Reload::Refused => "waits",
    };
    Ok(Json(json!({ "state": state, "digest": service.catalog.current().digest })))
}

/// Begins to look at what an edit would do, beside the running content.
#[utoipa::path(post, path = "/api/ops/trials", request_body = Text, responses((status = 202, description = "`{id, path, state}`"), (status = 409, description = "Somebody else's is being looked at")))]
pub(in crate::http) async fn begin_trial(
    OpsCaller(agent): OpsCaller,
    State(site): Shared,
    sent: Result<Json<Text>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Text { path, text } = body(sent, "{\"path\", \"text\"}")?;
    let service = &site.gateway.service;
    let trial = service.begin_trial(&agent, path, text)?;
    Ok((StatusCode::ACCEPTED, Json(trial.report())))
}

/// How far it is, and at its end what the edit would do.
#[utoipa::path(get, path = "/api/ops/trials/{id}", params(("id" = String, Path)), responses((status = 200, description = "`{id, path, state}`: `waits`, `checking`, `learning`, `comparing`, `given_up` with `why`, or `done` with `{refused, problems, notes, changes, ms}`"), (status = 404, description = "Unknown, or somebody else's")))]
pub(in crate::http) async fn trial(
    OpsCaller(agent): OpsCaller,
    State(site): Shared,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let trial = site.gateway.service.trials.find(&agent, &id);
    trial.map(|trial| Json(trial.report())).ok_or_else(|| Problem::not_found("this check is unknown or long over; begin another"))
}

/// Gives it up.
#[utoipa::path(delete, path = "/api/ops/trials/{id}", params(("id" = String, Path)), responses((status = 204, description = "Given up, or it was over"), (status = 404, description = "Unknown, or somebody else's")))]
pub(in crate::http) async fn end_trial(
    OpsCaller(agent): OpsCaller,
    State(site): Shared,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let trial = site.gateway.service.trials.find(&agent, &id);
    let trial = trial.ok_or_else(|| Problem::not_found("this check is unknown or long over"))?;
    trial.give_up("You stopped it.");
    Ok(StatusCode::NO_CONTENT)
}

/// What happened since the day began (UTC, by the server's clock), with the conversations behind each number.
#[utoipa::path(get, path = "/api/ops/numbers", responses((status = 200, description = "`{since, now, bot_alone, handed_over, waiting, model}`; each count is `{n, conversations}`, the latest fifty of them")))]
pub(in crate::http) async fn numbers(_: OpsCaller, State(site): Shared) -> Result<Json<Value>, Problem> {
    let service = &site.gateway.service;
    let now = service.clock.now();
    let since = now.to_zoned(TimeZone::UTC).date().to_zoned(TimeZone::UTC).map_or(now, |midnight| midnight.timestamp());
    let mut told = json!(service.store.numbers(since).await?);
    told["since"] = json!(since);
    told["now"] = json!(now);
    told["model"] = service.helper.report();
    Ok(Json(told))
}
