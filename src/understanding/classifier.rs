//! Multinomial logistic regression over sparse or dense rows, trained by coordinate ascent on its dual: each visit of an
//! example solves that example exactly, so a dozen passes are enough. Deterministic: same rows, same weights, on any machine,
//! because wide registers only run over classes side by side and never change the order of a sum.

use crate::understanding::balance;
use crate::understanding::chance::Chance;
use crate::understanding::omega::omega;
use pulp::Arch;

/// How the classifier is trained.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Training {
    /// Weight of the examples against the size of the weights (the `C` of the usual packages).
    pub(crate) strength: f32,
    /// Most passes over the examples.
    pub(crate) passes: usize,
    /// Stop when the mean change of a probability distribution in one pass is below this.
    pub(crate) tolerance: f32,
}

/// A row to learn from or to score.
pub(crate) trait Row {
    /// Its features and their values.
    fn entries(&self) -> impl Iterator<Item = (usize, f32)>;
}

impl Row for Vec<(u32, f32)> {
    #[inline(always)]
    fn entries(&self) -> impl Iterator<Item = (usize, f32)> {
        self.iter().map(|&(feature, value)| (feature as usize, value))
    }
}

impl Row for &[f32] {
    #[inline(always)]
    fn entries(&self) -> impl Iterator<Item = (usize, f32)> {
        self.iter().copied().enumerate()
    }
}

/// Weights come in blocks of this many classes, so that wide registers are filled.
const LANES: usize = 16;

/// One row of weights for each feature and one for the constant, one column for each class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Classifier {
    classes: usize,
    stride: usize,
    weights: Vec<f32>,
}

impl Classifier {
    /// Learns from rows and their classes. `features` is one more than the largest feature of any row.
    pub(crate) fn learn<R: Row>(rows: &[R], labels: &[u32], classes: usize, features: usize, training: Training) -> Self {
        let stride = classes.next_multiple_of(LANES);
        let mut classifier = Self { classes, stride, weights: vec![0.0; stride * (features + 1)] };
        Arch::new().dispatch(|| classifier.train(rows, labels, training));
        classifier
    }

    #[inline(always)]
    fn train<R: Row>(&mut self, rows: &[R], labels: &[u32], training: Training) {
        let (stride, classes) = (self.stride, self.classes);
        // 1 - alpha for the right class and -alpha for the others: the distribution that the dual gives each row.
        let mut given = vec![0.0_f32; rows.len() * stride];
        for (row, &label) in labels.iter().enumerate() {
            given[row * stride + label as usize] = 1.0;
        }
        let mut sizes = vec![0; classes];
        labels.iter().for_each(|&label| sizes[label as usize] += 1);
        let weights = balance::weights(&sizes);
        let strengths: Vec<f32> = labels.iter().map(|&label| training.strength * weights[label as usize]).collect();
        // The constant counts as one more feature of value 1.
        let squares: Vec<f32> = rows.iter().map(|row| 1.0 + row.entries().map(|(_, value)| value * value).sum::<f32>()).collect();
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        let mut chance = Chance(0x5eed);
        let mut scores = vec![0.0; stride];
        let mut moves = vec![0.0; stride];
        for _ in 0..training.passes {
            chance.shuffle(&mut order);
            let mut moved = 0.0;
            for &row in &order {
                let row = row as usize;
                self.score_wide(&rows[row], &mut scores);
                scores[classes..].fill(NOT_A_CLASS);
                moved += solve(&scores, &mut given[row * stride..][..stride], strengths[row] * squares[row], &mut moves);
                moves.iter_mut().for_each(|change| *change *= strengths[row]);
                self.shift(&rows[row], &moves);
            }
            if moved < training.tolerance * rows.len() as f32 {
                break;
            }
        }
    }

    /// Bytes of its weights.
    pub(crate) fn bytes(&self) -> usize {
        self.weights.len() * size_of::<f32>()
    }

    /// Writes the score of every class into `scores`, and nothing else.
    pub(crate) fn score<R: Row>(&self, row: &R, scores: &mut Vec<f32>) {
        scores.clear();
        scores.resize(self.stride, 0.0);
        Arch::new().dispatch(|| self.score_wide(row, scores));
        scores.truncate(self.classes);
    }

    #[inline(always)]
    fn score_wide<R: Row>(&self, row: &R, scores: &mut [f32]) {
        scores.copy_from_slice(&self.weights[self.weights.len() - self.stride..]);
        for (feature, value) in row.entries() {
            let weights = &self.weights[feature * self.stride..][..self.stride];
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += value * weight;
            }
        }
    }

    /// What one feature says about one class.
    pub(crate) fn weight(&self, feature: u32, class: usize) -> f32 {
        self.weights[feature as usize * self.stride + class]
    }

    #[inline(always)]
    fn shift<R: Row>(&mut self, row: &R, moves: &[f32]) {
        let constant = self.weights.len() / self.stride - 1;
        for (feature, value) in row.entries().chain(std::iter::once((constant, 1.0))) {
            let weights = &mut self.weights[feature * self.stride..][..self.stride];
            for (weight, change) in weights.iter_mut().zip(moves) {
                *weight += value * change;
            }
        }
    }
}

/// The score of a column that only fills a block: it never gets any probability.
const NOT_A_CLASS: f32 = -1e9;

