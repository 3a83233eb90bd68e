//! All patterns of all intents in one pass over the text. Patterns see the plain form of the text, so they need not care
//! for case, accents, curly quotes or "soooo".

use crate::understanding::normalize::fold_pattern;
use regex::{RegexBuilder, RegexSet, RegexSetBuilder, bytes};

/// Most memory that one compiled pattern may take, in bytes.
const ONE_PATTERN: usize = 1 << 20;
/// Most memory that a set may take, in bytes.
const WHOLE_SET: usize = 64 << 20;
/// Memory for what the matcher has learned from texts so far, in bytes a thread.
const MATCHER_CACHE: usize = 8 << 20;

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
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    let regex = RegexBuilder::new(&fold_pattern(pattern))
        .case_insensitive(true)
        .size_limit(ONE_PATTERN)
        .build()
        .map_err(|error| problem(&error))?;
    if regex.is_match("") {
        return Err("it matches the empty text, so it would match every message".to_owned());
    }
    Ok(())
}

fn problem(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too big; repeat fewer times or split it".to_owned(),
        error => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    }
}

/// Compiled patterns, each with the number of whom it belongs to.
#[derive(Debug)]
pub(crate) struct PatternSet {
    /// Patterns without letters beyond ASCII: matched byte by byte, which stays fast on any text.
    plain: bytes::RegexSet,
    plain_of: Vec<usize>,
    /// The others: need word boundaries for all scripts.
    wide: RegexSet,
    wide_of: Vec<usize>,
}

impl PatternSet {
    /// Compiles patterns that `check_pattern` accepted; `None` when they are too big together.
    pub(crate) fn compile<'a>(patterns: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut plain, mut plain_of, mut wide, mut wide_of) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, pattern) in patterns.enumerate() {
            let folded = fold_pattern(pattern);
            let ascii = folded.is_ascii() && bytes::RegexBuilder::new(&folded).unicode(false).build().is_ok();
            let (to, of) = if ascii { (&mut plain, &mut plain_of) } else { (&mut wide, &mut wide_of) };
            to.push(folded);
            of.push(number);
        }
        Some(Self {
            plain: bytes::RegexSetBuilder::new(&plain)
                .case_insensitive(true)
                .unicode(false)
                .size_limit(WHOLE_SET)
                .dfa_size_limit(MATCHER_CACHE)
                .build()
                .ok()?,
            plain_of,
            wide: RegexSetBuilder::new(&wide).case_insensitive(true).size_limit(WHOLE_SET).dfa_size_limit(MATCHER_CACHE).build().ok()?,
            wide_of,
        })
    }

    /// The numbers of the patterns that match the plain text, ascending within each kind.
    pub(crate) fn hits(&self, text: &str) -> impl Iterator<Item = usize> {
        let plain = (!self.plain.is_empty()).then(|| self.plain.matches(text.as_bytes()));
        let wide = (!self.wide.is_empty()).then(|| self.wide.matches(text));
        let plain = plain.into_iter().flatten().map(|hit| self.plain_of[hit]);
        plain.chain(wide.into_iter().flatten().map(|hit| self.wide_of[hit]))
    }
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
            assert_eq!(set.hits(&Plain::of(text).text).collect::<Vec<_>>(), hits, "{text}");
        }
    }
}
