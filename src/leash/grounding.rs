//! An answer that rests on quoted passages. Every sentence is held against its quote; one that says more is replaced by the quote itself, so
//! that a customer reads nothing that no article says.

use super::claims::{sentences, unsupported};
use super::filter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most sentences of an answer.
const MOST_SENTENCES: usize = 5;
/// The most characters of an answer.
pub const MOST_CHARS: usize = 900;
/// The fewest characters of a quote: less says nothing.
const LEAST_QUOTE: usize = 12;

/// What the model gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Whether the passages answer the question at all.
    pub found: bool,
    /// The answer, sentence by sentence.
    pub sentences: Vec<Quoted>,
}

/// A sentence with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quoted {
    /// The number of the passage, from 1.
    pub passage: usize,
    /// Words of the passage, as they stand there.
    pub quote: String,
    /// What is said to the customer.
    pub text: String,
}

/// The JSON schema of an answer.
pub fn schema() -> Value {
    let sentence = json!({
        "type": "object", "additionalProperties": false, "required": ["passage", "quote", "text"],
        "properties": { "passage": { "type": "integer" }, "quote": { "type": "string" }, "text": { "type": "string" } },
    });
    json!({
        "type": "object", "additionalProperties": false, "required": ["found", "sentences"],
        "properties": { "found": { "type": "boolean" }, "sentences": { "type": "array", "items": sentence } },
    })
}

/// What is left of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounded {
    /// What the customer reads.
    pub text: String,
    /// The passages it rests on, from 0, each once, in the order of use.
    pub passages: Vec<usize>,
    /// How many sentences said more than their quote and were replaced by it.
    pub replaced: usize,
}

/// Checks an answer against the passages that were shown. `None`: nothing of it may be shown, and the best passage is shown instead.
pub fn ground(answer: &Answer, passages: &[&str]) -> Option<Grounded> {
    if !answer.found {
        return None;
    }
    let mut grounded = Grounded { text: String::new(), passages: Vec::new(), replaced: 0 };
    for quoted in answer.sentences.iter().take(MOST_SENTENCES) {
        let Some(place) = quoted.passage.checked_sub(1).filter(|place| *place < passages.len()) else { continue };
        let Some(source) = source(passages[place], &quoted.quote) else { continue };
        let said = quoted.text.trim();
        let supported = unsupported(said, &source).is_none() && filter::checked(said, &source, 300).is_ok();
        let said = if supported { said.to_owned() } else { source };
        grounded.replaced += usize::from(!supported);
        if grounded.text.contains(&said) || grounded.text.chars().count() + said.chars().count() > MOST_CHARS {
            continue;
        }
        if !grounded.text.is_empty() {
            grounded.text.push(' ');
        }
        grounded.text.push_str(&said);
        if !grounded.passages.contains(&place) {
            grounded.passages.push(place);
        }
    }
    (!grounded.text.is_empty()).then_some(grounded)
}

/// The whole sentences of the passage that the quote stands in; `None` when it does not stand there.
fn source(passage: &str, quote: &str) -> Option<String> {
    let level = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let quote = level(quote);
    let quote = quote.trim_matches(|c: char| !c.is_alphanumeric());
    if quote.chars().count() < LEAST_QUOTE {
        return None;
    }
    let sentences = sentences(passage);
    // The shortest run of neighbouring sentences that has the quote.
    (1..=sentences.len().min(4))
        .find_map(|count| sentences.windows(count).map(|window| window.join(" ")).find(|run| level(run).contains(quote)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PASSAGES: [&str; 2] = [
        "No late fee is added on the due date itself, nor in the 7 days after it. If you pay within that time, there is no fee.",
        "Ask the chat to remove the fee. In other cases a person looks at your reasons and decides.",
    ];

    fn quoted(passage: usize, quote: &str, text: &str) -> Quoted {
        Quoted { passage, quote: quote.to_owned(), text: text.to_owned() }
    }

    fn check(sentences: Vec<Quoted>) -> Option<Grounded> {
        ground(&Answer { found: true, sentences }, &PASSAGES)
    }

    #[test]
    fn a_supported_sentence_stays_and_one_that_says_more_becomes_its_source() {
        let grounded = check(vec![
            quoted(1, "If you pay within that time, there is no fee", "There is no fee if you pay within that time."),
            quoted(2, "a person looks at your reasons", "A person will refund you £50 at once."),
        ])
        .expect("an answer");
        assert_eq!(
            grounded.text,
            "There is no fee if you pay within that time. In other cases a person looks at your reasons and decides."
        );
        assert_eq!((grounded.passages, grounded.replaced), (vec![0, 1], 1));
    }

    #[test]
    fn without_a_true_quote_nothing_is_shown() {
        assert_eq!(check(vec![quoted(1, "all fees are waived for ever", "All fees are waived.")]), None);
        assert_eq!(check(vec![quoted(3, "Ask the chat to remove the fee", "x")]), None);
        assert_eq!(check(vec![quoted(0, "Ask the chat to remove the fee", "x")]), None);
        assert_eq!(check(vec![quoted(2, "the fee", "the fee")]), None, "too short to rest on");
        assert_eq!(ground(&Answer { found: false, sentences: vec![quoted(2, "Ask the chat to remove the fee", "x")] }, &PASSAGES), None);
    }

    proptest! {
        /// Whatever the model says: no number is shown that no passage has, and every sentence is one of a passage or rests on it.
        #[test]
        fn no_number_is_invented(text in "(\\PC{0,40} ){0,3}[0-9£%]{1,6} (will|refund|fee|days)", passage in 0usize..4, start in 0usize..40) {
            let quote: String = PASSAGES[passage.clamp(1, 2) - 1].chars().skip(start).take(30).collect();
            if let Some(grounded) = check(vec![quoted(passage, &quote, &text)]) {
                let known = super::super::claims::numbers(&PASSAGES.join(" "));
                prop_assert!(super::super::claims::numbers(&grounded.text).is_subset(&known), "{}", grounded.text);
            }
        }
    }
}
