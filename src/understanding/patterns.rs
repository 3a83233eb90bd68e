//! All patterns of all intents in one pass over the text. Patterns see the plain form of the text, so they need not care
//! for case, accents, curly quotes or "soooo".

use crate::understanding::automaton::Automaton;
use crate::understanding::normalize::fold_pattern;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use quick_cache::sync::Cache;
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Shorter words are too common to look for.
const SHORTEST_WORD: usize = 2;
/// With more words than this a pattern is run always.
const MOST_WORDS: usize = 64;

/// Patterns that are kept compiled, in use or not.
const MOST_KEPT: usize = 4_096;

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// The intent that it belongs to.
    pub intent: crate::domain::ids::IntentId,
    /// Whether it stands under `safety` (else under `patterns`).
    pub safety: bool,
    /// The pattern as written.
    pub pattern: String,
    /// What is wrong with it, in one sentence.
    pub problem: String,
}

impl std::fmt::Display for BadPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = if self.safety { "safety" } else { "patterns" };
        write!(f, "intent {}, {key}: '{}' cannot be used: {}", self.intent, self.pattern, self.problem)
    }
}

impl std::error::Error for BadPattern {}

/// Says what is wrong with a pattern, if anything.
///
/// # Errors
/// One sentence for the author.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    compile(&fold_pattern(pattern)).map(drop)
}

/// A pattern, and the words of which every match has one.
#[derive(Clone, Debug)]
struct Compiled {
    pattern: Automaton,
    words: Option<Vec<String>>,
}

/// Patterns as they were compiled before: an edit changes few of the hundreds that a catalog has.
static COMPILED: LazyLock<Cache<String, Compiled>> = LazyLock::new(|| Cache::new(MOST_KEPT));

fn compile(folded: &str) -> Result<Compiled, String> {
    if let Some(known) = COMPILED.get(folded) {
        return Ok(known);
    }
    let words = regex_syntax::parse(folded).ok().as_ref().and_then(needed_words);
    let compiled = Compiled { pattern: Automaton::of(folded)?, words };
    COMPILED.insert(folded.to_owned(), compiled.clone());
    Ok(compiled)
}

/// Compiled patterns, numbered in the order they came. Nearly every pattern needs one of a few words; only patterns whose words
/// are in the text are run, so that hundreds of them cost little more than one pass over the text.
#[derive(Debug)]
pub(crate) struct PatternSet {
    patterns: Vec<Automaton>,
    /// Finds all needed words at once.
    needed: AhoCorasick,
    /// The patterns that need each word.
    needed_by: Vec<Vec<u32>>,
    /// Patterns that need no certain word, and run always.
    always: Vec<u32>,
}

impl PatternSet {
    /// Compiles patterns.
    ///
    /// # Errors
    /// The numbers of the patterns that cannot be used, with the reason.
    pub(crate) fn compile<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<Self, Vec<(usize, String)>> {
        let mut compiled = Vec::new();
        let mut by_word: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut always = Vec::new();
        let mut bad = Vec::new();
        for (number, pattern) in patterns.enumerate() {
            match compile(&fold_pattern(pattern)) {
                Ok(Compiled { pattern, words }) => {
                    compiled.push(pattern);
                    match words {
                        Some(words) => words.into_iter().for_each(|word| by_word.entry(word).or_default().push(number as u32)),
                        None => always.push(number as u32),
                    }
                }
                Err(problem) => bad.push((number, problem)),
            }
        }
        let (words, needed_by): (Vec<String>, Vec<Vec<u32>>) = by_word.into_iter().unzip();
        let needed = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(words);
        match needed {
            Ok(needed) if bad.is_empty() => Ok(Self { patterns: compiled, needed, needed_by, always }),
            Ok(_) => Err(bad),
            Err(_) => {
                Err(bad.into_iter().chain([(0, "all patterns together are too big; shorten some, or use fewer".to_owned())]).collect())
            }
        }
    }

    /// The same patterns without what they kept from the texts that they have seen.
    pub(crate) fn rested(mut self) -> Self {
        // Clones share the compiled pattern, and begin with nothing kept.
        for pattern in &mut self.patterns {
            *pattern = pattern.clone();
        }
        self
    }

