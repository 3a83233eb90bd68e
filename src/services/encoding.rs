//! The encoder at work: one thread of its own, so that no thread that serves sockets ever waits for it. What waits is encoded together;
//! a message that would wait too long is read by its words alone.

use crate::understanding::Sentences;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Messages that may wait. With more, the encoder is far behind anyway.
const QUEUE: usize = 256;
/// Sentences that are encoded together at most.
const BATCH: usize = 64;
/// How long a message waits for its vectors before its words have to be enough.
const PATIENCE: Duration = Duration::from_secs(1);

type Vectors = Vec<Arc<[f32]>>;

/// The way to the encoder's thread. The thread ends when this is dropped.
#[derive(Debug)]
pub struct Encoding {
    queue: SyncSender<Job>,
    patience: Duration,
}

/// The sentences of one message.
#[derive(Debug)]
struct Job {
    sentences: Vec<String>,
    since: Instant,
    done: oneshot::Sender<Vectors>,
}

impl Encoding {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(sentences: Arc<Sentences>) -> std::io::Result<Self> {
        Self::patient_for(PATIENCE, sentences)
    }

    fn patient_for(patience: Duration, sentences: Arc<Sentences>) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new().name("encoder".into()).spawn(move || work(&jobs, &sentences))?;
        Ok(Self { queue, patience })
    }

    /// Vectors of a message's sentences, in their order; none when they can't be had in time.
    pub async fn vectors(&self, sentences: Vec<String>) -> Vectors {
        let (done, answer) = oneshot::channel();
        let missed = |why: &'static str| {
            metrics::counter!("redress_encoder_missed_total", "why" => why).increment(1);
            Vectors::new()
        };
        match self.queue.try_send(Job { sentences, since: Instant::now(), done }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return missed("queue_full"),
            Err(TrySendError::Disconnected(_)) => return missed("stopped"),
        }
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(vectors)) => vectors,
            Ok(Err(_)) => missed("failed"),
            Err(_) => missed("late"),
        }
    }
}

fn work(jobs: &Receiver<Job>, sentences: &Sentences) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        let mut count = batch[0].sentences.len();
        while count < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            count += job.sentences.len();
            batch.push(job);
        }
        // Nobody waits for these any more.
        batch.retain(|job| !job.done.is_closed());
        let began = Instant::now();
        let texts: Vec<&str> = batch.iter().flat_map(|job| &job.sentences).map(String::as_str).collect();
        // A panic in the encoder is no reason to leave customers without an answer: words alone are read then.
        let mut vectors = catch_unwind(AssertUnwindSafe(|| sentences.of_message(&texts))).unwrap_or_else(|_| {
            tracing::error!("the sentence encoder panicked; the messages are read by their words alone");
            Vectors::new()
        });
        metrics::histogram!("redress_encoder_batch").record(texts.len() as f64);
        metrics::histogram!("redress_encoder_seconds").record(began.elapsed().as_secs_f64());
        for job in batch {
            metrics::histogram!("redress_encoder_wait_seconds").record(began.duration_since(job.since).as_secs_f64());
            let rest = vectors.split_off(job.sentences.len().min(vectors.len()));
            let own = std::mem::replace(&mut vectors, rest);
            // It may have given up meanwhile.
            let _ = job.done.send(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::encoder::{EncodeError, Encoder};
    use std::sync::Mutex;

    /// Notes the batches; waits for a word before each; fails on "bad" and panics on "worse".
    #[derive(Debug)]
    struct Fake {
        go: Mutex<Receiver<()>>,
        batches: Mutex<Vec<usize>>,
    }

    impl Encoder for Fake {
        fn id(&self) -> &str {
            "fake"
        }

        fn width(&self) -> usize {
            1
        }

        fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
            let _ = self.go.lock().expect("nobody panicked").recv();
            self.batches.lock().expect("nobody panicked").push(texts.len());
            assert!(!texts.contains(&"worse"), "as wanted");
            if texts.contains(&"bad") {
                return Err(EncodeError::Run("as wanted".into()));
            }
            Ok(texts.iter().map(|text| vec![text.len() as f32]).collect())
        }
    }

    fn fake(patience: Duration) -> (Arc<Encoding>, Arc<Fake>, SyncSender<()>) {
        let (go, wait) = sync_channel(1_000);
        let fake = Arc::new(Fake { go: Mutex::new(wait), batches: Mutex::default() });
        let sentences = Arc::new(Sentences::by(Arc::<Fake>::clone(&fake)));
        (Arc::new(Encoding::patient_for(patience, sentences).expect("a thread")), fake, go)
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[tokio::test]
    async fn what_waits_is_encoded_together_and_everybody_gets_their_own() {
        let (encoding, fake, go) = fake(Duration::from_secs(60));
        let ask = |words: &[&str]| {
            tokio::spawn({
                let (encoding, words) = (Arc::clone(&encoding), texts(words));
                async move { encoding.vectors(words).await.iter().map(|vector| vector[0]).collect::<Vec<f32>>() }
            })
        };
        let first = ask(&["a"]);
        tokio::task::yield_now().await;
        let others = [ask(&["bb", "ccc"]), ask(&["dddd"]), ask(&["bb"])];
        tokio::task::yield_now().await;
        for _ in 0..4 {
            go.send(()).expect("it listens");
        }
        assert_eq!(first.await.expect("no panic"), [1.0]);
        let mut got = Vec::new();
        for other in others {
            got.push(other.await.expect("no panic"));
        }
        assert_eq!(got, [vec![2.0, 3.0], vec![4.0], vec![2.0]]);
        assert!(fake.batches.lock().expect("nobody panicked").len() <= 4);
    }

    #[tokio::test]
    async fn a_late_a_failing_and_a_panicking_encoder_leave_the_words() {
        let (encoding, _, go) = fake(Duration::from_millis(1));
        assert!(encoding.vectors(texts(&["late"])).await.is_empty());
        drop(go);
        let (encoding, _, go) = fake(Duration::from_secs(60));
        for _ in 0..3 {
            go.send(()).expect("it listens");
        }
        assert!(encoding.vectors(texts(&["bad"])).await.is_empty());
        assert!(encoding.vectors(texts(&["worse"])).await.is_empty());
        assert_eq!(encoding.vectors(texts(&["fine"])).await.len(), 1);
    }

    #[tokio::test]
    async fn a_full_queue_is_not_waited_for() {
        let (encoding, _, go) = fake(Duration::from_millis(1));
        for number in 0..QUEUE + 8 {
            let _ = encoding.queue.try_send(Job {
                sentences: texts(&[&number.to_string()]),
                since: Instant::now(),
                done: oneshot::channel().0,
            });
        }
        assert!(encoding.vectors(texts(&["one too many"])).await.is_empty());
        drop(go);
    }
}
