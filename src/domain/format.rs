//! Money and dates as people read them, by language. Unknown languages read English.

use super::language::{Language, primary};
use super::money::Currency;
use jiff::civil::Date;

impl Language {
    /// The day of the week.
    pub(crate) fn weekday(self, date: Date) -> &'static str {
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        let names = match self {
            Language::English => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            Language::Swedish => ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
            Language::German => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        };
        names[index % 7]
    }

    /// The month.
    pub(crate) fn month(self, date: Date) -> &'static str {
        let index = usize::try_from(date.month() - 1).unwrap_or_default();
        let names = match self {
            Language::English => {
                ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
            }
            Language::Swedish => {
                ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"]
            }
            Language::German => {
                ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]
            }
        };
        names[index % 12]
    }

    /// Yesterday, today, tomorrow.
    fn near(self) -> [&'static str; 3] {
        match self {
            Language::English => ["yesterday", "today", "tomorrow"],
            Language::Swedish => ["igår", "idag", "imorgon"],
            Language::German => ["gestern", "heute", "morgen"],
        }
    }

    /// Between thousands, and before the decimals.
    fn separators(self) -> (char, char) {
        match self {
            Language::English => (',', '.'),
            Language::Swedish => (' ', ','),
            Language::German => ('.', ','),
        }
    }

    fn and(self) -> &'static str {
        match self {
            Language::English => "and",
            Language::Swedish => "och",
            Language::German => "und",
        }
    }
}

/// An amount for people: `£45.00`, `45,00 €`, `¥3,333`, `1 299 kr` (crowns show their hundredths only when there are some).
pub fn money(minor: i64, currency: Currency, locale: &str) -> String {
    let language = Language::of(locale);
    let (group, decimal) = language.separators();
    let symbol = currency.symbol();
    let crowns = symbol == "kr";
    let unit = 10_u64.pow(currency.exponent());
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let mut number = grouped(whole, group);
    if currency.exponent() > 0 && !(crowns && rest == 0) {
        number.push(decimal);
        number.push_str(&format!("{rest:0width$}", width = currency.exponent() as usize));
    }
    let sign = if minor < 0 { "-" } else { "" };
    let is_sign = symbol.chars().count() == 1;
    match language {
        Language::English if is_sign => format!("{sign}{symbol}{number}"),
        Language::English if !crowns => format!("{sign}{} {number}", currency.code()),
        Language::English => format!("{sign}{number} {symbol}"),
        Language::Swedish | Language::German if is_sign || crowns => format!("{sign}{number} {symbol}"),
        Language::Swedish | Language::German => format!("{sign}{number} {}", currency.code()),
    }
}

fn grouped(whole: u64, separator: char) -> String {
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A date for people: `Friday 11 December` within seven days either side of today, with `(today)`, `(tomorrow)` or
/// `(yesterday)` after it when it is that near; else `12 December 2026`.
pub fn date(date: Date, today: Date, locale: &str) -> String {
    let language = Language::of(locale);
    let (day, month) = (date.day(), language.month(date));
    let distance = days_between(today, date);
    if distance.abs() > 7 {
        return match language {
            Language::German => format!("{day}. {month} {}", date.year()),
            Language::English | Language::Swedish => format!("{day} {month} {}", date.year()),
        };
    }
    let weekday = language.weekday(date);
    let mut text = match language {
        Language::German => format!("{weekday}, {day}. {month}"),
        Language::English | Language::Swedish => format!("{weekday} {day} {month}"),
    };
    let [yesterday, now, tomorrow] = language.near();
    match distance {
        -1 => text.push_str(&format!(" ({yesterday})")),
        0 => text.push_str(&format!(" ({now})")),
        1 => text.push_str(&format!(" ({tomorrow})")),
        _ => {}
    }
    text
}

/// Days from `from` to `to`; negative when `to` is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// "a, b and c" in that language.
pub fn join_and(items: &[String], locale: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), Language::of(locale).and()),
    }
}

/// `1 day`, `3 days`: the count with its word. In French and Portuguese nothing is one, too: `0 jour`.
pub fn plural(count: i64, one: &str, many: &str, locale: &str) -> String {
    let few = if matches!(primary(locale), "fr" | "pt") { count.abs() <= 1 } else { count.abs() == 1 };
    format!("{count} {}", if few { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_like_the_country_writes_it() {
        for (minor, code, locale, expected) in [
            (4500, "GBP", "en", "£45.00"),
            (4500, "GBP", "en-GB", "£45.00"),
            (4500, "EUR", "de", "45,00 €"),
            (4500, "EUR", "en-IE", "€45.00"),
            (3333, "JPY", "en", "¥3,333"),
            (129_900, "SEK", "sv", "1 299 kr"),
            (129_950, "SEK", "sv-SE", "1 299,50 kr"),
            (129_900, "SEK", "en", "1,299 kr"),
            (-5, "GBP", "en", "-£0.05"),
            (1_234_567_890, "EUR", "de-DE", "12.345.678,90 €"),
            (12_345, "KWD", "xx", "KWD 12.345"),
            (0, "USD", "en", "$0.00"),
        ] {
            let currency = Currency::parse(code).expect("a currency");
            assert_eq!(money(minor, currency, locale), expected, "{minor} {code} {locale}");
        }
        let pound = Currency::parse("GBP").expect("a currency");
        assert!(money(i64::MIN, pound, "en").starts_with("-£"));
    }

    #[test]
    fn dates_are_near_or_full() {
        let today = Date::constant(2026, 12, 4);
        for (day, locale, expected) in [
            ("2026-12-11", "en", "Friday 11 December"),
            ("2026-12-12", "en", "12 December 2026"),
            ("2026-12-04", "en", "Friday 4 December (today)"),
            ("2026-12-05", "en-GB", "Saturday 5 December (tomorrow)"),
            ("2026-12-03", "en", "Thursday 3 December (yesterday)"),
            ("2026-11-27", "en", "Friday 27 November"),
            ("2026-11-26", "en", "26 November 2026"),
            ("2026-12-05", "sv", "lördag 5 december (imorgon)"),
            ("2026-03-01", "de", "1. März 2026"),
            ("2026-12-06", "de", "Sonntag, 6. Dezember"),
        ] {
            assert_eq!(date(day.parse().expect("a date"), today, locale), expected, "{day} {locale}");
        }
    }

    #[test]
    fn lists_and_counts() {
        let items = |n: usize| ["a", "b", "c"][..n].iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        assert_eq!(join_and(&items(0), "en"), "");
        assert_eq!(join_and(&items(1), "en"), "a");
        assert_eq!(join_and(&items(2), "sv"), "a och b");
        assert_eq!(join_and(&items(3), "en"), "a, b and c");
        assert_eq!(plural(1, "day", "days", "en"), "1 day");
        assert_eq!(plural(0, "dag", "dagar", "sv-SE"), "0 dagar");
        assert_eq!(plural(0, "jour", "jours", "fr"), "0 jour");
    }
}
