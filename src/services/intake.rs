//! Facts from outside: checked, kept under their sender's id, applied to the account that they are about. A fact about something
//! unknown is parked until it is known, or reported after a month.

use super::Service;
use super::keeper::TRIES;
use crate::domain::account::{Account, MerchantStatus};
use crate::domain::conversation::Owner;
use crate::domain::event::{Author, EventKind, NewEvent, Place};
use crate::domain::fact::{self, Fact, FactKind};
use crate::domain::handoff::{self, due_at};
use crate::domain::ids::{ConversationId, CustomerId, IdMaker, TicketId};
use crate::domain::progress::{Ground, Happenings, PersonCall, take};
use crate::store::change::Call;
use crate::store::facts::{FactRow, FactState};
use crate::store::unit::{AccountUse, Ticket};
use crate::store::{Change, Changed, Row, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a fact about something unknown is kept before somebody must look at it. Our own figure.
const PARKED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Parked facts looked at in one go.
const PAGE: i64 = 200;

/// What a sender hears about one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The sender's id, as far as it could be read.
    pub id: String,
    /// `applied`, `noted` (kept, changes nothing), `parked` (its subject is unknown yet), `repeated` (known already) or `refused` (not kept).
    pub status: &'static str,
    /// Why, unless it was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Receipt {
    fn new(id: &str, status: &'static str, why: Option<String>) -> Self {
        metrics::counter!("redress_facts_total", "status" => status).increment(1);
        Self { id: id.to_owned(), status, why }
    }
}

impl Service {
    /// Takes one event in. `now`: when it reached us.
    ///
    /// # Errors
    /// When the database fails; then nothing of it is stored, and the sender sends it again.
    pub async fn take_in(&self, body: &Value, now: Timestamp) -> Result<Receipt, StoreError> {
        let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
        let fact = match fact::parse(body, now) {
            Ok(fact) => fact,
            Err(problem) => return Ok(Receipt::new(id, "refused", Some(problem.to_string()))),
        };
        let text = body.to_string();
        if let Some(known) = self.store.fact(&fact.source, &fact.id).await? {
            if known.body != text {
                let why = "an event with this id came before with other content; give every event an id of its own";
                return Ok(Receipt::new(id, "refused", Some(why.into())));
            }
            if known.state != FactState::Parked {
                return Ok(Receipt::new(id, "repeated", known.why));
            }
        }
        self.apply(&fact, text, now).await
    }

    /// Applies parked facts whose subject has become known, and reports those that waited too long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn apply_parked(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        for row in self.store.facts_to_apply(PAGE).await? {
            let body: Value = serde_json::from_str(&row.body).unwrap_or(Value::Null);
            match fact::parse(&body, row.received_at) {
                Ok(fact) => {
                    let receipt = self.apply(&fact, row.body, now).await?;
                    tracing::info!(fact.id = %fact.id, fact.source = %fact.source, status = receipt.status, "a parked fact was taken up");
                }
                Err(problem) => {
                    let fact = FactRow { state: FactState::Noted, why: Some(problem.to_string()), ..row };
                    self.store.change(Change { at: now, fact: Some(fact), ..Change::default() }).await?;
                }
            }
        }
        let reported = self.store.report_parked(now.saturating_sub(PARKED_FOR).unwrap_or(Timestamp::MIN)).await?;
        if reported > 0 {
            tracing::warn!(facts = reported, "facts about unknown things have waited for 30 days: see GET /api/events?state=reported");
        }
        Ok(())
    }

    async fn apply(&self, fact: &Fact, body: String, now: Timestamp) -> Result<Receipt, StoreError> {
        let row = |state, why, customer| FactRow {
            source: fact.source.clone(),
            id: fact.id.clone(),
            kind: fact.kind.name().to_owned(),
            subject: fact.kind.subject().to_owned(),
            occurred_at: fact.occurred_at,
            received_at: fact.received_at,
            body: body.clone(),
            state,
            why,
            customer,
        };
        let holders = self.store.holders(fact.kind.subject()).await?;
        if let FactKind::MerchantInsolvent(of) = &fact.kind {
            return self.insolvent(fact, &of.merchant, &holders, row(FactState::Applied, None, None), now).await;
        }
        let customer = match holders.as_slice() {
            [one] => one,
            [] => {
                let why = format!("nothing here has the id '{}' yet; it is kept and applied when it is known", fact.kind.subject());
                let change = Change { at: now, fact: Some(row(FactState::Parked, Some(why.clone()), None)), ..Change::default() };
                return Ok(match self.store.change(change).await? {
                    // Sent again while it is parked: it still is.
                    Changed::Done | Changed::Stale | Changed::Repeated(FactState::Parked) => Receipt::new(&fact.id, "parked", Some(why)),
                    Changed::Repeated(_) => Receipt::new(&fact.id, "repeated", None),
                });
            }
            [_, _, ..] => {
                let why =
                    format!("'{}' stands in several accounts; name the id of the parcel, refund or order itself", fact.kind.subject());
                let change = Change { at: now, fact: Some(row(FactState::Noted, Some(why.clone()), None)), ..Change::default() };
                self.store.change(change).await?;
                return Ok(Receipt::new(&fact.id, "noted", Some(why)));
            }
        };
        self.apply_to(customer, fact, &row, now).await
    }

    async fn apply_to(
        &self,
        customer: &CustomerId,
        fact: &Fact,
        row: &(dyn Fn(FactState, Option<String>, Option<CustomerId>) -> FactRow + Sync),
        now: Timestamp,
    ) -> Result<Receipt, StoreError> {
        for _ in 0..TRIES {
            let Some(account) = self.store.account(customer).await?.map(Arc::new) else { break };
            let merchants = self.merchants.load();
            let (change, status, why) = match take(&account, fact, Ground { merchants: &merchants, now }) {
                Ok(happened) => {
                    (changed(&account, happened, now, Some(row(FactState::Applied, None, Some(customer.clone())))), "applied", None)
                }
                Err(unmoved) => {
                    let why = Some(unmoved.to_string());
                    let fact = row(FactState::Noted, why.clone(), Some(customer.clone()));
                    // Fenced too: the reason holds for the account as it was read.
                    let account = Some(AccountUse { read: Arc::clone(&account), becomes: None });
                    (Change { at: now, account, fact: Some(fact), ..Change::default() }, "noted", why)
                }
            };
            match self.store.change(change).await? {
                Changed::Done => return Ok(Receipt::new(&fact.id, status, why)),
                Changed::Repeated(_) => return Ok(Receipt::new(&fact.id, "repeated", None)),
                Changed::Stale => {}
            }
        }
        Err(StoreError::Busy)
    }

    /// A store has stopped trading: it is marked, and every account with something open there is looked at.
    async fn insolvent(
        &self,
        fact: &Fact,
        merchant: &str,
        holders: &[CustomerId],
        row: FactRow,
        now: Timestamp,
    ) -> Result<Receipt, StoreError> {
        let Some(known) = self.merchants.load().get(merchant).cloned() else {
            let why = format!("there is no store '{merchant}' here");
            let parked = FactRow { state: FactState::Noted, why: Some(why.clone()), ..row };
            self.store.change(Change { at: now, fact: Some(parked), ..Change::default() }).await?;
            return Ok(Receipt::new(&fact.id, "noted", Some(why)));
        };
        self.store.put_merchant(&crate::domain::account::Merchant { status: MerchantStatus::Insolvent, ..known }).await?;
        self.reload_merchants().await?;
        for customer in holders {
            // A row for each account, so that a crash on the way goes on where it stopped.
            let each = |state, why, customer: Option<CustomerId>| FactRow {
                id: format!("{}#{}", row.id, customer.as_ref().map_or("", CustomerId::as_str)),
                state,
                why,
                customer,
                ..row.clone()
            };
            self.apply_to(customer, fact, &each, now).await?;
        }
        let done = self.store.change(Change { at: now, fact: Some(row), ..Change::default() }).await?;
        Ok(Receipt::new(&fact.id, if done == Changed::Done { "applied" } else { "repeated" }, None))
    }
}

