//! Days near today: "tomorrow", "i övermorgon", "next Friday", "Friday week", "the Friday after next", "i fredags".

use super::{Calendar, Dated, calendar, days_on, spans};
use crate::understanding::lexicon::{Unit, role};
use crate::understanding::pieces::Pieces;
use jiff::civil::{Date, Weekday};

/// "today", "i morgon", "the day after tomorrow", "tomorrow week".
pub(super) fn named_day(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let (days, count) = day_offset(pieces, at)?;
    let date = days_on(today, days)?;
    let (later, more) = a_week_later(pieces, at + count).unwrap_or((0, 0));
    Some(Dated::only(days_on(date, later)?, count + more))
}

/// Days from today to the day that is named at `at`, and how many pieces.
pub(super) fn day_offset(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    let word = pieces.word(at);
    let the = usize::from(word.is(role::THE));
    if pieces.get(at + the) == "day" {
        return match (pieces.get(at + the + 1), pieces.word(at + the + 2).day) {
            ("after", Some(1)) => Some((2, the + 3)),
            ("before", Some(-1)) => Some((-2, the + 3)),
            _ => None,
        };
    }
    if word.is(role::I) {
        return pieces.word(at + 1).day.map(|day| (i64::from(day), 2));
    }
    if pieces.get(at) == "this" && matches!(pieces.get(at + 1), "morning" | "afternoon" | "evening") {
        return Some((0, 2));
    }
    let day = word.day.filter(|_| !word.is(role::AFTER_I))?;
    // "guten Morgen", "heute Morgen", "am Morgen"
    let morning = pieces.get(at) == "morgen"
        && (pieces.word_before(at).day.is_some()
            || matches!(pieces.before(at), "guten" | "goeden" | "goede" | "gut" | "god" | "jeden" | "am" | "den" | "der"));
    (!morning).then_some((i64::from(day), 1))
}

/// "week" or "fortnight" behind a day, or "in einer Woche", "om en vecka": that much later.
fn a_week_later(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    match pieces.word(at).unit {
        Some(Unit::Week) if pieces.get(at) == "week" => return Some((7, 1)),
        Some(Unit::Fortnight) => return Some((14, 1)),
        _ => {}
    }
    if !pieces.word(at).is(role::IN | role::IN_DUTCH) {
        return None;
    }
    let span = spans::span(pieces, at + 1).filter(|span| span.unit == Unit::Week)?;
    Some((span.days(), 1 + span.count))
}

/// The day of the week at `at`, if it is meant as one.
pub(super) fn weekday_at(pieces: &Pieces<'_>, at: usize) -> Option<Weekday> {
    pieces.word(at).weekday
}

/// "friday" and "this friday" are the coming one, "next friday" is in the week that starts next Monday, "last friday" the one before today.
pub(super) fn weekday(pieces: &Pieces<'_>, at: usize, calendar: &Calendar) -> Option<Dated> {
    let today = calendar.today;
    let the = usize::from(pieces.word(at).is(role::THE) && !pieces.word(at).is(role::THIS));
    let lead = pieces.word(at + the);
    let led = usize::from(lead.is(role::NEXT | role::THIS | role::LAST) && lead.weekday.is_none());
    let place = at + the + led;
    let weekday = weekday_at(pieces, place)?;
    let word = pieces.word(place);
    let before = pieces.word_before(at);
    let introduced = led == 1 || the == 1 || before.is(role::ON | role::SINCE);
    if word.is(role::WEAK) && !introduced && pieces.len() > 3 {
        return None;
    }
    if led == 0
        && let Some(dated) = written_out(pieces, place + 1, calendar)
    {
        return Some(dated.taking(place + 1 + dated.count - at));
    }
    let days = Distances::to(weekday, today);
    let count = place + 1 - at;
    let (first, second) = (pieces.get(place + 1), pieces.get(place + 2));
    if let Some((weeks, more)) = named_week(pieces, place + 1) {
        return Some(Dated::only(days_on(today, days.this_week + 7 * weeks)?, count + more));
    }
    match (first, second) {
        ("after", "next") => return Some(Dated::only(days_on(today, days.this_week + 14)?, count + 2)),
        ("before", "last") => return Some(Dated::only(days_on(today, days.passed - 7)?, count + 2)),
        _ => {}
    }
    if lead.is(role::LAST) && led == 1 || word.is(role::BEFORE_TODAY) {
        return Some(Dated::only(days_on(today, days.passed)?, count));
    }
    if lead.is(role::NEXT) && led == 1 {
        let after = 7 * i64::from(lead.is(role::AFTER_NEXT));
        return Some(Dated::only(days_on(today, days.this_week + 7 + after)?, count));
    }
    if let Some((later, more)) = a_week_later(pieces, place + 1) {
        return Some(Dated::only(days_on(today, days.coming + later)?, count + more));
    }
    let passed = days_on(today, days.passed).filter(|_| led == 0);
    Some(Dated { likely: days_on(today, days.coming)?, other: passed, count })
}

