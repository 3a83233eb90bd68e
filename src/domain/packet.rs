//! The hand-over packet as an agent reads it: built from the log, the account and the place in the waiting list, each fact with the event
//! or the lookup that it came from. Pure; no model has a hand in it.

use super::account::{Account, Dispute, DisputeState, InstalmentStatus, Order, Party, RefundStatus};
use super::event::{Author, AuthorKind, Event, EventKind};
use super::market::Market;
use super::merchants::Merchants;
use super::money::display;
use super::redact::{mask_email, mask_phone};
use super::team::ClockKind;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Turns that are shown with the packet.
const TURNS: usize = 10;
/// Questions and answers that are shown.
const ASKED: usize = 8;

/// An earlier conversation of the same customer.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// When it ended or was last heard of.
    pub at: Timestamp,
    /// What it was about.
    pub intent: Option<String>,
    /// How it ended.
    pub code: Option<String>,
}

/// What the packet is made of.
#[derive(Debug)]
pub struct Given<'a> {
    /// The frozen part: what the flow knew when it handed over.
    pub ticket: Option<&'a Value>,
    /// Short code of why a person is needed.
    pub reason: Option<&'a str>,
    /// The queue.
    pub queue: Option<&'a str>,
    /// 0 (at once) to 4.
    pub priority: Option<i64>,
    /// Intent.
    pub intent: Option<&'a str>,
    /// Since when the customer waits.
    pub waiting_since: Option<Timestamp>,
    /// The log, oldest first.
    pub events: &'a [Event],
    /// The account, when the customer is signed in.
    pub account: Option<&'a Account>,
    /// All stores.
    pub merchants: &'a Merchants,
    /// Language of the conversation.
    pub locale: &'a str,
    /// Clocks that run for the desk: which, and when it is due.
    pub clocks: &'a [(ClockKind, Timestamp)],
    /// Earlier conversations, the newest first.
    pub earlier: &'a [Earlier],
    /// Now.
    pub now: Timestamp,
}

/// The packet.
pub fn packet(given: &Given<'_>) -> Value {
    let mut packet = given.ticket.cloned().unwrap_or_else(|| json!({}));
    let level = given.events.iter().map(|event| event.level).max().unwrap_or(0);
    packet["customer"] = match given.account.map(|account| &account.customer) {
        Some(customer) => json!({
            "id": customer.id, "name": format!("{} {}", customer.given_name, customer.family_name), "level": level,
            "locale": given.locale, "market": customer.market, "flags": customer.flags,
        }),
        None => json!({ "id": null, "name": null, "level": 0, "locale": given.locale, "market": null, "flags": [] }),
    };
    packet["language"] = json!(given.locale);
    packet["reason"] = json!(given.reason);
    packet["queue"] = json!(given.queue);
    packet["priority"] = json!(given.priority);
    packet["who"] = json!(who(given, level));
    packet["wants"] = json!(wants(given));
    packet["why"] = json!(why(given));
    packet["tried"] = json!(tried(given));
    packet["asked"] = json!(asked(given));
    packet["open"] = json!(given.account.map_or_else(Vec::new, |account| open(given, account)));
    packet["clocks"] = json!(clocks(given));
    packet["promises"] = json!(promises(given));
    packet["next"] = json!(next(given));
    packet["turns"] = json!(turns(given.events));
    packet["intents"] = acted(given.events).map_or_else(|| json!([]), |(_, decision)| decision["intents"].clone());
    let done = given.events.iter().filter(|event| event.kind == EventKind::Action).map(Event::value);
    packet["actions"] = Value::Array(done.collect());
    packet
}

/// A fact that an event bears out.
fn from_event(label: &str, text: impl Into<String>, event: &Event) -> Value {
    json!({ "label": label, "text": text.into(), "source": { "event": event.seq } })
}

/// A fact that a lookup gave.
fn from_lookup(label: &str, text: impl Into<String>, lookup: &str, at: Timestamp) -> Value {
    json!({ "label": label, "text": text.into(), "source": { "lookup": lookup, "at": at } })
}

