//! What a rewriting must leave as it is: amounts, dates, times, numbers, numbers of orders and links, in the languages of the markets and their
//! neighbours. Rather one word too many is pinned than one too few.

use super::Kind;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed expression, a test uses it")
}

/// A number with what groups it.
const NUMBER: &str = r"\p{N}(?:[\p{N}.,'\u{A0}\u{202F}]*\p{N})?";
/// Beginnings of the months' names; what follows them in the word comes along.
const MONTHS: &str = "jan|feb|mar|mär|maa|apr|avr|abr|huhti|kwie|may|maj|mai|mei|mag|touko|jun|juin|giu|czer|kesä|jul|juil|lug|lip|heinä|aug|aoû|ago|sier|elo|sep|set|wrz|syys|oct|okt|ott|out|paź|loka|nov|lis|marras|dec|dez|déc|des|dic|gru|joulu|sty|tammi|lut|helmi|gen|ene|janv|fév|fev";
const WEEKDAYS: &str = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mån|tis|ons|tors|fre|lör|sön)dag|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:maan|dins|woens|donder|vrij|zater|zon)dag";

static PINS: LazyLock<[(Kind, Regex); 7]> = LazyLock::new(|| {
    let day = format!(r"(?:(?:{WEEKDAYS}),?\s(?:den\s|der\s|the\s|le\s)?)?");
    let coin =
        r"(?:(?:kr|kronor|kroner|sek|nok|dkk|eur|euros?|euroa|gbp|usd|jpy|yen|zł|pln|pounds?|pund|dollars?|p|pence|cents?)\b|[£$€¥%‰])";
    [
        (Kind::Link, constant(r"\[[^\]\n]*\]\([^)\s]*\)")),
        (
            Kind::Link,
            constant(
                r"(?i)(?:https?://|www\.|mailto:)\S*[\p{L}\p{N}/]|\b[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.(?:com|net|org|io|co|info|biz|app|dev|se|de|uk|nl|fi|fr|es|it|eu|test|example|shop)\b(?:/\S*[\p{L}\p{N}/])?",
            ),
        ),
        (
            Kind::Date,
            constant(&format!(
                r"(?i)\b{day}\p{{N}}{{1,2}}(?:st|nd|rd|th|º|er|\.)?\s(?:of\s|de\s|d')?(?:{MONTHS})\p{{L}}*(?:[.,]{{0,2}}\s(?:de\s)?\d{{4}}\b)?"
            )),
        ),
        (Kind::Date, constant(&format!(r"(?i)\b{day}(?:{MONTHS})\p{{L}}*\.?\s\p{{N}}{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}}\b)?"))),
        (
            Kind::Date,
            constant(
                r"\b\p{N}{4}-\p{N}{1,2}-\p{N}{1,2}\b|\b\p{N}{1,2}[./-]\p{N}{1,2}[./-](?:\p{N}{4}|\p{N}{2})\b|\b\p{N}{1,2}[:.]\p{N}{2}\s?(?:am|pm|uhr)\b|\b\p{N}{1,2}:\p{N}{2}\b",
            ),
        ),
        (Kind::Amount, constant(&format!(r"(?i)[£$€¥]\s?{NUMBER}|\b(?:sek|nok|dkk|eur|gbp|usd|jpy|pln|kr)\s?{NUMBER}|{NUMBER}\s?{coin}"))),
        (Kind::Number, constant(r"[\p{L}\p{N}#_-]*\p{N}[\p{L}\p{N}.,'_-]*[\p{L}\p{N}]|[\p{L}#_-]*\p{N}|[£$€¥%‰]")),
    ]
});

/// The places of all that.
pub(super) fn pinned(text: &str) -> impl Iterator<Item = (Range<usize>, Kind)> {
    PINS.iter().flat_map(|(kind, pattern)| pattern.find_iter(text).map(|hit| (hit.range(), *kind)))
}

#[cfg(test)]
mod tests {
    use crate::domain::mask::Mask;

    #[test]
    fn everything_that_counts_is_pinned_and_comes_back() {
        for (text, expected) in [
            ("Your payment of £1,299.50 is due on Friday 4 December.", "Your payment of [AMOUNT_1] is due on [DATE_1]."),
            ("Du betalar 450 kr den 4 december 2026 för order NB-48213.", "Du betalar [AMOUNT_1] den [DATE_1] för order [NUMBER_1]."),
            ("Am Freitag, 4. Dezember sind 45,00 € fällig.", "Am [DATE_1] sind [AMOUNT_1] fällig."),
            ("le 12 décembre, le 12 de diciembre", "le [DATE_1], le [DATE_2]"),
            ("on December 4th at 10:30, in 3 days, 5%", "on [DATE_1] at [DATE_2], in [NUMBER_1] days, [AMOUNT_1]"),
            ("See [our page](https://shop.example/a) or shop.example/help.", "See [LINK_1] or [LINK_2]."),
            ("1) first 2) second ½", "[NUMBER_1]) first [NUMBER_2]) second [NUMBER_3]"),
            ("45 and 45 again", "[NUMBER_1] and [NUMBER_1] again"),
            ("4 payments, 3 parcels, 50p", "[NUMBER_1] payments, [NUMBER_2] parcels, [AMOUNT_1]"),
        ] {
            let mut mask = Mask::default();
            let pinned = mask.pin(text);
            assert_eq!(pinned, expected);
            assert_eq!(mask.restore(&pinned).as_deref(), Some(text));
        }
    }

    #[test]
    fn no_digit_is_left() {
        for text in ["A1B2, c3", "٣ days", "a²", "№ 5.", "12.12.", "３００円", "x9"] {
            let pinned = Mask::default().pin(text);
            let outside = crate::domain::mask::marks(&pinned).into_iter().fold(pinned.clone(), |text, mark| text.replace(mark, ""));
            assert!(!outside.contains(char::is_numeric), "{text} is {pinned}");
        }
    }
}
