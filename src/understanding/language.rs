//! Which language a message is in: by the n-grams of its letters and by its words, as they are in small samples of twelve languages.
//! Careful: what could be several languages, a single loanword, a name or nonsense is `und`, because a wrong guess costs more than none.

mod wish;

#[cfg(test)]
mod tests;

pub(crate) use wish::wished;

use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

/// The languages that are told apart, each with a sample of how people write to a support chat.
const SAMPLES: [(&str, &str); COUNT] = [
    ("en", include_str!("language/samples/en.txt")),
    ("sv", include_str!("language/samples/sv.txt")),
    ("de", include_str!("language/samples/de.txt")),
    ("da", include_str!("language/samples/da.txt")),
    ("nb", include_str!("language/samples/nb.txt")),
    ("fi", include_str!("language/samples/fi.txt")),
    ("nl", include_str!("language/samples/nl.txt")),
    ("fr", include_str!("language/samples/fr.txt")),
    ("es", include_str!("language/samples/es.txt")),
    ("it", include_str!("language/samples/it.txt")),
    ("pt", include_str!("language/samples/pt.txt")),
    ("pl", include_str!("language/samples/pl.txt")),
];

/// How many languages there are.
const COUNT: usize = 12;
/// Words that are looked at.
const MOST_WORDS: usize = 60;
/// Letters of a word that are looked at.
const MOST_LETTERS: usize = 40;
/// Lengths of the n-grams; a word has a mark before and after it.
const SHORTEST: usize = 2;
const LONGEST: usize = 4;
/// Added to every count.
const SMOOTHING: f32 = 0.3;
/// What a word counts beside an n-gram.
const WORD: f32 = 2.0;
/// N-grams overlap, so their evidence is worth less than it seems.
const SHARPNESS: f32 = 0.45;
/// Least probability of the best language.
const CLEAR: f32 = 0.9;
/// The same when no word of the text is in the language's sample, or the text is one word.
const ALONE: f32 = 0.995;
/// A single word must have so many letters: short ones are names, loanwords and slips.
const LONG_WORD: usize = 8;
/// A word speaks for all languages in which it is about as common.
const NEARLY: f32 = 0.7;

/// What each n-gram and each word says about the languages: logarithms of odds, higher is likelier.
struct Evidence {
    grams: HashMap<String, [f32; COUNT]>,
    words: HashMap<String, [f32; COUNT]>,
}

static EVIDENCE: LazyLock<Evidence> = LazyLock::new(learn);

/// The BCP 47 language of a text, or `und`.
pub(crate) fn detect(text: &str) -> &'static str {
    let evidence = &*EVIDENCE;
    let mut sums = [0.0_f32; COUNT];
    let mut votes = [0_usize; COUNT];
    let (mut count, mut letters) = (0, 0);
    for word in words(text).take(MOST_WORDS) {
        count += 1;
        letters += word.chars().count();
        let add = |sums: &mut [f32; COUNT], odds: &[f32; COUNT], weight: f32| {
            sums.iter_mut().zip(odds).for_each(|(sum, odds)| *sum += odds * weight);
        };
        if let Some(odds) = evidence.words.get(&word) {
            add(&mut sums, odds, WORD);
            let most = odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            votes.iter_mut().zip(odds).for_each(|(votes, odds)| *votes += usize::from(*odds >= most - NEARLY));
        }
        grams(&word, |gram| {
            if let Some(odds) = evidence.grams.get(gram) {
                add(&mut sums, odds, 1.0);
            }
        });
    }
    let best = (0..COUNT).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
    let total: f32 = sums.iter().map(|sum| ((sum - sums[best]) * SHARPNESS).exp()).sum();
    let probability = 1.0 / total;
    let clear = match count {
        0 => false,
        1 => letters >= LONG_WORD && probability >= ALONE,
        _ => probability >= if votes[best] == 0 { ALONE } else { CLEAR },
    };
    if clear { SAMPLES[best].0 } else { "und" }
}

/// The words of a text in lower case, without those that are names, numbers, addresses or links by their signs.
fn words(text: &str) -> impl Iterator<Item = String> {
    let telling = |piece: &&str| !piece.contains(|c: char| c.is_numeric() || matches!(c, '@' | '/' | '_' | '\\' | '#'));
    let pieces = text.split_whitespace().filter(telling).flat_map(|piece| piece.split(|c: char| !c.is_alphabetic()));
    pieces.filter(|word| !word.is_empty()).map(lower)
}

/// Lower case with combined accents; three and more of a letter are one.
fn lower(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut run = ('\0', 0_u32);
    for c in word.chars().flat_map(char::to_lowercase).nfc().take(MOST_LETTERS) {
        run = if c == run.0 { (c, run.1 + 1) } else { (c, 1) };
        if run.1 == 3 {
            plain.pop();
        }
        if run.1 < 3 {
            plain.push(c);
        }
    }
    plain
}

/// Gives every n-gram of a word with its marks.
fn grams(word: &str, mut each: impl FnMut(&str)) {
    let marked = format!(" {word} ");
    let cuts: Vec<usize> = marked.char_indices().map(|(at, _)| at).chain([marked.len()]).collect();
    for length in SHORTEST..=LONGEST {
        for window in cuts.windows(length + 1) {
            each(&marked[window[0]..window[length]]);
        }
    }
}

/// Ways in which people write a word on keyboards without its letters.
fn spellings(word: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut long = String::new();
    for c in word.chars() {
        match c {
            'ø' => bare.push('o'),
            'æ' => bare.push_str("ae"),
            'ß' => bare.push_str("ss"),
            'ł' => bare.push('l'),
            _ => decompose_canonical(c, |part| {
                if !('\u{300}'..='\u{36f}').contains(&part) {
                    bare.push(part);
                }
            }),
        }
        match c {
            'ä' | 'æ' => long.push_str("ae"),
            'ö' | 'ø' => long.push_str("oe"),
            'ü' => long.push_str("ue"),
            'å' => long.push_str("aa"),
            'ß' => long.push_str("ss"),
            _ => long.push(c),
        }
    }
    let mut others = vec![bare, long];
    others.retain(|other| other != word);
    others.dedup();
    others
}

fn learn() -> Evidence {
    let mut grams_seen: HashMap<String, [f32; COUNT]> = HashMap::new();
    let mut words_seen: HashMap<String, [f32; COUNT]> = HashMap::new();
    for (language, (_, sample)) in SAMPLES.iter().enumerate() {
        for word in words(sample) {
            let mut take = |word: &str, weight: f32| {
                words_seen.entry(word.to_owned()).or_default()[language] += weight;
                grams(word, |gram| grams_seen.entry(gram.to_owned()).or_default()[language] += weight);
            };
            take(&word, 1.0);
            for other in spellings(&word) {
                take(&other, 0.4);
            }
        }
    }
    Evidence { grams: odds(grams_seen), words: odds(words_seen) }
}

/// Counts to logarithms of odds against the average of all languages.
fn odds(mut seen: HashMap<String, [f32; COUNT]>) -> HashMap<String, [f32; COUNT]> {
    let mut totals = [0.0_f32; COUNT];
    for counts in seen.values() {
        totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
    }
    let kinds = seen.len() as f32;
    for counts in seen.values_mut() {
        for (count, total) in counts.iter_mut().zip(totals) {
            *count = ((*count + SMOOTHING) / (total + SMOOTHING * kinds)).ln();
        }
        let mean = counts.iter().sum::<f32>() / COUNT as f32;
        counts.iter_mut().for_each(|count| *count -= mean);
    }
    seen
}
