//! The second and third head: what the meaning of the whole sentence says, by a classifier over its vector and by the examples
//! nearest to it.

use crate::understanding::classifier::{Classifier, Dual, Training};
use pulp::Arch;

/// How the head is trained.
pub(crate) const TRAINING: Training = Training { strength: 30.0, passes: 14, tolerance: 0.008 };
/// How what is left of it learns on when vectors are taken out.
pub(crate) const AGAIN: Training = Training { strength: 30.0, passes: 6, tolerance: 0.015 };

/// Classifier and examples over sentence vectors.
#[derive(Debug)]
pub(crate) struct Semantic {
    /// Learned from the vectors.
    pub(crate) classifier: Classifier,
    /// The vectors themselves.
    pub(crate) memory: Memory,
}

impl Semantic {
    /// Learns from vectors of unit length and their classes.
    pub(crate) fn learn(vectors: &[&[f32]], labels: &[u32], classes: usize) -> (Self, Dual) {
        let width = vectors.first().map_or(0, |vector| vector.len());
        let (classifier, dual) = Classifier::learn(vectors, labels, classes, width, TRAINING);
        (Self { classifier, memory: Memory { width, vectors: vectors.concat(), labels: labels.to_vec() } }, dual)
    }
}

/// Vectors of unit length and their classes.
#[derive(Debug)]
pub(crate) struct Memory {
    width: usize,
    vectors: Vec<f32>,
    labels: Vec<u32>,
}

/// What is nearest to a vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Near {
    /// The place of the nearest example in the memory; `None` when it is empty.
    pub(crate) example: Option<usize>,
    /// Mean cosine of the three nearest, -1 to 1.
    pub(crate) mean: f32,
}

/// How many products are summed side by side: a fixed number, so that sums are the same on any machine.
const LANES: usize = 16;

impl Memory {
    /// Writes the best cosine of each class (-1 where it has no example) into `best`.
    pub(crate) fn nearest(&self, vector: &[f32], classes: usize, best: &mut Vec<f32>) -> Near {
        self.nearest_where(|_| true, vector, classes, best)
    }

    /// The same as if some examples were not there.
    pub(crate) fn nearest_where(&self, is_there: impl Fn(usize) -> bool, vector: &[f32], classes: usize, best: &mut Vec<f32>) -> Near {
        best.clear();
        best.resize(classes, -1.0);
        let mut example = None;
        let mut top = [-1.0_f32; 3];
        Arch::new().dispatch(|| {
            let all = self.vectors.chunks_exact(self.width.max(1)).zip(&self.labels).enumerate();
            for (place, (other, &label)) in all.filter(|(place, _)| is_there(*place)) {
                let cosine = dot(vector, other);
                let class = &mut best[label as usize];
                *class = class.max(cosine);
                if cosine > top[2] {
                    if cosine > top[0] {
                        example = Some(place);
                    }
                    top[2] = cosine;
                    top.sort_by(|a, b| b.total_cmp(a));
                }
            }
        });
        Near { example, mean: top.iter().sum::<f32>() / 3.0 }
    }

    /// The class of the example at `place`.
    pub(crate) fn class(&self, place: usize) -> Option<u32> {
        self.labels.get(place).copied()
    }

    /// Bytes of its vectors.
    pub(crate) fn bytes(&self) -> usize {
        self.vectors.len() * size_of::<f32>()
    }
}

#[inline(always)]
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_example_of_each_class_is_found() {
        let vectors: [&[f32]; 4] = [&[1.0, 0.0], &[0.6, 0.8], &[0.0, 1.0], &[-1.0, 0.0]];
        let (semantic, _) = Semantic::learn(&vectors, &[0, 0, 1, 2], 4);
        let mut best = Vec::new();
        let near = semantic.memory.nearest(&[0.8, 0.6], 4, &mut best);
        assert_eq!(near.example, Some(1));
        assert_eq!(semantic.memory.nearest_where(|place| place != 1, &[0.8, 0.6], 4, &mut Vec::new()).example, Some(0));
        assert!((near.mean - (0.96 + 0.8 + 0.6) / 3.0).abs() < 1e-6);
        for (got, wanted) in best.iter().zip([0.96, 0.6, -0.8, -1.0]) {
            assert!((got - wanted).abs() < 1e-6, "{best:?}");
        }
    }

    #[test]
    fn an_empty_memory_knows_nothing() {
        let (semantic, _) = Semantic::learn(&[], &[], 2);
        let mut best = Vec::new();
        assert_eq!(semantic.memory.nearest(&[1.0, 0.0], 2, &mut best), Near { example: None, mean: -1.0 });
        assert_eq!(best, [-1.0, -1.0]);
    }
}
