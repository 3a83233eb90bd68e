//! Stores by name, among candidates that the caller gives: only the customer's own. Typing errors, missing spaces, other case and
//! parts of a name are forgiven; ordinary words are not.

use crate::understanding::normalize::fold;

/// Which of several things is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Clearly this one.
    One(usize),
    /// One of these, at least two: ask.
    Several(Vec<usize>),
    /// Nothing says which.
    None,
}

impl Which {
    /// From the indices that fit.
    pub fn of(indices: Vec<usize>) -> Self {
        match indices[..] {
            [] => Which::None,
            [one] => Which::One(one),
            _ => Which::Several(indices),
        }
    }
}

/// Words that join names or tell a company's form, and say nothing about which.
const JOINERS: &[&str] = &[
    "and", "och", "und", "en", "ja", "the", "ab", "ltd", "limited", "gmbh", "ag", "oy", "oyj", "bv", "nv", "inc", "llc", "plc", "as",
    "aps", "co", "com", "www", "se", "de", "uk", "nl", "fi",
];

/// Trades and kinds of goods: part of many names, but not what a store is called for.
const TRADES: &[&str] = &[
    "shop",
    "store",
    "online",
    "web",
    "shoes",
    "footwear",
    "home",
    "kids",
    "audio",
    "travel",
    "media",
    "electronics",
    "furniture",
    "kitchen",
    "kitchenware",
    "stationery",
    "fashion",
    "clothing",
    "clothes",
    "sports",
    "sport",
    "beauty",
    "books",
    "toys",
    "digital",
    "direct",
    "outlet",
    "group",
    "market",
    "design",
    "living",
    "garden",
    "tech",
    "mode",
    "butik",
    "laden",
];

/// Words of a text as they are compared: lower case, accents folded, apostrophes left out.
pub(crate) fn plain_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            fold(c, |c| word.push(c));
        } else if !matches!(c, '\'' | '\u{2019}') && !crate::understanding::normalize::is_unseen(c) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// How surely a text names something: 3 by its whole name, 2 by a telling part of it, 1 nearly, 0 not at all.
pub fn name_fit(text: &str, name: &str) -> u8 {
    fit(&joinable(text), &joinable(name))
}

/// Which of the candidates a text names; each has one or more names. Those that fit best count.
pub fn named(text: &str, candidates: &[Vec<&str>]) -> Which {
    let said = joinable(text);
    let best_of = |names: &Vec<&str>| names.iter().map(|name| fit(&said, &joinable(name))).max().unwrap_or(0);
    let fits: Vec<u8> = candidates.iter().map(best_of).collect();
    let best = fits.iter().copied().max().unwrap_or(0);
    Which::of(if best == 0 { Vec::new() } else { (0..fits.len()).filter(|index| fits[*index] == best).collect() })
}

fn joinable(text: &str) -> Vec<String> {
    let mut words = plain_words(text);
    words.retain(|word| !JOINERS.contains(&word.as_str()));
    words
}

fn fit(said: &[String], name: &[String]) -> u8 {
    let whole = name.concat();
    let all_said = said.concat();
    if whole.chars().count() < 2 || all_said.is_empty() {
        return 0;
    }
    let windows = || (1..=4).flat_map(|size| said.windows(size).map(<[String]>::concat));
    if windows().any(|window| window == whole) {
        return 3;
    }
    let telling = |word: &&String| word.len() >= 4 && !TRADES.contains(&word.as_str()) && word.bytes().any(|b| !b.is_ascii_digit());
    let part = windows().any(|window| name.iter().filter(telling).any(|word| *word == window));
    let longer = whole.len() >= 5 && said.iter().any(|word| word.contains(&whole));
    let within = all_said.len() >= 4 && whole.contains(&all_said) && !TRADES.contains(&all_said.as_str());
    if part || longer || within {
        return 2;
    }
    let nearly = |window: &str, word: &str| close(window, word);
    u8::from(windows().any(|window| nearly(&window, &whole) || name.iter().filter(telling).any(|word| nearly(&window, word))))
}

/// A slip or two of the finger; the first letter is right, or only swapped with the second.
fn close(said: &str, word: &str) -> bool {
    let length = word.chars().count();
    let slips = match length {
        _ if word.bytes().any(|b| b.is_ascii_digit()) => return false,
        0..=4 => return false,
        5..=7 => 1,
        _ => 2,
    };
    let apart = said.chars().count().abs_diff(length);
    let mut first = said.chars().zip(word.chars());
    let opens = match (first.next(), first.next()) {
        (Some((a, b)), _) if a == b => true,
        (Some((a, b)), Some((c, d))) => a == d && c == b,
        _ => false,
    };
    apart <= slips && opens && strsim::osa_distance(said, word) <= slips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_what_is_said() {
        for (text, name, wanted) in [
            ("Nordlys", "Nordlys", 3),
            ("that nordlys thing", "Nordlys", 3),
            ("nordlis", "Nordlys", 1),
            ("nrodlys", "Nordlys", 1),
            ("onrdlys", "Nordlys", 1),
            ("nordlysweb", "Nordlys", 2),
            ("NORDLYS*AB 4711", "Nordlys", 3),
            ("kestrel", "Kestrel Shoes", 2),
            ("the kestral ones", "Kestrel Shoes", 1),
            ("kestrelshoes", "Kestrel Shoes", 3),
            ("the shoes", "Kestrel Shoes", 0),
            ("wild hive", "Wildhive Home", 2),
            ("wild hive home", "Wildhive Home", 3),
            ("kettle and co", "Kettle & Co", 3),
            ("kettleandco", "Kettle & Co", 2),
            ("kettle", "Kettle & Co", 3),
            ("BWM*DIGITAL", "BWM*DIGITAL 8005550", 2),
            ("galleon", "Gadget Galleon", 2),
            ("gadgetgalleon", "Gadget Galleon", 3),
            ("velo verde", "Velo Verde", 3),
            ("maybe", "Maple & Main", 0),
            ("orbitt audio", "Orbit Audio", 1),
            ("where is my order", "Nordlys", 0),
            ("", "Nordlys", 0),
            ("nordlys", "", 0),
            ("Åhlens", "ÅHLÉNS", 3),
        ] {
            assert_eq!(name_fit(text, name), wanted, "{text} / {name}");
        }
    }

    #[test]
    fn the_best_of_the_candidates() {
        let stores = vec![vec!["Nordlys", "NRDLYS*WEB"], vec!["Kestrel Shoes"], vec!["Nordlys"], vec!["Wildhive Home", "WILDHIVE"]];
        for (text, wanted) in [
            ("that nordlys thing", Which::Several(vec![0, 2])),
            ("it says NRDLYS*WEB", Which::One(0)),
            ("kestral", Which::One(1)),
            ("wild hive", Which::One(3)),
            ("the shoes", Which::None),
            ("", Which::None),
        ] {
            assert_eq!(named(text, &stores), wanted, "{text}");
        }
        assert_eq!(named("nordlys", &[]), Which::None);
    }
}
