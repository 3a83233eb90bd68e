//! What goes wrong with a call, and what that means for the next one.

use std::time::Duration;

/// Why one call gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody is there: the connection is refused, or the name is unknown.
    #[error("the endpoint cannot be reached: {0}")]
    Unreachable(String),
    /// The answer did not come in time, or stopped coming.
    #[error("the answer did not come in time")]
    Late,
    /// The connection ended before the answer did.
    #[error("the answer was cut off")]
    Cut,
    /// A status that is not 200.
    #[error("the endpoint answered with status {status}: {message}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: String,
        /// For how long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// Something that is not JSON, such as a page for people.
    #[error("the answer is not JSON")]
    NotJson,
    /// Neither JSON nor a stream of events.
    #[error("the answer is of type '{0}', not JSON")]
    ContentType(String),
    /// An answer without an end, or one that hit the limit of its length.
    #[error("the answer is longer than it may be")]
    Endless,
    /// An answer without text.
    #[error("the answer is empty")]
    Empty,
    /// The endpoint refused in its own words.
    #[error("the endpoint refused: {0}")]
    Refused(String),
    /// The answer does not have the shape that was asked for.
    #[error("the answer does not have the shape that was asked for: {0}")]
    Shape(String),
}

impl Fault {
    /// A short name for traces and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Late => "late",
            Self::Cut => "cut",
            Self::Status { status: 401 | 403, .. } => "key_refused",
            Self::Status { status: 404, .. } => "unknown_model",
            Self::Status { status: 429, .. } => "too_many",
            Self::Status { .. } => "status",
            Self::NotJson => "not_json",
            Self::ContentType(_) => "content_type",
            Self::Endless => "endless",
            Self::Empty => "empty",
            Self::Refused(_) => "refused",
            Self::Shape(_) => "shape",
        }
    }

    /// Whether the same question may do better at the same endpoint a moment later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Cut | Self::Empty | Self::NotJson => true,
            Self::Status { status, .. } => matches!(status, 408 | 409 | 425 | 429 | 500..=599),
            Self::Late | Self::ContentType(_) | Self::Endless | Self::Refused(_) | Self::Shape(_) => false,
        }
    }

    /// Whether the endpoint does not know how to answer by a schema, so that a simpler way may do.
    pub fn is_about_the_request(&self) -> bool {
        matches!(self, Self::Status { status: 400 | 422 | 501, .. })
    }
}
