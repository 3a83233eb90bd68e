//! Messages that are decided on, and what must hold for any text.

use super::*;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::sync::LazyLock;

/// A catalog of five intents.
pub(crate) fn intents() -> Vec<TrainingIntent> {
    let intent = |id: &str, title: &str, examples: &[&str], patterns: &[&str], safety: &[&str]| TrainingIntent {
        id: IntentId::from(id),
        title: title.to_owned(),
        description: title.to_owned(),
        examples: examples.iter().map(|&text| ("en".to_owned(), text.to_owned())).collect(),
        patterns: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
        safety: safety.iter().map(|&pattern| pattern.to_owned()).collect(),
        priority: u8::from(id != "self_harm_or_threat"),
    };
    vec![
        intent(
            "refund_status",
            "Where is my refund",
            &[
                "where is my refund",
                "refund still not here",
                "when do i get my money back",
                "how long does a refund take",
                "no refund yet",
                "the shop refunded me but i see nothing",
                "has my refund been sent",
                "waiting for my refund since monday",
            ],
            &[r"\bmoney back\b"],
            &[],
        ),
        intent(
            "goods_not_received",
            "My order never arrived",
            &[
                "my parcel never came",
                "order not arrived",
                "i never got the shoes",
                "nothing was delivered",
                "package is missing",
                "where is my parcel it never arrived",
                "still have not received my order",
                "the delivery never came",
            ],
            &[],
            &[],
        ),
        intent(
            "extend_due_date",
            "Pay later",
            &[
                "can i pay next week instead",
                "need more time to pay",
                "move my payment to friday",
                "can i get an extension",
                "postpone my payment",
                "pay a bit later please",
                "push the due date back",
                "can you delay my instalment",
            ],
            &[r"\b(snooze|postpone)\b"],
            &[],
        ),
        intent(
            "talk_to_human",
            "Talk to a person",
            &[
                "i want to talk to a human",
                "get me an agent",
                "real person please",
                "can i speak to someone",
                "human now",
                "connect me to support staff",
                "let me talk to a person",
                "i want to chat with an agent",
            ],
            &[],
            &[],
        ),
        intent(
            "self_harm_or_threat",
            "I may hurt myself",
            &[
                "i want to kill myself",
                "i cannot go on living",
                "i will hurt myself",
                "i want to die",
                "there is no point in living",
                "i might end my life",
                "thinking of suicide",
                "i dont want to live",
            ],
            &[],
            &[r"\b(kill|hurt) myself\b"],
        ),
    ]
}

static UNDERSTANDER: LazyLock<Understander> = LazyLock::new(|| Understander::train(&intents(), &Arc::default()).expect("good patterns"));

fn context() -> ReadContext {
    ReadContext { now: "2026-12-04T12:00:00Z".parse().expect("a time"), zone: TimeZone::UTC, currency: None, market: "" }
}

#[test]
fn messages_are_decided_on() {
    let act = |id: &str| Decision::Act(IntentId::from(id));
    for (text, decision) in [
        ("Where is my REFUND??", act("refund_status")),
        ("my parcel never arrived", act("goods_not_received")),
        ("please postpone the payment", act("extend_due_date")),
        ("i want my refund and i will kill myself", act("self_harm_or_threat")),
        ("what's the weather", Decision::Abstain),
        ("asdf qwer", Decision::Abstain),
        ("", Decision::Abstain),
        ("🎉🎉", Decision::Abstain),
        ("hello", Decision::Abstain),
        ("thanks", Decision::Abstain),
        ("yes please", Decision::Abstain),
        ("no", Decision::Abstain),
    ] {
        let reading = UNDERSTANDER.read(text, &context());
        assert_eq!(reading.decision, decision, "{text}: {reading:?}");
        assert!(!reading.why.is_empty());
    }
}

#[test]
fn pieces_are_encoded_as_long_as_they_are_short_together() {
    let piece = "where is the refund for the lamp that i sent back to the shop in the old town last week";
    let mut draft = UNDERSTANDER.begin(&[piece; 4].join(". "), &context());
    assert!(draft.sentences().is_empty(), "words are all that there is");
    draft.open = true;
    let sentences = draft.sentences();
    assert_eq!(sentences.first(), Some(&draft.whole()));
    let letters: usize = sentences.iter().skip(1).map(|piece| piece.len()).sum();
    assert!((1..=MOST_LETTERS).contains(&letters) && sentences.len() < draft.parts.len(), "{sentences:?}");
    let mut short = UNDERSTANDER.begin("where is my refund? and can you postpone the payment", &context());
    short.open = true;
    assert_eq!(short.sentences().len(), short.parts.len());
}

#[test]
fn bad_patterns_are_named() {
    let mut broken = intents();
    broken[0].patterns.push("(oops".to_owned());
    broken[1].safety.push("a*".to_owned());
    let bad = Understander::train(&broken, &Arc::default()).expect_err("two bad patterns");
    let named: Vec<_> = bad.iter().map(|bad| (bad.intent.as_str(), bad.safety, bad.pattern.as_str())).collect();
    assert_eq!(named, [("refund_status", false, "(oops"), ("goods_not_received", true, "a*")]);
}

#[test]
fn an_empty_catalog_understands_nothing() {
    let understander = Understander::train(&[], &Arc::default()).expect("nothing to refuse");
    let reading = understander.read("where is my refund", &context());
    assert_eq!((reading.decision, reading.intents.len()), (Decision::Abstain, 0));
}

#[test]
fn training_twice_reads_the_same() {
    let again = Understander::train(&intents(), &Arc::default()).expect("good patterns");
    for text in ["where is my money", "pay later", "never came", "is there anybody"] {
        assert_eq!(UNDERSTANDER.read(text, &context()), again.read(text, &context()), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,300}|[0-9a-z£€$#@./: -]{0,80}|(in|next|last|the|a|[0-9]{1,9}|[0-9]{1,3}[./-][0-9]{1,3}|days|weeks|months|ago|dec|friday| ){0,12}") {
        let reading = UNDERSTANDER.read(&text, &context());
        prop_assert!(reading.intents.len() <= 5);
        let sum: f32 = reading.intents.iter().map(|guess| guess.confidence).sum();
        prop_assert!(sum <= 1.001);
        for entity in &reading.entities {
            prop_assert_eq!(text.get(entity.start..entity.end), Some(entity.text.as_str()));
        }
        prop_assert!(reading.entities.windows(2).all(|pair| pair[0].start <= pair[1].start));
    }
}

#[test]
fn sixteen_kibibytes_of_anything_are_read() {
    for piece in ["a", "é", "where is my refund ", "£1 ", "1/1 ", "😀", "ﷺ", "\u{301}", "no ", "in 999999999999 weeks "] {
        let text = piece.repeat(16 * 1024 / piece.len());
        UNDERSTANDER.read(&text, &context());
    }
}
