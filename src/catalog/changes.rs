//! What an edit changes in how messages are read: which sentences are read otherwise, and which intents became surer or less sure.

use super::Catalog;
use super::talks::TestInput;
use crate::domain::market::Market;
use crate::understanding::{Decision, ReadContext, Tried};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// An intent's mean probability of its own examples has changed when it moved by so much.
const MOVED: f32 = 0.03;
/// So many sentences are told one by one.
const MOST: usize = 20;

/// The differences between two catalogs, as far as people should know them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changes {
    /// Sentences that are in both and read otherwise now.
    pub flips: Vec<Flip>,
    /// Intents whose own examples are read with more or less certainty: name, before, now (means, 0 to 1).
    pub moved: Vec<(String, f32, f32)>,
    /// Intents that are new.
    pub added: Vec<String>,
    /// Intents that are gone.
    pub removed: Vec<String>,
}

/// A sentence that is read otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flip {
    /// Its place: file and line.
    pub place: String,
    /// The sentence.
    pub text: String,
    /// What it was read as, and with which confidence.
    pub before: String,
    /// What it is read as now.
    pub now: String,
    /// Whether it is worse than before: it was right, and is not any more.
    pub worse: bool,
}

impl Changes {
    /// Compares how both catalogs read each example that they share (by heads that had not seen it) and each sentence of the new
    /// one's scripted conversations.
    pub fn between(old: &Catalog, new: &Catalog) -> Self {
        let (before, now) = (by_sentence(old), by_sentence(new));
        let mut flips = Vec::new();
        for (key, (tried, place)) in &now {
            let Some((earlier, _)) = before.get(key) else { continue };
            let (was, is) = (read_as(old, earlier), read_as(new, tried));
            if was != is || earlier.acted != tried.acted {
                flips.push(Flip {
                    place: place.clone(),
                    text: key.1.to_owned(),
                    before: told(was, earlier.confidence, earlier.acted),
                    now: told(is, tried.confidence, tried.acted),
                    worse: was == Some(key.0) && (is != Some(key.0) || (earlier.acted && !tried.acted)),
                });
            }
        }
        flips.extend(said_in_tests(old, new));
        flips.sort_by(|a, b| b.worse.cmp(&a.worse).then_with(|| a.place.cmp(&b.place)));
        let (means_before, means_now) = (means(old), means(new));
        let moved = means_now.iter().filter_map(|(name, now)| {
            let before = means_before.get(name)?;
            ((now - before).abs() >= MOVED).then(|| ((*name).to_owned(), *before, *now))
        });
        let missing = |from: &Catalog, other: &Catalog| -> Vec<String> {
            let names = from.intents.iter().map(|file| &file.intent.text);
            names.filter(|name| other.intents.iter().all(|file| file.intent.text != **name)).cloned().collect()
        };
        Self { flips, moved: moved.collect(), added: missing(new, old), removed: missing(old, new) }
    }

    /// Whether nothing that people should know has changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.added {
            writeln!(f, "`{name}` is new.")?;
        }
        for name in &self.removed {
            writeln!(f, "`{name}` is gone.")?;
        }
        for (name, before, now) in &self.moved {
            let verb = if now > before { "gained" } else { "lost" };
            writeln!(f, "`{name}` {verb} certainty: its examples had {:.0} %, and have {:.0} %.", before * 100.0, now * 100.0)?;
        }
        for flip in self.flips.iter().take(MOST) {
            let mark = if flip.worse { " (worse)" } else { "" };
            writeln!(f, "{}: \"{}\" was {}, and is {}{mark}.", flip.place, super::lint::short(&flip.text), flip.before, flip.now)?;
        }
        if self.flips.len() > MOST {
            writeln!(f, "… and {} more sentences are read otherwise.", self.flips.len() - MOST)?;
        }
        if self.is_empty() {
            writeln!(f, "Every sentence is read as before.")?;
        }
        Ok(())
    }
}

/// The examples of a catalog by intent and text, with how they were tried and where they stand.
fn by_sentence(catalog: &Catalog) -> HashMap<(&str, &str), (&Tried, String)> {
    let mut sentences = HashMap::new();
    let examples: Vec<Vec<_>> = catalog.intents.iter().map(|file| file.examples.values().flatten().collect()).collect();
    for tried in catalog.understander.tried() {
        let Some(file) = catalog.intents.get(tried.intent) else { continue };
        let Some(words) = examples[tried.intent].get(tried.place) else { continue };
        let place = format!("{}:{}", file.path, words.place.line);
        sentences.insert((file.intent.text.as_str(), words.text.as_str()), (tried, place));
    }
    sentences
}

fn read_as<'a>(catalog: &'a Catalog, tried: &Tried) -> Option<&'a str> {
    tried.read_as.and_then(|intent| catalog.intents.get(intent)).map(|file| file.intent.text.as_str())
}

fn told(intent: Option<&str>, confidence: f32, acted: bool) -> String {
    let doubt = if acted { "" } else { ", not sure enough to act" };
    intent.map_or_else(|| "nothing".to_owned(), |intent| format!("`{intent}` ({:.0} %{doubt})", confidence * 100.0))
}

fn means(catalog: &Catalog) -> BTreeMap<&str, f32> {
    let mut sums: BTreeMap<&str, (f32, f32)> = BTreeMap::new();
    for tried in catalog.understander.tried() {
        if let Some(file) = catalog.intents.get(tried.intent) {
            let (sum, count) = sums.entry(&file.intent.text).or_default();
            *sum += tried.own;
            *count += 1.0;
        }
    }
    sums.into_iter().map(|(name, (sum, count))| (name, sum / count)).collect()
}

/// What customers say in the new catalog's scripted conversations, where it is read otherwise. By words alone: that takes microseconds.
fn said_in_tests<'a>(old: &'a Catalog, new: &'a Catalog) -> impl Iterator<Item = Flip> + 'a {
    let context = ReadContext::of(Market::fallback(), Timestamp::UNIX_EPOCH);
    let decision = move |catalog: &Catalog, text: &str| {
        let understander = &catalog.understander;
        understander.finish(understander.begin(text, &context), &[]).decision
    };
    let said = new.tests().flat_map(|(file, test)| {
        test.talk.iter().filter_map(move |turn| match &turn.does {
            TestInput::Me(text) => Some((file, turn.place.line, text)),
            _ => None,
        })
    });
    said.filter_map(move |(file, line, text)| {
        let (was, is) = (decision(old, text), decision(new, text));
        (was != is).then(|| Flip {
            place: format!("{}:{line}", file.path),
            text: text.clone(),
            before: decided(&was),
            now: decided(&is),
            worse: matches!(was, Decision::Act(_)) && !matches!(is, Decision::Act(_)),
        })
    })
}

fn decided(decision: &Decision) -> String {
    match decision {
        Decision::Act(intent) => format!("`{intent}`"),
        Decision::Clarify(among) => {
            format!("a question between {}", among.iter().map(|intent| format!("`{intent}`")).collect::<Vec<_>>().join(" and "))
        }
        Decision::Abstain => "not understood".to_owned(),
    }
}
