//! What differs from market to market: currency, calendar, fees, windows, and where people find help. Plain data, no rules; it is read
//! from the files in `markets/`.
//!
//! Durations are calendar days in the market's zone; amounts are minor units of the market's currency.

use super::account::{Framework, Product};
use super::money::Currency;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::sync::OnceLock;

/// The settings of one market.
#[derive(Clone, Debug)]
pub struct Market {
    /// ISO 3166 country, with a state where its law differs: `GB`, `US-NY`.
    pub code: &'static str,
    /// Currency of its amounts.
    pub currency: Currency,
    /// Zone in which its calendar dates begin and end.
    pub zone: TimeZone,
    /// Language in which the bot opens a conversation, BCP 47.
    pub locale: &'static str,
    /// Most days by which a pay-in-30 invoice moves. Klarna UK: an invoice moves by up to 10 days in the app.
    pub extension_days_invoice: i32,
    /// Most days by which an instalment moves: a fortnight, so that it stays before the next one of a monthly plan.
    pub extension_days_instalment: i32,
    /// How often the dates of one order may be moved. Klarna UK: once an order.
    pub extensions_per_order: u32,
    /// What moving a date costs. Klarna UK: nothing.
    pub extension_fee_minor: i64,
    /// Fee for a late payment; 0 where none is charged.
    pub late_fee_minor: i64,
    /// Late fees of an order never exceed this share of it, in basis points. Klarna UK: 25 %.
    pub late_fee_cap_bps: i64,
    /// Late fees an order may get. Klarna UK: two.
    pub late_fee_max_count: usize,
    /// Days after the due date in which no late fee is charged. Klarna UK: seven days and four reminders.
    pub grace_days: i32,
    /// Days after the due date on which a debit is tried, the first try included. Merchants quote a week and two for the UK.
    pub retry_days: &'static [i32],
    /// Days after the charge in which a problem can be disputed. Klarna through Stripe: 180 calendar days from capture.
    pub claim_window_days: i32,
    /// Which way of working new disputes follow.
    pub framework: Framework,
    /// Days in which the store settles a dispute with the customer. Klarna: 21 calendar days.
    pub dispute_window_days: i32,
    /// Days in which an unauthorised purchase is decided on first. Klarna: the store answers within 7 days.
    pub fraud_window_days: i32,
    /// Days after the charge before "not received" can be disputed. Afterpay: from day 7 after capture.
    pub not_received_wait_days: i32,
    /// Days for which a reported return pauses a plan. Klarna's help for stores: 28 days.
    pub return_pause_days: i32,
    /// Days a store that states no period takes goods back. EU Consumer Rights Directive: 14 days to withdraw.
    pub return_window_days: i32,
    /// Days until a refund is posted. Klarna US: up to 14 days.
    pub refund_posting_days: i32,
    /// Days between the end of a pause and the first payment, so that a notice of a week can go before it.
    pub resume_days: i32,
    /// Nobody is told anything unasked from this hour on, 12 to 23 …
    pub quiet_from_hour: i8,
    /// … until this one, 0 to 11.
    pub quiet_until_hour: i8,
    /// Above this amount no claim is decided without a person: about EUR 150.
    pub claim_cap_minor: i64,
    /// Above this amount no claim about financing is decided without a person: about EUR 1,000.
    pub financing_cap_minor: i64,
    /// Free and independent advice on debt.
    pub debt_help_name: &'static str,
    /// Where to find it.
    pub debt_help_url: &'static str,
    /// Help for people in danger of harming themselves, answered day and night.
    pub crisis_line: &'static str,
    /// Who judges complaints that we could not settle.
    pub ombudsman: &'static str,
}

/// Codes of all markets.
pub const CODES: [&str; 8] = ["SE", "DE", "NL", "FI", "GB", "US", "US-NY", "JP"];

static MARKETS: OnceLock<Vec<Market>> = OnceLock::new();

/// Takes these settings instead of those in the binary. Whoever has asked for a market before keeps what they got, so this comes first;
/// a second call changes nothing.
pub fn take(markets: Vec<Market>) {
    // A market that is handed out is lent for good, so the first settings stay.
    let _ = MARKETS.set(markets);
}

fn all() -> &'static [Market] {
    MARKETS.get_or_init(crate::markets::built_in)
}

impl Market {
    /// The market with exactly that code.
    pub fn find(code: &str) -> Option<&'static Market> {
        all().iter().find(|market| market.code == code)
    }

    /// The market with that code, else its country's, else the default. Never fails, for accounts that are stored already.
    pub fn of(code: &str) -> &'static Market {
        let country = code.split('-').next().unwrap_or(code);
        Self::find(code).or_else(|| Self::find(country)).unwrap_or_else(Self::fallback)
    }

    /// The market of people whom we don't know.
    pub fn fallback() -> &'static Market {
        all().iter().find(|market| market.code == "GB").expect("every set of markets that is taken has all of them")
    }

    /// The calendar date of an instant here.
    pub fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// The first instant of a date here.
    pub fn start_of(&self, on: Date) -> Timestamp {
        self.zone.to_ambiguous_zoned(on.at(0, 0, 0, 0)).compatible().map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// The last second of a date here.
    pub fn end_of(&self, on: Date) -> Timestamp {
        self.zone.to_ambiguous_zoned(on.at(23, 59, 59, 0)).compatible().map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// Most days by which a payment of this product moves; 0 where moving needs a new agreement.
    pub fn extension_days(&self, product: Product) -> i32 {
        match product {
            Product::PayIn30 => self.extension_days_invoice,
            Product::PayIn3 | Product::PayIn4 => self.extension_days_instalment,
            Product::PayNow | Product::Financing => 0,
        }
    }

    /// Most that the late fees of an order may come to.
    pub fn late_fee_cap(&self, order_minor: i64) -> i64 {
        i64::try_from(i128::from(order_minor) * i128::from(self.late_fee_cap_bps) / 10_000).unwrap_or(i64::MAX)
    }
}

/// A date some days later; the end of the calendar at most.
pub fn days_after(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

/// Days from one date to a later one; negative when it is earlier.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_market_is_complete() {
        for code in CODES {
            let market = Market::find(code).expect("it is in the list");
            assert_eq!(market.code, code);
            assert!(!market.debt_help_name.is_empty() && market.debt_help_url.starts_with("https://"), "{code}");
            assert!(!market.crisis_line.is_empty() && !market.ombudsman.is_empty(), "{code}");
        }
        assert_eq!(Market::of("US-CA").code, "US");
        assert_eq!(Market::of("").code, "GB");
    }

    #[test]
    fn dates_begin_and_end_in_the_markets_zone() {
        let now: Timestamp = "2026-12-04T23:30:00Z".parse().expect("an instant");
        assert_eq!(Market::of("GB").date(now), date(2026, 12, 4));
        assert_eq!(Market::of("SE").date(now), date(2026, 12, 5));
        assert_eq!(Market::of("US").date(now), date(2026, 12, 4));
        assert_eq!(Market::of("JP").end_of(date(2026, 12, 5)).to_string(), "2026-12-05T14:59:59Z");
        assert_eq!(Market::of("FI").start_of(date(2026, 12, 5)).to_string(), "2026-12-04T22:00:00Z");
    }

    #[test]
    fn counts_days() {
        assert_eq!(days_between(date(2026, 11, 30), date(2026, 12, 4)), 4);
        assert_eq!(days_between(date(2026, 12, 4), date(2026, 11, 30)), -4);
        assert_eq!(days_after(date(2026, 12, 30), 3), date(2027, 1, 2));
    }
}
