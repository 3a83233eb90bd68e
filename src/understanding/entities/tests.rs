//! What is read from messages, in tables, and what holds for any text.

use super::*;
use crate::domain::format;
use crate::domain::market::{CODES, Market};
use crate::domain::money::Currency;
use proptest::prelude::*;

/// Friday 4 December 2026 in a market, or in the British market with another currency.
pub(crate) fn context(market: &str) -> ReadContext {
    let now = "2026-12-04T12:00:00Z".parse().expect("a time");
    match CODES.contains(&market) {
        true => ReadContext::of(Market::of(market), now),
        false => ReadContext { currency: Currency::parse(market), ..ReadContext::of(Market::of("GB"), now) },
    }
}

/// The entities in a short form; readings of the same words are joined by "or".
pub(crate) fn short_in(text: &str, market: &str) -> String {
    let entities = find(text, &context(market));
    let name = |currency: &Option<Currency>| currency.map_or("?", Currency::code);
    let mut line = String::new();
    let mut before: Option<&Entity> = None;
    for entity in &entities {
        assert_eq!(&text[entity.start..entity.end], entity.text, "{text}");
        let (kind, value) = match &entity.value {
            EntityValue::Money { minor, currency } => ("money", format!("{minor} {}", name(currency))),
            EntityValue::Date(date) => ("date", date.to_string()),
            EntityValue::Days(days) => ("days", days.to_string()),
            EntityValue::Order(order) => ("order", order.clone()),
            EntityValue::Dispute(dispute) => ("dispute", dispute.clone()),
            EntityValue::Ordinal(ordinal) => ("ordinal", ordinal.to_string()),
            EntityValue::Number(number) => ("number", number.to_string()),
            EntityValue::Reference(reference) => ("reference", reference.clone()),
            EntityValue::Email(email) => ("email", email.clone()),
            EntityValue::Phone(phone) => ("phone", phone.clone()),
            EntityValue::Postcode(postcode) => ("postcode", postcode.clone()),
        };
        let dates = |before: &Entity| matches!((&before.value, &entity.value), (EntityValue::Date(_), EntityValue::Date(_)));
        match before {
            None => line.push_str(&format!("{kind} {value}")),
            Some(before) if before.start == entity.start && dates(before) => line.push_str(&format!(" or {value}")),
            Some(_) => line.push_str(&format!(", {kind} {value}")),
        }
        before = Some(entity);
    }
    line
}

