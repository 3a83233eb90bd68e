//! Reading what was heard: by words at once, by the encoder where they leave it open, and, for what stays unsure, with the help of a model.

use super::Service;
use super::helper::{Helped, Message, Translated, article};
use super::think::{Heard, Said};
use crate::catalog::Catalog;
use crate::dialog::state::DialogState;
use crate::dialog::{Level, Proposal};
use crate::domain::account::Account;
use crate::domain::market::Market;
use crate::understanding::ReadContext;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::time::Instant;

/// What was read, with what a model needs to help.
pub(super) struct Read {
    pub(super) said: Vec<Said>,
    /// Vectors of whole messages, in the order of `said`.
    vectors: Vec<Option<Arc<[f32]>>>,
}

/// Where a message is read.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) account: Option<&'a Account>,
    /// The conversation's language.
    pub(super) locale: &'a str,
}

/// What a model made of the texts of a turn: kept while the turn is thought again.
#[derive(Default)]
pub(super) struct Memory {
    helped: Vec<(String, Helped)>,
    /// Messages in English, as far as they could be translated.
    pub(super) understood: Vec<(String, Option<Translated>)>,
    /// Texts of the bot with what became of them.
    pub(super) said: Vec<(Vec<String>, HashMap<String, String>)>,
    /// What a message may mean for an open question.
    pub(super) proposed: Vec<(String, Option<Proposal>)>,
}

impl Service {
    /// Reads every text: by its words here, and where these leave it open with the vectors that the encoder's thread makes.
    pub(super) async fn read(&self, around: Around<'_>, heard: Vec<(Heard, Level)>) -> Read {
        let Around { catalog, account, locale } = around;
        let market = account.map_or_else(Market::fallback, |account| Market::of(&account.customer.market));
        let context = ReadContext::of(market, self.clock.now());
        let mut read = Read { said: Vec::with_capacity(heard.len()), vectors: Vec::with_capacity(heard.len()) };
        for (heard, level) in heard {
            let (mut reading, mut found, mut vector) = (None, None, None);
            if let Heard::Text(text) = &heard {
                let draft = catalog.understander.begin(text, &context);
                let open: Vec<String> = draft.sentences().into_iter().map(str::to_owned).collect();
                let vectors = if open.is_empty() { Vec::new() } else { self.encoding.vectors(open).await };
                let finished = Box::new(catalog.understander.finish(draft, &vectors));
                vector = vectors.into_iter().next();
                found = article(catalog, Message { text, vector: vector.as_deref(), reading: &finished, locale });
                reading = Some(finished);
            }
            read.said.push(Said { heard, level, reading, article: found, proposal: None });
            read.vectors.push(vector);
        }
        read
    }

    /// Whether a model may help with any of it: only while no flow waits for an answer.
    pub(super) fn may_help(&self, around: Around<'_>, state: &DialogState, read: &Read) -> bool {
        let unsure = |(said, vector): (&Said, &Option<Arc<[f32]>>)| match (&said.heard, &said.reading) {
            (Heard::Text(text), Some(reading)) => {
                let message = Message { text, vector: vector.as_deref(), reading, locale: around.locale };
                self.helper.may_help(around.catalog, around.account, message)
            }
            (_, _) => false,
        };
        state.stack.is_empty() && read.said.iter().zip(&read.vectors).any(unsure)
    }

    /// The same with a model's help, as far as it comes in time. A text is asked about once in a turn.
    pub(super) async fn help(&self, around: Around<'_>, read: Read, until: Instant, memory: &mut Memory) -> Vec<Said> {
        let Around { catalog, account, locale } = around;
        let mut helped = Vec::with_capacity(read.said.len());
        for (mut said, vector) in read.said.into_iter().zip(read.vectors) {
            if let (Heard::Text(text), Some(reading)) = (&said.heard, said.reading.take()) {
                let known = memory.helped.iter().find(|(other, _)| other == text).map(|(_, help)| help.clone());
                let message = Message { text, vector: vector.as_deref(), reading: &reading, locale };
                let help = match known {
                    Some(help) => help,
                    None if self.helper.may_help(catalog, account, message) => {
                        let help = self.helper.help(catalog, account, message, until).await;
                        memory.helped.push((text.clone(), help.clone()));
                        help
                    }
                    None => Helped::default(),
                };
                let (settled, found) = help.apply(catalog, *reading, said.article.take());
                (said.reading, said.article) = (Some(Box::new(settled)), found);
            }
            helped.push(said);
        }
        helped
    }
}
