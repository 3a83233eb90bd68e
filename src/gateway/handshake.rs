//! From a customer's `hello` to a session: who speaks, in which conversation, from which place on.

use super::protocol::{Code, Hello, Problem};
use super::{Close, Gateway};
use crate::dialog::Level;
use crate::domain::conversation::Owner;
use crate::domain::event::Place;
use crate::domain::ids::ConversationId;
use crate::services::identity::Identity;
use crate::services::think::Heard;
use crate::services::turn::Speaker;
use crate::store::unit::Write;
use crate::store::{Row, StoreError, Unit};
use serde_json::json;
use std::sync::Arc;

/// A customer's session on one socket.
pub(super) struct Session {
    pub(super) speaker: Speaker,
    pub(super) after: Place,
}

/// A refused `hello`: the error frame, and the close code behind it.
pub(super) struct Refused(pub(super) Problem, pub(super) Close);

fn unavailable(error: &StoreError) -> Refused {
    tracing::error!(%error, "a hello could not be served");
    Refused(Problem::new(Code::Unavailable, "we cannot reach our records right now; please try again"), Close::Restart)
}

/// Checks token and resume secret, finds or names the conversation, and signs the customer in to it. Gives the session and the `welcome` frame.
pub(super) async fn handshake(gateway: &Gateway, hello: Hello) -> Result<(Session, String), Refused> {
    let service = &gateway.service;
    let identity = match &hello.token {
        Some(token) => Some(
            service
                .identities
                .verify(token)
                .map_err(|refused| Refused(Problem::new(Code::Unauthorized, refused.to_string()), Close::Unauthorized))?,
        ),
        None => None,
    };
    let (conversation, row) = match &hello.conversation {
        Some(id) => (id.clone(), resumed(gateway, id, hello.resume.as_deref(), identity.as_ref()).await?),
        None => (ConversationId::new(), None),
    };
    let account = match &identity {
        Some(identity) => service.account(&identity.customer).await.map_err(|error| unavailable(&error))?,
        None => None,
    };
    // A conversation has its language, which may have changed since it began; a new one gets what the client asks for.
    let locale = row
        .as_ref()
        .map(|row| row.locale.to_string())
        .or(hello.locale)
        .or_else(|| account.as_ref().map(|account| account.customer.locale.clone()))
        .unwrap_or_else(|| "en".into());
    let level = identity.as_ref().map_or(Level(0), |identity| identity.level);
    let (owner, agent) = match row.as_ref().map(|row| &row.owner) {
        None | Some(Owner::Bot) => ("bot", None),
        Some(Owner::Queued(_)) => ("queued", None),
        Some(Owner::Agent(agent)) => ("agent", Some(service.name_of(agent).await)),
        Some(Owner::Closed(_)) => ("closed", None),
    };
    let head = row.as_ref().map_or(0, |row| row.head.seq);
    let mut welcome = json!({
        "type": "welcome",
        "conversation": conversation,
        "resume": service.identities.resume_secret(&conversation),
        "head": head,
        "locale": locale,
        "ai": true,
        "level": level,
        "owner": owner,
        "now": service.clock.now(),
    });
    if let Some(agent) = agent {
        welcome["agent"] = json!(agent);
    }
    if let Some(account) = &account {
        welcome["customer"] = json!(account.customer.given_name);
    }
    if level > Level(0) && row.as_ref().is_some_and(|row| row.state.contains("\"for\":\"level\"")) {
        // A flow waits for this sign-in: it goes on without being asked again.
        let (service, id) = (Arc::clone(service), conversation.clone());
        gateway.service.tasks.spawn(async move {
            if let Err(error) = service.advance(&id, Some((Heard::LevelRaised, level))).await {
                tracing::error!(conversation.id = %id, %error, "a flow could not go on after the sign-in");
            }
        });
    }
    let session = Session {
        speaker: Speaker { conversation, customer: identity.map(|identity| identity.customer), level, locale },
        after: Place { seq: hello.after.min(head), sub: i64::MAX },
    };
    Ok((session, welcome.to_string()))
}

/// The row of a conversation that somebody comes back to, when it is theirs; bound to them when they have signed in since.
async fn resumed(
    gateway: &Gateway,
    id: &ConversationId,
    resume: Option<&str>,
    identity: Option<&Identity>,
) -> Result<Option<Arc<Row>>, Refused> {
    let service = &gateway.service;
    let row = service.row(id).await.map_err(|error| unavailable(&error))?;
    let has_secret = resume.is_some_and(|secret| service.identities.may_resume(id, secret));
    let not_yours = || {
        let message =
            "this conversation belongs to somebody else, or the resume secret is wrong; say hello without 'conversation' to start anew";
        Refused(Problem::new(Code::Forbidden, message), Close::NotYours)
    };
    let Some(row) = row else {
        return if has_secret { Ok(None) } else { Err(not_yours()) };
    };
    match (&row.customer, identity) {
        (Some(owner), Some(identity)) if *owner == identity.customer => Ok(Some(row)),
        (None, None) if has_secret => Ok(Some(row)),
        (None, Some(identity)) if has_secret => {
            let unit = Unit { row, at: service.clock.now(), write: Write::Bind(identity.customer.clone()) };
            let committed = service.store.commit(unit).await.map_err(|error| unavailable(&error))?;
            Ok(Some(committed.row))
        }
        (Some(_), _) | (None, _) => Err(not_yours()),
    }
}
