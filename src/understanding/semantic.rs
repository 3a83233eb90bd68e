//! The second and third head: what the meaning of the whole sentence says, by a classifier over its vector and by the examples
//! nearest to it.

use crate::understanding::classifier::{Classifier, Dual, Training};
use crate::understanding::products::{LANES, add_up};
use pulp::{Arch, Simd, WithSimd};

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
        (Self { classifier, memory: Memory::of(vectors, labels.to_vec()) }, dual)
    }
}

/// Vectors of unit length and their classes, in blocks: each block is a table with one row for each direction and one column for each vector, so
/// that all vectors of a block are met side by side.
#[derive(Debug)]
pub(crate) struct Memory {
    width: usize,
    blocks: Vec<f32>,
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

/// Vectors of one block: as many as the registers of common machines have room for.
const BLOCK: usize = 4 * LANES;

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

impl Memory {
    /// Of vectors with their classes; all are as long as the first.
    pub(crate) fn of(vectors: &[&[f32]], labels: Vec<u32>) -> Self {
        let width = vectors.first().map_or(0, |vector| vector.len());
        let mut blocks = vec![0.0; vectors.len().div_ceil(BLOCK) * BLOCK * width];
        for (place, vector) in vectors.iter().enumerate() {
            let block = &mut blocks[place / BLOCK * BLOCK * width..];
            for (direction, value) in vector.iter().take(width).enumerate() {
                block[direction * BLOCK + place % BLOCK] = *value;
            }
        }
        Self { width, blocks, labels }
    }

    /// Writes the best cosine of each class (-1 where it has no example) into `best`.
    pub(crate) fn nearest(&self, vector: &[f32], classes: usize, best: &mut Vec<f32>) -> Near {
        let mut search = Search::over(classes, std::mem::take(best));
        Arch::new().dispatch(Look { memory: self, vectors: &[vector], searches: std::slice::from_mut(&mut search), is_there: |_| true });
        let (found, near) = search.end();
        *best = found;
        near
    }

    /// The same for many vectors at once, as if some examples were not there: best cosines of the classes and what is nearest, for each
    /// vector.
    pub(crate) fn nearest_where(&self, is_there: impl Fn(usize) -> bool, vectors: &[&[f32]], classes: usize) -> Vec<(Vec<f32>, Near)> {
        let mut searches: Vec<Search> = vectors.iter().map(|_| Search::over(classes, Vec::new())).collect();
        Arch::new().dispatch(Look { memory: self, vectors, searches: &mut searches, is_there });
        searches.into_iter().map(Search::end).collect()
    }

    /// The places of the `most` examples of a class that are nearest to a vector, nearest first.
    pub(crate) fn nearest_of(&self, vector: &[f32], class: u32, most: usize) -> Vec<usize> {
        let of_class = self.labels.iter().enumerate().filter(|(_, label)| **label == class);
        let mut near: Vec<(usize, f32)> = of_class.map(|(place, _)| (place, self.cosine(vector, place))).collect();
        near.sort_by(|one, other| other.1.total_cmp(&one.1));
        near.into_iter().take(most).map(|(place, _)| place).collect()
    }

    fn cosine(&self, vector: &[f32], place: usize) -> f32 {
        let block = &self.blocks[place / BLOCK * BLOCK * self.width..];
        vector.iter().take(self.width).zip(block[place % BLOCK..].iter().step_by(BLOCK)).map(|(a, b)| a * b).sum()
    }

    /// The class of the example at `place`.
    pub(crate) fn class(&self, place: usize) -> Option<u32> {
        self.labels.get(place).copied()
    }

    /// Bytes of its vectors.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks.len() * size_of::<f32>()
    }
}

/// Holds vectors against the examples that are there, in the widest registers of the machine. Memory is read block by block, each of which stays in
/// the cache while all vectors look at it.
struct Look<'a, F> {
    memory: &'a Memory,
    vectors: &'a [&'a [f32]],
    searches: &'a mut [Search],
    is_there: F,
}

impl<F: Fn(usize) -> bool> WithSimd for Look<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Memory { width, blocks, labels } = self.memory;
        let blocks = blocks.chunks_exact((BLOCK * width).max(1));
        let mut there: Vec<(usize, u32)> = Vec::with_capacity(BLOCK);
        for (number, (block, labels)) in blocks.zip(labels.chunks(BLOCK)).enumerate() {
            there.clear();
            there.extend(labels.iter().copied().enumerate().filter(|(lane, _)| (self.is_there)(number * BLOCK + lane)));
            for (vector, search) in self.vectors.iter().zip(self.searches.iter_mut()) {
                let mut cosines = [[0.0; LANES]; BLOCK / LANES];
                add_up(&mut cosines, vector.iter().take(*width).copied().enumerate(), block, BLOCK, 0);
                let cosines = cosines.as_flattened();
                for &(lane, label) in &there {
                    search.meet(number * BLOCK + lane, label, cosines[lane]);
                }
            }
        }
    }
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
