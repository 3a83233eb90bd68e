//! Which sentences are suggested as what, and why.

use super::*;
use crate::domain::event::NewEvent;
use crate::domain::personas;

/// A log, a line an event: `customer`, `bot`, `agent`, `decision`, `handoff`, `closed`, `action`.
fn log(lines: &[(&str, Value)]) -> Vec<Event> {
    let (mut seq, mut sub) = (0, 0);
    let mut events = Vec::new();
    for (what, data) in lines {
        let (by, kind) = match *what {
            "customer" => (Author::CUSTOMER, EventKind::Message),
            "bot" => (Author::BOT, EventKind::Message),
            "agent" => (Author::agent("Ana"), EventKind::Message),
            "decision" => (Author::BOT, EventKind::Decision),
            "handoff" => (Author::SYSTEM, EventKind::Handoff),
            "closed" => (Author::SYSTEM, EventKind::Closed),
            "action" => (Author::agent("Ana"), EventKind::Action),
            other => panic!("no line '{other}'"),
        };
        let NewEvent { by, kind, data, .. } = NewEvent { by, kind, data: data.clone(), key: None };
        (seq, sub) = if kind.is_public() { (seq + 1, 0) } else { (seq, sub + 1) };
        events.push(Event { seq, sub, at: Timestamp::UNIX_EPOCH, by, kind, data: data.to_string().into(), key: None, level: 0 });
    }
    events
}

fn said(text: &str) -> (&'static str, Value) {
    ("customer", json!({ "text": text, "locale": "en-GB" }))
}

fn decided(rule: &str, decision: &str, intent: &str) -> (&'static str, Value) {
    ("decision", json!({ "rule": rule, "decision": decision, "intents": [[intent, 0.6]], "language": "en" }))
}

fn state(state: &str) -> (&'static str, Value) {
    ("handoff", json!({ "state": state }))
}

fn given(events: &[Event]) -> Given<'_> {
    Given { events, account: None, replies: &[], told: &[], agent: "Ana" }
}

/// The suggestions for a log that is ended so.
fn suggested(lines: &[(&str, Value)], about: Option<&str>, code: &str) -> Vec<(String, String, String)> {
    let events = log(lines);
    let Some(label) = label(about, derived(&given(&events)), "Ana", code) else { return Vec::new() };
    suggestions(sentences(&events), &label, &[]).into_iter().map(|one| (one.text, one.intent, one.reason)).collect()
}

#[test]
fn what_was_not_read_means_what_the_agent_says() {
    let lines = [
        said("the thingy  ate my\nparcel money"),
        decided("rephrase", "abstain", "refund_status"),
        ("bot", json!({ "text": "?" })),
        said("again: the thingy ate it all"),
        decided("not_understood", "clarify", "payment_failed"),
        state("queued"),
        state("claimed"),
        said("never mind what I wrote before"),
        ("agent", json!({ "text": "Done." })),
    ];
    let found = suggested(&lines, Some("refund_missing"), "solved");
    let expected = [
        ("the thingy ate my parcel money", "The bot did not understand it; Ana said so when ending it (solved)."),
        ("again: the thingy ate it all", "The bot asked what was meant; Ana said so when ending it (solved)."),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(text, why)| (text.to_owned(), "refund_missing".to_owned(), why.to_owned())).collect();
    assert_eq!(found, expected);
    assert!(suggested(&lines, Some(NONE), "solved").is_empty(), "none of the intents");
    assert!(suggested(&lines, None, "solved").is_empty(), "nothing tells what it was about");
}

#[test]
fn acts_of_the_agent_tell_what_it_was_about() {
    let action = |name: &str| ("action", json!({ "action": name, "subject": "ins_1" }));
    let misread = |act| {
        vec![said("they robbed me of seven quid"), decided("start", "act", "unrecognised_charge"), state("queued"), state("claimed"), act]
    };
    let found = suggested(&misread(action("waive_fee")), None, "solved");
    assert_eq!(found[0].1, "late_fee_waiver");
    assert_eq!(found[0].2, "The bot took it for unrecognised charge; Ana then took back a late fee.");
    let found = suggested(&misread(action("waive_fee")), Some("late_fee_waiver"), "explained");
    assert!(found[0].2.ends_with("took back a late fee, and Ana ended it as that."), "{found:?}");
    let found = suggested(&misread(action("waive_fee")), Some("late_fee_explain"), "explained");
    assert_eq!(found[0].1, "late_fee_explain", "what the agent says counts for more than what they did");
    assert!(suggested(&misread(action("merchant_note")), None, "solved").is_empty());
    for code in SAYS_NOTHING {
        assert!(suggested(&misread(action("waive_fee")), None, code).is_empty(), "{code}");
    }
    // Read rightly, and still a person was needed: nothing to learn.
    let right = [
        said("take the late fee back please"),
        decided("start", "act", "late_fee_waiver"),
        state("queued"),
        state("claimed"),
        action("waive_fee"),
    ];
    assert!(suggested(&right, None, "solved").is_empty());
}

