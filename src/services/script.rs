//! Runs the scripted conversations of the intent files and says what differs from the script.

use super::rehearsal::Rehearsal;
use super::think::Thought;
use crate::catalog::Catalog;
use crate::catalog::{IntentFile, ScriptedTest, TestInput, TestTurn};
use crate::domain::account::Account;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::ids::IntentId;
use crate::domain::merchants::Merchants;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How a scripted conversation went.
#[derive(Debug)]
pub struct Run {
    /// `intent/name`.
    pub name: String,
    /// File and line where it begins.
    pub place: String,
    /// What differed, with the line of its turn; empty when it passed.
    pub differences: Vec<String>,
    /// The whole talk, for people.
    pub transcript: Vec<String>,
    /// Steps that ran, as `intent:path`.
    pub walked: BTreeSet<String>,
}

/// What was seen in one turn.
struct Seen {
    text: String,
    options: Vec<String>,
    cards: Vec<String>,
    actions: Vec<String>,
    intents: Vec<String>,
}

/// Runs one scripted conversation against the demo's accounts.
pub fn run(catalog: &Arc<Catalog>, merchants: &Arc<Merchants>, accounts: &[Account], file: &IntentFile, test: &ScriptedTest) -> Run {
    let mut run = Run {
        name: format!("{}/{}", file.intent.text, test.name),
        place: format!("{}:{}", file.path, test.place.line),
        differences: Vec::new(),
        transcript: Vec::new(),
        walked: BTreeSet::new(),
    };
    let account = match &test.customer {
        None => None,
        Some(id) => match accounts.iter().find(|account| account.customer.id.as_str() == id) {
            Some(account) => Some(account.clone()),
            None => {
                run.differences.push(format!("{}: there is no demo customer '{id}'. Use one of P01 to P28", run.place));
                return run;
            }
        },
    };
    let mut talk = Rehearsal::new(Arc::clone(catalog), Arc::clone(merchants), account, test.level, test.now);
    if let Some(locale) = &test.locale {
        talk = talk.speaking(locale);
    }
    for turn in &test.talk {
        let line = turn.place.line;
        let thought = match &turn.does {
            TestInput::Me(text) => {
                run.transcript.push(format!("me:  {text}"));
                talk.say(text)
            }
            TestInput::Choose(label) => {
                run.transcript.push(format!("me:  [{label}]"));
                match find(&talk, label) {
                    Some(option) => talk.choose(&option),
                    None => {
                        let offered: Vec<String> = talk.offered().into_iter().map(|option| option.label).collect();
                        run.differences.push(format!("line {line}: '{label}' is not on offer; on offer: {offered:?}"));
                        return run;
                    }
                }
            }
            TestInput::Level(level) => {
                run.transcript.push(format!("me:  (level {})", level.0));
                talk.sign_in(*level)
            }
            TestInput::Wait(by) => {
                run.transcript.push(format!("     ({by} later)"));
                talk.wait(*by)
            }
        };
        let seen = seen(catalog, thought.as_ref(), &mut run);
        compare(turn, &seen, &talk, &mut run.differences);
    }
    compare_account(test, talk.account(), &mut run.differences);
    run
}

fn find(talk: &Rehearsal, label: &str) -> Option<crate::dialog::OptionOffer> {
    let wanted = label.to_lowercase();
    talk.offered().into_iter().find(|option| option.label.to_lowercase().contains(&wanted))
}

