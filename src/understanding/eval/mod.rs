//! How good the understanding is on sentences that it has not seen: for `redress eval`.

mod curves;
mod tally;

pub use curves::{Band, binomial_interval, coverage_at, reliability, risk_coverage};
pub use tally::Tally;

use crate::understanding::chance::Chance;
use crate::understanding::encoder::EncodeError;
use crate::understanding::features::Grams;
use crate::understanding::learned::{Heads, Judgement, Learned};
use crate::understanding::normalize::Plain;
use crate::understanding::sentences::Sentences;
use crate::understanding::spelling::{Repaired, Spelling};
use crate::understanding::trial::Lesson;
use std::collections::BTreeMap;

/// The label of sentences that belong nowhere; never learned.
pub const OUT_OF_SCOPE: &str = "oos";
/// Up to so many examples a label, its name is learned as one more.
const NAMES_HELP: usize = 20;

/// A sentence and its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The sentence.
    pub text: String,
    /// Its label.
    pub label: String,
}

/// One sentence of the test file, as it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Whether the sentence belongs to a label that was learned.
    pub in_scope: bool,
    /// Whether its best reading was right.
    pub right: bool,
    /// The confidence of that reading, 0 to 1.
    pub confidence: f32,
    /// Its blended probability alone, 0 to 1: what a single threshold would go by.
    pub probability: f32,
    /// Whether it would be acted on: its confidence keeps the error budget.
    pub acted: bool,
    /// Whether it was let through as in scope.
    pub kept: bool,
    /// Likeness to the examples above the threshold of letting through, in standard deviations.
    pub likeness: f32,
    /// The number of the label that it belongs to, and of the one that it was read as.
    pub labels: (Option<usize>, usize),
    /// Whether the encoder was asked.
    pub encoder_asked: bool,
}

/// Learned from labelled sentences, without a catalog.
#[derive(Debug)]
pub struct Sorter {
    labels: Vec<String>,
    spelling: Spelling,
    learned: Learned,
}

/// One sixth of the sentences, drawn by lot, apart from the rest: (the rest, the sixth). The same seed draws the same.
pub fn split(sentences: &[Labelled], seed: u64) -> (Vec<Labelled>, Vec<Labelled>) {
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    Chance(seed).shuffle(&mut order);
    let (asked, taught) = order.split_at(sentences.len() / 6);
    let some = |places: &[usize]| places.iter().map(|&at| sentences[at].clone()).collect();
    (some(taught), some(asked))
}

/// So many sentences of each label, drawn by lot; the same seed draws the same.
pub fn draw(sentences: &[Labelled], shots: usize, seed: u64) -> Vec<Labelled> {
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    Chance(seed).shuffle(&mut order);
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    order.retain(|&at| {
        let count = taken.entry(&sentences[at].label).or_default();
        *count += 1;
        *count <= shots
    });
    order.sort_unstable();
    order.into_iter().map(|at| sentences[at].clone()).collect()
}

