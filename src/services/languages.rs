//! Talks in a language that the content has nothing in: what the customer writes is translated to be understood (what the bot answers, in
//! `translated`), and the original stands beside it. A confirmation is never answered by a translation: its buttons have words of our own, and
//! what is not understood as it stands is asked again. What is urgent in a translation goes to a person, who comes the sooner for it.

use super::Service;
use super::helper::Translated;
use super::reading::{Around, Memory, Read};
use super::think::{Heard, Said};
use crate::catalog::Catalog;
use crate::dialog::flow::{Flows, SlotKind};
use crate::dialog::state::{DialogState, Waiting};
use crate::dialog::{HandOver, Level, is_foreign};
use crate::domain::account::Account;
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::ids::{AgentId, ConversationId, IntentId};
use crate::domain::language::primary;
use crate::leash::weights::knows;
use crate::store::unit::{DeskAct, Write};
use crate::store::{StoreError, Unit};
use crate::understanding::{Act, Decision, Reading};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the content is written in.
pub(super) const ENGLISH: &str = "en";
const UNKNOWN: &str = "und";
/// No note for the desk takes longer.
const LONGEST: Duration = Duration::from_secs(60);
/// From this probability on an urgent intent that is neither started nor asked about by the reading still makes a translation urgent. Of 656
/// English urgent sentences of the tests' own sets this finds one more than the reading does, as would 0.05, which keeps five times as many
/// others from being understood.
const MAYBE_URGENT: f32 = 0.15;
/// The most words of an answer that is nothing else.
const ANSWER_WORDS: usize = 5;

/// The language that a turn has to be translated from and into; `None` when the content speaks the customer's.
pub(super) fn foreign(flows: &Flows, locale: &str, said: &[Said]) -> Option<String> {
    let of_talk = Some(primary(locale)).filter(|language| !flows.speaks(language));
    let last = said.iter().rev().find_map(|said| match (&said.heard, &said.reading) {
        (Heard::Text(text), Some(reading)) => Some((text, reading)),
        (_, _) => None,
    });
    let language = match last {
        Some((text, reading)) if is_foreign(flows, text, reading) => Some(reading.language),
        Some((_, reading)) if reading.language != UNKNOWN && flows.speaks(reading.language) => None,
        Some(_) | None => of_talk,
    };
    language.filter(|language| knows(language)).map(str::to_owned)
}

/// Whether an explicit yes or no is waited for.
fn asks_yes_or_no(flows: &Flows, state: &DialogState) -> bool {
    let Some(frame) = state.stack.last() else { return false };
    match &frame.waiting {
        Some(Waiting::Yes { .. } | Waiting::Meant { .. } | Waiting::Level) => true,
        Some(Waiting::Slot { slot, .. }) => {
            flows.flows.get(&frame.intent).and_then(|flow| flow.slots.get(slot)).is_some_and(|slot| matches!(slot.kind, SlotKind::YesNo))
        }
        Some(Waiting::Record { .. } | Waiting::Call) | None => false,
    }
}

/// Whether a message has to be translated to be understood.
fn is_unread(flows: &Flows, text: &str, reading: &Reading) -> bool {
    let urgent = reading.safety.is_some() || reading.does(Act::Human) || reading.does(Act::AreYouBot) || reading.does(Act::Language);
    let says_nothing = reading.acts.is_empty() && reading.entities.is_empty() && !matches!(reading.decision, Decision::Act(_));
    let unclear = reading.language == UNKNOWN && says_nothing;
    !urgent && (unclear || is_foreign(flows, text, reading))
}

/// Whether a translated message answers what is open in a few words, such as "the first one": by themselves those sound like anything.
fn is_answer(state: &DialogState, text: &str, reading: &Reading) -> bool {
    let open = state.stack.last().is_some_and(|frame| matches!(frame.waiting, Some(Waiting::Slot { .. } | Waiting::Record { .. })));
    let sure = reading.safety.is_some() || matches!(reading.decision, Decision::Act(_));
    open && !sure && !reading.entities.is_empty() && text.split_whitespace().count() <= ANSWER_WORDS
}

/// The urgent matter that a translated message may be about: then no flow begins by it.
fn urgent<'a>(catalog: &Catalog, reading: &'a Reading) -> Option<&'a IntentId> {
    let asked = match &reading.decision {
        Decision::Act(intent) => std::slice::from_ref(intent),
        Decision::Clarify(intents) => intents,
        Decision::Abstain => &[],
    };
    let likely = reading.intents.iter().filter(|guess| guess.confidence >= MAYBE_URGENT).map(|guess| &guess.intent);
    let by_rule = reading.safety.iter().map(|hit| &hit.intent);
    by_rule.chain(asked).chain(&reading.also).chain(likely).find(|intent| catalog.is_urgent(intent))
}

/// A hand-over of somebody whose words, translated, may be about this urgent matter: to its team, and no later than it asks for. A translation
/// can only make a person come sooner.
pub(super) fn raise(catalog: &Catalog, intent: &IntentId, hand_over: &mut HandOver) {
    let Some(flow) = catalog.flows.flows.get(intent) else { return };
    if flow.priority < hand_over.priority {
        hand_over.priority = flow.priority;
        hand_over.queue.clone_from(&flow.queue);
        hand_over.intent = Some(intent.clone());
    }
}

/// A translated message never says yes, no or stop: those are understood as they stand, or asked again.
fn without_consent(mut reading: Box<Reading>) -> Box<Reading> {
    reading.acts.retain(|act| !matches!(act, Act::Yes | Act::No | Act::Cancel));
    reading
}

/// A language that the content does not speak, and the places of the messages that are heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foreign<'a> {
    pub(super) language: &'a str,
    pub(super) seqs: &'a [i64],
}

