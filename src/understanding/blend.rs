//! The heads' scores to one probability for each class. Every head's scores are brought to the same scale by their mean and
//! spread over the classes; how much each counts is fitted on examples that the heads had not seen (a conditional logit with
//! the same few weights for all classes), which makes the probabilities mean what they say.

use crate::understanding::newton;

/// What is known of one class: spread-scaled and raw scores of the heads, and whether a pattern hit.
pub(crate) const SIGNS: usize = 9;
/// One text's signs, class by class.
pub(crate) type Signs = Vec<[f32; SIGNS]>;

/// Places of the signs: scaled scores of words, meaning and nearest example; the same times the damage of the text; raw log
/// odds of words and meaning; pattern.
const WORDS: usize = 0;
const MEANING: usize = 1;
const NEAREST: usize = 2;
const DAMAGED: usize = 3;
const RAW_WORDS: usize = 6;
const RAW_MEANING: usize = 7;
const PATTERN: usize = 8;

/// Where the fit starts and is drawn to: proportions found on public sets of bank and assistant questions. A damaged text
/// (words repaired or unknown) trusts its words more and the meaning of the whole less.
const USUAL: [f64; SIGNS] = [0.5, 1.6, 0.9, 3.0, -1.0, -0.8, 0.0, 0.0, 3.4];
/// How hard it is drawn there, in examples. Damage and patterns are rare in examples, so they are held firmly.
const FIRMNESS: [f64; SIGNS] = [0.2, 0.2, 0.2, 400.0, 400.0, 400.0, 4.0, 4.0, 4.0];

/// What the heads said of one text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    /// Log odds by words.
    pub(crate) words: &'a [f32],
    /// Log odds by meaning; empty when the encoder was not asked.
    pub(crate) meaning: &'a [f32],
    /// Best cosine of each class; empty when the encoder was not asked.
    pub(crate) nearest: &'a [f32],
    /// Classes whose patterns hit.
    pub(crate) hits: &'a [usize],
    /// Share of the words that were repaired or are unknown, 0 to 1.
    pub(crate) damage: f32,
}

/// Writes the signs of every class.
pub(crate) fn signs(said: Said<'_>, signs: &mut Signs) {
    signs.clear();
    signs.resize(said.words.len(), [0.0; SIGNS]);
    for (place, scores, raw) in
        [(WORDS, said.words, Some(RAW_WORDS)), (MEANING, said.meaning, Some(RAW_MEANING)), (NEAREST, said.nearest, None)]
    {
        let (mean, spread) = moments(scores);
        for (signs, score) in signs.iter_mut().zip(scores) {
            signs[place] = (score - mean) / spread;
            signs[DAMAGED + place] = signs[place] * said.damage;
            if let Some(raw) = raw {
                signs[raw] = score - mean;
            }
        }
    }
    for &hit in said.hits {
        signs[hit][PATTERN] = 1.0;
    }
}

/// Mean and spread (standard deviation, never 0).
fn moments(scores: &[f32]) -> (f32, f32) {
    let count = scores.len().max(1) as f32;
    let mean = scores.iter().sum::<f32>() / count;
    let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / count).sqrt();
    (mean, spread.max(1e-6))
}

/// How much each sign counts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blend {
    weights: [f32; SIGNS],
}

impl Blend {
    /// Fits the weights on texts whose right class is known and that the heads had not seen.
    pub(crate) fn fit(texts: &[(Signs, usize)]) -> Self {
        let mut weights = USUAL;
        for _ in 0..30 {
            let mut gradient = [0.0; SIGNS];
            let mut curvature = [0.0; SIGNS * SIGNS];
            for place in 0..SIGNS {
                gradient[place] = FIRMNESS[place] * (weights[place] - USUAL[place]);
                curvature[place * SIGNS + place] = FIRMNESS[place];
            }
            let mut p = Vec::new();
            for (signs, right) in texts {
                softmax(signs, &weights, &mut p);
                let mut mean = [0.0; SIGNS];
                for (signs, p) in signs.iter().zip(&p) {
                    for (mean, sign) in mean.iter_mut().zip(signs) {
                        *mean += p * f64::from(*sign);
                    }
                }
                for (signs, p) in signs.iter().zip(&p).filter(|(_, p)| **p > 1e-5) {
                    let away: [f64; SIGNS] = std::array::from_fn(|i| f64::from(signs[i]) - mean[i]);
                    for i in 0..SIGNS {
                        for j in 0..=i {
                            curvature[i * SIGNS + j] += p * away[i] * away[j];
                        }
                    }
                }
                for (place, gradient) in gradient.iter_mut().enumerate() {
                    *gradient += mean[place] - f64::from(signs[*right][place]);
                }
            }
            newton::solve(&mut curvature, &mut gradient);
            let most = gradient.iter().fold(0.0_f64, |most, step| most.max(step.abs()));
            // A step is cut when it is long: far from the best weights the curvature at the start says little.
            let scale = if most > 1.0 { most.recip() } else { 1.0 };
            weights.iter_mut().zip(&gradient).for_each(|(weight, step)| *weight -= scale * step);
            if most < 1e-6 {
                break;
            }
        }
        Self { weights: weights.map(|weight| weight as f32) }
    }

    /// Writes the probability of every class.
    pub(crate) fn probabilities(&self, signs: &Signs, probabilities: &mut Vec<f32>) {
        probabilities.clear();
        probabilities.extend(signs.iter().map(|signs| signs.iter().zip(&self.weights).map(|(sign, weight)| sign * weight).sum::<f32>()));
        let most = probabilities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        probabilities.iter_mut().for_each(|p| *p = (*p - most).exp());
        let sum: f32 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|p| *p /= sum);
    }
}

fn softmax(signs: &Signs, weights: &[f64; SIGNS], p: &mut Vec<f64>) {
    p.clear();
    p.extend(signs.iter().map(|signs| signs.iter().zip(weights).map(|(sign, weight)| f64::from(*sign) * weight).sum::<f64>()));
    let most = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    p.iter_mut().for_each(|p| *p = (*p - most).exp());
    let sum: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p /= sum);
}
