//! What dates and spans are read, by language and market. Today is Friday 4 December 2026 unless a test says otherwise.

use crate::domain::market::Market;
use crate::understanding::entities::find;
use crate::understanding::entities::tests::{check, check_british};
use crate::understanding::{EntityValue, ReadContext};
use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;

#[test]
fn english() {
    check_british(&[
        ("today", "date 2026-12-04"),
        ("tomorrow", "date 2026-12-05"),
        ("since yesterday", "date 2026-12-03"),
        ("this morning", "date 2026-12-04"),
        ("the day after tomorrow", "date 2026-12-06"),
        ("the day before yesterday", "date 2026-12-02"),
        ("friday", "date 2026-12-11 or 2026-11-27"),
        ("on monday", "date 2026-12-07 or 2026-11-30"),
        ("since monday", "date 2026-11-30 or 2026-12-07"),
        ("this sunday", "date 2026-12-06"),
        ("next friday", "date 2026-12-11"),
        ("next sunday", "date 2026-12-13"),
        ("last friday", "date 2026-11-27"),
        ("last Tuesday", "date 2026-12-01"),
        ("last thursday", "date 2026-12-03"),
        ("tuesday next week", "date 2026-12-08"),
        ("next week on tuesday", "date 2026-12-08"),
        ("tuesday last week", "date 2026-11-24"),
        ("the Friday after next", "date 2026-12-18"),
        ("a week on Friday", "date 2026-12-18"),
        ("a week on tuesday", "date 2026-12-15"),
        ("Friday week", "date 2026-12-18"),
        ("tuesday fortnight", "date 2026-12-22"),
        ("two weeks on monday", "date 2026-12-21"),
        ("a week tomorrow", "date 2026-12-12"),
        ("a week from today", "date 2026-12-11"),
        ("tomorrow week", "date 2026-12-12"),
        ("at the weekend", "date 2026-12-05 or 2026-11-28"),
        ("i sat at home all day", ""),
        ("friday 12 december", "date 2026-12-12 or 2025-12-12"),
        ("on Friday the 11th", "date 2026-12-11 or 2026-11-11"),
        ("Monday, 7 Dec", "date 2026-12-07 or 2025-12-07"),
        ("12 dec", "date 2026-12-12 or 2025-12-12"),
        ("4 dec", "date 2026-12-04"),
        ("Dec 12th", "date 2026-12-12 or 2025-12-12"),
        ("the 12th of December", "date 2026-12-12 or 2025-12-12"),
        ("the third of march", "date 2027-03-03 or 2026-03-03"),
        ("12 December 2027", "date 2027-12-12"),
        ("5 january", "date 2027-01-05 or 2026-01-05"),
        ("20 nov", "date 2026-11-20 or 2027-11-20"),
        ("12dec", "date 2026-12-12 or 2025-12-12"),
        ("12/12", "date 2026-12-12 or 2025-12-12"),
        ("3/12", "date 2026-12-03 or 2027-12-03"),
        ("07/12/26", "date 2026-12-07"),
        ("12.12.2026", "date 2026-12-12"),
        ("2026-12-20", "date 2026-12-20"),
        ("2026/12/20", "date 2026-12-20"),
        ("2026-12-20T09:00", "date 2026-12-20"),
        ("31/2", ""),
        ("31 February", "number 31"),
        ("29 feb", "date 2028-02-29 or 2024-02-29"),
        ("29.02.2027", ""),
        ("24/7 support", ""),
        ("payment 1/3", ""),
        ("the 3rd", "date 2027-01-03 or 2026-12-03, ordinal 3"),
        ("by the 25th", "date 2026-12-25 or 2026-11-25, ordinal 25"),
        ("on 25th", "date 2026-12-25 or 2026-11-25"),
        ("since the 3rd", "date 2026-12-03 or 2027-01-03, ordinal 3"),
        ("the 31st", "date 2026-12-31 or 2026-10-31, ordinal 31"),
        ("the 3rd one", "ordinal 3"),
        ("the 3rd order", "ordinal 3"),
        ("the third", "ordinal 3"),
        ("on the third", "date 2027-01-03 or 2026-12-03, ordinal 3"),
        ("the 1st of next month", "date 2027-01-01"),
        ("the first of the month", "date 2026-12-01"),
        ("in two weeks", "date 2026-12-18"),
        ("in a fortnight", "date 2026-12-18"),
        ("in 2 weeks time", "date 2026-12-18"),
        ("within the next 10 days", "date 2026-12-14"),
        ("in 3 days", "date 2026-12-07"),
        ("2 weeks from now", "date 2026-12-18"),
        ("10 days ago", "date 2026-11-24"),
        ("two weeks ago", "date 2026-11-20"),
        ("2 wks ago", "date 2026-11-20"),
        ("2wks ago", "date 2026-11-20"),
        ("a couple of days ago", "date 2026-12-02"),
        ("a week ago", "date 2026-11-27"),
        ("over 2 weeks ago", "date 2026-11-20"),
        ("48 hours ago", "date 2026-12-02"),
        ("next week", "date 2026-12-11"),
        ("the week after next", "date 2026-12-18"),
        ("next month", "date 2027-01-04"),
        ("last month", "date 2026-11-04"),
        ("last week", "date 2026-11-27"),
        ("end of the month", "date 2026-12-31 or 2026-11-30"),
        ("end of this month", "date 2026-12-31 or 2026-11-30"),
        ("month end", "date 2026-12-31 or 2026-11-30"),
        ("end of next month", "date 2027-01-31"),
        ("beginning of next month", "date 2027-01-01"),
        ("start of the month", "date 2027-01-01 or 2026-12-01"),
        ("middle of next month", "date 2027-01-15"),
        ("end of the week", "date 2026-12-06"),
        ("end of january", "date 2027-01-31 or 2026-01-31"),
        ("end of december", "date 2026-12-31 or 2025-12-31"),
        ("mid-march", "date 2027-03-15 or 2026-03-15"),
        ("between the 3rd and the 5th", "date 2027-01-03 or 2026-12-03, ordinal 3, date 2026-12-05 or 2026-11-05, ordinal 5"),
        ("between the 3rd and 5th december", "date 2026-12-03 or 2027-12-03, ordinal 3, date 2026-12-05 or 2025-12-05"),
        ("3-5 december", "date 2026-12-03 or 2027-12-03, date 2026-12-05 or 2025-12-05"),
        ("from 3 to 5 jan", "date 2026-01-03 or 2027-01-03, date 2027-01-05 or 2026-01-05"),
        ("in 999999999 weeks", "number 999999999, reference 999999999"),
        ("it may not come", ""),
        ("next payday", ""),
        ("the other day", ""),
        ("see you at 5 may be", "number 5"),
    ]);
}

