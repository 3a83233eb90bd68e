//! Why a message was read as it was, for people who write intents.

use crate::domain::ids::IntentId;
use crate::understanding::concepts::idea;
use crate::understanding::features::{Grams, char_grams, idea_hash, pair_hash, word_hash};
use crate::understanding::learned::{Heads, familiarity};
use crate::understanding::normalize::Plain;
use crate::understanding::understander::Understander;
use crate::understanding::{Decision, ReadContext, Reading};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many parts of the text are named.
const MOST_PARTS: usize = 12;

/// A reading with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The reading itself.
    pub reading: Reading,
    /// The message as the heads read it, its spelling repaired.
    pub read_as: String,
    /// Whether the sentence encoder was asked.
    pub encoder_asked: bool,
    /// Share of the message that is known from examples, 0 to 1.
    pub known: f32,
    /// How much it is like the examples as a whole: 0 on average, in standard deviations; lower is stranger.
    pub likeness: f32,
    /// Words that are in no example.
    pub unknown_words: Vec<String>,
    /// Intents whose patterns hit.
    pub patterns: Vec<IntentId>,
    /// Words, pairs of words, ideas (`~refund`) and pieces of words that spoke most for or against the likeliest intent, strongest first.
    pub parts: Vec<(String, f32)>,
    /// The example nearest in meaning: its intent, its text and the cosine; `None` when the encoder was not asked.
    pub nearest: Option<Nearest>,
    /// Probability that it is small talk or somebody else's business.
    pub background: f32,
    /// All of that in a sentence.
    pub sentence: String,
}

/// The example nearest in meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Nearest {
    /// Its intent; `None`: an example of small talk or somebody else's business.
    pub intent: Option<IntentId>,
    /// Its text.
    pub text: String,
    /// The cosine of the angle to it, -1 to 1.
    pub cosine: f32,
}

impl Understander {
    /// Reads one message and says why it was read so. Slower than `read`; for tools.
    pub fn explain(&self, text: &str, context: &ReadContext) -> Explanation {
        let draft = self.begin(text, context);
        let whole = draft.whole().to_owned();
        let vectors = self.vectors(&draft);
        let encoder_asked = !vectors.is_empty();
        let (hits, damage) = (draft.hits().to_vec(), draft.damage());
        let reading = self.finish(draft, &vectors);
        let plain = Plain::of(&whole);
        let mut heads = Heads::default();
        let mut judgement = self.learned.begin(&Grams::of(&plain), damage, &hits, &mut heads);
        if let Some(vector) = vectors.first() {
            judgement = self.learned.finish(vector, &hits, &mut heads);
        }
        let best = reading.intents.first().and_then(|guess| self.intents.iter().position(|intent| *intent == guess.intent));
        let (parts, unknown_words) = self.parts(&plain, &heads, best);
        let nearest = self.nearest(&heads);
        let patterns: Vec<IntentId> = hits.iter().map(|&hit| self.intents[hit].clone()).collect();
        let sentence = sentence(&reading, &parts, nearest.as_ref(), &patterns);
        Explanation {
            read_as: whole,
            encoder_asked,
            known: familiarity(heads.coverage),
            likeness: judgement.scope,
            unknown_words,
            patterns,
            parts,
            nearest,
            background: judgement.strange,
            sentence,
            reading,
        }
    }

    fn nearest(&self, heads: &Heads) -> Option<Nearest> {
        let example = heads.near?.example?;
        let lesson = *self.learned.remembered.get(example)?;
        let class = self.learned.semantic.as_ref()?.memory.class(example)? as usize;
        Some(Nearest {
            intent: self.intents.get(class).cloned(),
            text: self.texts.get(lesson)?.clone(),
            cosine: heads.nearest.iter().copied().fold(-1.0, f32::max),
        })
    }

