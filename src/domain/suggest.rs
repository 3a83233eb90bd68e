//! What a sentence that the bot did not read rightly means, by what an agent made of it. Pure: the log and the account go in, examples
//! for the intent files come out, each with its reason in words; people accept or dismiss them.
//!
//! Only sentences of the matter that is ended count, and of them only those that opened something: an answer to a question means
//! nothing by itself. What it was about the agent says, or their acts do: a dispute that they filed, what they did to the account, a
//! saved reply, and last what the customer then told them, where that is read without doubt.

use super::account::{Account, DisputeReason};
use super::event::{Author, AuthorKind, Event, EventKind};
use super::language::primary;
use super::mask::Mask;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// What an agent chooses when none of the intents is what it was about.
pub const NONE: &str = "none";
/// What was ended so says nothing about what the customer meant, unless the agent says it.
const SAYS_NOTHING: [&str; 4] = ["customer_left", "passed_on", "duplicate", "spam"];
/// What the bot did with a sentence that opened something.
const OPENING: [&str; 7] = ["rephrase", "not_understood", "clarify", "article", "start", "digress", "safety"];
/// Fewest words, fewest letters and most characters of a sentence that can be an example.
const LEAST: (usize, usize) = (2, 8);
const MOST: usize = 300;
/// So many sentences of a matter are suggested, the last ones.
const SENTENCES: usize = 3;

/// A sentence of the customer, as the bot read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its place in the log.
    pub seq: i64,
    /// What was written, in one line.
    pub text: String,
    /// Two-letter language.
    pub language: String,
    /// What the bot took it for, if it took it for anything.
    pub read_as: Option<String>,
    /// What the bot made of it.
    pub heard: Heard,
}

/// What the bot made of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing.
    Nothing,
    /// It asked which of several things was meant.
    Asked,
    /// It began to act on it.
    Acted,
}

/// What a matter was about, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The intent.
    pub intent: String,
    /// In words that can follow "The bot did not understand it;".
    pub why: String,
}

/// A saved reply that belongs to an intent.
#[derive(Clone, Debug)]
pub struct ReplyAbout {
    /// Its name in the list.
    pub title: String,
    /// The intent.
    pub intent: String,
    /// The longest pieces of its texts that are the same for every customer.
    pub pieces: Vec<String>,
}

/// What the acts of agents are held against.
#[derive(Debug)]
pub struct Given<'a> {
    /// The log, oldest first, before the end of the matter.
    pub events: &'a [Event],
    /// The account, when the customer is signed in.
    pub account: Option<&'a Account>,
    /// Saved replies that belong to an intent.
    pub replies: &'a [ReplyAbout],
    /// What the customer told the person, where it is read without doubt: the place in the log and the intent.
    pub told: &'a [(i64, String)],
    /// First name of the agent.
    pub agent: &'a str,
}

/// "This sentence means that intent."
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggested {
    /// The place of the sentence in the log.
    pub seq: i64,
    /// The sentence, without personal data.
    pub text: String,
    /// Two-letter language.
    pub language: String,
    /// What the bot took it for.
    pub read_as: Option<String>,
    /// What it means.
    pub intent: String,
    /// Why, in words.
    pub reason: String,
}

/// The part of the log that is about the matter at hand: after the last time that it was ended or given back and the customer wrote on.
/// An end that the agent took back is none.
pub fn matter(events: &[Event]) -> &[Event] {
    let (mut start, mut ended) = (0, false);
    for (at, event) in events.iter().enumerate() {
        match event.kind {
            EventKind::Closed => ended = true,
            EventKind::Handoff => match event.value()["state"].as_str() {
                Some("returned") => ended = true,
                Some("claimed") => ended = false,
                Some(_) | None => {}
            },
            EventKind::Message if ended && event.by == Author::CUSTOMER => (start, ended) = (at, false),
            _ => {}
        }
    }
    &events[start..]
}

