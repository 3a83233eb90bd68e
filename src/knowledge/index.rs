//! Which passage fits a question best, and whether it fits well enough to be shown at all.

use super::{Article, Section};
use crate::domain::ids::IntentId;
use crate::domain::language::same;
use crate::understanding::semantic::Memory;
use crate::understanding::{Guess, idea, plain_words};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the signs of a passage count, and from which score on it is used.
struct Weights {
    /// Share of the question's telling words that it has.
    words: f32,
    /// The nearest of its vectors, as a cosine.
    meaning: f32,
    /// Probability of the intents that its article belongs to.
    intents: f32,
    /// From this score on it may answer the question: a model is shown it.
    likely: f32,
    /// From this score on it is shown to the customer as it stands.
    sure: f32,
}

/// By tries on labelled questions, see docs/model.md.
const WITH_MEANING: Weights = Weights { words: 0.2, meaning: 0.5, intents: 0.15, likely: 0.35, sure: 0.48 };
/// When there are words alone.
const BY_WORDS: Weights = Weights { words: 0.5, meaning: 0.0, intents: 0.5, likely: 0.45, sure: 0.55 };

/// What somebody wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The words.
    pub text: &'a str,
    /// The vector of the sentence, of length one, when there is one.
    pub vector: Option<&'a [f32]>,
    /// What it was read as.
    pub guesses: &'a [Guess],
    /// BCP 47 language that the answer has to be in.
    pub language: &'a str,
}

/// A passage that fits.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The article.
    pub article: &'a Article,
    /// The passage.
    pub section: &'a Section,
    /// How well it fits, from 0 up.
    pub score: f32,
    /// Whether it fits so well that it may be shown as it stands.
    pub is_sure: bool,
}

/// One passage as it is searched.
#[derive(Debug)]
struct Passage {
    article: usize,
    section: usize,
    /// What it and its headings speak of.
    terms: HashSet<String>,
}

/// All articles, ready to be searched.
#[derive(Debug, Default)]
pub struct Library {
    articles: Vec<Article>,
    passages: Vec<Passage>,
    /// How telling a term is.
    telling: HashMap<String, f32>,
    /// The vectors of all passages; `None` without an encoder.
    meanings: Option<Memory>,
}

impl Library {
    /// Makes articles ready to be searched. `encode` gives a vector for each of its texts, in their order, or none at all.
    pub fn of(articles: Vec<Article>, encode: impl FnOnce(&[&str]) -> Vec<Arc<[f32]>>) -> Self {
        let mut passages = Vec::new();
        let mut texts: Vec<(u32, String)> = Vec::new();
        for (place, article) in articles.iter().enumerate() {
            for (number, section) in article.sections.iter().enumerate() {
                texts.extend(sentences_for(article, section).into_iter().map(|text| (passages.len() as u32, text)));
                passages.push(Passage { article: place, section: number, terms: terms_of(article, section) });
            }
        }
        let borrowed: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let vectors = if borrowed.is_empty() { Vec::new() } else { encode(&borrowed) };
        let meanings = (!vectors.is_empty() && vectors.len() == texts.len()).then(|| {
            let vectors: Vec<&[f32]> = vectors.iter().map(AsRef::as_ref).collect();
            Memory::of(&vectors, texts.iter().map(|(passage, _)| *passage).collect())
        });
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for passage in &passages {
            passage.terms.iter().for_each(|term| *counts.entry(term).or_default() += 1);
        }
        let all = passages.len() as f32;
        let telling = counts.iter().map(|(term, count)| ((*term).to_owned(), (1.0 + all / (*count as f32 + 0.5)).ln())).collect();
        Self { articles, passages, telling, meanings }
    }

