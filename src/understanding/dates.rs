//! Dates and spans of time in words, against a given today: "tomorrow", "next Friday", "12 Dec", "the 3rd", "in two weeks", "10 days".

use crate::understanding::EntityValue;
use crate::understanding::amounts::number_words;
use crate::understanding::entities::{Pieces, ordinal_digits};
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// Longer spans are taken for something else, in days.
const LONGEST_DAYS: i64 = 3_660;

/// A date or a span that starts at `at`, and how many pieces it takes.
pub(crate) fn read(pieces: &Pieces<'_>, at: usize, today: Date, month_first: bool) -> Option<(EntityValue, usize)> {
    let date = |(date, count): (Date, usize)| (EntityValue::Date(date), count);
    named_day(pieces, at, today)
        .or_else(|| in_digits(pieces.get(at), today, month_first).map(|date| (date, 1)))
        .or_else(|| with_month(pieces, at, today))
        .or_else(|| weekday(pieces, at, today))
        .or_else(|| relative(pieces, at, today))
        .or_else(|| day_of_month(pieces, at, today))
        .map(date)
        .or_else(|| span(pieces, at).map(|(days, count)| (EntityValue::Days(days), count)))
}

/// "12.12" without a year, which could also be an amount.
pub(crate) fn read_dotted(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(EntityValue, usize)> {
    let (day, month) = pieces.get(at).split_once('.')?;
    let date = closest(small(month)?, small(day)?, today)?;
    Some((EntityValue::Date(date), 1))
}

fn plus(date: Date, span: Span) -> Option<Date> {
    date.checked_add(span).ok()
}

fn small(text: &str) -> Option<i8> {
    if text.len() <= 2 { text.parse::<i8>().ok().filter(|number| *number > 0) } else { None }
}

fn year(text: &str) -> Option<i16> {
    let number: i16 = text.parse().ok()?;
    match text.len() {
        2 => Some(2_000 + number),
        4 => Some(number).filter(|year| (1_900..=2_200).contains(year)),
        _ => None,
    }
}

/// That day of the year that lies closest to today.
fn closest(month: i8, day: i8, today: Date) -> Option<Date> {
    (today.year() - 1..=today.year() + 1)
        .filter_map(|year| Date::new(year, month, day).ok())
        .min_by_key(|date| (today.until(*date).map_or(i32::MAX, |span| span.get_days().abs()), std::cmp::Reverse(*date)))
}

fn named_day(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(Date, usize)> {
    let the = usize::from(pieces.get(at) == "the");
    if pieces.get(at + the) == "day" {
        let days = match (pieces.get(at + the + 1), pieces.get(at + the + 2)) {
            ("after", "tomorrow") => 2,
            ("before", "yesterday") => -2,
            _ => return None,
        };
        return Some((plus(today, days.days())?, the + 3));
    }
    let days = match pieces.get(at) {
        "today" | "todays" | "tonight" | "heute" | "idag" => 0,
        "tomorrow" | "tomorrows" | "tommorow" | "tommorrow" | "tomorow" | "tmrw" | "tmr" | "tmw" | "tomoz" | "imorgon" => 1,
        "yesterday" | "yesterdays" | "gestern" | "igår" => -1,
        _ => return None,
    };
    Some((plus(today, days.days())?, 1))
}

/// "2026-12-20", "12/12", "12/12/26", "12.12.2026", "12-12-2026".
fn in_digits(piece: &str, today: Date, month_first: bool) -> Option<Date> {
    if !piece.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let separator = piece.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = piece.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        return Date::new(year(first)?, small(second)?, small(third?)?).ok();
    }
    let (first, second) = (small(first)?, small(second)?);
    let (day, month) = if (month_first && separator == '/' && first <= 12) || second > 12 { (second, first) } else { (first, second) };
    match third {
        Some(third) => Date::new(year(third)?, month, day).ok(),
        None if separator == '/' => closest(month, day, today),
        None => None,
    }
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    let short = |name: &str| word.len() >= 3 && name.starts_with(word) && (word.len() == 3 || word == name || word == "sept");
    MONTHS.iter().position(|name| short(name)).map(|index| index as i8 + 1)
}

/// "12", "12th".
fn day(piece: &str) -> Option<i8> {
    small(piece).or_else(|| ordinal_digits(piece).and_then(|day| i8::try_from(day).ok())).filter(|day| (1..=31).contains(day))
}

/// "12 dec", "the 12th of december 2026", "dec 12", "12dec".
fn with_month(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(Date, usize)> {
    let the = usize::from(pieces.get(at) == "the");
    let first = pieces.get(at + the);
    let (day, month, count) = if let Some(number) = day(first) {
        let of = usize::from(pieces.get(at + the + 1) == "of");
        let named = pieces.get(at + the + 1 + of);
        if named == "may" && matches!(pieces.get(at + the + 2 + of), "not" | "be" | "have") {
            return None;
        }
        (number, month(named)?, the + 2 + of)
    } else if let Some(month) = month(first) {
        let the_day = usize::from(pieces.get(at + the + 1) == "the");
        (day(pieces.get(at + the + 1 + the_day))?, month, the + 2 + the_day)
    } else {
        let split = first.find(|c: char| c.is_ascii_alphabetic()).filter(|split| *split > 0)?;
        (small(&first[..split])?, month(&first[split..])?, the + 1)
    };
    match year(pieces.get(at + count)).filter(|_| pieces.get(at + count).len() == 4) {
        Some(year) => Some((Date::new(year, month, day).ok()?, count + 1)),
        None => Some((closest(month, day, today)?, count)),
    }
}

fn weekday_named(word: &str) -> Option<(Weekday, bool)> {
    let (day, word_too) = match word {
        "monday" | "mondays" => (Weekday::Monday, false),
        "mon" => (Weekday::Monday, true),
        "tuesday" | "tue" | "tues" => (Weekday::Tuesday, false),
        "wednesday" | "weds" => (Weekday::Wednesday, false),
        "wed" => (Weekday::Wednesday, true),
        "thursday" | "thu" | "thur" | "thurs" => (Weekday::Thursday, false),
        "friday" | "fri" => (Weekday::Friday, false),
        "saturday" => (Weekday::Saturday, false),
        "sat" => (Weekday::Saturday, true),
        "sunday" => (Weekday::Sunday, false),
        "sun" => (Weekday::Sunday, true),
        _ => return None,
    };
    Some((day, word_too))
}

/// "friday" and "this friday" are the coming one, "next friday" is in the week that starts next Monday, "last friday" the one before today.
fn weekday(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(Date, usize)> {
    let word = pieces.get(at);
    let lead = usize::from(matches!(word, "next" | "this" | "last" | "coming"));
    let (weekday, word_too) = weekday_named(pieces.get(at + lead))?;
    let introduced =
        matches!(pieces.before(at), "on" | "by" | "until" | "till" | "from" | "since" | "before" | "for" | "or" | "and") || lead == 1;
    if word_too && !introduced && pieces.len() > 3 {
        return None;
    }
    let now = i64::from(today.weekday().to_monday_zero_offset());
    let wanted = i64::from(weekday.to_monday_zero_offset());
    let coming = (wanted - now - 1).rem_euclid(7) + 1;
    let next_week = pieces.get(at + lead + 1) == "next" && pieces.get(at + lead + 2) == "week";
    let (days, count) = match word {
        "last" => (-((now - wanted - 1).rem_euclid(7) + 1), 2),
        "next" => (7 - now + wanted, 2),
        _ if next_week => (7 - now + wanted, lead + 3),
        _ => (coming, lead + 1),
    };
    Some((plus(today, days.days())?, count))
}

/// How many days or months a unit of time has.
enum Unit {
    Days(i64),
    Months(i64),
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Days(1),
        "week" | "weeks" | "wk" | "wks" => Unit::Days(7),
        "fortnight" | "fortnights" => Unit::Days(14),
        "month" | "months" | "mth" | "mths" => Unit::Months(1),
        "year" | "years" => Unit::Months(12),
        _ => return None,
    })
}

impl Unit {
    fn days(&self, number: i64) -> i64 {
        match self {
            Self::Days(days) => days * number,
            Self::Months(1) => 30 * number,
            Self::Months(months) => months / 12 * 365 * number,
        }
    }

    fn from(&self, date: Date, number: i64) -> Option<Date> {
        match self {
            Self::Days(days) => plus(date, (days * number).days()),
            Self::Months(months) => plus(date, (months * number).months()),
        }
    }
}

/// "two weeks", "a week", "10days", "a couple of days": number, unit and pieces.
fn count_of_units(pieces: &Pieces<'_>, at: usize) -> Option<(i64, Unit, usize)> {
    let piece = pieces.get(at);
    let (number, count) = match piece {
        "a" | "an" | "another" | "one" | "the" if unit(pieces.get(at + 1)).is_some() && piece != "the" => (1, 1),
        "a" if matches!(pieces.get(at + 1), "couple" | "few") => {
            let of = usize::from(pieces.get(at + 2) == "of");
            (if pieces.get(at + 1) == "couple" { 2 } else { 3 }, 2 + of)
        }
        "couple" => (2, 1 + usize::from(pieces.get(at + 1) == "of")),
        _ => {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 && digits <= 4 {
                let number: i64 = piece[..digits].parse().ok()?;
                if digits < piece.len() {
                    return unit(piece[digits..].trim_start_matches('-')).filter(|_| number <= LONGEST_DAYS).map(|unit| (number, unit, 1));
                }
                (number, 1)
            } else {
                number_words(pieces, at)?
            }
        }
    };
    let more = usize::from(matches!(pieces.get(at + count), "more" | "extra" | "working" | "business" | "calendar" | "banking"));
    let unit = unit(pieces.get(at + count + more))?;
    (0..=LONGEST_DAYS).contains(&unit.days(number)).then_some((number, unit, count + more + 1))
}

/// "in two weeks", "10 days ago", "next month", "end of the month".
fn relative(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(Date, usize)> {
    match pieces.get(at) {
        "in" | "within" => {
            let (number, unit, count) = count_of_units(pieces, at + 1)?;
            return Some((unit.from(today, number)?, count + 1));
        }
        lead @ ("next" | "last") => {
            let unit = unit(pieces.get(at + 1)).filter(|_| !pieces.get(at + 1).ends_with('s'))?;
            return Some((unit.from(today, if lead == "next" { 1 } else { -1 })?, 2));
        }
        "end" | "start" | "beginning" if pieces.get(at + 1) == "of" => {
            let article = usize::from(matches!(pieces.get(at + 2), "the" | "this" | "next"));
            if pieces.get(at + 2 + article) != "month" {
                return None;
            }
            let ahead = pieces.get(at + 2) == "next" || pieces.get(at) != "end";
            let month = if ahead { plus(today.first_of_month(), 1.months())? } else { today };
            let date = if pieces.get(at) == "end" { month.last_of_month() } else { month.first_of_month() };
            return Some((date, 3 + article));
        }
        _ => {}
    }
    let (number, unit, count) = count_of_units(pieces, at)?;
    match (pieces.get(at + count), pieces.get(at + count + 1)) {
        ("ago", _) => Some((unit.from(today, -number)?, count + 1)),
        ("from", "now" | "today") => Some((unit.from(today, number)?, count + 2)),
        _ => None,
    }
}

/// "the 3rd", "on 3rd": the next such day, today included.
fn day_of_month(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<(Date, usize)> {
    let the = usize::from(pieces.get(at) == "the");
    let introduced = the == 1 || matches!(pieces.before(at), "on" | "by" | "until" | "till" | "before" | "from" | "since");
    let day =
        ordinal_digits(pieces.get(at + the)).and_then(|day| i8::try_from(day).ok()).filter(|day| introduced && (1..=31).contains(day))?;
    let counted = matches!(
        pieces.get(at + the + 1),
        "one" | "order" | "item" | "payment" | "instalment" | "installment" | "option" | "time" | "purchase" | "parcel"
    );
    if counted {
        return None;
    }
    let mut month = today.first_of_month();
    for _ in 0..3 {
        if let Ok(date) = Date::new(month.year(), month.month(), day)
            && date >= today
        {
            return Some((date, the + 1));
        }
        month = plus(month, 1.months())?;
    }
    None
}

fn span(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    count_of_units(pieces, at).map(|(number, unit, count)| (unit.days(number), count))
}

#[cfg(test)]
mod tests {
    use crate::understanding::entities::tests::short;

    #[test]
    fn dates_are_read() {
        // Today is Friday 4 December 2026.
        let cases: &[(&str, &[&str])] = &[
            ("today", &["date 2026-12-04"]),
            ("tomorrow", &["date 2026-12-05"]),
            ("since yesterday", &["date 2026-12-03"]),
            ("the day after tomorrow", &["date 2026-12-06"]),
            ("friday", &["date 2026-12-11"]),
            ("on monday", &["date 2026-12-07"]),
            ("this sunday", &["date 2026-12-06"]),
            ("next friday", &["date 2026-12-11"]),
            ("next sunday", &["date 2026-12-13"]),
            ("last friday", &["date 2026-11-27"]),
            ("last thursday", &["date 2026-12-03"]),
            ("tuesday next week", &["date 2026-12-08"]),
            ("i sat at home all day", &[]),
            ("12 dec", &["date 2026-12-12"]),
            ("Dec 12th", &["date 2026-12-12"]),
            ("the 12th of December", &["date 2026-12-12"]),
            ("12 December 2027", &["date 2027-12-12"]),
            ("5 january", &["date 2027-01-05"]),
            ("20 nov", &["date 2026-11-20"]),
            ("12dec", &["date 2026-12-12"]),
            ("12/12", &["date 2026-12-12"]),
            ("7/12", &["date 2026-12-07"]),
            ("07/12/26", &["date 2026-12-07"]),
            ("12.12.2026", &["date 2026-12-12"]),
            ("2026-12-20", &["date 2026-12-20"]),
            ("31/2", &[]),
            ("the 3rd", &["date 2027-01-03", "ordinal 3"]),
            ("by the 25th", &["date 2026-12-25", "ordinal 25"]),
            ("on 25th", &["date 2026-12-25"]),
            ("in two weeks", &["date 2026-12-18"]),
            ("in 3 days", &["date 2026-12-07"]),
            ("10 days ago", &["date 2026-11-24"]),
            ("a week ago", &["date 2026-11-27"]),
            ("next week", &["date 2026-12-11"]),
            ("next month", &["date 2027-01-04"]),
            ("last month", &["date 2026-11-04"]),
            ("end of the month", &["date 2026-12-31"]),
            ("end of next month", &["date 2027-01-31"]),
            ("a week", &["days 7"]),
            ("10 days", &["days 10"]),
            ("10days", &["days 10"]),
            ("two more weeks", &["days 14"]),
            ("a couple of weeks", &["days 14"]),
            ("a fortnight", &["days 14"]),
            ("for a month", &["days 30"]),
            ("5 working days", &["days 5"]),
            ("in 999999999 weeks", &["number 999999999", "reference 999999999"]),
            ("it may not come", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(short(text, "GBP"), *wanted, "{text}");
        }
    }

    #[test]
    fn american_dates_have_the_month_first() {
        assert_eq!(short("7/12", "USD"), ["date 2026-07-12"]);
        assert_eq!(short("25/12", "USD"), ["date 2026-12-25"]);
    }

    #[test]
    fn dotted_pairs_are_both() {
        assert_eq!(short("12.12", "EUR"), ["money 1212 EUR", "date 2026-12-12"]);
        assert_eq!(short("45.50", "EUR"), ["money 4550 EUR"]);
    }
}
