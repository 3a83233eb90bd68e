//! Words and signs for money, and which currency they mean in which market.

use crate::domain::money::Currency;

/// A word or sign for money.
#[derive(Debug, PartialEq)]
pub(crate) struct Coin {
    /// ISO codes: the market's own if it is among them, else the first.
    codes: &'static [&'static str],
    /// How many of the currency's units it is worth: a tenner is 10.
    pub(crate) worth: i64,
    /// "pence", "cents": a hundredth of the unit.
    pub(crate) hundredth: bool,
    /// May stand before the number: "£45", "EUR 45".
    pub(crate) leads: bool,
    /// The words, separated by spaces.
    pub(crate) words: &'static str,
}

impl Coin {
    /// The currency that it means in that market.
    pub(crate) fn currency(&self, market: Option<Currency>) -> Option<Currency> {
        market.filter(|market| self.codes.contains(&market.code())).or_else(|| Currency::parse(self.codes[0]))
    }
}

const fn coin(codes: &'static [&'static str], words: &'static str) -> Coin {
    Coin { codes, worth: 1, hundredth: false, leads: false, words }
}

const fn leading(codes: &'static [&'static str], words: &'static str) -> Coin {
    Coin { leads: true, ..coin(codes, words) }
}

const fn hundredth(codes: &'static [&'static str], words: &'static str) -> Coin {
    Coin { hundredth: true, ..coin(codes, words) }
}

const DOLLARS: &[&str] = &["USD", "AUD", "CAD", "NZD"];
const CROWNS: &[&str] = &["SEK", "NOK", "DKK"];

/// All words and signs for money.
pub(crate) static COINS: &[Coin] = &[
    leading(&["GBP"], "£ gbp"),
    coin(&["GBP"], "pound pounds quid sterling pund pfund pond ponden punta puntaa"),
    hundredth(&["GBP"], "p pence penny"),
    leading(&["EUR"], "€ eur euro"),
    coin(&["EUR"], "euros euroa euron eurot"),
    leading(DOLLARS, "$"),
    coin(DOLLARS, "dollar dollars bucks dollaria"),
    hundredth(&["EUR", "USD", "AUD", "CAD", "NZD"], "cent cents ct sentti senttia"),
    leading(CROWNS, "kr"),
    coin(CROWNS, "kronor krona kroner krone kronen kroon spann kruunua kruunu"),
    hundredth(CROWNS, "ore"),
    Coin { worth: 1_000, ..coin(CROWNS, "tkr") },
    leading(&["JPY"], "¥ jpy"),
    coin(&["JPY"], "yen jenia 円"),
    Coin { worth: 10_000, ..coin(&["JPY"], "万円") },
    leading(&["PLN"], "pln"),
    coin(&["PLN"], "zl zloty zlotys zlotych"),
    leading(&["CHF"], "chf"),
    coin(&["CHF"], "franken francs"),
    hundredth(&["CHF"], "rappen"),
    leading(&["KWD"], "kwd"),
    coin(&["KWD", "BHD"], "dinar dinars kd"),
    leading(&["USD"], "usd"),
    leading(&["AUD"], "aud"),
    leading(&["CAD"], "cad"),
    leading(&["NZD"], "nzd"),
    leading(&["SEK"], "sek"),
    leading(&["NOK"], "nok"),
    leading(&["DKK"], "dkk"),
    leading(&["CZK"], "czk"),
    leading(&["HUF"], "huf"),
    leading(&["ISK"], "isk"),
    leading(&["BHD"], "bhd"),
    leading(&["INR"], "inr"),
    Coin { worth: 5, ..coin(&["GBP", "EUR", "AUD"], "fiver fivers") },
    Coin { worth: 10, ..coin(&["GBP", "EUR", "AUD"], "tenner tenners") },
    Coin { worth: 1_000, ..coin(&["GBP", "USD", "EUR", "AUD", "CAD", "NZD"], "grand") },
];

/// The currency of "US$", "A$".
pub(crate) fn dollar_of(prefix: &str) -> Option<Currency> {
    let code = match prefix {
        "us" => "USD",
        "a" | "au" => "AUD",
        "c" | "ca" => "CAD",
        "nz" => "NZD",
        _ => return None,
    };
    Currency::parse(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_codes_are_currencies() {
        for coin in COINS {
            assert!(coin.codes.iter().all(|code| Currency::parse(code).is_some()), "{}", coin.words);
        }
    }
}
