//! What single words can mean in amounts, dates and counts, in English, Swedish, German, Dutch and Finnish. Words stand here as
//! `Pieces` writes them: lower case, accents folded ("för" is `for`, "übermorgen" is `ubermorgen`).

mod tables;

use crate::understanding::coins::{COINS, Coin};
use jiff::civil::Weekday;
use std::collections::HashMap;
use std::sync::LazyLock;
pub(crate) use tables::PARTS;
use tables::{DAYS, MONTHS, NTHS, ROLES, UNITS, WEEKDAYS};

/// The senses of one word; most words have none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Word {
    /// What it does beside other words: the constants of `role`.
    pub(crate) roles: u64,
    /// A part of a number.
    pub(crate) part: Option<Part>,
    /// A unit of time.
    pub(crate) unit: Option<Unit>,
    /// A day of the week.
    pub(crate) weekday: Option<Weekday>,
    /// A month, 1 to 12; 0 for none.
    pub(crate) month: i8,
    /// "second" = 2, "last" = -1; 0 for none.
    pub(crate) nth: i8,
    /// Days from today: "tomorrow" = 1.
    pub(crate) day: Option<i8>,
    /// A currency.
    pub(crate) coin: Option<&'static Coin>,
}

impl Word {
    /// Whether the word plays one of these roles.
    pub(crate) fn is(&self, roles: u64) -> bool {
        self.roles & roles != 0
    }

    /// Whether it has no sense at all here.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Word::default()
    }
}

/// Roles of words, to be combined with `|`.
pub(crate) mod role {
    /// "the", "den"
    pub(crate) const THE: u64 = 1;
    /// "a", "en", "ein": one of something
    pub(crate) const A: u64 = 1 << 1;
    /// "of", "av"
    pub(crate) const OF: u64 = 1 << 2;
    /// "next"
    pub(crate) const NEXT: u64 = 1 << 3;
    /// "this", "coming"
    pub(crate) const THIS: u64 = 1 << 4;
    /// "last", in time
    pub(crate) const LAST: u64 = 1 << 5;
    /// "ago", after a span
    pub(crate) const AGO: u64 = 1 << 6;
    /// German "vor" before a span: ago
    pub(crate) const AGO_BEFORE: u64 = 1 << 7;
    /// "in", "within": before a span
    pub(crate) const IN: u64 = 1 << 8;
    /// Dutch "over" before a span; in English it is "more than"
    pub(crate) const IN_DUTCH: u64 = 1 << 9;
    /// Finnish "päästä", after a span: in
    pub(crate) const IN_AFTER: u64 = 1 << 10;
    /// "end"
    pub(crate) const END: u64 = 1 << 11;
    /// "beginning"
    pub(crate) const START: u64 = 1 << 12;
    /// "middle"
    pub(crate) const MIDDLE: u64 = 1 << 13;
    /// "on", "by", "am": a day may follow
    pub(crate) const ON: u64 = 1 << 14;
    /// "since", "from": a day in the past may follow
    pub(crate) const SINCE: u64 = 1 << 15;
    /// "and", "or", "to": between the ends of a range
    pub(crate) const TO: u64 = 1 << 16;
    /// "couple"
    pub(crate) const TWO: u64 = 1 << 17;
    /// "few"
    pub(crate) const THREE: u64 = 1 << 18;
    /// "more", "working": between a number and its unit
    pub(crate) const MORE: u64 = 1 << 19;
    /// More than one: "weeks"
    pub(crate) const PLURAL: u64 = 1 << 20;
    /// Also an everyday word: "sat", "sun", "morgen"
    pub(crate) const WEAK: u64 = 1 << 21;
    /// Surely Dutch
    pub(crate) const DUTCH: u64 = 1 << 22;
    /// Swedish "fredags": the one before today
    pub(crate) const BEFORE_TODAY: u64 = 1 << 23;
    /// Swedish "i" of "i morgon"
    pub(crate) const I: u64 = 1 << 24;
    /// Counts only after Swedish "i": "dag", "går"
    pub(crate) const AFTER_I: u64 = 1 << 25;
    /// What is counted: "one", "order", "instalment"
    pub(crate) const COUNTED: u64 = 1 << 26;
    /// "order", before its number
    pub(crate) const ORDER: u64 = 1 << 27;
    /// "dispute", before its number
    pub(crate) const DISPUTE: u64 = 1 << 28;
    /// "number", between such a word and the number
    pub(crate) const NUMBER: u64 = 1 << 29;
    /// "postcode"
    pub(crate) const POSTCODE: u64 = 1 << 30;
    /// "phone", "call"
    pub(crate) const PHONE: u64 = 1 << 31;
    /// German "übernächste": the one after next
    pub(crate) const AFTER_NEXT: u64 = 1 << 32;
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Hour,
    Day,
    Week,
    Fortnight,
    Month,
    Year,
}

