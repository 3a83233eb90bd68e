//! Personal data out of a text before it leaves the process, and back into what returns. Stricter than `redact`: what may be stored may still
//! not be shown to a model. Rather one number too many is hidden than one too few: a model needs none of them.

mod names;
mod patterns;
mod pins;

use super::redact;
use patterns::{LONG_NUMBER, MIXED, OWN_MARK, YEAR, kinds};
use pins::pinned;
use std::ops::Range;

/// What was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A card number or its code.
    Card,
    /// An international bank account number.
    Iban,
    /// A mail address or a name on a network.
    Contact,
    /// A number that a state gives to a person.
    NationalId,
    /// A date of birth.
    Birth,
    /// A street with a house number, a postcode with a town.
    Address,
    /// A name of a person.
    Name,
    /// A link.
    Link,
    /// A sum of money; hidden from a rewriting only.
    Amount,
    /// A date or a time; hidden from a rewriting only.
    Date,
    /// Any other long number: phone, account, parcel. The last, because what is one of the others, too, is called that.
    Number,
}

impl Kind {
    /// The word in its placeholder.
    fn word(self) -> &'static str {
        match self {
            Self::Card => "CARD",
            Self::Iban => "IBAN",
            Self::Contact => "CONTACT",
            Self::NationalId => "ID",
            Self::Birth => "BIRTH",
            Self::Address => "ADDRESS",
            Self::Name => "NAME",
            Self::Link => "LINK",
            Self::Number => "NUMBER",
            Self::Amount => "AMOUNT",
            Self::Date => "DATE",
        }
    }
}

/// What was hidden from one model in one question: the same value gets the same placeholder everywhere in it.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// What is known to be personal: names, address, number of the customer and of agents.
    known: Vec<String>,
    hidden: Vec<(String, Kind, String)>,
}

/// The fewest characters of a known value that is hidden wherever it stands.
const LEAST_KNOWN: usize = 2;
/// The fewest digits of a number that is hidden whatever it is.
const LONG: usize = 7;
/// The fewest digits and the fewest letters of a long word that has both and is hidden.
const LEAST_MIXED: (usize, usize) = (3, 2);

impl Mask {
    /// A mask that also hides these values wherever they stand: names and contact data of the customer.
    pub fn knowing<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let words = values.into_iter().flat_map(|value| {
            // Of a name each part is hidden; an address of mail stays one.
            let parts: Vec<&str> = if value.contains('@') { vec![value] } else { value.split([' ', '-']).collect() };
            parts.into_iter().map(str::to_owned).collect::<Vec<_>>()
        });
        let mut mask = Self::default();
        words.for_each(|word| mask.know(&word));
        mask
    }

    /// Hides this word from now on, however its accents are written.
    fn know(&mut self, word: &str) {
        for spelling in [names::folded(word.trim()), names::spelled_out(word.trim())] {
            if spelling.chars().count() >= LEAST_KNOWN && !self.known.contains(&spelling) {
                self.known.push(spelling);
            }
        }
    }

    /// Learns the names that this text introduces, so that they are hidden wherever else they stand.
    pub fn learn(&mut self, text: &str) {
        let text = seen(text);
        for name in names::introduced(&text) {
            names::parts(&text[name]).for_each(|part| self.know(part));
        }
    }

    /// The text without personal data, without characters that cannot be seen, and with nothing in it that looks like a placeholder of ours.
    pub fn hide(&mut self, text: &str) -> String {
        self.replaced(text, false)
    }

    /// The same, and every amount, date, number and link hidden, too: whoever rewrites the text has nothing to change in them.
    pub fn pin(&mut self, text: &str) -> String {
        self.replaced(text, true)
    }

    fn replaced(&mut self, text: &str, pins: bool) -> String {
        self.learn(text);
        let text = seen(text);
        let text = OWN_MARK.replace_all(&text, "($1)").into_owned();
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        let mut found = self.find(&text, true);
        if pins {
            found.extend(pinned(&text));
            found = apart(found);
        }
        for (range, kind) in found {
            out.push_str(&text[end..range.start]);
            out.push_str(&self.placeholder(kind, &text[range.clone()]));
            end = range.end;
        }
        out.push_str(&text[end..]);
        out
    }

    /// What is personal in a text, in order and without overlap; with what may only look like a name, or without.
    fn find(&self, text: &str, guesses: bool) -> Vec<(Range<usize>, Kind)> {
        let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
        for (range, hidden) in redact::places(text) {
            let kind = match hidden {
                redact::Hidden::Card | redact::Hidden::Code => Kind::Card,
                redact::Hidden::Iban => Kind::Iban,
            };
            found.push((range, kind));
        }
        for (kind, pattern) in kinds() {
            found.extend(pattern.find_iter(text).map(|hit| (hit.range(), *kind)));
        }
        found.extend(LONG_NUMBER.find_iter(text).filter_map(|hit| number(hit.as_str()).map(|kind| (hit.range(), kind))));
        let guessed = if guesses { names::guessed(text) } else { Vec::new() };
        found.extend(names::introduced(text).into_iter().chain(guessed).map(|name| (name, Kind::Name)));
        found.extend(mixed(text));
        found.extend(self.find_known(text));
        apart(found)
    }

    fn find_known(&self, text: &str) -> Vec<(Range<usize>, Kind)> {
        let mut found = Vec::new();
        let is_word = |c: char| c.is_alphanumeric();
        let mut start = None;
        let ends = text.char_indices().chain(std::iter::once((text.len(), ' ')));
        for (at, c) in ends {
            match (is_word(c), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    let word = names::folded(&text[from..at]);
                    // "Bergs bill" names Berg too.
                    let bare = word.strip_suffix('s').unwrap_or(&word);
                    if self.known.iter().any(|known| *known == word || *known == bare) {
                        found.push((from..at, Kind::Name));
                    }
                    start = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        found
    }

    fn placeholder(&mut self, kind: Kind, value: &str) -> String {
        if let Some((mark, ..)) = self.hidden.iter().find(|(_, other, known)| *other == kind && known == value) {
            return mark.clone();
        }
        let number = self.hidden.iter().filter(|(_, other, _)| *other == kind).count() + 1;
        let mark = format!("[{}_{number}]", kind.word());
        self.hidden.push((mark.clone(), kind, value.to_owned()));
        mark
    }

    /// A text that came back, with the hidden values in their places. `None` when it has a placeholder that was never given out.
    pub fn restore(&self, text: &str) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for hit in OWN_MARK.find_iter(text) {
            let (_, _, value) = self.hidden.iter().find(|(mark, ..)| mark == hit.as_str())?;
            out.push_str(&text[end..hit.start()]);
            out.push_str(value);
            end = hit.end();
        }
        out.push_str(&text[end..]);
        Some(out)
    }

    /// What a placeholder stands for.
    pub fn behind(&self, mark: &str) -> Option<&str> {
        self.hidden.iter().find(|(known, ..)| known == mark).map(|(_, _, value)| value.as_str())
    }

    /// Whether a text names something personal, be it known or not.
    pub fn is_personal(&self, text: &str) -> bool {
        !self.find(text, false).is_empty()
    }
}

