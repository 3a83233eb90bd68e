//! What a language model is told, as the ops page shows it: every use with its file, its variables, the sample that it is rendered with, and
//! a try with the model itself.

use super::told;
use crate::catalog::edit::EditError;
use crate::catalog::live::LiveCatalog;
use crate::catalog::prompts::{path, try_text, variables};
use crate::llm::Use;
use crate::services::Service;
use crate::services::helper::Tryout;
use serde_json::{Value, json};

/// Why a prompt was not tried out with the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTry {
    /// There is no model.
    #[error("no language model is configured. Start the server with --model; docs/model.md tells how")]
    NoModel,
    /// The prompt has errors.
    #[error("the prompt has an error and was not sent: {0}")]
    Broken(String),
}

impl Service {
    /// All uses of a model with their prompts, and the model, if there is one.
    ///
    /// # Errors
    /// When a file can't be read.
    pub async fn prompts_report(&self) -> Result<Value, EditError> {
        let live = std::sync::Arc::clone(&self.catalog);
        let uses =
            tokio::task::spawn_blocking(move || Use::ALL.into_iter().map(|purpose| one(&live, purpose)).collect::<Result<Vec<_>, _>>());
        let uses = uses.await.map_err(|error| EditError::Io("prompts/model".into(), std::io::Error::other(error)))??;
        Ok(json!({ "uses": uses, "model": self.helper.report() }))
    }

    /// Sends the sample of a use to the model with this prompt, and tells what the checks make of the answer. It is counted in the day's budget.
    ///
    /// # Errors
    /// See [`NoTry`].
    pub async fn try_prompt(&self, purpose: Use, text: &str) -> Result<Tryout, NoTry> {
        let (prompts, _, problems) = try_text(purpose, text);
        if let Some(problem) = problems.iter().find(|problem| problem.is_error()) {
            return Err(NoTry::Broken(problem.to_string()));
        }
        self.helper.try_prompt(&prompts, purpose).await.ok_or(NoTry::NoModel)
    }
}

/// A prompt's text rendered with the sample: both parts, and what is wrong with it.
pub fn rendered(purpose: Use, text: &str) -> Value {
    let (prompts, rendered, problems) = try_text(purpose, text);
    json!({
        "system": rendered.as_ref().map(|rendered| &rendered.system), "user": rendered.as_ref().map(|rendered| &rendered.user),
        "digest": prompts.digest(purpose), "problems": problems.iter().map(told).collect::<Vec<_>>(),
    })
}

fn one(live: &LiveCatalog, purpose: Use) -> Result<Value, EditError> {
    let file = live.file(&path(purpose))?;
    let mut value =
        json!({ "use": purpose.name(), "live_digest": live.current().prompts.digest(purpose), "variables": variables(purpose) });
    value["rendered"] = rendered(purpose, &file.text);
    value["file"] = json!(file);
    Ok(value)
}