/// A part of a number in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// 0 to 19
    Small(u8),
    /// As `Small`, but an everyday word too ("sex" is six in Swedish): counts only beside other parts, units and currencies
    Weak(u8),
    /// "a", "en", "ein": one, if something is counted
    Article,
    /// 20, 30, … 90
    Tens(u8),
    /// Finnish "kymmentä": times ten
    TimesTen,
    /// Finnish "toista": plus ten
    Teen,
    /// A hundred, alone too ("hundra")
    Hundred,
    /// A hundred that needs a number before it ("hundred")
    HundredOf,
    /// A thousand, alone too ("tusen")
    Thousand,
    /// A thousand that needs a number before it ("thousand")
    ThousandOf,
    /// "and", "und"
    And,
    /// "en": Dutch "and", Swedish "one"
    En,
    /// Several parts in one word: "zweihundert", "twenty-five"
    Compound,
}

static LEXICON: LazyLock<HashMap<&'static str, Word>> = LazyLock::new(|| {
    let mut lexicon: HashMap<&'static str, Word> = HashMap::new();
    let mut each = |words: &'static str, change: &dyn Fn(&mut Word)| {
        for word in words.split(' ') {
            change(lexicon.entry(word).or_default());
        }
    };
    for &(role, words) in ROLES {
        each(words, &|word| word.roles |= role);
    }
    for &(unit, words) in UNITS {
        each(words, &|word| word.unit = Some(unit));
    }
    for (offset, words) in (0_i8..).zip(WEEKDAYS) {
        each(words, &|word| word.weekday = Weekday::from_monday_zero_offset(offset).ok());
    }
    for (number, words) in (1_i8..).zip(MONTHS) {
        each(words, &|word| word.month = number);
    }
    for &(day, words) in DAYS {
        each(words, &|word| word.day = Some(day));
    }
    for &(nth, words) in NTHS {
        each(words, &|word| word.nth = nth);
    }
    for &(part, words) in PARTS {
        each(words, &|word| word.part = Some(part));
    }
    each("a an eine einen einer einem yhden", &|word| word.part = Some(Part::Article));
    for coin in COINS {
        each(coin.words, &|word| word.coin = Some(coin));
    }
    lexicon
});

/// The longest word that has a sense.
const LONGEST: usize = 20;

/// The senses of a word.
pub(crate) fn senses(word: &str) -> Word {
    if word.len() > LONGEST {
        return Word::default();
    }
    LEXICON.get(word).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::role::PLURAL;
    use super::*;

    #[test]
    fn words_have_their_senses() {
        assert_eq!(senses("fredag").weekday, Some(Weekday::Friday));
        assert_eq!(senses("mars").month, 3);
        assert_eq!(senses("ubermorgen").day, Some(2));
        assert_eq!(senses("weeks").unit, Some(Unit::Week));
        assert!(senses("weeks").is(PLURAL) && !senses("week").is(PLURAL));
        assert_eq!((senses("second").nth, senses("letzte").nth), (2, -1));
        assert!(senses("parcels").is_plain() && senses("").is_plain());
        assert!(LEXICON.keys().all(|word| word.len() <= LONGEST), "the longest word is longer than LONGEST");
    }
}
