//! What a second opinion is worth: the labelled messages of customers that the local reading is unsure of, read by the local reading alone, by a
//! model alone, and settled. Asks the model at `REDRESS_TEST_MODEL`, minutes long, so only when `REDRESS_TEST_OPINIONS` says how many messages
//! of each half; the first half is the one that the rule was tuned on. Without a model it counts the local reading alone.

use redress::catalog::Catalog;
use redress::catalog::prompts::Given;
use redress::domain::ids::IntentId;
use redress::domain::market::Market;
use redress::domain::mask::Mask;
use redress::leash::guard::{self, Opinion, settle};
use redress::llm::{Models, Question, Settings};
use redress::understanding::encoder::Bundled;
use redress::understanding::{Decision, ReadContext, Reading, Sentences};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A message that the local reading is unsure of.
struct Unsure {
    text: String,
    label: String,
    reading: Reading,
    candidates: Vec<IntentId>,
    vector: Option<Arc<[f32]>>,
}

/// Right first guesses, starts, and right starts.
#[derive(Debug, Default)]
struct Count {
    asked: usize,
    offered: usize,
    local: usize,
    model: usize,
    none: usize,
    settled: usize,
    starts: usize,
    right_starts: usize,
}

/// The intent that comes first in what a reading leads to.
fn first(reading: &Reading) -> Option<&IntentId> {
    match &reading.decision {
        Decision::Act(intent) => Some(intent),
        Decision::Clarify(intents) => intents.first(),
        Decision::Abstain => reading.intents.first().map(|guess| &guess.intent),
    }
}

fn unsure(catalog: &Catalog) -> Vec<Unsure> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/understanding/customers.csv");
    let context = ReadContext::of(Market::fallback(), "2026-12-04T09:00:00Z".parse().expect("an instant"));
    let mut reader = csv::Reader::from_path(file).expect("labelled messages");
    let rows = reader.records().map(|row| row.expect("a row"));
    let read = |row: csv::StringRecord| {
        let draft = catalog.understander.begin(&row[0], &context);
        let vectors = catalog.understander.vectors(&draft);
        let reading = catalog.understander.finish(draft, &vectors);
        let vector = vectors.into_iter().next();
        let candidates = guard::candidates(&reading, |intent| catalog.is_urgent(intent));
        (!candidates.is_empty()).then(|| Unsure { text: row[0].to_owned(), label: row[1].to_owned(), reading, candidates, vector })
    };
    rows.filter_map(read).collect()
}

fn prompt(catalog: &Catalog, one: &Unsure) -> (String, String) {
    let topics = catalog.topics(&one.candidates, one.vector.as_deref());
    let masked = Mask::default().hide(&one.text);
    let given = Given::SecondOpinion { intents: &topics, none: guard::NONE, language: one.reading.language, message: &masked };
    let rendered = catalog.prompts.render(&given).expect("renders");
    (rendered.system, rendered.user)
}

#[tokio::test]
async fn settled_readings_are_counted_against_local_and_model_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sentences = Arc::new(Sentences::by(Arc::new(Bundled::load(2).expect("the carried model loads"))));
    let catalog = Catalog::load(folder, &sentences).expect("good content");
    let all = unsure(&catalog);
    let local = |half: usize| {
        let part: Vec<&Unsure> = all.iter().skip(half).step_by(2).collect();
        let right = part.iter().filter(|one| first(&one.reading).is_some_and(|intent| intent.as_str() == one.label)).count();
        (part.len(), right)
    };
    println!("unsure messages and those whose first guess is right: {:?} to tune on, {:?} to measure", local(0), local(1));
    assert!(all.len() > 50, "{}", all.len());
    if let Some(path) = std::env::var_os("REDRESS_TEST_PROMPTS") {
        let lines: String = all.iter().map(|one| format!("{}\n", described(&catalog, one))).collect();
        fs::write(path, lines).expect("a file");
    }
    let most = std::env::var("REDRESS_TEST_OPINIONS").ok().and_then(|count| count.parse::<usize>().ok());
    let (Some(most), Ok(url)) = (most, std::env::var("REDRESS_TEST_MODEL")) else { return };
    let text = format!("endpoints:\n  - url: {url}\n    model: test\nuses:\n  second_opinion: {{ ms: 300000 }}\n");
    let models = Models::new(Settings::read("models.yaml", text.as_bytes(), |_| None).expect("good settings")).expect("a client");
    for (half, name) in [(0, "tuned on"), (1, "measured")] {
        let mut count = Count::default();
        for one in all.iter().skip(half).step_by(2).take(most) {
            let (system, user) = prompt(&catalog, one);
            let schema = guard::schema(&one.candidates);
            let question = Question { purpose: redress::llm::Use::SecondOpinion, prompt: "", system, user, schema: &schema };
            let until = tokio::time::Instant::now() + Duration::from_secs(300);
            let opinion: Option<Opinion> = models.ask(&question, until).await.ok();
            count.take(one, opinion.as_ref());
        }
        println!("{name}: {count:?}");
        assert!(count.settled >= count.local, "a second opinion does harm: {count:?}");
    }
}

impl Count {
    fn take(&mut self, one: &Unsure, opinion: Option<&Opinion>) {
        let settled = settle(one.reading.clone(), &one.candidates, opinion);
        let is_right = |intent: Option<&IntentId>| usize::from(intent.is_some_and(|intent| intent.as_str() == one.label));
        self.asked += 1;
        self.offered += usize::from(one.candidates.iter().any(|intent| intent.as_str() == one.label));
        self.local += is_right(first(&one.reading));
        self.model += usize::from(opinion.is_some_and(|opinion| opinion.intent == one.label));
        self.none += usize::from(opinion.is_some_and(|opinion| opinion.intent == guard::NONE));
        self.settled += is_right(first(&settled));
        if let Decision::Act(intent) = &settled.decision {
            self.starts += 1;
            self.right_starts += is_right(Some(intent));
        }
    }
}

/// A message with all that a rule could be tuned on.
fn described(catalog: &Catalog, one: &Unsure) -> Value {
    let (system, user) = prompt(catalog, one);
    let sure = |intent: &IntentId| one.reading.intents.iter().find(|guess| guess.intent == *intent).map_or(0.0, |guess| guess.confidence);
    let candidates: Vec<Value> = one.candidates.iter().map(|intent| json!([intent.as_str(), sure(intent)])).collect();
    let first = first(&one.reading).map(IntentId::as_str);
    let clarifies = matches!(one.reading.decision, Decision::Clarify(_));
    let topics: Vec<Value> = catalog
        .topics(&one.candidates, one.vector.as_deref())
        .into_iter()
        .map(|topic| json!({ "name": topic.name, "title": topic.title, "description": topic.description, "examples": topic.examples }))
        .collect();
    json!({ "text": one.text, "label": one.label, "first": first, "clarifies": clarifies, "candidates": candidates, "system": system,
        "user": user, "schema": guard::schema(&one.candidates), "topics": topics })
}
