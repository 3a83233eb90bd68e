//! How well questions are answered from the project's own articles: the labelled questions of `tests/model/questions.jsonl`, some of which were
//! looked at while tuning, and of `tests/model/questions_second.jsonl`, none of which was.

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

/// What became of the questions of one file.
#[derive(Debug, Default)]
struct Answers {
    /// The best passage, where it surely fits.
    shown: Count,
    /// Among those that are shown, the very part that answers.
    part: usize,
    /// Shown, and no flow would have begun instead: what customers read.
    read: Count,
    /// The passages that a model is shown.
    likely: Count,
    /// Questions that no article answers.
    of_others: Count,
    /// Questions that an article answers, for which a flow begins instead.
    served: usize,
}

fn answers(catalog: &Catalog, sentences: &Sentences, file: &str) -> Answers {
    let questions = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model").join(file)).expect("labelled questions");
    let context = ReadContext::of(Market::fallback(), "2026-12-04T09:00:00Z".parse().expect("an instant"));
    let mut answers = Answers::default();
    for line in questions.lines().filter(|line| !line.is_empty()) {
        let question: Value = serde_json::from_str(line).expect("JSON");
        let text = question["text"].as_str().expect("a text");
        let reading = catalog.understander.read(text, &context);
        let vectors = sentences.of_message(&[text]);
        let asked = Question { text, vector: vectors.first().map(AsRef::as_ref), guesses: &reading.intents, language: "en" };
        let found = catalog.library.find(&asked, 3);
        let sure = found.first().filter(|best| best.is_sure);
        let Some(article) = question["article"].as_str() else {
            answers.of_others.take(sure.map(|_| false));
            continue;
        };
        let right = sure.map(|best| best.article.name == article);
        let begins = matches!(reading.decision, Decision::Act(_));
        answers.shown.take(right);
        answers.part += usize::from(sure.is_some_and(|best| Some(best.section.heading.as_str()) == question["section"].as_str()));
        if !begins {
            answers.read.take(right);
        }
        answers.likely.take((!found.is_empty()).then(|| found.iter().any(|found| found.article.name == article)));
        answers.served += usize::from(begins);
    }
    println!("{file}: {answers:?}");
    answers
}

impl Count {
    /// Whether what was found is right; `None`: nothing was.
    fn take(&mut self, right: Option<bool>) {
        *match right {
            Some(true) => &mut self.right,
            Some(false) => &mut self.wrong,
            None => &mut self.refused,
        } += 1;
    }
}

#[test]
fn questions_find_their_article_and_others_find_none() {
    let sentences = Arc::new(Sentences::by(Arc::new(Bundled::load(2).expect("the carried model loads"))));
    let catalog = Catalog::load(Path::new(env!("CARGO_MANIFEST_DIR")), &sentences).expect("good content");
    for file in ["questions.jsonl", "questions_second.jsonl"] {
        let Answers { shown, part, read, likely, of_others, served } = answers(&catalog, &sentences, file);
        assert!(shown.right >= 55 && shown.wrong <= 8 && of_others.wrong <= 3, "{file}: {shown:?} {of_others:?}");
        assert!(part * 3 >= shown.right * 2, "{file}: another part of the right article: {part} of {shown:?}");
        assert!(likely.right >= 80, "{file}: {likely:?}");
        assert!(read.right + served >= 55, "{file}: {read:?}, and a flow begins for {served}");
    }
}
