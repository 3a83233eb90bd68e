//! Handing over to people: how soon somebody should have it, and the packet that saves the customer from repeating themselves.

use super::account::Account;
use super::ids::IntentId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The queues that people work from.
pub const QUEUES: [&str; 8] = ["general", "disputes", "fraud", "hardship", "complaints", "privacy", "credit", "safety"];

/// By when somebody should have it: 1 minute for priority 0, then 5, 15, 30 and 60 minutes. Our own targets.
pub fn due_at(priority: u8, now: Timestamp) -> Timestamp {
    let minutes = match priority {
        0 => 1,
        1 => 5,
        2 => 15,
        3 => 30,
        _ => 60,
    };
    now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}

/// What the packet is made of.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The account, when the customer is signed in.
    pub account: Option<&'a Account>,
    /// Sign-in level.
    pub level: u8,
    /// Language.
    pub locale: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Where to.
    pub queue: &'a str,
    /// How urgent.
    pub priority: u8,
    /// What it is about.
    pub intent: Option<&'a str>,
    /// What else the customer asked about that was not taken up yet.
    pub also: &'a [IntentId],
    /// Slots and looked-up facts.
    pub known: &'a Value,
    /// What was done in this turn.
    pub actions: &'a [Value],
    /// What the customer said last.
    pub last_words: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// The packet: everything known, each part with the instant at which it was read. The last turns are added from the log when it is shown.
pub fn packet(facts: &Facts<'_>) -> Value {
    let customer = match facts.account {
        Some(account) => {
            let customer = &account.customer;
            json!({
                "id": customer.id, "name": format!("{} {}", customer.given_name, customer.family_name), "level": facts.level,
                "locale": facts.locale, "market": customer.market, "flags": customer.flags,
            })
        }
        None => json!({ "id": null, "name": null, "level": 0, "locale": facts.locale, "market": null, "flags": [] }),
    };
    json!({
        "customer": customer,
        "reason": facts.reason,
        "queue": facts.queue,
        "priority": facts.priority,
        "intent": facts.intent,
        "also": facts.also,
        "waiting_since": facts.now,
        "summary": summary(facts),
        "known": { "at": facts.now, "facts": facts.known },
        "actions": facts.actions,
        "clocks": facts.account.map_or_else(Vec::new, clocks),
    })
}

/// A few plain lines: who, what about, why a person, what was done.
fn summary(facts: &Facts<'_>) -> Vec<String> {
    let who = match facts.account {
        Some(account) => {
            let how = if facts.level >= 2 { "freshly confirmed" } else { "signed in" };
            format!("{} {}, {how}", account.customer.given_name, account.customer.family_name)
        }
        None => "Not signed in".to_owned(),
    };
    let mut lines = vec![who];
    if let Some(intent) = facts.intent {
        lines.push(format!("About: {}", intent.replace('_', " ")));
    }
    for intent in facts.also {
        lines.push(format!("Also asked about: {}", intent.as_str().replace('_', " ")));
    }
    lines.push(format!("Why a person: {}", facts.reason.replace('_', " ")));
    for action in facts.actions {
        if let Some(name) = action.get("action").and_then(Value::as_str) {
            lines.push(format!("Done: {}", name.replace('_', " ")));
        }
    }
    if let Some(words) = facts.last_words {
        lines.push(format!("Last words: {}", words.chars().take(200).collect::<String>()));
    }
    lines
}

/// Deadlines that run: open disputes, cases and legal notices.
fn clocks(account: &Account) -> Vec<Value> {
    let disputes = account.customer.orders.iter().flat_map(|order| &order.disputes).filter_map(|dispute| {
        let due = dispute.next_deadline_at.filter(|_| dispute.closed_at.is_none())?;
        Some(json!({ "kind": "dispute", "ref": dispute.public_no, "actor": dispute.next_actor, "due": due }))
    });
    let cases = account.cases.iter().filter(|case| case.state == "open").filter_map(|case| {
        let due = case.due_at?;
        Some(json!({ "kind": case.kind, "ref": case.id, "actor": "us", "due": due }))
    });
    let notices = account.notices.iter().filter(|notice| notice.state == "open");
    let notices = notices
        .map(|notice| json!({ "kind": notice.kind, "ref": notice.id, "actor": "us", "due": notice.due_at, "regime": notice.regime }));
    disputes.chain(cases).chain(notices).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_urgent_the_sooner() {
        let now = Timestamp::UNIX_EPOCH;
        let due: Vec<i64> = (0..=5).map(|priority| due_at(priority, now).as_second() / 60).collect();
        assert_eq!(due, [1, 5, 15, 30, 60, 60]);
    }

    #[test]
    fn a_packet_of_a_stranger_discloses_nothing_and_says_why() {
        let facts = Facts {
            account: None,
            level: 0,
            locale: "en",
            reason: "asked_for_person",
            queue: "general",
            priority: 3,
            intent: Some("talk_to_human"),
            also: &[IntentId::from("refund_status")],
            known: &Value::Null,
            actions: &[],
            last_words: Some("a person please"),
            now: Timestamp::UNIX_EPOCH,
        };
        let packet = packet(&facts);
        assert_eq!(packet["customer"]["id"], Value::Null);
        let summary = packet["summary"].to_string();
        assert!(summary.contains("asked for person") && summary.contains("a person please"), "{summary}");
        assert!(summary.contains("Also asked about: refund status"), "{summary}");
    }
}