#[test]
fn spans() {
    check_british(&[
        ("a week", "days 7"),
        ("10 days", "days 10"),
        ("10days", "days 10"),
        ("10-day", "days 10"),
        ("10d", "days 10"),
        ("three weeks", "days 21"),
        ("ten days", "days 10"),
        ("two more weeks", "days 14"),
        ("a couple of weeks", "days 14"),
        ("a couple of days", "days 2"),
        ("a few days", "days 3"),
        ("a fortnight", "days 14"),
        ("for a month", "days 30"),
        ("5 working days", "days 5"),
        ("over two weeks", "days 14"),
        ("48 hours", "days 2"),
        ("3 hours", "number 3"),
        ("2-3 weeks", "days 14, days 21"),
        ("two or three days", "days 2, days 3"),
        ("zwei Wochen", "days 14"),
        ("seit zwei Wochen", "days 14"),
        ("ein paar Tage", "days 3"),
        ("vierzehn Tage", "days 14"),
        ("14 dagar", "days 14"),
        ("ett par veckor", "days 14"),
        ("några dagar", "days 3"),
        ("drie weken", "days 21"),
        ("kaksi viikkoa", "days 14"),
        ("en vecka", "days 7"),
        ("1000000 days", "number 1000000, reference 1000000"),
    ]);
}

