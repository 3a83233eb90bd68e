//! Language models behind OpenAI-compatible endpoints: several in order of preference, each with a breaker and a limit of calls at a time, and
//! one daily budget. Nobody above depends on an answer: every question ends in time, with an answer of the wanted shape or with a reason.
//!
//! Calls are made here and not by async-openai's client: it hides status and headers of refusals, repeats calls as it likes, and logs bodies.

mod breaker;
mod budget;
mod endpoint;
mod fault;
mod retry;
pub mod settings;
mod wire;

pub use budget::Tokens;
pub use fault::Fault;
pub use settings::{Settings, Use};

use crate::domain::time::wall;
use budget::{Spent, guess};
use endpoint::Endpoint;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use retry::{TRIES, WORTH_A_TRY, pause};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;
use wire::{Asked, Reply};

/// A question, with nothing in it that may not leave the process.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What for.
    pub purpose: Use,
    /// Digest of the prompt's file, for traces.
    pub prompt: &'a str,
    /// What the model is told.
    pub system: String,
    /// What it is given.
    pub user: String,
    /// JSON schema of the answer.
    pub schema: &'a Value,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// This use is switched off.
    #[error("this use of the model is switched off")]
    Off,
    /// Every endpoint is left alone after failures.
    #[error("the model is down; it is tried again in a while")]
    Down,
    /// Every endpoint has as many calls as it may have.
    #[error("the model is busy")]
    Busy,
    /// The day's budget is used up.
    #[error("the model's budget for today is used up")]
    OverBudget,
    /// The last call's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Failure {
    /// A short name for traces and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Down => "down",
            Self::Busy => "busy",
            Self::OverBudget => "over_budget",
            Self::Fault(fault) => fault.name(),
        }
    }
}

/// The configured models.
#[derive(Debug)]
pub struct Models {
    endpoints: Vec<Endpoint>,
    settings: Settings,
    spent: Mutex<Spent>,
}