/// Finds the distribution `p` with `p = softmax(scores + weight * (given - p))`, the best dual values of one row, puts it in
/// the place of `given` and writes how far each value moved. With `w = weight * p` each class obeys `w + ln w = x - m`, and the
/// shift `m` that makes the sum right is found by Newton's method, which cannot overshoot from the left because the sum is
/// convex and falls with `m`.
#[inline(always)]
fn solve(scores: &[f32], given: &mut [f32], weight: f32, moves: &mut [f32]) -> f32 {
    let log_weight = weight.ln();
    let mut most = f32::NEG_INFINITY;
    for ((x, score), given) in moves.iter_mut().zip(scores).zip(given.iter()) {
        *x = score + weight * given + log_weight;
        most = most.max(*x);
    }
    let mut shift = most - weight - log_weight;
    for _ in 0..24 {
        let (sum, slope) = total(moves, shift);
        let step = (sum - weight) / slope;
        shift += step;
        if step.abs() < 1e-4 {
            break;
        }
    }
    moves.iter_mut().for_each(|x| *x = omega(*x - shift));
    let scale = moves.iter().sum::<f32>().recip();
    let mut moved = 0.0;
    for (x, given) in moves.iter_mut().zip(given.iter_mut()) {
        let better = *x * scale;
        *x = *given - better;
        *given = better;
        moved += x.abs();
    }
    moved
}

/// The sum of `omega(x - shift)` over all classes, and how fast it falls with the shift.
#[inline(always)]
fn total(xs: &[f32], shift: f32) -> (f32, f32) {
    let (mut sums, mut slopes) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    for block in xs.chunks_exact(LANES) {
        for ((sum, slope), x) in sums.iter_mut().zip(slopes.iter_mut()).zip(block) {
            let w = omega(x - shift);
            *sum += w;
            *slope += w / (1.0 + w);
        }
    }
    (sums.iter().sum(), slopes.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAINING: Training = Training { strength: 30.0, passes: 40, tolerance: 1e-4 };

    #[test]
    fn one_row_is_solved_exactly() {
        let (scores, weight) = ([[0.3, -1.0, 2.0].as_slice(), &[NOT_A_CLASS; 13]].concat(), 60.0);
        let mut p = vec![0.0; LANES];
        p[0] = 1.0;
        let mut moves = vec![0.0; LANES];
        solve(&scores, &mut p, weight, &mut moves);
        let given = [1.0, 0.0, 0.0];
        let shifted: Vec<f32> = (0..3).map(|k| scores[k] + weight * (given[k] - p[k])).collect();
        let sum: f32 = shifted.iter().map(|x| x.exp()).sum();
        for k in 0..3 {
            assert!((shifted[k].exp() / sum - p[k]).abs() < 5e-3, "{p:?}");
        }
        assert!(p[3..].iter().all(|p| *p == 0.0));
    }

    #[test]
    fn separable_rows_are_learned_and_the_optimum_is_reached() {
        let rows: Vec<Vec<(u32, f32)>> = (0..30).map(|i| vec![(i % 3, 0.8), (3 + i % 5, 0.6)]).collect();
        let labels: Vec<u32> = (0..30).map(|i| i % 3).collect();
        let classifier = Classifier::learn(&rows, &labels, 3, 8, TRAINING);
        let mut scores = Vec::new();
        let mut gradient = [0.0; 3 * 8];
        for (row, &label) in rows.iter().zip(&labels) {
            classifier.score(row, &mut scores);
            let sum: f32 = scores.iter().map(|s| s.exp()).sum();
            let best = (0..3).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            assert_eq!(best, Some(label as usize));
            for &(feature, value) in row {
                for class in 0..3 {
                    let error = f32::from(u8::from(class == label as usize)) - scores[class].exp() / sum;
                    gradient[feature as usize * 3 + class] += 30.0 * value * error;
                }
            }
        }
        // At the optimum every weight equals strength x the sum of its errors.
        for (feature, class) in (0..8).flat_map(|f| (0..3).map(move |c| (f, c))) {
            let (weight, wanted) = (classifier.weight(feature, class), gradient[feature as usize * 3 + class]);
            assert!((weight - wanted).abs() < 0.2, "feature {feature} class {class}: {weight} against {wanted}");
        }
    }

    #[test]
    fn dense_and_sparse_rows_are_the_same_and_training_is_repeatable() {
        let sparse: Vec<Vec<(u32, f32)>> = (0..20).map(|i| vec![(i % 4, 1.0), (4 + i % 3, 0.5)]).collect();
        let dense: Vec<Vec<f32>> = sparse
            .iter()
            .map(|row| {
                let mut wide = vec![0.0; 7];
                row.iter().for_each(|&(feature, value)| wide[feature as usize] = value);
                wide
            })
            .collect();
        let dense: Vec<&[f32]> = dense.iter().map(Vec::as_slice).collect();
        let labels: Vec<u32> = (0..20).map(|i| i % 4).collect();
        let one = Classifier::learn(&sparse, &labels, 4, 7, TRAINING);
        assert_eq!(one, Classifier::learn(&sparse, &labels, 4, 7, TRAINING));
        assert_eq!(one, Classifier::learn(&dense, &labels, 4, 7, TRAINING));
    }
}
