//! Signed messages between systems: the signature of what comes in, and the delivery of the outbox to a webhook, at least once.
//!
//! A signature is `t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`. Seconds are wall time on both sides, whatever the demo's clock says.

use super::Service;
use crate::domain::time::wall;
use crate::store::outbox::Message;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// The header of a signature.
pub const SIGNATURE: &str = "redress-signature";
/// How old or how far ahead a signature may be, in seconds.
const TOLERANCE: i64 = 300;
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether something waits.
const EVERY: Duration = Duration::from_secs(1);
/// The longest pause between two tries, in seconds.
const LONGEST: i64 = 3600;
const PAGE: i64 = 100;

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// It cannot be read.
    #[error("the signature must read t=SECONDS,v1=HEX, made with HMAC-SHA256 over 'SECONDS.BODY'")]
    Malformed,
    /// It is too old, or from the future.
    #[error("the signature was made more than five minutes ago or ahead; sign again, and check the clock")]
    Expired,
    /// It does not fit.
    #[error("the signature does not fit this body and our secret")]
    Wrong,
}

/// The signature of a body.
pub fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
    let bytes = mac(secret, seconds, body).finalize().into_bytes();
    let mut text = format!("t={seconds},v1=");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Checks the signature of a body.
///
/// # Errors
/// When it cannot be read, is older than five minutes, or does not fit.
pub fn verify(secret: &str, given: &str, body: &[u8], now_seconds: i64) -> Result<(), BadSignature> {
    let part = |name: &str| given.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let seconds: i64 = part("t").and_then(|text| text.parse().ok()).ok_or(BadSignature::Malformed)?;
    let bytes = part("v1").and_then(unhex).ok_or(BadSignature::Malformed)?;
    if seconds.abs_diff(now_seconds) > TOLERANCE.unsigned_abs() {
        return Err(BadSignature::Expired);
    }
    mac(secret, seconds, body).verify_slice(&bytes).map_err(|_| BadSignature::Wrong)
}

fn mac(secret: &str, seconds: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    mac
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

/// Where the outbox is delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    authority: String,
    path: String,
    secret: String,
}

impl Webhook {
    /// A webhook at an `http://` address. TLS is the business of a relay beside this server.
    ///
    /// # Errors
    /// When the address is no `http://HOST[:PORT]/PATH`.
    pub fn new(url: &str, secret: &str) -> Result<Self, String> {
        let no = || format!("'{url}' is no webhook address. Write http://HOST:PORT/PATH; for https put a relay beside the server");
        let rest = url.strip_prefix("http://").ok_or_else(no)?;
        let (authority, path) = rest.split_once('/').map_or((rest, String::new()), |(authority, path)| (authority, path.to_owned()));
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        if host.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(no());
        }
        let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { authority, path: format!("/{path}"), secret: secret.to_owned() })
    }

    /// Delivers one message; the error says why it was not taken.
    async fn deliver(&self, message: &Message) -> Result<(), String> {
        let payload: Value = serde_json::from_str(&message.payload).unwrap_or(Value::Null);
        let body = json!({"id": message.id, "topic": message.topic, "at": message.created_at, "payload": payload}).to_string();
        let signature = sign(&self.secret, wall().as_second(), body.as_bytes());
        let request = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{SIGNATURE}: {signature}\r\nconnection: close\r\n\r\n{body}",
            self.path,
            self.authority,
            body.len()
        );
        let exchange = async {
            let mut stream = TcpStream::connect(&self.authority).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut head = Vec::new();
            (&mut stream).take(1024).read_to_end(&mut head).await?;
            std::io::Result::Ok(head)
        };
        let head = tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| "no answer in ten seconds".to_owned())?;
        let head = head.map_err(|error| error.to_string())?;
        let status = String::from_utf8_lossy(&head).split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
        match status {
            Some(200..=299) => Ok(()),
            Some(status) => Err(format!("it answered {status}")),
            None => Err("it did not answer in HTTP".into()),
        }
    }
}

impl Service {
    /// Delivers the outbox until `stop`. What is not taken is tried again, each time after twice as long, at most an hour.
    pub async fn keep_delivering(self: Arc<Self>, webhook: Webhook, stop: CancellationToken) {
        loop {
            if let Err(error) = self.deliver_due(&webhook).await {
                tracing::error!(%error, "the outbox could not be read; it is tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn deliver_due(&self, webhook: &Webhook) -> Result<(), crate::store::StoreError> {
        for message in self.store.outbox_unsent(wall(), PAGE).await? {
            match webhook.deliver(&message).await {
                Ok(()) => self.store.outbox_sent(&message.id, wall()).await?,
                Err(why) => {
                    let next = retry_at(message.tries, wall());
                    tracing::warn!(message.id, message.tries, why, next = %next, "the webhook did not take a message");
                    self.store.outbox_retry(&message.id, next).await?;
                    // The others would wait for the same silence; they come with the next round.
                    break;
                }
            }
        }
        Ok(())
    }
}

fn retry_at(tries: i64, now: Timestamp) -> Timestamp {
    let seconds = 1_i64.checked_shl(u32::try_from(tries.clamp(0, 30)).unwrap_or(30)).map_or(LONGEST, |seconds| seconds.min(LONGEST));
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_body_secret_and_time() {
        let given = sign("secret", 1_000, b"{}");
        assert_eq!(verify("secret", &given, b"{}", 1_200), Ok(()));
        assert_eq!(verify("secret", &given, b"{ }", 1_200), Err(BadSignature::Wrong));
        assert_eq!(verify("other", &given, b"{}", 1_200), Err(BadSignature::Wrong));
        assert_eq!(verify("secret", &given, b"{}", 1_301), Err(BadSignature::Expired));
        for malformed in ["", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=0", "t=1,v1=zz", "t=1,v1=é"] {
            assert_eq!(verify("secret", malformed, b"{}", 1), Err(BadSignature::Malformed), "{malformed}");
        }
    }

    #[test]
    fn tries_get_rarer_up_to_an_hour() {
        let waits: Vec<i64> = [0, 1, 2, 11, 12, 99].map(|tries| retry_at(tries, Timestamp::UNIX_EPOCH).as_second()).to_vec();
        assert_eq!(waits, [1, 2, 4, 2048, 3600, 3600]);
    }

    #[test]
    fn webhook_addresses() {
        assert!(Webhook::new("http://127.0.0.1:9/in", "s").is_ok() && Webhook::new("http://relay", "s").is_ok());
        for wrong in ["https://x/y", "http://", "relay:80", "http:///x", "http://a b/"] {
            assert!(Webhook::new(wrong, "s").is_err(), "{wrong}");
        }
    }
}
