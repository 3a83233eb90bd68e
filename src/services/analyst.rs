//! People decide disputes: the list of what waits, the case, a step with its reason. The steps are the dispute machine's.

use super::Service;
use super::intake::changed;
use super::keeper::TRIES;
use crate::domain::account::{Account, DisputeOutcome, DisputeReason, DisputeState};
use crate::domain::dispute::machine::{Actor, Brings, Event, state_name};
use crate::domain::dispute::{Claim, Detail, case};
use crate::domain::ids::CustomerId;
use crate::domain::market::Market;
use crate::domain::progress::{Ground, Happenings, act, file};
use crate::domain::redact::redact;
use crate::store::desk::Agent;
use crate::store::{Changed, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Most disputes in one list.
const MOST: i64 = 200;
/// What waits for a person of ours.
const OURS: [DisputeState; 3] = [DisputeState::UnderReview, DisputeState::AppealReview, DisputeState::FraudInvestigation];
/// What waits for somebody else.
const THEIRS: [DisputeState; 4] = [
    DisputeState::MerchantWindow,
    DisputeState::CustomerInfoRequested,
    DisputeState::MerchantEvidenceRequested,
    DisputeState::PreliminaryDecision,
];

/// What an agent does with a dispute.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The event of the dispute machine: `decide`, `need_info`, `more_info` …
    pub event: String,
    /// The state in which the agent saw it; when it has moved since, nothing happens.
    pub state: String,
    /// For decisions.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub outcome: Option<DisputeOutcome>,
    /// For decisions in part, in minor units.
    #[serde(default)]
    pub refund_minor: i64,
    /// For decisions: the reason that the customer reads.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub detail: Option<Detail>,
    /// What is asked or why, in the agent's words.
    #[serde(default)]
    pub text: Option<String>,
    /// The right reason, for `wrong_reason` and `not_fraud_reclassified`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub reason: Option<DisputeReason>,
}

/// A claim that an agent files for a customer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// Whose.
    pub customer: String,
    /// Id or number of the order.
    pub order: String,
    /// What is contested.
    #[schema(value_type = String)]
    pub reason: DisputeReason,
    /// Why it is right to file it although the chat may not.
    pub note: String,
}

