//! When a team is there: open times by weekday on a market's clock, with its holidays. Pure arithmetic on instants.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Minutes of a day.
pub const DAY: u16 = 24 * 60;
/// How far ahead an opening is looked for, in days.
const HORIZON: i32 = 60;

/// Open times of a week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// From and until, in minutes after midnight (0 to 1440), Monday first. `None`: closed.
    pub days: [Option<(u16, u16)>; 7],
    /// Whether holidays are closed days.
    pub keeps_holidays: bool,
}

/// A week in one place: with its zone and its holidays.
#[derive(Clone, Debug)]
pub struct Hours<'a> {
    /// The open times.
    pub week: &'a Week,
    /// The zone whose clock they are on.
    pub zone: &'a TimeZone,
    /// Days on which nobody is there.
    pub holidays: Option<&'a BTreeSet<Date>>,
}

impl Hours<'_> {
    /// Whether somebody is there.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        self.span(local.date()).is_some_and(|(from, until)| from <= at && at < until)
    }

    /// The next opening after `at`; `None` when it is open now, or never opens within two months.
    pub fn opens_after(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return None;
        }
        self.spans(at).map(|(from, _)| from).find(|from| *from > at)
    }

    /// The instant at which so much open time has passed since `from`. Never open: the plain instant, so that nothing waits for good.
    pub fn after(&self, from: Timestamp, open_time: SignedDuration) -> Timestamp {
        let mut left = open_time;
        for (opens, closes) in self.spans(from) {
            let start = opens.max(from);
            let here = closes.duration_since(start);
            if here >= left {
                return start.saturating_add(left).unwrap_or(Timestamp::MAX);
            }
            if here > SignedDuration::ZERO {
                left -= here;
            }
        }
        from.saturating_add(open_time).unwrap_or(Timestamp::MAX)
    }

    /// Times at which somebody could call back: full hours in open time, from the next but one on, `most` of them.
    pub fn slots(&self, now: Timestamp, most: usize) -> Vec<Timestamp> {
        let hour = SignedDuration::from_hours(1);
        let soonest = now.saturating_add(hour).unwrap_or(Timestamp::MAX);
        let spans = self.spans(now).flat_map(|(opens, closes)| {
            std::iter::successors(Some(opens), move |at| at.checked_add(hour).ok()).take_while(move |at| *at < closes)
        });
        spans.filter(|at| *at >= soonest).step_by(2).take(most).collect()
    }

    /// The open spans of the days from the day of `at` on.
    fn spans(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = at.to_zoned(self.zone.clone()).date();
        (0..HORIZON).filter_map(move |days| self.span(super::market::days_after(first, days)))
    }

    /// The open span of a date. A clock change makes a day shorter or longer; the times on the wall stay.
    fn span(&self, on: Date) -> Option<(Timestamp, Timestamp)> {
        if self.week.keeps_holidays && self.holidays.is_some_and(|days| days.contains(&on)) {
            return None;
        }
        let (from, until) = self.week.days[index(on.weekday())]?;
        let at = |minutes: u16| {
            let (date, minutes) = if minutes >= DAY { (super::market::days_after(on, 1), 0) } else { (on, minutes) };
            let hour = i8::try_from(minutes / 60).unwrap_or(0);
            let minute = i8::try_from(minutes % 60).unwrap_or(0);
            self.zone.to_ambiguous_zoned(date.at(hour, minute, 0, 0)).compatible().map_or(Timestamp::MAX, |zoned| zoned.timestamp())
        };
        Some((at(from), at(until)))
    }
}

fn index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn office() -> Week {
        let work = Some((8 * 60, 20 * 60));
        Week { days: [work, work, work, work, work, Some((10 * 60, 16 * 60)), None], keeps_holidays: true }
    }

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Stockholm").expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn evenings_sundays_and_holidays_are_closed() {
        let (week, zone) = (office(), zone());
        let holidays = BTreeSet::from([jiff::civil::date(2026, 12, 24)]);
        let hours = Hours { week: &week, zone: &zone, holidays: Some(&holidays) };
        assert!(hours.is_open(at("2026-12-04T09:00:00Z")));
        assert!(!hours.is_open(at("2026-12-04T19:00:00Z")), "closes at eight in the evening there");
        assert_eq!(hours.opens_after(at("2026-12-05T15:30:00Z")), Some(at("2026-12-07T07:00:00Z")), "Saturday evening to Monday");
        assert_eq!(hours.opens_after(at("2026-12-23T20:00:00Z")), Some(at("2026-12-25T07:00:00Z")), "over the holiday");
        assert_eq!(hours.opens_after(at("2026-12-04T09:00:00Z")), None);
    }

    #[test]
    fn open_time_runs_over_nights() {
        let (week, zone) = (office(), zone());
        let hours = Hours { week: &week, zone: &zone, holidays: None };
        let due = hours.after(at("2026-12-04T18:45:00Z"), SignedDuration::from_mins(30));
        assert_eq!(due, at("2026-12-05T09:15:00Z"), "a quarter of an hour on Friday, one on Saturday from ten");
        let shut = Week::default();
        let never = Hours { week: &shut, zone: &zone, holidays: None };
        assert_eq!(never.after(at("2026-12-04T18:45:00Z"), SignedDuration::from_mins(30)), at("2026-12-04T19:15:00Z"));
        assert_eq!(never.opens_after(at("2026-12-04T18:45:00Z")), None);
        assert!(never.slots(at("2026-12-04T18:45:00Z"), 3).is_empty());
    }

    #[test]
    fn the_night_of_a_clock_change_has_its_own_length() {
        let always = Week { days: [Some((0, DAY)); 7], keeps_holidays: false };
        let zone = zone();
        let hours = Hours { week: &always, zone: &zone, holidays: None };
        // The clock goes back on 25 October 2026, at midnight before it 25 hours are left of that day.
        assert_eq!(hours.after(at("2026-10-24T22:00:00Z"), SignedDuration::from_hours(25)), at("2026-10-25T23:00:00Z"));
        assert!(hours.is_open(at("2026-10-25T00:30:00Z")) && hours.is_open(at("2026-10-24T21:59:59Z")));
    }

    #[test]
    fn slots_are_full_hours_while_somebody_is_there() {
        let (week, zone) = (office(), zone());
        let hours = Hours { week: &week, zone: &zone, holidays: None };
        let slots = hours.slots(at("2026-12-04T17:10:00Z"), 3);
        assert_eq!(slots, [at("2026-12-05T09:00:00Z"), at("2026-12-05T11:00:00Z"), at("2026-12-05T13:00:00Z")]);
        assert!(slots.iter().all(|slot| hours.is_open(*slot)));
    }

    proptest! {
        #[test]
        fn more_work_is_never_due_sooner(start in 0_i64..40_000_000, one in 1_i64..4_000, two in 1_i64..4_000) {
            let (week, zone) = (office(), zone());
            let hours = Hours { week: &week, zone: &zone, holidays: None };
            let from = Timestamp::from_second(1_780_000_000 + start).expect("in range");
            let (less, more) = (one.min(two), one.max(two));
            let (sooner, later) = (hours.after(from, SignedDuration::from_mins(less)), hours.after(from, SignedDuration::from_mins(more)));
            prop_assert!(from < sooner && sooner <= later);
        }
    }
}
