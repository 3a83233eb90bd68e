//! Words to numbers: three TF-IDF views, word 1-2-grams, character 2-5-grams inside words, and pairs of ideas, each of fixed length.
//! N-grams are known by a 64-bit hash; their text is not kept.

use crate::understanding::concepts::{Denial, idea};
use crate::understanding::normalize::Plain;

const WORD_SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const PAIR_SEED: u64 = 0xc2b2_ae3d_27d4_eb4f;
const IDEA_SEED: u64 = 0x27d4_eb2f_1656_67c5;
const DENIED_SEED: u64 = 0x85eb_ca77_c2b2_ae63;
const CHAR_SEED: u64 = 0x1656_67b1_9e37_79f9;
const MULTIPLIER: u64 = 0xff51_afd7_ed55_8ccd;
/// Characters of one word that are looked at; nobody writes longer words on purpose.
const CHARS_OF_A_WORD: usize = 40;
/// Length of each view's vector.
const WORD_WEIGHT: f32 = 1.0;
const CHAR_WEIGHT: f32 = 1.4;
const IDEA_WEIGHT: f32 = 1.4;
/// How much unknown n-grams shorten the known part: strange texts get small scores.
const UNKNOWN_WEIGHT: f32 = 0.5;
/// With more texts than this, n-grams of a single one are left out: they are most of all and tell least.
const MANY: u32 = 3_000;
const SHORTEST: usize = 2;
const LONGEST: usize = 5;

/// The n-grams of one text, by view, with repeats.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grams {
    word: Vec<u64>,
    chars: Vec<u64>,
    ideas: Vec<u64>,
}

impl Grams {
    /// The n-grams of `plain`.
    pub(crate) fn of(plain: &Plain) -> Self {
        let mut grams = Self::default();
        grams.fill(plain);
        grams
    }

    /// Replaces the contents by the n-grams of `plain`.
    pub(crate) fn fill(&mut self, plain: &Plain) {
        self.word.clear();
        self.chars.clear();
        self.ideas.clear();
        let (mut last, mut last_but_one) = (None, None);
        let mut before = None;
        let mut denial = Denial::default();
        for word in plain.words() {
            let denied = denial.covers(word);
            let hash = word_hash(word);
            self.word.push(hash);
            if let Some(before) = before {
                self.word.push(pair_hash(before, hash));
            }
            before = Some(hash);
            let idea = idea(word);
            if !idea.is_empty() {
                let hash = idea_hash(idea);
                self.ideas.push(hash);
                for other in [last, last_but_one].into_iter().flatten() {
                    self.ideas.push(pair_hash(other, hash));
                }
                (last_but_one, last) = (last, Some(hash));
                if denied {
                    self.ideas.push(denied_hash(idea));
                }
            }
            if !matches!(word, "?" | "!") {
                char_grams(word, |hash, _, _| self.chars.push(hash));
            }
        }
    }
}

fn step(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(MULTIPLIER).rotate_left(29)
}

fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// The hash of a word; all numbers look alike.
pub(crate) fn word_hash(word: &str) -> u64 {
    finish(plain_chars(word).fold(WORD_SEED, |hash, c| step(hash, u64::from(u32::from(c)))))
}

/// The hash of an idea.
pub(crate) fn idea_hash(idea: &str) -> u64 {
    word_hash(idea) ^ IDEA_SEED
}

/// The hash of an idea that is denied: "I did not return it" is not about having returned it.
pub(crate) fn denied_hash(idea: &str) -> u64 {
    word_hash(idea) ^ DENIED_SEED
}

/// The hash of two words that follow each other.
pub(crate) fn pair_hash(first: u64, second: u64) -> u64 {
    finish(step(step(PAIR_SEED, first), second))
}

/// The characters of a word with every run of digits as one `0`.
fn plain_chars(word: &str) -> impl Iterator<Item = char> {
    let mut digit_before = false;
    word.chars().take(CHARS_OF_A_WORD).filter_map(move |c| {
        let digit = c.is_ascii_digit();
        let again = digit && digit_before;
        digit_before = digit;
        if again { None } else { Some(if digit { '0' } else { c }) }
    })
}

/// Gives every character n-gram of ` word ` as hash, first character and number of characters.
pub(crate) fn char_grams(word: &str, mut give: impl FnMut(u64, usize, usize)) {
    let mut padded = [' '; CHARS_OF_A_WORD + 2];
    let mut len = 1;
    for c in plain_chars(word) {
        padded[len] = c;
        len += 1;
    }
    len += 1;
    for start in 0..len - 1 {
        let mut hash = CHAR_SEED;
        for (at, c) in padded[..len].iter().enumerate().skip(start).take(LONGEST) {
            hash = step(hash, u64::from(u32::from(*c)));
            let size = at + 1 - start;
            if size >= SHORTEST {
                give(finish(hash), start, size);
            }
        }
    }
}