/// What was heard, in English.
pub(super) struct InEnglish {
    pub(super) said: Vec<Said>,
    /// What the desk reads beneath the messages.
    pub(super) notes: Vec<NewEvent>,
    /// The messages that were not translated; nobody waits for that.
    pub(super) unread: Vec<i64>,
    /// Whether everything was understood; if not, everything goes on as without a model.
    pub(super) understood: bool,
    /// The urgent matter that it may be about; then it does not count as understood.
    pub(super) urgent: Option<IntentId>,
}

impl Service {
    /// The foreign language that a turn is to be helped with, if a model would be asked.
    pub(super) fn translates(&self, catalog: &Catalog, account: Option<&Account>, locale: &str, said: &[Said]) -> Option<String> {
        foreign(&catalog.flows, locale, said).filter(|_| self.helper.would_translate(account))
    }

    /// What was heard, in English as far as it has to be translated.
    pub(super) async fn heard_in_english(
        &self,
        around: Around<'_>,
        state: &DialogState,
        read: Read,
        foreign: Foreign<'_>,
        until: Instant,
        memory: &mut Memory,
    ) -> InEnglish {
        let Foreign { language, seqs } = foreign;
        let Around { catalog, account, .. } = around;
        let consents = asks_yes_or_no(&catalog.flows, state);
        let mut all =
            InEnglish { said: Vec::with_capacity(read.said.len()), notes: Vec::new(), unread: Vec::new(), understood: true, urgent: None };
        for (place, mut one) in read.said.into_iter().enumerate() {
            let seq = seqs.get(place).copied();
            let unread = match (&one.heard, &one.reading) {
                (Heard::Text(text), Some(reading)) if is_unread(&catalog.flows, text, reading) => Some(text.clone()),
                (_, _) => None,
            };
            let Some(text) = unread else {
                all.said.push(one);
                continue;
            };
            if consents {
                // Not understood as it stands: it is asked again.
                if let Some(reading) = &mut one.reading {
                    reading.language = UNKNOWN;
                }
                all.unread.extend(seq);
                all.said.push(one);
                continue;
            }
            let Some(translated) = self.in_english(around, &text, language, until, memory).await else {
                all.understood = false;
                all.unread.extend(seq);
                all.said.push(one);
                continue;
            };
            all.notes.push(note(&translated.text, seq, language));
            let around = Around { catalog, account, locale: ENGLISH };
            let english = self.read(around, vec![(Heard::Text(translated.readable), one.level)]).await.said;
            let matter = english.iter().find_map(|said| {
                let (Heard::Text(text), Some(reading)) = (&said.heard, &said.reading) else { return None };
                urgent(catalog, reading).filter(|_| !is_answer(state, text, reading)).cloned()
            });
            if matter.is_some() {
                all.understood = false;
                all.urgent = all.urgent.or(matter);
                all.said.push(one);
                continue;
            }
            all.said.extend(english.into_iter().map(|said| Said { reading: said.reading.map(without_consent), ..said }));
        }
        all
    }

    async fn in_english(&self, around: Around<'_>, text: &str, language: &str, until: Instant, memory: &mut Memory) -> Option<Translated> {
        if let Some((_, known)) = memory.understood.iter().find(|(other, _)| other == text) {
            return known.clone();
        }
        let translated = self.helper.understand(around.catalog, around.account, text, language, until).await.ok();
        memory.understood.push((text.to_owned(), translated.clone()));
        translated
    }

    /// Has a customer's message translated for the desk, on a task of its own: nobody waits for it.
    pub(super) fn translate_later(self: &Arc<Self>, conversation: ConversationId, seq: i64) {
        let service = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(error) = service.translate_for_desk(&conversation, seq).await {
                tracing::debug!(conversation.id = %conversation, %error, "The desk reads a message without its translation");
            }
        });
    }

    async fn translate_for_desk(&self, conversation: &ConversationId, seq: i64) -> Result<(), StoreError> {
        let Some(row) = self.row(conversation).await? else { return Ok(()) };
        let account = self.account_of(row.customer.as_ref()).await?;
        let account = account.as_deref();
        let events = self.store.last_events(conversation, 40).await?;
        let Some(event) = events.iter().find(|event| event.seq == seq && event.by == Author::CUSTOMER && event.kind == EventKind::Message)
        else {
            return Ok(());
        };
        let data = event.value();
        let text = data["text"].as_str().unwrap_or_default();
        let catalog = self.catalog.current();
        let around = Around { catalog: &catalog, account, locale: &row.locale };
        let read = self.read(around, vec![(Heard::Text(text.to_owned()), Level(0))]).await;
        let Some(language) = self.translates(&catalog, account, &row.locale, &read.said) else { return Ok(()) };
        let translated = self.helper.understand(&catalog, account, text, &language, Instant::now() + LONGEST).await;
        let Ok(translated) = translated else { return Ok(()) };
        let row = self.row(conversation).await?.unwrap_or(row);
        let mut note = note(&translated.text, Some(seq), &language);
        note.key = Some(format!("translation-{seq}"));
        let write = Write::Desk { agent: AgentId::from("model"), name: String::new(), act: DeskAct::Note(note) };
        self.store.commit(Unit { row, at: self.clock.now(), write }).await.map(drop)
    }
}

/// What the desk reads beneath the message at that place.
fn note(text: &str, of: Option<i64>, language: &str) -> NewEvent {
    let data = json!({ "text": text, "locale": ENGLISH, "translation": { "of": of, "from": language, "by": "model" } });
    NewEvent { by: Author::SYSTEM, kind: EventKind::Note, data, key: None }
}
