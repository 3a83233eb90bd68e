//! What an agent may do to the account of the customer whose conversation they have: the same calls as the flows, with the same rules.

use super::Service;
use super::calls::{self, Session, World};
use super::desk::{DeskError, first_name};
use crate::dialog::{Answer, Call, CallKind, Level};
use crate::domain::account::Account;
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::ids::ConversationId;
use crate::domain::language::Language;
use crate::domain::money::display;
use crate::store::desk::Agent;
use crate::store::unit::{AccountUse, DeskAct, Turn, Write};
use crate::store::{Outcome, StoreError, Unit};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How often an act is tried when somebody moved first.
const TRIES: usize = 4;

/// Something that may be done now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountAct {
    /// Its name: a call of the flows.
    pub action: &'static str,
    /// What it is done to, with its figures.
    pub subject: String,
    /// What it is, in words.
    pub label: String,
    /// What is asked before it is done.
    pub ask: String,
    #[serde(skip)]
    with: Map<String, Value>,
}

impl Service {
    /// What may be done to the account behind a conversation now.
    ///
    /// # Errors
    /// When there is no such conversation or the database fails.
    pub async fn account_acts(&self, conversation: &ConversationId) -> Result<Vec<AccountAct>, DeskError> {
        let row = self.row(conversation).await?.ok_or(DeskError::NotFound)?;
        let Some(customer) = &row.customer else { return Ok(Vec::new()) };
        let Some(account) = self.account(customer).await? else { return Ok(Vec::new()) };
        Ok(self.possible(&account))
    }

    /// Does one of them, and writes it into the log.
    ///
    /// # Errors
    /// When it is not possible (any more), the conversation is not theirs, or the database fails.
    pub async fn act_on_account(
        &self,
        agent: &Agent,
        conversation: &ConversationId,
        action: &str,
        subject: &str,
    ) -> Result<String, DeskError> {
        for _ in 0..TRIES {
            let row = self.row(conversation).await?.ok_or(DeskError::NotFound)?;
            let nothing = || DeskError::NotAllowed("this customer is not signed in, so there is no account to change".into());
            let customer = row.customer.clone().ok_or_else(nothing)?;
            let account = self.account(&customer).await?.ok_or_else(nothing)?;
            let act = self.possible(&account).into_iter().find(|act| act.action == action && act.subject == subject);
            let act = act.ok_or_else(|| DeskError::NotAllowed("this can't be done any more; look at the account again".into()))?;
            let answered = self.call(&account, CallKind::Do, action, act.with.clone());
            let change = match (answered.answer, answered.change) {
                (Answer::Value(_), Some(change)) => change,
                (Answer::Refused(no), _) => {
                    return Err(DeskError::NotAllowed(no["why"].as_str().unwrap_or("this is not allowed").to_owned()));
                }
                (Answer::Value(_), None) => return Ok(act.label),
            };
            let mut becomes = change.account;
            becomes.version = account.version + 1;
            for adjustment in becomes.adjustments.iter_mut().skip(account.adjustments.len()) {
                adjustment.requested_by = "agent".into();
                adjustment.reason = format!("by {}", agent.name);
            }
            let by = Author::agent(first_name(agent));
            let events =
                change.facts.iter().map(|fact| NewEvent { by: by.clone(), kind: EventKind::Action, data: fact.clone(), key: None });
            let told = change.facts.iter().map(|fact| {
                let topic = format!("account.{}", fact["action"].as_str().unwrap_or("changed"));
                (topic, json!({ "conversation": conversation, "customer": customer, "agent": agent.name, "fact": fact }).to_string())
            });
            let asked = change.messages.iter().map(|(topic, payload)| (topic.clone(), payload.to_string()));
            let turn = Turn {
                events: events.collect(),
                outbox: told.chain(asked).collect(),
                account: Some(AccountUse { read: Arc::clone(&account), becomes: Some(Box::new(becomes)) }),
                ..Turn::default()
            };
            let write = Write::Desk { agent: agent.id.clone(), name: first_name(agent).to_owned(), act: DeskAct::Act(Box::new(turn)) };
            let now = self.clock.now();
            match self.commit(Unit { row, at: now, write }).await?.outcome {
                Outcome::Done { .. } => {
                    self.store.audit(now, &agent.name, action, subject, conversation.as_str()).await?;
                    return Ok(act.label);
                }
                Outcome::Refused(refused) => return Err(DeskError::NotAllowed(refused.to_string())),
                Outcome::Stale => {}
                Outcome::Said { .. } | Outcome::Repeated { .. } | Outcome::Turned => break,
            }
        }
        Err(StoreError::Busy.into())
    }

    fn call(&self, account: &Account, kind: CallKind, name: &str, with: Map<String, Value>) -> calls::Answered {
        let merchants = self.merchants.load();
        let world = World { account: Some(account), merchants: &merchants, now: self.clock.now(), language: Language::English };
        // The agent stands for the check of who it is; the packet tells them how well the customer is known.
        let session = Session { level: Level(2), customer: Some(account.customer.id.clone()) };
        calls::answer(world, &Call { kind, name: name.to_owned(), with }, &session)
    }

    fn possible(&self, account: &Account) -> Vec<AccountAct> {
        let mut acts = Vec::new();
        let value = |kind, name: &str, with: Value| match self.call(account, kind, name, arguments(with)).answer {
            Answer::Value(value) => value,
            Answer::Refused(_) => Value::Null,
        };
        for order in &account.customer.orders {
            for one in order.plan.iter().flat_map(|plan| &plan.instalments) {
                let found = value(CallKind::Check, "can_extend", json!({ "instalment": one.id }));
                if found["allowed"] != true {
                    continue;
                }
                let amount = display(one.amount_minor + one.fee_minor - one.paid_minor - one.refunded_minor, order.currency);
                for option in found["options"].as_array().into_iter().flatten() {
                    let (days, due) = (option["days"].as_i64().unwrap_or(0), option["due_on"].as_str().unwrap_or_default());
                    acts.push(AccountAct {
                        action: "extend_due_date",
                        subject: format!("{}+{days}", one.id),
                        label: format!("Move {amount} ({}) from {} to {due}", order.r#ref, one.due_on),
                        ask: format!("Move the payment of {amount} for order {} to {due}? An order's dates move once only.", order.r#ref),
                        with: arguments(json!({ "instalment": one.id, "days": days })),
                    });
                }
            }
        }
        let fees = value(CallKind::Lookup, "fees", json!({}));
        for fee in fees["items"].as_array().into_iter().flatten().filter(|fee| fee["waivable"] == true) {
            let (id, label) = (fee["id"].as_str().unwrap_or_default(), fee["label"].as_str().unwrap_or_default());
            acts.push(AccountAct {
                action: "waive_fee",
                subject: id.to_owned(),
                label: format!("Take back the {label}"),
                ask: format!("Take back the {label}? The customer no longer owes it."),
                with: arguments(json!({ "fee": id })),
            });
        }
        acts
    }
}

fn arguments(with: Value) -> Map<String, Value> {
    if let Value::Object(map) = with { map } else { Map::new() }
}
