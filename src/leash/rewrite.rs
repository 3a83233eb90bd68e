//! A text that a model has polished or translated, held against the text that it was given. Names, amounts, dates and links were hidden behind
//! marks before; every mark must come back as often as it went, and nothing of weight may come in besides.

use super::claims::{is_telling, numbers, stem, words};
use super::filter::{self, Unfit};
use super::weights::{DENIAL, knows, weights};
use crate::domain::mask::marks;
use crate::understanding::language_of;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most characters of a text that is polished or translated.
pub const MOST_CHARS: usize = 4_000;
/// Beyond the usual share a text may grow by so many characters: short ones vary most.
const SLACK: usize = 80;
/// The least share of a polished text's telling words that the text must have.
const LEAST_SHARE: f64 = 0.6;
/// Shorter texts may read alike in two languages.
const LEAST_WORDS: usize = 4;

/// What the model gives for several texts: as many, in their order.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rewritten {
    /// The texts.
    pub texts: Vec<String>,
}

/// The JSON schema of so many rewritten texts.
pub fn schema(count: usize) -> Value {
    let texts = json!({ "type": "array", "minItems": count, "maxItems": count, "items": { "type": "string" } });
    json!({ "type": "object", "additionalProperties": false, "required": ["texts"], "properties": { "texts": texts } })
}