/// In order and without overlap: the one that begins first stands; of two that begin together the longer.
fn apart(mut found: Vec<(Range<usize>, Kind)>) -> Vec<(Range<usize>, Kind)> {
    found.sort_by_key(|(range, kind)| (range.start, std::cmp::Reverse(range.end), *kind));
    let mut end = 0;
    let mut kept: Vec<(Range<usize>, Kind)> = Vec::with_capacity(found.len());
    for (mut range, kind) in found {
        if range.end <= end {
            continue;
        }
        range.start = range.start.max(end);
        end = range.end;
        kept.push((range, kind));
    }
    kept
}

/// The placeholders in a text, in order.
pub fn marks(text: &str) -> Vec<&str> {
    OWN_MARK.find_iter(text).map(|hit| hit.as_str()).collect()
}

/// Words of letters and digits that are as long as numbers of papers and accounts: "L01X00T47".
fn mixed(text: &str) -> impl Iterator<Item = (Range<usize>, Kind)> {
    MIXED.find_iter(text).filter_map(|hit| {
        let digits = hit.as_str().chars().filter(|c| c.is_numeric()).count();
        let letters = hit.as_str().chars().count() - digits;
        (digits >= LEAST_MIXED.0 && letters >= LEAST_MIXED.1).then(|| (hit.range(), Kind::Number))
    })
}

/// What a long number is, or nothing when it may stay: a date that is nobody's birth, or a short number.
fn number(text: &str) -> Option<Kind> {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    if let Some(date) = YEAR.captures(text) {
        let year = date.iter().skip(1).flatten().find_map(|year| year.as_str().parse::<u32>().ok());
        match year {
            // Whoever buys by instalments was born before that; whatever is written about happened after.
            Some(1900..=2012) => return Some(Kind::Birth),
            Some(2013..=2099) => return None,
            // A phone number that is grouped like a date.
            Some(_) | None => {}
        }
    }
    (digits >= LONG).then_some(Kind::Number)
}

/// A text without characters that cannot be seen: controls, joiners, marks of direction, tags. Lines stay.
pub fn seen(text: &str) -> String {
    let keeps = |c: &char| {
        *c == '\n'
            || !(c.is_control()
                || matches!(u32::from(*c), 0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
                    | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF))
    };
    text.chars().map(|c| if c == '\t' || c == '\r' || c == '\u{2028}' { ' ' } else { c }).filter(keeps).collect()
}

#[cfg(test)]
mod tests;
