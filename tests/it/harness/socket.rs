//! A WebSocket to the server, frame by frame.

use super::{Address, PATIENCE};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

/// What comes out of a socket.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Value),
    /// Closed by the server: code and reason.
    Closed(u16, String),
    /// Cut without a word.
    Gone,
}

/// A WebSocket to the server.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn open(server: &Address, path: &str) -> Self {
        Self::try_open(server, path, &[]).await.unwrap_or_else(|status| panic!("the upgrade of {path} was refused with {status}"))
    }

    /// Opens a socket with more headers; the error is the HTTP status of the refusal.
    pub(crate) async fn try_open(server: &Address, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let stream = TcpStream::connect(server.authority()).await.map_err(|_| 0_u16)?;
        stream.set_nodelay(true).map_err(|_| 0_u16)?;
        let mut request = format!("ws://{}{path}", server.authority()).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        match tokio::time::timeout(PATIENCE, tokio_tungstenite::client_async_with_config(request, stream, Some(config))).await {
            Ok(Ok((socket, _))) => Ok(Self(socket)),
            Ok(Err(Error::Http(answer))) => Err(answer.status().as_u16()),
            Ok(Err(_)) => Err(0),
            Err(_) => panic!("no answer to the upgrade of {path}"),
        }
    }

    /// Sends any WebSocket message. What cannot be sent because the socket is gone shows in the next [`Socket::hear`].
    pub(crate) async fn send_raw(&mut self, message: Message) {
        let _ = self.0.send(message).await;
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    /// The next frame, or how the socket ended.
    pub(crate) async fn hear(&mut self) -> Heard {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Frame(serde_json::from_str(&text).expect("the server sends JSON")),
                    Some(Ok(Message::Close(Some(frame)))) => return Heard::Closed(frame.code.into(), frame.reason.to_string()),
                    Some(Ok(Message::Binary(_))) => panic!("the server sends text only"),
                    Some(Ok(Message::Close(None)) | Err(_)) | None => return Heard::Gone,
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("nothing came for {} seconds", PATIENCE.as_secs()))
    }

    /// The next frame; the socket must be open.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            other => panic!("a frame should come, not {other:?}"),
        }
    }

    /// Reads to the end: the frames on the way, and the close code (0 = cut without one).
    pub(crate) async fn ended(&mut self) -> (Vec<Value>, u16) {
        let mut frames = Vec::new();
        loop {
            match self.hear().await {
                Heard::Frame(frame) => frames.push(frame),
                Heard::Closed(code, reason) => {
                    assert!(code == 1000 || !reason.is_empty(), "close code {code} should come with a reason");
                    return (frames, code);
                }
                Heard::Gone => return (frames, 0),
            }
        }
    }
}
