//! What customers say about offered records, read by the real reader, and which are meant.

use super::*;
use crate::domain::market::Market;
use crate::understanding::{ReadContext, Reading, Understander};
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

static READER: LazyLock<Understander> = LazyLock::new(|| Understander::train(&[], &std::sync::Arc::default()).expect("no patterns"));

fn read(text: &str) -> Reading {
    READER.read(text, &ReadContext::of(Market::of("GB"), "2026-12-04T12:00:00Z".parse().expect("an instant")))
}

/// Orders as a flow offers them, newest first.
fn orders() -> (Vec<String>, Vec<Json>) {
    let order = |store: &str, items: &str, number: &str, total: i64, day: &str| {
        let label = format!("{store}: {items}, £{}.{:02}, {day} ({number})", total / 100, total % 100);
        (label, json!({"merchant": store, "items_text": items, "ref": number, "total_minor": total, "currency": "GBP", "placed_on": day}))
    };
    [
        order("Nordlys", "blue running shoes", "NOR-48213", 8_999, "2026-11-30"),
        order("Kettle & Co", "kettle", "KET-30412", 3_500, "2026-11-20"),
        order("Nordlys", "winter coat", "NOR-47755", 12_000, "2026-11-10"),
        order("Wildhive Home", "blue table cloth", "WIL-55107", 3_500, "2026-10-01"),
    ]
    .into_iter()
    .unzip()
}

fn which(text: &str, labels: &[String], records: &[Json]) -> Which {
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    pick(&labels, records, &Heard::new(text, &read(text))).which
}

#[test]
fn descriptions_of_orders() {
    let (labels, records) = orders();
    let one = Which::One;
    let several = |indices: &[usize]| Which::Several(indices.to_vec());
    let wrong: Vec<String> = [
        // By their goods.
        ("the shoes", one(0)),
        ("the shoe one please", one(0)),
        ("teh runing shoes", one(0)),
        ("the blue one", several(&[0, 3])),
        ("the blue shoes", one(0)),
        ("the cloth", one(3)),
        ("die Tischdecke", Which::None),
        // By the store.
        ("the one from nordlys", several(&[0, 2])),
        ("that nordlys thing", several(&[0, 2])),
        ("wild hive", one(3)),
        ("wildhyve", one(3)),
        ("ketle", one(1)),
        ("kettleandco", one(1)),
        ("the nordlys coat", one(2)),
        ("nordlis winter", one(2)),
        // By number, amount and day.
        ("NOR-47755", one(2)),
        ("nor47755", one(2)),
        ("order 55107", one(3)),
        ("NOR-99999", Which::None),
        ("the £120 one", one(2)),
        ("the 120 pound one", one(2)),
        ("the 120 one", one(2)),
        ("the £90 one", one(0)),
        ("the £35 one", several(&[1, 3])),
        ("the 35 one from wildhive", one(3)),
        ("the 120 euro one", Which::None),
        ("the one from Monday", one(0)),
        ("the one of 20 november", one(1)),
        ("the one i bought on 10/11", one(2)),
        // By place.
        ("2", one(1)),
        ("2️⃣", one(1)),
        ("the second one", one(1)),
        ("number three", one(2)),
        ("den andra", one(1)),
        ("die dritte", one(2)),
        ("the last one", one(3)),
        ("the ninth", Which::None),
        ("zero", Which::None),
        ("the second nordlys one", one(2)),
        // By rank.
        ("the most expensive one", one(2)),
        ("the expensive one", one(2)),
        ("the cheapest", several(&[1, 3])),
        ("the cheaper nordlys one", one(0)),
        ("the cheaper one", several(&[0, 1, 2, 3])),
        ("the latest", one(0)),
        ("my most recent order", one(0)),
        ("my last order", one(0)),
        ("the oldest", one(3)),
        ("the older nordlys order", one(2)),
        ("den äldre från nordlys", one(2)),
        ("die teuerste", one(2)),
        ("den billigaste", several(&[1, 3])),
        ("the least expensive nordlys one", one(0)),
        // By what it is not.
        ("not the shoes, the coat", one(2)),
        ("the coat not the shoes", one(2)),
        ("not from nordlys", several(&[1, 3])),
        ("it's not the first one, its the second", one(1)),
        ("not the blue ones", several(&[1, 2])),
        ("i did not get the shoes", one(0)),
        // Contradictions and all of them.
        ("the £35 coat", several(&[1, 2, 3])),
        ("the shoes and the coat", several(&[0, 2])),
        ("both", several(&[0, 1, 2, 3])),
        ("all of them", several(&[0, 1, 2, 3])),
        ("both nordlys ones", several(&[0, 2])),
        // Nothing that tells.
        ("who are you", Which::None),
        ("yes", Which::None),
        ("i don't know", Which::None),
        ("", Which::None),
        ("😀", Which::None),
    ]
    .into_iter()
    .filter_map(|(text, wanted)| {
        let got = which(text, &labels, &records);
        (got != wanted).then(|| format!("{text}: {got:?} (not {wanted:?})"))
    })
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn two_are_compared() {
    let (labels, records) = orders();
    for (text, wanted) in [
        ("the cheaper one", 1),
        ("the more expensive one", 0),
        ("the less expensive one", 1),
        ("the older order", 1),
        ("the newer one", 0),
        ("den dyrare", 0),
        ("die günstigere", 1),
        ("not the kettle", 0),
        ("not the first one", 1),
    ] {
        assert_eq!(which(text, &labels[..2], &records[..2]), Which::One(wanted), "{text}");
    }
}

#[test]
fn options_without_records() {
    let labels: Vec<String> = ["The day", "The amount", "Both"].map(str::to_owned).into();
    for (text, wanted) in [
        ("the amount", Which::One(1)),
        ("both", Which::One(2)),
        ("2", Which::One(1)),
        ("last one", Which::One(2)),
        ("the cheapest", Which::None),
    ] {
        assert_eq!(which(text, &labels, &[]), wanted, "{text}");
    }
    assert_eq!(which("yes please", &labels[..1], &[]), Which::One(0));
    assert_eq!(which("no", &labels[..1], &[]), Which::None);
}

#[test]
fn what_an_opening_message_names() {
    let (labels, records) = orders();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    for (text, wanted) in [
        ("where is my refund for the coat from nordlys", Some(2)),
        ("klarna keeps sending me reminders but i sent those shoes back 2 wks ago???", Some(0)),
        ("my kettle never arrived", Some(1)),
        ("wildhive hasn't refunded me", Some(3)),
        ("NOR-47755 is late", Some(2)),
        ("order 99999 from wildhive is late", None),
        ("i want to return the £120 order", Some(2)),
        ("nordlys never sent my order", None),
        ("i'm running late with my payment", None),
        ("i was blue when winter came", None),
        ("where is my order", None),
        ("the second one is late", None),
        ("i bought the shoes and the coat", None),
    ] {
        assert_eq!(described(&labels, &records, &Heard::new(text, &read(text))), wanted, "{text}");
    }
}

proptest! {
    #[test]
    fn any_answer_is_taken(text in prop_oneof!["\\PC{0,120}", "(not|the|shoes|coat|nordlys|2|first|last|,|but|both|cheaper|£35|-|é| | ){0,12}"]) {
        let (labels, records) = orders();
        match which(&text, &labels, &records) {
            Which::One(index) => prop_assert!(index < labels.len()),
            Which::Several(several) => {
                prop_assert!(several.len() > 1 && several.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(several.iter().all(|index| *index < labels.len()));
            }
            Which::None => {}
        }
    }
}
