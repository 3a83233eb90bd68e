//! Sockets: what comes in becomes a verb of `services`, what is new in the log goes out. A socket owns nothing but a cursor.

mod agent;
mod connection;
mod customer;
mod handshake;
pub mod limits;
mod protocol;

use crate::services::Service;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use limits::Limits;
use std::net::IpAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What every socket needs.
#[derive(Clone)]
pub struct Gateway {
    /// The verbs.
    pub service: Arc<Service>,
    /// Limits per socket and per address.
    pub limits: Arc<Limits>,
    /// Ends every socket with "come back".
    pub stop: CancellationToken,
    /// Open sockets; shutdown waits for them.
    pub sockets: TaskTracker,
}

/// Close codes of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    NotText = 1007,
    TooLarge = 1009,
    Restart = 1012,
    NoHello = 4001,
    WrongFrames = 4002,
    Unauthorized = 4003,
    NotYours = 4004,
    Flood = 4008,
    TooSlow = 4010,
    NoSign = 4011,
    TooMany = 4013,
}

impl Close {
    fn reason(self) -> &'static str {
        match self {
            Close::NotText => "text frames must be UTF-8",
            Close::TooLarge => "a frame may have 16 KiB at most",
            Close::Restart => "the server restarts; come back in a moment",
            Close::NoHello => "say hello first, within the time limit",
            Close::WrongFrames => "too many wrong frames",
            Close::Unauthorized => "the token was refused",
            Close::NotYours => "this conversation is not yours",
            Close::Flood => "too many frames; come back later",
            Close::TooSlow => "you read too slowly; come back with `after`",
            Close::NoSign => "no sign of life",
            Close::TooMany => "too many sockets",
        }
    }
}

impl Gateway {
    /// Serves a customer's socket.
    pub fn customer(self, upgrade: WebSocketUpgrade, address: IpAddr) -> Response {
        let sockets = self.sockets.clone();
        sized(upgrade).on_upgrade(move |socket| sockets.track_future(async move { customer::serve(self, socket, address).await }))
    }

    /// Serves an agent's socket; `session` is the secret of the desk cookie, if there is one.
    pub fn desk(self, upgrade: WebSocketUpgrade, address: IpAddr, session: Option<String>) -> Response {
        let sockets = self.sockets.clone();
        sized(upgrade).on_upgrade(move |socket| sockets.track_future(async move { agent::serve(self, socket, address, session).await }))
    }
}

/// Small buffers: the defaults cost 130 KiB a socket and most of the speed. Frames gather in the write buffer until they are flushed together.
fn sized(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(2 * 1024)
        .write_buffer_size(4 * 1024)
        .max_write_buffer_size(1024 * 1024)
        .max_message_size(64 * 1024)
        .max_frame_size(64 * 1024)
}
