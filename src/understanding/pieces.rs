//! A message cut at spaces and punctuation, for reading entities. `12,50`, `12/12`, `NOR-48213` and `#5` stay in one piece; `3-5` is
//! two, and currency signs are pieces of their own.

use crate::understanding::lexicon::{Part, Word, senses};
use crate::understanding::normalize::{fold, is_unseen};
use crate::understanding::numbers;

/// Only this many bytes of a message are looked at.
pub(crate) const BYTES: usize = 4_000;

/// The pieces of one message.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    text: &'a str,
    lower: String,
    cuts: Vec<Cut>,
}

#[derive(Clone, Copy, Debug)]
struct Cut {
    start: usize,
    end: usize,
    lower_start: usize,
    lower_end: usize,
    word: Word,
}

impl<'a> Pieces<'a> {
    /// Cuts a message.
    pub(crate) fn of(text: &'a str) -> Self {
        let end = text.floor_char_boundary(BYTES);
        let mut pieces = Self { text, lower: String::with_capacity(end + 8), cuts: Vec::with_capacity(end / 4 + 1) };
        // The start of the open piece in the message and in `lower`, and the character before, unseen ones left out.
        let mut open: Option<(usize, usize)> = None;
        let mut before = ' ';
        let mut rest = text[..end].chars();
        while let Some(c) = rest.next() {
            let at = end - rest.as_str().len() - c.len_utf8();
            if !c.is_ascii() && is_unseen(c) {
                continue;
            }
            let next = |rest: &std::str::Chars<'_>| rest.clone().find(|c| !is_unseen(*c)).unwrap_or(' ');
            let joins = match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' => true,
                ' ' => false,
                '.' | ',' | ':' | '/' => before.is_ascii_digit() && next(&rest).is_ascii_digit(),
                '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' => before.is_alphanumeric() && next(&rest).is_alphanumeric(),
                '\'' | '\u{2019}' => before.is_alphabetic() && next(&rest).is_alphabetic(),
                '#' => !before.is_alphanumeric() && next(&rest).is_ascii_digit(),
                '%' => before.is_ascii_digit(),
                c => c.is_alphanumeric(),
            };
            if joins {
                open = open.or(Some((at, pieces.lower.len())));
                match c {
                    '\'' | '\u{2019}' => {}
                    c if c.is_ascii() => pieces.lower.push(c.to_ascii_lowercase()),
                    c => fold(c, |c| pieces.lower.push(c)),
                }
            } else {
                pieces.close(open.take(), at);
                if let Some(sign) = sign(c) {
                    let lower = pieces.lower.len();
                    pieces.lower.push(sign);
                    pieces.close(Some((at, lower)), at + c.len_utf8());
                }
            }
            before = c;
        }
        pieces.close(open, end);
        pieces
    }

    fn close(&mut self, open: Option<(usize, usize)>, end: usize) {
        let Some((start, lower_start)) = open else { return };
        let lower = &self.lower[lower_start..];
        if lower.is_empty() {
            return;
        }
        if let Some(dash) = range_dash(lower)
            && let Some((first, _)) = self.text[start..end].char_indices().find(|(_, c)| !c.is_ascii_digit() && !is_unseen(*c))
        {
            let second = first + self.text[start + first..end].chars().next().map_or(1, char::len_utf8);
            self.cut(start, start + first, lower_start, lower_start + dash);
            self.cut(start + second, end, lower_start + dash + 1, self.lower.len());
            return;
        }
        self.cut(start, end, lower_start, self.lower.len());
    }

    fn cut(&mut self, start: usize, end: usize, lower_start: usize, lower_end: usize) {
        let lower = &self.lower[lower_start..lower_end];
        let mut word = Word::default();
        if !lower.as_bytes()[0].is_ascii_digit() {
            word = senses(lower);
            if word.is_plain() && numbers::is_compound(lower) {
                word.part = Some(Part::Compound);
            }
        }
        self.cuts.push(Cut { start, end, lower_start, lower_end, word });
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.cuts.len()
    }

    /// The piece at `at` in lower case and without accents, or an empty string past the end.
    pub(crate) fn get(&self, at: usize) -> &str {
        self.cuts.get(at).map_or("", |cut| &self.lower[cut.lower_start..cut.lower_end])
    }

    /// The senses of the piece at `at`; none past the end.
    pub(crate) fn word(&self, at: usize) -> Word {
        self.cuts.get(at).map_or_else(Word::default, |cut| cut.word)
    }

    /// The piece before `at`, or an empty string.
    pub(crate) fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.get(at))
    }

    /// The senses of the piece before `at`.
    pub(crate) fn word_before(&self, at: usize) -> Word {
        at.checked_sub(1).map_or_else(Word::default, |at| self.word(at))
    }

    /// The piece as it was written.
    pub(crate) fn original(&self, at: usize) -> &'a str {
        self.cuts.get(at).map_or("", |cut| &self.text[cut.start..cut.end])
    }

    /// What follows the piece in the message.
    pub(crate) fn after(&self, at: usize) -> &'a str {
        self.cuts.get(at).map_or("", |cut| &self.text[cut.end..])
    }

    /// What stands between the piece and the next one; to the end for the last one.
    pub(crate) fn gap(&self, at: usize) -> &'a str {
        let end = self.cuts.get(at + 1).map_or(self.text.len(), |cut| cut.start);
        self.cuts.get(at).map_or("", |cut| &self.text[cut.end..end])
    }

    /// What stands before the piece, from the one before it.
    pub(crate) fn gap_before(&self, at: usize) -> &'a str {
        let start = at.checked_sub(1).map_or(0, |before| self.cuts.get(before).map_or(0, |cut| cut.end));
        self.cuts.get(at).map_or("", |cut| &self.text[start..cut.start])
    }

    /// Whether only one space stands between the piece and the next one.
    pub(crate) fn spaced(&self, at: usize) -> bool {
        let mut gap = self.gap(at).chars().filter(|c| !is_unseen(*c));
        at + 1 < self.len() && gap.next().is_some_and(char::is_whitespace) && gap.next().is_none()
    }

    /// Whether a dash joins the piece and the next one: "3-5", "40 – 50".
    pub(crate) fn dashed(&self, at: usize) -> bool {
        at + 1 < self.len() && matches!(self.gap(at).trim(), "-" | "\u{2010}" | "\u{2011}" | "\u{2013}" | "\u{2014}")
    }

    /// Byte range of so many pieces from `at`, which must be there.
    pub(crate) fn range(&self, at: usize, count: usize) -> (usize, usize) {
        let last = (at + count.max(1) - 1).min(self.cuts.len() - 1);
        (self.cuts[at].start, self.cuts[last].end)
    }
}

