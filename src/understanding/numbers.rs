//! Numbers: in words of five languages ("twenty five", "tvåhundra", "fünfundzwanzig", "kaksisataa"), and in digits with separators.

use crate::understanding::lexicon::{PARTS, Part, role};
use crate::understanding::pieces::Pieces;
use std::sync::LazyLock;

/// Most parts in one word.
const MOST_PARTS: usize = 8;
/// Shorter words join no parts.
const SHORTEST_COMPOUND: usize = 6;
const LONGEST_COMPOUND: usize = 40;
/// Most words of one number.
const MOST_WORDS: usize = 10;

/// Words for parts by their first letter, longer ones first.
static BY_LETTER: LazyLock<[Vec<(&'static str, Part)>; 26]> = LazyLock::new(|| {
    let mut by_letter: [Vec<(&'static str, Part)>; 26] = Default::default();
    for &(part, words) in PARTS {
        for word in words.split(' ') {
            by_letter[usize::from(word.as_bytes()[0] - b'a') % 26].push((word, part));
        }
    }
    for words in &mut by_letter {
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }
    by_letter
});

/// The parts that a word consists of ("zwei", "hundert"), if it is made of nothing else; the longest are tried first.
fn parts_of(word: &str) -> Option<([Part; MOST_PARTS], usize)> {
    let mut parts = [Part::And; MOST_PARTS];
    let (mut count, mut rest) = (0, word);
    while !rest.is_empty() {
        let letter = rest.as_bytes()[0];
        if letter == b'-' {
            rest = &rest[1..];
            continue;
        }
        let words = BY_LETTER.get(usize::from(letter.wrapping_sub(b'a')))?;
        let (found, part) = words.iter().find(|(found, _)| rest.starts_with(found))?;
        *parts.get_mut(count)? = *part;
        count += 1;
        rest = &rest[found.len()..];
    }
    Some((parts, count))
}

/// Whether a word joins several parts to a number.
pub(crate) fn is_compound(word: &str) -> bool {
    (SHORTEST_COMPOUND..=LONGEST_COMPOUND).contains(&word.len()) && compound(word).is_some()
}

fn compound(word: &str) -> Option<Tally> {
    let (parts, count) = parts_of(word).filter(|(_, count)| *count > 1)?;
    let mut tally = Tally::default();
    (parts[..count].iter().all(|part| tally.feed(*part, true)) && !tally.waits).then_some(tally)
}

/// A number as it is put together.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    thousands: i64,
    part: i64,
    /// The size of the last part: 0 for none, 1 for 1 to 9, 10 for 10 to 19, 20 for tens, then 100 and 1000.
    last: i64,
    /// After "and".
    waits: bool,
}

impl Tally {
    fn value(&self) -> i64 {
        self.thousands + self.part
    }

    /// Whether a part from 1 to 99 may come.
    fn open(&self) -> bool {
        matches!(self.last, 0 | 100 | 1_000)
    }

    /// Takes the next part if it fits. `joined`: inside one word, where German and Dutch say the ones before the tens.
    fn feed(&mut self, part: Part, joined: bool) -> bool {
        let waited = std::mem::take(&mut self.waits);
        match part {
            Part::Small(value @ 0..=9) | Part::Weak(value @ 0..=9) => {
                if (!self.open() && self.last != 20) || (value == 0 && self.last != 0) || (waited && self.last == 20) {
                    return false;
                }
                self.part += i64::from(value);
                self.last = if value == 0 { 10 } else { 1 };
            }
            Part::Article => return self.feed_after(waited, Part::Small(1), joined),
            Part::Small(value) | Part::Weak(value) => {
                if !self.open() {
                    return false;
                }
                self.part += i64::from(value);
                self.last = 10;
            }
            Part::Tens(value) => {
                let reversed = waited && self.last == 1 && joined;
                if !(self.open() || reversed) {
                    return false;
                }
                self.part += i64::from(value);
                self.last = if reversed { 10 } else { 20 };
            }
            Part::TimesTen | Part::Teen => {
                if self.last != 1 || waited {
                    return false;
                }
                let ones = self.part % 10;
                (self.part, self.last) =
                    if part == Part::Teen { (self.part + 10, 10) } else { (self.part - ones + ones * 10, if ones == 1 { 10 } else { 20 }) };
            }
            Part::Hundred | Part::HundredOf => {
                let alone = part == Part::Hundred && matches!(self.last, 0 | 1_000);
                if waited || !(alone || ((1..=19).contains(&self.part) && matches!(self.last, 1 | 10))) {
                    return false;
                }
                (self.part, self.last) = (self.part.max(1) * 100, 100);
            }
            Part::Thousand | Part::ThousandOf => {
                let alone = part == Part::Thousand && self.last == 0;
                if waited || self.thousands > 0 || !(alone || self.part > 0) {
                    return false;
                }
                (self.thousands, self.part, self.last) = (self.part.max(1) * 1_000, 0, 1_000);
            }
            Part::En if joined && self.last == 20 => return self.feed_after(waited, Part::Small(1), joined),
            Part::And | Part::En => {
                if waited || !(matches!(self.last, 100 | 1_000) || (joined && self.last == 1)) {
                    return false;
                }
                self.waits = true;
            }
            Part::Compound => return false,
        }
        true
    }

    fn feed_after(&mut self, waited: bool, part: Part, joined: bool) -> bool {
        self.waits = waited;
        self.feed(part, joined)
    }

    /// Takes a whole number from inside one word.
    fn take(&mut self, other: Tally) -> bool {
        self.waits = false;
        let fits = match self.last {
            0 => true,
            100 => other.value() < 100,
            1_000 => other.value() < 1_000,
            _ => false,
        };
        if !fits {
            return false;
        }
        let (thousands, part) = (self.thousands + other.thousands, self.part + other.part);
        *self = Self { thousands, part, ..other };
        true
    }
}

/// A number in words that starts at `at`, and how many pieces it takes: "two", "twenty five", "a hundred and ten", "2 hundred".
/// An article alone is none.
pub(crate) fn words(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    let first = pieces.word(at).part;
    let (mut tally, mut count, mut taken) = (Tally::default(), 0, 0);
    if first.is_none() {
        let digits = digits(pieces.get(at)).filter(|value| (1..=999).contains(value))?;
        let next = pieces.word(at + 1).part;
        if !matches!(next, Some(Part::Hundred | Part::HundredOf | Part::Thousand | Part::ThousandOf)) {
            return None;
        }
        (tally.part, tally.last, count) = (digits, if digits < 10 { 1 } else { 10 }, 1);
    }
    let mut best = None;
    while count < MOST_WORDS {
        let fed = match pieces.word(at + count).part {
            Some(Part::Compound) => compound(pieces.get(at + count)).is_some_and(|other| tally.take(other)),
            Some(Part::En) if count == 0 => tally.feed(Part::Article, false),
            Some(part) => tally.feed(part, false),
            None => false,
        };
        if !fed {
            break;
        }
        count += 1;
        if !tally.waits {
            (best, taken) = (Some(tally.value()), count);
        }
    }
    let article = matches!(first, Some(Part::Article | Part::En));
    best.filter(|_| !(taken == 1 && article)).map(|value| (value, taken))
}

/// Whether the number in words at `at` is an everyday word as well and stands alone.
pub(crate) fn is_weak(pieces: &Pieces<'_>, at: usize, count: usize) -> bool {
    count == 1 && matches!(pieces.word(at).part, Some(Part::Weak(_)))
}

/// "one" or an article.
pub(crate) fn is_one(pieces: &Pieces<'_>, at: usize) -> bool {
    matches!(pieces.word(at).part, Some(Part::Article | Part::En)) || pieces.word(at).is(role::A)
}

/// A whole number of at most nine digits.
pub(crate) fn digits(piece: &str) -> Option<i64> {
    let plain = !piece.is_empty() && piece.len() <= 9 && piece.bytes().all(|b| b.is_ascii_digit());
    if plain { piece.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        for (text, wanted) in [
            ("two", Some((2, 1))),
            ("nineteen", Some((19, 1))),
            ("twenty five", Some((25, 2))),
            ("thirty-one days", Some((31, 1))),
            ("twentyfive", Some((25, 1))),
            ("two three", Some((2, 1))),
            ("a hundred", Some((100, 2))),
            ("three hundred and fifty", Some((350, 4))),
            ("one hundred and more", Some((100, 2))),
            ("two thousand", Some((2000, 2))),
            ("two thousand five hundred and one", Some((2501, 6))),
            ("twelve hundred", Some((1200, 2))),
            ("2 hundred", Some((200, 2))),
            ("15 tusen", Some((15_000, 2))),
            ("hundred", None),
            ("a", None),
            ("fifty-odd", None),
            ("twenty twenty", Some((20, 1))),
            ("two and twenty", Some((2, 1))),
            ("and two", None),
            ("", None),
            ("två", Some((2, 1))),
            ("tvåhundra", Some((200, 1))),
            ("två hundra", Some((200, 2))),
            ("tjugoett", Some((21, 1))),
            ("tjugoen", Some((21, 1))),
            ("hundratjugofem", Some((125, 1))),
            ("ett tusen två hundra", Some((1200, 4))),
            ("tusen", Some((1000, 1))),
            ("hundra kronor", Some((100, 1))),
            ("zweihundert", Some((200, 1))),
            ("fünfundzwanzig", Some((25, 1))),
            ("zweihundertfünfundzwanzig", Some((225, 1))),
            ("einhundertelf", Some((111, 1))),
            ("tausendzweihundert", Some((1200, 1))),
            ("fuenfzig", Some((50, 1))),
            ("dreißig", Some((30, 1))),
            ("vijfentwintig", Some((25, 1))),
            ("tweehonderdvijftig", Some((250, 1))),
            ("honderd en tien", Some((110, 3))),
            ("tweeëntwintig", Some((22, 1))),
            ("kaksisataa", Some((200, 1))),
            ("kaksikymmentäviisi", Some((25, 1))),
            ("kolmetoista", Some((13, 1))),
            ("kolmesataa viisikymmentä", Some((350, 2))),
            ("tuhat", Some((1000, 1))),
            ("ein", None),
            ("en", None),
            ("unzweihundert", None),
            ("neuneuro", None),
        ] {
            assert_eq!(words(&Pieces::of(text), 0), wanted, "{text}");
        }
    }
}
