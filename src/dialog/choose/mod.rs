//! Which of the offered things is meant: its label, "the second one", "2", an order number, an amount, a date, a store's name, words
//! that only some of them have ("the blue shoes"), "the cheaper one", "the latest", "not the coat". Everything that is said narrows;
//! what fits several is asked about, never guessed.

mod opening;
mod rank;
#[cfg(test)]
mod tests;
mod words;

pub(super) use opening::described;

use super::hear::{Heard, words as lower_words};
use crate::domain::money::Currency;
use crate::understanding::{Act, EntityValue, Which, named, plain_words};
use serde_json::Value as Json;
use std::ops::Range;

/// What a message says about which of the offered things is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    /// Which one, or which of several.
    pub(super) which: Which,
    /// The message is hardly about anything else.
    pub(super) sure: bool,
    /// It was only counted ("the second one"), not described.
    pub(super) counted: bool,
}

impl Pick {
    const NONE: Pick = Pick { which: Which::None, sure: false, counted: false };

    /// The one that is meant, if it is one.
    pub(super) fn one(&self) -> Option<usize> {
        match self.which {
            Which::One(index) => Some(index),
            Which::Several(_) | Which::None => None,
        }
    }
}

/// Fields of a record whose words describe it beside its label.
const DESCRIBED_BY: [&str; 7] = ["merchant", "items_text", "ref", "order_ref", "public_no", "product", "carrier"];
/// Fields that hold a store's names.
const STORE: [&str; 2] = ["merchant", "alias"];

/// What is offered. `records` goes with `labels` when the offer is of records, and is empty otherwise.
#[derive(Clone, Copy)]
struct Offer<'a> {
    labels: &'a [&'a str],
    records: &'a [Json],
}

impl Offer<'_> {
    fn all(&self) -> Vec<usize> {
        (0..self.labels.len()).collect()
    }

    /// The records one of whose fields fits.
    fn having(&self, fits: impl Fn(&str, &Json) -> bool) -> Vec<usize> {
        let has = |index: &usize| {
            self.records.get(*index).and_then(Json::as_object).is_some_and(|record| record.iter().any(|(key, value)| fits(key, value)))
        };
        (0..self.labels.len()).filter(has).collect()
    }

    /// The words of each label and of what describes its record.
    fn described(&self) -> Vec<Vec<String>> {
        let describe = |(index, label): (usize, &&str)| {
            let mut all = plain_words(label);
            for key in DESCRIBED_BY {
                if let Some(text) = self.records.get(index).and_then(|record| record.get(key)).and_then(Json::as_str) {
                    all.extend(plain_words(text));
                }
            }
            all
        };
        self.labels.iter().enumerate().map(describe).collect()
    }

    /// Those whose store is named.
    fn of_store(&self, text: &str) -> Vec<usize> {
        let names = |record: &Json| STORE.iter().filter_map(|key| record.get(*key)?.as_str().map(str::to_owned)).collect::<Vec<_>>();
        let owned: Vec<Vec<String>> = self.records.iter().map(names).collect();
        let candidates: Vec<Vec<&str>> = owned.iter().map(|names| names.iter().map(String::as_str).collect()).collect();
        match named(text, &candidates) {
            Which::One(index) => vec![index],
            Which::Several(indices) => indices,
            Which::None => Vec::new(),
        }
    }
}

