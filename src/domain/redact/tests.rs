//! What is hidden and what survives.

use super::*;
use proptest::prelude::*;

#[test]
fn hides_what_must_not_be_stored() {
    use Hidden::{Card, Code, Iban};
    for (text, expected, kinds) in [
        ("my card is 4111 1111 1111 1111 ok", "my card is •••• •••• •••• 1111 ok", vec![Card]),
        ("4111111111111111", "•••• •••• •••• 1111", vec![Card]),
        ("5500-0000-0000-0004.", "•••• •••• •••• 0004.", vec![Card]),
        ("amex 3782 822463 10005", "amex •••• •••• •••• 0005", vec![Card]),
        ("card:4111111111111111,cvv:123", "card:•••• •••• •••• 1111,cvv:•••", vec![Card, Code]),
        ("4111 1111 1111 1111 12/27 123", "•••• •••• •••• 1111 12/27 •••", vec![Card, Code]),
        ("4111111111111111 exp 12/2027, 987!", "•••• •••• •••• 1111 exp 12/2027, •••!", vec![Card, Code]),
        ("the security code is 1234", "the security code is •••", vec![Code]),
        ("4\u{200B}111\u{00A0}1111\u{2011}1111 1111", "•••• •••• •••• 1111", vec![Card]),
        ("４１１１ １１１１ １１１１ １１１１", "•••• •••• •••• 1111", vec![Card]),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "•••• •••• •••• 1111", vec![Card]),
        ("pay to GB29 NWBK 6016 1331 9268 19 please", "pay to GB•• •••• •••• 6819 please", vec![Iban]),
        ("NL91ABNA0417164300", "NL•• •••• •••• 4300", vec![Iban]),
        ("de89370400440532013000, thanks", "de•• •••• •••• 3000, thanks", vec![Iban]),
        ("one 4111111111111111 two 5555555555554444", "one •••• •••• •••• 1111 two •••• •••• •••• 4444", vec![Card, Card]),
    ] {
        let redacted = redact(text);
        assert_eq!(redacted.text, expected, "{text}");
        assert_eq!(redacted.kinds, kinds, "{text}");
    }
}

#[test]
fn lets_everything_else_through() {
    for text in [
        "order NOR-48213 is late",
        "call me on +44 7700 900123 or 020 7946 0958",
        "+49 1512 3456784",
        "tracking 9400100000000000000012",
        "JJD014600003012345671",
        "4111 1111 1111 1112",
        "on 2026-12-04 and 2026-11-20 I paid 45.00 and 33.34",
        "D-7F3K2",
        "DE12 is not an account",
        "",
        "çok naïve ‼ 日本語",
    ] {
        assert!(matches!(redact(text), Redacted { text: Cow::Borrowed(same), ref kinds } if same == text && kinds.is_empty()), "{text}");
    }
}

#[test]
fn masks_contact_data() {
    assert_eq!(mask_email("amelia@example.com"), "a•••@example.com");
    assert_eq!(mask_email("@"), "•••");
    assert_eq!(mask_email(""), "");
    assert_eq!(mask_phone("+44 7700 900123"), "+44 ••• 123");
    assert_eq!(mask_phone("07700900123"), "••• 123");
    assert_eq!(mask_phone("12"), "•••");
}

/// Digits with a check digit that makes them pass.
fn with_check_digit(mut digits: Vec<u32>) -> Vec<u32> {
    let check = (0..10).find(|check| {
        let mut all = digits.clone();
        all.push(*check);
        passes_luhn(&all)
    });
    digits.push(check.expect("one of ten passes"));
    digits
}

proptest! {
    #[test]
    fn no_card_number_survives(
        digits in prop::collection::vec(0u32..10, 12..19),
        gaps in prop::collection::vec(prop::sample::select(vec!["", "", "", " ", "-", " - ", "\u{200B}"]), 19),
        before in "[a-zA-Z ,.!?]{0,20}",
        after in "([a-zA-Z,.!?][a-zA-Z0-9 ,.!?]{0,20})?",
    ) {
        let digits = with_check_digit(digits);
        let number: String = digits.iter().zip(&gaps).enumerate().map(|(place, (digit, gap))| if place == 0 { digit.to_string() } else { format!("{gap}{digit}") }).collect();
        let text = format!("{before}{number}{after}");
        let redacted = redact(&text);
        prop_assert!(!redacted.kinds.is_empty(), "{}", text);
        prop_assert!(!redacted.text.contains(&number));
        for list in group_lists(&redacted.text) {
            for from in 0..list.len() {
                prop_assert!(card_at(&redacted.text, &list[from..]).is_none(), "{}", redacted.text);
            }
        }
    }

    #[test]
    fn anything_can_be_read(text in "\\PC*") {
        let once = redact(&text);
        let twice = redact(&once.text);
        prop_assert_eq!(&twice.text, &once.text);
    }

    #[test]
    fn digits_alone_never_pass(text in "[0-9 .-]{0,60}") {
        let redacted = redact(&text);
        for list in group_lists(&redacted.text) {
            for from in 0..list.len() {
                prop_assert!(card_at(&redacted.text, &list[from..]).is_none(), "{}", redacted.text);
            }
        }
    }
}
