//! Saved replies of the desk, filled in for a customer: names and figures come from lookups, in the language of the conversation.

use super::Service;
use super::desk::{DeskError, first_name};
use crate::catalog::saved::{FillError, VARIABLES};
use crate::domain::account::{Account, DisputeState, InstalmentStatus, Order};
use crate::domain::format;
use crate::domain::ids::ConversationId;
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::merchants::Merchants;
use crate::domain::time::spoken;
use crate::store::desk::Agent;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Why a saved reply was not filled in.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// No such reply.
    #[error("there is no saved reply '{0}'")]
    NotFound(String),
    /// Something is missing.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// No such conversation, or the store failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl Service {
    /// A saved reply for a conversation, and its language.
    ///
    /// # Errors
    /// When there is none of that name, something that it names is missing, or the database fails.
    pub async fn fill_reply(&self, agent: &Agent, conversation: &ConversationId, shortcut: &str) -> Result<(String, String), ReplyError> {
        let catalog = self.catalog.current();
        let reply =
            catalog.saved.iter().find(|reply| reply.shortcut == shortcut).ok_or_else(|| ReplyError::NotFound(shortcut.to_owned()))?;
        let row = self.row(conversation).await.map_err(DeskError::from)?.ok_or(DeskError::NotFound)?;
        let account = match &row.customer {
            Some(customer) => self.account(customer).await.map_err(DeskError::from)?,
            None => None,
        };
        let language = Language::of(&row.locale);
        let mut values =
            account.as_deref().map_or_else(empty, |account| values(account, &self.merchants.load(), self.clock.now(), language));
        values.insert("agent.name", Some(first_name(agent).to_owned()));
        Ok(reply.fill(language.code(), &values)?)
    }
}

fn empty() -> BTreeMap<&'static str, Option<String>> {
    VARIABLES.into_iter().map(|name| (name, None)).collect()
}

/// What a saved reply may name. The order is the one with an open dispute, else the newest.
fn values(account: &Account, merchants: &Merchants, now: Timestamp, language: Language) -> BTreeMap<&'static str, Option<String>> {
    let market = Market::of(&account.customer.market);
    let today = market.date(now);
    let open = |order: &&Order| order.disputes.iter().any(|dispute| dispute.state != DisputeState::Closed);
    let orders = &account.customer.orders;
    let order =
        orders.iter().filter(open).max_by_key(|order| order.placed_at).or_else(|| orders.iter().max_by_key(|order| order.placed_at));
    let mut values = empty();
    let mut set = |name: &'static str, value: String| values.insert(name, Some(value));
    set("customer.first_name", account.customer.given_name.clone());
    let Some(order) = order else { return values };
    set("order.number", order.r#ref.clone());
    set("order.store", merchants.name(&order.merchant).to_owned());
    set("order.total", format::money(order.total_minor, order.currency, language.code()));
    let due = |one: &&crate::domain::account::Instalment| matches!(one.status, InstalmentStatus::Scheduled | InstalmentStatus::Overdue);
    if let Some(one) = order.plan.iter().flat_map(|plan| &plan.instalments).filter(due).min_by_key(|one| one.due_on) {
        set("plan.next_due_date", spoken(one.due_on, today, language));
        let open = one.amount_minor + one.fee_minor - one.paid_minor - one.refunded_minor;
        set("plan.next_amount", format::money(open, order.currency, language.code()));
    }
    if let Some(dispute) = order.disputes.iter().find(|dispute| dispute.state != DisputeState::Closed) {
        set("dispute.reference", dispute.public_no.clone());
        if let Some(at) = dispute.next_deadline_at {
            set("dispute.deadline", spoken(market.date(at), today, language));
        }
    }
    values
}
