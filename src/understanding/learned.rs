//! Everything that is learned from labelled sentences, put together: the heads, how they are blended, how sure the result is,
//! and when the first head alone is enough. A message is read in one or two steps, because the second needs a sentence vector,
//! which costs a hundred times more than everything else and is made elsewhere.

use crate::understanding::blend::{self, Blend, Said, Signs};
use crate::understanding::features::{Coverage, Grams, Sparse};
use crate::understanding::lexical::Lexical;
use crate::understanding::parallel::both;
use crate::understanding::scope::{self, Scope};
use crate::understanding::semantic::{Near, Semantic};
use crate::understanding::trial::{DryRun, Lesson, Trial, teach_lexical, teach_semantic};
use crate::understanding::trust::{self, Certainty, Trust};

/// At most this share of the messages that are acted on may go to the wrong flow.
pub const ERROR_BUDGET: f32 = 0.02;
/// Limits of the threshold for acting: with few examples the dry run is too pessimistic to set it alone.
const ACT_RANGE: (f32, f32) = (0.35, 0.9);
/// The first head alone may cost this share of all messages their right reading.
const GATE_COST: f32 = 0.0008;
/// A message that is stranger than this (in standard deviations) is always shown to the encoder.
const GATE_SCOPE: f32 = -0.5;

/// How the heads' answers become a reading, with or without the encoder.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) blend: Blend,
    pub(crate) trust: Trust,
    pub(crate) scope: Scope,
    /// Least confidence to act.
    pub(crate) act: f32,
}

/// Heads and stages.
#[derive(Debug)]
pub(crate) struct Learned {
    /// How many classes are learned, the strangers among them.
    pub(crate) classes: usize,
    /// The class of what belongs to no intent; `None` when nothing of the kind is learned.
    pub(crate) strangers: Option<usize>,
    pub(crate) lexical: Lexical,
    pub(crate) semantic: Option<Semantic>,
    /// The lesson of each example in the memory.
    pub(crate) remembered: Vec<usize>,
    /// The first head alone.
    pub(crate) alone: Stage,
    /// All heads; as `alone` when there is no encoder.
    pub(crate) together: Stage,
    /// From this confidence on the first head needs no second.
    pub(crate) gate: f32,
}

/// What the heads said of one message, and the space that it takes.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    ids: Vec<u32>,
    /// The message as a row of features.
    pub(crate) row: Sparse,
    /// Log odds by words.
    pub(crate) words: Vec<f32>,
    /// Log odds by meaning.
    pub(crate) meaning: Vec<f32>,
    /// Best cosine of each class.
    pub(crate) nearest: Vec<f32>,
    /// What is nearest.
    pub(crate) near: Option<Near>,
    /// How much of it is known.
    pub(crate) coverage: Coverage,
    /// Share of its words that were repaired or are unknown.
    pub(crate) damage: f32,
    signs: Signs,
    /// The probability of every class.
    pub(crate) probabilities: Vec<f32>,
}

/// What a stage makes of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Judgement {
    /// The best classes without the strangers, best first, at most five.
    pub(crate) ranked: Vec<(usize, f32)>,
    /// Calibrated probability that the first of them is right.
    pub(crate) confidence: f32,
    /// Standardised likeness to the examples; below `Stage::scope.least` it is strange.
    pub(crate) scope: f32,
    /// Probability of the strangers' class.
    pub(crate) strange: f32,
}

impl Learned {
    /// Learns from lessons, and gives what the dry run said of them. The same lessons give the same result to the last bit.
    pub(crate) fn learn(lessons: &[Lesson], classes: usize, strangers: Option<usize>) -> (Self, Vec<Trial>) {
        let dry_run = DryRun::of(lessons, classes);
        let ((lexical, course), heads) = both(|| teach_lexical(lessons, classes), || teach_semantic(lessons, classes));
        let trials = dry_run.trials(&lexical, &course, heads.as_ref());
        let (semantic, remembered) = heads.map_or((None, Vec::new()), |heads| (Some(heads.semantic), heads.places));
        let with_meaning = semantic.is_some();
        let stage = |with_meaning: bool| Stage::fit(&trials, classes, strangers, with_meaning);
        let (alone, together) = both(|| stage(false), || stage(with_meaning));
        let mut learned = Self { classes, strangers, lexical, semantic, remembered, alone, together, gate: 0.0 };
        if learned.semantic.is_some() {
            learned.gate = learned.fit_gate(&trials);
        }
        (learned, trials)
    }