/// `goods_not_received` as "Goods not received".
fn words(code: &str) -> String {
    let text = code.replace('_', " ");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

fn word<T: serde::Serialize>(value: T) -> String {
    json!(value).as_str().map(words).unwrap_or_default()
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn who(given: &Given<'_>, level: u8) -> Vec<Value> {
    let Some(account) = given.account else {
        return vec![from_lookup("Customer", "Not signed in: say nothing about any account", "session", given.now)];
    };
    let customer = &account.customer;
    let lookup = |label: &str, text: String| from_lookup(label, text, "account", given.now);
    let how = match level {
        0 => "Not verified in this conversation: confirm who it is before account data",
        1 => "Signed in",
        _ => "Signed in and freshly confirmed",
    };
    let verified = match given.events.iter().rev().find(|event| event.level == level && event.by == Author::CUSTOMER) {
        Some(event) => from_event("Verified", how, event),
        None => lookup("Verified", how.to_owned()),
    };
    let market = Market::of(&customer.market);
    let mut facts = vec![
        lookup("Customer", format!("{} {} ({})", customer.given_name, customer.family_name, customer.id)),
        verified,
        lookup("Market and language", format!("{}, {}", market.code, given.locale)),
        lookup("Account", word(customer.status)),
    ];
    facts.extend(customer.flags.iter().map(|flag| lookup("Note well", words(flag))));
    facts.push(lookup("Reach them", format!("{}, {}", mask_email(&customer.email), mask_phone(&customer.phone))));
    facts
}

/// What the customer said in this matter: after the last time that it was ended or given back.
fn said(events: &[Event]) -> impl DoubleEndedIterator<Item = &Event> {
    let ended =
        |event: &Event| event.kind == EventKind::Closed || (event.kind == EventKind::Handoff && event.value()["state"] == "returned");
    let from = events.iter().rposition(ended).map_or(0, |at| if at + 1 < events.len() { at + 1 } else { 0 });
    events[from..].iter().filter(|event| event.by == Author::CUSTOMER && event.kind == EventKind::Message)
}

fn text_of(event: &Event) -> String {
    event.value()["text"].as_str().unwrap_or_default().to_owned()
}

/// The last decision to act, with its event.
fn acted(events: &[Event]) -> Option<(&Event, Value)> {
    let decisions = events.iter().rev().filter(|event| event.kind == EventKind::Decision).map(|event| (event, event.value()));
    // Clicks and small talk are read too, but say nothing about what the customer came for.
    decisions.into_iter().find(|(_, decision)| decision["decision"] == "act")
}

fn wants(given: &Given<'_>) -> Vec<Value> {
    let mut facts = Vec::new();
    match acted(given.events) {
        Some((event, decision)) => {
            let guesses = decision["intents"].as_array().cloned().unwrap_or_default();
            let guesses = guesses.iter().filter_map(|guess| Some((guess.get(0)?.as_str()?.to_owned(), guess.get(1)?.as_f64()?)));
            let guesses = guesses.filter(|(_, score)| *score >= 0.01).take(3);
            let read: Vec<String> = guesses.map(|(intent, score)| format!("{} {:.0} %", words(&intent), score * 100.0)).collect();
            facts.push(from_event(
                "About",
                if read.is_empty() { given.intent.map(words).unwrap_or_default() } else { read.join(", ") },
                event,
            ));
        }
        None => facts.extend(given.intent.map(|intent| from_lookup("About", words(intent), "dialog", given.now))),
    }
    if let Some(first) = said(given.events).next() {
        facts.push(from_event("First words", short(&text_of(first)), first));
        if let Some(last) = said(given.events).next_back().filter(|last| last.seq != first.seq) {
            facts.push(from_event("Last words", short(&text_of(last)), last));
        }
    }
    let also = given.ticket.and_then(|ticket| ticket["also"].as_array().cloned()).unwrap_or_default();
    facts.extend(also.iter().filter_map(Value::as_str).map(|intent| from_lookup("Also asked about", words(intent), "dialog", given.now)));
    facts
}

fn why(given: &Given<'_>) -> Vec<Value> {
    let handed = given.events.iter().rev().find(|event| event.kind == EventKind::Handoff);
    let mut facts = Vec::new();
    if let Some(reason) = given.reason {
        let text = words(reason);
        facts.push(match handed {
            Some(event) => from_event("Reason", text, event),
            None => from_lookup("Reason", text, "waiting list", given.now),
        });
    }
    if let (Some(queue), Some(priority)) = (given.queue, given.priority) {
        facts.push(from_lookup("Queue and priority", format!("{}, P{priority}", words(queue)), "waiting list", given.now));
    }
    if let Some(since) = given.waiting_since {
        let mut fact = from_lookup("Waiting since", since.to_string(), "waiting list", given.now);
        fact["due"] = json!(since);
        facts.push(fact);
    }
    facts
}

fn tried(given: &Given<'_>) -> Vec<Value> {
    let mut facts: Vec<Value> = Vec::new();
    let mut flows: Vec<String> = Vec::new();
    for event in given.events {
        let value = event.value();
        match event.kind {
            EventKind::Action => {
                let subject = value["subject"].as_str().unwrap_or_default();
                facts.push(from_event("Done", format!("{} ({subject})", words(value["action"].as_str().unwrap_or_default())), event));
            }
            EventKind::Decision if value["decision"] == "act" => {
                let intent = value["intents"].get(0).and_then(|guess| guess.get(0)).and_then(Value::as_str).unwrap_or_default().to_owned();
                if !intent.is_empty() && !flows.contains(&intent) {
                    facts.push(from_event("Flow", words(&intent), event));
                    flows.push(intent);
                }
            }
            _ => {}
        }
    }
    for earlier in given.earlier {
        let about = earlier.intent.as_deref().map_or_else(|| "something".to_owned(), words);
        let ended = earlier.code.as_deref().map_or_else(|| "not settled by a person".to_owned(), words);
        let mut fact = from_lookup("Wrote before", format!("{about}: {ended}"), "conversations", given.now);
        fact["due"] = json!(earlier.at);
        facts.push(fact);
    }
    facts
}

fn asked(given: &Given<'_>) -> Vec<Value> {
    let mut facts: Vec<Value> = Vec::new();
    let mut question: Option<String> = None;
    for event in given.events.iter().filter(|event| event.kind == EventKind::Message) {
        let text = text_of(event);
        match event.by.kind {
            AuthorKind::Bot | AuthorKind::Agent => question = text.contains('?').then(|| last_question(&text)),
            AuthorKind::Customer => {
                if let Some(question) = question.take() {
                    facts.push(from_event(&question, short(&text), event));
                }
            }
            AuthorKind::System => {}
        }
    }
    let skip = facts.len().saturating_sub(ASKED);
    let mut facts: Vec<Value> = facts.into_iter().skip(skip).collect();
    let known = given.ticket.map(|ticket| &ticket["known"]);
    let at = known.and_then(|known| known["at"].as_str()).and_then(|at| at.parse().ok()).unwrap_or(given.now);
    for part in ["slots", "vars"] {
        let Some(Value::Object(slots)) = known.map(|known| &known["facts"][part]) else { continue };
        for (name, value) in slots {
            if let Some(text) = gist(value) {
                facts.push(from_lookup(&words(name), text, "flow", at));
            }
        }
    }
    facts
}

/// The last sentence that asks.
fn last_question(text: &str) -> String {
    let end = text.rfind('?').map_or(text.len(), |at| at + 1);
    let start = text[..end.saturating_sub(1)].rfind(['.', '!', '?', '\n']).map_or(0, |at| at + 1);
    short(text[start..end].trim())
}

/// A slot or a looked-up value in a few words; what only the flow can use is left out.
fn gist(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(short(text)).filter(|text| !text.trim().is_empty()),
        Value::Array(items) => Some(items.iter().filter_map(gist).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty()),
        Value::Object(map) => ["label", "text", "public_no", "name"].iter().find_map(|key| map.get(*key).and_then(gist)),
    }
}

fn open(given: &Given<'_>, account: &Account) -> Vec<Value> {
    let mut facts = Vec::new();
    let lookup = |label: &str, text: String| from_lookup(label, text, "account", given.now);
    for order in &account.customer.orders {
        let store = given.merchants.name(&order.merchant);
        for dispute in order.disputes.iter().filter(|dispute| dispute.state != DisputeState::Closed) {
            facts.push(lookup(&format!("Dispute {}", dispute.public_no), dispute_text(order, dispute, store)));
        }
        let late = order.plan.iter().flat_map(|plan| &plan.instalments).filter(|one| one.status == InstalmentStatus::Overdue);
        for one in late {
            let amount = display(one.amount_minor + one.fee_minor - one.paid_minor - one.refunded_minor, order.currency);
            facts.push(lookup("Overdue", format!("{amount} to {store} since {} ({})", one.due_on, order.r#ref)));
        }
        if order.plan.as_ref().is_some_and(|plan| plan.is_paused()) {
            facts.push(lookup("Paused", format!("The plan with {store} ({})", order.r#ref)));
        }
        for refund in order.refunds.iter().filter(|refund| matches!(refund.status, RefundStatus::Pending | RefundStatus::Failed)) {
            let text = format!(
                "{} from {store}, {} since {}",
                display(refund.amount_minor, order.currency),
                word(refund.status),
                refund.created_at
            );
            facts.push(lookup("Refund", text));
        }
    }
    let mut due: Vec<(jiff::civil::Date, String)> = Vec::new();
    for order in &account.customer.orders {
        let open = order.plan.iter().flat_map(|plan| &plan.instalments).filter(|one| one.status == InstalmentStatus::Scheduled);
        due.extend(open.map(|one| {
            let amount = display(one.amount_minor + one.fee_minor - one.paid_minor - one.refunded_minor, order.currency);
            (one.due_on, format!("{amount} to {} on {} ({})", given.merchants.name(&order.merchant), one.due_on, order.r#ref))
        }));
    }
    due.sort();
    facts.extend(due.into_iter().next().map(|(_, text)| lookup("Next payment", text)));
    let cases = account.cases.iter().filter(|case| case.state == "open");
    facts.extend(cases.map(|case| lookup("Case", format!("{}, {}", words(&case.kind), case.id))));
    facts
}

fn dispute_text(order: &Order, dispute: &Dispute, store: &str) -> String {
    let amount = display(dispute.disputed_minor, order.currency);
    let who = match dispute.next_actor {
        Some(Party::Customer) => "the customer has to answer",
        Some(Party::Merchant) => "the store has to answer",
        Some(Party::Us) => "we have to act",
        None => "nobody has to act",
    };
    format!("{amount}, {} against {store} ({}): {}, {who}", word(dispute.reason), order.r#ref, word(dispute.state))
}

fn clocks(given: &Given<'_>) -> Vec<Value> {
    let mut facts: Vec<(Timestamp, Value)> = Vec::new();
    let mut clock = |label: String, text: String, due: Timestamp, lookup: &str, kind: &str, actor: &str, id: &str| {
        let mut fact = from_lookup(&label, text, lookup, given.now);
        (fact["due"], fact["kind"], fact["actor"], fact["ref"]) = (json!(due), json!(kind), json!(actor), json!(id));
        facts.push((due, fact));
    };
    for (kind, due) in given.clocks {
        clock(words(kind.as_str()), "Ours".into(), *due, "desk clocks", kind.as_str(), "us", "");
    }
    if let Some(account) = given.account {
        for dispute in account.customer.orders.iter().flat_map(|order| &order.disputes).filter(|dispute| dispute.closed_at.is_none()) {
            let Some(due) = dispute.next_deadline_at else { continue };
            let actor =
                dispute.next_actor.map_or_else(|| "nobody".to_owned(), |actor| json!(actor).as_str().unwrap_or_default().to_owned());
            clock(
                format!("Dispute {}", dispute.public_no),
                format!("Waits for: {actor}"),
                due,
                "dispute",
                "dispute",
                &actor,
                &dispute.public_no,
            );
        }
        for case in account.cases.iter().filter(|case| case.state == "open") {
            let Some(due) = case.due_at else { continue };
            clock(format!("{} case", words(&case.kind)), case.id.clone(), due, "account", &case.kind, "us", &case.id);
        }
        for notice in account.notices.iter().filter(|notice| notice.state == "open") {
            let text = format!("Legal notice, {}", words(&notice.regime));
            clock(words(&notice.kind), text, notice.due_at, "account", &notice.kind, "us", &notice.id);
        }
    }
    facts.sort_by_key(|(due, _)| *due);
    facts.into_iter().map(|(_, fact)| fact).collect()
}

fn promises(given: &Given<'_>) -> Vec<Value> {
    let open = given.account.iter().flat_map(|account| &account.promises).filter(|promise| promise.state == "open");
    open.map(|promise| {
        let mut fact = from_lookup("Promised", short(&promise.text), "account", promise.made_at);
        fact["due"] = json!(promise.due_at);
        fact
    })
    .collect()
}

/// What to do next, by rule: the most pressing of what applies, and what must not be forgotten.
fn next(given: &Given<'_>) -> Vec<Value> {
    let mut steps: Vec<String> = Vec::new();
    let queue = given.queue.unwrap_or_default();
    match queue {
        "safety" => steps.push("Answer at once and stay with them; give the crisis line; not a word about payments.".into()),
        "fraud" => steps
            .push("Ask which purchases are not theirs; never ask for a code; tell them what is locked and when they hear from us.".into()),
        "hardship" => steps.push("Ask what they can pay; hold reminders; name the free debt advice.".into()),
        "privacy" => steps.push("Confirm the request and its deadline; send nothing before they are verified.".into()),
        "complaints" => steps.push("Say that the complaint is recorded and by when they get the final answer.".into()),
        _ => {}
    }
    let Some(account) = given.account else {
        steps.push("Ask them to sign in before you speak about an account.".into());
        return steps.into_iter().map(|step| from_lookup("Next", step, "rule", given.now)).collect();
    };
    if account.is_sheltered() {
        steps.push("No talk about debt: a hardship or bereavement flag stands.".into());
    }
    for dispute in account.customer.orders.iter().flat_map(|order| &order.disputes) {
        if dispute.state != DisputeState::Closed && dispute.next_actor == Some(Party::Us) {
            steps.push(format!("Decide dispute {}: it waits for us.", dispute.public_no));
        }
    }
    for promise in account.promises.iter().filter(|promise| promise.state == "open" && promise.due_at <= given.now) {
        steps.push(format!("A promise is overdue: {}", short(&promise.text)));
    }
    if steps.is_empty() {
        steps.push(match given.reason {
            Some("not_understood") => "Ask in your own words what they need; the assistant did not understand.".to_owned(),
            Some("action_failed") => "Do what the assistant could not: see what was tried.".to_owned(),
            _ => "Greet them by name and pick up where their last words stand.".to_owned(),
        });
    }
    steps.into_iter().map(|step| from_lookup("Next", step, "rule", given.now)).collect()
}

fn turns(events: &[Event]) -> Vec<Value> {
    let turns = events.iter().filter(|event| event.kind == EventKind::Message);
    let turns: Vec<Value> =
        turns.map(|event| json!({ "seq": event.seq, "at": event.at, "by": event.by, "text": event.value()["text"] })).collect();
    let skip = turns.len().saturating_sub(TURNS);
    turns.into_iter().skip(skip).collect()
}
