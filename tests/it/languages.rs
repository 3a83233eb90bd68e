//! Swedish and German against the project's own content: sentences that were written apart from the examples.

use redress::catalog::Catalog;
use redress::domain::ids::IntentId;
use redress::domain::market::Market;
use redress::understanding::encoder::Bundled;
use redress::understanding::{Act, Decision, ReadContext, Reading, Sentences};
use std::path::Path;
use std::sync::{Arc, LazyLock};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let encoder = Bundled::load(2).expect("the carried encoder is good");
    Catalog::load(Path::new(env!("CARGO_MANIFEST_DIR")), &Arc::new(Sentences::by(Arc::new(encoder)))).expect("the content is good")
});

/// The flows that speak Swedish and German.
const MAIN: [&str; 10] = [
    "payment_due_date",
    "extend_due_date",
    "make_payment",
    "payment_failed",
    "refund_status",
    "report_return",
    "goods_not_received",
    "dispute_status",
    "unrecognised_charge",
    "talk_to_human",
];

fn rows(csv: &str) -> impl Iterator<Item = [&str; 3]> {
    csv.lines().skip(1).map(|line| {
        let mut parts = line.splitn(3, ',');
        [(); 3].map(|()| parts.next().expect("language, intent, text"))
    })
}

fn read(text: &str) -> Reading {
    let now = "2026-12-04T09:00:00Z".parse().expect("an instant");
    CATALOG.understander.read(text, &ReadContext::of(Market::fallback(), now))
}

#[test]
fn the_main_flows_speak_swedish_and_german() {
    for name in MAIN {
        let flow = &CATALOG.flows.flows[&IntentId::from(name)];
        assert!(flow.speaks("sv") && flow.speaks("de-AT"), "{name}");
    }
    let incomplete: Vec<String> =
        CATALOG.warnings.iter().map(ToString::to_string).filter(|warning| warning.contains("in English only")).collect();
    assert!(incomplete.is_empty(), "{incomplete:#?}");
}

#[test]
fn unseen_sentences_reach_the_right_flow_or_none() {
    let (mut acted, mut offered, mut wrong, mut known, mut strange, mut pressed) = (0, 0, Vec::new(), 0, 0, Vec::new());
    for [language, intent, text] in rows(include_str!("../content/languages.csv")) {
        let reading = read(text);
        assert!([language, "und"].contains(&reading.language), "{text} is taken for {}", reading.language);
        let person = reading.acts.iter().any(|act| matches!(act, Act::Human | Act::AreYouBot));
        let decision = if person { Decision::Act(IntentId::from("talk_to_human")) } else { reading.decision };
        let spoken = |intent: &IntentId| MAIN.contains(&intent.as_str());
        match (intent, decision) {
            ("-", Decision::Act(found)) if spoken(&found) => pressed.push(text),
            ("-", _) => {}
            (_, Decision::Act(found)) if found.as_str() == intent => acted += 1,
            (_, Decision::Act(found)) if spoken(&found) => wrong.push((text, found)),
            (_, Decision::Clarify(among)) if among.iter().any(|found| found.as_str() == intent) => offered += 1,
            (_, _) => {}
        }
        if intent == "-" {
            strange += 1;
        } else {
            known += 1;
        }
    }
    println!("{acted} of {known} acted on, {offered} offered, {} wrong; {} of {strange} others acted on", wrong.len(), pressed.len());
    assert!(acted * 100 >= 65 * known && (acted + offered) * 100 >= 90 * known, "{acted} acted on and {offered} offered of {known}");
    assert!(wrong.len() * 100 <= 2 * known, "{wrong:#?}");
    assert!(pressed.len() * 100 <= 12 * strange, "{pressed:#?}");
}

#[test]
fn safety_needs_no_translation() {
    let (mut all, mut missed) = (0, Vec::new());
    for [_, intent, text] in rows(include_str!("../content/languages_safety.csv")) {
        all += 1;
        if read(text).safety.is_none_or(|hit| hit.intent.as_str() != intent) {
            missed.push((intent, text));
        }
    }
    assert!(all >= 100 && missed.len() * 100 <= 2 * all, "{missed:#?}");
}
