//! Numbers in digits: "1,299.99", "1.299,00", "1 299", "1.5k", and what they come to in a currency.

use crate::domain::money::Currency;
use crate::understanding::coins::Coin;
use crate::understanding::pieces::Pieces;

/// Larger amounts are taken for something else.
const LARGEST_UNITS: i64 = 100_000_000;

/// Currencies whose countries put a space between thousands.
const SPACED: [&str; 7] = ["SEK", "NOK", "DKK", "EUR", "PLN", "CZK", "HUF"];

/// A number in digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) units: i64,
    /// The digits behind the decimal sign as a number, and how many they are.
    fraction: i64,
    pub(crate) decimals: u32,
    /// 1,000 for "1.5k".
    pub(crate) thousand: i64,
    /// Thousands are set apart.
    pub(crate) grouped: bool,
}

impl Figure {
    /// A whole number.
    pub(crate) fn whole(units: i64) -> Self {
        Self { units, fraction: 0, decimals: 0, thousand: 1, grouped: false }
    }

    /// A number in digits, perhaps with spaces between thousands, and how many pieces it takes.
    pub(crate) fn at(pieces: &Pieces<'_>, at: usize) -> Option<(Self, usize)> {
        let first = pieces.get(at);
        let mut figure = Figure::parse(first.strip_suffix('p').filter(|rest| rest.contains('.')).unwrap_or(first))?;
        let mut count = 1;
        let opens = (1..=3).contains(&first.len()) && !first.starts_with('0') && figure.thousand == 1 && figure.decimals == 0;
        while opens && count < 4 && pieces.spaced(at + count - 1) {
            let next = pieces.get(at + count);
            let Some(more) = (next.find(|c: char| !c.is_ascii_digit()).unwrap_or(next.len()) == 3).then(|| Figure::parse(next)).flatten()
            else {
                break;
            };
            if more.units > 999 || more.thousand != 1 {
                break;
            }
            figure = Figure { units: figure.units * 1_000 + more.units, ..more };
            count += 1;
            if more.decimals > 0 {
                break;
            }
        }
        (figure.units <= LARGEST_UNITS).then_some((figure, count))
    }

    /// Reads "45", "45.5", "45,50", "1,200.50", "1.200,50", "1.200", "1.5k"; nothing that is grouped otherwise ("12.12.2026").
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (text, thousand) = text.strip_suffix('k').map_or((text, 1), |text| (text, 1_000));
        let outside = |b: u8| !(b.is_ascii_digit() || matches!(b, b'.' | b','));
        if text.is_empty() || text.len() > 16 || text.bytes().any(outside) {
            return None;
        }
        let last = text.rfind(['.', ',']);
        let (whole, fraction) = match last {
            None => (text, ""),
            Some(cut) => {
                let (whole, tail) = (&text[..cut], &text[cut + 1..]);
                let other = whole.contains(['.', ',']) && !whole.contains(&text[cut..=cut]);
                match tail.len() {
                    1 | 2 => (whole, tail),
                    3 if other || whole == "0" => (whole, tail),
                    3 => (text, ""),
                    _ => return None,
                }
            }
        };
        let mut groups = whole.split(['.', ',']);
        let first = groups.next()?;
        let grouped = whole.len() > first.len();
        if first.is_empty() || (grouped && (first.len() > 3 || groups.any(|group| group.len() != 3))) {
            return None;
        }
        let mut signs = whole.chars().filter(|c| !c.is_ascii_digit());
        let sign = signs.next();
        let clashes = !fraction.is_empty() && sign.is_some() && text[whole.len()..].chars().next() == sign;
        if clashes || signs.any(|other| Some(other) != sign) {
            return None;
        }
        let units =
            whole.bytes().filter(u8::is_ascii_digit).try_fold(0_i64, |units, b| units.checked_mul(10)?.checked_add(i64::from(b - b'0')))?;
        let decimals = u32::try_from(fraction.len()).ok()?;
        Some(Self { units, fraction: if fraction.is_empty() { 0 } else { fraction.parse().ok()? }, decimals, thousand, grouped })
    }

    /// In minor units of the currency (hundredths without one); `None` where the currency has no room for the decimals.
    pub(crate) fn minor(&self, currency: Option<Currency>) -> Option<i64> {
        let exponent = currency.map_or(2, Currency::exponent);
        let scale = 10_i64.checked_pow(exponent)?;
        if self.grouped && exponent == 3 && self.decimals == 0 && self.units >= 1_000 && self.units < 1_000_000 {
            // "12.345" dinars: three decimals, not thousands.
            return Some(self.units);
        }
        let divisor = 10_i64.checked_pow(self.decimals)?;
        let part = self.fraction.checked_mul(scale)?.checked_mul(self.thousand)?;
        if part % divisor != 0 || self.units.checked_mul(self.thousand)? > LARGEST_UNITS {
            return None;
        }
        self.units.checked_mul(self.thousand)?.checked_mul(scale)?.checked_add(part / divisor)
    }

    /// So many of a coin, in minor units of its currency.
    pub(crate) fn in_coin(&self, coin: &Coin, market: Option<Currency>) -> Option<(i64, Currency)> {
        let currency = coin.currency(market)?;
        if coin.hundredth {
            let scale = 10_i64.checked_pow(currency.exponent())?;
            return (self.decimals == 0).then_some((self.units.checked_mul(self.thousand)?.checked_mul(scale)? / 100, currency));
        }
        let minor = self.minor(Some(currency))?.checked_mul(coin.worth)?;
        Some((minor, currency))
    }
}

/// A whole number with its thousands set apart ("1 299", "1,299"), which is no amount without a currency.
pub(crate) fn grouped(pieces: &Pieces<'_>, at: usize, market: Option<Currency>) -> Option<(i64, usize)> {
    let (figure, count) = Figure::at(pieces, at)?;
    let grouped = if count > 1 { spaced_market(market) } else { figure.grouped };
    (grouped && figure.decimals == 0 && figure.thousand == 1).then_some((figure.units, count))
}

pub(crate) fn spaced_market(market: Option<Currency>) -> bool {
    market.is_some_and(|market| SPACED.contains(&market.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read() {
        let figure = |units, fraction, decimals, thousand, grouped| Some(Figure { units, fraction, decimals, thousand, grouped });
        for (text, wanted) in [
            ("45", figure(45, 0, 0, 1, false)),
            ("45.5", figure(45, 5, 1, 1, false)),
            ("45,50", figure(45, 50, 2, 1, false)),
            ("1,200.50", figure(1200, 50, 2, 1, true)),
            ("1.200,50", figure(1200, 50, 2, 1, true)),
            ("1.200", figure(1200, 0, 0, 1, true)),
            ("1,234.567", figure(1234, 567, 3, 1, true)),
            ("0.001", figure(0, 1, 3, 1, false)),
            ("1.5k", figure(1, 5, 1, 1000, false)),
            ("12.12.2026", None),
            ("1.2.3", None),
            ("1,20,30", None),
            ("1.234,567.8", None),
            ("12345678901234567", None),
            (".5", None),
            ("5.", None),
            ("", None),
            ("k", None),
        ] {
            assert_eq!(Figure::parse(text), wanted, "{text}");
        }
    }
}