/// Which one is meant. `records` goes with `labels` when the offer is of records.
pub(super) fn pick(labels: &[&str], records: &[Json], heard: &Heard) -> Pick {
    let said = heard.text.trim();
    let exact =
        |label: &&str| label.to_lowercase() == said.to_lowercase() || (!heard.words.is_empty() && lower_words(label) == heard.words);
    if let Some(index) = labels.iter().position(exact) {
        return Pick { which: Which::One(index), sure: true, counted: false };
    }
    let offer = Offer { labels, records };
    let denied = words::denied(heard.text);
    let mut told = Told::nothing(&offer);
    if let Some(range) = &denied {
        let mut not = Told::nothing(&offer);
        not.narrow(&offer, heard, range, None);
        let counted = rank::counted(&offer.all(), heard, range, None);
        let out = match (not.described, counted) {
            (true, _) => not.left,
            (false, Some(index)) => vec![index],
            (false, None) => Vec::new(),
        };
        if !out.is_empty() && out.len() < labels.len() {
            told.left.retain(|index| !out.contains(index));
            (told.denied, told.sure) = (true, true);
        }
    }
    told.narrow(&offer, heard, &(0..heard.text.len()), denied.as_ref());
    told.decide(&offer, heard, denied.as_ref())
}

/// Those that are left after everything that was told.
struct Told {
    left: Vec<usize>,
    /// Something described them.
    described: bool,
    /// Something said what they are not.
    denied: bool,
    /// Hardly anything else was told.
    sure: bool,
    /// A number was named that none of them has.
    stranger: bool,
}

impl Told {
    fn nothing(offer: &Offer) -> Self {
        Self { left: offer.all(), described: false, denied: false, sure: false, stranger: false }
    }

    /// Narrows to these, if they are some. What contradicts the rest leaves both, to be asked about.
    fn to(&mut self, these: Vec<usize>, sure: bool) {
        if these.is_empty() {
            return;
        }
        let mut both = these.clone();
        both.retain(|index| self.left.contains(index));
        if both.is_empty() && (self.described || self.denied) {
            self.left.extend(these);
            self.left.sort_unstable();
            self.left.dedup();
        } else if both.is_empty() {
            self.left = these;
        } else {
            self.left = both;
        }
        self.described = true;
        self.sure |= sure;
    }

    /// Takes in what a part of the message says, without the part that it denies.
    fn narrow(&mut self, offer: &Offer, heard: &Heard, part: &Range<usize>, without: Option<&Range<usize>>) {
        let inside = |start: usize| part.contains(&start) && without.is_none_or(|denied| !denied.contains(&start));
        let entities: Vec<_> = heard.reading.entities.iter().filter(|entity| inside(entity.start)).collect();
        let mut place = 0;
        while place < entities.len() {
            // Readings of the same words ("Friday": two dates) are one fact.
            let same = entities[place..]
                .iter()
                .take_while(|other| other.start == entities[place].start && other.end == entities[place].end)
                .count()
                .max(1);
            let mut fitting: Vec<usize> =
                entities[place..place + same].iter().flat_map(|entity| with_value(offer, &entity.value)).collect();
            fitting.sort_unstable();
            fitting.dedup();
            self.stranger |= fitting.is_empty() && matches!(entities[place].value, EntityValue::Order(_) | EntityValue::Dispute(_));
            if fitting.len() < offer.labels.len() || offer.labels.len() == 1 {
                self.to(fitting, true);
            }
            place += same;
        }
        let text = words::without(heard.text, part, without);
        let store = offer.of_store(&text);
        if store.len() < offer.labels.len() {
            self.to(store, true);
        }
        // Amounts, dates and numbers are no words.
        let mut words = heard.text.as_bytes()[part.clone()].to_vec();
        for range in entities.iter().map(|entity| entity.start..entity.end).chain(without.cloned()) {
            let range = range.start.max(part.start)..range.end.min(part.end);
            words[range.start - part.start..range.end - part.start].fill(b' ');
        }
        let (these, sure) = words::telling(offer, &String::from_utf8_lossy(&words));
        self.to(these, sure);
    }