#[test]
fn other_languages() {
    check(&[
        ("heute", "DE", "date 2026-12-04"),
        ("morgen", "DE", "date 2026-12-05"),
        ("guten Morgen", "DE", ""),
        ("übermorgen", "DE", "date 2026-12-06"),
        ("vorgestern", "DE", "date 2026-12-02"),
        ("nächsten Freitag", "DE", "date 2026-12-11"),
        ("am Freitag", "DE", "date 2026-12-11 or 2026-11-27"),
        ("letzten Dienstag", "DE", "date 2026-12-01"),
        ("Freitag in einer Woche", "DE", "date 2026-12-18"),
        ("vor zwei Wochen", "DE", "date 2026-11-20"),
        ("vor einem Monat", "DE", "date 2026-11-04"),
        ("in 14 Tagen", "DE", "date 2026-12-18"),
        ("nächste Woche", "DE", "date 2026-12-11"),
        ("übernächste Woche", "DE", "date 2026-12-18"),
        ("übernächsten Freitag", "DE", "date 2026-12-18"),
        ("letzten Monat", "DE", "date 2026-11-04"),
        ("am 3. März", "DE", "date 2027-03-03 or 2026-03-03"),
        ("am 3.", "DE", "date 2027-01-03 or 2026-12-03"),
        ("bis zum 15.", "DE", "date 2026-12-15 or 2026-11-15"),
        ("vom 3. bis 5. März", "DE", "date 2026-03-03 or 2027-03-03, date 2027-03-05 or 2026-03-05"),
        ("am 12.12.", "DE", "date 2026-12-12 or 2025-12-12"),
        ("Ende des Monats", "DE", "date 2026-12-31 or 2026-11-30"),
        ("Anfang nächsten Monats", "DE", "date 2027-01-01"),
        ("Ende März", "DE", "date 2027-03-31 or 2026-03-31"),
        ("idag", "SE", "date 2026-12-04"),
        ("i dag", "SE", "date 2026-12-04"),
        ("i morgon", "SE", "date 2026-12-05"),
        ("i övermorgon", "SE", "date 2026-12-06"),
        ("igår", "SE", "date 2026-12-03"),
        ("i går", "SE", "date 2026-12-03"),
        ("i förrgår", "SE", "date 2026-12-02"),
        ("nästa fredag", "SE", "date 2026-12-11"),
        ("på fredag", "SE", "date 2026-12-11 or 2026-11-27"),
        ("i fredags", "SE", "date 2026-11-27"),
        ("förra tisdagen", "SE", "date 2026-12-01"),
        ("om två veckor", "SE", "date 2026-12-18"),
        ("för två veckor sedan", "SE", "date 2026-11-20"),
        ("två veckor sen", "SE", "date 2026-11-20"),
        ("nästa vecka", "SE", "date 2026-12-11"),
        ("förra månaden", "SE", "date 2026-11-04"),
        ("den 3.", "SE", "date 2027-01-03 or 2026-12-03"),
        ("den 3", "SE", "date 2027-01-03 or 2026-12-03"),
        ("den 3:e mars", "SE", "date 2027-03-03 or 2026-03-03"),
        ("3 mars", "SE", "date 2027-03-03 or 2026-03-03"),
        ("den tredje mars", "SE", "date 2027-03-03 or 2026-03-03"),
        ("mellan den 3 och 5 mars", "SE", "date 2027-03-03 or 2026-03-03, date 2027-03-05 or 2026-03-05"),
        ("i slutet av månaden", "SE", "date 2026-12-31 or 2026-11-30"),
        ("i början av nästa månad", "SE", "date 2027-01-01"),
        ("morgen", "NL", "date 2026-12-05"),
        ("overmorgen", "NL", "date 2026-12-06"),
        ("volgende week", "NL", "date 2026-12-11"),
        ("volgende vrijdag", "NL", "date 2026-12-11"),
        ("vorige dinsdag", "NL", "date 2026-12-01"),
        ("over twee weken", "NL", "date 2026-12-18"),
        ("over een week", "NL", "date 2026-12-11"),
        ("twee weken geleden", "NL", "date 2026-11-20"),
        ("op de 3e", "NL", "date 2027-01-03 or 2026-12-03, ordinal 3"),
        ("3 maart", "NL", "date 2027-03-03 or 2026-03-03"),
        ("eind maart", "NL", "date 2027-03-31 or 2026-03-31"),
        ("huomenna", "FI", "date 2026-12-05"),
        ("ylihuomenna", "FI", "date 2026-12-06"),
        ("ensi perjantaina", "FI", "date 2026-12-11"),
        ("viime tiistaina", "FI", "date 2026-12-01"),
        ("ensi viikolla", "FI", "date 2026-12-11"),
        ("kaksi viikkoa sitten", "FI", "date 2026-11-20"),
        ("viikko sitten", "FI", "date 2026-11-27"),
        ("kahden viikon päästä", "FI", "date 2026-12-18"),
        ("3. maaliskuuta", "FI", "date 2027-03-03 or 2026-03-03"),
        ("3. päivä", "FI", "date 2027-01-03 or 2026-12-03"),
        ("kuun lopussa", "FI", "date 2026-12-31 or 2026-11-30"),
        ("ensi kuun alussa", "FI", "date 2027-01-01"),
    ]);
}

#[test]
fn day_and_month_are_ordered_by_market() {
    check(&[
        ("3/12", "US", "date 2027-03-12 or 2026-03-12"),
        ("3/12", "US-NY", "date 2027-03-12 or 2026-03-12"),
        ("3/12/2026", "US", "date 2026-03-12"),
        ("25/12", "US", "date 2026-12-25 or 2025-12-25"),
        ("12/3", "JP", "date 2026-12-03 or 2027-12-03"),
        ("3/12", "SE", "date 2026-12-03 or 2027-12-03"),
        ("3.12.2026", "DE", "date 2026-12-03"),
        ("12.12", "DE", "money 1212 EUR, date 2026-12-12 or 2025-12-12"),
        ("45.50", "DE", "money 4550 EUR"),
    ]);
}

