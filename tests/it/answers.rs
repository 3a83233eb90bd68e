//! How well questions are answered from the project's own articles: the labelled questions of `tests/model/questions.jsonl`.

use redress::catalog::Catalog;
use redress::domain::market::Market;
use redress::knowledge::Question;
use redress::understanding::encoder::Bundled;
use redress::understanding::{Decision, ReadContext, Sentences};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Default)]
struct Count {
    right: usize,
    wrong: usize,
    refused: usize,
}

#[test]
fn questions_find_their_article_and_others_find_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(questions) = fs::read_to_string(folder.join("tests/model/questions.jsonl")) else {
        eprintln!("there are no labelled questions, so nothing is measured");
        return;
    };
    let sentences = Arc::new(Sentences::by(Arc::new(Bundled::load(2).expect("the carried model loads"))));
    let catalog = Catalog::load(folder, &sentences).expect("good content");
    let context = ReadContext::of(Market::fallback(), "2026-12-04T09:00:00Z".parse().expect("an instant"));
    let (mut shown, mut likely, mut of_others, mut served) = (Count::default(), Count::default(), Count::default(), 0);
    for line in questions.lines().filter(|line| !line.is_empty()) {
        let question: Value = serde_json::from_str(line).expect("JSON");
        let text = question["text"].as_str().expect("a text");
        let reading = catalog.understander.read(text, &context);
        let vectors = sentences.of_message(&[text]);
        let asked = Question { text, vector: vectors.first().map(AsRef::as_ref), guesses: &reading.intents, language: "en" };
        let found = catalog.library.find(&asked, 3);
        let sure = found.first().filter(|best| best.is_sure);
        match question["article"].as_str() {
            Some(article) => {
                match sure {
                    Some(best) if best.article.name == article => shown.right += 1,
                    Some(_) => shown.wrong += 1,
                    None => shown.refused += 1,
                }
                if found.is_empty() {
                    likely.refused += 1;
                } else if found.iter().any(|found| found.article.name == article) {
                    likely.right += 1;
                } else {
                    likely.wrong += 1;
                }
                served += usize::from(matches!(reading.decision, Decision::Act(_)));
            }
            None if sure.is_some() => of_others.wrong += 1,
            None => of_others.refused += 1,
        }
    }
    println!(
        "shown as it stands: {shown:?}; among those that a model is shown: {likely:?}; without an answer: {of_others:?}; a flow serves {served}"
    );
    assert!(shown.right >= 35 && shown.wrong <= 8 && of_others.wrong <= 3, "{shown:?} {of_others:?}");
    assert!(likely.right >= 55, "{likely:?}");
}
