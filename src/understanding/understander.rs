//! Learning from a catalog, and reading messages with what was learned.

use crate::domain::ids::IntentId;
use crate::understanding::encoder::EncodeError;
use crate::understanding::features::Grams;
use crate::understanding::learned::{Heads, Learned};
use crate::understanding::lessons::{ENCODED, Lessons, Patterns};
use crate::understanding::normalize::Plain;
use crate::understanding::parallel::both;
use crate::understanding::safety::{Fired, Safety};
use crate::understanding::sentences::Sentences;
use crate::understanding::spelling::{Repaired, Spelling};
use crate::understanding::tried::Tried;
use crate::understanding::urgent::Urgent;
use crate::understanding::verdict::{Part, Verdict, WORTH_ASKING, matters};
use crate::understanding::{Act, BadPattern, Decision, Entity, Guess, ReadContext, Reading, SafetyHit, TrainingIntent};
use crate::understanding::{acts, clauses, entities, language};
use std::cell::RefCell;
use std::sync::Arc;

/// Everything learned from one catalog. Reading needs only `&self`, so one is shared by all conversations.
#[derive(Debug)]
pub struct Understander {
    pub(crate) intents: Vec<IntentId>,
    pub(crate) learned: Learned,
    pub(crate) spelling: Spelling,
    pub(crate) patterns: Patterns,
    pub(crate) texts: Vec<String>,
    tried: Vec<Tried>,
    safety: Safety,
    urgent: Urgent,
    sentences: Arc<Sentences>,
    failed: Option<EncodeError>,
}

/// A message that was read by its words. When that was not enough, it is still open: the vectors of its sentences would help.
#[derive(Debug)]
pub struct Draft {
    parts: Vec<Part>,
    damage: f32,
    open: bool,
    safety: Option<Fired>,
    acts: acts::Acts,
    entities: Vec<Entity>,
    language: &'static str,
}

impl Draft {
    /// The sentences whose vectors would help; none when the message is understood without. The whole comes first, then its pieces, as
    /// far as they are not too long together: a vector takes time for every letter.
    pub fn sentences(&self) -> Vec<&str> {
        self.parts.iter().take(self.encoded()).map(|part| part.text.as_str()).collect()
    }

    /// How many of its parts are to have vectors.
    fn encoded(&self) -> usize {
        let mut letters = 0;
        let is_short = |piece: &&Part| {
            letters += piece.text.len();
            letters <= MOST_LETTERS
        };
        if self.open { 1 + self.parts.iter().skip(1).take_while(is_short).count() } else { 0 }
    }

    /// The message as a whole, its spelling repaired.
    pub(crate) fn whole(&self) -> &str {
        self.parts.first().map_or("", |part| &part.text)
    }

    /// The intents whose patterns hit it.
    pub(crate) fn hits(&self) -> &[usize] {
        self.parts.first().map_or(&[], |part| &part.hits)
    }

    /// Share of its words that were repaired or are unknown.
    pub(crate) fn damage(&self) -> f32 {
        self.damage
    }
}

/// Pieces of a message get vectors as long as they have no more letters than this together; later ones are read by their words.
const MOST_LETTERS: usize = 160;

