//! How a rule says no: a code for flows and a sentence for the customer.

/// Why something may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code that flows branch on, e.g. `too_close`.
    pub reason: &'static str,
    /// A sentence for the customer.
    pub why: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(reason: &'static str, why: impl Into<String>) -> Self {
        Self { reason, why: why.into() }
    }
}
