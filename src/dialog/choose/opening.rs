//! Which record the message that started a flow is about, so that nobody is asked what they have just said: "where is my refund from
//! Nordlys", "those shoes never came", "NOR-48213". Only what names a thing counts here, not what merely sounds like one.

use super::super::hear::Heard;
use super::{Offer, with_value};
use crate::understanding::{EntityValue, Which, name_fit, plain_words};
use serde_json::Value as Json;

/// Words that introduce a thing; accents are folded.
const INTRODUCE: &[&str] = &[
    "the", "my", "our", "these", "those", "that", "this", "of", "min", "mina", "mitt", "den", "det", "de", "dom", "mein", "meine",
    "meinen", "meiner", "der", "die", "das", "diese", "mijn", "het",
];
/// Words that are in many labels or name no goods.
const COMMON: &[&str] = &[
    "order", "orders", "purchase", "payment", "payments", "parcel", "package", "delivery", "refund", "return", "money", "account", "shop",
    "store", "item", "items", "thing", "things", "year", "left", "fee", "charged", "date", "days", "later",
];

/// The one record that the message names, if it names exactly one.
pub(in crate::dialog) fn described(labels: &[&str], records: &[Json], heard: &Heard) -> Option<usize> {
    let offer = Offer { labels, records };
    let mut left = offer.all();
    let mut named = false;
    let mut to = |these: Vec<usize>| {
        if !these.is_empty() {
            left.retain(|index| these.contains(index));
            named = true;
        }
    };
    for value in heard.values() {
        match value {
            EntityValue::Order(_) | EntityValue::Dispute(_) => {
                let these = with_value(&offer, value);
                if these.is_empty() {
                    return None;
                }
                to(these);
            }
            EntityValue::Money { currency: Some(_), .. } => to(with_value(&offer, value)),
            EntityValue::Money { .. }
            | EntityValue::Date(_)
            | EntityValue::Days(_)
            | EntityValue::Ordinal(_)
            | EntityValue::Number(_)
            | EntityValue::Reference(_)
            | EntityValue::Email(_)
            | EntityValue::Phone(_)
            | EntityValue::Postcode(_) => {}
        }
    }
    let stores = offer.of_store(heard.text);
    let names = |index: &usize| records.get(*index).and_then(|record| record.get("merchant")).and_then(Json::as_str);
    let surely = |index: &usize| names(index).is_some_and(|name| name_fit(heard.text, name) >= 2 || name.len() >= 7);
    to(stores.into_iter().filter(surely).collect());
    to(goods(&offer, heard.text));
    match Which::of(left) {
        Which::One(index) if named => Some(index),
        Which::One(_) | Which::Several(_) | Which::None => None,
    }
}

/// Those whose goods are named behind "my", "the", "those" …
fn goods(offer: &Offer, text: &str) -> Vec<usize> {
    let words = plain_words(text);
    let goods: Vec<Vec<String>> =
        offer.records.iter().map(|record| record.get("items_text").and_then(Json::as_str).map(plain_words).unwrap_or_default()).collect();
    let mut found: Vec<usize> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let introduced = at > 0 && (INTRODUCE.contains(&words[at - 1].as_str()) || (at > 1 && INTRODUCE.contains(&words[at - 2].as_str())));
        if word.len() < 3 || !introduced || COMMON.contains(&word.as_str()) || INTRODUCE.contains(&word.as_str()) {
            continue;
        }
        found.extend((0..goods.len()).filter(|index| goods[*index].iter().any(|other| same_goods(word, other))));
    }
    found.sort_unstable();
    found.dedup();
    if found.len() == offer.labels.len() { Vec::new() } else { found }
}

/// The same word, or its plural.
fn same_goods(said: &str, word: &str) -> bool {
    let plural = |one: &str, many: &str| {
        many.strip_suffix("es").or_else(|| many.strip_suffix('s')) == Some(one) || many.strip_suffix('s') == Some(one)
    };
    said == word || (said.len() >= 4 && (plural(said, word) || plural(word, said)))
}
