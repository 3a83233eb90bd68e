//! Scores to probabilities that mean what they say, and the thresholds for acting and asking, all fitted on the dry run.

use crate::understanding::features::Coverage;
use crate::understanding::model::Trial;

/// Share of right answers wanted among those acted on.
const WANTED_RIGHT: f32 = 0.95;
/// Limits of the threshold for acting, whatever the dry run says.
const ACT_RANGE: (f32, f32) = (0.35, 0.85);
/// A reading is worth asking about when its best two or three intents carry this much together.
const CLARIFY_TOGETHER: f32 = 0.42;
/// Each intent that is asked about has at least this much.
const CLARIFY_EACH: f32 = 0.10;
/// A single intent is asked about beside the next one when it has this much alone.
const CLARIFY_ALONE: f32 = 0.30;
/// What a pattern hit adds to an intent's logit when too few hits were seen to fit it: odds 30 times as high.
const PATTERN_BONUS: f32 = 3.4;
/// Hits in the dry run from which the bonus is fitted.
const HITS_TO_FIT: usize = 60;

/// What the dry run taught.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Calibration {
    /// Factor on raw scores before the softmax (one over the temperature).
    pub(crate) sharpness: f32,
    /// Added to the logit of an intent whose pattern hit.
    pub(crate) bonus: f32,
    /// Least confidence to act.
    pub(crate) act: f32,
    /// Least share of known words and n-grams to act or ask without a pattern hit.
    pub(crate) known: f32,
}

/// What to do, with classes instead of intents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Start this class.
    Act(usize),
    /// Ask which of the first so many is meant.
    Clarify(usize),
    /// The text is not like anything that was learned.
    Unfamiliar,
    /// It is like what the background class stands for.
    Background,
    /// Too many intents are possible.
    Unsure,
}

impl Calibration {
    /// Fits sharpness, bonus and thresholds. `background` is the number of the background class.
    pub(crate) fn fit(trials: &[Trial], background: usize) -> Self {
        let mut calibration = Self { sharpness: 1.5, bonus: PATTERN_BONUS, act: 0.6, known: 0.2 };
        if trials.is_empty() {
            return calibration;
        }
        let hits = trials.iter().filter(|trial| !trial.hits.is_empty()).count();
        let bonuses: &[f32] = if hits >= HITS_TO_FIT { &[2.0, 2.7, 3.4, 4.1] } else { &[PATTERN_BONUS] };
        let mut least = f32::INFINITY;
        let mut probabilities = Vec::new();
        for &bonus in bonuses {
            for step in 0..24 {
                let sharpness = 0.4 * 1.12_f32.powi(step);
                let candidate = Self { sharpness, bonus, ..calibration };
                let loss: f32 = trials
                    .iter()
                    .map(|trial| {
                        candidate.probabilities(&trial.scores, &trial.hits, &mut probabilities);
                        -probabilities[trial.class].max(1e-6).ln()
                    })
                    .sum();
                if loss < least {
                    least = loss;
                    (calibration.sharpness, calibration.bonus) = (sharpness, bonus);
                }
            }
        }
        calibration.known = calibration.fit_known(trials, background);
        calibration.act = calibration.fit_act(trials, background);
        calibration
    }

    /// Writes the probability of every class.
    pub(crate) fn probabilities(&self, scores: &[f32], hits: &[usize], probabilities: &mut Vec<f32>) {
        probabilities.clear();
        probabilities.extend(scores.iter().map(|score| score * self.sharpness));
        for &hit in hits {
            probabilities[hit] += self.bonus;
        }
        let most = probabilities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for p in probabilities.iter_mut() {
            *p = (*p - most).exp();
            sum += *p;
        }
        probabilities.iter_mut().for_each(|p| *p /= sum);
    }

    /// Decides. `ranked` holds the best classes without the background, best first, with their probabilities.
    pub(crate) fn decide(&self, ranked: &[(usize, f32)], background: f32, hits: &[usize], coverage: Coverage) -> Verdict {
        let Some(&(best, first)) = ranked.first() else {
            return Verdict::Unsure;
        };
        let hit = hits.contains(&best);
        if !hit && familiarity(coverage) < self.known {
            return Verdict::Unfamiliar;
        }
        if background >= first {
            return Verdict::Background;
        }
        if first >= self.act {
            return Verdict::Act(best);
        }
        let close = ranked.iter().take(3).take_while(|(_, p)| *p >= CLARIFY_EACH).count();
        let together: f32 = ranked.iter().take(close).map(|(_, p)| p).sum();
        if close >= 2 && together >= CLARIFY_TOGETHER {
            return Verdict::Clarify(close);
        }
        if first >= CLARIFY_ALONE && ranked.len() > 1 {
            return Verdict::Clarify(2);
        }
        Verdict::Unsure
    }

    /// The familiarity that nearly all examples reach: those below are unlike anything learned.
    fn fit_known(&self, trials: &[Trial], background: usize) -> f32 {
        let mut familiar: Vec<f32> =
            trials.iter().filter(|trial| trial.class != background).map(|trial| familiarity(trial.coverage)).collect();
        familiar.sort_by(f32::total_cmp);
        familiar.get(familiar.len() / 50).copied().unwrap_or(0.2).clamp(0.1, 0.45)
    }

