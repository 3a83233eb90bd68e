//! The company's own articles, cut into passages, and the best passage for a question: by the words, by the meaning of the sentence and by the
//! intents that the article belongs to. Pure; the catalog reads the files and makes the vectors.

mod index;

pub use index::{Found, Library, Question};

use crate::domain::ids::IntentId;

/// An article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The name of its file, without folder and ending.
    pub name: String,
    /// What customers see it called.
    pub title: String,
    /// BCP 47 language.
    pub language: String,
    /// Intents that it belongs to.
    pub intents: Vec<IntentId>,
    /// Where it stands on the company's pages.
    pub link: Option<String>,
    /// Its passages, in order.
    pub sections: Vec<Section>,
}

/// A part of an article: what stands below one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading; empty for what stands before the first.
    pub heading: String,
    /// The text, CommonMark.
    pub text: String,
    /// How customers ask for it.
    pub asked: Vec<String>,
}
