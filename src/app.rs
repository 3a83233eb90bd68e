//! Builds every part once, serves, and shuts down: first softly (sockets are told to come back, turns finish), then hard.

use crate::catalog::LiveCatalog;
use crate::config::{EncoderArgs, ModelArgs, ServeArgs};
use crate::domain::personas;
use crate::domain::time::Clock;
use crate::gateway::Gateway;
use crate::gateway::limits::Limits;
use crate::http::{Assets, Demo, Site, router};
use crate::llm::{Models, Settings};
use crate::services::encoding::Encoding;
use crate::services::endpoint::Endpoint;
use crate::services::helper::Helper;
use crate::services::hub::Hub;
use crate::services::identity::{Identities, new_secret};
use crate::services::uploads::Uploads;
use crate::services::{Readers, Service};
use crate::store::Store;
use crate::store::desk::{Role, Skills};
use crate::telemetry;
use crate::understanding::Sentences;
use crate::understanding::encoder::{Bundled, Encoder, Own};
use anyhow::{Context, anyhow, bail};
use axum::serve::ListenerExt;
use jiff::Timestamp;
use std::collections::HashSet;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a soft shutdown may take.
const SOFT: Duration = Duration::from_secs(10);
/// The demo's agents, with skills and languages (none named: all); their password is shown on the demo page.
const DEMO_AGENTS: [(&str, Role, &[&str], &[&str]); 4] = [
    ("Ana", Role::Agent, &[], &["en", "sv"]),
    ("Ben", Role::Agent, &[], &["en", "de"]),
    ("Lea", Role::Lead, &[], &[]),
    ("Ola", Role::Ops, &[], &[]),
];
const DEMO_PASSWORD: &str = "demo-desk";

/// Runs the server until it is told to stop.
///
/// # Errors
/// When a part cannot be built: wrong configuration, broken content, no database, no port.
pub async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    args.check().map_err(|problem| anyhow!(problem))?;
    let metrics = telemetry::start_metrics().ok();
    std::fs::create_dir_all(&args.data)
        .with_context(|| format!("cannot make the data folder {}. Choose another with --data", args.data.display()))?;
    let catalog = Arc::new(load_catalog(&args)?);
    let clock = Arc::new(clock(&args)?);
    let hub = Arc::new(Hub::default());
    let store = Store::open(&args.database_url(), Arc::<Hub>::clone(&hub)).await?;
    let resume_secret = store.setting("resume_secret", new_secret).await?;
    let identity_secret = match (&args.identity_secret, args.demo) {
        (Some(secret), _) => Some(secret.clone()),
        (None, true) => Some(store.setting("demo_identity_secret", new_secret).await?),
        (None, false) => None,
    };
    let identities = Identities::new(identity_secret.as_deref(), args.identity_public_key.as_deref(), &resume_secret)
        .map_err(|problem| anyhow!(problem))?;
    let encoding = Encoding::start(catalog.sentences()).context("the sentence encoder's thread")?;
    let folder = args.evidence.clone().unwrap_or_else(|| args.data.join("evidence"));
    let uploads = Uploads::open(&folder, args.evidence_scanner.as_deref())
        .with_context(|| format!("cannot make the folder for evidence {}. Choose another with --evidence", folder.display()))?;
    let readers = Readers { encoding, helper: Helper::new(models(&args.model)?) };
    let service = Service::new(store, catalog, clock, hub, identities, readers, uploads).await?;
    service.store.derive_all(crate::domain::timer::RULES).await?;
    let demo = if args.demo { Some(load_demo(&service).await?) } else { None };
    let stop = CancellationToken::new();
    let gateway = Gateway {
        service: Arc::clone(&service),
        limits: Arc::new(Limits::new(args.figures())),
        stop: stop.clone(),
        sockets: TaskTracker::new(),
    };
    let site = Arc::new(Site {
        gateway: gateway.clone(),
        assets: arc_swap::ArcSwap::from_pointee(Assets::load()),
        service_token: args.service_token.clone(),
        events_secret: args.events_secret.clone(),
        allowed_origins: args.allowed_origins.clone(),
        demo,
        metrics,
        provider: args.oidc.provider().map_err(|problem| anyhow!(problem))?,
    });
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}. Is another server there? Choose another with --listen", args.listen))?;
    let address = listener.local_addr()?;
    if args.demo {
        service.simulate_others();
    }
    // What a crash left unanswered is answered before anybody can ask.
    service.sweep().await?;
    service.refresh_queue().await?;
    service.tasks.spawn(Arc::clone(&service).keep_sweeping(stop.clone()));
    service.tasks.spawn(Arc::clone(&service).keep_queue(stop.clone()));
    service.tasks.spawn(Arc::clone(&service).keep_time(stop.clone()));
    if let Some(webhook) = args.webhook().map_err(|problem| anyhow!(problem))? {
        service.tasks.spawn(Arc::clone(&service).keep_delivering(webhook, stop.clone()));
    }
    service.tasks.spawn(forget_quiet(Arc::clone(&gateway.limits), stop.clone()));
    announce(address, args.demo);

    let quick = listener.tap_io(|stream| {
        // Small frames must not wait for each other.
        let _ = stream.set_nodelay(true);
    });
    let app = router(site).into_make_service_with_connect_info::<SocketAddr>();
    let serving = {
        let stop = stop.clone();
        tokio::spawn(async move { axum::serve(quick, app).with_graceful_shutdown(async move { stop.cancelled().await }).await })
    };
    asked_to_stop().await;
    tracing::info!("shutting down: sockets are told to come back");
    stop.cancel();
    gateway.sockets.close();
    service.tasks.close();
    let soft = async {
        gateway.sockets.wait().await;
        service.tasks.wait().await;
        let _ = serving.await;
    };
    tokio::select! {
        done = tokio::time::timeout(SOFT, soft) => if done.is_err() {
            tracing::warn!("some sockets did not end in time; what they had sent is stored");
        },
        () = asked_to_stop() => tracing::warn!("asked twice to stop: stopping at once"),
    }
    Ok(())
}

