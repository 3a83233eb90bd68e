//! Days of the calendar: "2026-12-20", "3/12", "12 dec", "3. März", "the 3rd", "den 3:e", "the 1st of next month".

use super::{Calendar, Dated, is_on, plus};
use crate::understanding::lexicon::role;
use crate::understanding::pieces::Pieces;
use jiff::ToSpan;
use jiff::civil::Date;

/// How many years from today a 29 February is looked for.
const YEARS: i16 = 8;

/// A day of the calendar that starts at `at`.
pub(super) fn day(pieces: &Pieces<'_>, at: usize, calendar: &Calendar) -> Option<Dated> {
    in_digits(pieces, at, calendar).or_else(|| with_month(pieces, at, calendar.today)).or_else(|| of_month(pieces, at, calendar.today))
}

/// That day of the year on or after today and before today; the closer one is the likelier.
pub(super) fn both_sides(month: i8, day: i8, today: Date) -> Option<Dated> {
    let of = |year: i16| Date::new(year, month, day).ok();
    let coming = (today.year()..=today.year() + YEARS).filter_map(of).find(|date| *date >= today);
    let passed = (today.year() - YEARS..=today.year()).rev().filter_map(of).find(|date| *date < today);
    let days = |date: Date| today.until(date).map_or(i32::MAX, |span| span.get_days().abs());
    Some(match (coming, passed) {
        (Some(coming), _) if coming == today => Dated::only(coming, 1),
        (Some(coming), Some(passed)) if days(passed) < days(coming) => Dated { likely: passed, other: Some(coming), count: 1 },
        (Some(coming), passed) => Dated { likely: coming, other: passed, count: 1 },
        (None, passed) => Dated::only(passed?, 1),
    })
}

/// "12.12": day and month.
pub(super) fn dotted(piece: &str, today: Date) -> Option<Dated> {
    let (day, month) = piece.split_once('.')?;
    both_sides(small(month)?, small(day)?, today)
}

fn small(text: &str) -> Option<i8> {
    if (1..=2).contains(&text.len()) { text.parse::<i8>().ok().filter(|number| *number > 0) } else { None }
}

fn year(text: &str) -> Option<i16> {
    let number: i16 = text.parse().ok()?;
    match text.len() {
        2 => Some(2_000 + number),
        4 => Some(number).filter(|year| (1_900..=2_200).contains(year)),
        _ => None,
    }
}

/// "2026-12-20", "12/12", "12/12/26", "12.12.2026", "12-12-2026", and the date of "2026-12-20T09:00".
fn in_digits(pieces: &Pieces<'_>, at: usize, calendar: &Calendar) -> Option<Dated> {
    let piece = pieces.get(at);
    if !piece.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let piece = if piece.as_bytes().get(10) == Some(&b't') { piece.get(..10)? } else { piece };
    let separator = piece.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = piece.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        return Date::new(year(first)?, small(second)?, small(third?)?).ok().map(|date| Dated::only(date, 1));
    }
    let (first, second) = (small(first)?, small(second)?);
    let american = calendar.month_first && separator != '.';
    let (day, month) = if (american && first <= 12) || second > 12 { (second, first) } else { (first, second) };
    match third {
        Some(third) => Date::new(year(third)?, month, day).ok().map(|date| Dated::only(date, 1)),
        None if separator == '/' && !is_fraction(pieces, at) => both_sides(month, day, calendar.today),
        None => None,
    }
}

/// "24/7", "payment 1/3", "2/3 of it".
fn is_fraction(pieces: &Pieces<'_>, at: usize) -> bool {
    pieces.get(at) == "24/7"
        || pieces.word(at + 1).is(role::OF | role::COUNTED)
        || matches!(pieces.get(at + 1), "payments" | "instalments" | "installments" | "parts")
        || (pieces.word_before(at).is(role::COUNTED) && pieces.before(at) != "order")
}

/// "12", "12th", "12e": a day of a month.
fn day_number(piece: &str) -> Option<i8> {
    small(piece).or_else(|| ordinal_digits(piece)).filter(|day| (1..=31).contains(day))
}

/// "2nd" = 2, "3e" = 3.
pub(crate) fn ordinal_digits(piece: &str) -> Option<i8> {
    let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
    let number = small(&piece[..digits])?;
    matches!(&piece[digits..], "st" | "nd" | "rd" | "th" | "e" | "de" | "ste").then_some(number)
}

/// A day of a month at `at` and how many pieces it takes: "3", "3rd", "3:e", "third".
fn day_at(pieces: &Pieces<'_>, at: usize) -> Option<(i8, usize)> {
    let nth = pieces.word(at).nth;
    if nth > 0 {
        return Some((nth, 1));
    }
    let day = day_number(pieces.get(at))?;
    let swedish = pieces.gap(at) == ":" && matches!(pieces.get(at + 1), "e" | "a");
    Some((day, 1 + usize::from(swedish)))
}

