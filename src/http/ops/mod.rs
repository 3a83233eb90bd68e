//! The requests of the ops page, for the roles ops and admin.

pub(super) mod content;
pub(super) mod tryout;

use super::error::Problem;
use crate::catalog::edit::EditError;
use crate::services::ops::content::ContentError;
use crate::services::ops::{TrialError, told};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use serde_json::{Value, json};

impl From<ContentError> for Problem {
    fn from(error: ContentError) -> Self {
        let told = error.to_string();
        match error {
            ContentError::Edit(error) => error.into(),
            ContentError::Cannot(_) => Problem::unprocessable(told),
            ContentError::Wrong(_) => Problem::bad_request(told),
            ContentError::Store(error) => error.into(),
            ContentError::Broken => Problem::unavailable(told),
        }
    }
}

impl From<TrialError> for Problem {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Edit(error) => error.into(),
            TrialError::Busy(_) => Problem::conflict(error.to_string()),
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        let detail = error.to_string();
        match error {
            EditError::NoContent(_) => Problem::bad_request(detail),
            EditError::NotFound(_) => Problem::not_found(detail),
            EditError::NoFolder | EditError::Changed(_) => Problem::conflict(detail),
            EditError::WouldNotCheck(problems) => {
                let lines: Vec<Value> = problems.iter().map(told).collect();
                Problem::unprocessable(detail).with("problems", json!(lines))
            }
            EditError::Io(path, error) => {
                tracing::error!(%error, content.path = path, "A file of the content can't be read or written");
                Problem::unavailable(detail)
            }
        }
    }
}

/// The body of a request, or what was expected of it.
fn body<T>(body: Result<Json<T>, JsonRejection>, expected: &str) -> Result<T, Problem> {
    body.map(|Json(body)| body).map_err(|error| Problem::bad_request(format!("send {expected} as JSON: {}", error.body_text())))
}