/// A vector with few entries: feature and value, by feature.
pub(crate) type Sparse = Vec<(u32, f32)>;

/// How much of a text is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Coverage {
    /// Share of the words that are known, 0 to 1, rare words counting more.
    pub(crate) words: f32,
    /// The same for character n-grams.
    pub(crate) chars: f32,
}

/// The known n-grams with their weights.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// Open addressing: the upper half of the hash, and the feature (`FREE`: empty).
    slots: Vec<(u32, u32)>,
    /// Inverse document frequency by feature.
    idf: Vec<f32>,
    unknown_idf: f32,
    /// An n-gram is known when so many texts have it.
    pub(crate) least: u32,
}

const FREE: u32 = u32::MAX;

impl Vocabulary {
    /// Learns the n-grams of some texts.
    pub(crate) fn learn<'a>(texts: impl Iterator<Item = &'a Grams>) -> Self {
        let mut word = Vec::new();
        let mut chars = Vec::new();
        let mut ideas = Vec::new();
        let mut count = 0_u32;
        let mut one = Vec::new();
        for grams in texts {
            count += 1;
            for (from, all) in [(&grams.word, &mut word), (&grams.chars, &mut chars), (&grams.ideas, &mut ideas)] {
                one.clear();
                one.extend_from_slice(from);
                one.sort_unstable();
                one.dedup();
                all.extend_from_slice(&one);
            }
        }
        word.sort_unstable();
        chars.sort_unstable();
        ideas.sort_unstable();
        let least = if count > MANY { 2 } else { 1 };
        let hashes: Vec<(u64, u32)> = [word, chars, ideas].iter().flat_map(|view| by_frequency(view, least)).collect();
        let mut vocabulary = Self {
            slots: vec![(0, FREE); (hashes.len() * 2).next_power_of_two().max(16)],
            idf: Vec::with_capacity(hashes.len()),
            unknown_idf: idf(count, 0),
            least,
        };
        for (feature, &(hash, texts)) in hashes.iter().enumerate() {
            vocabulary.idf.push(idf(count, texts));
            let mask = vocabulary.slots.len() - 1;
            let mut slot = hash as usize & mask;
            while vocabulary.slots[slot].1 != FREE {
                slot = (slot + 1) & mask;
            }
            vocabulary.slots[slot] = ((hash >> 32) as u32, feature as u32);
        }
        vocabulary
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<(u32, u32)>() + self.idf.len() * size_of::<f32>()
    }

    /// How many features there are.
    pub(crate) fn len(&self) -> usize {
        self.idf.len()
    }

    /// The feature of an n-gram.
    pub(crate) fn feature(&self, hash: u64) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (check, feature) = self.slots[slot];
            if feature == FREE {
                return None;
            }
            if check == (hash >> 32) as u32 {
                return Some(feature);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Writes the vector of a text into `vector` and says how much of it is known. `ids` is scratch space.
    pub(crate) fn vectorize(&self, grams: &Grams, ids: &mut Vec<u32>, vector: &mut Sparse) -> Coverage {
        self.vectorize_where(grams, |_| true, ids, vector)
    }

    /// The same as if some n-grams were unknown.
    pub(crate) fn vectorize_where(
        &self,
        grams: &Grams,
        is_known: impl Fn(u32) -> bool,
        ids: &mut Vec<u32>,
        vector: &mut Sparse,
    ) -> Coverage {
        vector.clear();
        let words = self.view(&grams.word, WORD_WEIGHT, &is_known, ids, vector);
        let chars = self.view(&grams.chars, CHAR_WEIGHT, &is_known, ids, vector);
        self.view(&grams.ideas, IDEA_WEIGHT, &is_known, ids, vector);
        Coverage { words, chars }
    }

    fn view(&self, hashes: &[u64], weight: f32, is_known: impl Fn(u32) -> bool, ids: &mut Vec<u32>, vector: &mut Sparse) -> f32 {
        ids.clear();
        ids.extend(hashes.iter().filter_map(|&hash| self.feature(hash)).filter(|feature| is_known(*feature)));
        let unknown = (hashes.len() - ids.len()) as f32;
        ids.sort_unstable();
        let from = vector.len();
        let mut known = 0.0;
        for run in ids.chunk_by(|a, b| a == b) {
            let idf = self.idf[run[0] as usize];
            known += idf * run.len() as f32;
            let tf = if run.len() == 1 { 1.0 } else { 1.0 + (run.len() as f32).ln() };
            vector.push((run[0], tf * idf));
        }
        let unknown = unknown * self.unknown_idf;
        let square: f32 = vector[from..].iter().map(|(_, value)| value * value).sum();
        if square > 0.0 {
            let unknown = UNKNOWN_WEIGHT * (hashes.len() - ids.len()) as f32 * self.unknown_idf * self.unknown_idf;
            let scale = weight * (square + unknown).sqrt().recip();
            vector[from..].iter_mut().for_each(|(_, value)| *value *= scale);
        }
        if known > 0.0 { known / (known + unknown) } else { 0.0 }
    }
}

