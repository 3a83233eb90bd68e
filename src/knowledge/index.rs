//! Which passage fits a question best, and whether it fits well enough to be shown at all.

use super::{Article, Section};
use crate::domain::ids::IntentId;
use crate::domain::language::same;
use crate::understanding::{Guess, idea, plain_words};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The least score of a passage that is shown, with vectors and without.
const LEAST: f32 = 0.5;
const LEAST_BY_WORDS: f32 = 0.5;
/// What words, meaning and intents count.
const WORDS: f32 = 0.45;
const MEANING: f32 = 0.75;
const INTENTS: f32 = 0.35;
/// How much more a word of a heading or a title counts than one of the text.
const HEADING: f32 = 2.0;

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
    /// How well it fits; from `LEAST` on it is worth showing.
    pub score: f32,
}

/// One passage as it is searched.
#[derive(Debug)]
struct Passage {
    article: usize,
    section: usize,
    /// Terms with their weight in the passage.
    terms: HashMap<String, f32>,
    vectors: Vec<Arc<[f32]>>,
}

/// All articles, ready to be searched.
#[derive(Debug, Default)]
pub struct Library {
    articles: Vec<Article>,
    passages: Vec<Passage>,
    /// How telling a term is.
    telling: HashMap<String, f32>,
    has_vectors: bool,
}

impl Library {
    /// Makes articles ready to be searched. `encode` gives a vector for each of its texts, in their order, or none at all.
    pub fn of(articles: Vec<Article>, encode: impl FnOnce(&[&str]) -> Vec<Arc<[f32]>>) -> Self {
        let mut passages = Vec::new();
        let mut texts: Vec<(usize, String)> = Vec::new();
        for (place, article) in articles.iter().enumerate() {
            for (number, section) in article.sections.iter().enumerate() {
                texts.extend(sentences_for(article, section).into_iter().map(|text| (passages.len(), text)));
                passages.push(Passage { article: place, section: number, terms: weights(article, section), vectors: Vec::new() });
            }
        }
        let borrowed: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let vectors = if borrowed.is_empty() { Vec::new() } else { encode(&borrowed) };
        let has_vectors = !vectors.is_empty() && vectors.len() == texts.len();
        if has_vectors {
            for ((passage, _), vector) in texts.iter().zip(vectors) {
                passages[*passage].vectors.push(vector);
            }
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for passage in &passages {
            passage.terms.keys().for_each(|term| *counts.entry(term).or_default() += 1);
        }
        let all = passages.len() as f32;
        let telling = counts.iter().map(|(term, count)| ((*term).to_owned(), (1.0 + all / (*count as f32 + 0.5)).ln())).collect();
        Self { articles, passages, telling, has_vectors }
    }

    /// The articles.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// The passages that fit well enough to be shown, best first, at most `most`.
    pub fn find(&self, question: &Question<'_>, most: usize) -> Vec<Found<'_>> {
        let least = if self.has_vectors && question.vector.is_some() { LEAST } else { LEAST_BY_WORDS };
        let mut found = self.rank(question);
        found.retain(|found| found.score >= least);
        found.truncate(most);
        found
    }

    /// All passages in the question's language, best first.
    pub fn rank(&self, question: &Question<'_>) -> Vec<Found<'_>> {
        let asked = terms(question.text);
        // A word that no passage has tells most of all that the question is about something else.
        let unknown = (1.0 + self.passages.len() as f32 * 2.0).ln();
        let weight = |term: &String| self.telling.get(term).copied().unwrap_or(unknown);
        let whole: f32 = asked.iter().map(weight).sum();
        let mut found: Vec<Found<'_>> = Vec::new();
        for passage in &self.passages {
            let article = &self.articles[passage.article];
            if !same(&article.language, question.language) {
                continue;
            }
            let hit: f32 = asked.iter().filter_map(|term| Some(weight(term) * passage.terms.get(term)?)).sum();
            let words = if whole > 0.0 { (hit / whole).min(1.0) } else { 0.0 };
            let meaning = question.vector.map_or(0.0, |vector| passage.vectors.iter().map(|own| dot(vector, own)).fold(0.0, f32::max));
            let belongs = |intent: &IntentId| article.intents.contains(intent);
            let likely: f32 = question.guesses.iter().filter(|guess| belongs(&guess.intent)).map(|guess| guess.confidence).sum();
            let score = if self.has_vectors && question.vector.is_some() {
                WORDS * words + MEANING * meaning + INTENTS * likely.min(1.0)
            } else {
                words + INTENTS * likely.min(1.0)
            };
            found.push(Found { article, section: &article.sections[passage.section], score });
        }
        found.sort_by(|one, other| other.score.total_cmp(&one.score));
        found
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// What the encoder reads of a passage: its heading below the title, and its first words.
fn sentences_for(article: &Article, section: &Section) -> Vec<String> {
    let heading = if section.heading.is_empty() { &article.title } else { &section.heading };
    let first: String = section.text.split_whitespace().take(40).collect::<Vec<_>>().join(" ");
    vec![format!("{}: {heading}", article.title), format!("{heading}. {first}")]
}

/// The terms of a passage with what they count.
fn weights(article: &Article, section: &Section) -> HashMap<String, f32> {
    let mut weights = HashMap::new();
    for (text, weight) in [(&section.text, 1.0), (&section.heading, HEADING), (&article.title, HEADING)] {
        for term in terms(text) {
            let held: &mut f32 = weights.entry(term).or_default();
            *held = held.max(weight / HEADING + 0.25);
        }
    }
    weights.values_mut().for_each(|weight| *weight = weight.min(1.0));
    weights
}

/// Words that say nothing about a topic.
const LITTLE: &str = "a an the this that these those it its i im ive id me my mine we our you your u ur he she they them of to in on at by for from with as is are \
    be been am was were do does did has have had having and or so if then than there here what which who how why where can could would should will may \
    might shall just please hi hello hey thanks thank ok okay yes about any some one thing things guys actually really even also too very much many \
    need want wanna know tell way work works happen happens get got go going make made use used take put let like";

/// The telling words of a text: each as the idea it stands for.
fn terms(text: &str) -> HashSet<String> {
    let little = |word: &str| LITTLE.split_ascii_whitespace().any(|known| known == word);
    plain_words(text).iter().filter(|word| !little(word)).map(|word| idea(word).to_owned()).collect()
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
            sections: sections.iter().map(|(heading, text)| Section { heading: (*heading).to_owned(), text: (*text).to_owned() }).collect(),
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

    fn ask(text: &str, language: &str) -> Vec<(String, String)> {
        let library = library();
        let question = Question { text, vector: None, guesses: &[], language };
        library.find(&question, 3).iter().map(|found| (found.article.name.clone(), found.section.heading.clone())).collect()
    }

    #[test]
    fn the_best_passage_is_first_and_what_no_passage_has_is_not_found() {
        assert_eq!(ask("how much are late fees", "en").first().map(|(_, heading)| heading.as_str()), Some("How much late fees can be"));
        assert_eq!(ask("does my bank charge for another currency", "en").first().map(|(name, _)| name.as_str()), Some("abroad"));
        assert_eq!(ask("how do i grow tomatoes on a balcony", "en"), []);
        assert_eq!(ask("", "en"), []);
        assert_eq!(ask("how much are late fees", "sv"), [], "only in the language of the answer");
    }
}
