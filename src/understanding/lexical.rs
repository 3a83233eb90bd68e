//! The first head: what the words and character n-grams of a message say. It reads every message, in microseconds, in any
//! language that has examples, and survives typing errors.

use crate::understanding::classifier::{Classifier, Dual, Training};
use crate::understanding::features::{Coverage, Grams, Sparse, Vocabulary};

/// How the head is trained.
pub(crate) const TRAINING: Training = Training { strength: 15.0, passes: 12, tolerance: 0.008 };
/// How what is left of it learns on when texts are taken out.
pub(crate) const AGAIN: Training = Training { strength: 15.0, passes: 3, tolerance: 0.01 };

/// Vocabulary and classifier.
#[derive(Debug)]
pub(crate) struct Lexical {
    /// The known n-grams.
    pub(crate) vocabulary: Vocabulary,
    /// Their weights.
    pub(crate) classifier: Classifier,
}

/// What the head learned from: with it texts can be taken out again.
#[derive(Debug)]
pub(crate) struct Course {
    rows: Vec<Sparse>,
    labels: Vec<u32>,
    dual: Dual,
}

/// The head as it would be without some of its texts.
#[derive(Debug)]
pub(crate) struct Without<'a> {
    vocabulary: &'a Vocabulary,
    classifier: Classifier,
    /// Which n-grams the other texts have.
    known: Vec<bool>,
}

impl Lexical {
    /// Learns from texts and their classes.
    pub(crate) fn learn(texts: &[&Grams], labels: Vec<u32>, classes: usize) -> (Self, Course) {
        let vocabulary = Vocabulary::learn(texts.iter().copied());
        let mut ids = Vec::new();
        let rows: Vec<Sparse> = texts
            .iter()
            .map(|grams| {
                let mut row = Sparse::new();
                vocabulary.vectorize(grams, &mut ids, &mut row);
                row
            })
            .collect();
        let (classifier, dual) = Classifier::learn(&rows, &labels, classes, vocabulary.len(), TRAINING);
        (Self { vocabulary, classifier }, Course { rows, labels, dual })
    }

    /// The head without the texts that are `out`.
    pub(crate) fn without(&self, course: &Course, out: &[bool]) -> Without<'_> {
        let Course { rows, labels, dual } = course;
        let mut texts = vec![0_u32; self.vocabulary.len()];
        for (row, _) in rows.iter().zip(out).filter(|(_, out)| !**out) {
            row.iter().for_each(|(feature, _)| texts[*feature as usize] += 1);
        }
        let known = texts.iter().map(|texts| *texts >= self.vocabulary.least).collect();
        Without { vocabulary: &self.vocabulary, classifier: self.classifier.without(dual, rows, labels, out, AGAIN), known }
    }

    /// Writes the score of every class, in log odds, and the row that gave them; says how much of the text is known.
    pub(crate) fn score(&self, grams: &Grams, ids: &mut Vec<u32>, row: &mut Sparse, scores: &mut Vec<f32>) -> Coverage {
        let coverage = self.vocabulary.vectorize(grams, ids, row);
        self.classifier.score(row, scores);
        coverage
    }
}

impl Without<'_> {
    /// As [`Lexical::score`].
    pub(crate) fn score(&self, grams: &Grams, ids: &mut Vec<u32>, row: &mut Sparse, scores: &mut Vec<f32>) -> Coverage {
        let coverage = self.vocabulary.vectorize_where(grams, |feature| self.known[feature as usize], ids, row);
        self.classifier.score(row, scores);
        coverage
    }
}