/// The currency sign that a character is.
fn sign(c: char) -> Option<char> {
    Some(match c {
        '£' | '€' | '$' | '¥' => c,
        '\u{ffe1}' => '£',
        '\u{ffe5}' => '¥',
        '\u{ff04}' | '\u{fe69}' => '$',
        _ => return None,
    })
}

/// Where the dash of a short range of numbers is: "3-5", "40-50", but not in a phone number or a date.
fn range_dash(lower: &str) -> Option<usize> {
    let bytes = lower.as_bytes();
    if !(3..=7).contains(&bytes.len()) {
        return None;
    }
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = bytes.get(digits + 1..)?;
    let dash = bytes[digits] == b'-';
    let short = (1..=3).contains(&digits) && (1..=3).contains(&rest.len());
    (dash && short && rest.iter().all(u8::is_ascii_digit)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> String {
        let pieces = Pieces::of(text);
        (0..pieces.len()).map(|at| pieces.get(at).to_owned()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn messages_are_cut() {
        for (text, wanted) in [
            ("It's £45.50, OK?", "its|£|45.50|ok"),
            ("NOR-48213 and #5", "nor-48213|and|#5"),
            ("3-5 days, 12–14 kr", "3|5|days|12|14|kr"),
            ("12-12-2026 or 123-4567", "12-12-2026|or|123-4567"),
            ("Übermorgen för 2 år", "ubermorgen|for|2|ar"),
            ("fo\u{308}r 4\u{200f}5 \u{202e}kr", "for|45|kr"),
            ("1️⃣ 2😀3", "1|2|3"),
            ("１２円 ￥５", "12円|¥|5"),
            ("45€", "45|€"),
            ("50% 10:30 24/7", "50%|10:30|24/7"),
            ("", ""),
            ("— … !", ""),
        ] {
            assert_eq!(all(text), wanted, "{text}");
        }
    }

    #[test]
    fn places_are_known() {
        let pieces = Pieces::of("den 3. mars, 40 – 50");
        assert_eq!((pieces.gap(1), pieces.after(4), pieces.gap(4)), (". ", "", ""));
        assert!(pieces.spaced(0) && !pieces.spaced(1) && pieces.dashed(3) && !pieces.dashed(4));
        assert_eq!(pieces.range(0, 3), (0, 11));
        assert_eq!((pieces.get(99), pieces.before(0), pieces.original(2)), ("", "", "mars"));
    }
}
