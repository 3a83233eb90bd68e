//! The description of the HTTP API, made from the handlers.

use super::{access, api, conversations, demo, disputes, events, evidence, health, helper, oidc, ops, purchases, suggestions, transcript};
use axum::Json;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "redress", description = "Support chat for buy-now-pay-later. The sockets are described in docs/protocol.md."),
    paths(
        health::live,
        health::ready,
        health::metrics,
        access::sign_in,
        access::who,
        access::sign_out,
        access::sessions,
        access::end_session,
        access::password,
        access::second_factor,
        access::begin_second_factor,
        access::second_factor_on,
        access::second_factor_off,
        access::audit,
        oidc::about,
        oidc::begin,
        oidc::back,
        conversations::agents,
        conversations::replies,
        conversations::list,
        conversations::account,
        conversations::reveal,
        conversations::actions,
        conversations::act,
        conversations::history,
        conversations::transcript,
        conversations::fill,
        suggestions::about,
        suggestions::intents,
        suggestions::list,
        suggestions::decide,
        transcript::own,
        helper::summary,
        helper::draft,
        helper::polish,
        helper::translate,
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
        ops::content::report,
        ops::content::file,
        ops::content::save,
        ops::content::diff,
        ops::content::example,
        ops::content::test,
        ops::content::begin_trial,
        ops::content::trial,
        ops::content::end_trial,
        ops::content::numbers,
        ops::tryout::speakers,
        ops::tryout::message,
        ops::tryout::prompts,
        ops::tryout::render,
        ops::tryout::ask,
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