/// What happened to an account, as one change for the store.
pub(super) fn changed(read: &Arc<Account>, happened: Happenings, at: Timestamp, fact: Option<FactRow>) -> Change {
    let customer = &read.customer;
    let mut becomes = happened.account;
    becomes.version = read.version + 1;
    let mut outbox: Vec<(String, String)> = happened
        .changes
        .iter()
        .map(|change| {
            let action = change["action"].as_str().unwrap_or("changed");
            (format!("account.{action}"), json!({"customer": customer.id, "fact": change}).to_string())
        })
        .collect();
    outbox.extend(happened.outbox.into_iter().map(|(topic, mut payload)| {
        payload["customer"] = json!(customer.id);
        (topic, payload.to_string())
    }));
    let calls = happened.calls.iter().map(|call| called(&becomes, call, at)).collect();
    Change { at, account: Some(AccountUse { read: Arc::clone(read), becomes: Some(Box::new(becomes)) }), fact, outbox, calls }
}

/// A conversation of its own in which a person finds what they must look at.
fn called(account: &Account, call: &PersonCall, at: Timestamp) -> Call {
    let customer = &account.customer;
    let mut ids = IdMaker::new(&[customer.id.as_str(), &call.key]);
    let facts = handoff::Facts {
        account: Some(account),
        level: 0,
        locale: &customer.locale,
        reason: call.reason,
        queue: call.queue,
        priority: call.priority,
        intent: None,
        also: &[],
        known: &Value::Null,
        actions: &[],
        last_words: None,
        now: at,
    };
    let mut packet = handoff::packet(&facts);
    if let Some(summary) = packet["summary"].as_array_mut() {
        // Nobody is signed in here: time or a fact calls.
        summary.drain(..1);
        summary.insert(0, json!(format!("{} {}", customer.given_name, customer.family_name)));
        summary.push(json!(call.summary));
    }
    let ticket = Ticket {
        id: TicketId::from(ids.id("tkt")),
        queue: call.queue.to_owned(),
        priority: call.priority,
        reason: call.reason.to_owned(),
        intent: None,
        customer_name: Some(customer.given_name.clone()),
        preview: call.summary.chars().take(140).collect(),
        packet: packet.to_string(),
        waiting_since: at,
        due_at: due_at(call.priority, at),
        language: super::turn::two_letters(&customer.locale),
        market: customer.market.clone(),
        reserved: None,
        not_before: None,
        clocks: Vec::new(),
    };
    let fresh = Row::fresh(ConversationId::from(ids.id("call")), Some(customer.id.clone()), &customer.locale, at);
    let row = Row { version: 1, head: Place { seq: 0, sub: 1 }, owner: Owner::Queued(ticket.id.clone()), ..fresh };
    let note =
        NewEvent { by: Author::SYSTEM, kind: EventKind::Note, data: json!({"text": call.summary, "reason": call.reason}), key: None };
    Call { row, note, ticket: Box::new(ticket) }
}
