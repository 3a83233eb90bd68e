//! The 28 customers of the demo and of the tests, each in one situation, as of `2026-12-04T09:00:00Z`.

use super::account::{Account, Case};
use super::import::{self, Import};
use super::market::Market;
use super::merchants::Merchants;
use jiff::{Timestamp, ToSpan};

/// The demo accounts as they would be imported.
pub const JSONL: &str = include_str!("../../demo/personas.jsonl");

/// The instant at which the personas are in their situations.
pub const NOW: &str = "2026-12-04T09:00:00Z";

/// The demo accounts, read.
pub fn load() -> Import {
    import::parse(JSONL, &Merchants::default()).expect("the embedded personas are valid, a test reads them")
}

/// The demo accounts with the cases that some of them have: P20 complained seven weeks ago, P21 asked to be erased.
pub fn accounts() -> Vec<Account> {
    let mut accounts: Vec<Account> = load().customers.into_iter().map(Account::new).collect();
    for account in &mut accounts {
        let market = Market::of(&account.customer.market);
        let received = |text: &str| text.parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
        let case = match account.customer.id.as_str() {
            // UK: the final answer to a complaint within eight weeks.
            "P20" => ("F-20COM", "complaint", received("2026-10-19T09:30:00Z"), 56),
            // GDPR: an answer within a month.
            "P21" => ("F-21PRI", "privacy", received("2026-12-01T14:10:00Z"), 30),
            _ => continue,
        };
        let (id, kind, received_at, days) = case;
        let due_at = market.end_of(market.date(received_at).saturating_add(days.days()));
        account.cases.push(Case {
            id: id.into(),
            kind: kind.into(),
            received_at,
            due_at: Some(due_at),
            state: "open".into(),
            escalated_at: None,
        });
    }
    accounts
}

/// Id, name and situation of each persona: one line for the demo page.
pub fn stories() -> &'static [(&'static str, &'static str, &'static str)] {
    &STORIES
}

const STORIES: [(&str, &str, &str); 28] = [
    ("P01", "Amelia Hart", "Pays on time; the next payment is due in five days."),
    ("P02", "Noah Bennett", "Has a payment due tomorrow: too late to move it."),
    ("P03", "Sofie Lindqvist", "Has moved the date of this payment once already."),
    ("P04", "Jonas Weber", "The card was declined; the next try is in three days."),
    ("P05", "Grace Okafor", "Was charged a late fee while her payments were paused."),
    ("P06", "Oliver Finch", "The parcel is late, but on its way; the next payment is due in two weeks and can be moved."),
    ("P07", "Maya Patel", "Her shoes never came: the carrier says that the parcel is lost."),
    ("P08", "Liam Carter", "Says that nothing came; the carrier has proof of delivery to his postcode."),
    ("P09", "Emma de Vries", "Sent a part of the order back; the refund lowered the payments that are left."),
    ("P10", "Lucas Jansen", "The refund is more than what was left to pay: money comes back and EUR 10 is credit."),
    ("P11", "Hannah Schmidt", "Her return reached the store 16 days ago, and there is no refund."),
    ("P12", "Charlotte Reed", "The mixer came broken; the store is asked for proof a second time."),
    ("P13", "Ethan Brooks", "The first decision was for the store; four days are left to ask for a second look."),
    ("P14", "Ava Thompson", "Does not recognise a charge: the store has another name on the statement."),
    ("P15", "Isabella Moore", "Somebody bought a phone in her name, from a new device, sent to another city."),
    ("P16", "Daniel Walsh", "Lost his job and cannot pay; four plans are open."),
    ("P17", "Margaret Ellis", "Has died; a relative writes, who must learn nothing about the account."),
    ("P18", "Thomas Wright", "One plan from before the UK's new rules, one from after (a desk for £240)."),
    ("P19", "Leon Fischer", "Financing agreed 13 days ago: it can still be withdrawn from."),
    ("P20", "Priya Shah", "Complained seven weeks ago and waits for the final answer."),
    ("P21", "Felix Braun", "Wants all data erased, while payments are open."),
    ("P22", "Sanne Bakker", "Paid EUR 35 too much."),
    ("P23", "Chloe Martin", "The same payment was taken twice on one day."),
    ("P24", "Haruto Sato", "Pays in yen, which has no cents."),
    ("P25", "Anna Virtanen", "Her bicycle never came, and the store is insolvent; five others wait too."),
    ("P26", "Aino Mäkelä", "Writes Finnish and uses a screen reader."),
    ("P27", "Jack Murphy", "Pastes a whole card number into the chat."),
    ("P28", "Olivia Green", "Bought twice from the same store on the same day."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_has_its_customer() {
        let import = load();
        assert_eq!(import.customers.len(), stories().len());
        assert!(import.warnings.is_empty(), "{:?}", import.warnings);
        for (customer, (id, name, story)) in import.customers.iter().zip(stories()) {
            assert_eq!(customer.id.as_str(), *id);
            assert_eq!(format!("{} {}", customer.given_name, customer.family_name), *name);
            assert!(!customer.orders.is_empty(), "{id} has bought nothing");
            assert!(customer.email.ends_with("@example.com") && !story.is_empty());
        }
        assert!(JSONL.len() < 200_000);
    }
}
