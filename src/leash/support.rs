//! Texts for agents that rest on the log of a talk: a summary whose every sentence names the events it rests on, and a draft of a reply. What
//! the named events do not support is dropped.

use super::claims::{numbers, stem, words};
use super::filter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most sentences of a summary.
const MOST_SENTENCES: usize = 8;
/// The most characters of a sentence.
const MOST_CHARS: usize = 300;
/// The most characters of a draft.
const MOST_DRAFT: usize = 1_200;
/// The least share of a sentence's telling words that its events must have.
const LEAST_SHARE: f64 = 0.6;

/// An event of the talk as it is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its place in the log.
    pub seq: i64,
    /// Who: `customer`, `bot`, `agent` or `system`.
    pub by: &'static str,
    /// What was said or done.
    pub text: String,
}

/// A sentence with the events it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resting {
    /// The sentence.
    pub text: String,
    /// The events' places in the log.
    pub seqs: Vec<i64>,
}

/// What the model gives as a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Its sentences.
    pub sentences: Vec<Resting>,
}

/// The JSON schema of a summary.
pub fn summary_schema() -> Value {
    let sentence = json!({
        "type": "object", "additionalProperties": false, "required": ["text", "seqs"],
        "properties": { "text": { "type": "string" }, "seqs": { "type": "array", "items": { "type": "integer" } } },
    });
    json!({
        "type": "object", "additionalProperties": false, "required": ["sentences"],
        "properties": { "sentences": { "type": "array", "items": sentence } },
    })
}

/// What the model gives as a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The reply.
    pub text: String,
}

/// The JSON schema of a draft.
pub fn draft_schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["text"], "properties": { "text": { "type": "string" } },
    })
}

/// Words about the talk itself, which need no support: the agent knows who they are.
const ABOUT_THE_TALK: &str = "customer customers bot assistant agent chat conversation said says say asked asks ask told tells tell wants want wanted wrote \
    writes write reported reports report mentioned explained answered replied requested claims claimed stated offered showed informed \
    a an the this that it its they them their he she his her of to in on at by for from with as is are be been was were has have had and or but so \
    then also which who what when where how why if because while about there";

/// Words that turn a sentence round.
const DENIALS: [&str; 14] =
    ["not", "no", "never", "none", "nothing", "cannot", "without", "cant", "dont", "didnt", "wont", "isnt", "hasnt", "doesnt"];

/// The sentences that their events support, with those events.
pub fn supported(summary: &Summary, talk: &[Line]) -> Vec<Resting> {
    let mut kept: Vec<Resting> = Vec::new();
    for sentence in summary.sentences.iter().take(MOST_SENTENCES) {
        let mut seqs = sentence.seqs.clone();
        seqs.sort_unstable();
        seqs.dedup();
        let source: Vec<&str> = talk.iter().filter(|line| seqs.contains(&line.seq)).map(|line| line.text.as_str()).collect();
        seqs.retain(|seq| talk.iter().any(|line| line.seq == *seq));
        let source = source.join("\n");
        let text = sentence.text.trim();
        if !seqs.is_empty()
            && rests_on(text, &source)
            && filter::checked(text, &source, MOST_CHARS).is_ok()
            && !kept.iter().any(|other| other.text == text)
        {
            kept.push(Resting { text: text.to_owned(), seqs });
        }
    }
    kept
}

/// Whether a sentence about the talk says what these events say: every number, and most of its telling words.
pub fn rests_on(sentence: &str, source: &str) -> bool {
    if !numbers(sentence).is_subset(&numbers(source)) {
        return false;
    }
    let said = words(sentence);
    let known = words(source);
    let known: BTreeSet<&str> = known.iter().map(|word| stem(word)).collect();
    let telling: Vec<&str> = said
        .iter()
        .filter(|word| !ABOUT_THE_TALK.split_ascii_whitespace().any(|about| about == word.as_str()))
        .map(|word| stem(word))
        .collect();
    let found = telling.iter().filter(|word| known.contains(*word)).count();
    let denied = |words: &[String]| words.iter().any(|word| DENIALS.contains(&word.as_str()));
    let turned_round = denied(&said) && !denied(&words(source));
    !telling.is_empty() && found as f64 >= LEAST_SHARE * telling.len() as f64 && !turned_round
}

/// A draft that an agent may be shown: plain text, with no number that the talk and the articles do not have.
pub fn drafted(draft: &Draft, sources: &str) -> Option<String> {
    let text = draft.text.trim();
    let invents = !numbers(text).is_subset(&numbers(sources));
    filter::checked(text, sources, MOST_DRAFT).ok().filter(|_| !invents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk() -> Vec<Line> {
        let line = |seq, by, text: &str| Line { seq, by, text: text.to_owned() };
        vec![
            line(1, "customer", "my lamp from Lumen never came and i was charged 45.00"),
            line(2, "bot", "I'm sorry. The order was due on 4 December. Shall I open a dispute?"),
            line(5, "customer", "no, i want to talk to somebody"),
        ]
    }

    fn summary(sentences: &[(&str, &[i64])]) -> Vec<Resting> {
        let sentences = sentences.iter().map(|(text, seqs)| Resting { text: (*text).to_owned(), seqs: seqs.to_vec() }).collect();
        supported(&Summary { sentences }, &talk())
    }

    #[test]
    fn sentences_stay_with_the_events_that_say_them() {
        let kept = summary(&[
            ("The customer says the lamp from Lumen never came.", &[1]),
            ("They were charged 45.00.", &[1, 99]),
            ("The customer wants to talk to somebody.", &[5]),
        ]);
        assert_eq!(kept.iter().map(|kept| kept.seqs.clone()).collect::<Vec<_>>(), [vec![1], vec![1], vec![5]]);
    }

    #[test]
    fn what_no_event_says_is_dropped() {
        assert!(
            summary(&[
                ("The customer was charged 54.00.", &[1]),
                ("The customer threatens to sue the company.", &[1]),
                ("The lamp never came.", &[]),
                ("The lamp never came.", &[7]),
                ("The customer was charged 45.00, see https://evil.example.", &[1]),
            ])
            .is_empty()
        );
    }

    #[test]
    fn drafts_invent_no_numbers() {
        let draft = |text: &str| drafted(&Draft { text: text.to_owned() }, "charged 45.00 on 4 December");
        assert!(draft("Sorry that your lamp never came. I see the charge of 45.00.").is_some());
        assert!(draft("I have refunded 54.00 to you.").is_none());
        assert!(draft("See <b>this</b>").is_none());
    }
}
