//! Thinking with a model's help: what is foreign is translated, what is unsure gets a second opinion or an answer from the articles, and what did
//! not answer an open question is asked about. Whatever does not come in time is done without.

use super::Service;
use super::helper::Unanswered;
use super::languages::{ENGLISH, Foreign, raise};
use super::reading::{Around, Memory, Read};
use super::think::{Ground, Heard, Said, Thought, think};
use super::turn::dialog_state;
use crate::catalog::Catalog;
use crate::dialog::state::{DialogState, Waiting};
use crate::domain::account::Account;
use crate::domain::language::same;
use crate::store::Row;
use tokio::time::Instant;

/// A thought that a model had its part in.
pub(super) struct Helped {
    pub(super) thought: Thought,
    /// Messages that the desk would read in no language of its own; nobody waits for their translation.
    pub(super) unread: Vec<i64>,
}

/// Messages whose one text may answer an open question.
fn only_text(said: &[Said]) -> Option<&str> {
    match said {
        [Said { heard: Heard::Text(text), .. }] => Some(text),
        [] | [_] | [_, _, ..] => None,
    }
}

impl Service {
    /// Whether a model may help with what was read, before it is thought about.
    pub(super) fn wants_help(&self, around: Around<'_>, state: &DialogState, read: &Read) -> bool {
        self.translates(around.catalog, around.account, around.locale, &read.said).is_some() || self.may_help(around, state, read)
    }

    /// Whether a model may help with an answer that does not fit; known for sure only when it was thought about.
    pub(super) fn may_fill(&self, around: Around<'_>, state: &DialogState, read: &Read) -> bool {
        let waiting = state.stack.last().and_then(|frame| frame.waiting.as_ref());
        let open = matches!(waiting, Some(Waiting::Slot { .. } | Waiting::Record { .. } | Waiting::Meant { .. }));
        open && only_text(&read.said).is_some() && self.helper.may_propose(around.account)
    }

    /// Thinks without a model; texts are in the language of `locale`.
    pub(super) fn think_over(&self, row: &Row, account: Option<&Account>, catalog: &Catalog, said: Vec<Said>, locale: &str) -> Thought {
        let merchants = self.merchants.load();
        let ground = Ground {
            catalog,
            customer: row.customer.as_ref().or_else(|| account.map(|account| &account.customer.id)),
            account,
            merchants: &merchants,
            conversation: row.id.as_str(),
            locale,
            now: self.clock.now(),
        };
        think(&ground, dialog_state(row), said)
    }

    /// Thinks with the help that comes until then. `seqs` are the places of what was read.
    pub(super) async fn think_with_help(
        &self,
        row: &Row,
        around: Around<'_>,
        read: Read,
        seqs: &[i64],
        until: Instant,
        memory: &mut Memory,
    ) -> Helped {
        let Around { catalog, account, locale } = around;
        let state = dialog_state(row);
        let foreign = self.translates(catalog, account, locale, &read.said);
        let mut urgent = None;
        let (mut said, notes, unread, target) = match foreign {
            Some(language) => {
                // The way out needs its time, too.
                let half = Instant::now() + until.saturating_duration_since(Instant::now()) / 2;
                let heard = self.heard_in_english(around, &state, read, Foreign { language: &language, seqs }, half, memory).await;
                let target = heard.understood.then_some(language);
                urgent = heard.urgent;
                (heard.said, heard.notes, heard.unread, target)
            }
            None if self.may_help(around, &state, &read) => (self.help(around, read, until, memory).await, Vec::new(), Vec::new(), None),
            None => (read.said, Vec::new(), Vec::new(), None),
        };
        let spoken = if target.is_some() { ENGLISH } else { locale };
        let mut thought = self.think_over(row, account, catalog, said.clone(), spoken);
        if let (Some(wanted), Some(text)) = (&thought.missed, only_text(&said))
            && self.helper.may_propose(account)
        {
            let known = memory.proposed.iter().find(|(other, _)| other == text).map(|(_, proposal)| proposal.clone());
            let language = said[0].reading.as_ref().map_or("und", |reading| reading.language);
            let open = Unanswered { wanted, question: &state.last_said, text, language };
            let proposal = match known {
                Some(proposal) => proposal,
                None => self.helper.propose(catalog, account, open, self.clock.now(), until).await,
            };
            memory.proposed.push((text.to_owned(), proposal.clone()));
            if proposal.is_some() {
                said[0].proposal = proposal;
                thought = self.think_over(row, account, catalog, said, spoken);
            }
        }
        if let Some(language) = target.filter(|_| thought.locale.is_none()) {
            self.say_in(around, &mut thought, &language, until, memory).await;
            thought.locale = Some(language).filter(|language| !same(language, &row.locale));
        }
        if let (Some(intent), Some(hand_over)) = (&urgent, &mut thought.hand_over) {
            raise(catalog, intent, hand_over);
        }
        thought.events.splice(0..0, notes);
        Helped { thought, unread }
    }
}
