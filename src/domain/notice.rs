//! Legal notices: words that start a clock by law or by our own rules, whoever answers them. The clock starts at the customer's first
//! words, not when a person reads them.

use super::account::{Account, Notice};
use super::ids::IdMaker;
use super::market::{Market, days_after};
use jiff::Timestamp;

/// What a message must reach for each kind to count: one missed costs more than one too many, so far less than the flows ask for.
const LEGAL: f32 = 0.35;
/// Disputes are most of what customers write about, and have clocks of their own once they are open.
const DISPUTE: f32 = 0.5;

/// The kind of notice that an intent is, and the probability from which on it counts.
pub fn kind_of(intent: &str) -> Option<(&'static str, f32)> {
    Some(match intent {
        "complaint" | "regulator_or_legal_threat" => ("complaint", LEGAL),
        "privacy_request" => ("data_protection", LEGAL),
        "withdraw_credit_agreement" => ("credit_withdrawal", LEGAL),
        "financial_hardship" => ("hardship", LEGAL),
        "unauthorised_purchase" | "identity_theft" | "account_takeover" => ("unauthorised_use", LEGAL),
        "wrong_amount_or_day_collected" | "payment_charged_twice" | "incorrect_amount" => ("billing_error", DISPUTE),
        "dispute_open"
        | "goods_not_received"
        | "wrong_item_received"
        | "faulty_goods"
        | "not_as_described_or_counterfeit"
        | "service_not_provided"
        | "already_paid_elsewhere"
        | "refund_missing"
        | "return_not_registered"
        | "subscription_cancelled_charged" => ("dispute", DISPUTE),
        _ => return None,
    })
}

/// The law that sets the clock of a kind in a market, and its calendar days.
///
/// UK complaints: FCA DISP, eight weeks. Data protection: GDPR Art 12, a month; California's 45 days for the US. US debits: Reg E, ten
/// business days; US billing errors: Reg Z, acknowledged within 30 days. Where no law was found, the days are our own.
pub fn clock(kind: &str, market: &Market) -> (&'static str, i32) {
    let country = market.code.split('-').next().unwrap_or(market.code);
    match (kind, country) {
        ("complaint", "GB") => ("uk_disp", 56),
        ("complaint", "US") => ("us_cfpb", 15),
        ("complaint", "JP") => ("own", 30),
        ("complaint", _) => ("eu", 30),
        ("data_protection", "US") => ("us_state", 45),
        ("data_protection", "JP") => ("own", 30),
        ("data_protection", _) => ("gdpr", 30),
        ("credit_withdrawal", "GB") => ("uk_cca", 14),
        ("credit_withdrawal", "US" | "JP") => ("own", 14),
        ("credit_withdrawal", _) => ("eu_ccd2", 14),
        ("unauthorised_use" | "billing_error", "US") => ("us_reg_e", 14),
        ("unauthorised_use", _) => ("own", 15),
        (_, _) => ("own", 30),
    }
}

/// The notices that a message makes which the account does not have yet: one open notice of a kind is enough.
pub fn heard<'i>(
    account: Option<&Account>,
    intents: impl IntoIterator<Item = (&'i str, f32)>,
    market: &Market,
    conversation: &str,
    now: Timestamp,
) -> Vec<Notice> {
    let mut all: Vec<Notice> = Vec::new();
    for (intent, probability) in intents {
        let Some((kind, _)) = kind_of(intent).filter(|(_, least)| probability >= *least) else { continue };
        let open = |notice: &Notice| notice.kind == kind && notice.state == "open";
        if all.iter().any(open) || account.is_some_and(|account| account.notices.iter().any(open)) {
            continue;
        }
        let (regime, days) = clock(kind, market);
        let mut ids = IdMaker::new(&[account.map_or("", |account| account.customer.id.as_str()), conversation, kind, &now.to_string()]);
        all.push(Notice {
            id: ids.id("ntc"),
            kind: kind.into(),
            regime: regime.into(),
            received_at: now,
            due_at: market.end_of(days_after(market.date(now), days)),
            state: "open".into(),
            conversation: Some(conversation.to_owned()),
            escalated_at: None,
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::personas;

    #[test]
    fn the_clock_starts_with_the_first_words_and_once() {
        let mut account = personas::accounts().into_iter().find(|account| account.customer.id.as_str() == "P01").expect("P01");
        let (market, now) = (Market::of("GB"), personas::NOW.parse().expect("an instant"));
        let intents = [("complaint", 0.4), ("goods_not_received", 0.4), ("privacy_request", 0.9), ("payment_due_date", 1.0)];
        let made = heard(Some(&account), intents, market, "c1", now);
        let kinds: Vec<_> = made.iter().map(|notice| (notice.kind.as_str(), notice.regime.as_str(), notice.due_at.to_string())).collect();
        assert_eq!(
            kinds,
            [("complaint", "uk_disp", "2027-01-29T23:59:59Z".to_owned()), ("data_protection", "gdpr", "2027-01-03T23:59:59Z".to_owned())]
        );
        account.notices = made;
        assert!(heard(Some(&account), intents, market, "c2", now).is_empty());
        assert_eq!(heard(None, [("complaint", 0.2)], market, "c", now), Vec::new());
    }
}
