//! Requests: one list of all routes, and what stands before them.

mod access;
mod api;
mod assets;
mod auth;
mod conversations;
mod demo;
mod disputes;
mod error;
mod events;
mod evidence;
mod health;
mod helper;
mod oidc;
mod openapi;
mod ops;
mod purchases;
mod suggestions;
mod transcript;

pub use assets::Assets;

use crate::gateway::Gateway;
use crate::services::oidc::Provider;
use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use error::Problem;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// What requests need besides the verbs.
pub struct Site {
    /// Sockets and verbs.
    pub gateway: Gateway,
    /// The faces.
    pub assets: ArcSwap<Assets>,
    /// Bearer token of the service API; `None` closes it.
    pub service_token: Option<String>,
    /// Secret with which facts from outside are signed; `None`: only the service token lets them in.
    pub events_secret: Option<String>,
    /// Origins of pages that may embed the widget.
    pub allowed_origins: Vec<String>,
    /// Demo mode: personas, demo sign-ins, a clock that can be moved.
    pub demo: Option<demo::Demo>,
    /// Renders metrics.
    pub metrics: Option<PrometheusHandle>,
    /// The identity provider by which agents sign in, if there is one.
    pub provider: Option<Provider>,
}

pub use demo::Demo;

type Shared = State<Arc<Site>>;

/// All routes.
pub fn router(site: Arc<Site>) -> Router {
    let fixed = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(assets::demo_page))
        .route("/widget.js", get(assets::widget))
        .route("/frame", get(assets::frame))
        .route("/desk", get(assets::desk_page))
        .route("/ops", get(assets::ops_page))
        .route("/a/{build}/{*path}", get(assets::part))
        .route("/ws/chat", get(chat))
        .route("/ws/desk", get(desk_socket))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::document))
        .route("/api/desk/session", get(access::who).post(access::sign_in).delete(access::sign_out))
        .route("/api/desk/sessions", get(access::sessions))
        .route("/api/desk/sessions/{id}", delete(access::end_session))
        .route("/api/desk/oidc", get(oidc::about).post(oidc::begin))
        .route("/api/desk/oidc/back", get(oidc::back))
        .route("/api/desk/password", post(access::password))
        .route(
            "/api/desk/totp",
            get(access::second_factor).post(access::begin_second_factor).put(access::second_factor_on).delete(access::second_factor_off),
        )
        .route("/api/desk/audit", get(access::audit))
        .route("/api/desk/agents", get(conversations::agents))
        .route("/api/desk/replies", get(conversations::replies))
        .route("/api/desk/conversations", get(conversations::list))
        .route("/api/desk/conversations/{id}/account", get(conversations::account))
        .route("/api/desk/conversations/{id}/about", get(suggestions::about))
        .route("/api/desk/intents", get(suggestions::intents))
        .route("/api/desk/suggestions", get(suggestions::list))
        .route("/api/desk/suggestions/{id}", post(suggestions::decide))
        .route("/api/desk/conversations/{id}/reveal", post(conversations::reveal))
        .route("/api/desk/conversations/{id}/actions", get(conversations::actions).post(conversations::act))
        .route("/api/desk/conversations/{id}/history", get(conversations::history))
        .route("/api/desk/conversations/{id}/transcript", get(conversations::transcript))
        .route("/api/desk/conversations/{id}/replies/{shortcut}", get(conversations::fill))
        .route("/api/transcript", get(transcript::own).options(evidence::preflight))
        .route("/api/desk/conversations/{id}/summary", get(helper::summary))
        .route("/api/desk/conversations/{id}/draft", post(helper::draft))
        .route("/api/desk/conversations/{id}/polish", post(helper::polish))
        .route("/api/desk/conversations/{id}/translate", post(helper::translate))
        .route("/api/desk/model", get(helper::report))
        .route("/api/desk/disputes", get(disputes::list).post(disputes::file))
        .route("/api/purchases", get(purchases::list).options(evidence::preflight))
        .route("/api/purchases/quiet", post(purchases::quiet).options(evidence::preflight))
        .route("/api/evidence", post(evidence::begin).options(evidence::preflight))
        .route("/api/evidence/{id}", get(evidence::offset).put(evidence::part).options(evidence::preflight))
        .route("/api/desk/disputes/{id}/evidence/{file}", get(evidence::file))
        .route("/api/desk/disputes/{id}", get(disputes::case).post(disputes::step))
        .route("/api/ops/content", get(ops::content::report))
        .route("/api/ops/file", get(ops::content::file).put(ops::content::save).layer(whole_file()))
        .route("/api/ops/diff", post(ops::content::diff).layer(whole_file()))
        .route("/api/ops/example", post(ops::content::example))
        .route("/api/ops/test", post(ops::content::test))
        .route("/api/ops/trials", post(ops::content::begin_trial).layer(whole_file()))
        .route("/api/ops/trials/{id}", get(ops::content::trial).delete(ops::content::end_trial))
        .route("/api/ops/speakers", get(ops::tryout::speakers))
        .route("/api/ops/try", post(ops::tryout::message))
        .route("/api/ops/numbers", get(ops::content::numbers))
        .route("/api/ops/prompts", get(ops::tryout::prompts))
        .route("/api/ops/prompts/{use}", post(ops::tryout::render))
        .route("/api/ops/prompts/{use}/try", post(ops::tryout::ask))
        .route("/api/customers/{id}", get(api::customer))
        .route("/api/conversations", get(api::conversations))
        .route("/api/conversations/{id}/events", get(api::events))
        .route("/api/queue", get(api::queue))
        .route("/api/disputes/{id}", get(api::dispute))
        .route("/api/outbox", get(api::outbox))
        .route("/api/events", get(events::list).post(events::take))
        .route("/api/customers/{id}/quiet", post(api::quiet))
        .route("/api/clock", post(demo::clock))
        .route("/api/tokens", post(demo::tokens))
        .route("/api/demo", get(demo::about))
        .fallback(|| async { Problem::not_found("there is nothing at this address; /openapi.json lists what there is") })
        .layer(DefaultBodyLimit::max(256 * 1024))
        .layer(fixed("x-content-type-options", "nosniff"))
        .layer(fixed("referrer-policy", "no-referrer"))
        .with_state(site)
}

