//! Amounts of money: "£45", "45,50 €", "1 299 kr", "299:-", "£1.5k", "fifty quid", "zweihundert Euro", "2 pounds 50".

use crate::domain::money::Currency;
use crate::understanding::EntityValue;
use crate::understanding::coins::{Coin, dollar_of};
use crate::understanding::figures::{Figure, spaced_market};
use crate::understanding::lexicon::role;
use crate::understanding::numbers;
use crate::understanding::pieces::Pieces;

/// An amount that starts at `at`, and how many pieces it takes. `market` is the market's currency, for amounts that name none;
/// `e_is_euro` where "50e" is an amount.
pub(crate) fn read(pieces: &Pieces<'_>, at: usize, market: Option<Currency>, e_is_euro: bool) -> Option<(EntityValue, usize)> {
    let money = |minor: i64, currency: Option<Currency>, count: usize| Some((EntityValue::Money { minor, currency }, count));
    // "US$45", "A$45"
    if pieces.get(at + 1) == "$"
        && let Some(currency) = dollar_of(pieces.get(at))
        && let Some((figure, count)) = Figure::at(pieces, at + 2)
    {
        return money(figure.minor(Some(currency))?, Some(currency), 2 + count);
    }
    let word = pieces.word(at);
    // "£45", "EUR 45", "kr 500"
    if let Some(coin) = word.coin.filter(|coin| coin.leads)
        && let Some((figure, count)) = Figure::at(pieces, at + 1)
    {
        let named = pieces.word(at + 1 + count).coin.filter(|coin| coin.leads && coin.worth == 1);
        let currency = named.unwrap_or(coin).currency(market);
        return money(figure.minor(currency)?, currency, 1 + count + usize::from(named.is_some()));
    }
    let piece = pieces.get(at);
    if piece.starts_with(|c: char| c.is_ascii_digit()) {
        // "£40-50": the sign counts for both.
        if let Some(before) = at.checked_sub(2)
            && pieces.dashed(at - 1)
            && let Some(coin) = pieces.word(before).coin.filter(|coin| coin.leads)
            && let Some((figure, count)) = Figure::at(pieces, at)
        {
            let currency = coin.currency(market);
            return money(figure.minor(currency)?, currency, count);
        }
        if let Some((minor, currency)) = attached(piece, market, e_is_euro) {
            return money(minor, Some(currency), 1);
        }
    }
    // "45 €", "45 euros", "1 200 kr"
    if let Some((figure, count)) = Figure::at(pieces, at) {
        if let Some(coin) = pieces.word(at + count).coin.filter(|coin| follows(pieces, at + count, coin)) {
            return with_coin(pieces, at, count, &figure, coin, market);
        }
        // "20 to 30 pounds": the currency counts for both.
        let to = usize::from(pieces.word(at + count).is(role::TO));
        if (to == 1 || pieces.dashed(at + count - 1))
            && let Some((_, more)) = Figure::at(pieces, at + count + to)
            && let Some(coin) = pieces.word(at + count + to + more).coin.filter(|coin| follows(pieces, at + count + to + more, coin))
            && let Some((minor, currency)) = figure.in_coin(coin, market)
        {
            return money(minor, Some(currency), count);
        }
        // "299:-", "299,-"
        if [":-", ",-", ".-", ":\u{2013}", ",\u{2013}"].iter().any(|dash| pieces.after(at + count - 1).starts_with(dash)) {
            let currency = market.or_else(|| Currency::parse("SEK"));
            return money(figure.minor(currency)?, currency, count);
        }
        // "45.50", "1 299,50" and, when hardly anything else is said, "45.5"
        let cents = figure.decimals == 2 || (figure.decimals == 1 && pieces.len() <= 3);
        if cents && figure.thousand == 1 && (count == 1 || spaced_market(market)) {
            return money(figure.minor(market)?, market, count);
        }
    }
    // "fifty quid", "a tenner", "två hundra kronor"
    let (number, count) = match numbers::words(pieces, at) {
        Some(found) => found,
        None if numbers::is_one(pieces, at) => (1, 1),
        None => return None,
    };
    let coin = pieces.word(at + count).coin.filter(|coin| follows(pieces, at + count, coin))?;
    with_coin(pieces, at, count, &Figure::whole(number), coin, market)
}