/// The sentence encoder that is configured, on as many threads as the machine has.
pub(crate) fn sentences(args: &EncoderArgs) -> anyhow::Result<Arc<Sentences>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let encoder: Arc<dyn Encoder> = match args.encoder.as_str() {
        "none" => return Ok(Arc::new(Sentences::none())),
        "bundled" => Arc::new(Bundled::load(threads).context("the carried sentence encoder")?),
        "" => bail!("--encoder is empty. Write `bundled`, `none`, a folder with `model.onnx` and `vocab.txt`, or an address"),
        url if url.starts_with("https://") || url.starts_with("http://") => Arc::new(endpoint(url, args)?),
        folder => Arc::new(own_encoder(Path::new(folder), threads)?),
    };
    Ok(Arc::new(Sentences::by(encoder)))
}

/// The encoder behind an address.
fn endpoint(url: &str, args: &EncoderArgs) -> anyhow::Result<Endpoint> {
    let model = &args.encoder_model;
    Endpoint::connect(url, args.encoder_key.as_deref(), model).with_context(|| {
        format!(
            "--encoder {url}: no vector of `{model}` came back. Is it an OpenAI-compatible address, and are REDRESS_ENCODER_KEY and \
             REDRESS_ENCODER_MODEL right? `--encoder bundled` needs no network"
        )
    })
}

/// The language models that are configured.
fn models(args: &ModelArgs) -> anyhow::Result<Option<Models>> {
    let settings = match args.model.as_str() {
        "none" => return Ok(None),
        "" => bail!("--model is empty. Write `none`, an address, or a file"),
        url if url.starts_with("https://") || url.starts_with("http://") => {
            let settings = Settings::one(url, &args.model_name, args.model_key.as_deref());
            settings.map_err(|problem| anyhow!("--model {url}: {problem}. Check it, REDRESS_MODEL_NAME and REDRESS_MODEL_KEY"))?
        }
        file => {
            let bytes = std::fs::read(file).with_context(|| format!("--model {file}: the file can't be read"))?;
            Settings::read(file, &bytes, |name| std::env::var(name).ok()).map_err(|problems| {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                anyhow!("the models cannot be used:\n{}", lines.join("\n"))
            })?
        }
    };
    Models::new(settings).map(Some).map_err(|problem| anyhow!("--model {}: {problem}", args.model))
}