    /// Reads an example of the dry run as if it were a message, with its vector as far as there is one and it is wanted.
    pub(crate) fn judge_trial(&self, trial: &Trial, with_meaning: bool, heads: &mut Heads) -> Judgement {
        heads.take(trial, with_meaning);
        self.stage(heads).judge(self.strangers, &trial.hits, heads)
    }

    /// Whether a message is like nothing that was learned.
    pub(crate) fn is_strange(&self, judgement: &Judgement, heads: &Heads) -> bool {
        judgement.ranked.is_empty() || judgement.scope < self.stage(heads).scope.least
    }

    /// The first step: reads by words alone.
    pub(crate) fn begin(&self, grams: &Grams, damage: f32, hits: &[usize], heads: &mut Heads) -> Judgement {
        heads.damage = damage;
        heads.coverage = self.lexical.score(grams, &mut heads.ids, &mut heads.row, &mut heads.words);
        heads.meaning.clear();
        heads.nearest.clear();
        heads.near = None;
        self.alone.judge(self.strangers, hits, heads)
    }

    /// Whether the first step is enough.
    pub(crate) fn is_settled(&self, judgement: &Judgement) -> bool {
        self.semantic.is_none()
            || (judgement.confidence >= self.gate
                && judgement.scope >= GATE_SCOPE
                && judgement.ranked.first().is_some_and(|(_, p)| *p > judgement.strange))
    }

    /// The second step: reads again with the sentence's vector. Call `begin` on the same heads first.
    pub(crate) fn finish(&self, vector: &[f32], hits: &[usize], heads: &mut Heads) -> Judgement {
        let Some(semantic) = &self.semantic else { return self.alone.judge(self.strangers, hits, heads) };
        semantic.classifier.score(&vector, &mut heads.meaning);
        heads.near = Some(semantic.memory.nearest(vector, self.classes, &mut heads.nearest));
        self.together.judge(self.strangers, hits, heads)
    }

    /// The stage that reads a message with these heads.
    pub(crate) fn stage(&self, heads: &Heads) -> &Stage {
        if heads.near.is_some() { &self.together } else { &self.alone }
    }

    /// Bytes of all weights and vectors.
    pub(crate) fn bytes(&self) -> usize {
        let semantic = self.semantic.as_ref().map_or(0, |semantic| semantic.classifier.bytes() + semantic.memory.bytes());
        self.lexical.vocabulary.bytes() + self.lexical.classifier.bytes() + semantic
    }

    /// The lowest confidence of the first head from which on all heads together would hardly do better.
    fn fit_gate(&self, trials: &[Trial]) -> f32 {
        let mut heads = Heads::default();
        let mut cases: Vec<(f32, i32)> = Vec::with_capacity(trials.len());
        for trial in trials.iter().filter(|trial| !trial.meaning.is_empty()) {
            heads.take(trial, false);
            let alone = self.alone.judge(self.strangers, &trial.hits, &mut heads);
            heads.take(trial, true);
            let together = self.together.judge(self.strangers, &trial.hits, &mut heads);
            let wrong = |judgement: &Judgement| {
                let reads = judgement.ranked.first().filter(|(_, p)| *p > judgement.strange).map(|(class, _)| *class);
                i32::from(reads.or(self.strangers) != Some(trial.class))
            };
            if alone.scope >= GATE_SCOPE {
                cases.push((alone.confidence, wrong(&alone) - wrong(&together)));
            }
        }
        cases.sort_by(|a, b| b.0.total_cmp(&a.0));
        let most = (GATE_COST * trials.len() as f32) as i32;
        let (mut cost, mut gate) = (0, trust::NEVER);
        for same in cases.chunk_by(|a, b| a.0 == b.0) {
            cost += same.iter().map(|(_, cost)| cost).sum::<i32>();
            if cost > most {
                break;
            }
            gate = same[0].0;
        }
        gate.max(self.alone.act)
    }
}

impl Heads {
    /// Takes over what the heads of a dry run said.
    fn take(&mut self, trial: &Trial, with_meaning: bool) {
        self.words.clone_from(&trial.words);
        self.coverage = trial.coverage;
        self.damage = 0.0;
        self.meaning.clear();
        self.nearest.clear();
        self.near = None;
        if with_meaning && !trial.meaning.is_empty() {
            self.meaning.clone_from(&trial.meaning);
            self.nearest.clone_from(&trial.nearest);
            self.near = Some(trial.near);
        }
    }

    fn strangeness(&self) -> scope::Signs {
        let most = |scores: &[f32]| scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        match self.near {
            Some(near) => scope::Signs { words: most(&self.words), meaning: Some(most(&self.meaning)), near: near.mean },
            None => scope::Signs { words: most(&self.words), meaning: None, near: familiarity(self.coverage) },
        }
    }
}

