//! What only the demo has: personas to be, sign-ins for them, and a clock that can be moved.

use super::Shared;
use super::auth::DemoCaller;
use super::error::Problem;
use crate::domain::personas;
use crate::store::desk::Role;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;
use serde_json::{Value, json};

/// The demo's own facts.
pub struct Demo {
    /// Agents with their passwords and roles, shown on the demo page.
    pub agents: Vec<(String, String, Role)>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance: String,
}

/// Moves the clock; what falls due on the way runs before it answers.
#[utoipa::path(post, path = "/api/clock", request_body = Advance, responses((status = 200, description = "The new now")))]
pub(super) async fn clock(_: DemoCaller, State(site): Shared, body: Result<Json<Advance>, JsonRejection>) -> Result<Json<Value>, Problem> {
    let Json(Advance { advance }) =
        body.map_err(|error| Problem::bad_request(format!("send {{\"advance\":\"PT36H\"}}: {}", error.body_text())))?;
    let by = duration(&advance).ok_or_else(|| {
        Problem::bad_request(format!("'{advance}' is no ISO 8601 duration from PT0S to P3650D; write it as PT36H or P7D"))
    })?;
    let service = &site.gateway.service;
    service.clock.advance(by);
    service.sweep().await?;
    service.refresh_queue().await?;
    Ok(Json(json!({ "now": service.clock.now() })))
}

/// An ISO 8601 duration of at most ten years, forward.
fn duration(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let by = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (by >= SignedDuration::ZERO && by <= SignedDuration::from_hours(24 * 3650)).then_some(by)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Mint {
    customer: String,
    #[serde(default = "one")]
    level: u8,
}

fn one() -> u8 {
    1
}

/// Signs a persona in.
#[utoipa::path(post, path = "/api/tokens", request_body = Mint, responses((status = 200, description = "An identity token")))]
pub(super) async fn tokens(_: DemoCaller, State(site): Shared, body: Result<Json<Mint>, JsonRejection>) -> Result<Json<Value>, Problem> {
    let Json(Mint { customer, level }) =
        body.map_err(|error| Problem::bad_request(format!("send {{\"customer\":\"P01\",\"level\":1}}: {}", error.body_text())))?;
    if !(1..=2).contains(&level) {
        return Err(Problem::bad_request("'level' must be 1 (signed in) or 2 (fresh step-up)"));
    }
    let service = &site.gateway.service;
    if service.account(&customer.as_str().into()).await?.is_none() {
        return Err(Problem::not_found(format!("there is no customer '{customer}'; the demo has P01 to P28")));
    }
    let token = service.identities.sign(&customer, level, 3600).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(Json(json!({ "token": token })))
}

/// Who one can be in the demo.
#[utoipa::path(get, path = "/api/demo", responses((status = 200, description = "Personas, agents, now")))]
pub(super) async fn about(_: DemoCaller, State(site): Shared) -> Json<Value> {
    let stories = personas::stories();
    let personas: Vec<Value> = stories.iter().map(|(id, name, story)| json!({ "id": id, "name": name, "story": story })).collect();
    let agents: Vec<Value> = site
        .demo
        .iter()
        .flat_map(|demo| &demo.agents)
        .map(|(name, password, role)| json!({ "name": name, "password": password, "role": role }))
        .collect();
    Json(json!({ "personas": personas, "agents": agents, "now": site.gateway.service.clock.now(),
        "simulated": ["payment provider", "carrier"] }))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations() {
        for (text, hours) in [("PT36H", Some(36)), ("P7D", Some(168)), ("P1W", Some(168)), ("PT0S", Some(0))] {
            assert_eq!(duration(text).map(|by| by.as_hours()), hours, "{text}");
        }
        for text in ["", "36h later", "-PT1H", "P9999D", "P1M", "PT"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
