//! A WebSocket to the server under test: small buffers, no Nagle, and a source address of its own when the server is on loopback.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// How many sockets share one source address; well below the 28,000 ports that Linux has for one.
const PER_ADDRESS: usize = 4_000;

/// Where the server is.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// `ws://host:port/path`
    pub(super) url: String,
    /// `host:port`
    pub(super) authority: String,
    address: SocketAddr,
}

/// Why a conversation is cut off.
#[derive(Debug)]
pub(super) enum Broken {
    /// The server closed the socket with a code.
    Closed(u16),
    /// The connection is gone.
    Gone,
}

pub(super) struct Socket(WebSocketStream<TcpStream>);

impl Target {
    /// Reads `ws://host:port`; the path is `/ws/chat` unless another is given.
    ///
    /// # Errors
    /// When it is no such address, or the host is unknown.
    pub(super) async fn parse(url: &str) -> Result<Self> {
        let Some(rest) = url.strip_prefix("ws://").or_else(|| url.strip_prefix("http://")) else {
            bail!("--url {url}: it must begin with ws:// (for wss:// measure behind the proxy that ends TLS)");
        };
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        let authority = if authority.rsplit(']').next().is_some_and(|tail| tail.contains(':')) {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        let path = if path.is_empty() { "ws/chat" } else { path };
        let address = tokio::net::lookup_host(&authority)
            .await
            .with_context(|| format!("--url {url}: the host is unknown"))?
            .next()
            .with_context(|| format!("--url {url}: the host has no address"))?;
        Ok(Self { url: format!("ws://{authority}/{path}"), authority, address })
    }

    /// Opens socket number `number` of this run.
    ///
    /// # Errors
    /// When nobody listens or the upgrade is refused.
    pub(super) async fn connect(&self, number: usize) -> Result<Socket> {
        let socket = if self.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(source) = source(self.address.ip(), number) {
            socket.bind(SocketAddr::new(source, 0)).with_context(|| format!("no free port on {source}"))?;
        }
        let stream =
            socket.connect(self.address).await.with_context(|| format!("cannot reach {}; is the server running?", self.authority))?;
        stream.set_nodelay(true)?;
        let config = config();
        let (socket, _) = tokio_tungstenite::client_async_with_config(self.url.as_str(), stream, Some(config))
            .await
            .with_context(|| format!("{} refused the upgrade to a WebSocket", self.url))?;
        Ok(Socket(socket))
    }
}

/// The buffers of both sides: tungstenite's default of 128 KiB costs more than everything else together.
pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0).max_write_buffer_size(1 << 20)
}

/// On loopback every few thousand sockets get an address of their own, never the server's: a client that calls a port
/// where nobody listens at the moment could otherwise be connected with itself.
fn source(server: IpAddr, number: usize) -> Option<IpAddr> {
    let IpAddr::V4(server) = server else { return None };
    if !server.is_loopback() {
        return None;
    }
    let host = 2 + number / PER_ADDRESS;
    let source = Ipv4Addr::new(127, 0, u8::try_from(host / 250).ok()?, u8::try_from(host % 250).ok()?.max(2));
    Some(IpAddr::V4(source))
}

impl Socket {
    /// Sends a text frame.
    pub(super) async fn send(&mut self, text: impl Into<Utf8Bytes>) -> Result<(), Broken> {
        self.0.send(Message::Text(text.into())).await.map_err(|_| Broken::Gone)
    }

    /// The next text frame. May be dropped while it waits: no frame is lost.
    pub(super) async fn read(&mut self) -> Result<Utf8Bytes, Broken> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(Broken::Gone, |frame| Broken::Closed(frame.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Broken::Gone),
            }
        }
    }

    /// Says good-bye, without waiting for long.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), self.0.close(None)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_spread_and_never_the_servers_own() {
        let server = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(source(server, 0), Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))));
        assert_eq!(source(server, PER_ADDRESS), Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3))));
        for number in (0..3_000_000).step_by(PER_ADDRESS) {
            assert_ne!(source(server, number), Some(server));
        }
        assert_eq!(source("10.0.0.1".parse().expect("an address"), 0), None);
    }

    #[tokio::test]
    async fn addresses_are_read() {
        for (url, full) in [
            ("ws://127.0.0.1:8080", Some("ws://127.0.0.1:8080/ws/chat")),
            ("ws://127.0.0.1:8080/", Some("ws://127.0.0.1:8080/ws/chat")),
            ("http://127.0.0.1:1", Some("ws://127.0.0.1:1/ws/chat")),
            ("ws://[::1]:9/x", Some("ws://[::1]:9/x")),
            ("wss://127.0.0.1:1", None),
            ("127.0.0.1:1", None),
        ] {
            assert_eq!(Target::parse(url).await.ok().map(|target| target.url).as_deref(), full, "{url}");
        }
    }
}
