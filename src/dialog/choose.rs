//! Which of the offered things is meant: its label, "the second one", "2", an order number, an amount, a date, or words
//! that only one of them has ("the shoes", "the one from Nordlys").

use super::hear::{Heard, words};
use crate::understanding::{Act, EntityValue};
use serde_json::Value as Json;

/// A match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    /// Position in the offer.
    pub(super) index: usize,
    /// The message is hardly about anything else.
    pub(super) sure: bool,
    /// It was only counted ("the second one"), not described.
    pub(super) counted: bool,
}

/// Words that say nothing about which one.
const EMPTY: [&str; 72] = [
    "the", "a", "an", "one", "from", "my", "of", "at", "to", "it", "is", "was", "that", "this", "please", "i", "mean", "meant", "no",
    "not", "other", "for", "in", "on", "and", "with", "by", "want", "its", "it's", "yes", "think", "sorry", "actually", "about", "option",
    "number", "but", "me", "you", "what", "when", "how", "where", "have", "has", "can", "do", "did", "be", "or", "which", "den", "det",
    "från", "en", "ett", "min", "på", "jag", "menade", "nej", "ja", "der", "die", "das", "von", "ich", "meinte", "mein", "meine", "nein",
];
/// Fields of a record whose words describe it beside its label.
const DESCRIBED_BY: [&str; 7] = ["merchant", "items_text", "ref", "order_ref", "public_no", "product", "carrier"];

/// The one that is meant, if it is clear. `records` goes with `labels` when the offer is of records.
pub(super) fn pick(labels: &[&str], records: &[Json], heard: &Heard) -> Option<Pick> {
    let said = heard.text.trim();
    let exact = |label: &&str| label.to_lowercase() == said.to_lowercase() || (!heard.words.is_empty() && words(label) == heard.words);
    if let Some(index) = labels.iter().position(exact) {
        return Some(Pick { index, sure: true, counted: false });
    }
    by_name(labels, records, heard)
        .or_else(|| by_words(labels, records, heard))
        .or_else(|| by_count(labels.len(), heard))
        .or_else(|| by_size(records, heard))
        .or_else(|| {
            (labels.len() == 1 && heard.does(Act::Yes) && !heard.does(Act::No)).then_some(Pick { index: 0, sure: true, counted: true })
        })
}

/// An order number, a dispute's number, an amount or a date that only one of them has.
fn by_name(labels: &[&str], records: &[Json], heard: &Heard) -> Option<Pick> {
    for value in heard.values() {
        let has = |index: usize| match value {
            EntityValue::Order(name) | EntityValue::Dispute(name) | EntityValue::Reference(name) => {
                let name = name.to_lowercase();
                labels[index].to_lowercase().contains(&name) || field(records, index, |_, text| text.as_str() == Some(&*name))
            }
            EntityValue::Money { minor, .. } => {
                field(records, index, |key, amount| key.ends_with("_minor") && amount.as_i64() == Some(*minor))
            }
            EntityValue::Date(date) => field(records, index, |key, day| key.ends_with("_on") && day.as_str() == Some(&*date.to_string())),
            EntityValue::Days(days) => field(records, index, |key, number| key == "days" && number.as_i64() == Some(*days)),
            EntityValue::Ordinal(_) | EntityValue::Number(_) | EntityValue::Email(_) | EntityValue::Phone(_) | EntityValue::Postcode(_) => {
                false
            }
        };
        if let Some(index) = only((0..labels.len()).filter(|index| has(*index))) {
            return Some(Pick { index, sure: true, counted: false });
        }
    }
    None
}

fn field(records: &[Json], index: usize, fits: impl Fn(&str, &Json) -> bool) -> bool {
    records.get(index).and_then(Json::as_object).is_some_and(|record| record.iter().any(|(key, value)| fits(key, value)))
}

/// Words that distinguish one from the rest.
fn by_words(labels: &[&str], records: &[Json], heard: &Heard) -> Option<Pick> {
    let told: Vec<&String> = heard.words.iter().filter(|word| word.chars().count() > 1 && !EMPTY.contains(&word.as_str())).collect();
    if told.is_empty() {
        return None;
    }
    let described: Vec<Vec<String>> = labels
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let mut all = words(label);
            for key in DESCRIBED_BY {
                if let Some(text) = records.get(index).and_then(|record| record.get(key)).and_then(Json::as_str) {
                    all.extend(words(text));
                }
            }
            all
        })
        .collect();
    let mut scores = vec![0_usize; labels.len()];
    let mut matched = 0;
    for word in &told {
        let hits: Vec<usize> = (0..labels.len()).filter(|index| described[*index].iter().any(|other| alike(word, other))).collect();
        matched += usize::from(!hits.is_empty());
        if !hits.is_empty() && (hits.len() < labels.len() || labels.len() == 1) {
            hits.iter().for_each(|hit| scores[*hit] += 1);
        }
    }
    let best = scores.iter().copied().max().filter(|best| *best > 0)?;
    let index = only((0..scores.len()).filter(|index| scores[*index] == best))?;
    Some(Pick { index, sure: matched * 2 >= told.len(), counted: false })
}

