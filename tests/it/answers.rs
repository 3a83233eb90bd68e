//! How well questions are answered from the project's own articles: the labelled questions of `tests/model/questions.jsonl`, some of which were
//! looked at while tuning, and of `tests/model/questions_second.jsonl`, none of which was.

use redress::catalog::Catalog;
use redress::dialog::Level;
use redress::domain::market::Market;
use redress::domain::merchants::Merchants;
use redress::domain::personas;
use redress::knowledge::{Question, Section};
use redress::services::rehearsal::Rehearsal;
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
    /// What customers read when they ask it: the articles among the bot's first replies.
    read: Count,
    /// The passages that a model is shown.
    likely: Count,
    /// Questions that no article answers.
    of_others: Count,
    /// Questions that an article answers, for which a flow begins instead.
    served: usize,
    /// Those of them whose flow is one that the article belongs to.
    served_right: usize,
    /// Questions that no article answers for which one is read.
    read_of_others: usize,
}

/// The article of which a part is in the bot's first replies to a question.
fn article_read<'a>(catalog: &'a Arc<Catalog>, question: &str) -> Option<&'a str> {
    let merchants = Arc::new(Merchants::of(personas::load().merchants));
    let now = personas::NOW.parse().expect("an instant");
    let thought = Rehearsal::new(Arc::clone(catalog), merchants, None, Level(1), now).say(question)?;
    let replies: Vec<&str> = thought.events.iter().filter_map(|event| event.data["text"].as_str()).collect();
    let is_read = |section: &Section| replies.iter().any(|reply| reply.contains(section.text.trim()));
    Some(catalog.library.articles().iter().find(|article| article.sections.iter().any(is_read))?.name.as_str())
}

fn answers(catalog: &Arc<Catalog>, sentences: &Sentences, file: &str) -> Answers {
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
            answers.read_of_others += usize::from(article_read(catalog, text).is_some());
            continue;
        };
        let right = sure.map(|best| best.article.name == article);
        answers.read.take(article_read(catalog, text).map(|read| read == article));
        answers.shown.take(right);
        answers.part += usize::from(sure.is_some_and(|best| Some(best.section.heading.as_str()) == question["section"].as_str()));
        answers.likely.take((!found.is_empty()).then(|| found.iter().any(|found| found.article.name == article)));
        if let Decision::Act(intent) = &reading.decision {
            let own = catalog.library.articles().iter().any(|other| other.name == article && other.intents.contains(intent));
            answers.served += 1;
            answers.served_right += usize::from(own);
        }
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
    let catalog = Arc::new(Catalog::load(Path::new(env!("CARGO_MANIFEST_DIR")), &sentences).expect("good content"));
    for file in ["questions.jsonl", "questions_second.jsonl"] {
        let Answers { shown, part, read, likely, of_others, served, served_right, read_of_others } = answers(&catalog, &sentences, file);
        assert!(shown.right >= 55 && shown.wrong <= 8 && of_others.wrong <= 4, "{file}: {shown:?} {of_others:?}");
        assert!(part * 3 >= shown.right * 2, "{file}: another part of the right article: {part} of {shown:?}");
        assert!(likely.right >= 80, "{file}: {likely:?}");
        assert!(read.right + served_right >= 60, "{file}: {read:?}, and a flow of their own begins for {served_right} of {served}");
        assert!(read_of_others <= 3, "{file}: an article for {read_of_others} questions that none answers");
    }
}

/// The options under the bot's first replies to a message.
fn first_options(catalog: &Arc<Catalog>, text: &str) -> Vec<String> {
    let merchants = Arc::new(Merchants::of(personas::load().merchants));
    let now = personas::NOW.parse().expect("an instant");
    let mut talk = Rehearsal::new(Arc::clone(catalog), merchants, None, Level(1), now);
    talk.say(text);
    talk.offered().iter().map(|option| option.id.clone()).collect()
}

#[test]
fn an_article_stands_beside_what_may_be_urgent_but_not_where_somebody_may_be_in_danger() {
    let sentences = Arc::new(Sentences::by(Arc::new(Bundled::load(2).expect("the carried model loads"))));
    let catalog = Arc::new(Catalog::load(Path::new(env!("CARGO_MANIFEST_DIR")), &sentences).expect("good content"));
    let (mut beside, mut asked) = (0, 0);
    for file in ["questions.jsonl", "questions_second.jsonl"] {
        let questions = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model").join(file)).expect("questions");
        for line in questions.lines().filter(|line| !line.is_empty()) {
            let question: Value = serde_json::from_str(line).expect("JSON");
            let text = question["text"].as_str().expect("a text");
            let options = first_options(&catalog, text);
            let urgent = |option: &String| option.strip_prefix("intent:").is_some_and(|intent| catalog.is_urgent(&intent.into()));
            if options.iter().any(urgent) {
                asked += 1;
                let read = article_read(&catalog, text).is_some();
                beside += usize::from(read);
                assert!(options.iter().any(|option| option == "human"), "{text}: {options:?}");
                assert!(!read || options.iter().all(|option| option != "intent:talk_to_human"), "{text}: a person twice");
                let danger = options.iter().any(|option| option == "intent:self_harm_or_threat");
                assert!(!(read && danger), "{text}: an article although somebody may be in danger");
            }
        }
    }
    println!("{beside} articles beside {asked} questions about something urgent");
    assert!(beside >= 10, "only {beside} of {asked}");
}
