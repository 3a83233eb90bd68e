//! Configuration: flags and environment variables, checked once at start.

mod oidc;

pub use oidc::OidcArgs;

use crate::gateway::limits::Figures;
use crate::services::webhook::Webhook;
use clap::Args;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Options of `redress serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Address to listen on. Port 0 takes a free one.
    #[arg(long, env = "REDRESS_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// Folder for the embedded database; made if absent.
    #[arg(long, env = "REDRESS_DATA", default_value = "./data", value_name = "DIR")]
    pub data: PathBuf,
    /// Folder that holds `intents/` and `prompts/`, and `markets/` if it has its own.
    #[arg(long, env = "REDRESS_CONTENT", default_value = ".", value_name = "DIR")]
    pub content: PathBuf,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub oidc: OidcArgs,
    /// Database: `sqlite://FILE` (default: a file in the data folder) or `postgres://USER@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// Loads demo customers and agents, mints demo sign-ins, lets the clock be moved. Not for real customers.
    #[arg(long, env = "REDRESS_DEMO")]
    pub demo: bool,
    /// The server's idea of now, e.g. 2026-12-04T09:00:00Z; runs on from there. Only with --demo.
    #[arg(long, env = "REDRESS_CLOCK", value_name = "RFC3339")]
    pub clock: Option<Timestamp>,
    /// Shared secret (32 bytes or more) of the identity tokens that your site signs with HS256.
    #[arg(long, env = "REDRESS_IDENTITY_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub identity_secret: Option<String>,
    /// Public key (PEM, Ed25519 or RSA) of the identity tokens that your site signs with EdDSA or RS256.
    #[arg(long, env = "REDRESS_IDENTITY_PUBLIC_KEY", value_name = "PEM", hide_env_values = true)]
    pub identity_public_key: Option<String>,
    /// Bearer token of the service API. Without it that API is closed.
    #[arg(long, env = "REDRESS_SERVICE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub service_token: Option<String>,
    /// Secret with which other systems sign the facts they send to `/api/events`. Without it only the service token lets them in.
    #[arg(long, env = "REDRESS_EVENTS_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub events_secret: Option<String>,
    /// Address that gets every message of the outbox, e.g. http://127.0.0.1:9000/redress.
    #[arg(long, env = "REDRESS_WEBHOOK_URL", value_name = "URL", requires = "webhook_secret")]
    pub webhook_url: Option<String>,
    /// Secret with which those messages are signed.
    #[arg(long, env = "REDRESS_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,
    /// Folder for files that customers hand in as evidence; several nodes share it. Default: `evidence` in the data folder.
    #[arg(long, env = "REDRESS_EVIDENCE", value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Virus scanner for those files: a command that gets a path as its last argument and ends with 0 (clean) or 1 (infected).
    #[arg(long, env = "REDRESS_EVIDENCE_SCANNER", value_name = "COMMAND")]
    pub evidence_scanner: Option<String>,
    /// Origins of pages that may embed the widget, separated by commas, e.g. https://shop.example.
    #[arg(long, env = "REDRESS_ALLOWED_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<String>,
    /// Log lines: `human` or `json`.
    #[arg(long, env = "REDRESS_LOG_FORMAT", default_value = "human", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Frames a second that one socket may send on average; three times as many at once. 0: no limit.
    #[arg(long, env = "REDRESS_FRAMES_PER_SECOND", default_value_t = 20, value_name = "N")]
    pub frames_per_second: u32,
    /// Sockets that one address may open. Loopback is exempt.
    #[arg(long, env = "REDRESS_SOCKETS_PER_ADDRESS", default_value_t = 50, value_name = "N")]
    pub sockets_per_address: usize,
    /// Seconds that a new socket has for its `hello`.
    #[arg(long, env = "REDRESS_HELLO_SECONDS", default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub hello_seconds: u64,
    /// Seconds between signs of life that the server asks for; a socket that gives none for a little over twice as long is dead.
    #[arg(long, env = "REDRESS_PING_SECONDS", default_value_t = 25, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub ping_seconds: u64,
    /// Threads of the runtime; 0: one for each core.
    #[arg(long, env = "REDRESS_THREADS", default_value_t = 0, value_name = "N")]
    pub threads: usize,
}