fn read_at(text: &str, market: &str, now: &str) -> Vec<String> {
    let context = ReadContext::of(Market::of(market), now.parse().expect("an instant"));
    let date = |value| if let EntityValue::Date(date) = value { Some(date.to_string()) } else { None };
    find(text, &context).into_iter().filter_map(|entity| date(entity.value)).collect()
}

#[test]
fn edges_of_days_months_and_years() {
    for (text, market, now, wanted) in [
        // Just before midnight in London it is Saturday in Stockholm and still Friday in New York.
        ("tomorrow", "GB", "2026-12-04T23:30:00Z", "2026-12-05"),
        ("tomorrow", "SE", "2026-12-04T23:30:00Z", "2026-12-06"),
        ("tomorrow", "JP", "2026-12-04T16:00:00Z", "2026-12-06"),
        ("tomorrow", "US", "2026-12-05T03:00:00Z", "2026-12-05"),
        // The clocks change.
        ("in 1 day", "GB", "2026-03-28T12:00:00Z", "2026-03-29"),
        ("in 2 days", "SE", "2026-10-24T21:30:00Z", "2026-10-26"),
        ("next month", "GB", "2027-01-31T12:00:00Z", "2027-02-28"),
        ("in a month", "GB", "2028-01-31T12:00:00Z", "2028-02-29"),
        ("last month", "GB", "2026-03-31T12:00:00Z", "2026-02-28"),
        ("tomorrow", "GB", "2028-02-28T12:00:00Z", "2028-02-29"),
        ("in a year", "GB", "2028-02-29T12:00:00Z", "2029-02-28"),
        ("a week ago", "GB", "2027-01-03T12:00:00Z", "2026-12-27"),
        ("the 31st", "GB", "2026-02-10T12:00:00Z", "2026-03-31 2026-01-31"),
        ("the 30th", "GB", "2026-01-31T12:00:00Z", "2026-03-30 2026-01-30"),
        ("the 10th", "GB", "2026-02-10T12:00:00Z", "2026-02-10"),
        ("29 feb", "GB", "2028-02-29T12:00:00Z", "2028-02-29"),
        ("end of the month", "GB", "2028-02-03T12:00:00Z", "2028-02-29 2028-01-31"),
        ("end of february", "GB", "2026-12-04T12:00:00Z", "2027-02-28 2026-02-28"),
        ("start of the month", "GB", "2026-12-01T12:00:00Z", "2026-12-01"),
        ("sunday", "GB", "2026-12-06T12:00:00Z", "2026-12-13 2026-11-29"),
        ("next monday", "GB", "2026-12-06T12:00:00Z", "2026-12-07"),
        ("end of the week", "GB", "2026-12-06T12:00:00Z", "2026-12-06"),
        ("yesterday", "GB", "2027-01-01T12:00:00Z", "2026-12-31"),
    ] {
        assert_eq!(read_at(text, market, now).join(" "), wanted, "{text} in {market} at {now}");
    }
}

proptest! {
    #[test]
    fn in_some_days_is_that_many_days_on(seconds in 1_700_000_000_i64..2_000_000_000, days in 0_i64..3_000, market in 0_usize..8) {
        let market = Market::of(crate::domain::market::CODES[market]);
        let now = jiff::Timestamp::from_second(seconds).expect("an instant");
        let context = ReadContext::of(market, now);
        let read = |text: String| find(&text, &context).into_iter().next().map(|entity| entity.value);
        let today: Date = market.date(now);
        prop_assert_eq!(read(format!("in {days} days")), Some(EntityValue::Date(today + days.days())));
        prop_assert_eq!(read(format!("{days} days ago")), Some(EntityValue::Date(today - days.days())));
        let date = today + days.days();
        prop_assert_eq!(read(date.to_string()), Some(EntityValue::Date(date)));
    }

    #[test]
    fn a_date_without_a_year_lies_on_both_sides(month in 1_i8..=12, day in 1_i8..=31, days in 0_i64..3_000) {
        let today = Date::constant(2026, 1, 1) + days.days();
        if let Some(dated) = super::calendar::both_sides(month, day, today) {
            for date in [Some(dated.likely), dated.other].into_iter().flatten() {
                prop_assert_eq!((date.month(), date.day()), (month, day));
            }
            if let Some(other) = dated.other {
                prop_assert!((dated.likely >= today) != (other >= today));
            }
        } else {
            prop_assert!(Date::new(2028, month, day).is_err());
        }
    }
}