impl Sorter {
    /// Learns. Sentences labelled [`OUT_OF_SCOPE`] are left out.
    ///
    /// # Errors
    /// When the encoder failed.
    pub fn learn(sentences: &[Labelled], encoder: &Sentences) -> Result<Self, EncodeError> {
        let sentences: Vec<&Labelled> = sentences.iter().filter(|sentence| sentence.label != OUT_OF_SCOPE).collect();
        let mut labels: Vec<String> = sentences.iter().map(|sentence| sentence.label.clone()).collect();
        labels.sort_unstable();
        labels.dedup();
        let class = |label: &str| labels.binary_search_by(|other| other.as_str().cmp(label)).unwrap_or(0);
        let mut counts = vec![0; labels.len()];
        let mut raw: Vec<(usize, Option<usize>, Plain)> = Vec::with_capacity(sentences.len());
        for sentence in &sentences {
            let class = class(&sentence.label);
            raw.push((class, Some(counts[class]), Plain::of(&sentence.text)));
            counts[class] += 1;
        }
        for (class, label) in labels.iter().enumerate().filter(|(class, _)| counts[*class] < NAMES_HELP) {
            raw.push((class, None, Plain::of(&label.replace(['_', '-'], " "))));
        }
        raw.retain(|(_, _, plain)| plain.len() > 0);
        let spelling = Spelling::learn(raw.iter().map(|(_, _, plain)| plain));
        let mut repaired = Repaired::default();
        let mut texts = Vec::with_capacity(raw.len());
        let mut lessons: Vec<Lesson> = raw
            .iter()
            .map(|(class, place, plain)| {
                spelling.repair(plain, true, &mut repaired);
                texts.push(repaired.plain.text.clone());
                Lesson { class: *class as u32, place: *place, hits: Vec::new(), grams: Grams::of(&repaired.plain), vector: None }
            })
            .collect();
        let wanted: Vec<&str> = texts.iter().map(String::as_str).collect();
        for (lesson, vector) in lessons.iter_mut().zip(encoder.of_examples(&wanted)?.unwrap_or_default()) {
            lesson.vector = Some(vector);
        }
        let (learned, _) = Learned::learn(&lessons, labels.len(), None);
        Ok(Self { labels, spelling, learned })
    }

    /// Reads one sentence and compares with its label.
    pub fn ask(&self, sentence: &Labelled, encoder: &Sentences) -> Answer {
        self.ask_from(sentence, encoder, |judgement| !self.learned.is_settled(judgement))
    }

    /// The same with all heads, whether or not the first one is sure alone.
    pub fn ask_all_heads(&self, sentence: &Labelled, encoder: &Sentences) -> Answer {
        self.ask_from(sentence, encoder, |_| true)
    }

    fn ask_from(&self, sentence: &Labelled, encoder: &Sentences, is_open: impl FnOnce(&Judgement) -> bool) -> Answer {
        let mut repaired = Repaired::default();
        let mut heads = Heads::default();
        self.spelling.repair(&Plain::of(&sentence.text), true, &mut repaired);
        let mut judgement = self.learned.begin(&Grams::of(&repaired.plain), repaired.damage, &[], &mut heads);
        let encoder_asked = is_open(&judgement);
        if encoder_asked && let [vector] = &encoder.of_message(&[&repaired.plain.text])[..] {
            judgement = self.learned.finish(vector, &[], &mut heads);
        }
        let (read, probability) = judgement.ranked.first().map_or((0, 0.0), |(class, probability)| (*class, *probability));
        let wanted = self.labels.binary_search(&sentence.label).ok();
        Answer {
            in_scope: sentence.label != OUT_OF_SCOPE,
            right: wanted == Some(read),
            confidence: judgement.confidence,
            probability,
            acted: judgement.confidence >= self.learned.stage(&heads).act,
            kept: !self.learned.is_strange(&judgement, &heads),
            likeness: judgement.scope - self.learned.stage(&heads).scope.least,
            labels: (wanted, read),
            encoder_asked,
        }
    }

    /// The labels, by number.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Bytes of everything that was learned.
    pub fn bytes(&self) -> usize {
        self.learned.bytes()
    }
}

/// Figures over many answers. Shares are 0 to 1; `None` where there is nothing to count.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Figures {
    /// Share of sentences in scope whose best reading is right.
    pub accuracy: Option<f32>,
    /// Mean over the labels of the harmonic mean of precision and recall.
    pub macro_f1: Option<f32>,
    /// Share of sentences out of scope that were turned away.
    pub oos_recall: Option<f32>,
    /// Chance that a sentence out of scope is stranger than one in scope.
    pub oos_auroc: Option<f32>,
    /// Share of sentences in scope that were let through.
    pub in_scope_kept: Option<f32>,
    /// Expected calibration error over fifteen bands of confidence.
    pub ece: Option<f32>,
}

