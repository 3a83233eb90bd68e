//! Does this answer fit this slot?

use super::choose::{only, pick};
use super::flow::{Slot, SlotKind};
use super::hear::Heard;
use super::{OptionOffer, StepContext};
use crate::domain::money::Currency;
use crate::understanding::{Act, EntityValue, Which};
use jiff::civil::Date;
use serde_json::{Map, Value as Json};

/// The most characters of a text slot.
pub(super) const TEXT_CHARS: usize = 1000;

/// Whether an answer fits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fit {
    /// It does; `sure` when the message is hardly about anything else, `counted` when an option was only counted ("the second one").
    Value { value: Json, sure: bool, counted: bool },
    /// It fits several options: positions in the offer.
    Several(Vec<usize>),
    /// It does not.
    No,
}

impl Fit {
    fn sure(value: impl Into<Json>) -> Self {
        Fit::Value { value: value.into(), sure: true, counted: false }
    }

    /// A value that was picked out of the message: a long message may be about something else.
    fn of(value: Option<impl Into<Json>>, heard: &Heard) -> Self {
        value.map_or(Fit::No, |value| Fit::Value { value: value.into(), sure: heard.words.len() <= 8, counted: false })
    }
}

/// Whether a message answers the slot's question.
pub(super) fn fit(slot: &Slot, offered: &[OptionOffer], heard: &Heard, context: &StepContext) -> Fit {
    let few = heard.words.len() <= 4;
    let skips = heard.does(Act::Skip) || (few && heard.does(Act::No) && matches!(slot.kind, SlotKind::Text | SlotKind::Reference));
    if slot.optional && skips {
        return Fit::sure(Json::Null);
    }
    match &slot.kind {
        SlotKind::Text => {
            let text = heard.text.trim();
            if text.is_empty() { Fit::No } else { Fit::sure(text.chars().take(TEXT_CHARS).collect::<String>()) }
        }
        SlotKind::YesNo => Fit::of(heard.yes_or_no(), heard),
        SlotKind::Choice(options) => {
            let matching = options.iter().filter(|option| option.matches.iter().any(|pattern| pattern.is_match(heard.text)));
            if let Some(option) = only(matching) {
                return Fit::sure(option.id.as_str());
            }
            let offered: Vec<_> = offered.iter().filter_map(|offer| Some((value_of(&offer.id)?, offer.label.as_str()))).collect();
            let labels: Vec<_> = offered.iter().map(|(_, label)| *label).collect();
            let pick = pick(&labels, &[], heard);
            match pick.which {
                Which::One(index) => Fit::Value { value: Json::from(offered[index].0), sure: pick.sure, counted: pick.counted },
                Which::Several(several) if pick.sure => Fit::Several(several),
                Which::Several(_) | Which::None => Fit::No,
            }
        }
        SlotKind::Date { past, future } => {
            let dates = heard.values().filter_map(|value| if let EntityValue::Date(date) = value { Some(*date) } else { None });
            Fit::of(in_range(dates, *past, *future, context.today).map(|date| date.to_string()), heard)
        }
        SlotKind::Money => {
            let said = heard.values().find_map(|value| money(value, context));
            let whole = || {
                heard.values().find_map(|value| if let EntityValue::Number(whole) = value { minor_units(*whole, context) } else { None })
            };
            let other = heard.values().any(|value| matches!(value, EntityValue::Money { .. }));
            Fit::of(said.or_else(|| whole().filter(|_| !other)), heard)
        }
        SlotKind::Number { min, max } => {
            let number = heard.values().find_map(|value| match value {
                EntityValue::Number(number) | EntityValue::Days(number) => Some(*number),
                EntityValue::Money { .. }
                | EntityValue::Date(_)
                | EntityValue::Order(_)
                | EntityValue::Dispute(_)
                | EntityValue::Ordinal(_)
                | EntityValue::Reference(_)
                | EntityValue::Email(_)
                | EntityValue::Phone(_)
                | EntityValue::Postcode(_) => None,
            });
            let number = number.or_else(|| heard.text.trim().parse().ok());
            Fit::of(number.filter(|n| min.is_none_or(|min| *n >= min) && max.is_none_or(|max| *n <= max)), heard)
        }
        SlotKind::Reference => Fit::of(reference(heard), heard),
        SlotKind::Record => Fit::No,
    }
}