/// How much a text is made of known words and n-grams, 0 to 1.
pub(crate) fn familiarity(coverage: Coverage) -> f32 {
    0.5 * (coverage.words + coverage.chars)
}

impl Stage {
    fn fit(trials: &[Trial], classes: usize, strangers: Option<usize>, with_meaning: bool) -> Self {
        let trials: Vec<&Trial> = trials.iter().filter(|trial| !with_meaning || !trial.meaning.is_empty()).collect();
        let mut heads = Heads::default();
        let mut belong = Vec::with_capacity(trials.len());
        let mut texts = Vec::with_capacity(trials.len());
        for trial in &trials {
            heads.take(trial, with_meaning);
            if Some(trial.class) != strangers {
                belong.push(heads.strangeness());
            }
            heads.spread(&trial.hits);
            texts.push((std::mem::take(&mut heads.signs), trial.class));
        }
        let mut stage = Self { blend: Blend::fit(&texts), trust: Trust::fit(&[], classes), scope: Scope::fit(&belong), act: trust::NEVER };
        let mut cases = Vec::with_capacity(trials.len());
        for trial in &trials {
            heads.take(trial, with_meaning);
            stage.judge(strangers, &trial.hits, &mut heads);
            if let Some(certainty) = stage.certainty(strangers, &heads) {
                cases.push((certainty, certainty.class == trial.class));
            }
        }
        stage.trust = Trust::fit(&cases, classes);
        stage.act = trust::threshold(trust::unseen(&cases, classes), ERROR_BUDGET).clamp(ACT_RANGE.0, ACT_RANGE.1);
        stage
    }

    /// Reads a message from what its heads said.
    pub(crate) fn judge(&self, strangers: Option<usize>, hits: &[usize], heads: &mut Heads) -> Judgement {
        heads.spread(hits);
        self.blend.probabilities(&heads.signs, &mut heads.probabilities);
        let Some(certainty) = self.certainty(strangers, heads) else { return Judgement::default() };
        let confidence = self.trust.confidence(&certainty);
        let mut ranked = Vec::with_capacity(5);
        rank(&heads.probabilities, strangers, &mut ranked);
        // The others share what the first leaves, so that the confidences never add up to more than one.
        let rest = (1.0 - confidence) / (1.0 - certainty.first).max(1e-6);
        for (place, (_, p)) in ranked.iter_mut().enumerate() {
            *p = if place == 0 { confidence } else { (*p * rest).min(confidence) };
        }
        let strange = strangers.map_or(0.0, |class| heads.probabilities[class]);
        Judgement { ranked, confidence, scope: certainty.scope, strange }
    }

    fn certainty(&self, strangers: Option<usize>, heads: &Heads) -> Option<Certainty> {
        let (mut first, mut second) = (None, 0.0);
        for (class, &p) in heads.probabilities.iter().enumerate().filter(|(class, _)| Some(*class) != strangers) {
            match first {
                Some((_, most)) if p <= most => second = f32::max(second, p),
                Some((_, most)) => (first, second) = (Some((class, p)), most),
                None => first = Some((class, p)),
            }
        }
        let (class, first) = first?;
        let heads_asked = [&heads.words, &heads.meaning, &heads.nearest].into_iter().filter(|scores| !scores.is_empty());
        let (mut agree, mut asked) = (0.0, 0.0);
        for scores in heads_asked {
            asked += 1.0;
            let most = scores.iter().enumerate().filter(|(other, _)| Some(*other) != strangers).max_by(|a, b| a.1.total_cmp(b.1));
            agree += f32::from(u8::from(most.is_some_and(|(best, _)| best == class)));
        }
        let scope = self.scope.of(heads.strangeness());
        Some(Certainty { class, first, second, scope, agreement: agree / asked, damage: heads.damage })
    }
}

impl Heads {
    fn spread(&mut self, hits: &[usize]) {
        let said = Said { words: &self.words, meaning: &self.meaning, nearest: &self.nearest, hits, damage: self.damage };
        blend::signs(said, &mut self.signs);
    }
}

/// The best classes without the strangers, best first, at most five.
fn rank(probabilities: &[f32], strangers: Option<usize>, ranked: &mut Vec<(usize, f32)>) {
    for (class, &p) in probabilities.iter().enumerate().filter(|(class, _)| Some(*class) != strangers) {
        let place = ranked.iter().position(|(_, other)| p > *other).unwrap_or(ranked.len());
        if place < 5 {
            ranked.truncate(4);
            ranked.insert(place, (class, p));
        }
    }
}
