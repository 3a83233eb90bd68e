//! A customer's socket: `hello`, then frames in and events out until one side leaves.

use super::connection::{Connection, Gone, Incoming, join};
use super::handshake::{Refused, Session, handshake};
use super::protocol::{self, Code, FromCustomer, Problem, ack};
use super::{Close, Gateway};
use crate::dialog::Level;
use crate::domain::event::Place;
use crate::services::hub::{Presence, Signals};
use crate::services::turn::SayError;
use crate::services::waiting::WaitError;
use axum::extract::ws::WebSocket;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Notify;

/// Events read from the store at a time.
const PAGE: i64 = 200;

/// Runs a customer's socket to its end.
pub(super) async fn serve(gateway: Gateway, socket: WebSocket, address: IpAddr) {
    let Some(mut connection) = join(&gateway, socket, address).await else { return };
    metrics::gauge!("redress_sockets", "side" => "customer").increment(1);
    let _ = talk(&gateway, &mut connection).await;
    metrics::gauge!("redress_sockets", "side" => "customer").decrement(1);
}

async fn talk(gateway: &Gateway, connection: &mut Connection<'_>) -> Result<Gone, Gone> {
    let Some((session, welcome)) = greet(gateway, connection).await? else { return Ok(Gone) };
    let bell = Arc::new(Notify::new());
    let presence = gateway.service.hub.enter(&session.speaker.conversation, &bell, None);
    if presence.room().customers() > gateway.limits.figures.conversation_sockets {
        return Ok(connection.close(Close::TooMany).await);
    }
    let mut customer = Customer { gateway, session, presence, seen: Signals::default() };
    if let Some(place) = gateway.service.place_of(&customer.session.speaker.conversation) {
        customer.presence.room().signal(|signals| signals.queue = Some(Arc::new(place)));
    }
    connection.text(welcome, false).await?;
    customer.visit().await;
    customer.read_store(connection).await?;
    customer.tell_signals(connection).await?;
    connection.flush().await?;
    let ended = customer.run(connection, &bell).await;
    customer.presence.room().signal(|signals| signals.customer_typing = false);
    ended
}

/// Waits for `hello` and answers it; `None` when it was refused.
async fn greet(gateway: &Gateway, connection: &mut Connection<'_>) -> Result<Option<(Session, String)>, Gone> {
    let text = connection.first(&gateway.stop).await?;
    let hello = match protocol::hello(&text) {
        Ok(hello) => hello,
        Err(problem) => {
            connection.problem(&problem).await?;
            return Err(connection.close(Close::NoHello).await);
        }
    };
    drop(text);
    match handshake(gateway, hello).await {
        Ok(session) => Ok(Some(session)),
        Err(Refused(problem, close)) => {
            connection.problem(&problem).await?;
            connection.close(close).await;
            Ok(None)
        }
    }
}

struct Customer<'a> {
    gateway: &'a Gateway,
    session: Session,
    presence: Presence,
    seen: Signals,
}