/// Why a rewritten text is not taken. Marks stand in it as they were given out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfaithful {
    /// It may not be shown at all.
    #[error("{0}")]
    Unfit(#[from] Unfit),
    /// There are more or fewer texts than were given.
    #[error("it has another number of texts")]
    Count,
    /// A mark is missing, is there too often, or was never given out.
    #[error("it leaves out, repeats or makes up {0}")]
    Mark(String),
    /// It has a number of its own.
    #[error("it has '{0}', which the text does not have")]
    Number(String),
    /// It says something of weight that the text does not say.
    #[error("it speaks of '{0}', which the text does not")]
    Weight(&'static str),
    /// A denial came or went.
    #[error("it turns a yes into a no, or the other way round")]
    Denial,
    /// Most of its words are others.
    #[error("it says something else than the text")]
    Else,
    /// It is much longer or shorter.
    #[error("it is much longer or shorter than the text")]
    Length,
    /// It is in another language, or in one whose words of weight are not known.
    #[error("it is not in the language that was asked for")]
    Language,
}

/// The rewritten text, if it says what the given one says. Both with marks; `from` and `to` are languages, the same one when it was polished.
///
/// # Errors
/// What is wrong with it.
pub fn faithful(given: &str, came: &str, from: &str, to: &str) -> Result<String, Unfaithful> {
    let came = came.trim();
    if !knows(from) || !knows(to) {
        return Err(Unfaithful::Language);
    }
    let (mut before, mut after) = (marks(given), marks(came));
    before.sort_unstable();
    after.sort_unstable();
    if before != after {
        let differs = before.iter().zip(&after).find(|(one, other)| one != other).map(|(one, other)| one.min(other));
        let longer = if before.len() > after.len() { &before } else { &after };
        let odd = differs.or(longer.last()).copied().unwrap_or_default();
        return Err(Unfaithful::Mark(odd.to_owned()));
    }
    let (plain_given, plain) = (bare(given), bare(came));
    filter::checked(&plain, &plain_given, MOST_CHARS)?;
    if let Some(number) = numbers(&plain).difference(&numbers(&plain_given)).next() {
        return Err(Unfaithful::Number(number.clone()));
    }
    let (length, was) = (plain.chars().count(), plain_given.chars().count());
    if length > 3 * was + SLACK || 4 * length + SLACK < was {
        return Err(Unfaithful::Length);
    }
    let (said, known) = (weights(&plain, to), weights(&plain_given, from));
    if said.contains(DENIAL) != known.contains(DENIAL) {
        return Err(Unfaithful::Denial);
    }
    if let Some(weight) = said.difference(&known).next() {
        return Err(Unfaithful::Weight(weight));
    }
    if from == to && !keeps_words(&plain, &plain_given) {
        return Err(Unfaithful::Else);
    }
    let many = words(&plain).len() >= LEAST_WORDS;
    let heard = language_of(&plain);
    let untouched = from != to && plain == plain_given;
    if many && (untouched || ![to, "und"].contains(&heard) && !near(heard, to)) {
        return Err(Unfaithful::Language);
    }
    Ok(came.to_owned())
}

/// Whether most telling words of a polished text stand in the given one.
fn keeps_words(plain: &str, given: &str) -> bool {
    let known = words(given);
    let known: Vec<&str> = known.iter().map(|word| stem(word)).collect();
    let said = words(plain);
    let telling: Vec<&String> = said.iter().filter(|word| is_telling(word)).collect();
    let kept = telling.iter().filter(|word| known.contains(&stem(word))).count();
    !telling.is_empty() && kept as f64 >= LEAST_SHARE * telling.len() as f64
}

/// Languages that short texts don't tell apart.
fn near(one: &str, other: &str) -> bool {
    [["da", "nb"], ["es", "pt"]].iter().any(|pair| pair.contains(&one) && pair.contains(&other))
}

/// A text without its marks, which other checks take for markup.
fn bare(text: &str) -> String {
    marks(text).into_iter().fold(text.to_owned(), |text, mark| text.replacen(mark, "…", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "hi [NAME_1], ur payment of [AMOUNT_1] is due [DATE_1], u can move it once";

    #[test]
    fn what_says_the_same_is_taken() {
        for (given, came, from, to) in [
            (GIVEN, "Hi [NAME_1], your payment of [AMOUNT_1] is due on [DATE_1]. You can move it once.", "en", "en"),
            (GIVEN, "Bonjour [NAME_1], votre paiement de [AMOUNT_1] est dû le [DATE_1]. Vous pouvez le reporter une fois.", "en", "fr"),
            ("We can't do that today.", "Das geht heute leider nicht.", "en", "de"),
            ("Which order is it about?", "¿De qué pedido se trata?", "en", "es"),
            ("gdzie jest moja paczka", "where is my parcel", "pl", "en"),
        ] {
            assert_eq!(faithful(given, came, from, to).as_deref(), Ok(came), "{came}");
        }
    }

    #[test]
    fn what_says_more_or_less_or_something_else_is_not() {
        let mark = |mark: &str| Unfaithful::Mark(mark.into());
        for (came, from, to, why) in [
            ("Hi [NAME_1], your payment is due on [DATE_1]. You can move it once.", "en", "en", mark("[AMOUNT_1]")),
            ("Hi [NAME_1], [AMOUNT_1] is due [DATE_1], [DATE_1] at the latest.", "en", "en", mark("[DATE_1]")),
            ("Hi [NAME_1], [AMOUNT_1] is due [DATE_1]; [AMOUNT_2] is gone.", "en", "en", mark("[AMOUNT_2]")),
            ("Hi [NAME_1], [AMOUNT_1] is due [DATE_1]. You get 987.65.", "en", "en", Unfaithful::Number("987.65".into())),
            ("Hi [NAME_1], [AMOUNT_1] is due [DATE_1]. You get nine hundred.", "en", "en", Unfaithful::Weight("100")),
            ("Hi [NAME_1], [AMOUNT_1] is due [DATE_1]. We have refunded it.", "en", "en", Unfaithful::Weight("refund")),
            ("Hi [NAME_1], [AMOUNT_1] is not due [DATE_1], you can move it.", "en", "en", Unfaithful::Denial),
            ("Hi [NAME_1], [AMOUNT_1] is due [DATE_1], see https://evil.example", "en", "en", Unfit::Link.into()),
            ("Hi [NAME_1], **[AMOUNT_1]** is due [DATE_1], you can move it once", "en", "en", Unfit::Markup.into()),
            ("[NAME_1] [AMOUNT_1] [DATE_1]", "en", "en", Unfaithful::Else),
            (
                "Hi [NAME_1], [AMOUNT_1] is [DATE_1]. Somebody else will call you about a different matter altogether.",
                "en",
                "en",
                Unfaithful::Else,
            ),
            ("Hi [NAME_1], your payment of [AMOUNT_1] is due on [DATE_1]. You can move it once.", "en", "fr", Unfaithful::Language),
            (GIVEN, "en", "xx", Unfaithful::Language),
            ("Bonjour [NAME_1], [AMOUNT_1] est dû le [DATE_1], remboursé demain.", "en", "fr", Unfaithful::Weight("refund")),
        ] {
            assert_eq!(faithful(GIVEN, came, from, to), Err(why), "{came}");
        }
        let longer = format!("{GIVEN} {}", "payment ".repeat(40));
        assert_eq!(faithful(GIVEN, &longer, "en", "en"), Err(Unfaithful::Length));
    }
}
