//! Just enough HTTP/1.1 to talk to a redress server: one request a connection, answers up to 64 MiB, no TLS.

use anyhow::{Context, Result, bail};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(60);
const LARGEST: u64 = 64 << 20;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status, 100 to 599.
    pub status: u16,
    /// Header names in lower case, and their values, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Answer {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.body).with_context(|| format!("the answer (status {}) is not JSON: {}", self.status, self.body))
    }
}

/// Sends one request to `authority` (`host:port`) and reads the whole answer. Headers are `(name, value)`.
///
/// # Errors
/// When nobody listens there, the answer is not HTTP, or nothing comes for a minute.
pub async fn request(method: &str, authority: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Result<Answer> {
    let exchange = async {
        let mut stream =
            TcpStream::connect(authority).await.with_context(|| format!("cannot reach {authority}; is the server running?"))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = body {
            head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        head.push_str(body.unwrap_or_default());
        stream.write_all(head.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.take(LARGEST).read_to_end(&mut bytes).await?;
        parse(&bytes)
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(answer) => answer.with_context(|| format!("{method} http://{authority}{path}")),
        Err(_) => bail!("{method} http://{authority}{path}: no answer for {} seconds", PATIENCE.as_secs()),
    }
}

fn parse(bytes: &[u8]) -> Result<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("the answer has no header")?;
    let head = std::str::from_utf8(&bytes[..end]).context("the header is not UTF-8")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).context("no HTTP status")?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value.eq_ignore_ascii_case("chunked"));
    let body = if chunked { join_chunks(rest)? } else { rest.to_vec() };
    if let Some((_, length)) = headers.iter().find(|(name, _)| name == "content-length")
        && length.parse::<usize>().is_ok_and(|length| body.len() < length)
    {
        bail!("the answer broke off after {} of {length} bytes", body.len());
    }
    Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn join_chunks(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").context("a chunk without a size")?;
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|line| line.split(';').next()).unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).context("a chunk with a wrong size")?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(rest.get(..size).context("a chunk broke off")?);
        rest = rest.get(size + 2..).context("a chunk broke off")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        for (text, body) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"),
            ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi", "hi"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", "hi"),
        ] {
            let answer = parse(text.as_bytes()).expect("an answer");
            assert_eq!((answer.status, answer.body.as_str()), (200, body));
        }
    }

    #[test]
    fn half_answers_are_errors() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nh",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
