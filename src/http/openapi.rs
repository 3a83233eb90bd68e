//! The description of the HTTP API, made from the handlers.

use super::{api, demo, desk, disputes, events, evidence, health, helper, purchases};
use axum::Json;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "redress", description = "Support chat for buy-now-pay-later. The sockets are described in docs/protocol.md."),
    paths(
        health::live,
        health::ready,
        health::metrics,
        desk::sign_in,
        desk::who,
        desk::sign_out,
        desk::account,
        helper::summary,
        helper::draft,
        helper::report,
        disputes::list,
        disputes::case,
        disputes::step,
        disputes::file,
        purchases::list,
        purchases::quiet,
        evidence::begin,
        evidence::offset,
        evidence::part,
        evidence::file,
        api::customer,
        api::conversations,
        api::events,
        api::queue,
        api::dispute,
        api::outbox,
        api::quiet,
        events::take,
        events::list,
        demo::clock,
        demo::tokens,
        demo::about
    )
)]
struct Document;

/// OpenAPI 3.1.
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
