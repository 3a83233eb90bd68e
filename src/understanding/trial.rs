//! The dry run: the heads unlearn a part of the examples and are asked about it, part by part, so that what is fitted on their
//! answers (blend, trust, scope, thresholds) holds for messages that nobody has seen.

use crate::understanding::balance;
use crate::understanding::classifier::Dual;
use crate::understanding::features::{Coverage, Grams, Sparse};
use crate::understanding::lexical::{Course, Lexical};
use crate::understanding::parallel::in_parts;
use crate::understanding::semantic::{AGAIN, Near, Semantic};
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
/// Parts when there are more lessons than this: two thirds of so many teach nearly what all of them do, in less time.
const MANY: (usize, usize) = (6_000, 3);
/// So many examples are asked about at most: more would not make the few fitted numbers better.
const MOST_TRIALS: usize = 4_000;

/// The dry run, part by part.
pub(crate) struct DryRun<'a> {
    lessons: &'a [Lesson],
    classes: usize,
    asked: Vec<bool>,
    /// How many parts there are.
    parts: usize,
}

impl<'a> DryRun<'a> {
    /// Of these lessons.
    pub(crate) fn of(lessons: &'a [Lesson], classes: usize) -> Self {
        let parts = if lessons.len() > MANY.0 { MANY.1 } else { FOLDS };
        Self { lessons, classes, asked: asked(lessons, classes), parts }
    }

    /// Asks all heads about all examples, each as if they had not learned from it; in the order of the lessons.
    pub(crate) fn trials(&self, lexical: &Lexical, course: &Course, taught: Option<&TaughtMeaning<'_>>) -> Vec<Trial> {
        // Parts of meaning take longer, so they go first.
        let of_meaning = taught.map_or(0, |_| self.parts);
        let said = in_parts(of_meaning + self.parts, |part| match (taught, part.checked_sub(of_meaning)) {
            (Some(taught), None) => Said::Meaning(self.meaning(part, taught)),
            (_, fold) => Said::Words(self.words(fold.unwrap_or(part), lexical, course)),
        });
        let mut meant: Vec<Option<Meant>> = vec![None; self.lessons.len()];
        let mut trials = Vec::new();
        for said in said {
            match said {
                Said::Meaning(all) => all.into_iter().for_each(|(place, one)| meant[place] = Some(one)),
                Said::Words(all) => trials.extend(all),
            }
        }
        trials.sort_by_key(|trial| trial.lesson);
        for trial in &mut trials {
            if let Some(Meant { meaning, nearest, near }) = meant[trial.lesson].take() {
                (trial.meaning, trial.nearest, trial.near) = (meaning, nearest, near);
            }
        }
        trials
    }

    /// Asks the first head about one part of the examples as if it had not learned from them.
    fn words(&self, fold: usize, lexical: &Lexical, course: &Course) -> Vec<Trial> {
        let out: Vec<bool> = self.lessons.iter().map(|lesson| self.is_of(lesson, fold)).collect();
        let lexical = lexical.without(course, &out);
        let (mut ids, mut row) = (Vec::new(), Sparse::new());
        let trial = |(place, lesson): (usize, &Lesson)| {
            let mut words = Vec::new();
            let coverage = lexical.score(&lesson.grams, &mut ids, &mut row, &mut words);
            let (meaning, nearest, near) = (Vec::new(), Vec::new(), Near { example: None, mean: -1.0 });
            Trial { lesson: place, class: lesson.class as usize, words, meaning, nearest, near, hits: lesson.hits.clone(), coverage }
        };
        self.asked_of(fold).map(trial).collect()
    }

    /// Asks the other heads about the examples of one part that have a vector.
    fn meaning(&self, fold: usize, taught: &TaughtMeaning<'_>) -> Vec<(usize, Meant)> {
        let TaughtMeaning { semantic, places, vectors, labels, dual } = taught;
        let out: Vec<bool> = places.iter().map(|&place| self.is_of(&self.lessons[place], fold)).collect();
        let classifier = semantic.classifier.without(dual, vectors, labels, &out, AGAIN);
        let with_vectors = self.asked_of(fold).filter_map(|(place, lesson)| Some((place, lesson.vector.as_deref()?)));
        let (asked, asking): (Vec<usize>, Vec<&[f32]>) = with_vectors.unzip();
        let found = semantic.memory.nearest_where(|example| !out[example], &asking, self.classes);
        let meant = |(vector, (nearest, near)): (&&[f32], (Vec<f32>, Near))| {
            let mut meaning = Vec::new();
            classifier.score(vector, &mut meaning);
            Meant { meaning, nearest, near }
        };
        asked.into_iter().zip(asking.iter().zip(found).map(meant)).collect()
    }

    fn asked_of(&self, fold: usize) -> impl Iterator<Item = (usize, &'a Lesson)> {
        self.lessons.iter().enumerate().filter(move |(place, lesson)| self.asked[*place] && self.is_of(lesson, fold))
    }

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

/// What the heads of meaning said of one example.
#[derive(Clone, Debug)]
pub(crate) struct Meant {
    meaning: Vec<f32>,
    nearest: Vec<f32>,
    near: Near,
}

/// What one part of the dry run gives: of one part of the examples, what the first head or the others said.
enum Said {
    Words(Vec<Trial>),
    Meaning(Vec<(usize, Meant)>),
}

/// The heads of meaning, and what they learned from.
#[derive(Debug)]
pub(crate) struct TaughtMeaning<'a> {
    pub(crate) semantic: Semantic,
    /// The lesson of each vector.
    pub(crate) places: Vec<usize>,
    vectors: Vec<&'a [f32]>,
    labels: Vec<u32>,
    dual: Dual,
}

/// Teaches the first head.
pub(crate) fn teach_lexical(lessons: &[Lesson], classes: usize) -> (Lexical, Course) {
    let texts: Vec<&Grams> = lessons.iter().map(|lesson| &lesson.grams).collect();
    Lexical::learn(&texts, lessons.iter().map(|lesson| lesson.class).collect(), classes)
}

/// Teaches the other heads from the lessons that have a vector; `None` when there is none.
pub(crate) fn teach_semantic(lessons: &[Lesson], classes: usize) -> Option<TaughtMeaning<'_>> {
    let with = lessons.iter().enumerate().filter_map(|(place, lesson)| lesson.vector.as_deref().map(|vector| (place, vector)));
    let (places, vectors): (Vec<usize>, Vec<&[f32]>) = with.unzip();
    let labels: Vec<u32> = places.iter().map(|&place| lessons[place].class).collect();
    let (semantic, dual) = (!places.is_empty()).then(|| Semantic::learn(&vectors, &labels, classes))?;
    Some(TaughtMeaning { semantic, places, vectors, labels, dual })
}