/// Why nothing happened.
#[derive(Debug, thiserror::Error)]
pub enum AnalystError {
    /// Nothing by that name.
    #[error("there is no {0}")]
    NotFound(String),
    /// Somebody or something was faster.
    #[error("dispute {no} has moved: it is in state '{state}' now; look at it again")]
    Moved {
        /// The dispute.
        no: String,
        /// Where it is now.
        state: &'static str,
    },
    /// Not possible, and why.
    #[error("{0}")]
    Refused(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Service {
    /// Disputes that wait for a person, what is due first on top; with `all` the others too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disputes(&self, all: bool) -> Result<Vec<Value>, StoreError> {
        let states: Vec<DisputeState> = if all { OURS.into_iter().chain(THEIRS).collect() } else { OURS.to_vec() };
        let merchants = self.merchants.load();
        let mut list = Vec::new();
        for (customer, id) in self.store.open_disputes(&states, MOST).await? {
            let Some(account) = self.store.account(&customer).await? else { continue };
            list.extend(account.dispute(&id).map(|(order, dispute)| case::entry(&account, order, dispute, &merchants)));
        }
        Ok(list)
    }

    /// One dispute with everything that speaks for and against it.
    ///
    /// # Errors
    /// When there is none by that id or number, or the database fails.
    pub async fn dispute_case(&self, id: &str) -> Result<Value, AnalystError> {
        let account = self.holder(id).await?;
        self.shown(&account, id)
    }

    /// An agent's step, with its reason, in one commit with everything that follows from it.
    ///
    /// # Errors
    /// When the dispute is unknown or has moved, the step is not possible, or the database fails. Nothing changes then.
    pub async fn move_dispute(&self, agent: &Agent, id: &str, step: Step) -> Result<Value, AnalystError> {
        let event = Event::parse(&step.event).ok_or_else(|| {
            AnalystError::Refused(format!("'{}' is no step; GET /api/desk/disputes/{{id}} lists the possible ones", step.event))
        })?;
        let brings = Brings {
            outcome: step.outcome,
            refund_minor: step.refund_minor,
            detail: step.detail,
            text: step.text.map(|text| redact(text.trim()).text.into_owned()).filter(|text| !text.is_empty()),
            reason: step.reason,
            rule: None,
            agent: Some(agent.id.to_string()),
        };
        for _ in 0..TRIES {
            let account = self.holder(id).await?;
            let Some((_, dispute)) = account.dispute(id) else { return Err(AnalystError::NotFound(format!("dispute '{id}'"))) };
            if state_name(dispute.state) != step.state {
                return Err(AnalystError::Moved { no: dispute.public_no.clone(), state: state_name(dispute.state) });
            }
            let merchants = self.merchants.load();
            let now = self.clock.now();
            let happened = act(&account, id, event, Actor::Agent, brings.clone(), Ground { merchants: &merchants, now })
                .map_err(|refused| AnalystError::Refused(refused.to_string()))?;
            if let Some(after) = self.put(&account, happened, now).await? {
                tracing::info!(agent.id = %agent.id, dispute = id, event = event.as_str(), "an agent moved a dispute");
                return self.shown(&after, id);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Files a claim for a customer that the chat may not.
    ///
    /// # Errors
    /// When customer or order are unknown, nothing there can be disputed, the note is missing, or the database fails.
    pub async fn file_dispute(&self, agent: &Agent, filing: &Filing) -> Result<Value, AnalystError> {
        let note = redact(filing.note.trim()).text.into_owned();
        if note.is_empty() {
            return Err(AnalystError::Refused("'note' is empty; write why this claim is filed by a person".into()));
        }
        let customer = CustomerId::from(filing.customer.as_str());
        for _ in 0..TRIES {
            let account = self.store.account(&customer).await?;
            let account = Arc::new(account.ok_or_else(|| AnalystError::NotFound(format!("customer '{customer}'")))?);
            let claim =
                Claim { reason: filing.reason, sub_reason: None, store_contact: None, store_contact_on: None, note: Some(note.clone()) };
            let merchants = self.merchants.load();
            let now = self.clock.now();
            let happened = file(&account, &filing.order, claim, agent.id.as_str(), Ground { merchants: &merchants, now })
                .map_err(|refused| AnalystError::Refused(refused.refusal.why.get("en").to_owned()))?;
            let filed = happened.account.order(&filing.order).or_else(|| by_number(&happened.account, &filing.order));
            let id = filed.and_then(|order| order.disputes.last()).map(|dispute| dispute.id.clone()).unwrap_or_default();
            if let Some(after) = self.put(&account, happened, now).await? {
                tracing::info!(agent.id = %agent.id, dispute = id, "an agent filed a dispute");
                return self.shown(&after, &id);
            }
        }
        Err(StoreError::Busy.into())
    }

    async fn holder(&self, id: &str) -> Result<Arc<Account>, AnalystError> {
        for customer in self.store.holders(id).await? {
            if let Some(account) = self.store.account(&customer).await?.filter(|account| account.dispute(id).is_some()) {
                return Ok(Arc::new(account));
            }
        }
        Err(AnalystError::NotFound(format!("dispute '{id}'")))
    }

    fn shown(&self, account: &Account, id: &str) -> Result<Value, AnalystError> {
        let (order, dispute) = account.dispute(id).ok_or_else(|| AnalystError::NotFound(format!("dispute '{id}'")))?;
        let market = Market::of(&account.customer.market);
        Ok(case::case(account, order, dispute, &self.merchants.load(), market, self.clock.now()))
    }

    /// Stores what happened and runs what is due at once. `None`: the account has moved since it was read.
    async fn put(&self, read: &Arc<Account>, happened: Happenings, now: Timestamp) -> Result<Option<Account>, StoreError> {
        let after = happened.account.clone();
        match self.store.change(changed(read, happened, now, None)).await? {
            Changed::Stale => Ok(None),
            Changed::Done | Changed::Repeated(_) => {
                self.catch_up().await?;
                Ok(Some(after))
            }
        }
    }
}

fn by_number<'a>(account: &'a Account, number: &str) -> Option<&'a crate::domain::account::Order> {
    account.customer.orders.iter().find(|order| order.r#ref == number)
}
