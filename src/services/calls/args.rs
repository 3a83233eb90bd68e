//! The arguments of a call, read with care: flows are written by people. `null` counts as not given.

use jiff::civil::Date;
use serde_json::{Map, Value};

/// What is wrong with a call, for the author of the flow.
#[derive(Debug)]
pub(super) struct BadCall(pub(super) String);

/// The arguments of one call.
pub(super) struct Args<'a> {
    call: &'a str,
    with: &'a Map<String, Value>,
}

impl<'a> Args<'a> {
    pub(super) fn new(call: &'a str, with: &'a Map<String, Value>) -> Self {
        Self { call, with }
    }

    /// Refuses arguments that the call doesn't have.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), BadCall> {
        match self.with.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) if known.is_empty() => Err(BadCall(format!("{} takes no argument, but got '{name}'", self.call))),
            Some(name) => Err(BadCall(format!("{} has no argument '{name}'; it takes {}", self.call, known.join(", ")))),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, BadCall> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "text")),
        }
    }

    pub(super) fn need_text(&self, name: &str) -> Result<&'a str, BadCall> {
        self.text(name)?.ok_or_else(|| self.wrong(name, "text"))
    }

    /// Text of at most 1,000 characters, cut off there.
    pub(super) fn owned_text(&self, name: &str) -> Result<Option<String>, BadCall> {
        Ok(self.text(name)?.map(|text| text.chars().take(1_000).collect()))
    }

    pub(super) fn one_of(&self, name: &str, known: &[&'static str]) -> Result<Option<&'static str>, BadCall> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = known.iter().find(|candidate| **candidate == text);
        found.map(|found| Some(*found)).ok_or_else(|| self.wrong(name, &format!("one of {}", known.join(", "))))
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, BadCall> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| self.wrong(name, "a whole number")),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, BadCall> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| self.wrong(name, "true or false")),
        }
    }

    pub(super) fn date(&self, name: &str) -> Result<Option<Date>, BadCall> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| self.wrong(name, "a date such as 2026-12-20")),
        }
    }

    /// There is no such call.
    pub(super) fn unknown(&self, kind: &str) -> BadCall {
        BadCall(format!("there is no {kind} '{}'", self.call))
    }

    /// The customer has nothing with that id. Says the same whether somebody else has it or nobody.
    pub(super) fn not_theirs(&self, what: &str, id: &str) -> BadCall {
        BadCall(format!("{}: the customer has no {what} with the id '{id}'", self.call))
    }

    pub(super) fn wrong(&self, name: &str, expected: &str) -> BadCall {
        let got = self.given(name).map_or_else(|| "nothing".to_owned(), |value| value.to_string().chars().take(80).collect());
        BadCall(format!("{} needs '{name}' to be {expected}, but got {got}", self.call))
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.with.get(name).filter(|value| !value.is_null())
    }
}
