//! The template environment: texts and expressions of flows and replies, strict about undefined names.

use super::flow::{ExprId, TextId};
use minijinja::Environment;

/// An empty environment with the filters of `docs/flows.md`.
pub fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    env
}

/// Adds a text under its id.
pub fn add_text(env: &mut Environment<'static>, id: &TextId, source: &str) -> Result<(), minijinja::Error> {
    env.add_template_owned(id.0.clone(), source.to_owned())
}

/// Adds an expression under its id.
pub fn add_expr(env: &mut Environment<'static>, id: &ExprId, source: &str) -> Result<(), minijinja::Error> {
    env.add_template_owned(id.0.clone(), format!("{{% set v = ({source}) %}}"))
}
