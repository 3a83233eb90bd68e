//! Amounts of money and numbers in words: "£45", "45,50 €", "fifty quid", "twenty five".

use crate::domain::money::Currency;
use crate::understanding::EntityValue;
use crate::understanding::entities::Pieces;

/// Larger amounts are taken for something else.
const LARGEST_UNITS: i64 = 100_000_000;

/// An amount that starts at `at`, and how many pieces it takes.
pub(crate) fn read(pieces: &Pieces<'_>, at: usize, market: Option<Currency>) -> Option<(EntityValue, usize)> {
    let piece = pieces.get(at);
    let money = |units: Amount, currency: Option<Currency>, count: usize| {
        Some((EntityValue::Money { minor: units.minor(currency)?, currency }, count))
    };
    // "US$45", "A$45"
    if pieces.get(at + 1) == "$"
        && let Some(code) = dollar_of(piece)
        && let Some(amount) = Amount::parse(pieces.get(at + 2))
    {
        return money(amount, Currency::parse(code), 3);
    }
    // "£45", "EUR 45", "kr 500"
    if let Some(unit) = Unit::before_amount(piece, market)
        && let Some((amount, count)) = amount(pieces, at + 1)
    {
        return money(amount, unit.currency, 1 + count);
    }
    // "45eur", "50p"
    let split = piece.find(|c: char| c.is_alphabetic()).filter(|at| *at > 0);
    if let Some(split) = split
        && let Some(unit) = Unit::after_amount(&piece[split..], market)
        && let Some(amount) = Amount::parse(&piece[..split])
    {
        return money(if unit.hundredth { amount.hundredth() } else { amount }, unit.currency, 1);
    }
    // "45 €", "45 euros", "fifty quid", "1 200 kr"
    let number = amount(pieces, at).or_else(|| number_words(pieces, at).map(|(units, count)| (Amount { units, hundredths: 0 }, count)));
    let (number, count) = number?;
    if let Some(unit) = Unit::after_amount(pieces.get(at + count), market).filter(|_| pieces.get(at + count) != "p") {
        return money(if unit.hundredth { number.hundredth() } else { number }, unit.currency, count + 1);
    }
    // "299:-"
    if count == 1 && pieces.after(at).starts_with(":-") {
        return money(number, market.or_else(|| Currency::parse("SEK")), 1);
    }
    // "45.50" alone
    let decimals = piece.rsplit([',', '.']).next().filter(|rest| rest.len() == 2 && rest.len() < piece.len());
    if count == 1 && decimals.is_some() && piece.matches(['.', ',']).count() <= 2 {
        return money(number, market, 1);
    }
    None
}

/// A number in digits with separators, perhaps with a space between thousands.
fn amount(pieces: &Pieces<'_>, at: usize) -> Option<(Amount, usize)> {
    let first = pieces.get(at);
    let next = pieces.get(at + 1);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let thousands = |text: &str| {
        text.len() >= 3 && digits(&text[..text.len().min(3)]) && (text.len() == 3 || matches!(text.as_bytes()[3], b',' | b'.'))
    };
    if (1..=3).contains(&first.len()) && digits(first) && next.is_ascii() && thousands(next) {
        return Amount::parse(&format!("{first}{next}")).map(|amount| (amount, 2));
    }
    Amount::parse(first).map(|amount| (amount, 1))
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    units: i64,
    hundredths: i64,
}