/// Whether the coin at `at` belongs to the number before it: not the "p" of "45 p" and not the "grand" of "a grand total".
fn follows(pieces: &Pieces<'_>, at: usize, coin: &Coin) -> bool {
    pieces.get(at) != "p" && !(coin.worth == 1_000 && pieces.get(at + 1) == "total")
}

/// "45kr", "50p", "3000円", "45-euro", and in Finland "50e".
fn attached(piece: &str, market: Option<Currency>, e_is_euro: bool) -> Option<(i64, Currency)> {
    let split = piece.find(|c: char| c.is_alphabetic() || c == '-')?;
    let (number, word) = (&piece[..split], piece[split..].trim_start_matches('-'));
    let euro = if e_is_euro && word == "e" { "eur" } else { word };
    Figure::parse(number)?.in_coin(crate::understanding::lexicon::senses(euro).coin?, market)
}

/// An amount whose coin stands behind the number, with its small change: "45 pounds and 20 pence", "2 euros 50".
fn with_coin(
    pieces: &Pieces<'_>,
    at: usize,
    count: usize,
    figure: &Figure,
    coin: &Coin,
    market: Option<Currency>,
) -> Option<(EntityValue, usize)> {
    let (minor, currency) = figure.in_coin(coin, market)?;
    let end = at + count + 1;
    let whole = coin.worth == 1 && !coin.hundredth && figure.decimals == 0 && currency.exponent() == 2;
    let (change, more) = if whole { small_change(pieces, end).unwrap_or((0, 0)) } else { (0, 0) };
    Some((EntityValue::Money { minor: minor.checked_add(change)?, currency: Some(currency) }, count + 1 + more))
}

fn small_change(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    let and = usize::from(pieces.word(at).is(role::TO) && matches!(pieces.get(at), "and" | "och" | "und" | "en" | "ja"));
    let piece = pieces.get(at + and);
    let next = pieces.word(at + and + 1);
    if let Some(split) = piece.find(|c: char| c.is_alphabetic()).filter(|split| (1..=2).contains(split)) {
        let hundredths = numbers::digits(&piece[..split])?;
        return crate::understanding::lexicon::senses(&piece[split..]).coin.filter(|coin| coin.hundredth).map(|_| (hundredths, and + 1));
    }
    let (hundredths, count) = numbers::digits(piece).map(|value| (value, 1)).or_else(|| numbers::words(pieces, at + and))?;
    if !(0..100).contains(&hundredths) {
        return None;
    }
    if pieces.word(at + and + count).coin.is_some_and(|coin| coin.hundredth) {
        return Some((hundredths, and + count + 1));
    }
    let spaced = at.checked_sub(1).is_some_and(|before| pieces.spaced(before));
    let last = next.is_plain() && !pieces.get(at + 1).starts_with(|c: char| c.is_ascii_digit()) && pieces.gap(at) != "%";
    (and == 0 && piece.len() == 2 && spaced && last && numbers::digits(piece).is_some()).then_some((hundredths, 1))
}

#[cfg(test)]
mod tests {
    use crate::understanding::entities::tests::check;

