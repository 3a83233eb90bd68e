//! Names of people in a text: behind words that introduce them, common given names, and what is written like a name. Rather a shop is taken for
//! a person than a person for a shop: a model needs neither.

use regex::Regex;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// The most words of one name.
const MOST_WORDS: usize = 4;
/// A name that is learnt for the rest of a talk has at least so many letters.
const LEAST_LEARNT: usize = 3;

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed expression, a test uses it")
}

/// Words that a name stands behind, in whatever letters it is written.
static GIVEN: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:my\s(?:full\s)?name(?:'s|’s|\sis)|name\s?:|mein\sname\sist|ich\shei(?:ß|ss)e|jag\sheter|mitt\snamn\sär|je\sm['’]appelle|mon\snom\sest|me\sllamo|mi\snombre\ses|mi\schiamo|ik\sheet|mijn\snaam\sis|nimeni\son|jeg\sheter|jeg\shedder|mit\snavn\ser|mitt\snavn\ser|regards,?|sincerely,?|mvh,?|hälsningar,?|grüße,?|gruß,?|cordialement,?|groet(?:en|jes)?,?|terveisin,?)[\s\n]+",
    )
});

/// Words that a name with a capital stands behind: titles, relations, and what people say of themselves.
static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:(?:mr|mrs|ms|miss|mx|dr|prof|herr|herrn|frau|fru|señora?|monsieur|madame|mme|mevrouw|meneer|dhr|mevr|signora?|rouva|herra)\.?|(?:my|our|her|his|their)\s(?:late\s)?(?:wife|husband|son|daughter|mother|father|mum|mom|dad|sister|brother|partner|neighbou?r|friend|cousin|aunt|uncle|flatmate|roommate|colleague|boss|girlfriend|boyfriend|fiancée?|grandmother|grandfather|landlord)|(?:min|mitt|vår)\s(?:fru|man|son|dotter|mamma|pappa|syster|bror|sambo|granne|vän)|(?:mein|meine|meinem|meiner|meinen|unser|unserem)\s(?:frau|mann|sohn|tochter|mutter|vater|schwester|bruder|nachbarn?|nachbarin|freund|freundin|partner|partnerin)|(?:mijn|onze)\s(?:vrouw|man|zoon|dochter|moeder|vader|zus|broer|buurman|buurvrouw|vriend|vriendin)|vaimoni|mieheni|poikani|tyttäreni|naapurini|äitini|isäni|named|called|signed,?|namens|genaamd|vid namn|attn\.?:?|c/o|z\.\s?hd\.)\s",
    )
});

/// "I am Peter Parker": two words with capitals, because "I am Really angry" names nobody.
static MYSELF: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)\b(?:i\sam|i'm|i’m|this\sis|it's|ich\sbin|hier\sist|jag\sär|je\ssuis|soy|sono|ik\sben|olen)\s"));

/// Names in Japanese letters.
static JAPANESE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?:名前は|氏名[:：は]?|宛名は?)\s*([\p{Han}\p{Katakana}ー・\s]{2,12})|([\p{Han}]{1,6}|[\p{Katakana}ー・]{2,12})(?:と申します|と言います|といいます|様|さん|さま|氏)",
    )
});

/// A word with its place.
static WORD: LazyLock<Regex> = LazyLock::new(|| constant(r"\p{L}[\p{L}\p{M}'’-]*"));

/// Common given names of the markets and their neighbours, folded; without those that are everyday words, too.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("given_names.txt").split_whitespace().collect());

/// Given names that are everyday words, too: with a capital, and one behind them.
const TWOFOLD: &str = "alma amber anders ann april art asa august bill bob carol chase chris cliff daisy dan dawn dean dennis drew dylan elif elke eva faith floor frank fred \
    gene glen grace grant greg guy hazel heather holly hope ian ida inga iris jack jake jan jean jon jordan joy june kari kelly kim kyle lara lea leo lisa luke \
    mark may mika mila miles mina nick ole olga olive otto owen pat pearl penny rich rita rob robin roman rose ruben ruby ruth sam scott stella sue tim todd \
    tom tony tracy troy uta ute vera viola violet will";

/// Little words inside of a name.
const PARTICLES: [&str; 14] = ["de", "van", "von", "der", "den", "da", "di", "al", "bin", "el", "le", "la", "ter", "zu"];

/// Words that no name begins with or has in it.
const NO_NAME: &str = "not and but i my the is are was here on it a an to for you your with from in of at or so as if that this please och är inte jag på det en \
    und ich nicht ist das der die en ik niet het et je ne pas y no es ja minä ei och med mit met wrong right correct spelled written registered also hi hello \
    what where when how why can could would my have has had do does did january february march april may june july august september october november december \
    monday tuesday wednesday thursday friday saturday sunday klarna";

/// A word without accents, in small letters.
pub(super) fn folded(word: &str) -> String {
    let plain = word.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect::<String>().to_lowercase();
    plain.replace('ß', "ss").replace('ø', "o").replace('æ', "ae").replace('ł', "l").replace('đ', "d")
}