    fn parts(&self, plain: &Plain, heads: &Heads, best: Option<usize>) -> (Vec<(String, f32)>, Vec<String>) {
        let vocabulary = &self.learned.lexical.vocabulary;
        let mut named: BTreeMap<u32, String> = BTreeMap::new();
        let mut unknown = Vec::new();
        let words: Vec<&str> = plain.words().collect();
        for (at, word) in words.iter().enumerate() {
            let hash = word_hash(word);
            match vocabulary.feature(hash) {
                Some(feature) => drop(named.insert(feature, (*word).to_owned())),
                None => unknown.push((*word).to_owned()),
            }
            if let Some(next) = words.get(at + 1)
                && let Some(feature) = vocabulary.feature(pair_hash(hash, word_hash(next)))
            {
                named.insert(feature, format!("{word} {next}"));
            }
            let idea = idea(word);
            if let Some(feature) = vocabulary.feature(idea_hash(idea)) {
                named.insert(feature, format!("~{idea}"));
            }
            let padded: Vec<char> = format!(" {word} ").chars().collect();
            char_grams(word, |hash, start, size| {
                if let Some(feature) = vocabulary.feature(hash) {
                    let piece = padded.get(start..start + size).map(|chars| chars.iter().collect::<String>().replace(' ', "_"));
                    named.entry(feature).or_insert_with(|| piece.unwrap_or_else(|| (*word).to_owned()));
                }
            });
        }
        let Some(best) = best else {
            return (Vec::new(), unknown);
        };
        let mut parts: Vec<(String, f32)> = heads
            .row
            .iter()
            .filter_map(|&(feature, value)| {
                let weight = value * self.learned.lexical.classifier.weight(feature, best);
                named.get(&feature).map(|name| (name.clone(), weight))
            })
            .collect();
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
        parts.truncate(MOST_PARTS);
        (parts, unknown)
    }
}

/// What decided, in a sentence that a person can read.
fn sentence(reading: &Reading, parts: &[(String, f32)], nearest: Option<&Nearest>, patterns: &[IntentId]) -> String {
    let mut reasons = Vec::new();
    let words: Vec<String> =
        parts.iter().filter(|(name, weight)| *weight > 0.0 && !name.contains('_')).take(3).map(|(name, _)| format!("\"{name}\"")).collect();
    if !words.is_empty() {
        reasons.push(format!("the words {} speak for it", words.join(", ")));
    }
    if let Some(nearest) = nearest {
        let of = nearest.intent.as_ref().map_or("small talk", IntentId::as_str);
        reasons.push(format!("nearest in meaning is \"{}\" of {of} (cosine {:.2})", nearest.text, nearest.cosine));
    }
    if !patterns.is_empty() {
        let named: Vec<&str> = patterns.iter().map(IntentId::as_str).collect();
        reasons.push(format!("a pattern of {} hit", named.join(", ")));
    }
    let first = match (&reading.decision, reading.intents.first()) {
        (Decision::Act(intent), Some(guess)) if guess.intent == *intent => format!("{intent}, {:.0} % sure", guess.confidence * 100.0),
        (Decision::Act(intent), _) => format!("{intent}"),
        (_, Some(guess)) => format!("perhaps {}, {:.0} % sure", guess.intent, guess.confidence * 100.0),
        (_, None) => "nothing that is known".to_owned(),
    };
    let because = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
    format!("It reads as {first}{because}. {}", reading.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::understander::tests::intents;
    use jiff::tz::TimeZone;

    #[test]
    fn the_telling_word_is_named() {
        let understander = Understander::train(&intents(), &std::sync::Arc::default()).expect("good patterns");
        let context = ReadContext { now: "2026-12-04T12:00:00Z".parse().expect("a time"), zone: TimeZone::UTC, currency: None, market: "" };
        let explanation = understander.explain("postpone my qxzkvw payment", &context);
        assert_eq!(explanation.unknown_words, ["qxzkvw"]);
        assert_eq!(explanation.patterns, [IntentId::from("extend_due_date")]);
        assert!(explanation.parts.iter().any(|(part, weight)| part.contains("pay") && *weight > 0.0), "{:?}", explanation.parts);
        assert!(explanation.known > 0.2 && explanation.known < 1.0);
        assert!(explanation.sentence.contains("a pattern of extend_due_date hit"), "{}", explanation.sentence);
    }
}