impl Amount {
    /// Reads "45", "45.5", "45,50", "1,200.50", "1.200,50", "1.200", "1.5k".
    fn parse(text: &str) -> Option<Self> {
        let (text, thousand) = text.strip_suffix('k').map_or((text, false), |text| (text, true));
        if text.is_empty() || text.len() > 14 || !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')) {
            return None;
        }
        let cut = text.rfind(['.', ',']);
        let decimals = cut.map(|cut| &text[cut + 1..]).filter(|rest| matches!(rest.len(), 1 | 2));
        let whole = match (cut, decimals) {
            (Some(cut), Some(_)) => &text[..cut],
            _ => text,
        };
        let units: i64 =
            whole.bytes().filter(u8::is_ascii_digit).try_fold(0_i64, |units, b| units.checked_mul(10)?.checked_add(i64::from(b - b'0')))?;
        let hundredths = match decimals {
            None => 0,
            Some(one) if one.len() == 1 => one.parse::<i64>().ok()? * 10,
            Some(two) => two.parse().ok()?,
        };
        let amount = if thousand {
            Self { units: units.checked_mul(1_000)?.checked_add(hundredths * 10)?, hundredths: 0 }
        } else {
            Self { units, hundredths }
        };
        (amount.units <= LARGEST_UNITS).then_some(amount)
    }

    fn hundredth(self) -> Self {
        Self { units: self.units / 100, hundredths: self.units % 100 }
    }

    /// In minor units of the currency; without one, hundredths.
    fn minor(self, currency: Option<Currency>) -> Option<i64> {
        let exponent = currency.map_or(2, Currency::exponent);
        let scale = 10_i64.checked_pow(exponent)?;
        Some(self.units.checked_mul(scale)? + self.hundredths * scale / 100)
    }
}

struct Unit {
    currency: Option<Currency>,
    /// "pence", "cents".
    hundredth: bool,
}

impl Unit {
    fn before_amount(piece: &str, market: Option<Currency>) -> Option<Self> {
        matches!(
            piece,
            "£" | "€"
                | "$"
                | "¥"
                | "gbp"
                | "eur"
                | "usd"
                | "aud"
                | "cad"
                | "nzd"
                | "sek"
                | "nok"
                | "dkk"
                | "pln"
                | "chf"
                | "czk"
                | "kr"
                | "euro"
        )
        .then(|| Self::after_amount(piece, market))
        .flatten()
    }

    fn after_amount(piece: &str, market: Option<Currency>) -> Option<Self> {
        let among = |codes: &[&str], usual: &str| market.filter(|market| codes.contains(&market.code())).or_else(|| Currency::parse(usual));
        let (currency, hundredth) = match piece {
            "£" | "gbp" | "pound" | "pounds" | "quid" | "sterling" => (Currency::parse("GBP"), false),
            "p" | "pence" | "penny" => (Currency::parse("GBP"), true),
            "€" | "eur" | "euro" | "euros" | "euroa" => (Currency::parse("EUR"), false),
            "$" | "dollar" | "dollars" | "bucks" => (among(&["USD", "AUD", "CAD", "NZD"], "USD"), false),
            "cent" | "cents" => (among(&["USD", "AUD", "CAD", "NZD", "EUR"], "USD"), true),
            "kr" | "kronor" | "krona" | "kroner" | "krone" | "spänn" => (among(&["SEK", "NOK", "DKK"], "SEK"), false),
            "¥" | "yen" => (Currency::parse("JPY"), false),
            "zł" | "zl" | "zloty" | "zlotys" | "złoty" | "złotych" => (Currency::parse("PLN"), false),
            "franken" | "francs" => (Currency::parse("CHF"), false),
            "usd" | "aud" | "cad" | "nzd" | "sek" | "nok" | "dkk" | "pln" | "chf" | "czk" => {
                (Currency::parse(&piece.to_ascii_uppercase()), false)
            }
            _ => return None,
        };
        Some(Self { currency, hundredth })
    }
}

fn dollar_of(piece: &str) -> Option<&'static str> {
    Some(match piece {
        "us" => "USD",
        "a" | "au" => "AUD",
        "c" | "ca" => "CAD",
        "nz" => "NZD",
        _ => return None,
    })
}

