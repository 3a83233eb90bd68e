//! How good the understanding is on examples that it has not seen. For `redress check`, `redress classify` and tuning.

use crate::domain::ids::IntentId;
use crate::understanding::calibrate::{Calibration, Verdict, rank};
use crate::understanding::model::dry_run;
use crate::understanding::understander::prepare;
use crate::understanding::{BadPattern, TrainingIntent};
use std::collections::BTreeMap;

/// Figures of a cross-validation. Shares are 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Evaluation {
    /// Examples asked about.
    pub examples: usize,
    /// Share whose best intent was right.
    pub accuracy: f32,
    /// Mean over the intents of the harmonic mean of precision and recall.
    pub macro_f1: f32,
    /// Expected calibration error: the mean distance between confidence and share of right answers, over ten bands.
    pub ece: f32,
    /// Wanted intent, intent given, how often; most frequent first.
    pub confused: Vec<(IntentId, IntentId, usize)>,
    /// Share that would be acted on.
    pub acted: f32,
    /// Share of those that are right.
    pub acted_right: f32,
    /// Share that would be asked about.
    pub clarified: f32,
    /// Share of those where the right intent is among the offered ones.
    pub clarified_right: f32,
    /// Share of the background sentences (small talk, other people's business) that would be acted on or asked about.
    pub background_taken: f32,
}

/// Learns `folds` times without one part of the examples and asks about that part.
///
/// # Errors
/// The patterns that cannot be used.
pub fn cross_validate(intents: &[TrainingIntent], folds: usize) -> Result<Evaluation, Vec<BadPattern>> {
    let (lessons, _, _) = prepare(intents)?;
    let background = intents.len();
    let trials = dry_run(&lessons, background + 1, folds);
    let calibration = Calibration::fit(&trials, background);
    let (mut probabilities, mut ranked) = (Vec::new(), Vec::new());
    let mut tally = Tally { right: vec![0; background], wanted: vec![0; background], given: vec![0; background], ..Tally::default() };
    for trial in &trials {
        calibration.probabilities(&trial.scores, &trial.hits, &mut probabilities);
        rank(&probabilities, background, &mut ranked);
        let Some(&(best, confidence)) = ranked.first() else {
            continue;
        };
        let verdict = calibration.decide(&ranked, probabilities[background], &trial.hits, trial.coverage);
        if trial.class == background {
            tally.strangers += 1;
            tally.strangers_taken += usize::from(matches!(verdict, Verdict::Act(_) | Verdict::Clarify(_)));
            continue;
        }
        let offered = match verdict {
            Verdict::Act(_) => 1,
            Verdict::Clarify(offered) => offered,
            Verdict::Unfamiliar | Verdict::Background | Verdict::Unsure => 0,
        };
        let found = ranked.iter().take(offered).any(|(class, _)| *class == trial.class);
        tally.add(trial.class, best, confidence, offered, found);
    }
    Ok(tally.evaluation(intents))
}

#[derive(Default)]
struct Tally {
    right: Vec<usize>,
    wanted: Vec<usize>,
    given: Vec<usize>,
    confused: BTreeMap<(usize, usize), usize>,
    bands: [(f32, usize, usize); 10],
    acted: (usize, usize),
    clarified: (usize, usize),
    strangers: usize,
    strangers_taken: usize,
}

impl Tally {
    fn add(&mut self, wanted: usize, given: usize, confidence: f32, offered: usize, found: bool) {
        let correct = wanted == given;
        self.wanted[wanted] += 1;
        self.given[given] += 1;
        self.right[wanted] += usize::from(correct);
        if !correct {
            *self.confused.entry((wanted, given)).or_default() += 1;
        }
        let band = &mut self.bands[((confidence * 10.0) as usize).min(9)];
        *band = (band.0 + confidence, band.1 + usize::from(correct), band.2 + 1);
        match offered {
            0 => {}
            1 => self.acted = (self.acted.0 + 1, self.acted.1 + usize::from(found)),
            _ => self.clarified = (self.clarified.0 + 1, self.clarified.1 + usize::from(found)),
        }
    }

    fn evaluation(self, intents: &[TrainingIntent]) -> Evaluation {
        let examples: usize = self.wanted.iter().sum();
        let share = |part: usize, of: usize| if of == 0 { 0.0 } else { part as f32 / of as f32 };
        let f1: Vec<f32> = (0..intents.len())
            .filter(|&class| self.wanted[class] > 0)
            .map(|class| share(2 * self.right[class], self.wanted[class] + self.given[class]))
            .collect();
        let mut confused: Vec<_> =
            self.confused.iter().map(|(&(wanted, given), &count)| (intents[wanted].id.clone(), intents[given].id.clone(), count)).collect();
        confused.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        Evaluation {
            examples,
            accuracy: share(self.right.iter().sum(), examples),
            macro_f1: f1.iter().sum::<f32>() / f1.len().max(1) as f32,
            ece: self.bands.iter().map(|(sum, right, _)| (sum - *right as f32).abs()).sum::<f32>() / examples.max(1) as f32,
            confused,
            acted: share(self.acted.0, examples),
            acted_right: share(self.acted.1, self.acted.0),
            clarified: share(self.clarified.0, examples),
            clarified_right: share(self.clarified.1, self.clarified.0),
            background_taken: share(self.strangers_taken, self.strangers),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::understander::tests::intents;

    #[test]
    fn a_small_catalog_is_evaluated() {
        let evaluation = cross_validate(&intents(), 3).expect("good patterns");
        assert_eq!(evaluation.examples, intents().iter().map(|intent| intent.examples.len()).sum::<usize>());
        for share in
            [evaluation.accuracy, evaluation.macro_f1, evaluation.ece, evaluation.acted, evaluation.acted_right, evaluation.clarified]
        {
            assert!((0.0..=1.0).contains(&share), "{evaluation:?}");
        }
        assert!(evaluation.accuracy > 0.5, "{evaluation:?}");
        let wrong: usize = evaluation.confused.iter().map(|(_, _, count)| count).sum();
        assert_eq!(wrong, ((1.0 - evaluation.accuracy) * evaluation.examples as f32).round() as usize);
    }

    #[test]
    fn nothing_to_learn_from_is_no_error() {
        assert_eq!(cross_validate(&[], 5).map(|evaluation| evaluation.examples), Ok(0));
    }
}
