//! Edits that are tried out: one at a time, on a thread of its own, with its progress, and given up when somebody asks or it takes too long.

use super::told;
use crate::catalog::diagnostic::Diagnostic;
use crate::catalog::edit::{EditError, Step, Verdict};
use crate::catalog::live::LiveCatalog;
use crate::catalog::sources::Kind;
use crate::services::Service;
use crate::store::desk::Agent;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot};

/// How long a trial may take.
const LONGEST: Duration = Duration::from_secs(120);
/// Trials that are remembered.
const KEPT: usize = 8;

/// How far a trial is.
#[derive(Debug)]
enum Phase {
    /// Another one is being worked on.
    Waits,
    /// It is worked on.
    At(Step),
    /// Done.
    Done(Box<Verdict>, Duration),
    /// Given up; why.
    GivenUp(&'static str),
}

/// One edit that is tried out.
#[derive(Debug)]
pub struct Trial {
    /// Its id.
    pub id: String,
    /// Who asked, by id and name.
    by: (String, String),
    path: String,
    text: String,
    given_up: AtomicBool,
    phase: Mutex<Phase>,
}

/// Why no trial was begun.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// There can be no such file.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Somebody else's is being worked on.
    #[error("{0} is having an edit checked right now. Only one is checked at a time; try again in a few seconds")]
    Busy(String),
}

/// All trials.
#[derive(Debug)]
pub struct Trials {
    kept: Mutex<VecDeque<Arc<Trial>>>,
    seat: Arc<Semaphore>,
}

impl Default for Trials {
    fn default() -> Self {
        Self { kept: Mutex::default(), seat: Arc::new(Semaphore::new(1)) }
    }
}

impl Trials {
    /// Begins to try an edit out. An earlier one of the same person is given up.
    fn begin(&self, catalog: &Arc<LiveCatalog>, agent: &Agent, path: String, text: String) -> Result<Arc<Trial>, TrialError> {
        let trial = Arc::new(Trial {
            id: uuid::Uuid::new_v4().to_string(),
            by: (agent.id.to_string(), agent.name.clone()),
            path,
            text,
            given_up: AtomicBool::new(false),
            phase: Mutex::new(Phase::Waits),
        });
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = kept.iter().find(|other| other.is_going_on() && other.by.0 != trial.by.0) {
            return Err(TrialError::Busy(other.by.1.clone()));
        }
        kept.iter().for_each(|earlier| earlier.give_up("You began another check."));
        kept.push_back(Arc::clone(&trial));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        drop(kept);
        tokio::spawn(run(Arc::clone(&trial), Arc::clone(catalog), Arc::clone(&self.seat)));
        Ok(trial)
    }

    /// A trial of that person.
    pub fn find(&self, agent: &Agent, id: &str) -> Option<Arc<Trial>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|trial| trial.id == id && trial.by.0 == agent.id.as_str()).map(Arc::clone)
    }
}

impl Service {
    /// Begins to look at what an edit would do.
    ///
    /// # Errors
    /// When no file of the content is called so, or another one is being looked at.
    pub fn begin_trial(&self, agent: &Agent, path: String, text: String) -> Result<Arc<Trial>, TrialError> {
        Kind::of(&path).ok_or_else(|| EditError::NoContent(path.clone()))?;
        self.trials.begin(&self.catalog, agent, path, text)
    }
}

/// Waits for the seat, then works on a thread of its own: customers' turns have the others.
async fn run(trial: Arc<Trial>, catalog: Arc<LiveCatalog>, seat: Arc<Semaphore>) {
    let Ok(seat) = seat.acquire_owned().await else { return };
    let (done, ended) = oneshot::channel();
    let worker = Arc::clone(&trial);
    let work = move || {
        let began = Instant::now();
        let verdict = catalog.try_edit(&worker.path, &worker.text, |step| worker.is_at(step));
        // The seat is free when the work has really ended, not when nobody waits for it any more.
        drop(seat);
        if let Some(verdict) = verdict {
            worker.becomes(Phase::Done(Box::new(verdict), began.elapsed()));
        }
        let _ = done.send(());
    };
    if std::thread::Builder::new().name("content trial".to_owned()).spawn(work).is_err() {
        return trial.give_up("There is no thread for it. Try again.");
    }
    match tokio::time::timeout(LONGEST, ended).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => trial.give_up("The check ended unexpectedly; the server's log says why."),
        Err(_) => trial.give_up("It took more than two minutes."),
    }
}

impl Trial {
    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_going_on(&self) -> bool {
        matches!(*self.phase(), Phase::Waits | Phase::At(_))
    }

    /// Notes the step; whether to go on.
    fn is_at(&self, step: Step) -> bool {
        if self.given_up.load(Ordering::Relaxed) {
            return false;
        }
        self.becomes(Phase::At(step));
        true
    }

    /// Goes to another phase, unless it has ended.
    fn becomes(&self, next: Phase) {
        let mut phase = self.phase();
        if matches!(*phase, Phase::Waits | Phase::At(_)) {
            *phase = next;
        }
    }

    /// Gives it up, unless it has ended; `why` in a sentence.
    pub fn give_up(&self, why: &'static str) {
        self.given_up.store(true, Ordering::Relaxed);
        self.becomes(Phase::GivenUp(why));
    }

    /// How it is, as the page is told.
    pub fn report(&self) -> Value {
        match &*self.phase() {
            Phase::Waits => json!({ "id": self.id, "path": self.path, "state": "waits" }),
            Phase::At(step) => json!({ "id": self.id, "path": self.path, "state": step }),
            Phase::GivenUp(why) => json!({ "id": self.id, "path": self.path, "state": "given_up", "why": why }),
            Phase::Done(verdict, took) => {
                let told = |problems: &[Diagnostic]| problems.iter().map(told).collect::<Vec<_>>();
                json!({
                    "id": self.id, "path": self.path, "state": "done",
                    "refused": verdict.problems.iter().any(Diagnostic::is_error),
                    "problems": told(&verdict.problems), "notes": told(&verdict.notes), "changes": verdict.changes,
                    "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                })
            }
        }
    }
}
