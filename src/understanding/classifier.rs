//! Multinomial logistic regression over sparse or dense rows, trained by coordinate ascent on its dual: each visit of an
//! example solves that example exactly, so a dozen passes are enough. Deterministic: same rows, same weights, on any machine,
//! because sums always have the same order, however wide the registers are.

use crate::understanding::balance;
use crate::understanding::chance::Chance;
use crate::understanding::omega::omega;
use crate::understanding::products::{LANES, add_up};
use pulp::{Arch, Simd, WithSimd};

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

/// A row that moves less than this share of the tolerance rests for so many passes.
const CALM: f32 = 1.0;
const REST: u8 = 4;

/// One row of weights for each feature and one for the constant, one column for each class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Classifier {
    classes: usize,
    stride: usize,
    weights: Vec<f32>,
}

/// What the dual says of the rows that a classifier learned from. The weights are the sum of what each row gives, so that rows can be
/// taken out again.
#[derive(Clone, Debug)]
pub(crate) struct Dual {
    /// For each row a distribution over the columns. A row gives the right class what this leaves there, and takes it from the others.
    given: Vec<f32>,
    /// How much each row counts.
    strengths: Vec<f32>,
}

impl Dual {
    /// Before anything is learned: no row gives anything.
    fn of(labels: &[u32], classes: usize, stride: usize, training: Training) -> Self {
        let mut given = vec![0.0_f32; labels.len() * stride];
        for (row, &label) in labels.iter().enumerate() {
            given[row * stride + label as usize] = 1.0;
        }
        let mut sizes = vec![0; classes];
        labels.iter().for_each(|&label| sizes[label as usize] += 1);
        let weights = balance::weights(&sizes);
        Self { given, strengths: labels.iter().map(|&label| training.strength * weights[label as usize]).collect() }
    }
}

impl Classifier {
    /// Learns from rows and their classes. `features` is one more than the largest feature of any row.
    pub(crate) fn learn<R: Row>(rows: &[R], labels: &[u32], classes: usize, features: usize, training: Training) -> (Self, Dual) {
        let stride = classes.next_multiple_of(LANES);
        let mut classifier = Self { classes, stride, weights: vec![0.0; stride * (features + 1)] };
        let mut dual = Dual::of(labels, classes, stride, training);
        let order = (0..rows.len() as u32).collect();
        Arch::new().dispatch(Train { classifier: &mut classifier, dual: &mut dual, rows, order, training });
        (classifier, dual)
    }

    /// The classifier as it would be without some of its rows: what they gave is taken back, and the others are visited again. That
    /// takes half the passes of learning from nothing, and leaves nothing of them behind.
    pub(crate) fn without<R: Row>(&self, dual: &Dual, rows: &[R], labels: &[u32], out: &[bool], training: Training) -> Self {
        let (mut rest, mut dual) = (self.clone(), dual.clone());
        let order = (0..rows.len() as u32).filter(|row| !out[*row as usize]).collect();
        Arch::new().dispatch(TakeOut { classifier: &mut rest, dual: &dual, rows, labels, out });
        Arch::new().dispatch(Train { classifier: &mut rest, dual: &mut dual, rows, order, training });
        rest
    }

    #[inline(always)]
    fn train<R: Row>(&mut self, dual: &mut Dual, rows: &[R], mut order: Vec<u32>, training: Training) {
        let (stride, classes) = (self.stride, self.classes);
        // The constant counts as one more feature of value 1.
        let squares: Vec<f32> = rows.iter().map(|row| 1.0 + row.entries().map(|(_, value)| value * value).sum::<f32>()).collect();
        let mut chance = Chance(0x5eed);
        let mut scores = vec![0.0; stride];
        let mut moves = vec![0.0; stride];
        // A row that hardly moves any more is left alone for some passes: most rows are done long before the last ones are.
        let mut rests = vec![0_u8; rows.len()];
        for _ in 0..training.passes {
            chance.shuffle(&mut order);
            let mut moved = 0.0;
            for &row in &order {
                let row = row as usize;
                if rests[row] > 0 {
                    rests[row] -= 1;
                    continue;
                }
                let strength = dual.strengths[row];
                self.score_wide(&rows[row], &mut scores);
                scores[classes..].fill(NOT_A_CLASS);
                let far = solve(&scores, &mut dual.given[row * stride..][..stride], strength * squares[row], &mut moves);
                moved += far;
                if far < CALM * training.tolerance {
                    rests[row] = REST;
                }
                for change in &mut moves {
                    *change *= strength;
                }
                self.shift(&rows[row], &moves);
            }
            if moved < training.tolerance * order.len() as f32 {
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
        Arch::new().dispatch(Score { classifier: self, row, scores });
        scores.truncate(self.classes);
    }

    #[inline(always)]
    fn score_wide<R: Row>(&self, row: &R, scores: &mut [f32]) {
        let mut blocks = scores.as_chunks_mut::<LANES>().0;
        let mut first = 0;
        // Five blocks (80 classes) fit into the registers of common machines.
        while !blocks.is_empty() {
            let (now, rest) = blocks.split_at_mut(blocks.len().min(5));
            match now.len() {
                5 => self.sum::<R, 5>(row, first, now),
                4 => self.sum::<R, 4>(row, first, now),
                3 => self.sum::<R, 3>(row, first, now),
                2 => self.sum::<R, 2>(row, first, now),
                _ => self.sum::<R, 1>(row, first, now),
            }
            first += now.len();
            blocks = rest;
        }
    }

    /// The scores of so many blocks of classes.
    #[inline(always)]
    fn sum<R: Row, const BLOCKS: usize>(&self, row: &R, first: usize, scores: &mut [[f32; LANES]]) {
        let mut sums = [[0.0_f32; LANES]; BLOCKS];
        let constants = &self.weights[self.weights.len() - self.stride..].as_chunks::<LANES>().0[first..first + BLOCKS];
        sums.copy_from_slice(constants);
        add_up(&mut sums, row.entries(), &self.weights, self.stride, first);
        scores.copy_from_slice(&sums);
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

/// Visits rows in the widest registers of the machine. (A closure would not do: the compiler may leave it in narrow ones.)
struct Train<'a, R> {
    classifier: &'a mut Classifier,
    dual: &'a mut Dual,
    rows: &'a [R],
    order: Vec<u32>,
    training: Training,
}

impl<R: Row> WithSimd for Train<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.classifier.train(self.dual, self.rows, self.order, self.training);
    }
}

/// Takes back what some rows gave.
struct TakeOut<'a, R> {
    classifier: &'a mut Classifier,
    dual: &'a Dual,
    rows: &'a [R],
    labels: &'a [u32],
    out: &'a [bool],
}