/// The value in an option's id (`o7.lost` gives `lost`), if it has one.
pub(super) fn value_of(option: &str) -> Option<&str> {
    option.split_once('.').map(|(_, value)| value)
}

fn currency(context: &StepContext) -> Option<Currency> {
    context.customer.get("currency").and_then(Json::as_str).and_then(Currency::parse)
}

/// An amount in the customer's currency; one in another is no answer.
fn money(value: &EntityValue, context: &StepContext) -> Option<i64> {
    match value {
        EntityValue::Money { minor, currency: said } => {
            let same = said.is_none_or(|said| currency(context).is_none_or(|theirs| theirs == said));
            same.then_some(*minor)
        }
        EntityValue::Number(_)
        | EntityValue::Date(_)
        | EntityValue::Days(_)
        | EntityValue::Order(_)
        | EntityValue::Dispute(_)
        | EntityValue::Ordinal(_)
        | EntityValue::Reference(_)
        | EntityValue::Email(_)
        | EntityValue::Phone(_)
        | EntityValue::Postcode(_) => None,
    }
}

fn minor_units(whole: i64, context: &StepContext) -> Option<i64> {
    whole.checked_mul(10_i64.checked_pow(currency(context).map_or(2, Currency::exponent))?)
}

/// The first date on the right side of today. What names no year or no week comes with a reading on either side.
fn in_range(mut dates: impl Iterator<Item = Date>, past: bool, future: bool, today: Date) -> Option<Date> {
    dates.find(|date| (!past || *date <= today) && (!future || *date >= today))
}

fn reference(heard: &Heard) -> Option<String> {
    let named = heard.reading.entities.iter().find_map(|entity| match &entity.value {
        EntityValue::Reference(name) | EntityValue::Order(name) | EntityValue::Dispute(name) => Some(name.clone()),
        EntityValue::Money { .. }
        | EntityValue::Date(_)
        | EntityValue::Days(_)
        | EntityValue::Ordinal(_)
        | EntityValue::Number(_)
        | EntityValue::Email(_)
        | EntityValue::Phone(_)
        | EntityValue::Postcode(_) => None,
    });
    named.or_else(|| {
        let fits = |word: &&str| word.len() >= 3 && !word.contains('@') && word.contains(|c: char| c.is_ascii_digit());
        let mut parts = heard.text.split_whitespace().filter(fits);
        parts.next().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).chars().take(64).collect())
    })
}