/// The sentences of the matter that opened something, as the bot read them.
pub fn sentences(events: &[Event]) -> Vec<Sentence> {
    let mut found = Vec::new();
    // A turn answers several messages in their order, each with a decision of its own.
    let mut open: std::collections::VecDeque<&Event> = std::collections::VecDeque::new();
    for event in matter(events) {
        match event.kind {
            EventKind::Message if event.by == Author::CUSTOMER => open.push_back(event),
            EventKind::Decision => {
                let decision = event.value();
                found.extend(open.pop_front().and_then(|message| sentence(message, &decision)));
            }
            EventKind::Handoff => open.clear(),
            _ => {}
        }
    }
    found
}

fn sentence(message: &Event, decision: &Value) -> Option<Sentence> {
    let said = message.value();
    if said.get("option").is_some() || said.get("human").is_some() || !OPENING.contains(&decision["rule"].as_str()?) {
        return None;
    }
    let text = one_line(said["text"].as_str()?);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if text.split(' ').count() < LEAST.0 || letters < LEAST.1 || text.chars().count() > MOST {
        return None;
    }
    let guess = || decision["intents"].get(0).and_then(|guess| guess.get(0)).and_then(Value::as_str).map(str::to_owned);
    let (heard, read_as) = match decision["safety"].as_str() {
        Some(safety) if decision["rule"] == "safety" => (Heard::Acted, Some(safety.to_owned())),
        _ => match decision["decision"].as_str()? {
            "act" => (Heard::Acted, guess()),
            "clarify" => (Heard::Asked, guess()),
            _ => (Heard::Nothing, None),
        },
    };
    let spoken = decision["language"].as_str().filter(|language| *language != "und");
    let language = primary(spoken.or_else(|| said["locale"].as_str()).unwrap_or("en")).to_lowercase();
    Some(Sentence { seq: message.seq, text, language, read_as, heard })
}

/// One line, as an example or a test of an intent's file holds it.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What customers told the person in this matter: the messages that no turn of the bot has answered.
pub fn told_to_person(events: &[Event]) -> Vec<(i64, String)> {
    let matter = matter(events);
    let handed = matter.iter().position(|event| event.kind == EventKind::Handoff).unwrap_or(matter.len());
    let by_customer = |event: &&Event| event.by == Author::CUSTOMER && event.kind == EventKind::Message;
    let words = matter[handed..].iter().filter(by_customer).map(|event| (event.seq, event.value()));
    words.filter_map(|(seq, value)| Some((seq, one_line(value["text"].as_str()?)))).collect()
}

/// What the matter was about, by what the agent did; `None` when nothing tells it.
pub fn derived(given: &Given<'_>) -> Option<Label> {
    let matter = matter(given.events);
    let agent = given.agent;
    let label = |intent: &str, why: String| Some(Label { intent: intent.to_owned(), why });
    if let Some(reason) = matter.first().and_then(|first| filed(given.account?, first.at)) {
        let spoken = json!(reason).as_str().unwrap_or_default().replace('_', " ");
        return label(of_dispute(reason)?, format!("a dispute for {spoken} was then filed by a person"));
    }
    let by_agent = |event: &&Event| event.by.kind == AuthorKind::Agent;
    for event in matter.iter().rev().filter(by_agent).filter(|event| event.kind == EventKind::Action) {
        let value = event.value();
        let action = value["action"].as_str().unwrap_or_default();
        if let Some((intent, words)) = of_action(action) {
            return label(intent, format!("{agent} then {words}"));
        }
    }
    for event in matter.iter().rev().filter(by_agent).filter(|event| event.kind == EventKind::Message) {
        let text = event.value()["text"].as_str().unwrap_or_default().to_owned();
        if let Some(reply) = given.replies.iter().find(|reply| reply.pieces.iter().any(|piece| text.contains(piece.as_str()))) {
            return label(&reply.intent, format!("{agent} answered with the saved reply \"{}\"", reply.title));
        }
    }
    let (_, intent) = given.told.last()?;
    label(intent, format!("what the customer then told {agent} reads as it without doubt"))
}

