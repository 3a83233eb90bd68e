//! Money: whole minor units beside an ISO 4217 currency, with the currency's own exponent (JPY 0, KWD 3).

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with that code, e.g. `EUR`.
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code).map(Self)
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().unwrap_or(2).into()
    }

    /// The code, e.g. `EUR`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The usual sign, e.g. `€`.
    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom(format!("'{code}' is not an ISO 4217 currency; use a code such as EUR")))
    }
}

/// Splits an amount over so many instalments: nothing is lost, and the remainder goes to the earliest, so that the last is never larger.
///
/// `total_minor` is never negative; no instalments give an empty list.
pub fn split(total_minor: i64, parts: usize) -> Vec<i64> {
    let Ok(count) = i64::try_from(parts) else { return Vec::new() };
    if count == 0 {
        return Vec::new();
    }
    let (share, rest) = (total_minor / count, total_minor % count);
    (0..count).map(|place| share + i64::from(place < rest)).collect()
}

/// Spreads a reduction evenly over what is still open: how much comes off each, in the order given.
///
/// What cannot be divided evenly comes off the latest, so that the last payment is never larger. An amount that is smaller than its
/// share is cleared and the others carry the rest; never more comes off than is open.
pub fn spread(reduction_minor: i64, open_minor: &[i64]) -> Vec<i64> {
    let mut off = vec![0; open_minor.len()];
    let mut left = reduction_minor.min(open_minor.iter().sum()).max(0);
    let mut unfilled: Vec<usize> = (0..open_minor.len()).filter(|&place| open_minor[place] > 0).collect();
    while left > 0 && !unfilled.is_empty() {
        let share = left / i64::try_from(unfilled.len()).unwrap_or(i64::MAX);
        let (full, roomy): (Vec<usize>, Vec<usize>) = unfilled.iter().partition(|&&place| open_minor[place] <= share);
        if full.is_empty() {
            let mut shares = split(left, roomy.len());
            shares.reverse();
            for (place, share) in roomy.into_iter().zip(shares) {
                off[place] = share;
            }
            break;
        }
        for place in full {
            off[place] = open_minor[place];
            left -= open_minor[place];
        }
        unfilled = roomy;
    }
    off
}

/// An amount as people write it: `£1,045.00`, `249.00 kr`, `¥12,000`.
pub fn display(minor: i64, currency: Currency) -> String {
    let exponent = currency.exponent();
    let unit = 10u64.pow(exponent);
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let mut text = String::new();
    let digits = whole.to_string();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if exponent > 0 {
        text.push_str(&format!(".{rest:0width$}", width = exponent as usize));
    }
    let sign = if minor < 0 { "-" } else { "" };
    match currency.code() {
        "SEK" | "NOK" | "DKK" => format!("{sign}{text} kr"),
        "GBP" => format!("{sign}£{text}"),
        "EUR" => format!("{sign}€{text}"),
        "USD" => format!("{sign}${text}"),
        "JPY" => format!("{sign}¥{text}"),
        code => format!("{sign}{text} {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn splits_by_the_smallest_unit() {
        for (total, parts, expected) in [
            (10_000, 3, vec![3334, 3333, 3333]),
            (10_000, 4, vec![2500; 4]),
            // JPY has no minor unit, KWD has a thousand fils.
            (1_000, 3, vec![334, 333, 333]),
            (100_001, 2, vec![50_001, 50_000]),
            (1, 3, vec![1, 0, 0]),
            (5, 0, vec![]),
        ] {
            assert_eq!(split(total, parts), expected);
        }
    }

    #[test]
    fn spreads_a_reduction() {
        for (reduction, open, left) in [
            (2_000, vec![2_500, 2_500], vec![1_500, 1_500]),
            (1_001, vec![3_333, 3_333], vec![2_833, 2_832]),
            (6_000, vec![2_500, 2_500], vec![0, 0]),
            (400, vec![100, 1_000, 1_000], vec![0, 850, 850]),
            (0, vec![5], vec![5]),
        ] {
            let off = spread(reduction, &open);
            let rest: Vec<i64> = open.iter().zip(&off).map(|(open, off)| open - off).collect();
            assert_eq!(rest, left);
        }
    }

    #[test]
    fn writes_amounts_with_the_currencys_own_decimals() {
        for (minor, code, expected) in [
            (104_500, "GBP", "£1,045.00"),
            (5, "EUR", "€0.05"),
            (24_900, "SEK", "249.00 kr"),
            (12_000, "JPY", "¥12,000"),
            (1_234_567, "KWD", "1,234.567 KWD"),
            (-100, "USD", "-$1.00"),
        ] {
            let currency = Currency::parse(code).expect("a known code");
            assert_eq!(display(minor, currency), expected);
        }
    }

    proptest! {
        #![proptest_config(crate::domain::cases::cases())]

        #[test]
        fn a_split_loses_nothing_and_the_last_is_never_larger(total in 0i64..10_000_000_000, parts in 1usize..60) {
            let shares = split(total, parts);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            prop_assert!(shares.windows(2).all(|pair| pair[0] >= pair[1] && pair[0] - pair[1] <= 1));
        }

        #[test]
        fn a_reduction_takes_exactly_what_it_can(reduction in 0i64..1_000_000, open in prop::collection::vec(0i64..300_000, 0..12)) {
            let off = spread(reduction, &open);
            prop_assert_eq!(off.iter().sum::<i64>(), reduction.min(open.iter().sum()));
            prop_assert!(off.iter().zip(&open).all(|(off, open)| *off >= 0 && off <= open));
        }

        #[test]
        fn even_instalments_stay_even(total in 1i64..1_000_000, parts in 1usize..12, reduction in 0i64..1_000_000) {
            let open = split(total, parts);
            let left: Vec<i64> = spread(reduction, &open).iter().zip(&open).map(|(off, open)| open - off).collect();
            prop_assert!(left.windows(2).all(|pair| pair[0] >= pair[1]));
        }
    }
}
