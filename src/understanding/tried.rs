//! How each example is read by heads that had not seen it: what `redress check` reports, and what an edit is compared by.

use crate::understanding::learned::{Heads, Learned};
use crate::understanding::trial::{Lesson, Trial};

/// One example, read as if a customer had written it and nobody had put it into the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The number of its intent.
    pub intent: usize,
    /// Its place among the examples of its intent.
    pub place: usize,
    /// The number of the intent that it reads as; `None`: as small talk or somebody else's business.
    pub read_as: Option<usize>,
    /// The confidence of that, 0 to 1.
    pub confidence: f32,
    /// The probability of its own intent, 0 to 1.
    pub own: f32,
    /// Whether it would be acted on.
    pub acted: bool,
}

impl Tried {
    /// Reads all examples of the dry run.
    pub(crate) fn of(learned: &Learned, trials: &[Trial], lessons: &[Lesson]) -> Vec<Self> {
        let mut heads = Heads::default();
        let mut tried = Vec::with_capacity(trials.len());
        for trial in trials.iter().filter(|trial| Some(trial.class) != learned.strangers) {
            let judgement = learned.judge_trial(trial, true, &mut heads);
            let first = judgement.ranked.first().filter(|(_, p)| *p > judgement.strange);
            let acted = first.is_some() && judgement.confidence >= learned.stage(&heads).act && !learned.is_strange(&judgement, &heads);
            tried.push(Self {
                intent: trial.class,
                place: lessons[trial.lesson].place.unwrap_or(0),
                read_as: first.map(|(class, _)| *class),
                confidence: judgement.confidence,
                own: heads.probabilities[trial.class],
                acted,
            });
        }
        tried
    }
}