/// What one reading needs besides the text, kept for the next one.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    plain: Plain,
    repaired: Repaired,
    piece: Plain,
    grams: Grams,
    pieces: Vec<(usize, usize)>,
    pub(crate) heads: Heads,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Understander {
    /// Learns from a catalog. The same catalog and encoder always give the same result. Blocks the thread for as long as the
    /// encoder takes for examples that it has not seen before; when it fails, words alone are learned from (see `failed`).
    ///
    /// # Errors
    /// The patterns that cannot be used.
    pub fn train(intents: &[TrainingIntent], sentences: &Arc<Sentences>) -> Result<Self, Vec<BadPattern>> {
        let (patterns, safety) = match both(|| Patterns::of(intents), || Safety::of(intents)) {
            (Ok(patterns), Ok(safety)) => (patterns, safety),
            (patterns, safety) => return Err(patterns.err().into_iter().chain(safety.err()).flatten().collect()),
        };
        let strangers = intents.len();
        let Lessons { lessons, texts, spelling, failed } = Lessons::of(intents, &patterns, sentences);
        let patterns = patterns.rested();
        let (learned, trials) = Learned::learn(&lessons, strangers + 1, Some(strangers));
        let urgent = Urgent::fit(intents, &learned, &trials);
        let tried = Tried::of(&learned, &trials, &lessons);
        let intents = intents.iter().map(|intent| intent.id.clone()).collect();
        let sentences = Arc::clone(sentences);
        Ok(Self { intents, learned, spelling, patterns, texts, tried, safety, urgent, sentences, failed })
    }

    /// How each example reads to heads that had not seen it.
    pub fn tried(&self) -> &[Tried] {
        &self.tried
    }

    /// Why the encoder gave no vectors for the examples, when it should have.
    pub fn failed(&self) -> Option<&EncodeError> {
        self.failed.as_ref()
    }

    /// Reads one message to the end, encoder included. Blocks the thread for as long as the encoder takes; where that must not be,
    /// use `begin` and `finish`. Never fails, and its work is bounded whatever the text is.
    pub fn read(&self, text: &str, context: &ReadContext) -> Reading {
        let draft = self.begin(text, context);
        let vectors = self.vectors(&draft);
        self.finish(draft, &vectors)
    }

    /// Vectors of a draft's sentences. Blocks the thread unless they were made before: see [`Sentences::of_message`].
    pub fn vectors(&self, draft: &Draft) -> Vec<Arc<[f32]>> {
        self.sentences.of_message(&draft.sentences())
    }

    /// The first step: reads by words, in microseconds.
    pub fn begin(&self, text: &str, context: &ReadContext) -> Draft {
        SCRATCH.with_borrow_mut(|scratch| self.begin_with(text, context, scratch))
    }

    /// The second step: reads with the vectors of the draft's sentences, in their order. Without them the first reading stands.
    pub fn finish(&self, mut draft: Draft, vectors: &[Arc<[f32]>]) -> Reading {
        if draft.open && vectors.len() == draft.encoded() {
            SCRATCH.with_borrow_mut(|scratch| {
                for (part, vector) in draft.parts.iter_mut().zip(vectors) {
                    scratch.piece.fill(&part.text);
                    scratch.grams.fill(&scratch.piece);
                    self.learned.begin(&scratch.grams, draft.damage, &part.hits, &mut scratch.heads);
                    part.judgement = self.learned.finish(vector, &part.hits, &mut scratch.heads);
                    self.look_at(part, &scratch.heads);
                }
            });
        }
        self.settle(draft)
    }

    /// The examples of an intent that are nearest to a message in meaning, nearest first, as their authors wrote them; none when the
    /// intent has none that the encoder has read. `vector` is that of the whole message.
    pub fn alike(&self, intent: &IntentId, vector: &[f32], most: usize) -> Vec<&str> {
        let class = self.intents.iter().position(|other| other == intent);
        let (Some(class), Some(semantic)) = (class, &self.learned.semantic) else { return Vec::new() };
        let places = semantic.memory.nearest_of(vector, class as u32, most);
        places.into_iter().filter_map(|place| Some(self.texts.get(*self.learned.remembered.get(place)?)?.as_str())).collect()
    }

    fn begin_with(&self, text: &str, context: &ReadContext, scratch: &mut Scratch) -> Draft {
        scratch.plain.fill(text);
        let acts = acts::read(&scratch.plain);
        let detected = language::detect(text);
        let english = matches!(detected, ENCODED | "und");
        self.spelling.repair(&scratch.plain, english, &mut scratch.repaired);
        let damage = scratch.repaired.damage;
        let safety = self.safety.check(&scratch.plain.text).or_else(|| {
            let repaired = &scratch.repaired.plain.text;
            (damage > 0.0).then(|| self.safety.check(repaired)).flatten()
        });
        let mut pieces = std::mem::take(&mut scratch.pieces);
        clauses::split(&scratch.repaired.plain, &mut pieces);
        let mut parts = Vec::with_capacity(1 + pieces.len());
        let mut open = false;
        let whole = (0, scratch.repaired.plain.text.len());
        for &(start, end) in std::iter::once(&whole).chain(&pieces) {
            let mut part = Part { text: scratch.repaired.plain.text[start..end].to_owned(), ..Part::default() };
            scratch.piece.fill(&part.text);
            part.turned_away = clauses::turns_away(&scratch.piece);
            self.patterns.hits(&scratch.piece.text, &mut part.hits);
            scratch.grams.fill(&scratch.piece);
            part.judgement = self.learned.begin(&scratch.grams, damage, &part.hits, &mut scratch.heads);
            open |= !self.learned.is_settled(&part.judgement) || self.urgent.suspects(&scratch.heads.probabilities);
            self.look_at(&mut part, &scratch.heads);
            parts.push(part);
        }
        scratch.pieces = pieces;
        let open = open && english && !acts.only && scratch.plain.len() > 0 && self.learned.semantic.is_some();
        let language = language::wished(&scratch.plain).unwrap_or(detected);
        Draft { parts, damage, open, safety, acts, entities: entities::find(text, context), language }
    }

    fn look_at(&self, part: &mut Part, heads: &Heads) {
        part.act = self.learned.stage(heads).act;
        part.strange = self.learned.is_strange(&part.judgement, heads);
        part.urgent = if part.judgement.ranked.is_empty() { None } else { self.urgent.raised(heads, &part.judgement, part.strange) };
    }

    /// Puts everything together.
    fn settle(&self, draft: Draft) -> Reading {
        let Draft { mut parts, safety, acts, entities, language, .. } = draft;
        let pieces = parts.split_off(1);
        let whole = parts.pop().unwrap_or_default();
        let intents = self.guesses(&whole);
        let suspected = whole.urgent.map(|(class, _)| &self.intents[class]);
        let talk_only = acts.only && !acts.acts.iter().any(|act| matches!(act, Act::Human | Act::AreYouBot));
        let safety = safety.map(|rules| rules.likeliest(|intent| self.probability(&whole, intent))).or_else(|| {
            // Cut out of its talk a piece easily sounds worse than it is, so it has to leave no doubt.
            let sure = pieces.iter().filter_map(|piece| piece.urgent_from(piece.act.max(PIECE_URGENT_FROM)));
            let sure = sure.chain(whole.urgent_from(URGENT_FROM)).max_by(|a, b| a.1.total_cmp(&b.1));
            let (class, confidence) = sure.filter(|_| !talk_only)?;
            Some(SafetyHit { intent: self.intents[class].clone(), rule: None, confidence })
        });
        let several = matters(&whole, &pieces);
        let mut also = Vec::new();
        let (decision, why) = if let Some(hit) = &safety {
            let others = several.iter().map(|(class, _)| &self.intents[*class]).filter(|intent| **intent != hit.intent);
            also = others.cloned().collect();
            (Decision::Act(hit.intent.clone()), hit.to_string())
        } else if talk_only {
            (Decision::Abstain, format!("It only does something in the talk ({}), and names no topic.", names(&acts.acts)))
        } else if let Some(urgent) = suspected {
            ask_first(urgent, &whole, &intents)
        } else if let [(first, _), rest @ ..] = &several[..]
            && !rest.is_empty()
        {
            also = rest.iter().map(|(class, _)| self.intents[*class].clone()).collect();
            let named: Vec<String> = several.iter().map(|(class, p)| format!("{} {:.0} %", self.intents[*class], p * 100.0)).collect();
            (Decision::Act(self.intents[*first].clone()), format!("It is about several things: {}.", named.join(", then ")))
        } else if let [(only, p)] = &several[..]
            && pieces.iter().any(|piece| piece.turned_away)
        {
            let only = self.intents[*only].clone();
            let why = format!("It says what it is not about, and what it is about: {only} ({:.0} %).", p * 100.0);
            (Decision::Act(only), why)
        } else {
            self.decide(&whole, &intents)
        };
        Reading { intents, decision, also, safety, acts: acts.acts, entities, language, why }
    }

    fn probability(&self, part: &Part, intent: &IntentId) -> f32 {
        part.judgement.ranked.iter().find(|(class, _)| self.intents[*class] == *intent).map_or(0.0, |(_, p)| *p)
    }

    fn guesses(&self, part: &Part) -> Vec<Guess> {
        let ranked = part.judgement.ranked.iter().enumerate().filter(|(place, (_, p))| *place < 2 || *p >= 0.005);
        ranked.map(|(_, &(class, confidence))| Guess { intent: self.intents[class].clone(), confidence }).collect()
    }

    fn decide(&self, part: &Part, intents: &[Guess]) -> (Decision, String) {
        let percent = |guess: Option<&Guess>| guess.map_or(0.0, |guess| guess.confidence * 100.0).round();
        match part.verdict() {
            Verdict::Act(best) => {
                let pattern = if part.hits.contains(&best) { ", and one of its patterns hit" } else { "" };
                let least = part.act * 100.0;
                let why =
                    format!("{} at {} % is above the {least:.0} % needed to act{pattern}.", self.intents[best], percent(intents.first()));
                (Decision::Act(self.intents[best].clone()), why)
            }
            Verdict::Clarify(count) => {
                let offered: Vec<IntentId> = intents.iter().take(count).map(|guess| guess.intent.clone()).collect();
                let list: Vec<String> =
                    intents.iter().take(count).map(|guess| format!("{} {:.0} %", guess.intent, guess.confidence * 100.0)).collect();
                (Decision::Clarify(offered), format!("Several readings are close: {}.", list.join(", ")))
            }
            Verdict::Strange => (Decision::Abstain, "It is unlike all examples.".to_owned()),
            Verdict::Background => (Decision::Abstain, "It reads like small talk or somebody else's business.".to_owned()),
            Verdict::Unsure => match intents.first() {
                Some(guess) => (
                    Decision::Abstain,
                    format!("No intent stands out; the likeliest is {} at {:.0} %.", guess.intent, guess.confidence * 100.0),
                ),
                None => (Decision::Abstain, "There are no intents to choose from.".to_owned()),
            },
        }
    }
}