/// "friday 12 december", "Freitag, den 12.": the day of the month says more than the day of the week.
fn written_out(pieces: &Pieces<'_>, at: usize, calendar: &Calendar) -> Option<Dated> {
    let short = |gap: &str| gap.len() <= 2 && !gap.contains(['!', '?']);
    if !at.checked_sub(1).is_some_and(|before| short(pieces.gap(before))) {
        return None;
    }
    let ordinal = calendar::ordinal_digits(pieces.get(at)).is_some();
    let the = pieces.word(at).is(role::THE) && pieces.get(at + 1).starts_with(|c: char| c.is_ascii_digit());
    if !(ordinal || the || pieces.get(at).starts_with(|c: char| c.is_ascii_digit()) || pieces.word(at).month > 0) {
        return None;
    }
    calendar::day(pieces, at, calendar)
}

/// Days from today to days of the week.
struct Distances {
    /// The next one, 1 to 7.
    coming: i64,
    /// The one before, -7 to -1.
    passed: i64,
    /// The one of the week from Monday to Sunday that today is in.
    this_week: i64,
}

impl Distances {
    fn to(weekday: Weekday, today: Date) -> Self {
        let now = i64::from(today.weekday().to_monday_zero_offset());
        let wanted = i64::from(weekday.to_monday_zero_offset());
        Self { coming: (wanted - now - 1).rem_euclid(7) + 1, passed: -((now - wanted - 1).rem_euclid(7) + 1), this_week: wanted - now }
    }
}

/// "next week", "nästa vecka", "last week" as the week of a day: weeks from this one, and how many pieces.
fn named_week(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    let of = usize::from(pieces.word(at).is(role::OF | role::IN) && !pieces.word(at).is(role::NEXT));
    let lead = pieces.word(at + of);
    let unit = pieces.word(at + of + 1);
    if unit.unit != Some(Unit::Week) || unit.is(role::PLURAL) || !lead.is(role::NEXT | role::LAST | role::THIS) {
        return None;
    }
    let after = pieces.get(at + of + 2) == "after" && pieces.get(at + of + 3) == "next";
    let weeks = if lead.is(role::NEXT) { 1 + i64::from(after || lead.is(role::AFTER_NEXT)) } else { -i64::from(lead.is(role::LAST)) };
    Some((weeks, of + 2 + if after { 2 } else { 0 }))
}

/// "next week friday", "nächste Woche am Freitag", "ensi viikon perjantaina".
pub(super) fn in_named_week(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let (weeks, count) = named_week(pieces, at)?;
    let on = usize::from(pieces.word(at + count).is(role::ON));
    let weekday = weekday_at(pieces, at + count + on)?;
    let days = Distances::to(weekday, today).this_week + 7 * weeks;
    Some(Dated::only(days_on(today, days)?, count + on + 1))
}