/// The encoder in a folder.
fn own_encoder(folder: &Path, threads: usize) -> anyhow::Result<Own> {
    let name = folder.display();
    if !folder.is_dir() {
        bail!("--encoder {name}: there is no such folder. Write `bundled`, `none`, or a folder with `model.onnx` and `vocab.txt`");
    }
    let (model, vocabulary) = (folder.join("model.onnx"), folder.join("vocab.txt"));
    if !model.is_file() && folder.join("model.safetensors").is_file() {
        bail!("--encoder {name}: only ONNX models can be run. Export it to `model.onnx`, for example with `optimum-cli export onnx`");
    }
    let bytes = std::fs::read(&model).with_context(|| format!("--encoder {name}: `model.onnx` can't be read"))?;
    let vocabulary = std::fs::read_to_string(&vocabulary).with_context(|| format!("--encoder {name}: `vocab.txt` can't be read"))?;
    Own::load(&name.to_string(), bytes, &vocabulary, threads).with_context(|| {
        format!("--encoder {name}: it can't be used. It has to be a BERT-like sentence encoder with a WordPiece vocabulary")
    })
}

fn load_catalog(args: &ServeArgs) -> anyhow::Result<LiveCatalog> {
    LiveCatalog::start(&args.content, sentences(&args.encoder)?).map_err(|problems| {
        let mut lines: Vec<String> = problems.iter().take(20).map(ToString::to_string).collect();
        if problems.len() > lines.len() {
            lines.push(format!("… and {} more", problems.len() - lines.len()));
        }
        anyhow!(
            "the content in {} cannot be used:\n{}\nMend it (`redress check` shows everything), or choose another folder with --content",
            args.content.display(),
            lines.join("\n")
        )
    })
}

fn clock(args: &ServeArgs) -> anyhow::Result<Clock> {
    Ok(match (args.clock, args.demo) {
        (Some(start), _) => Clock::starting_at(start),
        (None, true) => Clock::starting_at(personas::NOW.parse::<Timestamp>().context("the demo's date")?),
        (None, false) => Clock::system(),
    })
}

/// Loads personas and agents. Accounts that are there already stay as they are: a restart forgets nothing.
async fn load_demo(service: &Service) -> anyhow::Result<Demo> {
    let mut missing = Vec::new();
    for account in personas::accounts() {
        if service.store.account(&account.customer.id).await?.is_none() {
            missing.push(account);
        }
    }
    service.store.import(&personas::load().merchants, &missing, service.clock.now()).await?;
    service.reload_merchants().await?;
    let known: HashSet<String> = service.store.agents().await?.into_iter().map(|agent| agent.name).collect();
    for (name, role, skills, languages) in DEMO_AGENTS {
        if !known.contains(name) {
            let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            let skills = Skills { skills: own(skills), languages: own(languages), capacity: 4 };
            service.add_agent(name, role, &skills, DEMO_PASSWORD.into()).await.map_err(|problem| anyhow!(problem))?;
        }
    }
    Ok(Demo { agents: DEMO_AGENTS.iter().map(|(name, role, ..)| ((*name).to_owned(), DEMO_PASSWORD.to_owned(), *role)).collect() })
}

/// One line for scripts, and for people where to look.
#[expect(clippy::print_stdout, reason = "this line is the command's output")]
fn announce(address: SocketAddr, demo: bool) {
    println!("listening on http://{address}");
    if demo {
        println!("demo page  http://{address}/");
        println!("desk       http://{address}/desk   (sign in as Ana, Ben or Lea; password {DEMO_PASSWORD})");
        println!("operations http://{address}/ops    (sign in as Ola; password {DEMO_PASSWORD})");
    }
    let _ = std::io::stdout().flush();
}

async fn forget_quiet(limits: Arc<Limits>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60)) => limits.forget_quiet(),
            () = stop.cancelled() => return,
        }
    }
}

/// Ctrl-C or SIGTERM.
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
