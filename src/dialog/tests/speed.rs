//! How long a step takes.

use super::Talk;
use std::time::Instant;

/// Run by hand with `cargo test --release --lib dialog::tests::speed -- --nocapture`; the bound leaves room for a busy machine and a debug build.
#[test]
fn a_turn_takes_microseconds() {
    let mut talk = Talk::new(1);
    let items: Vec<_> = (0..12)
        .map(|n| {
            serde_json::json!({"id": format!("p{n}"), "merchant": "Nordlys", "order": "a", "order_ref": "R-1", "seq": n, "of": 12,
                "due_on": "2026-12-11", "amount_minor": 4500, "currency": "GBP", "status": "scheduled", "paused": false, "autopay": true,
                "method": "card", "product": "pay_in_3", "days_until": 7, "items_text": "shoes"})
        })
        .collect();
    talk.payments = serde_json::Value::Array(items);
    let reading = super::read("#due");
    let answer = serde_json::json!({"items": talk.payments});
    let mut best = u128::MAX;
    for _ in 0..200 {
        let rounds = 20;
        let inputs: Vec<_> = (0..rounds).map(|_| (Box::new(reading.clone()), answer.clone())).collect();
        let start = Instant::now();
        for (reading, answer) in inputs {
            let input = super::Input::Said { text: "#due".to_owned(), reading };
            let first = super::step(&talk.flows, super::DialogState::default(), input, &talk.context);
            let second = super::step(&talk.flows, first.state, super::Input::Answered(super::Answer::Value(answer)), &talk.context);
            assert_eq!(second.effects.len(), 2);
        }
        best = best.min(start.elapsed().as_nanos() / rounds);
    }
    println!("one turn with a lookup: {best} ns");
    assert!(best < 400_000, "one turn with a lookup took {best} ns");
}
