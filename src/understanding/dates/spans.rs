//! Spans of time ("three weeks", "14 dagar", "a couple of days") and days that are a span away: "in a fortnight", "two weeks ago",
//! "vor zwei Wochen", "a week on Friday", "next month", "end of the month".

use super::{Dated, calendar, days_on, plus, weekdays};
use crate::understanding::lexicon::{Unit, role, senses};
use crate::understanding::numbers;
use crate::understanding::pieces::Pieces;
use jiff::civil::Date;
use jiff::{Span as Distance, ToSpan};

/// Longer spans are taken for something else, in days.
const LONGEST_DAYS: i64 = 3_660;

/// A number of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) number: i64,
    pub(super) unit: Unit,
    /// How many pieces it takes.
    pub(super) count: usize,
}

impl Span {
    /// In days; a month has 30, a year 365, 24 hours are one.
    pub(super) fn days(&self) -> i64 {
        self.number
            * match self.unit {
                Unit::Hour => return self.number / 24,
                Unit::Day => 1,
                Unit::Week => 7,
                Unit::Fortnight => 14,
                Unit::Month => 30,
                Unit::Year => 365,
            }
    }

    /// That much after a date, or before it with -1.
    fn from(&self, date: Date, sign: i64) -> Option<Date> {
        let number = self.number * sign;
        plus(
            date,
            match self.unit {
                Unit::Month => Distance::new().try_months(number).ok()?,
                Unit::Year => Distance::new().try_years(number).ok()?,
                Unit::Hour | Unit::Day | Unit::Week | Unit::Fortnight => Distance::new().try_days(self.days() * sign).ok()?,
            },
        )
    }

    /// Whole days, and not too many.
    fn fits(&self) -> bool {
        (0..=LONGEST_DAYS).contains(&self.number) && self.days() <= LONGEST_DAYS && (self.unit != Unit::Hour || self.number >= 24)
    }
}

/// "two weeks", "a week", "10days", "a couple of days", "viikon".
pub(super) fn span(pieces: &Pieces<'_>, at: usize) -> Option<Span> {
    let word = pieces.word(at);
    let piece = pieces.get(at);
    let (number, mut count) = if piece.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let number = numbers::digits(piece.get(..digits)?)?;
        if digits < piece.len() {
            return attached(&piece[digits..]).map(|unit| Span { number, unit, count: 1 }).filter(Span::fits);
        }
        match numbers::words(pieces, at) {
            Some(found) => found,
            None => (number, 1),
        }
    } else {
        let article = usize::from(word.is(role::A));
        let few = pieces.word(at + article);
        if few.is(role::TWO | role::THREE) && (article == 1 || few.is(role::TWO) || piece != "few") {
            let of = usize::from(pieces.get(at + article + 1) == "of");
            (if few.is(role::TWO) { 2 } else { 3 }, article + 1 + of)
        } else if let Some(found) = numbers::words(pieces, at) {
            found
        } else if article == 1 {
            (1, 1)
        } else {
            return None;
        }
    };
    count += usize::from(pieces.word(at + count).is(role::MORE));
    let unit = pieces.word(at + count).unit?;
    Some(Span { number, unit, count: count + 1 }).filter(Span::fits)
}

/// The unit of "10days", "2wks", "24h", "14d", "10-day".
fn attached(word: &str) -> Option<Unit> {
    match word {
        "d" => Some(Unit::Day),
        "w" => Some(Unit::Week),
        _ => senses(word.trim_start_matches('-')).unit,
    }
}

/// A span in days, or the lower end of a range: "2-3 weeks" gives 14, and the "3 weeks" behind it 21.
pub(super) fn days(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    if let Some(span) = span(pieces, at) {
        return Some((span.days(), span.count));
    }
    let (number, count) = numbers::digits(pieces.get(at)).map(|number| (number, 1)).or_else(|| numbers::words(pieces, at))?;
    let to = usize::from(pieces.word(at + count).is(role::TO));
    if to == 0 && !pieces.dashed(at + count - 1) {
        return None;
    }
    let upper = span(pieces, at + count + to).filter(|upper| upper.number > number)?;
    let lower = Span { number, ..upper };
    lower.fits().then_some((lower.days(), count))
}