/// Compares the short forms of many texts, and tells all that differ.
pub(crate) fn check(cases: &[(&str, &str, &str)]) {
    let told = |(text, market, wanted): &(&str, &str, &str)| {
        let got = short_in(text, market);
        (got != *wanted).then(|| format!("{text} in {market}: {got} (not {wanted})"))
    };
    let wrong: Vec<String> = cases.iter().filter_map(told).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As `check`, in the British market.
pub(crate) fn check_british(cases: &[(&str, &str)]) {
    check(&cases.iter().map(|&(text, wanted)| (text, "GB", wanted)).collect::<Vec<_>>());
}

#[test]
fn numbers_ids_ordinals() {
    check_british(&[
        ("D-7F3K2", "dispute D-7F3K2"),
        ("what about d-7f3k2?", "dispute D-7F3K2"),
        ("dispute 7F3K2", "dispute D-7F3K2"),
        ("ärende 7F3K2", "dispute D-7F3K2"),
        ("d-later", ""),
        ("order NOR-48213 is late", "order NOR-48213"),
        ("it's #48213.", "order 48213"),
        ("order number 48213", "order 48213"),
        ("my order 48213", "order 48213"),
        ("Bestellnummer 48213", "order 48213"),
        ("order 482137777777777777777777777", "reference 482137777777777777777777777"),
        ("the second one", "ordinal 2"),
        ("2nd", "ordinal 2"),
        ("the 2nd one please", "ordinal 2"),
        ("last one", "ordinal -1"),
        ("the last one", "ordinal -1"),
        ("the last", "ordinal -1"),
        ("first", "ordinal 1"),
        ("den andra", "ordinal 2"),
        ("die zweite bitte", "ordinal 2"),
        ("de derde", "ordinal 3"),
        ("toinen", "ordinal 2"),
        ("den sista", "ordinal -1"),
        ("den 2:a", "date 2027-01-02 or 2026-12-02, ordinal 2"),
        ("first of all where is it", ""),
        ("just a second", ""),
        ("top one", "ordinal 1"),
        ("2", "number 2"),
        ("two", "number 2"),
        ("två", "number 2"),
        ("2️⃣", "number 2"),
        ("option three", "number 3"),
        ("one", "number 1"),
        ("this one", ""),
        ("twenty five", "number 25"),
        ("1Z999AA10123784", "reference 1Z999AA10123784"),
        ("tracking is JD0146000", "reference JD0146000"),
        ("call me at 10:30", ""),
        ("50% off", ""),
        ("no", ""),
        ("i paid it and the shop has sent it to my son on the way", ""),
    ]);
}

#[test]
fn ranges_fit_any_writing() {
    let text = "Größe: £45 — und ‘D-7F3K2’ 😀 2nd \u{202e}12.12.2026";
    let entities = find(text, &context("GB"));
    let texts: Vec<_> = entities.iter().map(|entity| entity.text.as_str()).collect();
    assert_eq!(texts, ["£45", "D-7F3K2", "2nd", "12.12.2026"]);
}

/// Bits of messages that readers look for, in many wrong orders.
const BITS: &str = "(in|next|last|the|a|den|der|i|om|vor|för|two|zwei|hundra|en|und|and|to|-|–|days|Wochen|månad|ago|sedan|dec|mars|fredag|friday|week|end|of|\
    £|€|kr|euro|p|k|#|D-|NOR-|@|\\.|,|:|/|\\+|0|00|[0-9]{1,9}|[0-9]{1,3}[./,:-][0-9]{1,3}|[0-9]{40}|SW1A|1AA|zip|order|😀|\u{202e}|\u{200f}|\u{301}| | ){0,24}";

proptest! {
    #[test]
    fn any_text_is_read(text in prop_oneof!["\\PC{0,200}", "[0-9a-z£€$#@./:, -]{0,80}", BITS], market in 0..CODES.len()) {
        let entities = find(&text, &context(CODES[market]));
        prop_assert!(entities.len() <= MOST + 4);
        for entity in &entities {
            prop_assert_eq!(text.get(entity.start..entity.end), Some(entity.text.as_str()));
            prop_assert!(!entity.text.is_empty());
        }
        prop_assert!(entities.windows(2).all(|pair| pair[0].start <= pair[1].start));
        // Two entities have the same words, or words of their own.
        prop_assert!(entities.windows(2).all(|pair| pair[0].end <= pair[1].start || pair[0].start == pair[1].start), "{:?}", entities);
    }

    #[test]
    fn amounts_that_we_write_are_read_back(minor in 0_i64..5_000_000_000, market in 0..CODES.len(), locale in 0..3_usize) {
        let currency = Market::of(CODES[market]).currency;
        // At most a hundred million of the unit.
        let minor = minor % (100_000_000 * 10_i64.pow(currency.exponent()));
        let text = format::money(minor, currency, ["en", "sv", "de"][locale]);
        let read: Vec<_> = find(&text, &context(CODES[market])).into_iter().map(|entity| (entity.value, entity.text.len())).collect();
        prop_assert_eq!(read, vec![(EntityValue::Money { minor, currency: Some(currency) }, text.len())], "{}", text);
    }
}

#[test]
fn three_decimals_are_read_back() {
    let dinar = Currency::parse("KWD").expect("a currency");
    for minor in [1, 12_345, 1_234_567, 123_456_789] {
        let read: Vec<_> = find(&format::money(minor, dinar, "en"), &context("GB")).into_iter().map(|entity| entity.value).collect();
        assert_eq!(read, [EntityValue::Money { minor, currency: Some(dinar) }]);
    }
}

#[test]
fn work_is_bounded() {
    for bit in [
        "1 ",
        "1",
        "a ",
        "two hundred and ",
        "the ",
        "next ",
        "1-",
        "0 ",
        "+1 ",
        "£",
        "@a.b ",
        "en ",
        "zweiund",
        "in ",
        "1 2 3 ",
        "😀",
        "\u{301}",
    ] {
        let text = bit.repeat(16 * 1024 / bit.len());
        assert!(find(&text, &context("US")).len() <= MOST + 4, "{bit}");
    }
}
