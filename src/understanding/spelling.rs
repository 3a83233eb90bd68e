//! Spelling: words that nobody writes on purpose become the word that was meant, before anything reads them. Meaning of whole
//! sentences suffers most from typing errors, so this pays for itself there. Known words are those of the examples and the
//! common words of English; what the examples say, and which words stand beside each other in them, decides between candidates.

use crate::understanding::features::{pair_hash, word_hash};
use crate::understanding::normalize::Plain;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The encoder's vocabulary: word pieces, the more common the earlier.
const PIECES: &str = include_str!("../../models/minilm/vocab.txt");
/// Places in that list up to which a word is so common that it is never taken for a mistake.
const COMMON: u32 = 12_000;
/// Longer words, and words that are not plain letters, are left alone.
const LONGEST: usize = 24;
/// Shorter words are left alone.
const SHORTEST: usize = 3;
/// What a word gains for being written often in the examples, for beginning with the same letter, and for following or preceding
/// the words that it stands between.
const OFTEN: f32 = 0.18;
const SAME_START: f32 = 0.3;
const NEIGHBOUR: f32 = 0.45;
/// At most so many words of one message are looked up.
const MOST_LOOKUPS: usize = 40;

/// A list of words by length, each with the set of its letters, so that most need not be compared.
#[derive(Debug, Default)]
struct Words {
    by_length: Vec<Vec<(u32, u32)>>,
    /// Letters of all words, one after the other, and where each begins.
    letters: Vec<u8>,
    begins: Vec<u32>,
    place: HashMap<Box<str>, u32>,
}

impl Words {
    fn add(&mut self, word: &str) {
        if self.place.contains_key(word) {
            return;
        }
        let number = self.begins.len() as u32;
        self.begins.push(self.letters.len() as u32);
        self.letters.extend_from_slice(word.as_bytes());
        self.place.insert(word.into(), number);
        if self.by_length.len() <= word.len() {
            self.by_length.resize_with(word.len() + 1, Vec::new);
        }
        self.by_length[word.len()].push((letter_set(word.as_bytes()), number));
    }

    fn word(&self, number: u32, length: usize) -> &[u8] {
        let begin = self.begins[number as usize] as usize;
        &self.letters[begin..begin + length]
    }

    /// Gives every word within `most` mistakes, with how many.
    fn near(&self, word: &[u8], most: usize, mut give: impl FnMut(u32, &[u8], usize)) {
        let set = letter_set(word);
        for length in word.len().saturating_sub(most)..=word.len() + most {
            for &(other, number) in self.by_length.get(length).map_or(&[][..], Vec::as_slice) {
                // A mistake changes the set of letters by two at most.
                if (set ^ other).count_ones() as usize <= 2 * most {
                    let letters = self.word(number, length);
                    if let Some(mistakes) = distance(word, letters, most) {
                        give(number, letters, mistakes);
                    }
                }
            }
        }
    }
}

fn letter_set(word: &[u8]) -> u32 {
    word.iter().fold(0, |set, letter| set | 1 << (letter - b'a'))
}

/// Whole common words of English, those of two letters or more.
static ENGLISH: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    PIECES.lines().filter(|piece| piece.len() > 1 && is_plain(piece)).for_each(|piece| words.add(piece));
    words
});

/// Rank in the list of pieces by number of the English word.
static RANKS: LazyLock<Vec<u32>> =
    LazyLock::new(|| PIECES.lines().zip(0..).filter(|(piece, _)| piece.len() > 1 && is_plain(piece)).map(|(_, rank)| rank).collect());

/// What is left of contractions when their apostrophe is: words of their own, in any catalog.
const CONTRACTIONS: &[&str] = &[
    "aint", "arent", "cant", "couldnt", "didnt", "doesnt", "dont", "hadnt", "hasnt", "havent", "hes", "isnt", "ive", "mustnt", "shes",
    "shouldnt", "thats", "theres", "theyre", "theyve", "wasnt", "werent", "weve", "whats", "wheres", "whos", "wont", "wouldnt", "youre",
    "youve",
];

fn is_plain(word: &str) -> bool {
    word.len() <= LONGEST && word.bytes().all(|letter| letter.is_ascii_lowercase())
}

/// What is known of the words of one catalog.
#[derive(Debug, Default)]
pub(crate) struct Spelling {
    words: Words,
    /// How often each is written in the examples.
    counts: Vec<u32>,
    /// Words that follow each other in the examples.
    pairs: HashSet<u64>,
}

/// A message with its mistakes repaired.
#[derive(Debug, Default)]
pub(crate) struct Repaired {
    /// The repaired text: what the encoder and the n-grams read.
    pub(crate) plain: Plain,
    /// Share of its words that were repaired or are unknown, 0 to 1.
    pub(crate) damage: f32,
    text: String,
}

/// What becomes of one word.
enum Mend {
    Keep,
    /// Nothing like it is known.
    Unknown,
    Word(String),
}