/// Smoothed inverse document frequency, never below 1.
fn idf(count: u32, texts: u32) -> f32 {
    ((1.0 + count as f32) / (1.0 + texts as f32)).ln() + 1.0
}

/// The n-grams of a view that at least so many texts have, and in how many each is. The most frequent come first: their rows of weights
/// then lie together, where a processor's cache keeps them, and learning is bound by nothing else.
fn by_frequency(sorted: &[u64], least: u32) -> Vec<(u64, u32)> {
    let mut all: Vec<(u64, u32)> = runs(sorted).filter(|(_, texts)| *texts >= least).collect();
    all.sort_by_key(|(_, texts)| std::cmp::Reverse(*texts));
    all
}

fn runs(sorted: &[u64]) -> impl Iterator<Item = (u64, u32)> {
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Grams {
        Grams::of(&Plain::of(text))
    }

    #[test]
    fn character_grams_stay_inside_words() {
        let mut seen = Vec::new();
        let padded: Vec<char> = " ab ".chars().collect();
        char_grams("ab", |_, start, size| seen.push(padded[start..start + size].iter().collect::<String>()));
        assert_eq!(seen, [" a", " ab", " ab ", "ab", "ab ", "b "]);
    }

    #[test]
    fn denied_ideas_are_features_of_their_own() {
        let denies = |text: &str, word: &str| grams(text).ideas.contains(&denied_hash(idea(word)));
        for (text, word) in [
            ("I did *not* return it", "return"),
            ("i didn't cancel the dispute", "cancel"),
            ("i never bought this", "bought"),
            ("nobody has refunded me", "refund"),
            ("ich habe das nicht bestellt", "bestellt"),
            ("jag har inte betalat", "betalat"),
        ] {
            assert!(denies(text, word), "{text}");
        }
        for (text, word) in [
            ("i returned it", "return"),
            ("i already cancelled the dispute", "cancel"),
            ("it's not broken but i want to return it", "return"),
            ("no! refund me", "refund"),
            ("not only late, it is broken", "late"),
        ] {
            assert!(!denies(text, word), "{text}");
        }
    }

    #[test]
    fn numbers_look_alike() {
        assert_eq!(word_hash("48213"), word_hash("7"));
        assert_ne!(word_hash("a1"), word_hash("b1"));
    }

    #[test]
    fn vectors_have_the_views_lengths_and_feature_order() {
        let texts = [grams("where is my refund"), grams("where is my parcel")];
        let vocabulary = Vocabulary::learn(texts.iter());
        let (mut ids, mut vector) = (Vec::new(), Vec::new());
        let coverage = vocabulary.vectorize(&grams("where where is my refund"), &mut ids, &mut vector);
        let square: f32 = vector.iter().map(|(_, value)| value * value).sum();
        let most = WORD_WEIGHT.powi(2) + CHAR_WEIGHT.powi(2) + IDEA_WEIGHT.powi(2);
        assert!(square < most && square > 0.6 * most, "{square} of {most}");
        assert!(coverage.words < 1.0 && coverage.words > 0.7, "the pair 'where where' is new: {coverage:?}");
        assert!(vector.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn unknown_text_is_not_covered() {
        let texts = [grams("where is my refund")];
        let vocabulary = Vocabulary::learn(texts.iter());
        let (mut ids, mut vector) = (Vec::new(), Vec::new());
        for (text, most) in [("", 0.0), ("qqq zzz", 0.0), ("weather tomorrow", 0.4), ("refund", 1.0)] {
            let coverage = vocabulary.vectorize(&grams(text), &mut ids, &mut vector);
            assert!(coverage.chars <= most, "{text}: {coverage:?}");
        }
        assert!(vocabulary.len() > 20);
    }
}
