//! How a rule says no: a code for flows and a sentence for the customer.

use super::language::{ByLanguage, Language};

/// Why something may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code that flows branch on, e.g. `too_close`.
    pub reason: &'static str,
    /// A sentence for the customer, in the languages of the domain.
    pub why: ByLanguage<String>,
}

impl Refusal {
    /// A refusal with the same sentence in English, Swedish and German.
    pub fn new(reason: &'static str, english: &str, swedish: &str, german: &str) -> Self {
        Self::told(reason, |language| language.pick(english, swedish, german).to_owned())
    }

    /// A refusal with a sentence that is made in each language.
    pub fn told(reason: &'static str, why: impl Fn(Language) -> String) -> Self {
        Self { reason, why: ByLanguage::said(why) }
    }
}
