//! One endpoint: its connection, its breaker, its seats, and how it can be asked.

use super::breaker::Breaker;
use super::budget::Price;
use super::fault::Fault;
use super::retry::{RetryBudget, retry_after};
use super::settings::EndpointSettings;
use super::wire::{self, Asked, MOST_BYTES, Reply, Shape, Stream};
use crate::domain::time::wall;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};

/// How long a call waits for one of the endpoint's seats.
const SEAT: Duration = Duration::from_millis(100);
/// How long an endpoint that refuses its key or knows no such model is left alone.
const LONG_REST: Duration = Duration::from_secs(120);

/// An endpoint, with what was learned about it.
#[derive(Debug)]
pub(super) struct Endpoint {
    url: String,
    /// Host and port, for traces.
    pub(super) host: String,
    pub(super) model: String,
    key: Option<String>,
    pub(super) price: Price,
    client: Client,
    seats: Semaphore,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    breaker: Breaker,
    retries: RetryBudget,
    shape: Shape,
}

impl Endpoint {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// When the system has no certificates to check the endpoint's with.
    pub(super) fn new(settings: EndpointSettings) -> Result<Self, String> {
        // A redirect could carry key and words to somebody else.
        let client = Client::builder().redirect(Policy::none()).user_agent("redress").build().map_err(|error| told(&error))?;
        let EndpointSettings { base, model, key, at_once, price } = settings;
        let host = base.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
        let known = Mutex::new(Known { breaker: Breaker::default(), retries: RetryBudget::default(), shape: Shape::Schema });
        Ok(Self { url: format!("{base}/chat/completions"), host, model, key, price, client, seats: Semaphore::new(at_once), known })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may be asked now.
    pub(super) fn allows(&self) -> bool {
        self.known().breaker.allows(Instant::now().into_std())
    }

    /// Whether it is left alone now.
    pub(super) fn is_resting(&self) -> bool {
        self.known().breaker.is_open(Instant::now().into_std())
    }

    /// Takes a second try from what all calls together may have.
    pub(super) fn takes_retry(&self) -> bool {
        self.known().retries.take()
    }

    /// One of its seats, unless all stay taken.
    pub(super) async fn seat(&self, until: Instant) -> Option<SemaphorePermit<'_>> {
        timeout_at(until, timeout(SEAT, self.seats.acquire())).await.ok()?.ok()?.ok()
    }

    /// How it is asked for JSON.
    pub(super) fn shape(&self) -> Shape {
        self.known().shape
    }

    /// It did not understand being asked in this shape: from now on it is asked more simply. `false` when there is no simpler way.
    pub(super) fn simplify(&self, from: Shape) -> bool {
        let mut known = self.known();
        if known.shape != from {
            return true;
        }
        known.shape = from.simpler().unwrap_or(from);
        from.simpler().is_some()
    }

    /// Notes how a call ended.
    pub(super) fn note(&self, outcome: Result<(), &Fault>) {
        let now = Instant::now().into_std();
        let mut known = self.known();
        known.retries.earn();
        match outcome {
            Ok(()) => known.breaker.succeeded(),
            Err(Fault::Status { status: 401 | 403 | 404, .. }) => known.breaker.rests(now, LONG_REST),
            Err(fault) if fault.is_about_the_request() => {}
            Err(_) => known.breaker.failed(now),
        }
    }

    /// It asked for more time than there was: it is left alone for so long.
    pub(super) fn rests(&self, asked: Duration) {
        self.known().breaker.rests(Instant::now().into_std(), asked);
    }

    /// Makes one call. Dropping the future closes the connection, so that the endpoint stops working for nobody.
    pub(super) async fn call(&self, asked: &Asked<'_>, shape: Shape, until: Instant) -> Result<Reply, Fault> {
        let body = serde_json::to_vec(&wire::request(asked, &self.model, shape)).map_err(|error| Fault::Refused(error.to_string()))?;
        let mut request = self.client.post(&self.url).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        // Half of the time without a sign of life leaves the other half for another try.
        let gap = until.saturating_duration_since(Instant::now()) / 2;
        let answer = async {
            let response = timeout(gap * 2, request.send()).await.map_err(|_| Fault::Late)?.map_err(|error| unreachable(&error))?;
            read(response, gap).await
        };
        timeout_at(until, answer).await.unwrap_or(Err(Fault::Late))
    }
}

async fn read(mut response: Response, gap: Duration) -> Result<Reply, Fault> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let wants = header(RETRY_AFTER).and_then(|value| retry_after(&value, wall()));
    let kind = header(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if status != 200 {
        let body = all(&mut response, gap).await.unwrap_or_default();
        return Err(Fault::Status { status, message: wire::refusal(&body), retry_after: wants });
    }
    if kind.starts_with("text/event-stream") {
        return events(&mut response, gap).await;
    }
    let body = all(&mut response, gap).await?;
    // Some servers name no type, or the wrong one, and send JSON all the same.
    match wire::whole(&body) {
        Err(Fault::NotJson) if !kind.contains("json") && !kind.is_empty() => Err(Fault::ContentType(kind.chars().take(60).collect())),
        read => read,
    }
}

async fn all(response: &mut Response, gap: Duration) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(part) = timeout(gap, response.chunk()).await.map_err(|_| Fault::Late)?.map_err(|_| Fault::Cut)? {
        body.extend_from_slice(&part);
        if body.len() > MOST_BYTES {
            return Err(Fault::Endless);
        }
    }
    Ok(body)
}

async fn events(response: &mut Response, gap: Duration) -> Result<Reply, Fault> {
    let mut stream = Stream::default();
    let mut text_by = Instant::now() + gap;
    loop {
        // Comments that only keep the connection alive are no sign of life.
        let by = if stream.has_text() { Instant::now() + gap } else { text_by };
        let Some(part) = timeout_at(by, response.chunk()).await.map_err(|_| Fault::Late)?.map_err(|_| Fault::Cut)? else { break };
        if stream.take(&part)? {
            break;
        }
        if stream.has_text() {
            text_by = Instant::now() + gap;
        }
    }
    stream.finish()
}

fn unreachable(error: &reqwest::Error) -> Fault {
    if error.is_timeout() {
        return Fault::Late;
    }
    if error.is_connect() { Fault::Unreachable(told(error)) } else { Fault::Cut }
}

/// An error with its causes, without the address.
fn told(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string().chars().take(200).collect()
}
