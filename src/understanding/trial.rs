//! The dry run: the heads learn from a part of the examples and are asked about the rest, so that what is fitted on their
//! answers (blend, trust, scope, thresholds) holds for messages that nobody has seen.

use crate::understanding::balance;
use crate::understanding::classifier::Training;
use crate::understanding::features::{Coverage, Grams, Sparse};
use crate::understanding::lexical::{self, Lexical};
use crate::understanding::semantic::{self, Near, Semantic};
use std::sync::Arc;

/// One text to learn from.
#[derive(Clone, Debug)]
pub(crate) struct Lesson {
    /// The class.
    pub(crate) class: u32,
    /// Its place among its class's examples, which decides the fold; `None` for titles and descriptions, which are always learned from.
    pub(crate) place: Option<usize>,
    /// Classes whose patterns hit it.
    pub(crate) hits: Vec<usize>,
    /// Its n-grams.
    pub(crate) grams: Grams,
    /// Its sentence vector, if it has one: without an encoder, and for languages that the encoder cannot read, there is none.
    pub(crate) vector: Option<Arc<[f32]>>,
}

/// What heads that had not seen an example said about it.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// The lesson.
    pub(crate) lesson: usize,
    /// The right class.
    pub(crate) class: usize,
    /// Log odds by words.
    pub(crate) words: Vec<f32>,
    /// Log odds by meaning; empty without a vector.
    pub(crate) meaning: Vec<f32>,
    /// Best cosine of each class; empty without a vector.
    pub(crate) nearest: Vec<f32>,
    /// What was nearest.
    pub(crate) near: Near,
    /// Classes whose patterns hit it.
    pub(crate) hits: Vec<usize>,
    /// How much of it was known.
    pub(crate) coverage: Coverage,
}

/// Parts of the dry run.
const FOLDS: usize = 5;
/// Parts when there are more lessons than this: two thirds of so many teach nearly what all of them do, in half the time.
const MANY: (usize, usize) = (6_000, 3);
/// So many examples are asked about at most: more would not make the few fitted numbers better.
const MOST_TRIALS: usize = 4_000;

/// The dry run, part by part.
pub(crate) struct DryRun<'a> {
    lessons: &'a [Lesson],
    classes: usize,
    asked: Vec<bool>,
    /// How many parts there are.
    pub(crate) parts: usize,
}

impl<'a> DryRun<'a> {
    /// Of these lessons.
    pub(crate) fn of(lessons: &'a [Lesson], classes: usize) -> Self {
        let parts = if lessons.len() > MANY.0 { MANY.1 } else { FOLDS };
        Self { lessons, classes, asked: asked(lessons, classes), parts }
    }

    /// Learns without one part of the examples, and asks about that part.
    pub(crate) fn part(&self, fold: usize) -> Vec<Trial> {
        one_fold(self, fold)
    }
}

impl DryRun<'_> {
    fn is_of(&self, lesson: &Lesson, fold: usize) -> bool {
        lesson.place.is_some_and(|place| place % self.parts == fold)
    }
}

/// Which lessons are asked about: all, or evenly spread ones where a class has far more than others (see `balance`) or all together
/// are too many.
fn asked(lessons: &[Lesson], classes: usize) -> Vec<bool> {
    let mut sizes = vec![0_usize; classes];
    lessons.iter().filter(|lesson| lesson.place.is_some()).for_each(|lesson| sizes[lesson.class as usize] += 1);
    let most = balance::most(&sizes);
    let all: usize = sizes.iter().map(|size| (*size).min(most)).sum();
    let (mut seen, mut of_class) = (0, vec![0; classes]);
    lessons
        .iter()
        .map(|lesson| {
            if lesson.place.is_none() {
                return false;
            }
            let class = lesson.class as usize;
            of_class[class] += 1;
            if !is_step(of_class[class], most, sizes[class]) {
                return false;
            }
            seen += 1;
            is_step(seen, MOST_TRIALS, all)
        })
        .collect()
}

/// Whether the `nth` of `all` (counted from 1) is among `most` evenly spread ones.
fn is_step(nth: usize, most: usize, all: usize) -> bool {
    all <= most || nth * most / all != (nth - 1) * most / all
}

fn one_fold(run: &DryRun<'_>, fold: usize) -> Vec<Trial> {
    let DryRun { lessons, classes, asked, .. } = run;
    let classes = *classes;
    let taught: Vec<&Lesson> = lessons.iter().filter(|lesson| !run.is_of(lesson, fold)).collect();
    let lexical = teach_lexical(&taught, classes, lexical::DRY_RUN);
    let semantic = teach_semantic(&taught, classes, semantic::DRY_RUN).map(|(semantic, _)| semantic);
    let (mut ids, mut row) = (Vec::new(), Sparse::new());
    let held_out = lessons.iter().enumerate().filter(|(place, lesson)| asked[*place] && run.is_of(lesson, fold));
    held_out
        .map(|(place, lesson)| {
            let (mut words, mut meaning, mut nearest) = (Vec::new(), Vec::new(), Vec::new());
            let coverage = lexical.score(&lesson.grams, &mut ids, &mut row, &mut words);
            let mut near = Near { example: None, mean: -1.0 };
            if let (Some(semantic), Some(vector)) = (&semantic, &lesson.vector) {
                semantic.classifier.score(&&vector[..], &mut meaning);
                near = semantic.memory.nearest(vector, classes, &mut nearest);
            }
            Trial { lesson: place, class: lesson.class as usize, words, meaning, nearest, near, hits: lesson.hits.clone(), coverage }
        })
        .collect()
}

/// Teaches the first head.
pub(crate) fn teach_lexical(lessons: &[&Lesson], classes: usize, training: Training) -> Lexical {
    let texts: Vec<&Grams> = lessons.iter().map(|lesson| &lesson.grams).collect();
    let labels: Vec<u32> = lessons.iter().map(|lesson| lesson.class).collect();
    Lexical::learn(&texts, &labels, classes, training)
}

/// Teaches the other heads from the lessons that have a vector, and tells which those are; `None` when there is none.
pub(crate) fn teach_semantic(lessons: &[&Lesson], classes: usize, training: Training) -> Option<(Semantic, Vec<usize>)> {
    let with: Vec<(usize, &[f32], u32)> = lessons
        .iter()
        .enumerate()
        .filter_map(|(place, lesson)| lesson.vector.as_deref().map(|vector| (place, vector, lesson.class)))
        .collect();
    let vectors: Vec<&[f32]> = with.iter().map(|(_, vector, _)| *vector).collect();
    let labels: Vec<u32> = with.iter().map(|(_, _, class)| *class).collect();
    (!with.is_empty()).then(|| (Semantic::learn(&vectors, &labels, classes, training), with.iter().map(|(place, _, _)| *place).collect()))
}
