//! One socket's plumbing, the same for customers and agents: reading frames within limits, writing with a time limit,
//! asking for signs of life.

use super::limits::{Figures, Share};
use super::protocol::{Code, MAX_FRAME, Problem};
use super::{Close, Gateway};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_util::sync::CancellationToken;

/// The socket is at its end; the reason has been told where that was possible.
#[derive(Debug)]
pub(super) struct Gone;

/// What a socket gave.
pub(super) enum Incoming {
    /// A text frame within limits.
    Text(Utf8Bytes),
    /// Something that needs no answer from above (pong, a refused frame).
    Nothing,
}

/// A socket with its limits.
pub(super) struct Connection<'a> {
    socket: WebSocket,
    figures: Figures,
    share: Share<'a>,
    heard: Instant,
    wrong: u32,
    refused: u32,
    pings: Interval,
}

impl<'a> Connection<'a> {
    pub(super) fn new(socket: WebSocket, share: Share<'a>, figures: Figures) -> Self {
        let mut pings = interval_at(Instant::now() + figures.ping_every, figures.ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { socket, figures, share, heard: Instant::now(), wrong: 0, refused: 0, pings }
    }

    /// The next frame. Cancel-safe. Also asks for signs of life, and ends when there is none.
    pub(super) async fn next(&mut self) -> Result<Incoming, Gone> {
        loop {
            tokio::select! {
                frame = self.socket.recv() => return self.received(frame).await,
                _ = self.pings.tick() => {
                    if self.heard.elapsed() > self.figures.dead_after {
                        return Err(self.close(Close::NoSign).await);
                    }
                    self.write(Message::Ping(Bytes::new()), true).await?;
                }
            }
        }
    }

    /// The first text frame, within the time limit for it.
    pub(super) async fn first(&mut self, stop: &CancellationToken) -> Result<Utf8Bytes, Gone> {
        let limit = self.figures.hello;
        let frame = async {
            loop {
                if let Incoming::Text(text) = self.next().await? {
                    return Ok(text);
                }
            }
        };
        let close = tokio::select! {
            first = timeout(limit, frame) => match first {
                Ok(text) => return text,
                Err(_) => Close::NoHello,
            },
            () = stop.cancelled() => Close::Restart,
        };
        Err(self.close(close).await)
    }

    async fn received(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<Incoming, Gone> {
        self.heard = Instant::now();
        match frame {
            None | Some(Ok(Message::Close(_))) => Err(Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Incoming::Nothing),
            Some(Ok(Message::Text(text))) => {
                if let Err(wait) = self.share.take() {
                    self.flooded(wait).await?;
                    return Ok(Incoming::Nothing);
                }
                // A flood gets a frame through now and then; that alone is no sign that it is over.
                self.refused = self.refused.saturating_sub(10);
                Ok(Incoming::Text(text))
            }
            Some(Ok(Message::Binary(_))) => {
                self.problem(&Problem::new(Code::BadFrame, "binary frames are not used here; send JSON as text")).await?;
                Ok(Incoming::Nothing)
            }
            Some(Err(error)) => {
                let said = error.to_string();
                if said.contains("too long") || said.contains("too big") || said.contains("Space limit") {
                    return Err(self.too_large().await);
                }
                if said.contains("UTF-8") || said.contains("utf-8") {
                    return Err(self.close(Close::NotText).await);
                }
                Err(Gone)
            }
        }
    }

    async fn too_large(&mut self) -> Gone {
        let problem = Problem::new(Code::TooLarge, format!("a frame may have {MAX_FRAME} bytes at most; send shorter messages"));
        match self.text(problem.frame(), true).await {
            Ok(()) => self.close(Close::TooLarge).await,
            Err(gone) => gone,
        }
    }

    async fn flooded(&mut self, wait: Duration) -> Result<(), Gone> {
        self.refused += 1;
        metrics::counter!("redress_frames_refused_total").increment(1);
        // Whoever goes on like this for several hundred frames does not listen.
        if self.refused > 500 {
            return Err(self.close(Close::Flood).await);
        }
        let mut problem = Problem::new(Code::RateLimited, "too many frames; this one was dropped. Send it again a little later");
        problem.retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1));
        self.text(problem.frame(), true).await
    }

    /// Tells of a wrong frame; ends the socket when there were too many in a row.
    pub(super) async fn problem(&mut self, problem: &Problem) -> Result<(), Gone> {
        if matches!(problem.code, Code::BadFrame | Code::TooLarge) {
            self.wrong += 1;
        }
        self.text(problem.frame(), true).await?;
        if self.wrong >= self.figures.wrong_frames {
            return Err(self.close(Close::WrongFrames).await);
        }
        Ok(())
    }

    /// The last frame was a good one.
    pub(super) fn well(&mut self) {
        self.wrong = 0;
    }

    /// Writes a frame; `flush` sends everything written so far.
    pub(super) async fn text(&mut self, frame: String, flush: bool) -> Result<(), Gone> {
        self.write(Message::Text(Utf8Bytes::from(frame)), flush).await
    }

    /// Writes a frame that several sockets share.
    pub(super) async fn shared(&mut self, frame: &Bytes) -> Result<(), Gone> {
        let text = Utf8Bytes::try_from(frame.clone()).map_err(|_| Gone)?;
        self.write(Message::Text(text), false).await
    }

    /// Sends everything written so far.
    pub(super) async fn flush(&mut self) -> Result<(), Gone> {
        match timeout(self.figures.slow_after, SinkExt::<Message>::flush(&mut self.socket)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone),
            Err(_) => Err(self.close(Close::TooSlow).await),
        }
    }

    async fn write(&mut self, message: Message, flush: bool) -> Result<(), Gone> {
        match timeout(self.figures.slow_after, self.socket.feed(message)).await {
            Ok(Ok(())) if flush => self.flush().await,
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone),
            Err(_) => Err(self.close(Close::TooSlow).await),
        }
    }

    /// Ends the socket with a code and a reason, as far as the client still listens.
    pub(super) async fn close(&mut self, close: Close) -> Gone {
        metrics::counter!("redress_sockets_closed_total", "code" => (close as u16).to_string()).increment(1);
        let frame = CloseFrame { code: close as u16, reason: Utf8Bytes::from_static(close.reason()) };
        let _ = timeout(Duration::from_secs(1), self.socket.send(Message::Close(Some(frame)))).await;
        // The client's own close frame, so that the reason is not lost in a reset.
        let _ = timeout(Duration::from_millis(500), async { while let Some(Ok(_)) = self.socket.recv().await {} }).await;
        Gone
    }
}

/// Joins the address's sockets, or turns the socket away.
pub(super) async fn join<'a>(gateway: &'a Gateway, mut socket: WebSocket, address: std::net::IpAddr) -> Option<Connection<'a>> {
    match gateway.limits.join(address) {
        Some(share) => Some(Connection::new(socket, share, gateway.limits.figures)),
        None => {
            let close = Close::TooMany;
            let frame = CloseFrame { code: close as u16, reason: Utf8Bytes::from_static(close.reason()) };
            let _ = timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
            None
        }
    }
}