/// A day that is a span away from today or from another day.
pub(super) fn relative(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let word = pieces.word(at);
    if word.is(role::IN | role::IN_DUTCH) {
        return ahead(pieces, at, today);
    }
    if word.is(role::AGO_BEFORE) {
        let span = span(pieces, at + 1)?;
        return Some(Dated::only(span.from(today, -1)?, span.count + 1));
    }
    if let Some(dated) = edge(pieces, at, today).or_else(|| next_or_last(pieces, at, today)) {
        return Some(dated);
    }
    let swedish = usize::from(pieces.get(at) == "for");
    let span = bare_unit(pieces, at).or_else(|| span(pieces, at + swedish))?;
    let end = at + swedish + span.count;
    let next = pieces.word(end);
    if next.is(role::AGO) {
        return Some(Dated::only(span.from(today, -1)?, swedish + span.count + 1));
    }
    if swedish == 1 {
        return None;
    }
    if next.is(role::IN_AFTER) {
        return Some(Dated::only(span.from(today, 1)?, span.count + 1));
    }
    let on = usize::from(matches!(pieces.get(end), "on" | "from" | "after" | "ab" | "fran" | "vanaf"));
    if matches!(pieces.get(end + on), "now") && on == 1 {
        return Some(Dated::only(span.from(today, 1)?, span.count + 2));
    }
    if let Some((days, more)) = weekdays::day_offset(pieces, end + on).filter(|(days, _)| *days >= 0 && (on == 1 || span.number == 1)) {
        return Some(Dated::only(span.from(days_on(today, days)?, 1)?, span.count + on + more));
    }
    let weekday = weekdays::weekday_at(pieces, end + on).filter(|_| {
        matches!(span.unit, Unit::Week | Unit::Fortnight) && (on == 1 || span.number == 1) && !pieces.word(end + on).is(role::BEFORE_TODAY)
    })?;
    let coming = i64::from(weekday.to_monday_zero_offset()) - i64::from(today.weekday().to_monday_zero_offset());
    let days = (coming - 1).rem_euclid(7) + 1;
    Some(Dated::only(span.from(days_on(today, days)?, 1)?, span.count + on + 1))
}

/// Finnish "viikko sitten", "viikon päästä": one of the unit.
fn bare_unit(pieces: &Pieces<'_>, at: usize) -> Option<Span> {
    let unit = pieces.word(at).unit.filter(|_| pieces.word(at + 1).is(role::AGO | role::IN_AFTER))?;
    (pieces.get(at + 1) != "sedan" && pieces.get(at + 1) != "sen").then_some(Span { number: 1, unit, count: 1 })
}

/// "in two weeks", "within the next 10 days", "om en vecka", "over twee weken".
fn ahead(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let the = usize::from(pieces.word(at + 1).is(role::THE));
    let next = usize::from(pieces.word(at + 1 + the).is(role::NEXT));
    let skip = 1 + if next == 1 { the + next } else { 0 };
    let span = span(pieces, at + skip)?;
    let dutch = (at + skip..at + skip + span.count).any(|at| pieces.word(at).is(role::DUTCH));
    if pieces.word(at).is(role::IN_DUTCH) && !dutch {
        return None;
    }
    let end = at + skip + span.count;
    let time = usize::from(matches!(pieces.get(end), "time"));
    if pieces.word(end).is(role::AGO) {
        return None;
    }
    Some(Dated::only(span.from(today, 1)?, skip + span.count + time))
}

/// "next week", "last month", "the week after next", "übernächste Woche".
fn next_or_last(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let the = usize::from(pieces.get(at) == "the");
    let one =
        |at: usize| pieces.word(at).unit.filter(|unit| !pieces.word(at).is(role::PLURAL) && *unit != Unit::Hour && *unit != Unit::Day);
    let shift = |number: i64, unit: Unit, count: usize| {
        let span = Span { number: number.abs(), unit, count };
        Some(Dated::only(span.from(today, number.signum())?, count))
    };
    if let Some(unit) = one(at + the) {
        return match (pieces.get(at + the + 1), pieces.get(at + the + 2)) {
            ("after", "next") => shift(2, unit, the + 3),
            ("before", "last") => shift(-2, unit, the + 3),
            _ => None,
        };
    }
    let lead = pieces.word(at);
    if !lead.is(role::NEXT | role::LAST) {
        return None;
    }
    let ahead = if lead.is(role::NEXT) { 1 + i64::from(lead.is(role::AFTER_NEXT)) } else { -1 };
    shift(ahead, one(at + 1)?, 2)
}

