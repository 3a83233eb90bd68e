//! The command line: one command a file. Errors go to standard error; wrong use exits with 2.

mod agent;
mod chat;
mod classify;
mod eval;
mod import;
mod test;
mod verify;

pub mod bench;
pub mod check;

use crate::catalog::Catalog;
use crate::config::{EncoderArgs, ServeArgs};
use crate::understanding::Sentences;
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Support chat for buy-now-pay-later: scripted flows over real accounts, disputes, and people for the rest.
///
/// Try it: `redress --demo`, then open http://127.0.0.1:8080/. The bot's words and flows are the files in `intents/`:
/// edit one and it is live within two seconds, or refused with its line while the old one keeps answering.
#[derive(Parser, Debug)]
#[command(name = "redress", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the server (the same as no command).
    Serve(Box<ServeArgs>),
    /// Check all intent files; prints every problem as `file:line:column: problem. What to do instead`. Exit 0 clean, 1 problems.
    Check {
        #[command(flatten)]
        content: Content,
        /// One JSON object instead of lines.
        #[arg(long)]
        json: bool,
        /// Leaves out the notes on how the examples read, which take a few seconds.
        #[arg(long)]
        quick: bool,
        /// An earlier copy of the content: tells which sentences are read otherwise now.
        #[arg(long, value_name = "DIR")]
        against: Option<PathBuf>,
    },
    /// Run the scripted conversations that stand in the intent files. Exit 0 all pass, 1 some fail.
    Test {
        #[command(flatten)]
        content: Content,
        /// Run only tests whose `intent/name` contains this.
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// Tell which steps no test reaches.
        #[arg(long)]
        coverage: bool,
        /// One JSON object instead of lines.
        #[arg(long)]
        json: bool,
    },
    /// Tells how good the understanding is on sentences that it has not seen, as JSON: of two labelled files, or of the content itself.
    Eval {
        /// CSV file to learn from, with a header and the columns `text,label` (`oos`: belongs nowhere).
        #[arg(long, value_name = "FILE")]
        train: Option<PathBuf>,
        /// CSV file to score: by what was learned from `--train`, or by the content. There a label may be several intents
        /// (`a|b`) in a column `labels`.
        #[arg(long, value_name = "FILE")]
        test: Option<PathBuf>,
        /// Learns from so many sentences a label only.
        #[arg(long, value_name = "N", requires = "train", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        shots: Option<u64>,
        /// Draws them by this number.
        #[arg(long, value_name = "S", default_value_t = 0)]
        seed: u64,
        /// Instead of `--test`: draws one sixth of `--train` apart so many times, and tells how the error budget is kept.
        #[arg(long, value_name = "N", requires = "train", conflicts_with_all = ["test", "shots"], value_parser = clap::value_parser!(u64).range(1..=1_000))]
        splits: Option<u64>,
        /// Draws risk and coverage, reliability and confusion as SVG files into this folder.
        #[arg(long, value_name = "DIR", requires = "train", conflicts_with = "splits")]
        pictures: Option<PathBuf>,
        #[command(flatten)]
        content: Content,
    },
    /// Tell how messages are read, as JSON; without TEXT one message a line from standard input.
    Classify {
        /// The message.
        text: Option<String>,
        #[command(flatten)]
        content: Content,
    },
    /// Talk to the bot in the terminal, with the demo's customers and no server.
    Chat {
        /// The demo customer to be, e.g. P07; anonymous without.
        #[arg(long = "as", value_name = "CUSTOMER")]
        customer: Option<String>,
        /// Sign-in level: 1 signed in, 2 fresh step-up.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
        level: u8,
        #[command(flatten)]
        content: Content,
    },
    /// Load accounts (JSON Lines), all or nothing; what is there under the same id is replaced.
    Import {
        /// The file; `-` reads standard input.
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Check the books: every transaction balances, and they agree with the accounts. Names what is wrong; exit 0 right, 1 wrong.
    Verify {
        #[command(flatten)]
        database: Database,
    },
    /// Desk sign-ins.
    Agent {
        #[command(subcommand)]
        command: AgentCommand,
    },
    /// Load generator: real conversations against a running server; prints JSON.
    Bench(Box<bench::BenchArgs>),
}

#[derive(Subcommand, Debug)]
enum AgentCommand {
    /// Make a desk sign-in, or give an existing one a new password; asks for the password, or reads it from standard input.
    Add {
        /// Sign-in name; its first word is what customers see.
        name: String,
        /// What they may do.
        #[arg(long)]
        role: crate::store::desk::Role,
        /// Queues that they work on, such as `disputes,fraud`; all without.
        #[arg(long, value_delimiter = ',', value_name = "QUEUES")]
        skills: Vec<String>,
        /// Languages that they speak, such as `en,sv`; all without.
        #[arg(long, value_delimiter = ',', value_name = "LANGUAGES")]
        languages: Vec<String>,
        /// Conversations that they have at once.
        #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=50))]
        capacity: i64,
        #[command(flatten)]
        database: Database,
    },
}

