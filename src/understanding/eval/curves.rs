//! How good the confidences are: what is risked at each coverage, and whether a promised certainty is kept.

use super::Answer;

/// Bands of confidence.
const BANDS: usize = 15;

/// Answers whose confidence lies in one band.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Band {
    /// How many.
    pub n: u32,
    /// Mean confidence, 0 to 1; 0 when there are none.
    pub promised: f32,
    /// Share that is right, 0 to 1; 0 when there are none.
    pub right: f32,
}

/// The answers in scope, by confidence in fifteen bands from 0 to 1.
pub fn reliability(answers: &[Answer]) -> Vec<Band> {
    let mut bands = vec![Band::default(); BANDS];
    for answer in answers.iter().filter(|answer| answer.in_scope) {
        let band = &mut bands[((answer.confidence * BANDS as f32) as usize).min(BANDS - 1)];
        band.n += 1;
        band.promised += answer.confidence;
        band.right += f32::from(u8::from(answer.right));
    }
    for band in bands.iter_mut().filter(|band| band.n > 0) {
        band.promised /= band.n as f32;
        band.right /= band.n as f32;
    }
    bands
}

/// Points of the curve: the share of answers in scope that are taken, surest first, and the share of these that is wrong.
pub fn risk_coverage(answers: &[Answer]) -> Vec<(f32, f32)> {
    let mut sure: Vec<(f32, bool)> =
        answers.iter().filter(|answer| answer.in_scope).map(|answer| (answer.confidence, answer.right)).collect();
    sure.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (all, mut wrong, mut seen, mut points) = (sure.len() as f32, 0.0, 0.0, Vec::new());
    for same in sure.chunk_by(|a, b| a.0 == b.0) {
        seen += same.len() as f32;
        wrong += same.iter().filter(|(_, right)| !right).count() as f32;
        points.push((seen / all, wrong / seen));
    }
    points
}

/// The largest coverage at which no more than this share is wrong.
pub fn coverage_at(curve: &[(f32, f32)], risk: f32) -> f32 {
    curve.iter().filter(|(_, wrong)| *wrong <= risk).map(|(coverage, _)| *coverage).fold(0.0, f32::max)
}

/// The numbers of errors that a true share of `p` gives among `n` in 95 of 100 cases: the central interval of the binomial
/// distribution, both ends included.
pub fn binomial_interval(n: u32, p: f64) -> (u32, u32) {
    let mut chance = (f64::from(n) * (1.0 - p).ln()).exp();
    let (mut sum, mut low, mut found) = (0.0, 0, false);
    for k in 0..=n {
        sum += chance;
        if !found && sum > 0.025 {
            (low, found) = (k, true);
        }
        if sum >= 0.975 {
            return (low, k);
        }
        chance *= f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p);
    }
    (low, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Vec<Answer> {
        let answer = |confidence, right| Answer {
            in_scope: true,
            right,
            confidence,
            probability: confidence,
            acted: confidence > 0.8,
            kept: true,
            likeness: 0.0,
            labels: (Some(0), 0),
            encoder_asked: false,
        };
        vec![answer(0.95, true), answer(0.9, true), answer(0.5, false), answer(0.45, true)]
    }

    #[test]
    fn the_surest_come_first() {
        assert_eq!(risk_coverage(&answers()), [(0.25, 0.0), (0.5, 0.0), (0.75, 1.0 / 3.0), (1.0, 0.25)]);
        assert_eq!(coverage_at(&risk_coverage(&answers()), 0.02), 0.5);
        assert_eq!(coverage_at(&risk_coverage(&answers()), 0.25), 1.0);
        assert!(risk_coverage(&[]).is_empty());
    }

    #[test]
    fn bands_promise_and_keep() {
        let bands = reliability(&answers());
        assert_eq!(bands.len(), BANDS);
        assert_eq!(bands.iter().map(|band| band.n).sum::<u32>(), 4);
        assert_eq!((bands[14].n, bands[14].right), (1, 1.0));
    }

    #[test]
    fn the_interval_is_the_binomial_one() {
        // P(X <= 12) = 0.0213 and P(X <= 27) = 0.9793 for 1,000 draws at 2 %.
        assert_eq!(binomial_interval(1_000, 0.02), (12, 29));
        assert_eq!(binomial_interval(0, 0.02), (0, 0));
        assert_eq!(binomial_interval(10, 0.5), (2, 8));
    }
}
