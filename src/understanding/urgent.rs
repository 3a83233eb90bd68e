//! Urgent matters that are said without their key words. What a safety rule cannot see, the heads often can: a regression over how far
//! the urgent intents are ahead of all others, by words, by meaning and by nearest example, says how likely a message is about one of
//! them. It sees more than the blended probabilities, which were fitted to name the first intent right. A message is asked about it long
//! before it is the likeliest reading.

use crate::understanding::TrainingIntent;
use crate::understanding::learned::{Heads, Judgement, Learned};
use crate::understanding::newton;
use crate::understanding::trial::Trial;

/// A message that is about an urgent matter with this probability is asked about it. That costs a customer with another one a click.
const ASKED_FROM: f32 = 0.12;
/// The same when it more likely belongs to no intent at all.
const BACKGROUND_FROM: f32 = 0.3;
/// And when it is unlike all examples.
const STRANGE_FROM: f32 = 0.6;
/// No urgent intent is asked about that the whole reading finds less likely than this: in a small catalog the regression knows little.
const NOT_EXCLUDED: f32 = 0.002;
/// From this probability on a message is shown to the encoder before anything is decided.
const SUSPECTED: f32 = 0.02;
/// Intents up to this priority that have safety rules are urgent.
pub const URGENT: u8 = 2;

/// The urgent intents, and how likely a message is about one of them.
#[derive(Debug, Default)]
pub(crate) struct Urgent {
    /// Class and priority.
    watched: Vec<(usize, u8)>,
    strangers: Option<usize>,
    by_words: Gate,
    by_all: Gate,
}

impl Urgent {
    /// Fits on the dry run.
    pub(crate) fn fit(intents: &[TrainingIntent], learned: &Learned, trials: &[Trial]) -> Self {
        let urgent = intents.iter().enumerate().filter(|(_, intent)| !intent.safety.is_empty() && intent.priority <= URGENT);
        let watched: Vec<(usize, u8)> = urgent.map(|(class, intent)| (class, intent.priority)).collect();
        let mut fitted = Self { watched, strangers: learned.strangers, ..Self::default() };
        let mut heads = Heads::default();
        let (mut by_words, mut by_all) = (Vec::new(), Vec::new());
        for trial in trials {
            let right = fitted.watches(trial.class);
            let judgement = learned.judge_trial(trial, false, &mut heads);
            by_words.push((fitted.signs(&heads, &judgement), right));
            if !trial.meaning.is_empty() {
                let judgement = learned.judge_trial(trial, true, &mut heads);
                by_all.push((fitted.signs(&heads, &judgement), right));
            }
        }
        (fitted.by_words, fitted.by_all) = (Gate::fit(&by_words), Gate::fit(&by_all));
        fitted
    }

    fn watches(&self, class: usize) -> bool {
        self.watched.iter().any(|(watched, _)| *watched == class)
    }

    fn signs(&self, heads: &Heads, judgement: &Judgement) -> Signs {
        let ahead = |scores: &[f32]| {
            let most = |urgent: bool| {
                let of_kind = scores.iter().enumerate().filter(|(class, _)| self.watches(*class) == urgent);
                of_kind.map(|(_, score)| *score).fold(f32::NEG_INFINITY, f32::max)
            };
            let ahead = most(true) - most(false);
            if ahead.is_finite() { ahead } else { 0.0 }
        };
        let background = self.strangers.map_or(0.0, |class| heads.probabilities[class]).clamp(1e-5, 1.0 - 1e-5);
        let near = heads.near.map_or(0.0, |near| near.mean);
        let log_odds = (background / (1.0 - background)).ln();
        [ahead(&heads.words), ahead(&heads.meaning), ahead(&heads.nearest), judgement.scope, near, log_odds].map(f64::from)
    }

    /// The urgent class that a message may be about, if that is likely enough to ask, and how likely: the likeliest one, and among
    /// equally likely ones the most urgent.
    pub(crate) fn raised(&self, heads: &Heads, judgement: &Judgement, strange: bool) -> Option<(usize, f32)> {
        let p = |class: usize| heads.probabilities[class];
        let (class, _) = *self.watched.iter().max_by(|a, b| p(a.0).total_cmp(&p(b.0)).then(b.1.cmp(&a.1)))?;
        if p(class) < NOT_EXCLUDED {
            return None;
        }
        let gate = if heads.near.is_some() { &self.by_all } else { &self.by_words };
        let chance = gate.chance(&self.signs(heads, judgement));
        let background = judgement.strange > p(class);
        let least = if strange { STRANGE_FROM } else { ASKED_FROM };
        (chance >= least.max(if background { BACKGROUND_FROM } else { 0.0 })).then_some((class, chance))
    }