impl<R: Row> WithSimd for TakeOut<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { classifier, dual, rows, labels, out } = self;
        let stride = classifier.stride;
        let mut back = vec![0.0; stride];
        for row in (0..rows.len()).filter(|row| out[*row]) {
            back.copy_from_slice(&dual.given[row * stride..][..stride]);
            back[labels[row] as usize] -= 1.0;
            for change in &mut back {
                *change *= dual.strengths[row];
            }
            classifier.shift(&rows[row], &back);
        }
    }
}

/// Scores one row.
struct Score<'a, R> {
    classifier: &'a Classifier,
    row: &'a R,
    scores: &'a mut [f32],
}

impl<R: Row> WithSimd for Score<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.classifier.score_wide(self.row, self.scores);
    }
}

/// The score of a column that only fills a block: it never gets any probability.
const NOT_A_CLASS: f32 = -1e9;

/// Finds the distribution `p` with `p = softmax(scores + weight * (given - p))`, the best dual values of one row, puts it in
/// the place of `given` and writes how far each value moved. With `w = weight * p` each class obeys `w + ln w = x - m`, and the
/// shift `m` that makes the sum right is found by Newton's method. The sum is convex and falls with `m`, so a step from anywhere ends at
/// or below the answer and from there climbs to it. It starts where the answer lies if the likeliest class keeps its value, which it
/// nearly does once most has been learned, and never below the shift at which one class alone has the whole sum.
#[inline(always)]
fn solve(scores: &[f32], given: &mut [f32], weight: f32, moves: &mut [f32]) -> f32 {
    let log_weight = weight.ln();
    let (mut most, mut likeliest) = (f32::NEG_INFINITY, 0.0_f32);
    for ((x, score), given) in moves.iter_mut().zip(scores).zip(given.iter()) {
        *x = score + weight * given + log_weight;
        most = most.max(*x);
        likeliest = likeliest.max(*given);
    }
    let least = most - weight - log_weight;
    let class = given.iter().position(|given| *given == likeliest).unwrap_or(0);
    let kept = weight * likeliest.max(f32::MIN_POSITIVE);
    let mut shift = (moves[class] - kept - kept.ln()).max(least);
    for _ in 0..24 {
        let (sum, slope) = total(moves, shift);
        let step = (sum - weight) / slope;
        shift = (shift + step).max(least);
        // The error after a step is about half its square.
        if step.abs() < 1e-2 {
            break;
        }
    }
    for x in moves.iter_mut() {
        *x = omega(*x - shift);
    }
    let mut sums = [0.0_f32; LANES];
    for block in moves.as_chunks::<LANES>().0 {
        for (sum, x) in sums.iter_mut().zip(block) {
            *sum += x;
        }
    }
    let scale = sums.iter().sum::<f32>().recip();
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
    for block in xs.as_chunks::<LANES>().0 {
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
        let (classifier, _) = Classifier::learn(&rows, &labels, 3, 8, TRAINING);
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
        let (one, _) = Classifier::learn(&sparse, &labels, 4, 7, TRAINING);
        assert_eq!(one, Classifier::learn(&sparse, &labels, 4, 7, TRAINING).0);
        assert_eq!(one, Classifier::learn(&dense, &labels, 4, 7, TRAINING).0);
    }

    #[test]
    fn rows_that_are_taken_out_leave_nothing_behind() {
        let rows: Vec<Vec<(u32, f32)>> = (0..40).map(|i| vec![(i % 4, 0.8), (4 + i % 7, 0.6), (11 + i % 2, 0.4)]).collect();
        let labels: Vec<u32> = (0..40).map(|i| i % 4).collect();
        let out: Vec<bool> = (0..40).map(|i| i % 3 == 0).collect();
        let (all, dual) = Classifier::learn(&rows, &labels, 4, 13, TRAINING);
        let rest = all.without(&dual, &rows, &labels, &out, TRAINING);
        let kept = |row: &usize| !out[*row];
        let few: Vec<_> = (0..40).filter(kept).map(|row| rows[row].clone()).collect();
        let few_labels: Vec<u32> = (0..40).filter(kept).map(|row| labels[row]).collect();
        let (fresh, _) = Classifier::learn(&few, &few_labels, 4, 13, TRAINING);
        for (feature, class) in (0..13).flat_map(|feature| (0..4).map(move |class| (feature, class))) {
            let (one, other) = (rest.weight(feature, class), fresh.weight(feature, class));
            assert!((one - other).abs() < 0.1, "feature {feature} class {class}: {one} against {other}");
        }
    }
}
