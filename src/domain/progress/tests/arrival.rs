//! Facts reach us late and in whatever order the lines between systems make of it. Each sender's own facts keep their order (what a store
//! says second may rest on what it said first); between senders everything is possible, and the end is the same.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static START: LazyLock<(Account, Merchants)> = LazyLock::new(|| (disputed(), merchants()));

/// What the store, the carrier and the payment provider report about P07's order, by number.
fn said(sender: usize, what: usize, place: usize) -> Fact {
    let money = |refund: String, amount: i64| json!({"refund": refund, "order": "P07-1", "amount_minor": amount, "currency": "GBP"});
    let attempt = |result: &str| json!({"instalment": "P07-1-i2", "result": result, "amount_minor": 2_800, "currency": "GBP"});
    let (sort, data) = match (sender, what) {
        (0, 0) => ("dispute.evidence", json!({"dispute": "D-TEST1", "type": "tracking"})),
        (0, 1) => ("dispute.offer", json!({"dispute": "D-TEST1", "amount_minor": 3_000, "currency": "GBP"})),
        (0, 2) => ("refund.posted", money(format!("store-{place}"), 2_000)),
        (0, 3) => ("refund.posted", money(format!("store-{place}"), 5_000)),
        (0, 4) => ("refund.posted", money("store-all".into(), 8_400)),
        (0, _) => ("dispute.accepted", json!({"dispute": "D-TEST1"})),
        (1, 0) => ("shipment.scan", json!({"shipment": "P07-1-s1", "code": "in_transit"})),
        (1, 1) => ("shipment.scan", json!({"shipment": "P07-1-s1", "code": "delivered"})),
        (1, 2) => ("shipment.scan", json!({"shipment": "P07-1-s1", "code": "returned_to_sender"})),
        (1, _) => ("shipment.scan", json!({"shipment": "P07-1-s1", "code": "lost"})),
        (_, 0) => ("payment.attempted", attempt("soft_decline")),
        (_, 1) => ("payment.attempted", attempt("succeeded")),
        (_, _) => ("payment.received", json!({"plan": "P07-1-plan", "amount_minor": 1_000, "currency": "GBP"})),
    };
    let at = format!("2026-12-04T{:02}:{:02}:00Z", 10 + place, sender);
    event(&format!("{sender}/{place}"), sort, &at, data)
}

/// What is the same whatever came first: where everything stands, what is still to be paid, and what the customer has paid for good. A
/// payment and a store's refund of the same money meet as credit or as money back; either way it is the customer's.
fn stands(account: &Account, back_minor: i64) -> Value {
    let order = &account.customer.orders[0];
    let plan = order.plan.as_ref().expect("a plan");
    let sum = |of: fn(&crate::domain::account::Instalment) -> i64| plan.instalments.iter().map(of).sum::<i64>();
    let dispute = &order.disputes[0];
    let mut refunds: Vec<_> = order.refunds.iter().map(|refund| (&refund.initiated_by, refund.amount_minor)).collect();
    refunds.sort();
    json!({
        "open": plan.open_minor(), "paused": plan.is_paused(), "kept": sum(|due| due.paid_minor) - sum(|due| due.credit_minor()) - back_minor,
        "dispute": dispute.state, "outcome": dispute.outcome, "disputed": dispute.disputed_minor, "refunds": refunds,
        "parcel": order.shipments[0].status, "scans": order.shipments[0].events.len(),
    })
}

/// Takes the facts in the order that the turns give: whose turn it is says their next.
fn arrive(senders: &[Vec<usize>], turns: &[usize]) -> (Account, Value) {
    let (start, merchants) = &*START;
    let ground = Ground { merchants, now: at("2026-12-05T09:00:00Z") };
    let (mut account, mut back, mut next) = (start.clone(), 0, vec![0; senders.len()]);
    let all: usize = senders.iter().map(Vec::len).sum();
    for turn in 0..all {
        let mut sender = turns[turn % turns.len()] % senders.len();
        while next[sender] == senders[sender].len() {
            sender = (sender + 1) % senders.len();
        }
        let fact = said(sender, senders[sender][next[sender]], next[sender]);
        next[sender] += 1;
        if let Ok(happened) = take(&account, &fact, ground) {
            let paid_out = happened.outbox.iter().filter(|(topic, _)| topic == "refund.pay_out");
            back += paid_out.filter_map(|(_, payload)| payload["amount_minor"].as_i64()).sum::<i64>();
            account = happened.account;
            account.version += 1;
        }
    }
    let end = stands(&account, back);
    (account, end)
}

proptest! {
    #[test]
    fn the_same_facts_in_any_order_of_arrival_give_the_same_end(
        store in prop::collection::vec(0usize..6, 0..4),
        carrier in prop::collection::vec(0usize..4, 0..4),
        provider in prop::collection::vec(0usize..3, 0..3),
        one in prop::collection::vec(0usize..3, 12),
        other in prop::collection::vec(0usize..3, 12),
    ) {
        let senders = [store, carrier, provider];
        let (first, expected) = arrive(&senders, &one);
        let (second, got) = arrive(&senders, &other);
        prop_assert_eq!(got, expected);
        is_sound(&first).map_err(TestCaseError::fail)?;
        is_sound(&second).map_err(TestCaseError::fail)?;
    }
}
