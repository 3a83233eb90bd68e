//! The books balance in every currency, whatever happens to an account.

use super::*;
use crate::domain::account::{Plan, PlanStatus, Refund};
use crate::domain::cases::cases;
use crate::domain::market::Market;
use crate::domain::plan::tests::arb_plan;
use crate::domain::plan::{pause, receive, resume};
use crate::domain::refund::allocate;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

fn account(currency: &str, plan: Plan) -> Account {
    let total: i64 = plan.instalments.iter().map(|due| due.amount_minor).sum();
    let mut order: Order = serde_json::from_value(json!({"id": "o", "ref": "R-1", "merchant": "m", "placed_at": "2026-10-01T09:00:00Z",
        "total_minor": total, "currency": currency, "status": "captured"}))
    .expect("an order");
    order.plan = Some(plan);
    let mut customer: crate::domain::account::Customer =
        serde_json::from_value(json!({"id": "c", "given_name": "A", "family_name": "B", "market": "GB",
        "locale": "en-GB", "status": "active", "currency": currency}))
        .expect("a customer");
    customer.orders.push(order);
    Account { version: 1, ..Account::new(customer) }
}

fn empty(account: &Account) -> Account {
    let mut none = account.clone();
    none.customer.orders.clear();
    none.version = 0;
    none
}

fn add(balances: &mut Balances, all: &[Transaction]) {
    for transaction in all {
        for entry in &transaction.entries {
            *balances.entry((transaction.currency.code(), entry.book)).or_default() += entry.debit_minor - entry.credit_minor;
        }
    }
    balances.retain(|_, amount| *amount != 0);
}

/// One change of an account, as facts, time and chats make them.
fn change(account: &mut Account, step: u8, amount: i64) {
    account.version += 1;
    let order = &mut account.customer.orders[0];
    let plan = order.plan.as_mut().expect("it has one");
    let place = usize::try_from(amount).expect("small") % plan.instalments.len();
    match step {
        0 => drop(receive(plan, &plan.instalments[place].id.clone(), amount)),
        1 => {
            allocate(plan, amount);
            let posted = amount % 2 == 0;
            order.refunds.push(Refund {
                id: format!("r{}", account.version),
                amount_minor: amount,
                initiated_by: "merchant".into(),
                reason: None,
                status: if posted { RefundStatus::Posted } else { RefundStatus::Applied },
                created_at: jiff::Timestamp::UNIX_EPOCH,
                posted_at: None,
            });
        }
        2 if plan.instalments[place].is_open() => plan.instalments[place].fee_minor += amount % 700,
        2 => {}
        3 => plan.instalments[place].fee_minor = 0,
        4 => drop(pause(plan)),
        5 => drop(resume(plan, date(2026, 12, 30), Market::of("GB"))),
        6 => order.refunds.iter_mut().for_each(|refund| refund.status = RefundStatus::Posted),
        _ => {
            plan.status = PlanStatus::ChargedOff;
            for due in plan.instalments.iter_mut().filter(|due| due.is_open()) {
                due.status = InstalmentStatus::WrittenOff;
            }
        }
    }
}

#[test]
fn the_books_of_a_payment_a_fee_and_its_waiver() {
    let before = account("EUR", crate::domain::plan::tests::plan(crate::domain::account::Product::PayIn3, 10_000, 0));
    let mut books = Balances::new();
    let opening = transactions(&empty(&before), &before);
    assert_eq!(opening.iter().map(|one| one.kind).collect::<Vec<_>>(), ["opening"]);
    add(&mut books, &opening);
    assert_eq!(books, Balances::from([(("EUR", Book::Receivable), 10_000), (("EUR", Book::Stores), -10_000)]));
    let mut after = before.clone();
    change(&mut after, 2, 500);
    let fee = transactions(&before, &after);
    assert_eq!(fee.iter().map(|one| one.kind).collect::<Vec<_>>(), ["fee"]);
    let mut waived = after.clone();
    change(&mut waived, 3, 500);
    assert_eq!(transactions(&after, &waived).iter().map(|one| one.kind).collect::<Vec<_>>(), ["fee_waiver"]);
    // Five euros more than the first instalment: they go to the next.
    let mut paid = waived.clone();
    let id = paid.customer.orders[0].plan.as_ref().expect("a plan").instalments[0].id.clone();
    receive(paid.customer.orders[0].plan.as_mut().expect("a plan"), &id, 3_834);
    add(&mut books, &transactions(&waived, &paid));
    assert_eq!(books[&("EUR", Book::Receivable)], 6_166);
    assert_eq!(books[&("EUR", Book::Cash)], 3_834);
}

#[test]
fn the_same_change_has_the_same_keys() {
    let before = account("JPY", crate::domain::plan::tests::plan(crate::domain::account::Product::PayIn4, 10_001, 1));
    let mut after = before.clone();
    change(&mut after, 0, 2_500);
    assert_eq!(transactions(&before, &after), transactions(&before, &after));
    assert!(transactions(&after, &after).is_empty());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_change_is_entered_and_balances(
        plan in arb_plan(),
        currency in prop::sample::select(vec!["EUR", "JPY", "KWD", "SEK"]),
        steps in prop::collection::vec((0u8..8, 1i64..40_000), 0..12),
    ) {
        let mut account = account(currency, plan);
        let mut books = Balances::new();
        let opening = transactions(&empty(&account), &account);
        prop_assert!(opening.iter().all(Transaction::is_balanced));
        add(&mut books, &opening);
        for (step, amount) in steps {
            let was = account.clone();
            change(&mut account, step, amount);
            let moved = transactions(&was, &account);
            prop_assert!(moved.iter().all(Transaction::is_balanced));
            prop_assert!(moved.iter().flat_map(|one| &one.entries).all(|entry| entry.debit_minor >= 0 && entry.credit_minor >= 0));
            add(&mut books, &moved);
            prop_assert_eq!(&books, &balances(&account));
            prop_assert_eq!(books.values().sum::<i64>(), 0);
            // What customers owe in the books is what their plans say is open, and nobody is owed less than nothing.
            let open: i64 = account.customer.orders[0].plan.iter().map(Plan::open_minor).sum();
            prop_assert_eq!(books.get(&(currency, Book::Receivable)).copied().unwrap_or(0), open);
            prop_assert!(books.get(&(currency, Book::CustomerCredit)).copied().unwrap_or(0) <= 0);
            // What is still to be paid is principal and fees less payments, refunds, and what was written off, plus credit.
            let plan = account.customer.orders[0].plan.as_ref().expect("it has one");
            let sum = |of: fn(&Instalment) -> i64| plan.instalments.iter().map(of).sum::<i64>();
            let lost = books.get(&(currency, Book::Losses)).copied().unwrap_or(0);
            let credit = sum(|due| beyond_owed(due).max(0));
            prop_assert_eq!(open, sum(|due| due.amount_minor + due.fee_minor - due.paid_minor - due.refunded_minor) + credit - lost);
        }
    }
}
