//! How long reading takes: `cargo bench --bench reading`. Messages are the sentences of `tests/understanding/customers.csv`.

use divan::{Bencher, black_box};
use redress::catalog::Catalog;
use redress::domain::market::Market;
use redress::understanding::encoder::Bundled;
use redress::understanding::{ReadContext, Sentences};
use std::path::Path;
use std::sync::{Arc, LazyLock};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn encoder() -> Arc<Sentences> {
    Arc::new(Sentences::by(Arc::new(Bundled::load(2).expect("the carried encoder is good"))))
}

fn load(sentences: &Arc<Sentences>) -> Catalog {
    Catalog::load(Path::new(ROOT), sentences).expect("the content is good")
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| load(&encoder()));
static MESSAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut file = csv::Reader::from_path(Path::new(ROOT).join("tests/understanding/customers.csv")).expect("the file is there");
    file.records().filter_map(|row| row.ok()?.get(0).map(str::to_owned)).collect()
});

fn context() -> ReadContext {
    ReadContext::of(Market::fallback(), "2026-12-04T09:00:00Z".parse().expect("an instant"))
}

fn main() {
    divan::main();
}

/// One message by words alone: what every message costs at least.
#[divan::bench]
fn words(bencher: Bencher<'_, '_>) {
    let (context, mut messages) = (context(), MESSAGES.iter().cycle());
    LazyLock::force(&CATALOG);
    bencher.bench_local(|| {
        let draft = CATALOG.understander.begin(messages.next().expect("there are messages"), &context);
        black_box(CATALOG.understander.finish(draft, &[]))
    });
}

/// One message to the end, the encoder where it is needed.
#[divan::bench(max_time = 5)]
fn whole(bencher: Bencher<'_, '_>) {
    let (context, mut messages) = (context(), MESSAGES.iter().cycle());
    LazyLock::force(&CATALOG);
    bencher.bench_local(|| black_box(CATALOG.understander.read(messages.next().expect("there are messages"), &context)));
}

/// The content of 70 intents from nothing: encoder, files, checks, learning.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn load_from_cold() -> Catalog {
    load(&encoder())
}

/// The same when the vectors of its examples are known already, as after an edit of one file.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn reload(bencher: Bencher<'_, '_>) {
    let sentences = encoder();
    load(&sentences);
    bencher.bench_local(|| load(&sentences));
}
