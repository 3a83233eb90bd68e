//! `redress bench`: real conversations over real sockets against a running server. Measures latency and throughput, and
//! checks all the while that nothing is lost, doubled or out of order.

mod bare;
mod conversation;
#[cfg(test)]
mod fake;
mod faulty;
mod frames;
mod histogram;
pub mod http;
mod idle;
mod ledger;
mod load;
mod pair;
mod process;
mod scripts;
mod socket;
mod tokens;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub use scripts::Flows;

/// Options of `redress bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// The server's address; the path is /ws/chat unless you give one.
    #[arg(long, default_value = "ws://127.0.0.1:8080")]
    pub url: String,
    /// How many conversations run at the same time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub conversations: u32,
    /// How long to measure.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub seconds: f64,
    /// How long to play before measuring.
    #[arg(long, default_value_t = 1.0, value_parser = seconds)]
    pub warmup: f64,
    /// Turns a second over all conversations (open loop: latency counts from the moment a turn was due). Default: flat out, each customer writes as soon as it has its answer.
    #[arg(long, value_parser = rate)]
    pub rate: Option<f64>,
    /// What the customers come for.
    #[arg(long, value_enum, default_value_t = Flows::All)]
    pub flows: Flows,
    /// Signs the customers' tokens (HS256). Default: asks a --demo server for them.
    #[arg(long, env = "REDRESS_IDENTITY_SECRET", hide_env_values = true)]
    pub identity_secret: Option<String>,
    /// How long a customer waits for an answer, and for a server that is away, in seconds.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub patience: f64,
    /// Replies that take longer than this are counted as late, in milliseconds.
    #[arg(long, default_value_t = 2_000)]
    pub budget_ms: u64,
    /// Also plays a language model at this address, such as 127.0.0.1:8199, for a server with `--model http://127.0.0.1:8199/v1`.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub model_at: Option<String>,
    /// The share of that model's calls that fail, each time in another way, from 0 to 1.
    #[arg(long, default_value_t = 0.2, value_parser = share, requires = "model_at")]
    pub model_faults: f64,
    /// Plays the same on a second server, in turns with the first, and tells how many times slower the first one's replies are.
    #[arg(long, value_name = "URL", conflicts_with_all = ["idle", "resume_check"])]
    pub against: Option<String>,
    /// Instead of conversations: this many sockets that say hello and nothing more, held for --seconds. Reports the memory of each with --pid.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub idle: Option<u32>,
    /// The server's process id: reports its processor time and memory (Linux).
    #[arg(long)]
    pub pid: Option<u32>,
    /// Afterwards also measures a bare WebSocket echo, bare group commits and fdatasync, to compare with.
    #[arg(long)]
    pub bare: bool,
    /// The processor core for the bare parts (with taskset): the one that the server has.
    #[arg(long, requires = "bare")]
    pub bare_core: Option<u32>,
    /// Where the bare parts write: should be on the disk that holds the server's data.
    #[arg(long, default_value = ".", requires = "bare")]
    pub bare_dir: PathBuf,
    /// Writes every acknowledgement to this file as it comes, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub resume_check: Option<PathBuf>,
    /// Prints the report on one line.
    #[arg(long)]
    pub json: bool,
    /// The child process of --bare.
    #[arg(long, hide = true, value_name = "DIR")]
    pub bare_part: Option<PathBuf>,
}

/// What `redress bench` prints.
#[derive(Debug, Serialize)]
struct Report {
    url: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    load: Option<load::LoadReport>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pair: Option<pair::PairReport>,
    /// What was asked of the model that --model-at plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<faulty::Played>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<idle::IdleReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bare: Option<bare::BareReport>,
}

/// Runs the load generator and prints its report as JSON on standard output. It stops early, with its report, on SIGINT and SIGTERM.
/// The exit code is 1 when the server broke a promise or left a turn unanswered.
///
/// # Errors
/// When the server cannot be reached, refuses the customers, or an option makes no sense.
pub async fn run(args: BenchArgs) -> Result<ExitCode> {
    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            asked_to_stop().await;
            stop.cancel();
        }
    });
    // All conversations share one thread: a load generator should need less than the server, and leave it the other cores.
    let (done, report) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("bench".to_owned())
        .spawn(move || {
            let _ = done.send(on_this_thread(args, stop));
        })
        .context("no thread for the load generator")?;
    let code = report.await.unwrap_or_else(|_| Err(anyhow::anyhow!("the load generator failed")));
    let _ = thread.join();
    code
}