/// A whole file of the content, as large as one may be, with what JSON adds to it.
fn whole_file() -> DefaultBodyLimit {
    DefaultBodyLimit::max(1024 * 1024)
}

async fn chat(
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    if let Err(problem) = check_origin(&site, &headers, true) {
        return problem.into_response();
    }
    match upgrade {
        Ok(upgrade) => site.gateway.clone().customer(upgrade, address.ip()),
        Err(refused) => Problem::bad_request(format!("this is a WebSocket address: {refused}")).into_response(),
    }
}

async fn desk_socket(
    State(site): Shared,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    // The cookie signs in by itself, so only the desk's own pages may open this socket from a browser.
    if let Err(problem) = check_origin(&site, &headers, false) {
        return problem.into_response();
    }
    match upgrade {
        Ok(upgrade) => site.gateway.clone().desk(upgrade, address.ip(), auth::session_cookie(&headers)),
        Err(refused) => Problem::bad_request(format!("this is a WebSocket address: {refused}")).into_response(),
    }
}

/// A browser names the page's origin: it must be ours, or (for customers) one of those that may embed the widget. Other clients name none.
fn check_origin(site: &Site, headers: &HeaderMap, embedders: bool) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own =
        origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).is_some_and(|rest| !host.is_empty() && rest == host);
    let listed = embedders && site.allowed_origins.iter().any(|allowed| allowed == origin);
    let demo = embedders && site.demo.is_some() && is_loopback(origin);
    if own || listed || demo {
        return Ok(());
    }
    Err(Problem::forbidden("pages of this origin may not open this socket; add it to REDRESS_ALLOWED_ORIGINS"))
}

fn is_loopback(origin: &str) -> bool {
    let Some(rest) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    let host = rest.rsplit_once(':').map_or(rest, |(host, port)| if port.bytes().all(|b| b.is_ascii_digit()) { host } else { rest });
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_origins() {
        for (origin, loopback) in [
            ("http://localhost:8081", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:9", true),
            ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example:80", false),
            ("null", false),
            ("file://localhost", false),
        ] {
            assert_eq!(is_loopback(origin), loopback, "{origin}");
        }
    }
}
