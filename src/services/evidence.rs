//! Evidence from customers: begun for one of their open disputes, taken in parts, checked whole, added to the dispute together with the
//! receipt in the conversation.

use super::Service;
use super::identity::Identity;
use super::intake::changed;
use super::keeper::TRIES;
use super::uploads::{Held, Intended, Scan};
use crate::dialog::Level;
use crate::domain::account::{Account, Dispute, DisputeState, Order};
use crate::domain::conversation::Owner;
use crate::domain::dispute::reason_text;
use crate::domain::event::{Author, EventKind, NewEvent};
use crate::domain::evidence::{Kept, MOST_BYTES, MOST_FILES, Unfit, accept, plain_name};
use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::progress::{Ground, Happenings, hand_in};
use crate::store::unit::{AccountUse, DeskAct, Turn, Write};
use crate::store::{Changed, Outcome, Row, StoreError, Unit};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use std::io;
use std::pin::pin;
use std::sync::Arc;

/// Why an upload does not go on.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Unknown, or somebody else's.
    #[error("there is no such upload; begin a new one")]
    NotFound,
    /// The conversation is not this customer's.
    #[error("this conversation is not the signed-in customer's")]
    NotYours,
    /// Somebody writes to it right now, or the part begins elsewhere: at this byte it goes on.
    #[error("the upload goes on at byte {0}")]
    GoesOnAt(u64),
    /// More bytes came than were announced.
    #[error("more bytes came than were announced; begin a new upload")]
    Longer,
    /// Several disputes are open: which one?
    #[error("several cases are open; say which one it is for")]
    Which(Vec<Value>),
    /// No dispute is open.
    #[error("no case is open")]
    NoCase,
    /// The file is not taken.
    #[error("the file is not taken: {0:?}")]
    Unfit(Unfit),
    /// The connection broke: what has come is kept.
    #[error("the connection broke; what has come is kept")]
    Cut,
    /// The folder failed.
    #[error("the folder for evidence: {0}")]
    Folder(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Service {
    /// Begins an upload for a dispute of the signed-in customer: named, or the only open one.
    ///
    /// # Errors
    /// When the conversation is not theirs, no dispute fits, or the file cannot be taken by its size.
    pub async fn begin_upload(
        &self,
        who: &Identity,
        conversation: &ConversationId,
        dispute: Option<&str>,
        name: &str,
        size: u64,
    ) -> Result<Value, UploadError> {
        let account = self.own(who, conversation).await?;
        let all = account.customer.orders.iter().flat_map(|order| order.disputes.iter().map(move |dispute| (order, dispute)));
        let open: Vec<(&Order, &Dispute)> = all.filter(|(_, dispute)| dispute.state != DisputeState::Closed).collect();
        let found = match dispute {
            Some(id) => open.iter().find(|(_, dispute)| dispute.id == id || dispute.public_no == id).ok_or(UploadError::NoCase)?,
            None => match open.as_slice() {
                [] => return Err(UploadError::NoCase),
                [one] => one,
                several => {
                    return Err(UploadError::Which(several.iter().map(|(order, dispute)| self.choice(&account, order, dispute)).collect()));
                }
            },
        };
        if size == 0 {
            return Err(UploadError::Unfit(Unfit::Empty));
        }
        if size > MOST_BYTES {
            return Err(UploadError::Unfit(Unfit::TooLarge));
        }
        if files(found.1) >= MOST_FILES {
            return Err(UploadError::Unfit(Unfit::TooMany));
        }
        let intended = Intended {
            customer: who.customer.to_string(),
            conversation: conversation.to_string(),
            dispute: found.1.id.clone(),
            name: plain_name(name),
            size,
        };
        let id = self.uploads.begin(&intended).await?;
        Ok(json!({"id": id, "offset": 0, "size": size, "name": intended.name, "dispute": found.1.public_no}))
    }

    fn choice(&self, account: &Account, order: &Order, dispute: &Dispute) -> Value {
        let merchants = self.merchants.load();
        let reason = reason_text(dispute.reason, Language::of(&account.customer.locale));
        json!({"dispute": dispute.public_no, "label": format!("{}: {}, {reason}", dispute.public_no, merchants.name(&order.merchant))})
    }

    /// Where an upload goes on: the number of bytes that are there.
    ///
    /// # Errors
    /// When there is none by that id for this customer.
    pub async fn upload_offset(&self, who: &Identity, id: &str) -> Result<(u64, u64), UploadError> {
        let (intended, offset) = self.known(who, id).await?;
        Ok((offset, intended.size))
    }

    /// Takes a part that begins at `offset`. Whatever comes before a cut is kept. With the last byte the file is checked and added to
    /// its dispute: `{"offset", "size"}`, and then also `"done": true` with what was kept.
    ///
    /// # Errors
    /// When the part begins elsewhere, is too long, the connection breaks, or the whole file is not taken (then it is forgotten).
    pub async fn upload_part<B, E>(
        &self,
        who: &Identity,
        id: &str,
        offset: u64,
        part: impl Stream<Item = Result<B, E>> + Send,
    ) -> Result<Value, UploadError>
    where
        B: AsRef<[u8]> + Send,
        E: Send,
    {
        let (intended, there) = self.known(who, id).await?;
        let held = self.uploads.hold(id, intended).ok_or(UploadError::GoesOnAt(there))?;
        // Read again: whoever held it before has written.
        let (_, mut there) = self.uploads.known(id).await?.ok_or(UploadError::NotFound)?;
        if there != offset {
            return Err(UploadError::GoesOnAt(there));
        }
        let size = held.intended.size;
        let mut part = pin!(part);
        while let Some(bytes) = part.next().await {
            let bytes = bytes.map_err(|_| UploadError::Cut)?;
            let bytes = bytes.as_ref();
            if there + bytes.len() as u64 > size {
                held.forget().await;
                return Err(UploadError::Longer);
            }
            held.append(bytes).await?;
            there += bytes.len() as u64;
        }
        if there < size {
            return Ok(json!({"offset": there, "size": size}));
        }
        let finished = self.finish(&held).await;
        // A failure of ours leaves the whole file for another try.
        if !matches!(finished, Err(UploadError::Store(_) | UploadError::Folder(_))) {
            held.forget().await;
        }
        finished
    }

    async fn finish(&self, held: &Held<'_>) -> Result<Value, UploadError> {
        let bytes = held.bytes().await?;
        let accepted = tokio::task::spawn_blocking(move || accept(&bytes)).await.map_err(io::Error::other)?;
        let Kept { kind, bytes } = accepted.map_err(UploadError::Unfit)?;
        let size = bytes.len();
        let hash = self.uploads.keep(bytes).await?;
        let scan = self.uploads.scan(&hash).await;
        if scan == Scan::Infected {
            tracing::warn!(dispute = held.intended.dispute, "a file that a customer handed in was infected; it was deleted");
            return Err(UploadError::Unfit(Unfit::Infected));
        }
        let intended = &held.intended;
        for _ in 0..TRIES {
            let now = self.clock.now();
            let Some(account) = self.store.account(&intended.customer.as_str().into()).await?.map(Arc::new) else { break };
            let evidence = json!({"party": "customer", "type": kind.sort(), "name": intended.name, "mime": kind.mime(), "size": size,
                "file": hash, "scan": scan.as_str(), "submitted_at": now});
            let merchants = self.merchants.load();
            let Some((_, dispute)) = account.dispute(&intended.dispute) else { break };
            let done = json!({"offset": intended.size, "size": intended.size, "done": true, "name": intended.name,
                "dispute": dispute.public_no, "kept_bytes": size, "at": now});
            if dispute.state == DisputeState::Closed {
                return Err(UploadError::NoCase);
            }
            if dispute.evidence.iter().any(|known| known["file"] == hash.as_str() && known["party"] == "customer") {
                return Ok(done);
            }
            if files(dispute) >= MOST_FILES {
                return Err(UploadError::Unfit(Unfit::TooMany));
            }
            let Ok(happened) = hand_in(&account, &intended.dispute, evidence, Ground { merchants: &merchants, now }) else { break };
            if self.hand_over(&account, happened, intended).await? {
                self.catch_up().await?;
                return Ok(done);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Stores the evidence: with the receipt in one commit where the bot has the conversation, else with a note for the person who has it.
    async fn hand_over(&self, account: &Arc<Account>, happened: Happenings, intended: &Intended) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let conversation = ConversationId::from(intended.conversation.as_str());
        let _turn = self.locks.lock(&conversation).await;
        let known = self.store.conversation(&conversation).await?;
        // Somebody who has not said a word yet has no row.
        let fresh = || Row::fresh(conversation.clone(), Some(account.customer.id.clone()), &account.customer.locale, now);
        let row = Arc::new(known.unwrap_or_else(fresh));
        let Some((order, dispute)) = happened.account.dispute(&intended.dispute) else { return Ok(false) };
        let data = json!({"name": intended.name, "public_no": dispute.public_no, "merchant": self.merchants.load().name(&order.merchant),
            "files": files(dispute)});
        let locale = row.locale.to_string();
        let today = Market::of(&account.customer.market).date(now);
        let worded = self.catalog.current().flows.worded("evidence_received", &locale, today, &data);
        let text = worded.map_or_else(|_| intended.name.clone(), |(text, _)| text);
        let change = changed(account, happened, now, None);
        match row {
            row if row.owner == Owner::Bot => {
                let event = NewEvent { by: Author::BOT, kind: EventKind::Notice, data: json!({"text": text, "locale": locale}), key: None };
                let turn = Turn {
                    version: row.version,
                    answers: row.answered,
                    events: vec![event],
                    state: row.state.to_string(),
                    wake_at: row.wake_at,
                    account: change.account.map(|used| AccountUse { read: used.read, becomes: used.becomes }),
                    outbox: change.outbox,
                    ..Turn::default()
                };
                let at = row.updated_at.max(now);
                let committed = self.commit(Unit { row, at, write: Write::Turn(Box::new(turn)) }).await?;
                Ok(committed.outcome == Outcome::Turned)
            }
            row => {
                if self.store.change(change).await? == Changed::Stale {
                    return Ok(false);
                }
                let note =
                    NewEvent { by: Author::SYSTEM, kind: EventKind::Note, data: json!({"text": text, "for_customer": true}), key: None };
                let write = Write::Desk { agent: AgentId::from("system"), name: "redress".into(), act: DeskAct::Note(note) };
                let at = row.updated_at.max(now);
                self.commit(Unit { row, at, write }).await?;
                Ok(true)
            }
        }
    }

    /// A file of a dispute for an agent: media type, name and bytes. One that could not be scanned yet is scanned first.
    ///
    /// # Errors
    /// When there is none, the scanner finds something or cannot say, or folder or store fail.
    pub async fn evidence_file(&self, dispute: &str, hash: &str) -> Result<(String, String, Vec<u8>), UploadError> {
        for customer in self.store.holders(dispute).await? {
            let Some(account) = self.store.account(&customer).await? else { continue };
            let Some((_, found)) = account.dispute(dispute) else { continue };
            let Some(row) = found.evidence.iter().find(|row| row["file"] == hash) else { continue };
            if row["scan"] == Scan::Unknown.as_str() {
                match self.uploads.scan(hash).await {
                    Scan::Clean | Scan::None => {}
                    Scan::Infected => return Err(UploadError::Unfit(Unfit::Infected)),
                    Scan::Unknown => return Err(UploadError::Cut),
                }
            }
            let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            let bytes = self.uploads.read(hash).await?.ok_or(UploadError::NotFound)?;
            return Ok((text("mime"), text("name"), bytes));
        }
        Err(UploadError::NotFound)
    }

    async fn known(&self, who: &Identity, id: &str) -> Result<(Intended, u64), UploadError> {
        let known = self.uploads.known(id).await?.ok_or(UploadError::NotFound)?;
        if known.0.customer == who.customer.as_str() { Ok(known) } else { Err(UploadError::NotFound) }
    }

    /// The account of the signed-in customer, whose conversation it must be.
    async fn own(&self, who: &Identity, conversation: &ConversationId) -> Result<Account, UploadError> {
        let row = self.store.conversation(conversation).await?;
        if who.level < Level(1) || row.is_some_and(|row| row.customer.as_ref() != Some(&who.customer)) {
            return Err(UploadError::NotYours);
        }
        self.store.account(&who.customer).await?.ok_or(UploadError::NotYours)
    }
}

/// Files that the customer has handed in.
fn files(dispute: &Dispute) -> usize {
    dispute.evidence.iter().filter(|row| row["party"] == "customer" && row["file"].is_string()).count()
}