/// The way that German keyboards without umlauts write a word, in small letters.
pub(super) fn spelled_out(word: &str) -> String {
    folded(&word.to_lowercase().nfc().collect::<String>().replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('å', "aa"))
}

fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// "Berg", not "BERG": written like a name.
fn is_titled(word: &str) -> bool {
    is_capital(word) && word.chars().skip(1).any(char::is_lowercase)
}

fn names_nobody(word: &str) -> bool {
    let word = word.to_lowercase();
    NO_NAME.split_whitespace().any(|other| other == word)
}

/// "Maya" of "Maya's".
fn bare(word: &str) -> &str {
    word.trim_end_matches(['s', 'S']).strip_suffix(['\'', '’']).unwrap_or(word)
}

/// The words right behind a place, each a space apart, as long as they fit.
fn words_at(text: &str, start: usize, fits: impl Fn(&str) -> bool) -> Option<Range<usize>> {
    let mut end = start;
    let mut behind_particle = start;
    for (count, word) in WORD.find_iter(&text[start..]).take(MOST_WORDS).enumerate() {
        let (from, to) = (start + word.start(), start + word.end());
        let gap = &text[behind_particle..from];
        let touches = if count == 0 { gap.is_empty() } else { gap.chars().all(|c| c == ' ' || c == '.') && gap.len() <= 2 };
        let is_particle = PARTICLES.contains(&word.as_str().to_lowercase().as_str());
        if !touches || !(fits(word.as_str()) || is_particle && count > 0) {
            break;
        }
        behind_particle = to;
        if !is_particle {
            end = from + bare(word.as_str()).len();
        }
    }
    (end > start).then_some(start..end)
}

/// Names that words around them give away.
pub(super) fn introduced(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for hit in GIVEN.find_iter(text) {
        // One in small letters has two words at most: what follows may be anything.
        let capital = words_at(text, hit.end(), |word| is_capital(word) && !names_nobody(word));
        found.extend(capital.or_else(|| {
            let all = words_at(text, hit.end(), |word| !names_nobody(word))?;
            let end = WORD.find_iter(&text[all.clone()]).nth(1).map_or(all.end, |second| all.start + second.end());
            Some(all.start..end)
        }));
    }
    let named = |word: &str| is_capital(word) && !names_nobody(word);
    found.extend(TITLED.find_iter(text).filter_map(|hit| words_at(text, hit.end(), named)));
    found.extend(
        MYSELF.find_iter(text).filter_map(|hit| words_at(text, hit.end(), named)).filter(|range| text[range.clone()].contains(' ')),
    );
    for captures in JAPANESE.captures_iter(text) {
        found.extend(
            captures.iter().skip(1).flatten().filter(|name| !["客", "お客", "皆", "王"].contains(&name.as_str())).map(|name| name.range()),
        );
    }
    found
}

/// Names that nothing introduces: common ones, and words that are written like a name. Guesses: what they hit may be no name at all.
pub(super) fn guessed(text: &str) -> Vec<Range<usize>> {
    let words: Vec<regex::Match<'_>> = WORD.find_iter(text).collect();
    let capitals = words.iter().filter(|word| is_titled(word.as_str())).count();
    // A text that begins every word with a capital, or a language that begins every noun with one, says nothing by it.
    let speaks_by_capitals = (words.len() < 4 || capitals * 2 <= words.len()) && !is_german(&words);
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let bare = bare(word.as_str());
        let plain = folded(bare);
        let next = words.get(place + 1).filter(|next| text[word.end()..next.start()] == *" ");
        let before_capital =
            next.is_some_and(|next| is_capital(next.as_str()) && next.as_str().chars().count() > 1 && !names_nobody(next.as_str()));
        let common = COMMON.contains(plain.as_str()) || plain.split('-').all(|part| COMMON.contains(part));
        let twofold = || is_capital(bare) && before_capital && TWOFOLD.split_whitespace().any(|name| name == plain);
        // Not at the beginning of a sentence, where anything has a capital.
        let inside =
            text[..word.start()].trim_end().chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, ',' | '(' | '"'));
        let like_one = || {
            speaks_by_capitals
                && inside
                && is_titled(bare)
                && !names_nobody(bare)
                && next.is_some_and(|next| is_titled(next.as_str()) && !names_nobody(next.as_str()))
        };
        if common && !is_capital(bare) {
            found.push(word.start()..word.start() + bare.len());
        } else if common || twofold() || like_one() {
            found.extend(words_at(text, word.start(), is_capital));
        }
    }
    found
}

fn is_german(words: &[regex::Match<'_>]) -> bool {
    const GERMAN: [&str; 14] = ["ich", "der", "die", "das", "nicht", "und", "mein", "meine", "ist", "wir", "habe", "wie", "zu", "für"];
    words.iter().filter(|word| GERMAN.contains(&word.as_str().to_lowercase().as_str())).count() >= 2
}

/// The words of a name that are its bearer's in the rest of a talk.
pub(super) fn parts(name: &str) -> impl Iterator<Item = &str> {
    let is_name = |part: &&str| is_capital(part) && part.chars().count() >= LEAST_LEARNT && !names_nobody(part);
    name.split(|c: char| !c.is_alphabetic()).filter(is_name)
}