impl Customer<'_> {
    /// What waited for this customer is said now. A failure only makes it wait for the next visit.
    async fn visit(&self) {
        let (service, speaker) = (&self.gateway.service, &self.session.speaker);
        let Some(customer) = speaker.customer.as_ref().filter(|_| speaker.level > Level(0)) else { return };
        let told = match service.account(customer).await {
            Ok(Some(account)) => service.visit(&speaker.conversation, account, &speaker.locale).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            tracing::error!(conversation.id = %speaker.conversation, %error, "what waited for a customer could not be said");
        }
    }

    async fn run(&mut self, connection: &mut Connection<'_>, bell: &Notify) -> Result<Gone, Gone> {
        let stop = self.gateway.stop.clone();
        let stopped = stop.cancelled();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                incoming = connection.next() => if let Incoming::Text(text) = incoming? {
                    match protocol::from_customer(&text) {
                        Ok(frame) => {
                            drop(text);
                            connection.well();
                            self.heard(connection, frame).await?;
                        }
                        Err(problem) => connection.problem(&problem).await?,
                    }
                },
                () = bell.notified() => self.deliver(connection).await?,
                () = &mut stopped => {
                    self.deliver(connection).await?;
                    return Ok(connection.close(Close::Restart).await);
                }
            }
        }
    }

    async fn heard(&mut self, connection: &mut Connection<'_>, frame: FromCustomer) -> Result<(), Gone> {
        match frame {
            FromCustomer::Say { id, saying } => match self.gateway.service.say(&self.session.speaker, &id, saying).await {
                Ok(seq) => {
                    connection.text(ack(&id, seq), false).await?;
                    self.deliver(connection).await
                }
                Err(SayError::NotOffered) => {
                    connection.problem(&Problem::new(Code::Conflict, "that option is no longer on offer").about(&id)).await
                }
                Err(SayError::Store(error)) => {
                    tracing::error!(conversation.id = %self.session.speaker.conversation, %error, "a message could not be stored");
                    let mut problem = Problem::new(Code::Unavailable, "we could not store this; please send it again").about(&id);
                    problem.retry_after_ms = Some(1000);
                    connection.problem(&problem).await
                }
            },
            FromCustomer::Leave { id } => {
                let left = self.gateway.service.leave(&self.session.speaker.conversation, &id).await;
                self.waits(connection, &id, left).await
            }
            FromCustomer::CallBack { id, at } => {
                let asked = self.gateway.service.call_back(&self.session.speaker.conversation, at, &id).await;
                self.waits(connection, &id, asked).await
            }
            FromCustomer::Typing(on) => {
                self.presence.room().signal(|signals| signals.customer_typing = on);
                Ok(())
            }
            FromCustomer::Read(seq) => {
                self.presence.room().signal(|signals| signals.customer_read = signals.customer_read.max(seq));
                Ok(())
            }
            FromCustomer::Ping(t) => connection.text(json!({ "type": "pong", "t": t }).to_string(), true).await,
        }
    }

    /// Answers a wish about waiting.
    async fn waits(&mut self, connection: &mut Connection<'_>, id: &str, result: Result<i64, WaitError>) -> Result<(), Gone> {
        match result {
            Ok(seq) => {
                connection.text(ack(id, seq), false).await?;
                self.deliver(connection).await
            }
            Err(refused @ (WaitError::NotWaiting | WaitError::NobodyThen)) => {
                connection.problem(&Problem::new(Code::Conflict, refused.to_string()).about(id)).await
            }
            Err(WaitError::Store(error)) => {
                tracing::error!(conversation.id = %self.session.speaker.conversation, %error, "a wish about waiting could not be stored");
                connection.problem(&Problem::new(Code::Unavailable, "we could not store this; please try again").about(id)).await
            }
        }
    }

    /// Writes what is new since the cursor, then what is not stored, and flushes once.
    async fn deliver(&mut self, connection: &mut Connection<'_>) -> Result<(), Gone> {
        match self.presence.room().since(self.session.after) {
            Some(frames) => {
                for frame in frames {
                    self.session.after = frame.place;
                    if frame.place.sub == 0 {
                        connection.shared(&frame.text).await?;
                    }
                }
            }
            None => self.read_store(connection).await?,
        }
        self.tell_signals(connection).await?;
        connection.flush().await
    }

    /// Writes everything after the cursor from the store.
    async fn read_store(&mut self, connection: &mut Connection<'_>) -> Result<(), Gone> {
        let conversation = self.session.speaker.conversation.clone();
        loop {
            let events = match self.gateway.service.store.events_after(&conversation, self.session.after, true, PAGE).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::error!(conversation.id = %conversation, %error, "events could not be read");
                    connection.problem(&Problem::new(Code::Unavailable, "we cannot reach our records right now")).await?;
                    return Err(connection.close(Close::Restart).await);
                }
            };
            let more = events.len() as i64 == PAGE;
            for event in events {
                self.session.after = Place { seq: event.seq, sub: event.sub };
                connection.text(event.json(None), false).await?;
            }
            if !more {
                return Ok(());
            }
            connection.flush().await?;
        }
    }

    async fn tell_signals(&mut self, connection: &mut Connection<'_>) -> Result<(), Gone> {
        let now = self.presence.room().signals();
        if now == self.seen {
            return Ok(());
        }
        if now.agent_typing != self.seen.agent_typing {
            let name = now.agent_typing.as_ref().or(self.seen.agent_typing.as_ref());
            let by = json!({ "kind": "agent", "name": name });
            connection.text(json!({ "type": "typing", "by": by, "on": now.agent_typing.is_some() }).to_string(), false).await?;
        }
        if now.agent_read != self.seen.agent_read {
            let frame = json!({ "type": "read", "by": { "kind": "agent" }, "seq": now.agent_read });
            connection.text(frame.to_string(), false).await?;
        }
        if let Some(place) = &now.queue
            && now.queue != self.seen.queue
        {
            connection.text(place.frame().to_string(), false).await?;
        }
        self.seen = now;
        Ok(())
    }
}