fn on_this_thread(args: BenchArgs, stop: CancellationToken) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    runtime.block_on(local.run_until(measure(args, stop)))
}

async fn measure(args: BenchArgs, stop: CancellationToken) -> Result<ExitCode> {
    if let Some(folder) = &args.bare_part {
        bare::serve(folder).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.identity_secret.as_ref().is_some_and(|secret| secret.len() < 32) {
        bail!("--identity-secret is too short: the server wants at least 32 bytes");
    }
    let target = socket::Target::parse(&args.url).await?;
    let mut report = Report { url: target.url.clone(), load: None, pair: None, model: None, idle: None, bare: None };
    let model = match &args.model_at {
        Some(address) => Some(faulty::start(address, args.model_faults).await?),
        None => None,
    };
    let clean = if let Some(connections) = args.idle {
        let idle = idle::run(target, connections as usize, args.seconds, args.pid, stop).await?;
        let clean = idle.is_clean();
        report.idle = Some(idle);
        clean
    } else {
        let plan = load::Plan {
            conversations: args.conversations as usize,
            seconds: args.seconds,
            warmup: args.warmup,
            rate: args.rate,
            flows: args.flows,
            patience: Duration::from_secs_f64(args.patience),
            budget: Duration::from_millis(args.budget_ms),
            pid: args.pid,
        };
        let tokens = tokens::Tokens::new(args.identity_secret.as_deref(), &target.authority);
        if let Some(url) = &args.against {
            let other = socket::Target::parse(url).await?;
            let others = tokens::Tokens::new(args.identity_secret.as_deref(), &other.authority);
            let pair = pair::run(target, other, (&tokens, &others), &plan, &stop).await?;
            let clean = pair.is_clean();
            report.pair = Some(pair);
            clean
        } else {
            let journal = args.resume_check.as_deref().map(load::Journal::create).transpose()?;
            let load = load::run(target, &tokens, &plan, journal, stop).await?;
            let clean = load.is_clean();
            report.load = Some(load);
            clean
        }
    };
    report.model = model.map(|played| played.borrow().clone());
    if args.bare {
        report.bare = Some(bare::run(args.conversations as usize, args.seconds.min(5.0), args.bare_core, &args.bare_dir).await?);
    }
    let text = if args.json { serde_json::to_string(&report)? } else { serde_json::to_string_pretty(&report)? };
    let mut out = std::io::stdout();
    std::io::Write::write_all(&mut out, format!("{text}\n").as_bytes())?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn asked_to_stop() {
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    number(text, 86_400.0, "seconds")
}

fn rate(text: &str) -> Result<f64, String> {
    number(text, 10_000_000.0, "turns a second")
        .and_then(|value| if value > 0.0 { Ok(value) } else { Err("must be more than 0".to_owned()) })
}

fn share(text: &str) -> Result<f64, String> {
    number(text, 1.0, "calls' share")
}

fn number(text: &str, most: f64, of: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && (0.0..=most).contains(&value) => Ok(value),
        Ok(_) | Err(_) => Err(format!("must be a number of {of} from 0 to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        bench: BenchArgs,
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        for wrong in [
            &["--rate", "0"][..],
            &["--rate", "NaN"],
            &["--seconds", "-1"],
            &["--conversations", "0"],
            &["--idle", "0"],
            &["--flows", "some"],
            &["--bare-core", "1"],
            &["--seconds", "1e300"],
            &["--model-faults", "0.5"],
            &["--model-at", "127.0.0.1:1", "--model-faults", "2"],
        ] {
            assert!(Cli::try_parse_from(["bench"].iter().chain(wrong)).is_err(), "{wrong:?}");
        }
        let cli =
            Cli::try_parse_from(["bench", "--rate", "2000", "--flows", "lookups", "--bare", "--bare-core", "0"]).expect("good options");
        assert_eq!((cli.bench.rate, cli.bench.flows, cli.bench.bare_core), (Some(2000.0), Flows::Lookups, Some(0)));
    }
}
