//! Help with an open question that free words did not answer: a day, an amount or one of the things on offer, to be confirmed by the customer.

use super::{Helper, mask};
use crate::catalog::Catalog;
use crate::catalog::prompts::{Given, Shown};
use crate::dialog::{Proposal, Wanted};
use crate::domain::account::Account;
use crate::domain::market::Market;
use crate::leash::slots::{self, Read, Words, kind, proposed};
use crate::llm::Use;
use jiff::Timestamp;
use tokio::time::Instant;

/// A question that a message did not answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::services) struct Unanswered<'a> {
    /// What it waits for.
    pub(in crate::services) wanted: &'a Wanted,
    /// What the bot said last.
    pub(in crate::services) question: &'a str,
    /// What the customer wrote.
    pub(in crate::services) text: &'a str,
    /// The language of that.
    pub(in crate::services) language: &'a str,
}

impl Helper {
    /// Whether a model may be asked what a message means for an open question.
    pub(in crate::services) fn may_propose(&self, account: Option<&Account>) -> bool {
        self.would_ask(Use::Slot, account)
    }

    /// What the message may mean for the question, if its words bear it.
    pub(in crate::services) async fn propose(
        &self,
        catalog: &Catalog,
        account: Option<&Account>,
        open: Unanswered<'_>,
        now: Timestamp,
        until: Instant,
    ) -> Option<Proposal> {
        let Unanswered { wanted, question, text, language } = open;
        let market = account.map_or_else(Market::fallback, |account| Market::of(&account.customer.market));
        let today = market.date(now);
        let mut mask = mask(account);
        let options: Vec<String> = match wanted {
            Wanted::One(labels) => labels.iter().map(|label| mask.hide(label)).collect(),
            Wanted::Date { .. } | Wanted::Money => Vec::new(),
        };
        let listed: Vec<Shown<'_>> = options.iter().enumerate().map(|(place, text)| Shown { number: place + 1, text }).collect();
        let (question, message) = (mask.hide(question), mask.hide(text));
        let given = Given::Slot {
            kind: kind(wanted),
            today: &today.strftime("%A %Y-%m-%d").to_string(),
            language,
            question: &question,
            options: &listed,
            message: &message,
        };
        let read: Read = self.ask(catalog, account, &given, &slots::schema(wanted), until).await.ok()?;
        let currency = account.map_or(market.currency, |account| account.customer.currency);
        let proposal = proposed(wanted, &read, Words { text, language, today, currency });
        let outcome = if proposal.is_some() { "asked_about" } else { "refused" };
        metrics::counter!("redress_model_slots_total", "outcome" => outcome).increment(1);
        proposal
    }
}