/// Where the content is.
#[derive(Args, Clone, Debug)]
struct Content {
    /// Folder that holds `intents/` and `prompts/`, and `markets/` if it has its own.
    #[arg(long = "content", env = "REDRESS_CONTENT", default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    encoder: EncoderArgs,
}

impl Content {
    /// The encoder that its examples are read with.
    fn sentences(&self) -> anyhow::Result<Arc<Sentences>> {
        crate::app::sentences(&self.encoder)
    }

    /// The content, learned from.
    fn catalog(&self) -> anyhow::Result<Catalog> {
        learned(&self.folder, &self.sentences()?)
    }
}

/// Loads content that has to be good.
fn learned(folder: &Path, sentences: &Arc<Sentences>) -> anyhow::Result<Catalog> {
    Catalog::load(folder, sentences).map_err(|problems| {
        let (folder, count) = (folder.display(), problems.len());
        anyhow::anyhow!("the content of {folder} has {count} problem(s); `redress check` shows them. The first: {}", problems[0])
    })
}

/// Where the database is.
#[derive(Args, Clone, Debug)]
struct Database {
    /// Folder of the embedded database.
    #[arg(long, env = "REDRESS_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// Database: `sqlite://FILE` or `postgres://USER@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

impl Database {
    async fn open(&self) -> anyhow::Result<crate::store::Store> {
        let url = match &self.database {
            Some(url) => url.clone(),
            None => {
                std::fs::create_dir_all(&self.data)?;
                crate::store::Store::sqlite_url(&self.data)
            }
        };
        let hub = std::sync::Arc::new(crate::services::hub::Hub::default());
        Ok(crate::store::Store::open(&url, hub).await?)
    }
}
/// Runs the command line and returns the exit status.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => serve(cli.serve),
        Some(Command::Serve(args)) => serve(*args),
        Some(Command::Check { content, json, quick, against }) => check::run(&content, json, quick, against.as_deref()),
        Some(Command::Test { content, only, coverage, json }) => Ok(test::run(&content, only.as_deref(), coverage, json)),
        Some(Command::Eval { train: Some(train), test: Some(test), shots, seed, content, pictures, .. }) => {
            eval::files(&content, &train, &test, (shots.map(|shots| shots as usize), seed), pictures.as_deref())
        }
        Some(Command::Eval { train: Some(train), splits: Some(count), seed, content, .. }) => eval::splits(&content, &train, count, seed),
        Some(Command::Eval { train: Some(_), .. }) => {
            Err(anyhow::anyhow!("--train needs --test FILE to score, or --splits N to draw from it"))
        }
        Some(Command::Eval { test: Some(test), content, .. }) => eval::apart(&content, &test),
        Some(Command::Eval { content, .. }) => eval::content(&content),
        Some(Command::Classify { text, content }) => classify::run(&content, text.as_deref()),
        Some(Command::Chat { customer, level, content }) => chat::run(&content, customer.as_deref(), level),
        Some(Command::Verify { database }) => block_on(1, verify::run(&database)),
        Some(Command::Import { file, database }) => block_on(1, import::run(&file, &database)),
        Some(Command::Agent { command: AgentCommand::Add { name, role, skills, languages, capacity, database } }) => {
            let skills = crate::store::desk::Skills { skills, languages, capacity };
            block_on(1, agent::add(&name, role, &skills, &database))
        }
        Some(Command::Bench(args)) => block_on(1, bench::run(*args)),
    };
    result.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::from(2)
    })
}

fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    crate::telemetry::start_logs(args.log_format);
    let threads = args.threads;
    block_on(threads, async move { crate::app::serve(args).await.map(|()| ExitCode::SUCCESS) })
}

/// Runs a future on a runtime of its own; 0 threads: one for each core.
fn block_on(threads: usize, future: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let mut builder =
        if threads == 1 { tokio::runtime::Builder::new_current_thread() } else { tokio::runtime::Builder::new_multi_thread() };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build()?.block_on(future)
}

/// Tells what went wrong, cause by cause.
#[expect(clippy::print_stderr, reason = "errors of the command line go to standard error")]
fn complain(error: &anyhow::Error) {
    let mut line = format!("redress: {error}");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !line.contains(&cause) {
            line.push_str(": ");
            line.push_str(&cause);
        }
    }
    eprintln!("{line}");
}