    #[test]
    fn amounts_are_read() {
        check(&[
            ("£45", "GB", "money 4500 GBP"),
            ("£45.50 please", "GB", "money 4550 GBP"),
            ("£45.50p", "GB", "money 4550 GBP"),
            ("paid £1,200.50.", "GB", "money 120050 GBP"),
            ("$1,299.99", "US", "money 129999 USD"),
            ("45 euros", "GB", "money 4500 EUR"),
            ("45,50 €", "DE", "money 4550 EUR"),
            ("1.200,50€", "DE", "money 120050 EUR"),
            ("1.299,00 €", "DE", "money 129900 EUR"),
            ("1.299 €", "DE", "money 129900 EUR"),
            ("1.299.000 €", "DE", "money 129900000 EUR"),
            ("€ 45", "NL", "money 4500 EUR"),
            ("45eur", "DE", "money 4500 EUR"),
            ("EUR 45,-", "NL", "money 4500 EUR"),
            ("299,- €", "DE", "money 29900 EUR"),
            ("50e", "FI", "money 5000 EUR"),
            ("50 euroa", "FI", "money 5000 EUR"),
            ("fifty quid", "GB", "money 5000 GBP"),
            ("twenty-five pounds", "GB", "money 2500 GBP"),
            ("the 45-pound one", "GB", "money 4500 GBP"),
            ("a tenner", "GB", "money 1000 GBP"),
            ("two grand", "GB", "money 200000 GBP"),
            ("a grand total of nothing", "GB", ""),
            ("a hundred and ten dollars", "US", "money 11000 USD"),
            ("$30", "AUD", "money 3000 AUD"),
            ("$30", "GB", "money 3000 USD"),
            ("A$30", "US", "money 3000 AUD"),
            ("US$45", "AUD", "money 4500 USD"),
            ("$45 CAD", "US", "money 4500 CAD"),
            ("299 kr", "NOK", "money 29900 NOK"),
            ("1 200 kr", "SE", "money 120000 SEK"),
            ("1 299,50 kr", "SE", "money 129950 SEK"),
            ("1\u{a0}299 kr", "SE", "money 129900 SEK"),
            ("1 299 000 kr", "SE", "money 129900000 SEK"),
            ("299:-", "SE", "money 29900 SEK"),
            ("tvåhundra kronor", "SE", "money 20000 SEK"),
            ("två hundra spänn", "SE", "money 20000 SEK"),
            ("2 hundra kr", "SE", "money 20000 SEK"),
            ("5 tkr", "SE", "money 500000 SEK"),
            ("en krona", "SE", "money 100 SEK"),
            ("zweihundert Euro", "DE", "money 20000 EUR"),
            ("fünfundzwanzig Euro fünfzig", "DE", "money 2500 EUR, number 50"),
            ("ein Euro", "DE", "money 100 EUR"),
            ("vijfentwintig euro", "NL", "money 2500 EUR"),
            ("kaksisataa euroa", "FI", "money 20000 EUR"),
            ("50p", "GB", "money 50 GBP"),
            ("250 pence", "GB", "money 250 GBP"),
            ("45 pounds and 20 pence", "GB", "money 4520 GBP"),
            ("2 euros 50", "NL", "money 250 EUR"),
            ("45 pounds 20p", "GB", "money 4520 GBP"),
            ("45 pounds 10 days ago", "GB", "money 4500 GBP, date 2026-11-24"),
            ("45.50", "GB", "money 4550 GBP"),
            ("45.50", "", "money 4550 ?"),
            ("45.5", "GB", "money 4550 GBP"),
            ("it has 4.5 stars out of five", "GB", "number 5"),
            ("¥5000", "GB", "money 5000 JPY"),
            ("¥1,299", "JP", "money 1299 JPY"),
            ("3000円", "JP", "money 3000 JPY"),
            ("3万円", "JP", "money 30000 JPY"),
            ("¥45.50", "JP", ""),
            ("12.345 KWD", "GB", "money 12345 KWD"),
            ("KWD 1,234.567", "GB", "money 1234567 KWD"),
            ("5 dinars", "KWD", "money 5000 KWD"),
            ("£1.5k", "GB", "money 150000 GBP"),
            ("between £20 and £30", "GB", "money 2000 GBP, money 3000 GBP"),
            ("£40-50", "GB", "money 4000 GBP, money 5000 GBP"),
            ("40-50 euros", "NL", "money 4000 EUR, money 5000 EUR"),
            ("20 to 30 pounds", "GB", "money 2000 GBP, money 3000 GBP"),
            ("45", "GB", "number 45"),
            ("1,299", "GB", "number 1299"),
            ("1 299", "SE", "number 1299"),
            ("two hundred", "GB", "number 200"),
            ("sex", "SE", "number 6"),
            ("no sex please", "SE", ""),
            ("sex kronor", "SE", "money 600 SEK"),
            ("half of it", "GB", ""),
            ("fifty-odd", "GB", ""),
            ("£", "GB", ""),
            ("1.2.3.4", "GB", ""),
            ("£999999999999999999", "GB", "reference 999999999999999999"),
            ("£4😀5", "GB", "money 400 GBP, number 5"),
            ("£\u{200f}45\u{202c} ok", "GB", "money 4500 GBP"),
            ("1234567890123456789012345678901234567890 kr", "SE", "reference 1234567890123456789012345678901234567890"),
        ]);
    }
}
