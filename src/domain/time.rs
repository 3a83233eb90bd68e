//! Time: the only place that reads a clock. Everything else gets `now` as an argument.

use super::language::Language;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// The server's idea of now: the wall clock plus an offset that only `--clock` and the demo's `POST /api/clock` set.
#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// A clock that follows the wall clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that says `start` now and runs on from there.
    pub fn starting_at(start: Timestamp) -> Self {
        let clock = Self::system();
        clock.offset_ms.store(start.as_millisecond() - wall_ms(), Ordering::SeqCst);
        clock
    }

    /// Now, to the millisecond.
    pub fn now(&self) -> Timestamp {
        from_ms(wall_ms() + self.offset_ms.load(Ordering::SeqCst))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

/// The wall clock, for what belongs to the outside world whatever the demo's clock says: expiry of signed tokens and of desk sessions.
pub fn wall() -> Timestamp {
    from_ms(wall_ms())
}

fn wall_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// An instant from milliseconds since the epoch; out of range becomes the nearest instant.
pub fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// A date as people say it: `Friday 11 December` within two weeks of today, else `12 January 2027`.
pub fn spoken(date: Date, today: Date, language: Language) -> String {
    let near = today.until(date).is_ok_and(|span| span.get_days().abs() <= 14);
    let (weekday, day, month, year) = (language.weekday(date), date.day(), language.month(date), date.year());
    match (language, near) {
        (Language::German, true) => format!("{weekday}, {day}. {month}"),
        (Language::German, false) => format!("{day}. {month} {year}"),
        (Language::English | Language::Swedish, true) => format!("{weekday} {day} {month}"),
        (Language::English | Language::Swedish, false) => format!("{day} {month} {year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn says_dates() {
        let today = date(2026, 12, 4);
        assert_eq!(spoken(date(2026, 12, 11), today, Language::English), "Friday 11 December");
        assert_eq!(spoken(date(2027, 1, 12), today, Language::English), "12 January 2027");
        assert_eq!(spoken(date(2026, 11, 30), today, Language::Swedish), "måndag 30 november");
        assert_eq!(spoken(date(2026, 12, 11), today, Language::German), "Freitag, 11. Dezember");
        assert_eq!(spoken(date(2027, 1, 12), today, Language::German), "12. Januar 2027");
    }
}
