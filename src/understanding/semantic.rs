//! The second and third head: what the meaning of the whole sentence says, by a classifier over its vector and by the examples
//! nearest to it.

use crate::understanding::classifier::{Classifier, Dual, Training};
use pulp::Arch;

/// How the head is trained.
pub(crate) const TRAINING: Training = Training { strength: 30.0, passes: 14, tolerance: 0.008 };
/// How what is left of it learns on when vectors are taken out.
pub(crate) const AGAIN: Training = Training { strength: 30.0, passes: 3, tolerance: 0.015 };

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

/// Examples that all vectors of a dry run look at together.
const TILE: usize = 48;

/// What one vector has met so far.
struct Search {
    best: Vec<f32>,
    example: Option<usize>,
    /// The three best cosines, best first.
    top: [f32; 3],
}

impl Search {
    fn over(classes: usize, mut best: Vec<f32>) -> Self {
        best.clear();
        best.resize(classes, -1.0);
        Self { best, example: None, top: [-1.0; 3] }
    }

    #[inline(always)]
    fn meet(&mut self, place: usize, label: u32, cosine: f32) {
        let class = &mut self.best[label as usize];
        *class = class.max(cosine);
        if cosine > self.top[2] {
            if cosine > self.top[0] {
                self.example = Some(place);
            }
            self.top[2] = cosine;
            self.top.sort_by(|a, b| b.total_cmp(a));
        }
    }

    fn end(self) -> (Vec<f32>, Near) {
        (self.best, Near { example: self.example, mean: self.top.iter().sum::<f32>() / 3.0 })
    }
}

/// How many products are summed side by side: a fixed number, so that sums are the same on any machine.
const LANES: usize = 16;

impl Memory {
    /// Writes the best cosine of each class (-1 where it has no example) into `best`.
    pub(crate) fn nearest(&self, vector: &[f32], classes: usize, best: &mut Vec<f32>) -> Near {
        let mut search = Search::over(classes, std::mem::take(best));
        Arch::new().dispatch(|| {
            for (place, (other, &label)) in self.vectors.chunks_exact(self.width.max(1)).zip(&self.labels).enumerate() {
                search.meet(place, label, dot(vector, other));
            }
        });
        let (found, near) = search.end();
        *best = found;
        near
    }

    /// The same for many vectors at once, as if some examples were not there: best cosines of the classes and what is nearest, for each
    /// vector. Memory is read tile by tile, each of which stays in the cache while all vectors look at it.
    pub(crate) fn nearest_where(&self, is_there: impl Fn(usize) -> bool, vectors: &[&[f32]], classes: usize) -> Vec<(Vec<f32>, Near)> {
        let mut searches: Vec<Search> = vectors.iter().map(|_| Search::over(classes, Vec::new())).collect();
        let there: Vec<usize> = (0..self.labels.len()).filter(|place| is_there(*place)).collect();
        Arch::new().dispatch(|| {
            for tile in there.chunks(TILE) {
                for (vector, search) in vectors.iter().zip(&mut searches) {
                    for &place in tile {
                        let other = &self.vectors[place * self.width..][..self.width];
                        search.meet(place, self.labels[place], dot(vector, other));
                    }
                }
            }
        });
        searches.into_iter().map(Search::end).collect()
    }

    /// The places of the `most` examples of a class that are nearest to a vector, nearest first.
    pub(crate) fn nearest_of(&self, vector: &[f32], class: u32, most: usize) -> Vec<usize> {
        let of_class = self.labels.iter().enumerate().filter(|(_, label)| **label == class);
        let rows = of_class.filter_map(|(place, _)| Some((place, self.vectors.get(place * self.width..)?.get(..self.width)?)));
        let mut near: Vec<(usize, f32)> = rows.map(|(place, other)| (place, dot(vector, other))).collect();
        near.sort_by(|one, other| other.1.total_cmp(&one.1));
        near.into_iter().take(most).map(|(place, _)| place).collect()
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
        let found = semantic.memory.nearest_where(|place| place != 1, &[&[0.8, 0.6], &[0.0, 1.0]], 4);
        assert_eq!(found.iter().map(|(_, near)| near.example).collect::<Vec<_>>(), [Some(0), Some(2)]);
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
