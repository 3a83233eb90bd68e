//! A customer writes again after a person has ended the talk: when it is about the same matter it goes back to that person when they are
//! there, else to the queue. A new matter, thanks and goodbyes are the assistant's.

use super::Service;
use super::think::{Heard, Said};
use crate::domain::conversation::Owner;
use crate::domain::routing::RESERVE;
use crate::store::desk::NewestTicket;
use crate::store::unit::Ticket;
use crate::store::{Row, StoreError};
use crate::understanding::{Act, Decision};
use jiff::{SignedDuration, Timestamp};

/// How long after its end a matter counts as the same.
const SAME: SignedDuration = SignedDuration::from_hours(24);
/// Acts that ask for nothing.
const IDLE: [Act; 6] = [Act::Greet, Act::Thanks, Act::Goodbye, Act::Yes, Act::No, Act::AreYouBot];

impl Service {
    /// The ended talk with a person that these words go on with, if they do. They are then heard as the wish for a person.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn goes_on(&self, row: &Row, said: &mut [Said], now: Timestamp) -> Result<Option<NewestTicket>, StoreError> {
        if !matches!(row.owner, Owner::Closed(_)) || row.head.seq == 0 {
            return Ok(None);
        }
        let Some(ended) = self.store.newest_ticket(&row.id).await? else { return Ok(None) };
        let recent = ended.done_at.is_some_and(|at| at.saturating_add(SAME).unwrap_or(Timestamp::MAX) >= now);
        if ended.state != "done"
            || ended.claimed_by.is_none()
            || !recent
            || !said.iter().all(|said| is_about(said, ended.intent.as_deref()))
        {
            return Ok(None);
        }
        for said in said {
            said.heard = Heard::Human;
            said.reading = None;
        }
        Ok(Some(ended))
    }
}

/// Whether words go on with a matter: nothing else is clearly meant, and something is meant at all.
fn is_about(said: &Said, intent: Option<&str>) -> bool {
    let Some(reading) = &said.reading else { return false };
    if reading.safety.is_some() || reading.acts.iter().any(|act| IDLE.contains(act)) {
        return false;
    }
    match &reading.decision {
        Decision::Act(meant) => Some(meant.as_str()) == intent,
        Decision::Clarify(_) | Decision::Abstain => true,
    }
}

/// The place of a matter that goes on: in its queue, kept for the one who had it.
pub(super) fn again(ticket: &mut Ticket, ended: NewestTicket, now: Timestamp) {
    ticket.reason = "reopened".to_owned();
    ticket.queue = ended.queue;
    ticket.priority = u8::try_from(ended.priority).unwrap_or(ticket.priority).min(ticket.priority);
    ticket.intent = ended.intent.or(ticket.intent.take());
    ticket.reserved = ended.claimed_by.map(|agent| (agent, now.saturating_add(RESERVE).unwrap_or(Timestamp::MAX)));
}
