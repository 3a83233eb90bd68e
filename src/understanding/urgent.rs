//! Urgent matters that are said without their key words. What a safety rule cannot see, the heads often can: each urgent intent
//! is asked about from a probability on that nearly all its own examples reached in the dry run, long before it is the likeliest.

use crate::understanding::TrainingIntent;
use crate::understanding::learned::{Heads, Learned};
use crate::understanding::trial::Trial;

/// Share of an urgent intent's own examples that may stay below its threshold.
const MISSED: f32 = 0.01;
/// Limits of a threshold, whatever the dry run says. To be asked about an urgent matter costs a customer with another one a click.
const RANGE: (f32, f32) = (0.1, 0.6);
/// From this probability on a message is shown to the encoder before anything is decided.
const SUSPECTED: f32 = 0.02;
/// Intents up to this priority that have safety rules are urgent.
pub const URGENT: u8 = 2;

/// The urgent intents and their thresholds.
#[derive(Debug, Default)]
pub(crate) struct Urgent {
    watched: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    class: usize,
    priority: u8,
    least: f32,
}

impl Urgent {
    /// Fits the thresholds.
    pub(crate) fn fit(intents: &[TrainingIntent], learned: &Learned, trials: &[Trial]) -> Self {
        let mut heads = Heads::default();
        let of_class = |class: usize, heads: &mut Heads| {
            let mut reached: Vec<f32> = trials
                .iter()
                .filter(|trial| trial.class == class)
                .map(|trial| {
                    learned.judge_trial(trial, heads);
                    heads.probabilities[class]
                })
                .collect();
            reached.sort_by(f32::total_cmp);
            reached.get((reached.len() as f32 * MISSED) as usize).copied().unwrap_or(RANGE.1).clamp(RANGE.0, RANGE.1)
        };
        let watched = intents
            .iter()
            .enumerate()
            .filter(|(_, intent)| !intent.safety.is_empty() && intent.priority <= URGENT)
            .map(|(class, intent)| Watched { class, priority: intent.priority, least: of_class(class, &mut heads) })
            .collect();
        Self { watched }
    }

    /// The urgent class that these probabilities make possible: the likeliest of those above their threshold, and among equally likely
    /// ones the most urgent.
    pub(crate) fn raised(&self, probabilities: &[f32]) -> Option<(usize, f32)> {
        let raised = self.watched.iter().filter(|watched| probabilities[watched.class] >= watched.least);
        raised
            .max_by(|a, b| probabilities[a.class].total_cmp(&probabilities[b.class]).then(b.priority.cmp(&a.priority)))
            .map(|watched| (watched.class, probabilities[watched.class]))
    }

    /// Whether a message needs a second look because of one of them.
    pub(crate) fn suspects(&self, probabilities: &[f32]) -> bool {
        self.watched.iter().any(|watched| probabilities[watched.class] >= SUSPECTED)
    }
}