/// What turns sentences into vectors.
#[derive(Args, Clone, Debug)]
pub struct EncoderArgs {
    /// Sentence encoder: `bundled`; `none`, to read by words alone; a folder with a model of your own, `model.onnx` and `vocab.txt`
    /// (BERT-like, WordPiece, lower case); or the address of an OpenAI-compatible embeddings endpoint, e.g. https://api.openai.com/v1.
    #[arg(long = "encoder", env = "REDRESS_ENCODER", default_value = "bundled", value_name = "bundled|none|DIR|URL")]
    pub encoder: String,
    /// Model to ask an endpoint for.
    #[arg(long = "encoder-model", env = "REDRESS_ENCODER_MODEL", default_value = "text-embedding-3-small", value_name = "NAME")]
    pub encoder_model: String,
    /// Key of the endpoint; give it by the environment.
    #[arg(long = "encoder-key", env = "REDRESS_ENCODER_KEY", value_name = "KEY", hide_env_values = true)]
    pub encoder_key: Option<String>,
}

/// The language model that helps.
#[derive(Args, Clone, Debug)]
pub struct ModelArgs {
    /// Language model that helps where the local reading is unsure, and agents: `none`; the address of an OpenAI-compatible endpoint, e.g.
    /// http://127.0.0.1:11434/v1; or a file with several endpoints, budgets and uses, see docs/model.md.
    #[arg(long = "model", env = "REDRESS_MODEL", default_value = "none", value_name = "none|URL|FILE")]
    pub model: String,
    /// Model to ask an endpoint for.
    #[arg(long = "model-name", env = "REDRESS_MODEL_NAME", default_value = "gpt-4.1-mini", value_name = "NAME")]
    pub model_name: String,
    /// Key of the endpoint; give it by the environment.
    #[arg(long = "model-key", env = "REDRESS_MODEL_KEY", value_name = "KEY", hide_env_values = true)]
    pub model_key: Option<String>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

impl ServeArgs {
    /// What only belongs together.
    ///
    /// # Errors
    /// One sentence: what is wrong and what to do.
    pub fn check(&self) -> Result<(), String> {
        if self.clock.is_some() && !self.demo {
            return Err("--clock moves the server's time and is for --demo only. Leave it out, or add --demo".into());
        }
        if let Some(token) = &self.service_token
            && token.len() < 8
        {
            return Err("REDRESS_SERVICE_TOKEN is shorter than 8 characters. Make one with `openssl rand -hex 32`".into());
        }
        for (name, secret) in [("REDRESS_EVENTS_SECRET", &self.events_secret), ("REDRESS_WEBHOOK_SECRET", &self.webhook_secret)] {
            if secret.as_ref().is_some_and(|secret| secret.len() < 16) {
                return Err(format!("{name} is shorter than 16 characters. Make one with `openssl rand -hex 32`"));
            }
        }
        self.webhook()?;
        self.oidc.provider()?;
        for origin in &self.allowed_origins {
            if !(origin.starts_with("https://") || origin.starts_with("http://")) || origin.ends_with('/') {
                return Err(format!(
                    "'{origin}' in REDRESS_ALLOWED_ORIGINS is no origin. Write it as https://shop.example, without a slash at its end"
                ));
            }
        }
        Ok(())
    }

    /// Where the outbox goes.
    ///
    /// # Errors
    /// When the address is none.
    pub fn webhook(&self) -> Result<Option<Webhook>, String> {
        match (&self.webhook_url, &self.webhook_secret) {
            (Some(url), Some(secret)) => Webhook::new(url, secret).map(Some),
            (Some(_) | None, _) => Ok(None),
        }
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        self.database.clone().unwrap_or_else(|| crate::store::Store::sqlite_url(&self.data))
    }

    /// The figures of the sockets' limits.
    pub fn figures(&self) -> Figures {
        let ping_every = Duration::from_secs(self.ping_seconds);
        Figures {
            frames_per_second: self.frames_per_second,
            address_sockets: self.sockets_per_address,
            hello: Duration::from_secs(self.hello_seconds),
            ping_every,
            dead_after: ping_every.mul_f64(2.4),
            ..Figures::default()
        }
    }
}
