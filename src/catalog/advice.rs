//! What the dry run of the understanding says about the examples: where the error budget is not kept, which intents overlap,
//! which examples contradict others, and which intents are known too little. Notes: the content runs all the same.

use super::diagnostic::{Diagnostic, Place, Report};
use super::file::IntentFile;
use super::node::Words;
use crate::understanding::{ERROR_BUDGET, Tried};
use std::collections::BTreeMap;

/// A pair of intents is told when so many examples of the two are read as the other one.
const OVERLAP: usize = 5;
/// And at least this share of the smaller of them.
const OVERLAP_SHARE: f32 = 0.06;
/// From this confidence in another intent on, an example contradicts that intent's.
const CONTRADICTS: f32 = 0.97;
/// An intent of which less than this share of examples is read as it, is known too little.
const KNOWN: f32 = 0.6;
/// So many notes of a kind, and so many sentences in a note, are worth reading.
const MOST: usize = 12;
const SENTENCES: usize = 3;

/// Notes on these files, by how each example reads to heads that had not seen it (`Understander::tried`).
pub fn advice(files: &[IntentFile], tried: &[Tried]) -> Vec<Diagnostic> {
    let examples: Vec<Vec<&Words>> = files.iter().map(|file| file.examples.values().flatten().collect()).collect();
    let read = Read { files, examples, tried };
    let mut notes = read.over_budget();
    notes.extend(read.overlaps());
    notes.extend(read.contradictions());
    notes.extend(read.little_known());
    notes
}

struct Read<'a> {
    files: &'a [IntentFile],
    examples: Vec<Vec<&'a Words>>,
    tried: &'a [Tried],
}

impl Read<'_> {
    fn name(&self, intent: usize) -> &str {
        &self.files[intent].intent.text
    }

    fn place(&self, tried: &Tried) -> Option<(&str, &Words)> {
        let words = self.examples.get(tried.intent)?.get(tried.place)?;
        Some((&self.files[tried.intent].path, words))
    }

    /// Up to three of these examples, with their places.
    fn sentences(&self, some: &[&Tried]) -> String {
        let told = some.iter().filter_map(|tried| self.place(tried)).take(SENTENCES);
        told.map(|(path, words)| format!("\"{}\" ({path}:{})", super::lint::short(&words.text), words.place.line))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn note(&self, intent: usize, place: Place, problem: String, remedy: String) -> Vec<Diagnostic> {
        let mut report = Report::on(&self.files[intent].path);
        report.note(place, problem, remedy);
        report.finish()
    }

    /// Intents that would be started by too many examples of others.
    fn over_budget(&self) -> Vec<Diagnostic> {
        let mut notes: Vec<(usize, Vec<Diagnostic>)> = Vec::new();
        for intent in 0..self.files.len() {
            let started: Vec<&Tried> = self.tried.iter().filter(|tried| tried.acted && tried.read_as == Some(intent)).collect();
            let wrong: Vec<&Tried> = started.iter().copied().filter(|tried| tried.intent != intent).collect();
            if wrong.len() < 2 || wrong.len() as f32 <= ERROR_BUDGET * started.len() as f32 {
                continue;
            }
            let mut from: BTreeMap<&str, usize> = BTreeMap::new();
            wrong.iter().for_each(|tried| *from.entry(self.name(tried.intent)).or_default() += 1);
            let from = ranked(from).iter().take(3).map(|(name, count)| format!("{count} of `{name}`")).collect::<Vec<_>>().join(", ");
            let problem = format!(
                "Of {} examples that would start `{}`, {} belong to others ({:.0} %, and the budget is {:.0} %): {from}",
                started.len(),
                self.name(intent),
                wrong.len(),
                wrong.len() as f32 / started.len() as f32 * 100.0,
                ERROR_BUDGET * 100.0
            );
            let remedy = format!("Tell them apart by more examples of both, beginning with what is near {}.", self.sentences(&wrong));
            notes.push((wrong.len(), self.note(intent, Place::FILE, problem, remedy)));
        }
        most(notes)
    }

    /// Pairs of intents whose examples are read as each other.
    fn overlaps(&self) -> Vec<Diagnostic> {
        let mut pairs: BTreeMap<(usize, usize), Vec<&Tried>> = BTreeMap::new();
        for tried in self.tried {
            if let Some(other) = tried.read_as.filter(|other| *other != tried.intent) {
                pairs.entry((tried.intent.min(other), tried.intent.max(other))).or_default().push(tried);
            }
        }
        let asked = |intent: usize| self.tried.iter().filter(|tried| tried.intent == intent).count();
        let mut notes = Vec::new();
        for ((one, other), wrong) in pairs {
            let smaller = asked(one).min(asked(other)).max(1);
            if wrong.len() >= OVERLAP && wrong.len() as f32 >= OVERLAP_SHARE * smaller as f32 {
                let problem =
                    format!("`{}` and `{}` overlap: {} examples read as the other", self.name(one), self.name(other), wrong.len());
                let remedy = format!("Move or reword what fits both, or give both more that fits one only: {}.", self.sentences(&wrong));
                notes.push((wrong.len(), self.note(one, Place::FILE, problem, remedy)));
            }
        }
        most(notes)
    }

    /// Single examples that another intent's examples speak against.
    fn contradictions(&self) -> Vec<Diagnostic> {
        let against = |tried: &&Tried| tried.acted && tried.confidence >= CONTRADICTS;
        let mut notes = Vec::new();
        for tried in self.tried.iter().filter(against) {
            let (Some(other), Some((_, words))) = (tried.read_as.filter(|other| *other != tried.intent), self.place(tried)) else {
                continue;
            };
            let problem = format!("The example \"{}\" reads as `{}`", super::lint::short(&words.text), self.name(other));
            let remedy = format!("It does so with {:.0} % certainty: move it, reword it or leave it out.", tried.confidence * 100.0);
            notes.push(((tried.confidence * 1e4) as usize, self.note(tried.intent, words.place, problem, remedy)));
        }
        most(notes)
    }

    /// Intents whose own examples are not read as them.
    fn little_known(&self) -> Vec<Diagnostic> {
        let mut notes = Vec::new();
        for intent in 0..self.files.len() {
            let own: Vec<&Tried> = self.tried.iter().filter(|tried| tried.intent == intent).collect();
            let missed: Vec<&Tried> = own.iter().copied().filter(|tried| tried.read_as != Some(intent)).collect();
            let known = own.len() - missed.len();
            if own.is_empty() || known as f32 >= KNOWN * own.len() as f32 {
                continue;
            }
            let problem = format!("Only {known} of {} examples of `{}` read as it", own.len(), self.name(intent));
            let remedy = format!("Add examples in other words; now these stand alone: {}.", self.sentences(&missed));
            notes.push((missed.len(), self.note(intent, Place::FILE, problem, remedy)));
        }
        most(notes)
    }
}

fn ranked(counts: BTreeMap<&str, usize>) -> Vec<(&str, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// The weightiest of them.
fn most(mut notes: Vec<(usize, Vec<Diagnostic>)>) -> Vec<Diagnostic> {
    notes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    notes.into_iter().take(MOST).flat_map(|(_, notes)| notes).collect()
}