/// The same word, give or take an ending or a slip of the finger.
fn alike(said: &str, word: &str) -> bool {
    if said == word {
        return true;
    }
    let (a, b) = (said.chars().count(), word.chars().count());
    let ending = a.min(b) >= 4 && a.abs_diff(b) <= 2 && (said.starts_with(word) || word.starts_with(said));
    ending || (a.min(b) >= 5 && a.abs_diff(b) <= 1 && !said.contains(|c: char| c.is_ascii_digit()) && strsim::osa_distance(said, word) <= 1)
}

/// "the second one", "2", "number 2", "the last one".
fn by_count(count: usize, heard: &Heard) -> Option<Pick> {
    let bare = heard.words.len() <= 3;
    let nth = heard.values().find_map(|value| match value {
        EntityValue::Ordinal(nth) => Some(*nth),
        EntityValue::Number(nth) if bare => Some(*nth),
        EntityValue::Number(_)
        | EntityValue::Money { .. }
        | EntityValue::Date(_)
        | EntityValue::Days(_)
        | EntityValue::Order(_)
        | EntityValue::Dispute(_)
        | EntityValue::Reference(_)
        | EntityValue::Email(_)
        | EntityValue::Phone(_)
        | EntityValue::Postcode(_) => None,
    });
    let nth = nth.or_else(|| heard.text.trim().trim_matches(['#', '.', ')', '(']).parse().ok())?;
    let index =
        if nth < 0 { count.checked_sub(usize::try_from(nth.unsigned_abs()).ok()?)? } else { usize::try_from(nth).ok()?.checked_sub(1)? };
    (index < count).then_some(Pick { index, sure: heard.words.len() <= 6, counted: true })
}

/// "the expensive one", "the cheapest".
fn by_size(records: &[Json], heard: &Heard) -> Option<Pick> {
    let says = |stems: &[&str]| heard.words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)));
    let (big, small) = (says(&["expensiv", "biggest", "largest", "dearest"]), says(&["cheap", "smallest"]));
    if big == small || records.is_empty() {
        return None;
    }
    let amount = |record: &Json| ["total_minor", "amount_minor"].iter().find_map(|key| record.get(*key)?.as_i64());
    let amounts = records.iter().map(amount).collect::<Option<Vec<i64>>>()?;
    let wanted = if big { amounts.iter().max() } else { amounts.iter().min() }?;
    let index = only((0..amounts.len()).filter(|index| amounts[*index] == *wanted))?;
    Some(Pick { index, sure: heard.words.len() <= 6, counted: false })
}

/// The only element, if there is exactly one.
pub(super) fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::{Decision, Entity, Reading};
    use serde_json::json;

    fn picked(text: &str, entities: Vec<EntityValue>) -> Option<usize> {
        let entity = |value| Entity { value, text: String::new(), start: 0, end: 0 };
        let reading = Reading {
            intents: vec![],
            decision: Decision::Abstain,
            also: vec![],
            safety: None,
            acts: vec![],
            entities: entities.into_iter().map(entity).collect(),
            language: "en",
            why: String::new(),
        };
        let labels = ["Nordlys · running shoes · £89.00", "Kettle & Co · kettle · £35.00", "Nordlys · winter coat · £120.00"];
        let records = [
            json!({"merchant": "Nordlys", "ref": "R-100", "total_minor": 8900, "placed_on": "2026-11-01"}),
            json!({"merchant": "Kettle & Co", "ref": "R-101", "total_minor": 3500, "placed_on": "2026-11-02"}),
            json!({"merchant": "Nordlys", "ref": "R-102", "total_minor": 12000, "placed_on": "2026-11-03"}),
        ];
        pick(&labels, &records, &Heard::new(text, &reading)).map(|pick| pick.index)
    }

    #[test]
    fn the_one_that_is_meant() {
        for (text, entities, expected) in [
            ("the shoes", vec![], Some(0)),
            ("the shoe one please", vec![], Some(0)),
            ("the one from nordlys", vec![], None),
            ("the nordlys coat", vec![], Some(2)),
            ("ketle", vec![], Some(1)),
            ("2", vec![EntityValue::Number(2)], Some(1)),
            ("2", vec![], Some(1)),
            ("the last one", vec![EntityValue::Ordinal(-1)], Some(2)),
            ("the ninth", vec![EntityValue::Ordinal(9)], None),
            ("zero", vec![EntityValue::Number(0)], None),
            ("the £35 one", vec![EntityValue::Money { minor: 3500, currency: None }], Some(1)),
            ("R-102", vec![], Some(2)),
            ("the one of 2 nov", vec![EntityValue::Date(jiff::civil::Date::constant(2026, 11, 2))], Some(1)),
            ("the most expensive one", vec![], Some(2)),
            ("the cheapest", vec![], Some(1)),
            ("nordlys · winter coat · £120.00", vec![], Some(2)),
            ("who are you", vec![], None),
            ("", vec![], None),
            ("i64 -9223372036854775808", vec![EntityValue::Ordinal(i64::MIN)], None),
        ] {
            assert_eq!(picked(text, entities), expected, "{text}");
        }
    }
}