fn seen(catalog: &Catalog, thought: Option<&Thought>, run: &mut Run) -> Seen {
    let mut seen = Seen { text: String::new(), options: Vec::new(), cards: Vec::new(), actions: Vec::new(), intents: Vec::new() };
    for NewEvent { kind, data, .. } in thought.iter().flat_map(|thought| &thought.events) {
        let word = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind {
            EventKind::Message | EventKind::Notice => {
                run.transcript.push(format!("bot: {}", word("text")));
                seen.text.push_str(&word("text"));
                seen.text.push('\n');
            }
            EventKind::Choices => {
                for option in data["options"].as_array().into_iter().flatten() {
                    seen.options.push(option["label"].as_str().unwrap_or_default().to_owned());
                }
                run.transcript.push(format!("     {:?}", seen.options));
            }
            EventKind::Card => {
                run.transcript.push(format!("     {data}"));
                seen.text.push_str(&data.to_string());
                seen.cards.push(word("card"));
            }
            EventKind::Action => {
                run.transcript.push(format!("     done: {} ({})", word("done"), word("action")));
                seen.actions.push(word("done"));
            }
            EventKind::Decision => {
                run.transcript.push(format!("     why: {data}"));
                // The path names a flow, then its steps, then perhaps the next flow.
                for step in data["path"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if catalog.flows.flows.contains_key(&IntentId::from(step)) {
                        seen.intents.push(step.to_owned());
                    } else if let Some(intent) = seen.intents.last() {
                        run.walked.insert(format!("{intent}:{step}"));
                    }
                }
            }
            EventKind::Handoff => run.transcript.push(format!("     handoff: {}", word("state"))),
            EventKind::Closed | EventKind::RatingRequest | EventKind::Rating | EventKind::Note => {}
        }
    }
    seen
}

fn compare(turn: &TestTurn, seen: &Seen, talk: &Rehearsal, differences: &mut Vec<String>) {
    let line = turn.place.line;
    let said = seen.text.to_lowercase();
    for wanted in &turn.bot {
        let found = said.contains(&wanted.to_lowercase());
        let placeholder = wanted == "{choices}" && !seen.options.is_empty();
        if !found && !placeholder {
            differences.push(format!("line {line}: the bot did not say {wanted:?}; it said {:?}", seen.text.trim()));
        }
    }
    for unwanted in &turn.not {
        if said.contains(&unwanted.to_lowercase()) {
            differences.push(format!("line {line}: the bot said {unwanted:?}: {:?}", seen.text.trim()));
        }
    }
    for wanted in &turn.choices {
        let wanted = wanted.to_lowercase();
        if !seen.options.iter().any(|label| label.to_lowercase().contains(&wanted)) {
            differences.push(format!("line {line}: {wanted:?} was not offered; offered: {:?}", seen.options));
        }
    }
    if let Some(queue) = &turn.handover {
        match talk.queued() {
            Some(hand_over) if hand_over.queue == *queue => {}
            Some(hand_over) => differences.push(format!("line {line}: handed over to '{}', not to '{queue}'", hand_over.queue)),
            None => differences.push(format!("line {line}: not handed over; the bot said {:?}", seen.text.trim())),
        }
    }
    if let Some(intent) = &turn.intent
        && !seen.intents.contains(&intent.text)
    {
        differences.push(format!("line {line}: the flow '{}' did not run; ran: {:?}", intent.text, seen.intents));
    }
    if let Some(card) = &turn.card
        && !seen.cards.contains(card)
    {
        differences.push(format!("line {line}: no {card} card was shown"));
    }
    if let Some(action) = &turn.action
        && !seen.actions.contains(action)
    {
        differences.push(format!("line {line}: '{action}' was not done; the bot said {:?}", seen.text.trim()));
    }
    if turn.no_action && !seen.actions.is_empty() {
        differences.push(format!("line {line}: {:?} was done", seen.actions));
    }
}

fn compare_account(test: &ScriptedTest, account: Option<&Account>, differences: &mut Vec<String>) {
    if test.account.is_empty() {
        return;
    }
    let shown = account.map_or(Value::Null, |account| serde_json::json!(account));
    for (path, wanted) in &test.account {
        let found = at(&shown, &path.text);
        if found != Some(wanted) {
            let found = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            differences.push(format!("line {}: the account has {found} at {}, not {wanted}", path.place.line, path.text));
        }
    }
}

/// The value at a path such as `orders[0].plan.status`.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, part| {
        let (name, indexes) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
        let value = if name.is_empty() { value } else { value.get(name)? };
        indexes.split(['[', ']']).filter(|index| !index.is_empty()).try_fold(value, |value, index| value.get(index.parse::<usize>().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::at;
    use serde_json::json;

    #[test]
    fn paths_in_accounts() {
        let value = json!({ "orders": [{ "plan": { "instalments": [1, 2] } }] });
        assert_eq!(at(&value, "orders[0].plan.instalments[1]"), Some(&json!(2)));
        assert_eq!(at(&value, "orders[1].plan"), None);
        assert_eq!(at(&value, "orders.plan"), None);
    }
}