impl Models {
    /// Makes them ready; nothing is sent yet.
    ///
    /// # Errors
    /// One sentence, when no connection can be made at all.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let endpoints = settings.endpoints.iter().cloned().map(Endpoint::new).collect::<Result<_, _>>()?;
        Ok(Self { endpoints, settings, spent: Mutex::default() })
    }

    /// What is configured.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether a question of this kind has a chance now; a dead model takes no time at all.
    pub fn would_ask(&self, purpose: Use) -> bool {
        self.settings.of(purpose).is_some() && self.endpoints.iter().any(|endpoint| !endpoint.is_resting())
    }

    /// How the endpoints are, for people who watch them.
    pub fn report(&self) -> Value {
        let endpoints: Vec<Value> = self
            .endpoints
            .iter()
            .map(|endpoint| json!({ "endpoint": endpoint.host, "model": endpoint.model, "left_alone": endpoint.is_resting() }))
            .collect();
        let uses: Vec<&str> = Use::ALL.into_iter().filter(|purpose| self.settings.of(*purpose).is_some()).map(Use::name).collect();
        let today = wall().to_zoned(TimeZone::UTC).date();
        let tokens = self.spent.lock().unwrap_or_else(PoisonError::into_inner).tokens_on(today);
        json!({
            "endpoints": endpoints, "uses": uses, "keep_inside": self.settings.keep_inside, "tokens_today": tokens,
            "daily_tokens": self.settings.daily.tokens,
        })
    }

    /// Asks until one endpoint gives an answer of the wanted shape, or until the use's time or `until` is over. An answer of the wrong shape is
    /// asked for once more, with what was wrong.
    ///
    /// # Errors
    /// Why there is no answer; nothing of it is for customers.
    pub async fn ask<T: DeserializeOwned>(&self, question: &Question<'_>, until: Instant) -> Result<T, Failure> {
        self.ask_counted(question, until).await.0
    }

    /// The same, with the tokens of all calls that it took.
    pub async fn ask_counted<T: DeserializeOwned>(&self, question: &Question<'_>, until: Instant) -> (Result<T, Failure>, Tokens) {
        let mut spent = Tokens::default();
        let Some(limits) = self.settings.of(question.purpose) else { return (Err(Failure::Off), spent) };
        let until = until.min(Instant::now() + limits.time);
        let began = Instant::now();
        let answer = self.ask_all(question, limits.max_tokens, until, &mut spent).await;
        let (name, outcome) = (question.purpose.name(), answer.as_ref().map_or_else(Failure::name, |_| "ok"));
        metrics::counter!("redress_model_questions_total", "use" => name, "outcome" => outcome).increment(1);
        metrics::histogram!("redress_model_seconds", "use" => name).record(began.elapsed().as_secs_f64());
        (answer, spent)
    }

    async fn ask_all<T: DeserializeOwned>(
        &self,
        question: &Question<'_>,
        max_tokens: u32,
        until: Instant,
        spent: &mut Tokens,
    ) -> Result<T, Failure> {
        let mut last = Failure::Down;
        let mut repaired = false;
        let mut user = question.user.clone();
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            let mut try_no = 0;
            loop {
                if until.saturating_duration_since(Instant::now()) < WORTH_A_TRY {
                    return Err(if last == Failure::Down { Fault::Late.into() } else { last });
                }
                if !endpoint.allows() {
                    break;
                }
                let shape = endpoint.shape();
                let asked = Asked {
                    system: &question.system,
                    user: &user,
                    schema: Some((question.purpose.name(), question.schema)),
                    max_tokens,
                    stream: question.purpose.streams(),
                };
                let fault = match self.call(endpoint, &asked, shape, question, until, spent).await {
                    Ok(reply) => match parsed(&reply.text) {
                        Ok(answer) => return Ok(answer),
                        Err(why) if !repaired => {
                            repaired = true;
                            user = format!(
                                "{}\n\nYour last answer could not be used: {why}. Answer again, with the JSON object alone.",
                                question.user
                            );
                            last = Fault::Shape(why).into();
                            continue;
                        }
                        Err(why) => return Err(Fault::Shape(why).into()),
                    },
                    Err(Failure::Fault(fault)) => fault,
                    Err(failure @ (Failure::OverBudget | Failure::Off)) => return Err(failure),
                    Err(failure @ (Failure::Busy | Failure::Down)) => {
                        last = failure;
                        break;
                    }
                };
                if fault.is_about_the_request() && endpoint.simplify(shape) {
                    continue;
                }
                let asked_for = if let Fault::Status { retry_after, .. } = &fault { *retry_after } else { None };
                let elsewhere = self.endpoints[place + 1..].iter().any(|other| !other.is_resting());
                let may_pass = fault.may_pass();
                last = fault.into();
                try_no += 1;
                let left = until.saturating_duration_since(Instant::now());
                let pause = pause(try_no, asked_for, left, rand::random());
                match pause.filter(|_| may_pass && !elsewhere && try_no < TRIES && endpoint.takes_retry()) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => {
                        asked_for.into_iter().for_each(|asked| endpoint.rests(asked));
                        break;
                    }
                }
            }
        }
        Err(last)
    }

    /// One call, within seats and budget, traced.
    async fn call(
        &self,
        endpoint: &Endpoint,
        asked: &Asked<'_>,
        shape: wire::Shape,
        question: &Question<'_>,
        until: Instant,
        spent: &mut Tokens,
    ) -> Result<Reply, Failure> {
        let Some(_seat) = endpoint.seat(until).await else { return Err(Failure::Busy) };
        let most = Tokens { input: guess(asked.system) + guess(asked.user), output: asked.max_tokens };
        let mut aside = Aside::take(self, endpoint, most).ok_or(Failure::OverBudget)?;
        let began = Instant::now();
        let answer = endpoint.call(asked, shape, until).await;
        endpoint.note(answer.as_ref().map(|_| ()));
        aside.took = match &answer {
            Ok(reply) => reply.tokens.unwrap_or(Tokens { input: most.input, output: guess(&reply.text) }),
            Err(Fault::Unreachable(_) | Fault::Status { .. }) => Tokens::default(),
            // It may well have worked until then.
            Err(_) => most,
        };
        spent.input = spent.input.saturating_add(aside.took.input);
        spent.output = spent.output.saturating_add(aside.took.output);
        let outcome = answer.as_ref().map_or_else(Fault::name, |_| "ok");
        tracing::info!(
            llm.purpose = question.purpose.name(),
            llm.endpoint = endpoint.host,
            llm.model = endpoint.model,
            llm.prompt = question.prompt,
            llm.tokens_in = aside.took.input,
            llm.tokens_out = aside.took.output,
            llm.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            llm.outcome = outcome,
            "A language model was asked"
        );
        metrics::counter!("redress_model_calls_total", "use" => question.purpose.name(), "outcome" => outcome).increment(1);
        metrics::counter!("redress_model_tokens_total").increment(aside.took.sum());
        Ok(answer?)
    }
}

/// What is set aside of the day's budget for a call; settled even when the call is given up.
struct Aside<'a> {
    models: &'a Models,
    endpoint: &'a Endpoint,
    day: Date,
    most: Tokens,
    took: Tokens,
}

impl<'a> Aside<'a> {
    fn take(models: &'a Models, endpoint: &'a Endpoint, most: Tokens) -> Option<Self> {
        let day = wall().to_zoned(TimeZone::UTC).date();
        let mut spent = models.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = spent.set_aside(day, models.settings.daily, most, endpoint.price);
        // Made only when it fits: one that is dropped settles, which takes the same lock.
        fits.then(|| Self { models, endpoint, day, most, took: most })
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        let mut spent = self.models.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.settle(self.day, self.most, self.took, self.endpoint.price);
    }
}

/// The JSON object that an answer is; a fence of code around it is forgiven, other words are not.
fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = text.trim();
    let inner = text.strip_prefix("```json").or_else(|| text.strip_prefix("```")).and_then(|text| text.strip_suffix("```"));
    serde_json::from_str(inner.unwrap_or(text).trim()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_object_alone() {
        for good in ["{\"a\":1}", " {\"a\":1}\n", "```json\n{\"a\":1}\n```", "```\n{\"a\":1}```"] {
            assert_eq!(parsed::<Value>(good), Ok(json!({ "a": 1 })), "{good}");
        }
        for bad in ["Sure! {\"a\":1}", "{\"a\":1", "", "{\"a\":1} Hope that helps"] {
            assert!(parsed::<Value>(bad).is_err(), "{bad}");
        }
    }
}
