//! Dates and spans of time in words, against a given today: "tomorrow", "a week on Friday", "den 3.", "übermorgen", "3/12",
//! "end of the month", "for två veckor sedan", "10 days". Pure calendar arithmetic: the zone has already given today its date.

mod calendar;
mod spans;
#[cfg(test)]
mod tests;
mod weekdays;

pub(crate) use calendar::ordinal_digits;

use crate::understanding::lexicon::role;
use crate::understanding::pieces::Pieces;
use jiff::Span;
use jiff::civil::Date;

/// A date. What names no year or no week has a second reading on the other side of today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dated {
    /// The likelier reading.
    pub(crate) likely: Date,
    /// The other reading.
    pub(crate) other: Option<Date>,
    /// How many pieces it takes.
    pub(crate) count: usize,
}

impl Dated {
    fn only(likely: Date, count: usize) -> Self {
        Self { likely, other: None, count }
    }

    fn taking(self, count: usize) -> Self {
        Self { count, ..self }
    }
}

/// What dates are read against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    /// Today.
    pub(crate) today: Date,
    /// "3/12" is in March.
    pub(crate) month_first: bool,
}

/// What stands at a place.
pub(crate) enum Time {
    /// A date.
    Date(Dated),
    /// A span of so many days, and how many pieces it takes.
    Days(i64, usize),
}

/// A date or a span that starts at `at`.
pub(crate) fn read(pieces: &Pieces<'_>, at: usize, calendar: &Calendar) -> Option<Time> {
    let today = calendar.today;
    let dated = weekdays::in_named_week(pieces, at, today)
        .or_else(|| spans::relative(pieces, at, today))
        .or_else(|| weekdays::named_day(pieces, at, today))
        .or_else(|| weekdays::weekday(pieces, at, calendar))
        .or_else(|| calendar::day(pieces, at, calendar));
    match dated {
        Some(dated) => Some(Time::Date(since(pieces, at, dated))),
        None => spans::days(pieces, at).map(|(days, count)| Time::Days(days, count)),
    }
}

/// "12.12" without a year, which could also be an amount; whether it can only be a date.
pub(crate) fn read_dotted(pieces: &Pieces<'_>, at: usize, calendar: &Calendar) -> Option<(Dated, bool)> {
    let dated = calendar::dotted(pieces.get(at), calendar.today)?;
    Some((since(pieces, at, dated), is_on(pieces, at)))
}

/// Whether a word before says that a day follows: "on", "by", "since".
fn is_on(pieces: &Pieces<'_>, at: usize) -> bool {
    pieces.word_before(at).is(role::ON | role::SINCE) && !matches!(pieces.before(at), "for" | "and" | "or" | "to")
}

/// After "since" the reading in the past is the likelier one.
fn since(pieces: &Pieces<'_>, at: usize, dated: Dated) -> Dated {
    let article = usize::from(pieces.word_before(at).is(role::THE) && !pieces.word_before(at).is(role::SINCE));
    match dated.other {
        Some(other) if other < dated.likely && at > article && pieces.word_before(at - article).is(role::SINCE) => {
            Dated { likely: other, other: Some(dated.likely), ..dated }
        }
        _ => dated,
    }
}

fn plus(date: Date, span: Span) -> Option<Date> {
    date.checked_add(span).ok()
}

/// So many days later.
fn days_on(date: Date, days: i64) -> Option<Date> {
    plus(date, Span::new().try_days(days).ok()?)
}