impl Spelling {
    /// Learns the words of examples.
    pub(crate) fn learn<'a>(examples: impl Iterator<Item = &'a Plain>) -> Self {
        let mut spelling = Self::default();
        let mut all: HashMap<&str, u32> = HashMap::new();
        let mut texts = 0;
        for plain in examples {
            texts += 1;
            let mut before = None;
            for word in plain.words() {
                *all.entry(word).or_insert(0) += 1;
                let hash = word_hash(word);
                if let Some(before) = before {
                    spelling.pairs.insert(pair_hash(before, hash));
                }
                before = Some(hash);
            }
        }
        // With many examples a word that is written once and is not English is more likely a mistake than a word.
        let least = if texts > 3_000 { 2 } else { 1 };
        let mut words: Vec<(&str, u32)> = all.into_iter().filter(|(word, _)| is_plain(word) && word.len() > 1).collect();
        words.sort_unstable();
        for (word, count) in words {
            if count >= least || ENGLISH.place.contains_key(word) {
                spelling.words.add(word);
                spelling.counts.push(count);
            }
        }
        spelling
    }

    /// Repairs a message. In a language other than English only words close to those of the examples are touched.
    pub(crate) fn repair(&self, plain: &Plain, english: bool, repaired: &mut Repaired) {
        let Repaired { plain: becomes, damage, text } = repaired;
        text.clear();
        let (mut copied, mut damaged, mut lookups) = (0, 0_u32, 0);
        let mut before: Option<u64> = None;
        for index in 0..plain.len() {
            let word = plain.word(index);
            let (start, end) = plain.place(index);
            let mend = if lookups < MOST_LOOKUPS { self.mend(plain, index, before, english, &mut lookups) } else { Mend::Keep };
            let new = match &mend {
                Mend::Keep => word,
                Mend::Unknown => {
                    damaged += 1;
                    word
                }
                Mend::Word(new) => {
                    damaged += 1;
                    new
                }
            };
            before = Some(word_hash(new.rsplit(' ').next().unwrap_or(new)));
            // Shorthand that was written out counts as changed too; an apostrophe alone does not.
            if plain.text[start..end].bytes().filter(|b| *b != b'\'').ne(new.bytes()) {
                text.push_str(&plain.text[copied..start]);
                text.push_str(new);
                copied = end;
            }
        }
        text.push_str(&plain.text[copied..]);
        *damage = damaged as f32 / plain.len().max(1) as f32;
        becomes.fill(text);
    }

    fn mend(&self, plain: &Plain, index: usize, before: Option<u64>, english: bool, lookups: &mut usize) -> Mend {
        let word = plain.word(index);
        if word.len() < SHORTEST || !is_plain(word) || self.words.place.contains_key(word) || CONTRACTIONS.binary_search(&word).is_ok() {
            return Mend::Keep;
        }
        let rank = ENGLISH.place.get(word).map(|number| RANKS[*number as usize]);
        if !english && word.len() < 6 || rank.is_some_and(|rank| rank < COMMON) {
            return Mend::Keep;
        }
        *lookups += 1;
        let most = if rank.is_some() || !english { 1 } else { mistakes_in(word.len()) };
        let after = (index + 1 < plain.len()).then(|| word_hash(plain.word(index + 1)));
        let mut best: Option<(f32, usize, String)> = None;
        self.words.near(word.as_bytes(), most, |number, letters, mistakes| {
            let mut cost = mistakes as f32 - OFTEN * (self.counts[number as usize] as f32).ln();
            if letters.first() == word.as_bytes().first() {
                cost -= SAME_START;
            }
            let candidate = std::str::from_utf8(letters).expect("letters are ASCII");
            let hash = word_hash(candidate);
            let follows = |first: Option<u64>, then: Option<u64>| {
                first.zip(then).is_some_and(|(first, then)| self.pairs.contains(&pair_hash(first, then)))
            };
            for beside in [follows(before, Some(hash)), follows(Some(hash), after)] {
                cost -= if beside { NEIGHBOUR } else { 0.0 };
            }
            if best.as_ref().is_none_or(|(least, _, _)| cost < *least) {
                best = Some((cost, mistakes, candidate.to_owned()));
            }
        });
        if rank.is_none() && english && best.as_ref().is_none_or(|(_, mistakes, _)| *mistakes > 1) {
            let than = best.as_ref().map_or(usize::MAX, |(_, mistakes, _)| *mistakes);
            if let Some(two) = self.apart(word).filter(|_| than > 1) {
                return Mend::Word(two);
            }
            let mut closest: Option<(usize, u32, String)> = None;
            ENGLISH.near(word.as_bytes(), most.min(than.saturating_sub(1)), |number, letters, mistakes| {
                let rank = RANKS[number as usize];
                if rank < COMMON && closest.as_ref().is_none_or(|(least, other, _)| (mistakes, rank) < (*least, *other)) {
                    closest = Some((mistakes, rank, std::str::from_utf8(letters).expect("letters are ASCII").to_owned()));
                }
            });
            if let Some((_, _, closest)) = closest {
                return Mend::Word(closest);
            }
        }
        match best {
            Some((_, _, word)) => Mend::Word(word),
            None if rank.is_some() => Mend::Keep,
            None => Mend::Unknown,
        }
    }

    /// Two known words that were written as one ("wheresmy", "refundstatus"), the pair that the examples like best.
    fn apart(&self, word: &str) -> Option<String> {
        let known = |part: &str| {
            let often = self.words.place.get(part).map(|number| self.counts[*number as usize]);
            often.or_else(|| ENGLISH.place.get(part).filter(|number| part.len() > 2 && RANKS[**number as usize] < COMMON / 2).map(|_| 1))
        };
        let mut best: Option<(u32, usize)> = None;
        for cut in 2..word.len().saturating_sub(1) {
            let (one, two) = word.split_at(cut);
            let (Some(first), Some(second)) = (known(one), known(two)) else { continue };
            let beside = self.pairs.contains(&pair_hash(word_hash(one), word_hash(two)));
            let liked = first.min(second) + if beside { 1_000 } else { 0 };
            if best.is_none_or(|(most, _)| liked > most) {
                best = Some((liked, cut));
            }
        }
        best.map(|(_, cut)| format!("{} {}", &word[..cut], &word[cut..]))
    }
}

