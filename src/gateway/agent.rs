//! An agent's socket: the waiting list, the conversations that they watch, and what they do.

use super::connection::{Connection, Gone, Incoming, join};
use super::protocol::{self, Code, FromAgent, Problem, ack};
use super::{Close, Gateway};
use crate::domain::conversation::Owner;
use crate::domain::event::{Event, Place};
use crate::domain::ids::ConversationId;
use crate::services::desk::{DeskError, Wish, first_name};
use crate::services::hub::{Presence, Signals};
use crate::store::alerts::Alert;
use crate::store::desk::Agent;
use axum::extract::ws::WebSocket;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Notify;

/// Events read from the store at a time.
const PAGE: i64 = 200;
/// Conversations that one socket may watch at once.
const MOST_WATCHED: usize = 200;

/// Runs an agent's socket to its end.
pub(super) async fn serve(gateway: Gateway, socket: WebSocket, address: IpAddr, session: Option<String>) {
    let Some(mut connection) = join(&gateway, socket, address).await else { return };
    let Ok(Some((secret, agent))) = sign_in(&gateway, &mut connection, session).await else { return };
    metrics::gauge!("redress_sockets", "side" => "desk").increment(1);
    let desk = Desk { gateway: &gateway, agent, secret, bell: Arc::new(Notify::new()), watched: HashMap::new() };
    let (agent, secret) = (desk.agent.id.clone(), desk.secret.clone());
    let _ = desk.run(&mut connection).await;
    gateway.service.agent_went(&agent, &secret).await;
    metrics::gauge!("redress_sockets", "side" => "desk").decrement(1);
}

/// The cookie's session, or the token of `hello`.
async fn sign_in(gateway: &Gateway, connection: &mut Connection<'_>, cookie: Option<String>) -> Result<Option<(String, Agent)>, Gone> {
    if let Some(secret) = cookie
        && let Ok(Some(agent)) = gateway.service.session(&secret).await
    {
        return Ok(Some((secret, agent)));
    }
    let text = connection.first(&gateway.stop).await?;
    let token = match protocol::from_agent(&text) {
        Ok(FromAgent::Hello { token: Some(token) }) => token,
        Ok(_) | Err(_) => {
            connection
                .problem(&Problem::new(Code::Unauthorized, "sign in first: send 'hello' with the token of POST /api/desk/session"))
                .await?;
            return Err(connection.close(Close::Unauthorized).await);
        }
    };
    match gateway.service.session(&token).await {
        Ok(Some(agent)) => Ok(Some((token, agent))),
        Ok(None) => {
            connection.problem(&Problem::new(Code::Unauthorized, "this desk session is unknown or has ended; sign in again")).await?;
            Err(connection.close(Close::Unauthorized).await)
        }
        Err(error) => {
            tracing::error!(%error, "a desk session could not be looked up");
            Err(connection.close(Close::Restart).await)
        }
    }
}

struct Watched {
    presence: Presence,
    after: Place,
    seen: Signals,
    owner: Option<Owner>,
    viewers: Vec<String>,
}

struct Desk<'a> {
    gateway: &'a Gateway,
    agent: Agent,
    /// The session's secret: when it has ended, so has the socket.
    secret: String,
    bell: Arc<Notify>,
    watched: HashMap<ConversationId, Watched>,
}

