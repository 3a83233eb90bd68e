//! Every flow with every demo customer, in every language: nobody reads an internal code, a state of the disputes' machine, or a hole.

use redress::catalog::Catalog;
use redress::dialog::Level;
use redress::domain::event::{Author, EventKind};
use redress::domain::merchants::Merchants;
use redress::domain::personas;
use redress::services::rehearsal::Rehearsal;
use redress::services::script;
use redress::services::think::Thought;
use redress::understanding::Sentences;
use regex::Regex;
use std::path::Path;
use std::sync::Arc;

/// How many questions of a flow are answered by its first option.
const STEPS: usize = 4;

/// What a text must not show: codes of ours, words of machines, templates that were not filled in.
fn wrong(text: &str) -> Option<String> {
    let codes = Regex::new(r"\b(WON|LOST|MERCHANT_WON|NaN|null|undefined|bad_call)\b|\b[a-z]{2,}_[a-z_]{2,}\b|\{\{|\}\}|\{%|\bP\d\d-\d")
        .expect("a pattern");
    // Addresses are not ours to word.
    let without = Regex::new(r"https?://\S+|\S+@\S+").expect("a pattern").replace_all(text, "");
    codes.find(&without).map(|found| format!("'{}' in: {text}", found.as_str()))
}

/// The texts that a customer reads of a turn: messages, choices, cards.
fn texts(thought: &Thought) -> Vec<String> {
    let public = thought.events.iter().filter(|event| event.by == Author::BOT && event.kind.is_public());
    let texts = public.flat_map(|event| match event.kind {
        EventKind::Message => vec![event.data["text"].as_str().unwrap_or_default().to_owned()],
        EventKind::Choices => event.data["options"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|option| option["label"].as_str().map(str::to_owned))
            .collect(),
        EventKind::Card => {
            let fields = event.data["fields"].as_array().into_iter().flatten();
            fields
                .map(|field| format!("{}: {}", field["label"].as_str().unwrap_or_default(), field["value"].as_str().unwrap_or_default()))
                .collect()
        }
        _ => Vec::new(),
    });
    texts.collect()
}

#[test]
fn no_reply_shows_a_code_a_hole_or_a_state_of_the_machine() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = Arc::new(Catalog::load(folder, &Arc::new(Sentences::none())).expect("the content is good"));
    let merchants = Arc::new(Merchants::of(personas::load().merchants));
    let accounts = personas::accounts();
    let now = personas::NOW.parse().expect("an instant");
    let (mut read, mut problems) = (0, Vec::new());
    let mut look = |texts: Vec<String>, place: &str| {
        for text in texts {
            read += 1;
            problems.extend(wrong(&text).map(|what| format!("{place}: {what}")));
        }
    };
    for (file, test) in catalog.tests() {
        let run = script::run(&catalog, &merchants, &accounts, file, test);
        look(run.transcript.iter().filter_map(|line| line.strip_prefix("bot: ").map(str::to_owned)).collect(), &run.name);
    }
    for file in &catalog.intents {
        for (language, examples) in &file.examples {
            let Some(example) = examples.first() else { continue };
            for account in &accounts {
                for level in [Level(1), Level(2)] {
                    let talk = Rehearsal::new(Arc::clone(&catalog), Arc::clone(&merchants), Some(account.clone()), level, now);
                    let mut talk = talk.speaking(language);
                    let place = format!("{} ({language}) as {} at level {}", file.intent.text, account.customer.id, level.0);
                    let mut thought = talk.say(&example.text);
                    for _ in 0..STEPS {
                        let Some(seen) = thought.take() else { break };
                        look(texts(&seen), &place);
                        thought = talk.offered().first().cloned().and_then(|option| talk.choose(&option));
                    }
                }
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(read > 10_000, "only {read} texts were read");
    assert!(
        problems.is_empty(),
        "{} of {read} texts:\n{}",
        problems.len(),
        problems.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
}