/// How many mistakes a word may have.
fn mistakes_in(letters: usize) -> usize {
    match letters {
        0..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

/// Mistakes between two words: letters changed, missing, too many, or swapped with their neighbour (the optimal string alignment
/// distance); `None` above `most`.
fn distance(one: &[u8], two: &[u8], most: usize) -> Option<usize> {
    if one.len().abs_diff(two.len()) > most {
        return None;
    }
    let mut rows = [[0_u8; LONGEST + 8]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate().take(two.len() + 1) {
        *cell = column as u8;
    }
    for (i, a) in one.iter().enumerate() {
        let [before, last, now] = [(i + 2) % 3, i % 3, (i + 1) % 3];
        rows[now][0] = i as u8 + 1;
        let mut least = u8::MAX;
        for (j, b) in two.iter().enumerate() {
            let mut cost = (rows[last][j] + u8::from(a != b)).min(rows[last][j + 1] + 1).min(rows[now][j] + 1);
            if i > 0 && j > 0 && *a == two[j - 1] && one[i - 1] == *b {
                cost = cost.min(rows[before][j - 1] + 1);
            }
            rows[now][j + 1] = cost;
            least = least.min(cost);
        }
        if least as usize > most {
            return None;
        }
    }
    let mistakes = rows[one.len() % 3][two.len()] as usize;
    (mistakes <= most).then_some(mistakes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling() -> Spelling {
        let examples =
            ["where is my refund", "my parcel never arrived", "the refund has not come", "pay the instalment later", "minun tilaukseni"];
        let plains: Vec<Plain> = examples.iter().map(|text| Plain::of(text)).collect();
        Spelling::learn(plains.iter())
    }

    fn repaired(text: &str) -> (String, f32) {
        let mut repaired = Repaired::default();
        spelling().repair(&Plain::of(text), true, &mut repaired);
        (repaired.plain.text, repaired.damage)
    }

    #[test]
    fn mistakes_are_counted() {
        for (one, two, wanted) in [
            ("refund", "refund", Some(0)),
            ("refnud", "refund", Some(1)),
            ("rfund", "refund", Some(1)),
            ("reffund", "refund", Some(1)),
            ("refumd", "refund", Some(1)),
            ("parcel", "refund", None),
            ("ca", "abc", None),
            ("ca", "ac", Some(1)),
        ] {
            assert_eq!(distance(one.as_bytes(), two.as_bytes(), 2), wanted.filter(|d| *d <= 2), "{one} {two}");
        }
    }

    #[test]
    fn typing_errors_are_repaired() {
        for (text, wanted) in [
            ("wher is my refnud", "where is my refund"),
            ("my pacel nevr arived?", "my parcel never arrived?"),
            ("whereis my refund", "where is my refund"),
            ("pay the instalmnet l8r", "pay the instalment l8r"),
            ("Don't u see my refund", "don't you see my refund"),
            ("tea and coffee are fine", "tea and coffee are fine"),
        ] {
            assert_eq!(repaired(text).0, wanted);
        }
        assert_eq!(repaired("where is my refund").1, 0.0);
        assert!((repaired("wher is my refnud").1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn other_languages_are_left_alone() {
        let mut out = Repaired::default();
        spelling().repair(&Plain::of("var finns min aterbetalning"), false, &mut out);
        assert_eq!(out.plain.text, "var finns min aterbetalning");
        spelling().repair(&Plain::of("misa on minun tilauksenni"), false, &mut out);
        assert_eq!(out.plain.text, "misa on minun tilaukseni");
    }

    #[test]
    fn work_is_bounded() {
        let text = "qzxjkv ".repeat(600);
        assert!(repaired(&text).1 > 0.1);
        assert_eq!(repaired("").0, "");
    }
}
