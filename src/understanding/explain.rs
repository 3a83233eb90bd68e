//! Why a message was read as it was, for people who write intents.

use crate::domain::ids::IntentId;
use crate::understanding::concepts::idea;
use crate::understanding::features::{char_grams, idea_hash, pair_hash, word_hash};
use crate::understanding::understander::{Scratch, Understander};
use crate::understanding::{ReadContext, Reading};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many parts of the text are named.
const MOST_PARTS: usize = 12;

/// A reading with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The reading itself.
    pub reading: Reading,
    /// Share of the message that is known from examples, 0 to 1.
    pub known: f32,
    /// Words that are in no example.
    pub unknown_words: Vec<String>,
    /// Intents whose patterns hit.
    pub patterns: Vec<IntentId>,
    /// Words, pairs of words, ideas (`~refund`) and pieces of words that spoke most for or against the likeliest intent, strongest first.
    pub parts: Vec<(String, f32)>,
    /// Probability that it is small talk or somebody else's business.
    pub background: f32,
}

impl Understander {
    /// Reads one message and says why it was read so. Slower than `read`; for tools.
    pub fn explain(&self, text: &str, context: &ReadContext) -> Explanation {
        let mut scratch = Scratch::default();
        let reading = self.read_with(text, context, &mut scratch);
        let best = reading.intents.first().and_then(|guess| self.intents.iter().position(|intent| *intent == guess.intent));
        let (parts, unknown_words) = self.parts(&scratch, best);
        Explanation {
            known: crate::understanding::calibrate::familiarity(scratch.coverage),
            unknown_words,
            patterns: scratch.hits.iter().map(|&hit| self.intents[hit].clone()).collect(),
            parts,
            background: scratch.probabilities[self.intents.len()],
            reading,
        }
    }

    fn parts(&self, scratch: &Scratch, best: Option<usize>) -> (Vec<(String, f32)>, Vec<String>) {
        let vocabulary = &self.model.vocabulary;
        let mut named: BTreeMap<u32, String> = BTreeMap::new();
        let mut unknown = Vec::new();
        let words: Vec<&str> = scratch.plain.words().collect();
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
        let mut parts: Vec<(String, f32)> = scratch
            .row
            .iter()
            .filter_map(|&(feature, value)| {
                let weight = value * self.model.classifier.weight(feature, best) * self.calibration.sharpness;
                named.get(&feature).map(|name| (name.clone(), weight))
            })
            .collect();
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
        parts.truncate(MOST_PARTS);
        (parts, unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::understander::tests::intents;
    use jiff::tz::TimeZone;

    #[test]
    fn the_telling_word_is_named() {
        let understander = Understander::train(&intents()).expect("good patterns");
        let context = ReadContext { now: "2026-12-04T12:00:00Z".parse().expect("a time"), zone: TimeZone::UTC, currency: None, market: "" };
        let explanation = understander.explain("postpone my zorble payment", &context);
        assert_eq!(explanation.unknown_words, ["zorble"]);
        assert_eq!(explanation.patterns, [IntentId::from("extend_due_date")]);
        assert!(explanation.parts.iter().any(|(part, weight)| part.contains("pay") && *weight > 0.0), "{:?}", explanation.parts);
        assert!(explanation.known > 0.2 && explanation.known < 1.0);
    }
}