    /// What is left, ranked and counted.
    fn decide(mut self, offer: &Offer, heard: &Heard, denied: Option<&Range<usize>>) -> Pick {
        if self.stranger {
            return Pick::NONE;
        }
        let few = heard.words.len() <= 6;
        let whole = 0..heard.text.len();
        let ranked = rank::ranked(&self.left, offer.records, &words::without(heard.text, &whole, denied));
        if let Some(ranked) = ranked.filter(|_| few || self.described) {
            self.left = ranked;
            self.described = true;
            self.sure |= few;
        } else if !(self.described && self.left.len() == 1) {
            let all = offer.all();
            let counted = rank::counted(if self.described { &self.left } else { &all }, heard, &whole, denied);
            if let Some(index) = counted.filter(|index| self.left.contains(index)) {
                return Pick { which: Which::One(index), sure: few, counted: true };
            }
        }
        if self.described || self.denied {
            return Pick { which: Which::of(self.left), sure: self.sure, counted: false };
        }
        if offer.labels.len() == 1 && heard.does(Act::Yes) && !heard.does(Act::No) {
            return Pick { which: Which::One(0), sure: true, counted: true };
        }
        if few && words::says_all(&heard.words) {
            return Pick { which: Which::of(self.left), sure: true, counted: false };
        }
        Pick::NONE
    }
}

/// Those that an entity's value belongs to.
fn with_value(offer: &Offer, value: &EntityValue) -> Vec<usize> {
    match value {
        EntityValue::Order(name) | EntityValue::Dispute(name) | EntityValue::Reference(name) => {
            let name = bare(name);
            let tells = |label: &str| {
                label
                    .split_whitespace()
                    .map(bare)
                    .any(|token| token == name || (token.contains(char::is_alphabetic) && token.ends_with(&name)))
            };
            let holds = |record: &Json| {
                record.as_object().is_some_and(|record| record.values().filter_map(Json::as_str).any(|text| bare(text) == name))
            };
            (0..offer.labels.len()).filter(|index| tells(offer.labels[*index]) || offer.records.get(*index).is_some_and(holds)).collect()
        }
        EntityValue::Money { minor, currency } => of_amount(offer, *minor, *currency),
        // "the 45 one", where 45 counts none.
        EntityValue::Number(number) if usize::try_from(*number).is_ok_and(|number| number > offer.labels.len()) => {
            let unit = |record: &Json| record.get("currency").and_then(Json::as_str).and_then(Currency::parse).map_or(100, unit_of);
            let costs = |record: &Json| number.checked_mul(unit(record)).is_some_and(|minor| amounts(record).any(|amount| amount == minor));
            (0..offer.records.len()).filter(|index| costs(&offer.records[*index])).collect()
        }
        EntityValue::Date(date) => {
            let date = date.to_string();
            offer.having(|key, day| key.ends_with("_on") && day.as_str() == Some(&*date))
        }
        EntityValue::Days(days) => offer.having(|key, number| key == "days" && number.as_i64() == Some(*days)),
        EntityValue::Ordinal(_) | EntityValue::Number(_) | EntityValue::Email(_) | EntityValue::Phone(_) | EntityValue::Postcode(_) => {
            Vec::new()
        }
    }
}

/// Those with that amount, or with one less than a unit away when no part of a unit was said ("the £90 one" costs £89.99).
fn of_amount(offer: &Offer, minor: i64, currency: Option<Currency>) -> Vec<usize> {
    let theirs =
        |record: &Json| record.get("currency").and_then(Json::as_str).is_none_or(|code| currency.is_none_or(|said| said.code() == code));
    let near = |apart: u64| {
        let costs = |record: &Json| theirs(record) && amounts(record).any(|amount| amount.abs_diff(minor) <= apart);
        (0..offer.records.len()).filter(|index| costs(&offer.records[*index])).collect::<Vec<_>>()
    };
    let exact = near(0);
    let unit = currency.map_or(100, unit_of);
    if exact.is_empty() && minor % unit == 0 && unit > 1 { near(unit.unsigned_abs() - 1) } else { exact }
}

fn amounts(record: &Json) -> impl Iterator<Item = i64> {
    record.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with("_minor")).filter_map(|(_, amount)| amount.as_i64())
}

fn unit_of(currency: Currency) -> i64 {
    10_i64.saturating_pow(currency.exponent())
}

/// Letters and digits in lower case.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The only element, if there is exactly one.
pub(super) fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}
