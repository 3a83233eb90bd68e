//! For machines that watch: alive, ready, metrics.

use super::Shared;
use super::error::Problem;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

/// The process runs.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "The process runs")))]
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// The server can serve: its database answers and it is not shutting down.
#[utoipa::path(get, path = "/readyz", responses((status = 200, description = "Ready"), (status = 503, description = "Not ready")))]
pub(super) async fn ready(State(site): Shared) -> Result<&'static str, Problem> {
    if site.gateway.stop.is_cancelled() {
        return Err(Problem::unavailable("the server is shutting down"));
    }
    site.gateway.service.store.ping().await?;
    Ok("ready\n")
}

/// Metrics in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Prometheus text")))]
pub(super) async fn metrics(State(site): Shared) -> impl IntoResponse {
    let text = site.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
