//! What the bot says in a language that the content has nothing in: texts translated by a model, with the original beside each. What cannot be
//! translated stays as it is.

use super::Service;
use super::languages::ENGLISH;
use super::reading::{Around, Memory};
use super::think::Thought;
use crate::dialog::OptionOffer;
use crate::domain::event::{AuthorKind, EventKind, NewEvent};
use crate::domain::language::same;
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::time::Instant;

/// The most texts of a turn that are translated, and the most characters of them.
const MOST_TEXTS: usize = 40;
const MOST_CHARS: usize = 4_000;
/// Buttons that have words of our own in every language.
const OWN_LABELS: [&str; 4] = ["yes_label", "no_label", "option_person", "option_else"];

impl Service {
    /// What the bot is about to say, in the customer's language: each event whose texts could all be translated, with the original beside it.
    pub(super) async fn say_in(&self, around: Around<'_>, thought: &mut Thought, language: &str, until: Instant, memory: &mut Memory) {
        let flows = &around.catalog.flows;
        let own =
            |label: &str| OWN_LABELS.into_iter().find(|key| flows.wording(key, ENGLISH) == label).map(|key| flows.wording(key, language));
        let mut wanted: Vec<String> = Vec::new();
        for text in thought.events.iter().filter(|event| is_said(event)).flat_map(texts_of) {
            let text = plain(&text);
            if own(&text).is_none() && !wanted.contains(&text) {
                wanted.push(text);
            }
        }
        let chars: usize = wanted.iter().map(|text| text.chars().count()).sum();
        if wanted.len() > MOST_TEXTS || chars > MOST_CHARS {
            return;
        }
        if !memory.said.iter().any(|(other, _)| *other == wanted) {
            let texts: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let came = self.helper.translate(around.catalog, around.account, &texts, (ENGLISH, language), until).await;
            let came = came.map(|all| wanted.iter().cloned().zip(all).filter_map(|(text, came)| Some((text, came.ok()?))).collect());
            memory.said.push((wanted.clone(), came.unwrap_or_default()));
        }
        let Some((_, came)) = memory.said.iter().find(|(other, _)| *other == wanted) else { return };
        let with = |text: &str| own(text).or_else(|| came.get(&plain(text)).cloned());
        let by_machine = flows.wording("by_machine", language);
        for event in thought.events.iter_mut().filter(|event| is_said(event)) {
            if event.kind == EventKind::Choices {
                thought.state.shown = translated_options(&mut event.data, &with);
            } else if texts_of(event).iter().all(|text| with(text).is_some()) {
                translate_event(event, language, &by_machine, &with);
            }
        }
    }
}

/// Marks of markup have no place in what is translated.
fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "'")
}

/// What the bot says to the customer, not yet in their language.
fn is_said(event: &NewEvent) -> bool {
    let kind = matches!(event.kind, EventKind::Message | EventKind::Choices | EventKind::Card);
    kind && event.by.kind == AuthorKind::Bot && event.data.get("locale").and_then(Value::as_str).is_none_or(|locale| same(locale, ENGLISH))
}

/// The texts of an event, in order.
fn texts_of(event: &NewEvent) -> Vec<String> {
    let data = &event.data;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let list = |name: &str| data.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut texts: Vec<String> = ["text", "title"].iter().filter_map(|name| text(data.get(name)?)).collect();
    texts.extend(list("fields").flat_map(|field| [&field["label"], &field["value"]]).filter_map(text));
    texts.extend(list("options").filter_map(|option| text(&option["label"])));
    texts
}

/// Options with labels in the customer's language, as far as there are some; returns what is shown.
fn translated_options(data: &mut Value, with: &impl Fn(&str) -> Option<String>) -> Vec<OptionOffer> {
    let mut shown = Vec::new();
    for option in data.get_mut("options").and_then(Value::as_array_mut).into_iter().flatten() {
        let label = option["label"].as_str().unwrap_or_default().to_owned();
        if let Some(translated) = with(&label).filter(|translated| *translated != label) {
            option["original"] = json!(label);
            option["label"] = json!(translated);
            shown.push(OptionOffer { id: option["id"].as_str().unwrap_or_default().to_owned(), label: translated });
        }
    }
    shown
}

/// An event in the customer's language, with the original and a word that a machine has translated it.
fn translate_event(event: &mut NewEvent, language: &str, by_machine: &str, with: &impl Fn(&str) -> Option<String>) {
    let mut original: HashMap<&str, Value> = HashMap::new();
    for name in ["text", "title", "fields"] {
        if let Some(value) = event.data.get(name) {
            original.insert(name, value.clone());
        }
    }
    let put = |value: &mut Value| {
        if let Some(text) = value.as_str().and_then(with) {
            *value = json!(text);
        }
    };
    for name in ["text", "title"] {
        event.data.get_mut(name).into_iter().for_each(put);
    }
    for field in event.data.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
        for name in ["label", "value"] {
            field.get_mut(name).into_iter().for_each(put);
        }
    }
    event.data["locale"] = json!(language);
    event.data["translated"] = json!({ "note": by_machine, "locale": ENGLISH, "original": original });
}
