//! Choosing by rank: "the cheaper one", "the latest", "the older order", "the second one", "2", "the 45 one".

use super::super::hear::Heard;
use crate::understanding::{EntityValue, plain_words};
use serde_json::Value as Json;
use std::ops::Range;

/// Fields that hold an amount, the most telling first.
const AMOUNTS: [&str; 4] = ["total_minor", "amount_minor", "open_minor", "disputed_minor"];
/// Fields that hold a record's own day.
const DAYS: [&str; 6] = ["placed_on", "due_on", "opened_on", "charged_on", "created_on", "sent_on"];

/// What is compared.
#[derive(Clone, Copy, PartialEq)]
enum Axis {
    Amount,
    Day,
}

/// Beginnings of words that rank: the largest or smallest, and whether they compare two. Accents are folded.
const RANKS: &[(Axis, bool, bool, &[&str])] = &[
    (
        Axis::Amount,
        true,
        false,
        &[
            "expensiv", "priciest", "dearest", "biggest", "largest", "highest", "dyraste", "dyra", "teuerst", "teure", "duurste", "dure",
            "kallein",
        ],
    ),
    (Axis::Amount, true, true, &["pricier", "dearer", "bigger", "larger", "higher", "dyrare", "teurer", "duurdere", "kalliimpi"]),
    (
        Axis::Amount,
        false,
        false,
        &["cheap", "smallest", "lowest", "billigast", "billiga", "billigst", "billige", "gunstigste", "goedkoopste", "goedkope", "halvin"],
    ),
    (Axis::Amount, false, true, &["cheaper", "smaller", "lower", "billigare", "billiger", "gunstiger", "goedkopere", "halvempi"]),
    (
        Axis::Day,
        true,
        false,
        &["latest", "newest", "recent", "senaste", "nyaste", "neueste", "neuste", "jungste", "nieuwste", "uusin", "viimeisin"],
    ),
    (Axis::Day, true, true, &["newer", "later", "nyare", "neuere", "spatere", "nieuwere", "uudempi"]),
    (Axis::Day, false, false, &["oldest", "earliest", "soonest", "aldsta", "tidigaste", "alteste", "fruheste", "oudste", "vanhin"]),
    (Axis::Day, false, true, &["older", "earlier", "sooner", "aldre", "tidigare", "altere", "fruhere", "oudere", "vanhempi"]),
];
/// Things of which the last is the newest, not the last of the list.
const THINGS: [&str; 10] =
    ["order", "purchase", "payment", "one i bought", "bestellung", "bestallning", "bestallningen", "kopet", "bestelling", "tilaus"];

/// Of these, those that a ranking word chooses: one, or several that are equal or too many to compare. `None` when nothing ranks.
pub(super) fn ranked(left: &[usize], records: &[Json], text: &str) -> Option<Vec<usize>> {
    let words = plain_words(text);
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let last_thing = words.windows(2).any(|pair| pair[0] == "last" && THINGS.contains(&pair[1].as_str()));
    let fits = |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)));
    let ranking = |compares: bool| RANKS.iter().find(|(_, _, comparing, stems)| *comparing == compares && fits(stems));
    // "cheaper" begins with "cheap": what compares goes first.
    let (axis, mut most, compares) = match ranking(true).or_else(|| ranking(false)) {
        Some((axis, most, compares, _)) => (*axis, *most, *compares),
        None if last_thing => (Axis::Day, true, false),
        None => return None,
    };
    if records.is_empty() || left.is_empty() {
        return None;
    }
    if axis == Axis::Amount && most && says(&["less", "least"]) {
        most = false;
    }
    let compares = compares || says(&["less"]) || (axis == Axis::Amount && says(&["more"]));
    let key = |index: &usize| {
        let record = records.get(*index)?;
        match axis {
            Axis::Amount => AMOUNTS.iter().find_map(|key| record.get(*key)?.as_i64()).map(|amount| (amount, "")),
            Axis::Day => DAYS.iter().find_map(|key| record.get(*key)?.as_str()).map(|day| (0, day)),
        }
    };
    let keys = left.iter().map(key).collect::<Option<Vec<_>>>()?;
    if compares && left.len() > 2 {
        return Some(left.to_vec());
    }
    let wanted = if most { keys.iter().max() } else { keys.iter().min() }?;
    Some(left.iter().zip(&keys).filter(|(_, key)| *key == wanted).map(|(index, _)| *index).collect())
}

/// "the second one", "2", "number 2", "the last one": counted among these.
pub(super) fn counted(these: &[usize], heard: &Heard, part: &Range<usize>, without: Option<&Range<usize>>) -> Option<usize> {
    let bare = heard.words.len() <= 3;
    let inside = |start: usize| part.contains(&start) && without.is_none_or(|denied| !denied.contains(&start));
    let mut entities = heard.reading.entities.iter().filter(|entity| inside(entity.start));
    let nth = entities.find_map(|entity| match entity.value {
        EntityValue::Ordinal(nth) => Some(nth),
        EntityValue::Number(nth) if bare => Some(nth),
        EntityValue::Number(_)
        | EntityValue::Money { .. }
        | EntityValue::Date(_)
        | EntityValue::Days(_)
        | EntityValue::Order(_)
        | EntityValue::Dispute(_)
        | EntityValue::Reference(_)
        | EntityValue::Email(_)
        | EntityValue::Phone(_)
        | EntityValue::Postcode(_) => None,
    });
    let nth = nth.or_else(|| heard.text.trim().trim_matches(['#', '.', ')', '(']).parse().ok().filter(|_| without.is_none()))?;
    let place = if nth < 0 {
        these.len().checked_sub(usize::try_from(nth.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(nth).ok()?.checked_sub(1)?
    };
    these.get(place).copied()
}