    /// The lowest threshold above which enough examples are right.
    fn fit_act(&self, trials: &[Trial], background: usize) -> f32 {
        let mut probabilities = Vec::new();
        let mut outcomes: Vec<(f32, bool)> = Vec::with_capacity(trials.len());
        for trial in trials {
            self.probabilities(&trial.scores, &trial.hits, &mut probabilities);
            let best = probabilities[..background].iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            if let Some((best, &p)) = best
                && p > probabilities[background]
            {
                outcomes.push((p, best == trial.class));
            }
        }
        outcomes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut right, mut seen) = (0, 0);
        let mut threshold = ACT_RANGE.1;
        for same in outcomes.chunk_by(|a, b| a.0 == b.0) {
            right += same.iter().filter(|(_, correct)| *correct).count();
            seen += same.len();
            if right as f32 >= WANTED_RIGHT * seen as f32 {
                threshold = if seen == outcomes.len() { ACT_RANGE.0 } else { same[0].0 };
            }
        }
        threshold.clamp(ACT_RANGE.0, ACT_RANGE.1)
    }
}

/// How much a text is like what was learned, 0 to 1.
pub(crate) fn familiarity(coverage: Coverage) -> f32 {
    0.5 * (coverage.words + coverage.chars)
}

/// The best classes without the background, best first, at most five.
pub(crate) fn rank(probabilities: &[f32], background: usize, ranked: &mut Vec<(usize, f32)>) {
    ranked.clear();
    for (class, &p) in probabilities.iter().enumerate().take(background) {
        let place = ranked.iter().position(|(_, other)| p > *other).unwrap_or(ranked.len());
        if place < 5 {
            ranked.truncate(4);
            ranked.insert(place, (class, p));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALIBRATION: Calibration = Calibration { sharpness: 1.0, bonus: 3.0, act: 0.6, known: 0.2 };
    const KNOWN: Coverage = Coverage { words: 0.8, chars: 0.9 };

    #[test]
    fn verdicts() {
        let strange = Coverage { words: 0.0, chars: 0.1 };
        let cases: &[(&[(usize, f32)], f32, &[usize], Coverage, Verdict)] = &[
            (&[(3, 0.9), (1, 0.05)], 0.0, &[], KNOWN, Verdict::Act(3)),
            (&[(3, 0.9), (1, 0.05)], 0.0, &[], strange, Verdict::Unfamiliar),
            (&[(3, 0.9), (1, 0.05)], 0.0, &[3], strange, Verdict::Act(3)),
            (&[(3, 0.45), (1, 0.4), (2, 0.01)], 0.0, &[], KNOWN, Verdict::Clarify(2)),
            (&[(3, 0.3), (1, 0.25), (2, 0.2), (4, 0.2)], 0.0, &[], KNOWN, Verdict::Clarify(3)),
            (&[(3, 0.4), (1, 0.05)], 0.2, &[], KNOWN, Verdict::Clarify(2)),
            (&[(3, 0.2), (1, 0.05)], 0.1, &[], KNOWN, Verdict::Unsure),
            (&[(3, 0.3), (1, 0.2)], 0.4, &[], KNOWN, Verdict::Background),
            (&[], 1.0, &[], KNOWN, Verdict::Unsure),
        ];
        for (ranked, background, hits, coverage, wanted) in cases {
            assert_eq!(CALIBRATION.decide(ranked, *background, hits, *coverage), *wanted, "{ranked:?}");
        }
    }

    #[test]
    fn ranking_keeps_the_five_best() {
        let mut ranked = Vec::new();
        rank(&[0.1, 0.3, 0.05, 0.2, 0.01, 0.02, 0.04, 0.9], 7, &mut ranked);
        assert_eq!(ranked.iter().map(|(class, _)| *class).collect::<Vec<_>>(), [1, 3, 0, 2, 6]);
    }

    #[test]
    fn fitting_sharpens_right_scores_and_softens_wrong_ones() {
        let trial = |class: usize, scores: [f32; 3]| Trial { class, scores: scores.to_vec(), hits: Vec::new(), coverage: KNOWN };
        let right: Vec<Trial> = (0..50).map(|_| trial(0, [1.0, 0.0, 0.0])).collect();
        let mixed: Vec<Trial> = (0..50).map(|i| trial(i % 2, [1.0, 0.0, 0.0])).collect();
        let (sure, unsure) = (Calibration::fit(&right, 2), Calibration::fit(&mixed, 2));
        assert!(sure.sharpness > unsure.sharpness);
        assert!(sure.act == ACT_RANGE.0 && unsure.act == ACT_RANGE.1, "{sure:?} {unsure:?}");
    }

    #[test]
    fn a_pattern_raises_confidence() {
        let mut probabilities = Vec::new();
        CALIBRATION.probabilities(&[0.0, 0.0, 0.0], &[1], &mut probabilities);
        assert!(probabilities[1] > 0.85, "{probabilities:?}");
    }
}
