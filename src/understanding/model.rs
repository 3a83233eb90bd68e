//! The learned part: vocabulary and classifier together, and the dry run that tells how well they do on examples that they have not seen.

use crate::understanding::background::BACKGROUND;
use crate::understanding::classifier::{Classifier, Training};
use crate::understanding::features::{Coverage, Grams, Sparse, Vocabulary};
use crate::understanding::normalize::Plain;
use crate::understanding::strangers::STRANGERS;
use crate::understanding::{PatternSet, TrainingIntent};

/// How the classifier that answers is trained.
const TRAINING: Training = Training { strength: 15.0, passes: 12, tolerance: 0.004 };
/// How the classifiers of the dry run are trained: a little rougher.
const DRY_RUN: Training = Training { strength: 15.0, passes: 3, tolerance: 0.01 };

/// One text to learn from.
#[derive(Debug)]
pub(crate) struct Lesson {
    /// The class; the number of intents stands for the background.
    pub(crate) class: u32,
    /// Its place among its class's examples, which decides the fold; `None` for titles and descriptions, which are always learned from.
    pub(crate) place: Option<usize>,
    /// Intents whose patterns hit it.
    pub(crate) hits: Vec<usize>,
    grams: Grams,
}

/// Everything to learn from, in a fixed order.
pub(crate) fn lessons(intents: &[TrainingIntent], patterns: &PatternSet, owners: &[usize]) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    let mut plain = Plain::default();
    let mut add = |class: usize, place: Option<usize>, text: &str| {
        plain.fill(text);
        if plain.len() > 0 {
            let mut hits = Vec::new();
            pattern_owners(patterns, owners, &plain.text, &mut hits);
            lessons.push(Lesson { class: class as u32, place, hits, grams: Grams::of(&plain) });
        }
    };
    for (class, intent) in intents.iter().enumerate() {
        for (place, (_, text)) in intent.examples.iter().enumerate() {
            add(class, Some(place), text);
        }
        add(class, None, &intent.title);
        add(class, None, &intent.description);
    }
    for (place, text) in BACKGROUND.iter().chain(STRANGERS).enumerate() {
        add(intents.len(), Some(place), text);
    }
    lessons
}

/// Writes the intents whose patterns hit a plain text, each once, ascending.
pub(crate) fn pattern_owners(patterns: &PatternSet, owners: &[usize], text: &str, hits: &mut Vec<usize>) {
    patterns.hits(text, hits);
    hits.iter_mut().for_each(|hit| *hit = owners[*hit]);
    hits.sort_unstable();
    hits.dedup();
}

/// Vocabulary and classifier.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) classifier: Classifier,
}

impl Model {
    /// Learns from all lessons; `classes` counts the background too.
    pub(crate) fn learn(lessons: &[Lesson], classes: usize) -> Self {
        Self::learn_from(lessons.iter(), classes, TRAINING)
    }

    fn learn_from<'a>(lessons: impl Iterator<Item = &'a Lesson> + Clone, classes: usize, training: Training) -> Self {
        let vocabulary = Vocabulary::learn(lessons.clone().map(|lesson| &lesson.grams));
        let mut ids = Vec::new();
        let mut labels = Vec::new();
        let rows: Vec<Sparse> = lessons
            .map(|lesson| {
                let mut row = Sparse::new();
                vocabulary.vectorize(&lesson.grams, &mut ids, &mut row);
                labels.push(lesson.class);
                row
            })
            .collect();
        let classifier = Classifier::learn(&rows, &labels, classes, vocabulary.len(), training);
        Self { vocabulary, classifier }
    }
}

/// What a model said about an example that it had not seen.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// The right class.
    pub(crate) class: usize,
    /// The raw score of every class.
    pub(crate) scores: Vec<f32>,
    /// Intents whose patterns hit it.
    pub(crate) hits: Vec<usize>,
    /// How much of it was known.
    pub(crate) coverage: Coverage,
}

/// Learns `folds` times, each time without one part of the examples, and asks about that part.
pub(crate) fn dry_run(lessons: &[Lesson], classes: usize, folds: usize) -> Vec<Trial> {
    let folds = folds.max(2);
    let mut trials = Vec::with_capacity(lessons.len());
    let (mut ids, mut row) = (Vec::new(), Sparse::new());
    for fold in 0..folds {
        let held_out = |lesson: &Lesson| lesson.place.is_some_and(|place| place % folds == fold);
        let model = Model::learn_from(lessons.iter().filter(|lesson| !held_out(lesson)), classes, DRY_RUN);
        for lesson in lessons.iter().filter(|lesson| held_out(lesson)) {
            let coverage = model.vocabulary.vectorize(&lesson.grams, &mut ids, &mut row);
            let mut scores = vec![0.0; classes];
            model.classifier.score(&row, &mut scores);
            trials.push(Trial { class: lesson.class as usize, scores, hits: lesson.hits.clone(), coverage });
        }
    }
    trials
}
