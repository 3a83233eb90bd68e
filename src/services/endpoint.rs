//! Sentence vectors from an OpenAI-compatible embeddings endpoint, for an encoder that is larger than this machine can run. Its requests
//! have a thread of their own, so that whoever asks only waits; when the endpoint is down, messages are read by their words alone.

use crate::understanding::encoder::{EncodeError, Encoder};
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Texts in one request.
const BATCH: usize = 128;
/// Requests under way at a time.
const AT_A_TIME: usize = 4;
/// How long the vectors of a message may take: a little less than the message waits for them.
const SOON: Duration = Duration::from_millis(900);
/// How long the first answer may take.
const FIRST: Duration = Duration::from_secs(10);
/// How long each batch of examples may take, repeated tries included.
const EACH_BATCH: Duration = Duration::from_secs(30);
/// So long an endpoint that failed is not asked about messages.
const REST: Duration = Duration::from_secs(10);

/// An embeddings endpoint that has answered once.
#[derive(Debug)]
pub struct Endpoint {
    id: String,
    width: usize,
    asking: UnboundedSender<Asked>,
    /// Until when it is left alone; `None` while it works.
    resting: Mutex<Option<Instant>>,
}

/// Texts, how long their vectors may take, and who waits for them.
#[derive(Debug)]
struct Asked {
    texts: Vec<String>,
    within: Duration,
    done: mpsc::Sender<Result<Vec<Vec<f32>>, EncodeError>>,
}

impl Endpoint {
    /// Asks for one vector. `url` is what comes before `/embeddings`; without a path it is `/v1`. Blocks the thread for ten seconds at most.
    ///
    /// # Errors
    /// When no vector comes back.
    pub fn connect(url: &str, key: Option<&str>, model: &str) -> Result<Self, EncodeError> {
        let base = base(url);
        let config = OpenAIConfig::new().with_api_base(&base).with_api_key(key.unwrap_or_default());
        let (asking, asked) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| EncodeError::Run(format!("no runtime for its requests: {error}")))?;
        let thread = std::thread::Builder::new().name("embeddings".into());
        let (client, name) = (Client::with_config(config), model.to_owned());
        thread
            .spawn(move || runtime.block_on(answer(asked, client, name)))
            .map_err(|error| EncodeError::Run(format!("no thread for its requests: {error}")))?;
        let mut endpoint = Self { id: format!("{base} {model}"), width: 0, asking, resting: Mutex::default() };
        endpoint.width = endpoint.ask(&["where is my parcel"], FIRST)?.first().map_or(0, Vec::len);
        Ok(endpoint)
    }

    fn ask(&self, texts: &[&str], within: Duration) -> Result<Vec<Vec<f32>>, EncodeError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let (done, answer) = mpsc::channel();
        let stopped = || EncodeError::Run("the thread of its requests has stopped".into());
        self.asking.send(Asked { texts: texts.iter().map(|&text| text.to_owned()).collect(), within, done }).map_err(|_| stopped())?;
        let vectors = answer.recv().map_err(|_| stopped())??;
        match vectors.iter().find(|vector| self.width > 0 && vector.len() != self.width) {
            Some(other) => Err(EncodeError::Run(format!("a vector has {} numbers instead of {}", other.len(), self.width))),
            None => Ok(vectors),
        }
    }
}

impl Encoder for Endpoint {
    fn id(&self) -> &str {
        &self.id
    }

    fn width(&self) -> usize {
        self.width
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        self.ask(texts, EACH_BATCH * u32::try_from(texts.len().div_ceil(BATCH)).unwrap_or(u32::MAX))
    }

    fn encode_soon(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let resting = *self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.is_some_and(|until| Instant::now() < until) {
            return Err(EncodeError::Run("it failed a moment ago".into()));
        }
        let vectors = self.ask(texts, SOON);
        let mut state = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        match &vectors {
            Ok(_) if resting.is_some() => tracing::info!(encoder = self.id, "The embeddings endpoint answers again"),
            Ok(_) => {}
            Err(error) => {
                let seconds = REST.as_secs();
                tracing::warn!(encoder = self.id, %error, "Messages are read by their words alone; the endpoint is asked again in {seconds} s");
                metrics::counter!("redress_encoder_missed_total", "why" => "endpoint").increment(1);
            }
        }
        *state = vectors.is_err().then(|| Instant::now() + REST);
        vectors
    }
}

/// The address that `/embeddings` is added to.
fn base(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix("/embeddings").unwrap_or(url);
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    if host.contains('/') { url.to_owned() } else { format!("{url}/v1") }
}

/// Answers until nobody can ask any more.
async fn answer(mut asked: UnboundedReceiver<Asked>, client: Client<OpenAIConfig>, model: String) {
    while let Some(Asked { texts, within, done }) = asked.recv().await {
        let batches = texts.chunks(BATCH).map(|batch| request(&client, &model, batch.to_vec()));
        let all = stream::iter(batches).buffered(AT_A_TIME).try_collect::<Vec<_>>();
        let vectors = match tokio::time::timeout(within, all).await {
            Ok(vectors) => vectors.map(|batches| batches.concat()),
            Err(_) => Err(EncodeError::Run(format!("no answer within {:.1} s", within.as_secs_f32()))),
        };
        // Who asked may have gone.
        let _ = done.send(vectors);
    }
}

/// The vectors of one batch, in its order and of length one.
async fn request(client: &Client<OpenAIConfig>, model: &str, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EncodeError> {
    let wanted = texts.len();
    let input = EmbeddingInput::StringArray(texts);
    let request = CreateEmbeddingRequest { model: model.to_owned(), input, encoding_format: None, user: None, dimensions: None };
    let mut data = client.embeddings().create(request).await.map_err(|error| EncodeError::Run(told(&error)))?.data;
    data.sort_by_key(|vector| vector.index);
    if data.len() != wanted {
        return Err(EncodeError::Run(format!("it gave {} vectors for {wanted} texts", data.len())));
    }
    data.into_iter().map(|vector| of_length_one(vector.embedding)).collect()
}

/// An error with its causes: the library's own words leave out why a connection failed.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let why = error.to_string();
        if !text.contains(&why) {
            text = format!("{text}: {why}");
        }
        cause = error.source();
    }
    text
}

fn of_length_one(mut vector: Vec<f32>) -> Result<Vec<f32>, EncodeError> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if !(length.is_finite() && length > 0.0) {
        return Err(EncodeError::Run("it gave a vector without direction".into()));
    }
    vector.iter_mut().for_each(|number| *number /= length);
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        for (url, wanted) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/embeddings", "https://api.openai.com/v1"),
            ("https://host/openai/v3", "https://host/openai/v3"),
        ] {
            assert_eq!(base(url), wanted);
        }
    }

    #[test]
    fn vectors_are_brought_to_length_one() {
        assert_eq!(of_length_one(vec![3.0, 4.0]), Ok(vec![0.6, 0.8]));
        assert!(of_length_one(vec![0.0]).is_err() && of_length_one(vec![f32::NAN]).is_err() && of_length_one(Vec::new()).is_err());
    }
}
