//! What an open but silent connection costs the server: N sockets say hello and then nothing.

use super::frames::{self, Frame};
use super::process::rss_kib;
use super::socket::{Broken, Socket, Target};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// How many handshakes run at the same time.
const AT_ONCE: usize = 64;

/// The figures of an idle run.
#[derive(Debug, Serialize)]
pub(super) struct IdleReport {
    connections: usize,
    /// Connections a second while they were opened, hello and welcome included.
    connects_per_s: f64,
    held_seconds: f64,
    /// Connections that the server closed while they were held.
    dropped: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_rss_before_kib: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_rss_after_kib: Option<u64>,
    /// The difference, divided by the connections. Absent without --pid.
    #[serde(skip_serializing_if = "Option::is_none")]
    kib_per_connection: Option<f64>,
}

impl IdleReport {
    /// Whether every connection stayed open.
    pub(super) fn is_clean(&self) -> bool {
        self.dropped == 0
    }
}

/// Opens the sockets, holds them for `seconds` (they answer the server's pings) and looks at the server's memory before and after.
///
/// # Errors
/// When a socket cannot be opened, or `pid` is no process here.
pub(super) async fn run(target: Target, connections: usize, seconds: f64, pid: Option<u32>, stop: CancellationToken) -> Result<IdleReport> {
    // One goes first, so that what the server makes once is not counted.
    open(&target, 0).await?.close().await;
    let before = match pid {
        Some(pid) => Some(rss_kib(pid).with_context(|| format!("--pid {pid}: no such process, or no /proc here"))?),
        None => None,
    };
    let dropped = Rc::new(Cell::new(0_usize));
    let gate = Rc::new(Semaphore::new(AT_ONCE));
    let target = Rc::new(target);
    let start = Instant::now();
    let mut opening = Vec::with_capacity(connections);
    for number in 0..connections {
        let (target, gate) = (target.clone(), gate.clone());
        opening.push(tokio::task::spawn_local(async move {
            let _turn = gate.acquire().await;
            open(&target, number).await
        }));
    }
    let mut held = Vec::with_capacity(connections);
    for (number, socket) in opening.into_iter().enumerate() {
        let mut socket = socket.await?.with_context(|| format!("connection {number} of {connections}"))?;
        let dropped = dropped.clone();
        held.push(tokio::task::spawn_local(async move {
            while socket.read().await.is_ok() {}
            dropped.set(dropped.get() + 1);
        }));
    }
    let opened = start.elapsed().as_secs_f64();
    let begin = Instant::now();
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs_f64(seconds)) => {}
        () = stop.cancelled() => {}
    }
    let after = pid.and_then(rss_kib);
    let report = IdleReport {
        connections,
        connects_per_s: connections as f64 / opened,
        held_seconds: begin.elapsed().as_secs_f64(),
        dropped: dropped.get(),
        server_rss_before_kib: before,
        server_rss_after_kib: after,
        kib_per_connection: before.zip(after).map(|(before, after)| (after as f64 - before as f64) / connections as f64),
    };
    for task in held {
        task.abort();
    }
    Ok(report)
}

async fn open(target: &Target, number: usize) -> Result<Socket> {
    let mut socket = target.connect(number).await?;
    let cut = |broken: Broken| anyhow::anyhow!("the server cut the connection at hello ({broken:?})");
    socket.send(frames::hello(None, None, 0)).await.map_err(cut)?;
    let text = socket.read().await.map_err(cut)?;
    match frames::parse(&text) {
        Ok(Frame::Welcome { .. }) => Ok(socket),
        other => bail!("instead of a welcome came {other:?}"),
    }
}