/// Values for slots with `prefill` from the message that started the flow; the same words fill one slot.
pub(super) fn prefill<'s>(slots: impl Iterator<Item = &'s Slot>, heard: &Heard, context: &StepContext) -> Map<String, Json> {
    let mut filled = Map::new();
    let mut left: Vec<_> = heard.reading.entities.iter().collect();
    // A number that may be somebody's phone or postcode is no reference, unless it was asked for.
    let private = |value: &EntityValue| matches!(value, EntityValue::Phone(_) | EntityValue::Postcode(_));
    let taken: Vec<_> = left.iter().filter(|entity| private(&entity.value)).map(|entity| entity.start..entity.end).collect();
    left.retain(|entity| !taken.iter().any(|range| range.contains(&entity.start)));
    for slot in slots.filter(|slot| slot.prefill) {
        let found = left.iter().find_map(|entity| {
            let value = match (&slot.kind, &entity.value) {
                (SlotKind::Date { past, future }, EntityValue::Date(date)) => {
                    Json::from(in_range(std::iter::once(*date), *past, *future, context.today)?.to_string())
                }
                (SlotKind::Money, value @ EntityValue::Money { .. }) => Json::from(money(value, context)?),
                (SlotKind::Reference, EntityValue::Reference(name) | EntityValue::Order(name) | EntityValue::Dispute(name)) => {
                    Json::from(name.as_str())
                }
                (_, _) => return None,
            };
            Some((entity.start..entity.end, value))
        });
        if let Some((words, value)) = found {
            left.retain(|entity| entity.end <= words.start || entity.start >= words.end);
            filled.insert(slot.name.clone(), value);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::Level;
    use crate::understanding::{Decision, Entity, Reading};
    use serde_json::json;

    fn answer(kind: SlotKind, optional: bool, text: &str, acts: &[Act], entities: &[EntityValue]) -> Option<Json> {
        let entity = |value: &EntityValue| Entity { value: value.clone(), text: String::new(), start: 0, end: 0 };
        let reading = Reading {
            intents: vec![],
            decision: Decision::Abstain,
            also: vec![],
            safety: None,
            acts: acts.to_vec(),
            entities: entities.iter().map(entity).collect(),
            language: "en",
            why: String::new(),
        };
        let context = StepContext {
            now: jiff::Timestamp::UNIX_EPOCH,
            today: Date::constant(2026, 12, 4),
            level: Level(1),
            customer: json!({"currency": "JPY"}),
            locale: "en".to_owned(),
            article: None,
            proposal: None,
        };
        let slot = Slot { name: "s".to_owned(), kind, ask: None, help: None, optional, prefill: false };
        match fit(&slot, &[], &Heard::new(text, &reading), &context) {
            Fit::Value { value, .. } => Some(value),
            Fit::Several(_) | Fit::No => None,
        }
    }

    #[test]
    fn answers_fit_by_kind() {
        let date = |text: &str| EntityValue::Date(text.parse().expect("a date"));
        let yen = |minor| EntityValue::Money { minor, currency: Currency::parse("JPY") };
        let euros = |minor| EntityValue::Money { minor, currency: Currency::parse("EUR") };
        let past = SlotKind::Date { past: true, future: false };
        let future = SlotKind::Date { past: false, future: true };
        let few = SlotKind::Number { min: Some(1), max: Some(5) };
        for (kind, optional, text, acts, entities, expected) in [
            (SlotKind::Text, false, " well ", vec![], vec![], Some(json!("well"))),
            (SlotKind::Text, false, "  ", vec![], vec![], None),
            (SlotKind::Text, true, "nope", vec![Act::No], vec![], Some(json!(null))),
            (SlotKind::YesNo, false, "yes", vec![Act::Yes], vec![], Some(json!(true))),
            (SlotKind::YesNo, false, "no yes", vec![Act::No, Act::Yes], vec![], None),
            (SlotKind::YesNo, false, "hm", vec![], vec![], None),
            (past.clone(), false, "12 dec", vec![], vec![date("2026-12-12"), date("2025-12-12")], Some(json!("2025-12-12"))),
            (past.clone(), false, "tomorrow", vec![], vec![date("2026-12-05")], None),
            (past.clone(), false, "2026-12-12", vec![], vec![date("2026-12-12")], None),
            (past, true, "no idea", vec![Act::Skip], vec![], Some(json!(null))),
            (future, false, "3 dec", vec![], vec![date("2026-12-03"), date("2027-12-03")], Some(json!("2027-12-03"))),
            (SlotKind::Money, false, "45", vec![], vec![EntityValue::Number(45)], Some(json!(45))),
            (SlotKind::Money, false, "2 of 450 yen", vec![], vec![EntityValue::Number(2), yen(450)], Some(json!(450))),
            (SlotKind::Money, false, "45 euros", vec![], vec![euros(4500)], None),
            (SlotKind::Money, false, "x", vec![], vec![EntityValue::Number(i64::MAX)], Some(json!(i64::MAX))),
            (few.clone(), false, "6", vec![], vec![], None),
            (few, false, "5", vec![], vec![], Some(json!(5))),
            (SlotKind::Reference, false, "it is AB12, ok", vec![], vec![], Some(json!("AB12"))),
            (SlotKind::Reference, false, "dunno", vec![], vec![], None),
        ] {
            assert_eq!(answer(kind.clone(), optional, text, &acts, &entities), expected, "{kind:?} {text}");
        }
    }
}