impl Desk<'_> {
    async fn run(mut self, connection: &mut Connection<'_>) -> Result<Gone, Gone> {
        let service = Arc::clone(&self.gateway.service);
        let mut queue = service.queue.changes();
        let mut owners = service.hub.owners();
        let mut alerts = service.hub.alerts();
        let mut sessions = service.hub.sessions();
        let available = match service.agent_came(&self.agent.id, &self.secret).await {
            Ok(available) => available,
            Err(error) => {
                tracing::error!(agent.id = %self.agent.id, %error, "it could not be stored that an agent is there");
                return Err(connection.close(Close::Restart).await);
            }
        };
        let welcome = json!({
            "type": "welcome", "agent": self.agent, "available": available, "now": service.clock.now(), "teams": service.teams_now(),
        });
        connection.text(welcome.to_string(), true).await?;
        self.tell_queue(connection).await?;
        let bell = Arc::clone(&self.bell);
        let stop = self.gateway.stop.clone();
        let stopped = stop.cancelled();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                incoming = connection.next() => if let Incoming::Text(text) = incoming? {
                    match protocol::from_agent(&text) {
                        Ok(frame) => {
                            connection.well();
                            self.heard(connection, frame).await?;
                        }
                        Err(problem) => connection.problem(&problem).await?,
                    }
                },
                () = bell.notified() => self.deliver(connection).await?,
                Ok(()) = queue.changed() => self.tell_queue(connection).await?,
                Ok(()) = owners.changed() => self.tell_owners(connection).await?,
                alert = alerts.recv() => if let Ok(alert) = alert {
                    self.tell_alert(connection, &alert).await?;
                },
                Ok(()) = sessions.changed() => if !matches!(service.session(&self.secret).await, Ok(Some(_))) {
                    let message = "this desk session was ended; sign in again";
                    connection.problem(&Problem::new(Code::Unauthorized, message)).await?;
                    return Err(connection.close(Close::Unauthorized).await);
                },
                () = &mut stopped => return Ok(connection.close(Close::Restart).await),
            }
        }
    }

    async fn heard(&mut self, connection: &mut Connection<'_>, frame: FromAgent) -> Result<(), Gone> {
        let service = Arc::clone(&self.gateway.service);
        match frame {
            FromAgent::Hello { .. } => connection.problem(&Problem::new(Code::BadFrame, "'hello' comes once, as the first frame")).await,
            FromAgent::Available { id, on } => {
                if let Err(error) = service.set_available(&self.agent.id, on).await {
                    tracing::error!(agent.id = %self.agent.id, %error, "it could not be stored that an agent is on duty or away");
                    let problem = Problem::new(Code::Unavailable, "this could not be stored; please try again").about(&id);
                    return connection.problem(&problem).await;
                }
                connection.text(ack(&id, 0), true).await
            }
            FromAgent::Watch { id, conversation, after } => self.watch(connection, &id, conversation, after).await,
            FromAgent::Unwatch { id, conversation } => {
                self.watched.remove(&conversation);
                connection.text(ack(&id, 0), true).await
            }
            FromAgent::Wish { id, conversation, wish } => self.wish(connection, id, conversation, wish).await,
            FromAgent::Typing { conversation, on } => {
                if let Some(watched) = self.watched.get(&conversation) {
                    let name = on.then(|| first_name(&self.agent).to_owned());
                    let mine = watched.owner == Some(Owner::Agent(self.agent.id.clone()));
                    // Customers see the one who talks to them; who drafts a note is seen by the desk only.
                    watched.presence.room().signal(|signals| if mine { signals.agent_typing = name } else { signals.drafting = name });
                }
                Ok(())
            }
            FromAgent::Read { conversation, seq } => {
                if let Some(watched) = self.watched.get(&conversation) {
                    watched.presence.room().signal(|signals| signals.agent_read = signals.agent_read.max(seq));
                }
                Ok(())
            }
            FromAgent::Ping(t) => connection.text(json!({ "type": "pong", "t": t }).to_string(), true).await,
        }
    }

    async fn wish(&mut self, connection: &mut Connection<'_>, id: String, conversation: ConversationId, wish: Wish) -> Result<(), Gone> {
        let claims = matches!(wish, Wish::Claim);
        let result = self.gateway.service.desk(&self.agent, &conversation, &id, wish).await;
        let problem = match result {
            Ok(_) if claims && !self.watched.contains_key(&conversation) => return self.watch(connection, &id, conversation, 0).await,
            Ok(seq) => {
                connection.text(ack(&id, seq), false).await?;
                return self.deliver(connection).await;
            }
            Err(DeskError::NotFound) => Problem::new(Code::NotFound, DeskError::NotFound.to_string()),
            Err(taken @ DeskError::Taken(_)) => Problem::new(Code::Conflict, taken.to_string()),
            Err(refused @ DeskError::NotAllowed(_)) => Problem::new(Code::Conflict, refused.to_string()),
            Err(refused @ DeskError::LeadsOnly) => Problem::new(Code::Forbidden, refused.to_string()),
            Err(wrong @ (DeskError::UnknownGoal(_) | DeskError::BadTime(_) | DeskError::UnknownIntent(_))) => {
                Problem::new(Code::BadFrame, wrong.to_string())
            }
            Err(DeskError::Store(error)) => {
                tracing::error!(conversation.id = %conversation, %error, "an agent's wish could not be stored");
                Problem::new(Code::Unavailable, "this could not be stored; please try again")
            }
        };
        connection.problem(&problem.about(&id)).await
    }

    async fn watch(&mut self, connection: &mut Connection<'_>, id: &str, conversation: ConversationId, after: i64) -> Result<(), Gone> {
        if self.watched.len() >= MOST_WATCHED && !self.watched.contains_key(&conversation) {
            let message = format!("you watch {MOST_WATCHED} conversations already; unwatch some first");
            return connection.problem(&Problem::new(Code::Conflict, message).about(id)).await;
        }
        let service = &self.gateway.service;
        let found = match service.row(&conversation).await {
            Ok(Some(row)) => service.packet(&conversation).await.map(|packet| Some((row, packet))),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        let (row, packet) = match found {
            Ok(Some(found)) => found,
            Ok(None) => return connection.problem(&Problem::new(Code::NotFound, "there is no such conversation").about(id)).await,
            Err(error) => {
                tracing::error!(conversation.id = %conversation, %error, "a conversation could not be read for the desk");
                return connection.problem(&Problem::new(Code::Unavailable, "this could not be read; please try again").about(id)).await;
            }
        };
        let presence = service.hub.enter(&conversation, &self.bell, Some(first_name(&self.agent)));
        connection.text(ack(id, row.head.seq), false).await?;
        connection.text(json!({ "type": "packet", "conversation": conversation, "packet": packet }).to_string(), false).await?;
        let mut watched =
            Watched { presence, after: Place { seq: after, sub: 0 }, seen: Signals::default(), owner: None, viewers: Vec::new() };
        self.tell_owner(connection, &conversation, &mut watched).await?;
        self.read_store(connection, &conversation, &mut watched).await?;
        self.tell_signals(connection, &conversation, &mut watched).await?;
        self.watched.insert(conversation, watched);
        connection.flush().await
    }

    async fn deliver(&mut self, connection: &mut Connection<'_>) -> Result<(), Gone> {
        let mut all = std::mem::take(&mut self.watched);
        for (conversation, watched) in &mut all {
            match watched.presence.room().since(watched.after) {
                Some(frames) => {
                    for frame in frames {
                        watched.after = frame.place;
                        connection.shared(&named(&frame.text, conversation)).await?;
                    }
                }
                None => self.read_store(connection, conversation, watched).await?,
            }
            self.tell_signals(connection, conversation, watched).await?;
        }
        self.watched = all;
        connection.flush().await
    }

    async fn read_store(&self, connection: &mut Connection<'_>, conversation: &ConversationId, watched: &mut Watched) -> Result<(), Gone> {
        loop {
            let events = match self.gateway.service.store.events_after(conversation, watched.after, false, PAGE).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::error!(conversation.id = %conversation, %error, "events could not be read");
                    return Err(connection.close(Close::Restart).await);
                }
            };
            for event in &events {
                watched.after = event.place();
                connection.text(event.json(Some(conversation)), false).await?;
            }
            if (events.len() as i64) < PAGE {
                return Ok(());
            }
            connection.flush().await?;
        }
    }

    async fn tell_signals(
        &self,
        connection: &mut Connection<'_>,
        conversation: &ConversationId,
        watched: &mut Watched,
    ) -> Result<(), Gone> {
        let now = watched.presence.room().signals();
        if now.customer_typing != watched.seen.customer_typing {
            let by = json!({ "kind": "customer" });
            let frame = json!({ "type": "typing", "conversation": conversation, "by": by, "on": now.customer_typing });
            connection.text(frame.to_string(), false).await?;
        }
        for (is, was) in [(&now.agent_typing, &watched.seen.agent_typing), (&now.drafting, &watched.seen.drafting)] {
            if is != was {
                let by = json!({ "kind": "agent", "name": is.as_ref().or(was.as_ref()) });
                let frame = json!({ "type": "typing", "conversation": conversation, "by": by, "on": is.is_some() });
                connection.text(frame.to_string(), false).await?;
            }
        }
        let viewers = watched.presence.room().viewers(first_name(&self.agent));
        if viewers != watched.viewers {
            connection.text(json!({ "type": "viewers", "conversation": conversation, "names": viewers }).to_string(), false).await?;
            watched.viewers = viewers;
        }
        if now.customer_read != watched.seen.customer_read {
            let frame = json!({ "type": "read", "conversation": conversation, "by": { "kind": "customer" }, "seq": now.customer_read });
            connection.text(frame.to_string(), false).await?;
        }
        watched.seen = now;
        Ok(())
    }

    /// Owners changed somewhere: tells of those that this desk watches.
    async fn tell_owners(&mut self, connection: &mut Connection<'_>) -> Result<(), Gone> {
        let mut all = std::mem::take(&mut self.watched);
        for (conversation, watched) in &mut all {
            self.tell_owner(connection, conversation, watched).await?;
        }
        self.watched = all;
        self.gateway.service.hub.queue_bell.notify_one();
        connection.flush().await
    }

    async fn tell_owner(&self, connection: &mut Connection<'_>, conversation: &ConversationId, watched: &mut Watched) -> Result<(), Gone> {
        let Ok(Some(row)) = self.gateway.service.row(conversation).await else { return Ok(()) };
        if watched.owner.as_ref() == Some(&row.owner) {
            return Ok(());
        }
        watched.owner = Some(row.owner.clone());
        let mut frame = json!({ "type": "owner", "conversation": conversation });
        match &row.owner {
            Owner::Bot => frame["owner"] = json!("bot"),
            Owner::Queued(_) => frame["owner"] = json!("queued"),
            Owner::Agent(agent) => {
                frame["owner"] = json!("agent");
                frame["agent"] = json!(self.gateway.service.name_of(agent).await);
                frame["mine"] = json!(*agent == self.agent.id);
            }
            Owner::Closed(code) => {
                frame["owner"] = json!("closed");
                frame["code"] = json!(code);
            }
        }
        connection.text(frame.to_string(), false).await
    }

    async fn tell_queue(&mut self, connection: &mut Connection<'_>) -> Result<(), Gone> {
        let snapshot = self.gateway.service.queue.snapshot();
        connection.text(snapshot.frame(&self.agent), true).await
    }

    async fn tell_alert(&self, connection: &mut Connection<'_>, alert: &Alert) -> Result<(), Gone> {
        let mine = match &alert.to {
            Some(agent) => *agent == self.agent.id,
            None => self.agent.role.leads(),
        };
        if !mine {
            return Ok(());
        }
        let frame = json!({ "type": "alert", "conversation": alert.conversation, "what": alert.what, "text": alert.text });
        connection.text(frame.to_string(), true).await
    }
}

/// A customer's frame with the conversation's name in it.
fn named(frame: &Bytes, conversation: &ConversationId) -> Bytes {
    const START: &str = "{\"type\":\"event\"";
    debug_assert!(frame.starts_with(START.as_bytes()), "made by {}", std::any::type_name::<Event>());
    let mut named = Vec::with_capacity(frame.len() + 60);
    named.extend_from_slice(START.as_bytes());
    named.extend_from_slice(b",\"conversation\":");
    named.extend_from_slice(Value::from(conversation.as_str()).to_string().as_bytes());
    named.extend_from_slice(&frame[START.len()..]);
    Bytes::from(named)
}