/// The newest claim that a person filed since then.
fn filed(account: &Account, since: Timestamp) -> Option<DisputeReason> {
    let disputes = account.customer.orders.iter().flat_map(|order| &order.disputes);
    let by_person = |event: &Value| event["event"] == "filed_by" && event["by"] == "agent";
    let filed = disputes.filter(|dispute| dispute.opened_at >= since && dispute.events.iter().any(by_person));
    filed.max_by_key(|dispute| dispute.opened_at).map(|dispute| dispute.reason)
}

/// What somebody with that claim wants.
fn of_dispute(reason: DisputeReason) -> Option<&'static str> {
    match reason {
        DisputeReason::GoodsNotReceived => Some("goods_not_received"),
        DisputeReason::ServiceNotProvided => Some("service_not_provided"),
        DisputeReason::FaultyOrNotAsDescribed => Some("faulty_goods"),
        DisputeReason::ReturnRefundMissing => Some("refund_missing"),
        DisputeReason::IncorrectAmount => Some("incorrect_amount"),
        DisputeReason::AlreadyPaidElsewhere => Some("already_paid_elsewhere"),
        DisputeReason::DuplicateCharge => Some("payment_charged_twice"),
        DisputeReason::SubscriptionCancelled => Some("subscription_cancelled_charged"),
        DisputeReason::UnauthorisedPurchase => Some("unauthorised_purchase"),
        DisputeReason::HighRiskOrder => None,
    }
}

/// What somebody wants for whom an agent does that, and the act in words.
fn of_action(action: &str) -> Option<(&'static str, &'static str)> {
    match action {
        "extend_due_date" => Some(("extend_due_date", "moved the date of a payment")),
        "waive_fee" => Some(("late_fee_waiver", "took back a late fee")),
        _ => None,
    }
}

/// What the matter was about: what the agent chose, else what their acts tell. `None`: nobody knows, or it does not count.
pub fn label(about: Option<&str>, derived: Option<Label>, agent: &str, code: &str) -> Option<Label> {
    match about {
        Some(NONE) => None,
        Some(intent) => match derived.filter(|label| label.intent == intent) {
            Some(label) => Some(Label { why: format!("{}, and {agent} ended it as that", label.why), ..label }),
            None => Some(Label { intent: intent.to_owned(), why: format!("{agent} said so when ending it ({})", code.replace('_', " ")) }),
        },
        None => derived.filter(|_| !SAYS_NOTHING.contains(&code)),
    }
}

/// The sentences that the bot did not read as what they meant, with that meaning. `known` are names and contact data of the customer.
pub fn suggestions(sentences: Vec<Sentence>, label: &Label, known: &[&str]) -> Vec<Suggested> {
    let misread = |sentence: &Sentence| sentence.heard != Heard::Acted || sentence.read_as.as_deref() != Some(&label.intent);
    let mut misread: Vec<Sentence> = sentences.into_iter().filter(misread).collect();
    misread.drain(..misread.len().saturating_sub(SENTENCES));
    let suggested = misread.into_iter().map(|sentence| {
        let did = match (sentence.heard, &sentence.read_as) {
            (Heard::Acted, Some(intent)) => format!("The bot took it for {}", intent.replace('_', " ")),
            (Heard::Asked, _) => "The bot asked what was meant".to_owned(),
            (Heard::Nothing | Heard::Acted, _) => "The bot did not understand it".to_owned(),
        };
        Suggested {
            seq: sentence.seq,
            text: Mask::knowing(known.iter().copied()).hide(&sentence.text),
            language: sentence.language,
            read_as: sentence.read_as,
            intent: label.intent.clone(),
            reason: format!("{did}; {}.", label.why),
        }
    });
    suggested.collect()
}

#[cfg(test)]
mod tests;
