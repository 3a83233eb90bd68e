//! What is hidden, what stays, and that everything comes back.

use super::*;
use proptest::prelude::*;

fn hidden(text: &str) -> String {
    Mask::knowing(["Maya Lindqvist", "maya@post.example"]).hide(text)
}

#[test]
fn hides_what_is_personal_in_many_countries() {
    for (text, expected) in [
        ("card 4111 1111 1111 1111", "card [CARD_1]"),
        ("card •••• •••• •••• 1111 and GB•• •••• •••• 6819", "card [CARD_1] and [IBAN_1]"),
        ("iban GB29 NWBK 6016 1331 9268 19 ok", "iban [IBAN_1] ok"),
        ("mail me at jo.o'neil+x@mail.example.co.uk or jo (at) mail dot com", "mail me at [CONTACT_1] or [CONTACT_2]"),
        ("call +44 7700 900123 or 020 7946 0958", "call [NUMBER_1] or [NUMBER_2]"),
        ("tel (030) 901820-12", "tel [NUMBER_1]"),
        ("personnummer 19850312-1234", "[ID_1]"),
        ("my id is 850312-1234, hetu 131052-308T", "my id is [ID_1], [ID_2]"),
        ("ni QQ 12 34 56 C, ssn 078-05-1120", "ni [ID_1], [ID_2]"),
        ("born 12.03.1985 in Lund", "[BIRTH_1] in Lund"),
        ("1985-03-12 is when I was born", "[BIRTH_1] is when I was born"),
        ("12 Baker Street, London NW1 6XE", "[ADDRESS_1], [ADDRESS_2]"),
        ("Lindenstraße 12a, 10969 Berlin", "[ADDRESS_1], [ADDRESS_2]"),
        ("Storgatan 5, 211 42 Malmö", "[ADDRESS_1], [ADDRESS_2]"),
        ("12 rue de la Paix à Paris", "[ADDRESS_1] à Paris"),
        ("my name is maya lindqvist", "my name is [NAME_1]"),
        ("Ich heiße Jürgen Großmann", "Ich heiße [NAME_1]"),
        ("this is Peter Parker, Mrs Doubtfire knows", "this is [NAME_1], Mrs [NAME_2] knows"),
        ("MAYA's order", "[NAME_1]'s order"),
        ("see https://evil.example/?t=1", "see [LINK_1]"),
        ("m\u{200B}aya@post.example", "[CONTACT_1]"),
        ("tracking JJD014600003012345671", "tracking [NUMBER_1]"),
    ] {
        assert_eq!(hidden(text), expected, "{text}");
    }
}

#[test]
fn lets_matters_through() {
    for text in [
        "order NOR-48213 of 2026-11-30 for £45.00 never came, dispute D-7F3K2",
        "can i pay 3 instalments of 1,299.50 kr on 12 December",
        "my parcel should have come on Friday, this is ridiculous",
        "i am Really angry, I'm not happy",
        "wo ist meine rückerstattung?",
    ] {
        assert_eq!(hidden(text), text);
    }
}

#[test]
fn a_false_placeholder_is_no_placeholder() {
    let mut mask = Mask::default();
    let text = mask.hide("[CARD_1] and 4111 1111 1111 1111");
    assert_eq!(text, "(CARD_1) and [CARD_1]");
    assert_eq!(mask.restore("say [CARD_1]"), Some("say 4111 1111 1111 1111".to_owned()));
    assert_eq!(mask.restore("say [CARD_2]"), None);
}

#[test]
fn names_are_learnt_guessed_and_left_alone() {
    let mut mask = Mask::default();
    mask.learn("my neighbour Joost Dijkgraaf took it");
    assert_eq!(mask.hide("dijkgraaf says no, Joost too"), "[NAME_1] says no, [NAME_2] too");
    let mut mask = Mask::knowing(["Jürgen", "Öberg"]);
    assert_eq!(mask.hide("juergen or jurgen oberg"), "[NAME_1] or [NAME_2] [NAME_3]");
    for (text, expected) in [
        ("it went to Priya Raghunathan instead", "it went to [NAME_1] instead"),
        ("they left it with Zdenka Holubova, a stranger", "they left it with [NAME_1], a stranger"),
        ("my name is peter parker and i wait", "my name is [NAME_1] and i wait"),
        ("my name is not important", "my name is not important"),
        ("Where Is My Parcel Please", "Where Is My Parcel Please"),
        ("Ich habe die Rechnung Nummer zwei nicht", "Ich habe die Rechnung Nummer zwei nicht"),
        ("i will pay on Black Friday", "i will pay on Black Friday"),
        ("call 08-12 3456, it is not a date", "call [NUMBER_1], it is not a date"),
        ("it takes 7-10 days and 2-3 weeks", "it takes 7-10 days and 2-3 weeks"),
        ("Ausweis L01X00T47", "[ID_1]"),
        ("〒150-0001 東京都渋谷区神宮前1-2-3", "[ADDRESS_1] [ADDRESS_2]"),
    ] {
        assert_eq!(Mask::default().hide(text), expected, "{text}");
    }
    assert!(!Mask::default().is_personal("it went to Zdenka Holubova"), "a guess is no reason to refuse a text");
}

/// The 200 items that `tests/it/model/privacy.rs` plants through the real server: here only what hides them.
#[test]
fn two_hundred_planted_items_are_hidden() {
    let planted = include_str!("../../../tests/model/personal.jsonl");
    assert_eq!(planted.lines().count(), 200);
    for line in planted.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let (item, says) = (line["item"].as_str().expect("an item"), line["says"].as_str().expect("a message"));
        let left = Mask::default().hide(&redact::redact(says).text).to_lowercase();
        let words = |text: &str| text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
        let part = words(item).into_iter().find(|part| part.chars().count() > 1 && words(&left).contains(part));
        assert_eq!(part, None, "{item} is still in {left}");
    }
}

proptest! {
    #[test]
    fn whatever_is_hidden_comes_back(text in "\\PC{0,80}", card in "4[0-9]{3} 1111 1111 1111", name in "[A-Z][a-z]{2,8}") {
        let text = format!("{text} {card} {name}@mail.example my name is {name}");
        let mut mask = Mask::default();
        let hidden = mask.hide(&text);
        let restored = mask.restore(&hidden);
        let expected = OWN_MARK.replace_all(&seen(&text), "($1)").into_owned();
        prop_assert_eq!(restored, Some(expected));
    }

    #[test]
    fn hiding_again_finds_nothing_more(text in "\\PC{0,120}") {
        let mut mask = Mask::default();
        let once = mask.hide(&text);
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
        prop_assert!(digits(&once) <= digits(&text) + 3 * once.matches('[').count());
    }
}