#[test]
fn a_filed_dispute_a_saved_reply_and_plainer_words_tell_it_too() {
    let events = log(&[
        said("nothing came and nobody cares"),
        decided("rephrase", "abstain", ""),
        state("queued"),
        state("claimed"),
        ("agent", json!({ "text": "Hello Liam, you see each step in your purchases." })),
    ]);
    let replies = [ReplyAbout {
        title: "How a refund reaches you".into(),
        intent: "refund_status".into(),
        pieces: vec!["you see each step in your purchases".into()],
    }];
    let told = [(9, "delivery_late".to_owned()), (11, "track_delivery".to_owned())];
    let by_words = derived(&Given { told: &told, ..given(&events) }).expect("told");
    assert_eq!(
        (by_words.intent.as_str(), by_words.why.as_str()),
        ("track_delivery", "what the customer then told Ana reads as it without doubt")
    );
    let by_reply = derived(&Given { told: &told, replies: &replies, ..given(&events) }).expect("replied");
    assert_eq!(by_reply.why, "Ana answered with the saved reply \"How a refund reaches you\"");
    let mut account = personas::accounts()
        .into_iter()
        .find(|one| one.customer.orders.iter().any(|order| !order.disputes.is_empty()))
        .expect("one disputes");
    let reason = {
        let mut disputes: Vec<_> = account.customer.orders.iter_mut().flat_map(|order| &mut order.disputes).collect();
        disputes.sort_by_key(|dispute| dispute.opened_at);
        let newest = disputes.pop().expect("a dispute");
        newest.events.push(json!({ "event": "filed_by", "by": "agent" }));
        newest.reason
    };
    let by_dispute = derived(&Given { account: Some(&account), told: &told, replies: &replies, ..given(&events) }).expect("filed");
    assert_eq!(Some(by_dispute.intent.as_str()), of_dispute(reason));
    assert!(by_dispute.why.ends_with("was then filed by a person"), "{by_dispute:?}");
}

#[test]
fn only_the_matter_at_hand_and_only_what_opened_it() {
    let earlier = [
        said("my old riddle of words"),
        decided("rephrase", "abstain", ""),
        state("queued"),
        state("claimed"),
        ("closed", json!({ "reason": "resolved" })),
    ];
    let now = [said("a new riddle of words"), decided("rephrase", "abstain", ""), state("queued"), state("claimed")];
    let both: Vec<_> = earlier.iter().chain(&now).cloned().collect();
    assert_eq!(suggested(&both, Some("complaint"), "solved").len(), 1);
    // Taken back, it is the same matter still.
    let back: Vec<_> = earlier.iter().cloned().chain([state("claimed")]).collect();
    assert_eq!(suggested(&back, Some("complaint"), "solved")[0].0, "my old riddle of words");
    let aside = [
        said("hello"),
        decided("greet", "abstain", ""),
        said("the second of the two"),
        decided("answer", "abstain", ""),
        ("customer", json!({ "text": "Talk to a person", "human": true })),
        ("decision", json!({ "rule": "person" })),
        said("hm ok"),
        decided("rephrase", "abstain", ""),
    ];
    assert!(suggested(&aside, Some("complaint"), "solved").is_empty());
}

#[test]
fn decisions_belong_to_their_messages_and_personal_data_is_hidden() {
    let events = log(&[
        said("first riddle of words"),
        said("Liam Carter wrote a riddle"),
        decided("rephrase", "abstain", ""),
        decided("start", "act", "complaint"),
        state("queued"),
    ]);
    let read = sentences(&events);
    assert_eq!(read.iter().map(|one| (one.seq, one.heard)).collect::<Vec<_>>(), [(1, Heard::Nothing), (2, Heard::Acted)]);
    let label = Label { intent: "refund_status".into(), why: "so".into() };
    let found = suggestions(read, &label, &["Liam", "Carter"]);
    assert!(!found[1].text.contains("Liam") && !found[1].text.contains("Carter"), "{found:?}");
    assert_eq!(found[1].read_as.as_deref(), Some("complaint"));
}
