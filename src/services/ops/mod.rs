//! What the ops page does: looks at the content, tries messages, edits and prompts out, and saves. Nothing but a save changes anything.

pub mod content;
pub mod playground;
pub mod prompts;
pub mod trials;

pub use trials::{Trial, TrialError, Trials};

use crate::catalog::Diagnostic;
use crate::domain::account::Account;
use crate::domain::merchants::Merchants;
use crate::domain::personas;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// The demo's customers, as made-up speakers: no real account is looked at.
static SPEAKERS: LazyLock<(Vec<Account>, Arc<Merchants>)> =
    LazyLock::new(|| (personas::accounts(), Arc::new(Merchants::of(personas::load().merchants))));

/// A made-up speaker by the persona's id.
fn speaker(id: &str) -> Option<&'static Account> {
    SPEAKERS.0.iter().find(|account| account.customer.id.as_str().eq_ignore_ascii_case(id))
}

/// A problem with its line as `redress check` prints it.
pub fn told(problem: &Diagnostic) -> Value {
    let mut value = json!(problem);
    value["line_text"] = json!(problem.to_string());
    value
}
