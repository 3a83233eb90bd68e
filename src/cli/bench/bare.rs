//! The bare parts, measured in the same run: what a WebSocket echo, a group commit and a flush to disk cost here and now.
//! Figures of the server are best read as ratios to these: machines differ, and disks change by the minute.
//!
//! The parts run in a child process, so that they can have the server's processor core to themselves.

use super::histogram::{Histogram, Percentiles};
use super::socket::{Target, config};
use crate::store::bare::group_commits;
use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Sizes of the group commits that are measured.
const BATCHES: [usize; 3] = [1, 64, 512];
/// Bytes in an echoed message: about what a chat frame has.
const MESSAGE: usize = 120;

/// The figures of the bare parts.
#[derive(Debug, Serialize)]
pub(super) struct BareReport {
    /// Echoes a second over as many connections as there were conversations.
    echo_per_s: f64,
    echo_ms: Percentiles,
    #[serde(flatten)]
    disk: Disk,
}

/// What the child measured on the disk.
#[derive(Debug, Serialize, Deserialize)]
struct Disk {
    /// Half of all appends of 4 KiB with `fdatasync` took at most this.
    fdatasync_append_p50_ms: f64,
    /// The same, overwriting what was there.
    fdatasync_overwrite_p50_ms: f64,
    group_commits: Vec<Commits>,
}

/// Commits of one batch size, `synchronous=FULL`.
#[derive(Debug, Serialize, Deserialize)]
struct Commits {
    rows: usize,
    rows_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// The child, ended when dropped, with its folder.
struct Part {
    child: Child,
    folder: PathBuf,
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Measures the bare parts in a child process (on processor core `core`, when given), its files in a new folder inside `folder`.
///
/// # Errors
/// When the child cannot be started or its part fails.
pub(super) async fn run(connections: usize, seconds: f64, core: Option<u32>, folder: &Path) -> Result<BareReport> {
    let folder = folder.join(format!("redress-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("--bare-dir: {} cannot be made", folder.display()))?;
    let program = std::env::current_exe().context("the program's own path is unknown")?;
    let mut command = match core {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.arg("-c").arg(core.to_string()).arg(program);
            command
        }
        None => Command::new(program),
    };
    let child = command.args(["bench", "--bare-part"]).arg(&folder).stdout(Stdio::piped()).spawn().context("the child for --bare")?;
    let mut part = Part { child, folder };
    let output = part.child.stdout.take().context("the child has no output")?;
    let mut lines = BufReader::new(output).lines();
    let mut line = move || lines.next().transpose().ok().flatten().context("the child for --bare ended early");
    let (disk, url, _keep_open) = tokio::task::spawn_blocking(move || -> Result<_> {
        let disk: Disk = serde_json::from_str(&line()?).context("the child's figures")?;
        let url = line()?;
        Ok((disk, url, line))
    })
    .await??;
    let target = Target::parse(&url).await?;
    let (echo_per_s, echoes) = echo(&target, connections, seconds).await?;
    Ok(BareReport { echo_per_s, echo_ms: echoes.percentiles(), disk })
}

/// Closed loop: every connection sends its message again as soon as it is back.
async fn echo(target: &Target, connections: usize, seconds: f64) -> Result<(f64, Histogram)> {
    let histogram = Rc::new(RefCell::new(Histogram::default()));
    let mut sockets = Vec::with_capacity(connections);
    for number in 0..connections {
        sockets.push(target.connect(number).await?);
    }
    let begin = Instant::now();
    let end = begin + Duration::from_secs_f64(seconds);
    let message = "x".repeat(MESSAGE);
    let tasks: Vec<_> = sockets
        .into_iter()
        .map(|mut socket| {
            let (histogram, message) = (histogram.clone(), message.clone());
            tokio::task::spawn_local(async move {
                while Instant::now() < end {
                    let sent = Instant::now();
                    if socket.send(message.clone()).await.is_err() || socket.read().await.is_err() {
                        break;
                    }
                    histogram.borrow_mut().record(sent.elapsed());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let histogram = histogram.borrow().clone();
    Ok((histogram.percentiles().count as f64 / seconds, histogram))
}

/// The child's side: measures the disk, prints it as one line, then echoes until it is killed.
///
/// # Errors
/// When a file or the database cannot be written.
pub(super) async fn serve(folder: &Path) -> Result<()> {
    let mut commits = Vec::new();
    for rows in BATCHES {
        let times = group_commits(&folder.join(format!("rows-{rows}.db")), rows, 200).await.context("group commits")?;
        let mut histogram = Histogram::default();
        times.iter().for_each(|time| histogram.record(*time));
        let total: Duration = times.iter().sum();
        let ms = |share| histogram.percentile_us(share) as f64 / 1000.0;
        commits.push(Commits { rows, rows_per_s: (rows * times.len()) as f64 / total.as_secs_f64(), p50_ms: ms(0.5), p99_ms: ms(0.99) });
    }
    let disk = Disk {
        fdatasync_append_p50_ms: flushes(&folder.join("append"), false)?,
        fdatasync_overwrite_p50_ms: flushes(&folder.join("overwrite"), true)?,
        group_commits: commits,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(&disk)?)?;
    writeln!(out, "ws://{}/echo", listener.local_addr()?)?;
    out.flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let Ok(mut socket) = tokio_tungstenite::accept_async_with_config(stream, Some(config())).await else { return };
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() || socket.send(message).await.is_err() {
                    break;
                }
            }
        });
    }
}

/// The median of 200 writes of 4 KiB, each followed by `fdatasync`, in milliseconds.
fn flushes(path: &Path, overwrite: bool) -> Result<f64> {
    let block = [7_u8; 4096];
    let mut file = std::fs::File::create(path)?;
    if overwrite {
        file.write_all(&block)?;
        file.sync_all()?;
    }
    let mut histogram = Histogram::default();
    for _ in 0..200 {
        if overwrite {
            file.rewind()?;
        }
        let start = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        histogram.record(start.elapsed());
    }
    Ok(histogram.percentile_us(0.5) as f64 / 1000.0)
}