/// "12 dec", "the 12th of december 2026", "dec 12", "12dec", "den 3 och 5 mars" (the month counts for both).
fn with_month(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let the = usize::from(pieces.word(at).is(role::THE));
    let first = at + the;
    let (day, month, count) = if let Some((day, taken)) = day_at(pieces, first) {
        match month_after(pieces, first + taken) {
            Some((month, more)) => (day, month, the + taken + more),
            None => (day, month_of_range(pieces, first + taken)?, the + taken),
        }
    } else if pieces.word(first).month > 0 {
        let the_day = usize::from(pieces.word(first + 1).is(role::THE));
        let (day, taken) = day_at(pieces, first + 1 + the_day)?;
        let counted = the_day == 0 && pieces.word(first + 1).nth > 0;
        if counted || pieces.word(first + 1 + the_day + taken).coin.is_some() {
            return None;
        }
        (day, pieces.word(first).month, the + 1 + the_day + taken)
    } else {
        let piece = pieces.get(first);
        let split = piece.find(|c: char| c.is_ascii_alphabetic()).filter(|split| (1..=2).contains(split))?;
        (small(&piece[..split])?, crate::understanding::lexicon::senses(&piece[split..]).month, the + 1)
    };
    if !(1..=31).contains(&day) || month == 0 {
        return None;
    }
    match year(pieces.get(at + count)).filter(|_| pieces.get(at + count).len() == 4) {
        Some(year) => Date::new(year, month, day).ok().map(|date| Dated::only(date, count + 1)),
        None => both_sides(month, day, today).map(|dated| dated.taking(count)),
    }
}

/// "of december", "dec": the month, and how many pieces.
fn month_after(pieces: &Pieces<'_>, at: usize) -> Option<(i8, usize)> {
    let of = usize::from(pieces.get(at) == "of");
    let month = pieces.word(at + of).month;
    let verb = pieces.get(at + of) == "may" && matches!(pieces.get(at + of + 1), "not" | "be" | "have");
    (month > 0 && !verb).then_some((month, of + 1))
}

/// The month behind the other end of a range: of "3" in "3 to 5 december", where `at` is behind the 3.
fn month_of_range(pieces: &Pieces<'_>, at: usize) -> Option<i8> {
    let to = usize::from(pieces.word(at).is(role::TO));
    if to == 0 && !at.checked_sub(1).is_some_and(|before| pieces.dashed(before)) {
        return None;
    }
    let the = usize::from(pieces.word(at + to).is(role::THE));
    let (_, taken) = day_at(pieces, at + to + the)?;
    month_after(pieces, at + to + the + taken).map(|(month, _)| month)
}

/// "the 3rd", "on 3rd", "den 3.", "am 3.", "the 1st of next month": the next such day, today included, or the one before.
pub(super) fn of_month(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let lead = pieces.word(at);
    let the = usize::from(lead.is(role::THE));
    let place = at + the;
    let piece = pieces.get(place);
    let before = pieces.word_before(at);
    let written = piece.starts_with(|c: char| c.is_ascii_digit());
    let (day, taken) = day_at(pieces, place)?;
    let bare = written && taken == 1 && small(piece).is_some();
    let introduced = the == 1 || before.is(role::ON | role::SINCE);
    let german = pieces.gap(place).starts_with('.')
        && matches!(pieces.before(place), "am" | "zum" | "vom" | "bis" | "den" | "der" | "dem" | "ab" | "seit");
    let swedish = pieces.get(at) == "den" && pieces.word(place + taken).is_plain();
    let finnish = pieces.gap(place) == ". " && pieces.get(place + 1).starts_with("paiva");
    let named = of_which_month(pieces, place + taken, today);
    if !(1..=31).contains(&day) || (bare && !(german || swedish || finnish)) {
        return None;
    }
    if let Some((month, more)) = named {
        return Date::new(month.year(), month.month(), day).ok().map(|date| Dated::only(date, the + taken + more));
    }
    // "the third" alone is an ordinal; "on the third" may be a date.
    let dated = written || (the == 1 && is_on(pieces, at));
    let next = pieces.word(place + taken);
    if !dated || !(introduced || finnish) || next.is(role::COUNTED) || next.coin.is_some() {
        return None;
    }
    let in_months = |months: i64| {
        let month = plus(today.first_of_month(), months.months())?;
        Date::new(month.year(), month.month(), day).ok()
    };
    let coming = (0..3).filter_map(in_months).find(|date| *date >= today)?;
    let passed = (-2..=0).rev().filter_map(in_months).find(|date| *date < today).filter(|_| coming != today);
    Some(Dated { likely: coming, other: passed, count: the + taken + usize::from(finnish) })
}

/// "of the month", "of next month", "nästa månad", "diesen Monats": a day of that month, and how many pieces.
fn of_which_month(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(Date, usize)> {
    let (mut months, mut count) = (0, 0);
    while count < 3 && pieces.word(at + count).is(role::OF | role::THE | role::THIS | role::NEXT | role::LAST) {
        let word = pieces.word(at + count);
        months += i64::from(word.is(role::NEXT)) - i64::from(word.is(role::LAST));
        count += 1;
    }
    let is_month = pieces.word(at + count).unit == Some(crate::understanding::lexicon::Unit::Month);
    if count == 0 || !is_month || pieces.word(at + count).is(role::PLURAL) {
        return None;
    }
    Some((plus(today.first_of_month(), months.months())?, count + 1))
}