    /// Whether a message needs a second look because of one of them.
    pub(crate) fn suspects(&self, probabilities: &[f32]) -> bool {
        self.watched.iter().any(|(class, _)| probabilities[*class] >= SUSPECTED)
    }
}

const SIGNS: usize = 6;
/// How far the best urgent class is ahead of the best other one by words, meaning and nearest example; how much the text is like the
/// examples; how near the nearest ones are; log odds of the strangers' class.
type Signs = [f64; SIGNS];

/// A logistic regression over standardised signs.
#[derive(Debug, Default)]
struct Gate {
    /// Mean and inverse spread of each sign.
    scale: [(f64, f64); SIGNS],
    /// The constant last.
    weights: [f64; SIGNS + 1],
}

impl Gate {
    fn fit(texts: &[(Signs, bool)]) -> Self {
        const N: usize = SIGNS + 1;
        let count = texts.len().max(1) as f64;
        let scale = std::array::from_fn(|place| {
            let mean = texts.iter().map(|(signs, _)| signs[place]).sum::<f64>() / count;
            let spread = (texts.iter().map(|(signs, _)| (signs[place] - mean).powi(2)).sum::<f64>() / count).sqrt();
            (mean, if spread > 1e-6 { spread.recip() } else { 0.0 })
        });
        let mut gate = Self { scale, weights: [0.0; N] };
        for _ in 0..30 {
            // Every weight is drawn to zero with the force of one example; the constant hardly.
            let firmness = |place: usize| if place < SIGNS { 1.0 } else { 0.01 };
            let mut gradient: [f64; N] = std::array::from_fn(|place| firmness(place) * gate.weights[place]);
            let mut curvature = [0.0; N * N];
            (0..N).for_each(|place| curvature[place * N + place] = firmness(place));
            for (signs, right) in texts {
                let signs = gate.standard(signs);
                let p = sigmoid(gate.sum(&signs));
                let (error, slope) = (p - f64::from(u8::from(*right)), (p * (1.0 - p)).max(1e-6));
                for i in 0..N {
                    gradient[i] += error * signs[i];
                    for j in 0..=i {
                        curvature[i * N + j] += slope * signs[i] * signs[j];
                    }
                }
            }
            newton::solve(&mut curvature, &mut gradient);
            let most = gradient.iter().fold(0.0_f64, |most, step| most.max(step.abs()));
            let shorter = if most > 2.0 { 2.0 / most } else { 1.0 };
            gate.weights.iter_mut().zip(&gradient).for_each(|(weight, step)| *weight -= shorter * step);
            if most < 1e-6 {
                break;
            }
        }
        gate
    }

    fn standard(&self, signs: &Signs) -> [f64; SIGNS + 1] {
        std::array::from_fn(|place| self.scale.get(place).map_or(1.0, |(mean, scale)| (signs[place] - mean) * scale))
    }

    fn sum(&self, standard: &[f64; SIGNS + 1]) -> f64 {
        standard.iter().zip(&self.weights).map(|(sign, weight)| sign * weight).sum()
    }

    /// The probability, 0 to 1, that a text with these signs is about an urgent matter.
    fn chance(&self, signs: &Signs) -> f32 {
        sigmoid(self.sum(&self.standard(signs))) as f32
    }
}

fn sigmoid(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_follows_what_the_signs_tell_and_ignores_what_never_changes() {
        let signs = |ahead: f64, noise: f64| [ahead, 0.0, ahead / 10.0, noise, 0.5, -3.0];
        let texts: Vec<(Signs, bool)> = (0..200_u32)
            .map(|i| {
                let (urgent, noise) = (i % 10 == 0, f64::from(i % 7));
                let ahead = f64::from(i % 13) / 13.0;
                (signs(if urgent { ahead } else { ahead - 1.2 }, noise), urgent)
            })
            .collect();
        let gate = Gate::fit(&texts);
        let [sure, open, far] = [1.0, -0.1, -1.0].map(|ahead| gate.chance(&signs(ahead, 3.0)));
        assert!(sure > 0.9 && far < 0.02 && open > far && open < sure, "{sure} {open} {far}");
        assert!((gate.chance(&signs(0.2, 6.0)) - gate.chance(&signs(0.2, 0.0))).abs() < 0.3);
        let share: f32 = texts.iter().map(|(signs, _)| gate.chance(signs)).sum::<f32>() / 200.0;
        assert!((share - 0.1).abs() < 0.01, "calibrated: {share}");
    }

    #[test]
    fn nothing_to_learn_from_raises_nothing() {
        let urgent = Urgent::default();
        assert_eq!(urgent.raised(&Heads::default(), &Judgement::default(), false), None);
    }
}
