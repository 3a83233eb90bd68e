//! The first head: what the words and character n-grams of a message say. It reads every message, in microseconds, in any
//! language that has examples, and survives typing errors.

use crate::understanding::classifier::{Classifier, Training};
use crate::understanding::features::{Coverage, Grams, Sparse, Vocabulary};

/// How the head that answers is trained.
pub(crate) const TRAINING: Training = Training { strength: 15.0, passes: 12, tolerance: 0.004 };
/// How the heads of the dry run are trained: a little rougher.
pub(crate) const DRY_RUN: Training = Training { strength: 15.0, passes: 5, tolerance: 0.01 };

/// Vocabulary and classifier.
#[derive(Debug)]
pub(crate) struct Lexical {
    /// The known n-grams.
    pub(crate) vocabulary: Vocabulary,
    /// Their weights.
    pub(crate) classifier: Classifier,
}

impl Lexical {
    /// Learns from texts and their classes.
    pub(crate) fn learn(texts: &[&Grams], labels: &[u32], classes: usize, training: Training) -> Self {
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
        let classifier = Classifier::learn(&rows, labels, classes, vocabulary.len(), training);
        Self { vocabulary, classifier }
    }

    /// Writes the score of every class, in log odds, and the row that gave them; says how much of the text is known.
    pub(crate) fn score(&self, grams: &Grams, ids: &mut Vec<u32>, row: &mut Sparse, scores: &mut Vec<f32>) -> Coverage {
        let coverage = self.vocabulary.vectorize(grams, ids, row);
        self.classifier.score(row, scores);
        coverage
    }
}
