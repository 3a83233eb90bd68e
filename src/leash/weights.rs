//! Words of weight in twelve languages: numbers, days, promises, refunds, denials. Whoever rewrites or translates a text must neither add one nor
//! take a denial away. The list is short on purpose: it is what a customer could hold us to.

use super::claims::words;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

/// The languages of the columns.
pub const LANGUAGES: [&str; 12] = ["en", "sv", "de", "fr", "es", "it", "nl", "pl", "fi", "da", "nb", "pt"];
/// What a word means that turns a sentence round.
pub const DENIAL: &str = "deny";
/// Shorter words join no numbers.
const SHORTEST_COMPOUND: usize = 6;
/// Joins numbers within a word: "dreiundzwanzig".
const JOINS: [&str; 5] = ["und", "en", "ën", "og", "och"];

/// By language: word to meaning.
static MEANINGS: LazyLock<HashMap<&'static str, HashMap<&'static str, &'static str>>> = LazyLock::new(|| {
    let mut meanings: HashMap<&str, HashMap<&str, &str>> = HashMap::new();
    for line in include_str!("weights.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('|').map(str::trim);
        let meaning = columns.next().unwrap_or_default();
        for (language, list) in LANGUAGES.into_iter().zip(columns) {
            meanings.entry(language).or_default().extend(list.split(' ').filter(|word| !word.is_empty()).map(|word| (word, meaning)));
        }
    }
    meanings
});

/// Whether the words of this language are known.
pub fn knows(language: &str) -> bool {
    LANGUAGES.contains(&language)
}

/// What a text in that language says that has weight. A language that is not known has none.
pub fn weights(text: &str, language: &str) -> BTreeSet<&'static str> {
    let Some(known) = MEANINGS.get(language) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for word in words(text) {
        match known.get(word.as_str()) {
            Some(meaning) => {
                found.insert(*meaning);
            }
            None if word.chars().count() >= SHORTEST_COMPOUND => found.extend(compound(&word, known)),
            None => {}
        }
    }
    found
}

/// The numbers that a word consists of, if it is made of nothing else.
fn compound(word: &str, known: &HashMap<&'static str, &'static str>) -> Vec<&'static str> {
    let mut parts = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let number = |(part, meaning): &(&&str, &&str)| rest.starts_with(**part) && meaning.parse::<u32>().is_ok();
        let longest = known.iter().filter(number).max_by_key(|(part, _)| part.len());
        if let Some((part, meaning)) = longest {
            parts.push(*meaning);
            rest = &rest[part.len()..];
        } else if let Some(join) = JOINS.iter().find(|join| !parts.is_empty() && rest.starts_with(**join)) {
            rest = &rest[join.len()..];
        } else if let Some(one) = ["ein", "een", "uno"].iter().find(|one| rest.starts_with(**one)) {
            parts.push("1");
            rest = &rest[one.len()..];
        } else {
            return Vec::new();
        }
    }
    parts
}

/// A month's or a weekday's English name for a word of that language; `None` for any other word.
pub fn day_in_english(word: &str, language: &str) -> Option<&'static str> {
    let folded = word.to_lowercase();
    let meaning = *MEANINGS.get(language)?.get(folded.as_str())?;
    let is_name =
        meaning.ends_with("day") && meaning != "today" || matches!(meaning, "may" | "march" | "april" | "june" | "july" | "august");
    (is_name || meaning.ends_with("ber") || meaning.ends_with("uary")).then_some(meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_words() {
        for language in LANGUAGES {
            let known = &MEANINGS[language];
            assert!(known.len() > 50, "{language} has {}", known.len());
            for meaning in ["deny", "today", "promise", "refund", "12", "december", "friday"] {
                assert!(known.values().any(|other| *other == meaning), "{language} has no {meaning}");
            }
        }
    }

    #[test]
    fn words_of_weight_are_found_in_each_language() {
        for (language, text, expected) in [
            ("en", "You'll get nine hundred pounds tomorrow", vec!["100", "9", "tomorrow"]),
            ("de", "Du bekommst neunhundertsiebenundachtzig Euro", vec!["100", "7", "80", "9"]),
            ("de", "Das Formular ist bereit", vec![]),
            ("nl", "Wij betalen u morgen tweehonderd euro terug", vec!["100", "2", "tomorrow"]),
            ("fr", "Nous vous remboursons aujourd’hui, c'est promis", vec!["promise", "refund", "today"]),
            ("fi", "Emme voi palauttaa", vec!["deny"]),
            ("sv", "Det går inte före fredag", vec!["deny", "friday"]),
            ("xx", "two", vec![]),
        ] {
            assert_eq!(weights(text, language).into_iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn days_get_their_english_names() {
        for (word, language, expected) in [
            ("décembre", "fr", Some("december")),
            ("Mayo", "es", Some("may")),
            ("piątek", "pl", Some("friday")),
            ("hoy", "es", None),
            ("dos", "es", None),
            ("lampe", "fr", None),
        ] {
            assert_eq!(day_in_english(word, language), expected, "{word}");
        }
    }
}
