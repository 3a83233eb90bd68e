//! Words that tell the offered things apart, and words that take some of them away ("not the coat").

use super::Offer;
use crate::understanding::plain_words;
use std::ops::Range;

/// Words that say nothing about which one; accents are folded.
const EMPTY: &[&str] = &[
    "the", "a", "an", "one", "ones", "thing", "from", "my", "of", "at", "to", "it", "is", "was", "that", "this", "those", "these",
    "please", "i", "im", "mean", "meant", "no", "not", "other", "for", "in", "on", "and", "with", "by", "want", "its", "yes", "think",
    "sorry", "actually", "about", "option", "number", "but", "me", "you", "what", "when", "how", "where", "have", "has", "can", "do",
    "did", "be", "or", "which", "most", "more", "both", "all", "them", "bought", "den", "det", "fran", "en", "ett", "min", "mina", "pa",
    "jag", "menade", "nej", "ja", "der", "die", "das", "dem", "von", "ich", "meinte", "mein", "meine", "meinen", "nein", "aus", "het",
    "een", "van", "mijn", "se", "minun",
];

/// Words for "not", before what is not meant.
const NOT: &[&str] = &["not", "isnt", "nicht", "inte", "niet", "ei", "except"];
/// What may follow such a word when it takes away a thing rather than an action.
const TAKEN: &[&str] = &[
    "the", "that", "this", "those", "my", "from", "den", "det", "de", "der", "die", "das", "dem", "fran", "von", "het", "van", "se",
    "first", "second", "third", "last",
];
/// Words behind which something else is said.
const BUT: &[&str] = &["but", "sondern", "utan", "maar", "vaan", "rather", "its", "instead"];

/// Words for all of them.
const ALL: &[&str] = &[
    "both",
    "all",
    "everything",
    "each",
    "every",
    "either",
    "any",
    "båda",
    "alla",
    "allihop",
    "beide",
    "alle",
    "alles",
    "allebei",
    "allemaal",
    "molemmat",
    "kaikki",
];

/// Whether all of them are meant.
pub(super) fn says_all(words: &[String]) -> bool {
    words.iter().any(|word| ALL.contains(&word.as_str()))
}

/// The bytes that tell what is not meant: "not the shoes" in "not the shoes, the coat".
pub(super) fn denied(text: &str) -> Option<Range<usize>> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}') {
            start = start.or(Some(at));
        } else if let Some(start) = start.take() {
            words.extend(plain_words(&text[start..at]).pop().map(|word| (start, word)));
        }
    }
    let is = |at: usize, list: &[&str]| words.get(at).is_some_and(|(_, word)| list.contains(&word.as_str()));
    let at = (0..words.len()).find(|at| is(*at, NOT) && is(at + 1, TAKEN))?;
    let from = words[at].0;
    let stop = text[from..].find([',', ';', '.', '!', '?', '\n']).map_or(text.len(), |stop| from + stop);
    let but = (at + 2..words.len()).find(|at| is(*at, BUT)).map_or(text.len(), |at| words[at].0);
    Some(from..stop.min(but))
}

/// A part of the text without what it denies.
pub(super) fn without(text: &str, part: &Range<usize>, denied: Option<&Range<usize>>) -> String {
    match denied {
        Some(denied) => format!("{} {}", text.get(part.start..denied.start).unwrap_or(""), text.get(denied.end..part.end).unwrap_or("")),
        None => text.get(part.clone()).unwrap_or("").to_owned(),
    }
}

/// Those that the most words fit, of the words that fit some and not all; and whether the message says hardly anything else.
pub(super) fn telling(offer: &Offer, text: &str) -> (Vec<usize>, bool) {
    let words = plain_words(text);
    let told: Vec<&String> = words.iter().filter(|word| word.chars().count() > 1 && !EMPTY.contains(&word.as_str())).collect();
    if told.is_empty() {
        return (Vec::new(), false);
    }
    let described = offer.described();
    let count = offer.labels.len();
    let mut scores = vec![0_usize; count];
    let mut matched = 0;
    for word in &told {
        let hits: Vec<usize> = (0..count).filter(|index| described[*index].iter().any(|other| alike(word, other))).collect();
        matched += usize::from(!hits.is_empty());
        if !hits.is_empty() && (hits.len() < count || count == 1) {
            hits.iter().for_each(|hit| scores[*hit] += 1);
        }
    }
    let best = scores.iter().copied().max().unwrap_or(0);
    if best == 0 {
        return (Vec::new(), false);
    }
    ((0..count).filter(|index| scores[*index] == best).collect(), matched * 2 >= told.len())
}

/// The same word, give or take an ending, a part of a compound ("Laufschuhe") or a slip of the finger.
fn alike(said: &str, word: &str) -> bool {
    if said == word {
        return true;
    }
    let (a, b) = (said.chars().count(), word.chars().count());
    let ending = a.min(b) >= 4 && a.abs_diff(b) <= 2 && (said.starts_with(word) || word.starts_with(said));
    let compound = a >= 5 && b >= a + 3 && word.ends_with(said);
    ending
        || compound
        || (a.min(b) >= 5 && a.abs_diff(b) <= 1 && !said.contains(|c: char| c.is_ascii_digit()) && strsim::osa_distance(said, word) <= 1)
}