/// A number in words that starts at `at`, and how many pieces it takes: "two", "twenty five", "a hundred and ten".
pub(crate) fn number_words(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    let (mut total, mut part, mut count) = (0_i64, 0_i64, 0);
    if pieces.get(at) == "a" && matches!(pieces.get(at + 1), "hundred" | "thousand") {
        (part, count) = (1, 1);
    }
    let mut last = i64::MAX;
    while count < 10 {
        let word = pieces.get(at + count);
        let joined = word.split_once('-').and_then(|(tens, ones)| Some(simple(tens)? + simple(ones)?));
        if word == "and" && count > 0 && last == 100 && simple(pieces.get(at + count + 1)).is_some() {
            count += 1;
        } else if word == "hundred" && (1..=19).contains(&part) && last < 100 {
            (part, last) = (part * 100, 100);
            count += 1;
        } else if word == "hundred" && count == 1 && part == 1 {
            (part, last) = (100, 100);
            count += 1;
        } else if word == "thousand" && part > 0 && total == 0 {
            (total, part, last) = (part * 1_000, 0, 1_000);
            count += 1;
        } else if let Some(value) = simple(word).or(joined) {
            // "twenty five" goes on, "two three" does not.
            let fits = last == i64::MAX || last >= 100 || ((20..100).contains(&last) && value < 10 && value > 0);
            if !fits {
                break;
            }
            part += value;
            last = value;
            count += 1;
        } else {
            break;
        }
    }
    (count > 0 && last != i64::MAX).then_some((total + part, count))
}

fn simple(word: &str) -> Option<i64> {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    if !(3..=9).contains(&word.len()) {
        return None;
    }
    let small = SMALL.iter().position(|name| *name == word).map(|value| value as i64);
    small.or_else(|| TENS.iter().position(|name| *name == word).map(|tens| (tens as i64 + 2) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::entities::tests::short;

    #[test]
    fn amounts_are_read() {
        for (text, currency, wanted) in [
            ("£45", "GBP", vec!["money 4500 GBP"]),
            ("£45.50 please", "GBP", vec!["money 4550 GBP"]),
            ("paid £1,200.50.", "GBP", vec!["money 120050 GBP"]),
            ("45 euros", "GBP", vec!["money 4500 EUR"]),
            ("45,50 €", "EUR", vec!["money 4550 EUR"]),
            ("1.200,50€", "EUR", vec!["money 120050 EUR"]),
            ("€ 45", "EUR", vec!["money 4500 EUR"]),
            ("45eur", "EUR", vec!["money 4500 EUR"]),
            ("fifty quid", "GBP", vec!["money 5000 GBP"]),
            ("twenty-five pounds", "GBP", vec!["money 2500 GBP"]),
            ("a hundred and ten dollars", "USD", vec!["money 11000 USD"]),
            ("$30", "AUD", vec!["money 3000 AUD"]),
            ("$30", "GBP", vec!["money 3000 USD"]),
            ("A$30", "USD", vec!["money 3000 AUD"]),
            ("US$30", "AUD", vec!["money 3000 USD"]),
            ("299 kr", "NOK", vec!["money 29900 NOK"]),
            ("1 200 kr", "SEK", vec!["money 120000 SEK"]),
            ("299:-", "SEK", vec!["money 29900 SEK"]),
            ("50p", "GBP", vec!["money 50 GBP"]),
            ("250 pence", "GBP", vec!["money 250 GBP"]),
            ("45.50", "GBP", vec!["money 4550 GBP"]),
            ("45.50", "", vec!["money 4550 ?"]),
            ("¥5000", "GBP", vec!["money 5000 JPY"]),
            ("£1.5k", "GBP", vec!["money 150000 GBP"]),
            ("between £20 and £30", "GBP", vec!["money 2000 GBP", "money 3000 GBP"]),
            ("45", "GBP", vec!["number 45"]),
            ("£", "GBP", vec![]),
            ("£999999999999999999", "GBP", vec!["reference 999999999999999999"]),
        ] {
            assert_eq!(short(text, currency), wanted, "{text} in {currency}");
        }
    }

    #[test]
    fn numbers_in_words() {
        for (text, wanted) in [
            ("two", Some((2, 1))),
            ("nineteen", Some((19, 1))),
            ("twenty five", Some((25, 2))),
            ("thirty-one days", Some((31, 1))),
            ("two three", Some((2, 1))),
            ("a hundred", Some((100, 2))),
            ("three hundred and fifty", Some((350, 4))),
            ("two thousand", Some((2000, 2))),
            ("hundred", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(number_words(&Pieces::of(text), 0), wanted, "{text}");
        }
    }
}
