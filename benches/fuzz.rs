//! Reads millions of messages that nobody would write: `cargo bench --bench fuzz -- 10000000`, with a second number as seed. Tells the slowest,
//! how long it took, and how many took more than a message may; a panic stops it with the input that led there.

use redress::catalog::Catalog;
use redress::domain::market::Market;
use redress::understanding::encoder::{Bundled, Encoder};
use redress::understanding::{ReadContext, Sentences};
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Inputs when no number is given.
const USUAL: u64 = 100_000;
/// Longest input in bytes: what a frame may hold.
const LONGEST: usize = 16 * 1024;

/// No input may take longer.
const MOST: Duration = Duration::from_millis(20);
/// One that does is read again, alone, so that what others take from it does not count: the quickest of so many.
const TRIES: usize = 3;
/// So many are read again at most.
const MOST_AGAIN: usize = 2_000;

/// A small generator of numbers (SplitMix64), so that a seed gives the same inputs everywhere.
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

const PIECES: &[&str] = &[
    "a",
    " ",
    "é",
    "e\u{301}\u{301}\u{301}",
    "😀",
    "ﷺ",
    "\u{202e}",
    "\0",
    "\n",
    "\u{feff}",
    "£1",
    "1/1/1",
    "31.02.",
    "no ",
    "not ",
    "and ",
    "?",
    "...",
    "İ",
    "ß",
    "ｗｉｄｅ",
    "where is my refund ",
    "i want to die ",
    "cancel ",
    "in 999999999999 weeks ",
    "next friday ",
    "D-7F3K2 ",
    "+44 20 7946 0000 ",
    "kr 1 000,50 ",
    "min order kom aldrig ",
];

/// The next input: bytes of any kind, repeated pieces, or a sentence with its letters shaken.
fn input(lot: &mut Lot, sentences: &[String]) -> String {
    match lot.below(16) {
        0..4 => {
            let length = lot.below(200);
            let bytes: Vec<u8> = (0..length).map(|_| lot.next() as u8).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        4..8 => {
            let count = lot.below(40);
            (0..count).map(|_| PIECES[lot.below(PIECES.len())]).collect()
        }
        8 if lot.below(50) == 0 => {
            let piece = PIECES[lot.below(PIECES.len())];
            piece.repeat(LONGEST / piece.len())
        }
        _ => {
            let mut letters: Vec<char> = sentences[lot.below(sentences.len())].chars().collect();
            for _ in 0..lot.below(6) {
                let at = lot.below(letters.len());
                match lot.below(3) {
                    0 if !letters.is_empty() => _ = letters.remove(at),
                    1 if !letters.is_empty() => letters.swap(at, 0),
                    _ => letters.insert(at, char::from_u32(lot.next() as u32 % 0x2_0000).unwrap_or(' ')),
                }
            }
            letters.into_iter().collect()
        }
    }
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<u64>().ok());
    let (wanted, seed) = (numbers.next().unwrap_or(USUAL), numbers.next().unwrap_or(1));
    // Every hundredth input is read with the encoder: it costs milliseconds, and sees only the first pieces of a text.
    let encoder = Arc::new(Bundled::load(2).expect("the carried encoder is good"));
    let sentences = Arc::new(Sentences::by(Arc::<Bundled>::clone(&encoder)));
    let catalog = Catalog::load(Path::new(ROOT), &sentences).expect("the content is good");
    let mut file = csv::Reader::from_path(Path::new(ROOT).join("tests/understanding/customers.csv")).expect("the file is there");
    let known: Vec<String> = file.records().filter_map(|row| row.ok()?.get(0).map(str::to_owned)).collect();
    let context = ReadContext::of(Market::fallback(), "2026-12-04T09:00:00Z".parse().expect("an instant"));
    let (done, slow) = (AtomicU64::new(0), Mutex::new((Duration::ZERO, Vec::new())));
    let read = |text: &str, whole: bool| {
        let began = Instant::now();
        let draft = catalog.understander.begin(text, &context);
        let words = began.elapsed();
        // The encoder itself is asked: what remembers its vectors would make the next try quicker.
        let vectors = if whole { encoder.encode(&draft.sentences()).expect("it runs") } else { Vec::new() };
        let vectors: Vec<Arc<[f32]>> = vectors.into_iter().map(Into::into).collect();
        let reading = catalog.understander.finish(draft, &vectors);
        assert!(reading.intents.len() <= 5, "{text:?}");
        (began.elapsed(), words)
    };
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    std::thread::scope(|scope| {
        for core in 0..cores {
            let (read, known, done, slow) = (&read, &known, &done, &slow);
            scope.spawn(move || {
                let mut lot = Lot(seed.wrapping_mul(1_000) + core);
                while done.fetch_add(1, Ordering::Relaxed) < wanted {
                    let text = input(&mut lot, known);
                    let whole = lot.below(100) == 0;
                    let (took, words) = read(&text, whole);
                    let mut slow = slow.lock().expect("nobody panicked");
                    slow.0 = slow.0.max(words);
                    if took > MOST {
                        slow.1.push((took, text, whole));
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let (words, mut slow) = slow.into_inner().expect("nobody panicked");
    slow.sort_by_key(|(took, ..)| std::cmp::Reverse(*took));
    let first = slow.len();
    slow.truncate(MOST_AGAIN);
    let alone = |(_, text, whole): &(Duration, String, bool)| (0..TRIES).map(|_| read(text, *whole).0).min().unwrap_or_default();
    let mut again: Vec<(Duration, &str)> = slow.iter().map(|one| (alone(one), one.1.as_str())).collect();
    again.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    let over = again.iter().filter(|(took, _)| *took > MOST).count();
    println!("{wanted} inputs of seed {seed} in {seconds:.0} s; by words alone at most {words:?}");
    println!("{first} took more than {MOST:?}; of the slowest {} read again alone {over} did", again.len());
    if let Some((took, text)) = again.first() {
        println!("the slowest alone took {took:?}: {:?}", text.chars().take(80).collect::<String>());
    }
}
