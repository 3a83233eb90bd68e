//! Multinomial logistic regression over sparse vectors, trained by coordinate ascent on its dual: each visit of an
//! example solves that example exactly, so a dozen passes are enough. Deterministic: same rows, same weights.

use crate::understanding::features::Sparse;

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

/// One row of weights for each feature, one column for each class.
#[derive(Debug)]
pub(crate) struct Classifier {
    classes: usize,
    weights: Vec<f32>,
}

impl Classifier {
    /// Learns from rows and their classes.
    pub(crate) fn learn(rows: &[Sparse], labels: &[u32], classes: usize, features: usize, training: Training) -> Self {
        let mut classifier = Self { classes, weights: vec![0.0; classes * features] };
        // `given` holds 1 - alpha for the right class and -alpha for the others: the distribution that the dual gives each row.
        let mut given = vec![0.0_f32; rows.len() * classes];
        for (row, &label) in labels.iter().enumerate() {
            given[row * classes + label as usize] = 1.0;
        }
        let weights: Vec<f32> =
            rows.iter().map(|row| training.strength * row.iter().map(|(_, value)| value * value).sum::<f32>()).collect();
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        let mut chance = Chance(0x5eed);
        let mut scores = vec![0.0; classes];
        let mut solved = vec![0.0; classes];
        let mut moves: Vec<(u32, f32)> = Vec::with_capacity(classes);
        for _ in 0..training.passes {
            chance.shuffle(&mut order);
            let mut moved = 0.0;
            for &row in &order {
                let row = row as usize;
                if weights[row] == 0.0 {
                    continue;
                }
                classifier.score(&rows[row], &mut scores);
                let given = &mut given[row * classes..][..classes];
                solve(&scores, given, weights[row], &mut solved);
                moves.clear();
                for (class, (old, &new)) in given.iter_mut().zip(&solved).enumerate() {
                    let change = *old - new;
                    if change.abs() > 1e-4 {
                        moved += change.abs();
                        moves.push((class as u32, training.strength * change));
                        *old = new;
                    }
                }
                classifier.shift(&rows[row], &moves);
            }
            if moved < training.tolerance * rows.len() as f32 {
                break;
            }
        }
        classifier
    }

    /// How many classes there are.
    pub(crate) fn classes(&self) -> usize {
        self.classes
    }

    /// Writes the score of every class into `scores`.
    pub(crate) fn score(&self, row: &Sparse, scores: &mut [f32]) {
        scores.fill(0.0);
        for &(feature, value) in row {
            let weights = &self.weights[feature as usize * self.classes..][..self.classes];
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += value * weight;
            }
        }
    }

    /// What one feature says about one class.
    pub(crate) fn weight(&self, feature: u32, class: usize) -> f32 {
        self.weights[feature as usize * self.classes + class]
    }

    fn shift(&mut self, row: &Sparse, moves: &[(u32, f32)]) {
        if moves.is_empty() {
            return;
        }
        for &(feature, value) in row {
            let weights = &mut self.weights[feature as usize * self.classes..][..self.classes];
            for &(class, change) in moves {
                weights[class as usize] += value * change;
            }
        }
    }
}

/// Finds the distribution `p` with `p = softmax(scores + weight * (given - p))`: the best dual values of one row.
/// With `w = weight * p` each class obeys `w + ln w = x - m`, and the shift `m` that makes the sum right is found by Newton's method,
/// which cannot overshoot from the left because the sum is convex and falls with `m`.
fn solve(scores: &[f32], given: &[f32], weight: f32, solved: &mut [f32]) {
    let log_weight = weight.ln();
    let mut most = f32::NEG_INFINITY;
    for ((x, score), given) in solved.iter_mut().zip(scores).zip(given) {
        *x = score + weight * given + log_weight;
        most = most.max(*x);
    }
    let mut shift = most - weight - log_weight;
    for _ in 0..24 {
        let (mut sum, mut slope) = (0.0_f32, 0.0_f32);
        for x in solved.iter() {
            let w = omega(x - shift);
            sum += w;
            slope += w / (1.0 + w);
        }
        let step = (sum - weight) / slope;
        shift += step;
        if step.abs() < 1e-4 {
            break;
        }
    }
    let mut sum = 0.0;
    for x in solved.iter_mut() {
        *x = omega(*x - shift);
        sum += *x;
    }
    let scale = sum.recip();
    solved.iter_mut().for_each(|x| *x *= scale);
}

/// The Wright omega function on the real line: the `w` with `w + ln w = x`.
fn omega(x: f32) -> f32 {
    if x < -16.0 {
        return 0.0;
    }
    if x < -3.5 {
        let e = x.exp();
        return e * (1.0 - e * (1.0 - 1.5 * e));
    }
    let mut w = if x > 1.0 {
        x - x.ln() * (1.0 - 1.0 / (1.0 + x))
    } else {
        let e = x.exp();
        e / (1.0 + 0.65 * e)
    };
    for _ in 0..2 {
        w *= (1.0 + x - w.ln()) / (1.0 + w);
    }
    w
}

/// A small fixed sequence of numbers, so that training is the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn shuffle(&mut self, order: &mut [u32]) {
        for end in (1..order.len()).rev() {
            let other = (self.next() % (end as u64 + 1)) as usize;
            order.swap(end, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAINING: Training = Training { strength: 30.0, passes: 40, tolerance: 1e-4 };

    #[test]
    fn omega_solves_its_equation() {
        for x in [-15.0_f32, -6.0, -3.6, -3.4, -1.0, 0.0, 0.5, 1.0, 1.1, 3.0, 20.0, 90.0] {
            let w = omega(x);
            assert!((w + w.ln() - x).abs() < 2e-3 * x.abs().max(1.0), "{x}: {w} gives {}", w + w.ln());
        }
    }

    #[test]
    fn one_row_is_solved_exactly() {
        let (scores, given, weight) = ([0.3, -1.0, 2.0], [1.0, 0.0, 0.0], 60.0);
        let mut p = [0.0; 3];
        solve(&scores, &given, weight, &mut p);
        let shifted: Vec<f32> = (0..3).map(|k| scores[k] + weight * (given[k] - p[k])).collect();
        let sum: f32 = shifted.iter().map(|x| x.exp()).sum();
        for k in 0..3 {
            assert!((shifted[k].exp() / sum - p[k]).abs() < 5e-3, "{p:?}");
        }
    }

    #[test]
    fn separable_rows_are_learned_and_the_optimum_is_reached() {
        let rows: Vec<Sparse> = (0..30).map(|i| vec![(i % 3, 0.8), (3 + i % 5, 0.6)]).collect();
        let labels: Vec<u32> = (0..30).map(|i| i % 3).collect();
        let classifier = Classifier::learn(&rows, &labels, 3, 8, TRAINING);
        assert_eq!(classifier.classes(), 3);
        let mut scores = [0.0; 3];
        let mut gradient = vec![0.0; 3 * 8];
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
    fn training_is_repeatable() {
        let rows: Vec<Sparse> = (0..20).map(|i| vec![(i % 4, 1.0), (4 + i % 3, 0.5)]).collect();
        let labels: Vec<u32> = (0..20).map(|i| i % 4).collect();
        let once = Classifier::learn(&rows, &labels, 4, 7, TRAINING);
        let twice = Classifier::learn(&rows, &labels, 4, 7, TRAINING);
        assert_eq!(once.weights, twice.weights);
    }
}