/// A message that reads as an urgent matter first of all, starts it from this mean of confidence and chance on: to miss it is worse than
/// to be wrong.
const URGENT_FROM: f32 = 0.7;
/// The same for a piece of a message alone, at least.
const PIECE_URGENT_FROM: f32 = 0.8;

/// An urgent matter that is possible is asked for, before whatever else the message may mean.
fn ask_first(urgent: &IntentId, whole: &Part, intents: &[Guess]) -> (Decision, String) {
    let others = intents.iter().filter(|guess| guess.intent != *urgent && guess.confidence >= WORTH_ASKING / 2.0).take(2);
    let asked: Vec<IntentId> = std::iter::once(urgent.clone()).chain(others.map(|guess| guess.intent.clone())).collect();
    let p = whole.urgent.map_or(0.0, |(_, p)| p * 100.0);
    (Decision::Clarify(asked), format!("It may be {urgent} ({p:.0} %), which is too urgent not to be asked about."))
}

impl std::fmt::Display for SafetyHit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "The safety rule '{rule}' of {} fired.", self.intent),
            None => write!(f, "It reads as {} ({:.0} %), which is urgent.", self.intent, self.confidence * 100.0),
        }
    }
}

fn names(acts: &[Act]) -> String {
    let names: Vec<String> = acts.iter().map(|act| format!("{act:?}").to_lowercase()).collect();
    names.join(", ")
}

#[cfg(test)]
pub(crate) mod tests;
