//! WordPiece as BERT's uncased models want it: characters levelled, words cut at spaces and punctuation, every word spelt with the longest
//! pieces of a vocabulary. Work is bounded whatever comes in.

use super::EncodeError;
use regex_syntax::hir::{Class, HirKind};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Characters of a text that are looked at. 64 pieces of ordinary words are some 300 characters.
const MAX_CHARS: usize = 8_192;
/// Longer words are read as one unknown piece.
const MAX_WORD_CHARS: usize = 100;

/// A tokeniser: texts to the numbers of their pieces.
#[derive(Debug)]
pub(crate) struct WordPiece {
    /// Pieces that begin a word.
    first: HashMap<Box<str>, u32>,
    /// Pieces that go on with a word, without their `##`.
    next: HashMap<Box<str>, u32>,
    /// Bytes of the longest piece.
    longest: usize,
    unknown: u32,
    start: u32,
    end: u32,
    /// Most pieces of a text, both ends included.
    max_pieces: usize,
    accents: Ranges,
    punctuation: Ranges,
    invisible: Ranges,
}

impl WordPiece {
    /// From a `vocab.txt`: one piece a line, numbered from 0. A text gives at most `max_pieces` numbers (at least 2).
    ///
    /// # Errors
    /// [`EncodeError::Vocabulary`]: `[UNK]`, `[CLS]` or `[SEP]` is missing.
    pub(crate) fn from_lines(vocabulary: &str, max_pieces: usize) -> Result<Self, EncodeError> {
        Self::from_pieces(vocabulary.lines().map(str::trim_end).zip(0..), max_pieces)
    }

    /// From pieces and their numbers.
    ///
    /// # Errors
    /// As for [`WordPiece::from_lines`].
    pub(crate) fn from_pieces<'a>(pieces: impl Iterator<Item = (&'a str, u32)>, max_pieces: usize) -> Result<Self, EncodeError> {
        let mut first = HashMap::with_capacity(32_768);
        let mut next = HashMap::with_capacity(8_192);
        let mut longest = 0;
        for (piece, number) in pieces {
            longest = longest.max(piece.len());
            match piece.strip_prefix("##") {
                Some(rest) if !rest.is_empty() => next.insert(rest.into(), number),
                _ => first.insert(piece.into(), number),
            };
        }
        let special = |name: &str| {
            first
                .get(name)
                .copied()
                .ok_or_else(|| EncodeError::Vocabulary(format!("the piece {name} is missing; is it a WordPiece vocabulary?")))
        };
        let (unknown, start, end) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        let (accents, punctuation, invisible) = (Ranges::of(r"\p{Mn}"), Ranges::of(r"\p{P}"), Ranges::of(r"[\p{Cc}\p{Cf}\p{Co}]"));
        Ok(Self { first, next, longest, unknown, start, end, max_pieces: max_pieces.max(2), accents, punctuation, invisible })
    }

    /// The pieces of `text`: at least the two ends, at most `max_pieces`; what doesn't fit is left out. Names of special pieces in the
    /// text are read as text.
    pub(crate) fn pieces(&self, text: &str) -> Vec<u32> {
        let mut pieces = vec![self.start];
        let mut word = String::new();
        for c in text.chars().take(MAX_CHARS) {
            if pieces.len() + 1 >= self.max_pieces {
                break;
            }
            if c.is_ascii_alphanumeric() {
                word.push(c.to_ascii_lowercase());
            } else if c.is_whitespace() {
                self.spell(&mut word, &mut pieces);
            } else if c == '\0' || c == '\u{fffd}' || self.invisible.contain(c) {
            } else if c.is_ascii() || is_ideograph(c) {
                self.alone(c, &mut word, &mut pieces);
            } else {
                for c in std::iter::once(c).nfd().filter(|&c| !self.accents.contain(c)).flat_map(char::to_lowercase) {
                    if self.punctuation.contain(c) || c.is_ascii_punctuation() {
                        self.alone(c, &mut word, &mut pieces);
                    } else {
                        word.push(c);
                    }
                }
            }
        }
        self.spell(&mut word, &mut pieces);
        pieces.truncate(self.max_pieces - 1);
        pieces.push(self.end);
        pieces
    }

    /// Ends the word so far and adds a word of one character.
    fn alone(&self, c: char, word: &mut String, pieces: &mut Vec<u32>) {
        self.spell(word, pieces);
        word.push(c);
        self.spell(word, pieces);
    }

    /// Adds the pieces of `word` and empties it.
    fn spell(&self, word: &mut String, pieces: &mut Vec<u32>) {
        if word.is_empty() {
            return;
        }
        let before = pieces.len();
        let mut rest = word.as_str();
        let mut known = &self.first;
        while !rest.is_empty() {
            match self.longest_piece(known, rest) {
                Some((length, number)) if word.chars().nth(MAX_WORD_CHARS).is_none() => {
                    pieces.push(number);
                    rest = &rest[length..];
                    known = &self.next;
                }
                _ => {
                    pieces.truncate(before);
                    pieces.push(self.unknown);
                    break;
                }
            }
        }
        word.clear();
    }

    /// The longest of the `known` pieces that `rest` begins with: its bytes and its number.
    fn longest_piece(&self, known: &HashMap<Box<str>, u32>, rest: &str) -> Option<(usize, u32)> {
        let most = rest.floor_char_boundary(self.longest);
        let ends = rest[..most].char_indices().rev().map(|(at, c)| at + c.len_utf8());
        ends.filter_map(|end| known.get(&rest[..end]).map(|&number| (end, number))).next()
    }
}

/// Characters that make a word each: Chinese, and what is written like it.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0x2A700..=0x2B73F | 0x2B740..=0x2B81F | 0x2B920..=0x2CEAF
        | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F)
}

/// A set of characters, sorted.
#[derive(Debug)]
struct Ranges(Box<[(char, char)]>);

impl Ranges {
    /// The characters of a class such as `\p{P}`.
    fn of(class: &str) -> Self {
        let parsed = regex_syntax::parse(class).expect("the class is a constant");
        let HirKind::Class(Class::Unicode(class)) = parsed.into_kind() else { return Self(Box::default()) };
        Self(class.iter().map(|range| (range.start(), range.end())).collect())
    }

    fn contain(&self, c: char) -> bool {
        let at = self.0.partition_point(|&(_, end)| end < c);
        self.0.get(at).is_some_and(|&(start, _)| start <= c)
    }
}