/// "end of the month", "beginning of next month", "Ende März", "mid-march", "kuun lopussa", "month end".
fn edge(pieces: &Pieces<'_>, at: usize, today: Date) -> Option<Dated> {
    let the = usize::from(pieces.word(at).is(role::THE) && !pieces.word(at).is(role::NEXT | role::THIS));
    let word = pieces.word(at + the);
    if let Some(month) = pieces.get(at + the).strip_prefix("mid-").map(|month| senses(month).month).filter(|month| *month > 0) {
        return calendar::both_sides(month, 15, today).map(|dated| dated.taking(the + 1));
    }
    if word.is(role::END | role::START | role::MIDDLE) {
        let fused = matches!(pieces.get(at + the), "monatsende" | "manadsslutet");
        if fused {
            return month_edge(word.roles, 0, today).map(|dated| dated.taking(the + 1));
        }
        let (mut weeks, mut count) = (0, the + 1);
        while count < the + 4 && pieces.word(at + count).is(role::OF | role::THE | role::THIS | role::NEXT | role::LAST) {
            let lead = pieces.word(at + count);
            weeks += i64::from(lead.is(role::NEXT)) - i64::from(lead.is(role::LAST));
            count += 1;
        }
        let target = pieces.word(at + count);
        if target.month > 0 {
            return edge_of(word.roles, target.month, today).map(|dated| dated.taking(count + 1));
        }
        // "end week" is no edge, "end of week" is.
        if count == the + 1 || target.is(role::PLURAL) {
            return None;
        }
        return period_edge(word.roles, target.unit?, weeks, today).map(|dated| dated.taking(count + 1));
    }
    // The edge stands behind: "month end", "kuun lopussa", "ensi kuun alussa", "maaliskuun lopussa".
    let led = usize::from(word.is(role::NEXT | role::LAST | role::THIS));
    let place = at + the + led;
    let behind = pieces.word(place + 1);
    if !behind.is(role::END | role::START | role::MIDDLE) || pieces.word(place + 2).month > 0 || pieces.word(place + 2).is(role::OF) {
        return None;
    }
    let months = i64::from(led == 1 && word.is(role::NEXT)) - i64::from(led == 1 && word.is(role::LAST));
    let target = pieces.word(place);
    if target.month > 0 {
        return edge_of(behind.roles, target.month, today).map(|dated| dated.taking(the + led + 2));
    }
    let unit = target.unit.filter(|_| !target.is(role::PLURAL))?;
    period_edge(behind.roles, unit, months, today).map(|dated| dated.taking(the + led + 2))
}

fn period_edge(roles: u64, unit: Unit, ahead: i64, today: Date) -> Option<Dated> {
    match unit {
        Unit::Month => month_edge(roles, ahead, today),
        Unit::Week => {
            let monday = days_on(today, 7 * ahead - i64::from(today.weekday().to_monday_zero_offset()))?;
            let date = days_on(monday, if roles & role::END != 0 { 6 } else { 7 * i64::from(ahead == 0) })?;
            Some(Dated::only(date, 1))
        }
        Unit::Year => {
            let start =
                plus(today.first_of_year(), Distance::new().try_years(ahead + i64::from(ahead == 0 && roles & role::START != 0)).ok()?)?;
            Some(Dated::only(if roles & role::END != 0 { start.last_of_year() } else { start }, 1))
        }
        Unit::Hour | Unit::Day | Unit::Fortnight => None,
    }
}

/// The first, the 15th or the last day of the month that is so many ahead. Without "next" or "last" also on the other side of today.
fn month_edge(roles: u64, ahead: i64, today: Date) -> Option<Dated> {
    let of = |months: i64| {
        let first = plus(today.first_of_month(), months.months())?;
        if roles & role::END != 0 {
            Some(first.last_of_month())
        } else if roles & role::START != 0 {
            Some(first)
        } else {
            days_on(first, 14)
        }
    };
    if ahead != 0 {
        return of(ahead).map(|date| Dated::only(date, 1));
    }
    let coming = [0, 1].into_iter().filter_map(of).find(|date| *date >= today)?;
    let passed = [0, -1].into_iter().filter_map(of).find(|date| *date < today);
    Some(Dated { likely: coming, other: passed.filter(|_| coming != today), count: 1 })
}

/// The first, the 15th or the last day of a named month.
fn edge_of(roles: u64, month: i8, today: Date) -> Option<Dated> {
    if roles & role::START != 0 {
        return calendar::both_sides(month, 1, today);
    }
    if roles & role::MIDDLE != 0 {
        return calendar::both_sides(month, 15, today);
    }
    let last = |date: Date| date.last_of_month();
    let first = calendar::both_sides(month, 1, today)?;
    let mut dates = [Some(first.likely), first.other].into_iter().flatten().map(last);
    let (one, two) = (dates.next()?, dates.next());
    let year = Distance::new().try_years(1).ok()?;
    // The first of this month has passed while its last has not.
    match two {
        Some(two) if one >= today && two >= today => {
            Some(Dated { likely: one.min(two), other: one.min(two).first_of_month().checked_sub(year).ok().map(last), count: 1 })
        }
        _ => Some(Dated { likely: one, other: two, count: 1 }),
    }
}