impl Figures {
    /// Counts.
    pub fn of(answers: &[Answer], labels: usize) -> Self {
        let inside: Vec<&Answer> = answers.iter().filter(|answer| answer.in_scope).collect();
        let outside: Vec<&Answer> = answers.iter().filter(|answer| !answer.in_scope).collect();
        let share = |part: usize, of: usize| (of > 0).then(|| part as f32 / of as f32);
        let right = inside.iter().filter(|answer| answer.right).count();
        Self {
            accuracy: share(right, inside.len()),
            macro_f1: macro_f1(&inside, labels),
            oos_recall: share(outside.iter().filter(|answer| !answer.kept).count(), outside.len()),
            oos_auroc: auroc(&inside, &outside),
            in_scope_kept: share(inside.iter().filter(|answer| answer.kept).count(), inside.len()),
            ece: calibration_error(&inside.iter().copied().copied().collect::<Vec<_>>()),
        }
    }
}

fn macro_f1(inside: &[&Answer], labels: usize) -> Option<f32> {
    let (mut wanted, mut given, mut right) = (vec![0_usize; labels], vec![0_usize; labels], vec![0_usize; labels]);
    for answer in inside {
        if let Some(label) = answer.labels.0 {
            wanted[label] += 1;
            right[label] += usize::from(answer.right);
        }
        if let Some(given) = given.get_mut(answer.labels.1) {
            *given += 1;
        }
    }
    let f1: Vec<f32> = (0..labels)
        .filter(|&label| wanted[label] > 0)
        .map(|label| 2.0 * right[label] as f32 / (wanted[label] + given[label]) as f32)
        .collect();
    (!f1.is_empty()).then(|| f1.iter().sum::<f32>() / f1.len() as f32)
}

/// By ranks (Mann and Whitney); equal values count half.
fn auroc(inside: &[&Answer], outside: &[&Answer]) -> Option<f32> {
    if inside.is_empty() || outside.is_empty() {
        return None;
    }
    let mut known: Vec<f32> = inside.iter().map(|answer| answer.likeness).collect();
    known.sort_by(f32::total_cmp);
    let above = |likeness: f32| {
        let (below, not_above) = (known.partition_point(|other| *other < likeness), known.partition_point(|other| *other <= likeness));
        (known.len() - not_above) as f64 + 0.5 * (not_above - below) as f64
    };
    let sum: f64 = outside.iter().map(|answer| above(answer.likeness)).sum();
    Some((sum / (known.len() * outside.len()) as f64) as f32)
}

fn calibration_error(inside: &[Answer]) -> Option<f32> {
    let off: f32 = reliability(inside).iter().map(|band| band.n as f32 * (band.promised - band.right).abs()).sum();
    (!inside.is_empty()).then(|| off / inside.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(in_scope: bool, right: bool, confidence: f32, likeness: f32) -> Answer {
        Answer {
            in_scope,
            right,
            confidence,
            probability: confidence,
            acted: confidence > 0.8,
            kept: likeness >= 0.0,
            likeness,
            labels: (Some(0), usize::from(!right)),
            encoder_asked: false,
        }
    }

    #[test]
    fn figures_are_counted() {
        let answers = [answer(true, true, 1.0, 1.0), answer(true, false, 0.5, -0.5), answer(false, false, 0.5, -1.0)];
        let figures = Figures::of(&answers, 2);
        assert_eq!((figures.accuracy, figures.oos_recall, figures.in_scope_kept), (Some(0.5), Some(1.0), Some(0.5)));
        assert_eq!((figures.oos_auroc, figures.ece), (Some(1.0), Some(0.25)));
        assert_eq!(Figures::of(&[], 2).accuracy, None);
    }

    #[test]
    fn a_draw_is_the_same_for_the_same_seed() {
        let all: Vec<Labelled> = (0..40).map(|i| Labelled { text: i.to_string(), label: (i % 2).to_string() }).collect();
        let drawn = draw(&all, 5, 7);
        assert_eq!(drawn.len(), 10);
        assert_eq!(drawn, draw(&all, 5, 7));
        assert_ne!(drawn, draw(&all, 5, 8));
    }
}
