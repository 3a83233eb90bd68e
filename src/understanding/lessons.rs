//! From a catalog's intents to lessons: examples, titles and descriptions are repaired, cut into n-grams, matched against the
//! patterns and, in the encoder's language, turned into vectors.

use crate::understanding::background::BACKGROUND;
use crate::understanding::encoder::EncodeError;
use crate::understanding::features::Grams;
use crate::understanding::normalize::Plain;
use crate::understanding::parallel::in_parts;
use crate::understanding::sentences::Sentences;
use crate::understanding::spelling::{Repaired, Spelling};
use crate::understanding::strangers::STRANGERS;
use crate::understanding::trial::Lesson;
use crate::understanding::{BadPattern, PatternSet, TrainingIntent};

/// The language that the encoder reads.
pub(crate) const ENCODED: &str = "en";

/// Texts in one part of the work of reading them.
const AT_ONCE: usize = 512;

/// Patterns of a catalog and the intent of each.
#[derive(Debug)]
pub(crate) struct Patterns {
    set: PatternSet,
    owners: Vec<usize>,
}

impl Patterns {
    /// Compiles the patterns of all intents.
    ///
    /// # Errors
    /// The patterns that cannot be used.
    pub(crate) fn of(intents: &[TrainingIntent]) -> Result<Self, Vec<BadPattern>> {
        let all: Vec<(usize, &str)> = intents
            .iter()
            .enumerate()
            .flat_map(|(number, intent)| intent.patterns.iter().map(move |pattern| (number, pattern.as_str())))
            .collect();
        let set = PatternSet::compile(all.iter().map(|(_, pattern)| *pattern)).map_err(|bad| {
            let name = |(number, problem): (usize, String)| {
                let (intent, pattern) = all.get(number)?;
                Some(BadPattern { intent: intents[*intent].id.clone(), safety: false, pattern: (*pattern).to_owned(), problem })
            };
            bad.into_iter().filter_map(name).collect::<Vec<_>>()
        })?;
        Ok(Self { set, owners: all.iter().map(|(number, _)| *number).collect() })
    }

    /// The same patterns without what they kept from the texts that they have seen: thousands of examples fill their caches.
    pub(crate) fn rested(self) -> Self {
        Self { set: self.set.rested(), ..self }
    }

    /// Writes the intents whose patterns hit a plain text, each once, ascending.
    pub(crate) fn hits(&self, text: &str, hits: &mut Vec<usize>) {
        hits.clear();
        if text.is_empty() {
            return;
        }
        self.set.hits(text, hits);
        hits.iter_mut().for_each(|hit| *hit = self.owners[*hit]);
        hits.sort_unstable();
        hits.dedup();
    }
}

/// Everything to learn from, in a fixed order, and the words it is written in.
#[derive(Debug)]
pub(crate) struct Lessons {
    pub(crate) lessons: Vec<Lesson>,
    /// The text of each lesson as its author wrote it.
    pub(crate) texts: Vec<String>,
    pub(crate) spelling: Spelling,
    /// Why the examples have no vectors although there is an encoder.
    pub(crate) failed: Option<EncodeError>,
}

/// A text before it is a lesson.
struct Raw<'a> {
    class: usize,
    place: Option<usize>,
    language: &'a str,
    text: &'a str,
}

impl Lessons {
    /// Gathers them. The class after the last intent stands for what belongs to none.
    pub(crate) fn of(intents: &[TrainingIntent], patterns: &Patterns, sentences: &Sentences) -> Self {
        let mut raw = Vec::new();
        for (class, intent) in intents.iter().enumerate() {
            let examples = intent.examples.iter().enumerate();
            raw.extend(examples.map(|(place, (language, text))| Raw { class, place: Some(place), language, text }));
            raw.extend([&intent.title, &intent.description].map(|text| Raw { class, place: None, language: ENCODED, text }));
        }
        let background = BACKGROUND.iter().map(|text| (ENCODED, text)).chain(STRANGERS.iter().map(|text| ("und", text)));
        raw.extend(background.enumerate().map(|(place, (language, text))| Raw {
            class: intents.len(),
            place: Some(place),
            language,
            text,
        }));
        let plains: Vec<Plain> = raw.iter().map(|raw| Plain::of(raw.text)).collect();
        let spelling = Spelling::learn(plains.iter());
        let read = in_parts(raw.len().div_ceil(AT_ONCE), |part| {
            let from = part * AT_ONCE;
            let mut repaired = Repaired::default();
            let texts = raw.iter().zip(&plains).skip(from).take(AT_ONCE).filter(|(_, plain)| plain.len() > 0);
            let lesson = |(raw, plain): (&Raw<'_>, &Plain)| {
                spelling.repair(plain, raw.language == ENCODED, &mut repaired);
                let mut hits = Vec::new();
                patterns.hits(&plain.text, &mut hits);
                let grams = Grams::of(&repaired.plain);
                let lesson = Lesson { class: raw.class as u32, place: raw.place, hits, grams, vector: None };
                (lesson, raw.text.to_owned(), (raw.language == ENCODED).then(|| repaired.plain.text.clone()))
            };
            texts.map(lesson).collect::<Vec<_>>()
        });
        let (mut lessons, mut texts, mut encoded) = (Vec::with_capacity(raw.len()), Vec::with_capacity(raw.len()), Vec::new());
        for (lesson, text, sentence) in read.into_iter().flatten() {
            encoded.extend(sentence.map(|sentence| (lessons.len(), sentence)));
            lessons.push(lesson);
            texts.push(text);
        }
        let wanted: Vec<&str> = encoded.iter().map(|(_, text)| text.as_str()).collect();
        let failed = match sentences.of_examples(&wanted) {
            Ok(vectors) => {
                for ((lesson, _), vector) in encoded.iter().zip(vectors.unwrap_or_default()) {
                    lessons[*lesson].vector = Some(vector);
                }
                None
            }
            Err(error) => Some(error),
        };
        Self { lessons, texts, spelling, failed }
    }
}