    /// Writes the numbers of the patterns that match the plain text into `hits`, ascending.
    pub(crate) fn hits(&self, text: &str, hits: &mut Vec<usize>) {
        hits.clear();
        hits.extend(self.always.iter().map(|&number| number as usize));
        if !self.needed_by.is_empty() {
            let mut seen = vec![false; self.needed_by.len()];
            for found in self.needed.find_overlapping_iter(text) {
                let word = found.pattern().as_usize();
                if !seen[word] {
                    seen[word] = true;
                    hits.extend(self.needed_by[word].iter().map(|&number| number as usize));
                }
            }
        }
        hits.sort_unstable();
        hits.dedup();
        hits.retain(|&number| self.patterns[number].is_match(text));
    }
}

/// Words of which every match contains at least one, in lower case as the plain text is; `None` when there are no such words.
fn needed_words(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let word = std::str::from_utf8(&literal.0).ok()?.to_lowercase();
            (word.trim().len() >= SHORTEST_WORD).then(|| vec![word])
        }
        HirKind::Capture(capture) => needed_words(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed_words(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(needed_words).max_by_key(|words| worth(words)),
        HirKind::Alternation(branches) => {
            let words: Option<Vec<Vec<String>>> = branches.iter().map(needed_words).collect();
            words.map(|words| words.concat()).filter(|words| words.len() <= MOST_WORDS)
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Long words are rare, and few words are rarer than many.
fn worth(words: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (words.iter().map(String::len).min().unwrap_or(0), std::cmp::Reverse(words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::normalize::Plain;

    #[test]
    fn patterns_are_checked() {
        for (pattern, wrong) in [
            (r"\b(snooze|postpone)\b.*\bpayment", None),
            (r"försenad|\p{Greek}+", None),
            (r"(unclosed", Some("unclosed group")),
            (r"(?=ahead)x", Some("look-around")),
            (r"a*", Some("empty text")),
            (r"(\w{1000}){1000}", Some("too big")),
        ] {
            match (check_pattern(pattern), wrong) {
                (Ok(()), None) => {}
                (Err(problem), Some(part)) => assert!(problem.contains(part), "{pattern}: {problem}"),
                (got, wanted) => panic!("{pattern}: {got:?}, wanted {wanted:?}"),
            }
        }
    }

    #[test]
    fn hits_are_found_in_any_writing() {
        let patterns = [r"\bcan't pay\b", r"\bFörsenad\b", r"\bчеловек\b", r"[åä]terbetal", r"\bno\B"];
        let set = PatternSet::compile(patterns.iter().copied()).expect("small");
        for (text, hits) in [
            ("I CAN’T  PAY", vec![0]),
            ("den är försenad", vec![1]),
            ("нужен человек!", vec![2]),
            ("человеком", vec![]),
            ("Återbetalning", vec![3]),
            ("nooo can't payed", vec![]),
            ("nope", vec![4]),
            ("", vec![]),
        ] {
            let mut got = vec![99];
            set.hits(&Plain::of(text).text, &mut got);
            assert_eq!(got, hits, "{text}");
        }
    }

    #[test]
    fn capitals_in_patterns_meet_texts_in_lower_case() {
        for (pattern, text) in [
            (r"\bIBAN\b", "My IBAN is wrong"),
            (r"\biban\W+is", "my Iban is wrong"),
            (r"\\Wrong|Überfällig", "es ist überfällig"),
            (r"överskuldsatt\S*", "jag är Överskuldsatt"),
        ] {
            let set = PatternSet::compile([pattern].into_iter()).expect("a good pattern").rested();
            let mut hits = Vec::new();
            set.hits(&Plain::of(text).text, &mut hits);
            assert_eq!(hits, [0], "{pattern}");
        }
    }

    #[test]
    fn needed_words_are_found() {
        for (pattern, words) in [
            (r"\b(snooze|postpone)\b.*\bpay", Some(vec!["snooze", "postpone"])),
            (r"can'?t pay", Some(vec!["t pay"])),
            (r"\bHuman\b", Some(vec!["human"])),
            (r"(never|not) (came|arrived)", Some(vec!["came", "arrived"])),
            (r"\d+", None),
            (r"x?", None),
        ] {
            let hir = regex_syntax::parse(pattern).expect("a pattern");
            let mut got = needed_words(&hir);
            let mut wanted = words.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
            got.iter_mut().chain(wanted.iter_mut()).for_each(|words| words.sort());
            assert_eq!(got, wanted, "{pattern}");
        }
    }
}