    /// All articles, in the order given.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// The passages that may answer the question, best first, at most `most`.
    pub fn find(&self, question: &Question<'_>, most: usize) -> Vec<Found<'_>> {
        let mut found = self.rank(question);
        let Weights { likely, .. } = self.weights(question);
        found.retain(|found| found.score >= likely);
        found.truncate(most);
        found
    }

    fn weights(&self, question: &Question<'_>) -> Weights {
        if question.vector.is_some() && self.meanings.is_some() { WITH_MEANING } else { BY_WORDS }
    }

    /// All passages in the question's language, best first.
    pub fn rank(&self, question: &Question<'_>) -> Vec<Found<'_>> {
        let asked = terms(question.text);
        // A word that no passage has tells most of all that the question is about something else.
        let unknown = (1.0 + self.passages.len() as f32 * 2.0).ln();
        let weight = |term: &String| self.telling.get(term).copied().unwrap_or(unknown);
        let whole: f32 = asked.iter().map(weight).sum();
        let mut meanings = Vec::new();
        if let (Some(vector), Some(memory)) = (question.vector, &self.meanings) {
            memory.nearest(vector, self.passages.len(), &mut meanings);
        }
        let weights = self.weights(question);
        let mut found: Vec<Found<'_>> = Vec::new();
        for (number, passage) in self.passages.iter().enumerate() {
            let article = &self.articles[passage.article];
            if !same(&article.language, question.language) {
                continue;
            }
            let hit: f32 = asked.iter().filter(|term| passage.terms.contains(*term)).map(weight).sum();
            let words = if whole > 0.0 { hit / whole } else { 0.0 };
            let meaning = meanings.get(number).map_or(0.0, |cosine| cosine.max(0.0));
            let belongs = |intent: &IntentId| article.intents.contains(intent);
            let likely: f32 = question.guesses.iter().filter(|guess| belongs(&guess.intent)).map(|guess| guess.confidence).sum();
            let score = weights.words * words + weights.meaning * meaning + weights.intents * likely.min(1.0);
            found.push(Found { article, section: &article.sections[passage.section], score, is_sure: score >= weights.sure });
        }
        found.sort_by(|one, other| other.score.total_cmp(&one.score));
        found
    }
}

/// What the encoder reads of a passage: its heading below the title, its first words, and how customers ask for it.
fn sentences_for(article: &Article, section: &Section) -> Vec<String> {
    let heading = if section.heading.is_empty() { &article.title } else { &section.heading };
    let first: String = section.text.split_whitespace().take(40).collect::<Vec<_>>().join(" ");
    [format!("{}: {heading}", article.title), format!("{heading}. {first}")].into_iter().chain(section.asked.iter().cloned()).collect()
}

/// What a passage speaks of, its headings and the words of customers included.
fn terms_of(article: &Article, section: &Section) -> HashSet<String> {
    [&section.text, &section.heading, &article.title].into_iter().chain(&section.asked).flat_map(|text| terms(text)).collect()
}

/// Words of questions that say nothing about a topic, besides those that are no idea.
const LITTLE: &str = "what who how why where can could would will which when i im s t get got go going make made use used take put let like work works \
    happen happens know tell way guys actually really even about thing things any some one much many just yes ok okay";

/// The telling words of a text: each as the idea it stands for.
fn terms(text: &str) -> HashSet<String> {
    let little = |word: &str| LITTLE.split_ascii_whitespace().any(|known| known == word);
    let words = plain_words(text);
    let ideas = words.iter().filter(|word| !little(word)).map(|word| idea(word));
    ideas.filter(|idea| !idea.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        let article = |name: &str, title: &str, intent: &str, sections: &[(&str, &str)]| Article {
            name: name.to_owned(),
            title: title.to_owned(),
            language: "en".to_owned(),
            intents: vec![IntentId::from(intent)],
            link: None,
            sections: sections
                .iter()
                .map(|(heading, text)| Section { heading: (*heading).to_owned(), text: (*text).to_owned(), asked: Vec::new() })
                .collect(),
        };
        let articles = vec![
            article(
                "fees",
                "Late fees",
                "late_fee_explain",
                &[
                    ("", "A late fee can be added when a payment is still open after its days of grace."),
                    ("How much late fees can be", "The amount of a late fee depends on the country of your account."),
                ],
            ),
            article(
                "abroad",
                "Buying abroad",
                "interest_and_terms",
                &[("What your bank may charge", "Your bank may take a fee for a payment in another currency.")],
            ),
        ];
        Library::of(articles, |_| Vec::new())
    }

    fn ask(text: &str, language: &str, guesses: &[Guess]) -> Vec<(String, String)> {
        let library = library();
        let question = Question { text, vector: None, guesses, language };
        library.find(&question, 3).iter().map(|found| (found.article.name.clone(), found.section.heading.clone())).collect()
    }

    #[test]
    fn the_best_passage_is_first_and_what_no_passage_has_is_not_found() {
        let fees = [Guess { intent: IntentId::from("late_fee_explain"), confidence: 0.5 }];
        assert_eq!(
            ask("what amount is a late fee in my country", "en", &fees).first().map(|(_, heading)| heading.as_str()),
            Some("How much late fees can be")
        );
        assert_eq!(ask("bank fee in another currency", "en", &[]).first().map(|(name, _)| name.as_str()), Some("abroad"));
        assert_eq!(ask("how do i grow tomatoes on a balcony", "en", &[]), []);
        assert_eq!(ask("", "en", &[]), []);
        assert_eq!(ask("how much are late fees", "sv", &fees), [], "only in the language of the answer");
    }

    #[test]
    fn meaning_finds_what_no_word_does() {
        let mut articles = library().articles;
        articles.truncate(1);
        let vectors = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]].map(|vector: [f32; 2]| Arc::from(vector.to_vec()));
        let library = Library::of(articles, |texts| vectors[..texts.len()].to_vec());
        let question = Question { text: "penalty", vector: Some(&[0.0, 1.0]), guesses: &[], language: "en" };
        let found = library.find(&question, 1);
        assert_eq!(found.first().map(|found| (found.section.heading.as_str(), found.is_sure)), Some(("How much late fees can be", true)));
    }
}
