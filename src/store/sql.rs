//! Statements that take many rows at once: `$1` is a JSON array of arrays, `j.value ->> N` is column N of a row.
//!
//! This is the only place where the two databases read differently: how a JSON array becomes rows.

use super::Backend;

/// The same statement for both databases.
pub(super) struct Batch {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Batch {
    pub(super) fn on(&self, backend: Backend) -> &'static str {
        match backend {
            Backend::Sqlite => self.sqlite,
            Backend::Postgres => self.postgres,
        }
    }
}

/// `batch!("SELECT … FROM", "WHERE …")`: the rows stand between the two parts. A third part is for PostgreSQL only.
macro_rules! batch {
    ($before:literal, $after:literal $(, $postgres_only:literal)?) => {
        $crate::store::sql::Batch {
            sqlite: concat!($before, " json_each($1) AS j ", $after),
            postgres: concat!($before, " jsonb_array_elements(CAST($1 AS jsonb)) AS j(value) ", $after $(, " ", $postgres_only)?),
        }
    };
}
pub(super) use batch;

/// Rows for a `batch!` statement, written straight as JSON text: there may be thousands in a commit.
#[derive(Default)]
pub(super) struct Rows {
    text: String,
}

/// One row; it ends when dropped.
pub(super) struct Line<'a> {
    text: &'a mut String,
    empty: bool,
}

impl Rows {
    /// Begins a row.
    pub(super) fn row(&mut self) -> Line<'_> {
        self.text.push_str(if self.text.is_empty() { "[[" } else { ",[" });
        Line { text: &mut self.text, empty: true }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The JSON array of arrays.
    pub(super) fn json(mut self) -> String {
        self.text.push_str(if self.text.is_empty() { "[]" } else { "]" });
        self.text
    }
}

impl Line<'_> {
    fn next(&mut self) {
        if !self.empty {
            self.text.push(',');
        }
        self.empty = false;
    }

    /// The next column is a text.
    pub(super) fn text(&mut self, value: &str) {
        use std::fmt::Write as _;
        self.next();
        self.text.push('"');
        let mut rest = value;
        while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
            let (plain, special) = rest.split_at(at);
            self.text.push_str(plain);
            let mut chars = special.chars();
            match chars.next() {
                Some('"') => self.text.push_str("\\\""),
                Some('\\') => self.text.push_str("\\\\"),
                Some(control) => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(control));
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    /// The next column is a text or NULL.
    pub(super) fn maybe(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => {
                self.next();
                self.text.push_str("null");
            }
        }
    }

    /// The next column is a whole number.
    pub(super) fn number(&mut self, value: i64) {
        use std::fmt::Write as _;
        self.next();
        let _ = write!(self.text, "{value}");
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.text.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    proptest! {
        #[test]
        fn rows_are_json_whatever_they_hold(texts in prop::collection::vec((any::<String>(), any::<i64>(), any::<Option<String>>()), 0..5)) {
            let mut rows = Rows::default();
            for (text, number, maybe) in &texts {
                let mut row = rows.row();
                row.text(text);
                row.number(*number);
                row.maybe(maybe.as_deref());
            }
            let expected: Vec<Value> = texts.iter().map(|(text, number, maybe)| json!([text, number, maybe])).collect();
            prop_assert_eq!(serde_json::from_str::<Value>(&rows.json()).expect("JSON"), Value::Array(expected));
        }
    }
}
