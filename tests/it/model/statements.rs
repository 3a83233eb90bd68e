//! The amounts and dates that a text states, in the languages and currencies of the markets, so that two texts can be compared by them.

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A sum of money in minor units, or a day of a month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Statement {
    Amount(u64),
    Day { month: usize, day: u64 },
}

#[derive(Debug, Default)]
pub(crate) struct Statements(BTreeSet<Statement>);

/// The beginnings of the months' names: English, Swedish, German, Dutch, Finnish.
const MONTHS: [&str; 12] = [
    "jan tammik",
    "feb helmik",
    "mar mär maa maalisk",
    "apr huhtik",
    "may maj mai mei toukok",
    "jun kesäk",
    "jul heinäk",
    "aug elok",
    "sep syysk",
    "oct okt lokak",
    "nov marrask",
    "dec dez jouluk",
];

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed expression")
}

static BEFORE: LazyLock<Regex> = LazyLock::new(|| constant(r"[£$€¥]\s?(\d[\d.,\u{A0}\u{202F}]*)"));
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)(\d[\d.,\u{A0}\u{202F}]*)\s?(?:kr|kronor|sek|eur|euroa?|gbp|usd|jpy|yen|pounds?|pund|puntaa|dollars?|[£$€¥])(?:[^\p{L}]|$)",
    )
});
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| constant(r"(?i)(\d{1,2})(?:st|nd|rd|th|\.)?\s(?:of\s)?(\p{L}{3,})"));
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| constant(r"(?i)(\p{L}{3,})\s(\d{1,2})(?:st|nd|rd|th)?(?:[^\d]|$)"));
static ISO: LazyLock<Regex> = LazyLock::new(|| constant(r"\d{4}-(\d{2})-(\d{2})"));

/// Minor units of "1,299.50", "1.299,50", "1 299" or "45".
fn minor(text: &str) -> Option<u64> {
    let text = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let decimals = text.len() > 3 && matches!(text.as_bytes()[text.len() - 3], b'.' | b',');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number: u64 = digits.parse().ok()?;
    Some(if decimals { number } else { number * 100 })
}

fn month(word: &str) -> Option<usize> {
    let word = word.to_lowercase();
    MONTHS.iter().position(|names| names.split(' ').any(|name| word.starts_with(name))).map(|place| place + 1)
}

impl Statements {
    /// What a text states.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = BTreeSet::new();
        let amounts = BEFORE.captures_iter(text).chain(BEHIND.captures_iter(text)).filter_map(|hit| minor(&hit[1]));
        found.extend(amounts.map(Statement::Amount));
        let mut day = |month: Option<usize>, day: &str| {
            if let (Some(month), Ok(day @ 1..=31)) = (month, day.parse()) {
                found.insert(Statement::Day { month, day });
            }
        };
        DAY_MONTH.captures_iter(text).for_each(|hit| day(month(&hit[2]), &hit[1]));
        MONTH_DAY.captures_iter(text).for_each(|hit| day(month(&hit[1]), &hit[2]));
        ISO.captures_iter(text).for_each(|hit| day(hit[1].parse().ok(), &hit[2]));
        Self(found)
    }

    /// What all texts in a value state.
    pub(crate) fn of_json(value: &Value) -> Self {
        let mut all = Self::default();
        match value {
            Value::String(text) => all.add(&Self::of(text)),
            Value::Array(values) => values.iter().for_each(|value| all.add(&Self::of_json(value))),
            Value::Object(fields) => fields.values().for_each(|value| all.add(&Self::of_json(value))),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        all
    }

    /// What an account knows: its days, and its numbers as minor units.
    pub(crate) fn of_account(value: &Value) -> Self {
        let mut all = Self::of_json(value);
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::Number(number) => all.0.extend(number.as_i64().map(|number| Statement::Amount(number.unsigned_abs()))),
                Value::Array(values) => open.extend(values),
                Value::Object(fields) => open.extend(fields.values()),
                Value::Null | Value::Bool(_) | Value::String(_) => {}
            }
        }
        all
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    pub(crate) fn has(&self, statement: &Statement) -> bool {
        self.0.contains(statement)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is stated here and not there.
    pub(crate) fn beyond(&self, grounds: &Self) -> impl Iterator<Item = Statement> {
        self.0.difference(&grounds.0).cloned().collect::<Vec<_>>().into_iter()
    }
}

#[test]
fn statements_are_found_in_every_writing() {
    let all = |text: &str| Statements::of(text).0.into_iter().collect::<Vec<_>>();
    let (amount, day) = (Statement::Amount, |month, day| Statement::Day { month, day });
    assert_eq!(all("You owe £1,299.50, due 4 December 2026."), [amount(129_950), day(12, 4)]);
    assert_eq!(all("1.299,50 € am 4. Dezember"), [amount(129_950), day(12, 4)]);
    assert_eq!(all("du ska betala 450 kr den 4 december"), [amount(45_000), day(12, 4)]);
    assert_eq!(all("45,00 euroa 4. joulukuuta, on May 3rd"), [amount(4_500), day(5, 3), day(12, 4)]);
    assert_eq!(all("3 payments, 7 days, order 48213"), []);
}
