//! A compiled flow together with where everything in it was written, for the lints.

use super::diagnostic::Place;
use super::node::Words;
use crate::dialog::flow::Flow;

/// A flow with what the lint needs to know about it: for every instruction its place, for every text where it is used.
#[derive(Debug)]
pub(crate) struct Program {
    /// The flow.
    pub(crate) flow: Flow,
    /// Places of `flow.ops`.
    pub(crate) places: Vec<Place>,
    /// Texts and expressions.
    pub(crate) uses: Vec<Use>,
}

/// A text or an expression at the instruction that evaluates it.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// Position in `Flow::ops`.
    pub(crate) op: usize,
    /// Its template's name.
    pub(crate) id: String,
    /// As written.
    pub(crate) words: Words,
    /// What it is for.
    pub(crate) role: Role,
    /// The language of a translation; none for English texts and for expressions.
    pub(crate) language: Option<String>,
}

impl Use {
    /// For a translation the name of the English template.
    pub(crate) fn english(&self) -> Option<&str> {
        self.language.as_ref().and_then(|language| self.id.strip_suffix(language.as_str())?.strip_suffix(TRANSLATION))
    }
}

/// Stands between the name of an English template and the language of a translation.
pub(crate) const TRANSLATION: char = '@';

/// What a text or an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The customer reads it.
    Said,
    /// The customer reads it, and it is recorded as owed.
    Promised,
    /// The customer reads it, once per record, which it sees as `item`.
    Label,
    /// A condition, an argument or a list.
    Expression,
}
