//! The books beneath all money: double entry, in whole minor units, each currency by itself.
//!
//! What an account says about an order is one set of totals (charged, paid, refunded …). A change of the account is entered as
//! the difference of these totals, so nothing can move money without an entry, and the same change seen again moves nothing.

use super::account::{Account, Instalment, InstalmentStatus, Order, RefundStatus};
use super::money::Currency;
use std::collections::BTreeMap;

/// An account of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Book {
    /// What customers owe us, fees included.
    Receivable,
    /// What we owe to stores for their sales, after refunds.
    Stores,
    /// Interest of financing.
    InterestIncome,
    /// Late fees and fees for moving a date.
    FeeIncome,
    /// Money in the bank.
    Cash,
    /// What we owe to customers: overpaid, or refunded and not yet paid out.
    CustomerCredit,
    /// What was written off.
    Losses,
}

impl Book {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Book::Receivable => "receivable",
            Book::Stores => "stores",
            Book::InterestIncome => "interest_income",
            Book::FeeIncome => "fee_income",
            Book::Cash => "cash",
            Book::CustomerCredit => "customer_credit",
            Book::Losses => "losses",
        }
    }
}

/// What moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Movement {
    Charge,
    Interest,
    Fee,
    Payment,
    Refund,
    RefundBeyondPlan,
    Credit,
    Payout,
    WriteOff,
    Cancel,
}

impl Movement {
    /// The account that is debited, and the one that is credited.
    fn books(self) -> (Book, Book) {
        match self {
            Movement::Charge => (Book::Receivable, Book::Stores),
            Movement::Interest => (Book::Receivable, Book::InterestIncome),
            Movement::Fee => (Book::Receivable, Book::FeeIncome),
            Movement::Payment => (Book::Cash, Book::Receivable),
            Movement::Refund | Movement::Cancel => (Book::Stores, Book::Receivable),
            Movement::RefundBeyondPlan => (Book::Stores, Book::CustomerCredit),
            Movement::Credit => (Book::Receivable, Book::CustomerCredit),
            Movement::Payout => (Book::CustomerCredit, Book::Cash),
            Movement::WriteOff => (Book::Losses, Book::Receivable),
        }
    }

    /// Its name, and that of its opposite.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Movement::Charge => ("charge", "charge_reversed"),
            Movement::Interest => ("interest", "interest_rebate"),
            Movement::Fee => ("fee", "fee_waiver"),
            Movement::Payment => ("payment", "payment_returned"),
            Movement::Refund => ("refund", "refund_reversed"),
            Movement::RefundBeyondPlan => ("refund_beyond_plan", "refund_beyond_plan_reversed"),
            Movement::Credit => ("credit", "credit_used"),
            Movement::Payout => ("payout", "payout_returned"),
            Movement::WriteOff => ("write_off", "write_off_reversed"),
            Movement::Cancel => ("cancel", "cancel_reversed"),
        }
    }
}

/// One side of a transaction; one of the two amounts is 0, none is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub book: Book,
    /// Minor units on its debit side.
    pub debit_minor: i64,
    /// Minor units on its credit side.
    pub credit_minor: i64,
}

/// A balanced transaction in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The same change of the same account has the same key.
    pub key: String,
    /// The order whose money moved.
    pub order: String,
    /// What happened: `opening`, `payment`, `fee_waiver` …
    pub kind: &'static str,
    /// Its currency.
    pub currency: Currency,
    /// Its sides.
    pub entries: Vec<Entry>,
}

impl Transaction {
    /// Whether both sides come to the same.
    pub fn is_balanced(&self) -> bool {
        let sum = |side: fn(&Entry) -> i64| self.entries.iter().map(|entry| i128::from(side(entry))).sum::<i128>();
        sum(|entry| entry.debit_minor) == sum(|entry| entry.credit_minor)
    }
}

/// Balances by currency and account: debit less credit.
pub type Balances = BTreeMap<(&'static str, Book), i64>;

/// What the books must hold when they agree with the account. Balances of 0 are left out.
pub fn balances(account: &Account) -> Balances {
    let mut all = Balances::new();
    for order in &account.customer.orders {
        for (book, amount) in of_totals(&totals(order)) {
            *all.entry((order.currency.code(), book)).or_default() += amount;
        }
    }
    all.retain(|_, amount| *amount != 0);
    all
}

/// The transactions that lead from the books of the account as it was to those of the account as it becomes. An order that was
/// not there before comes with its opening balance.
pub fn transactions(was: &Account, becomes: &Account) -> Vec<Transaction> {
    let (customer, version) = (becomes.customer.id.as_str(), becomes.version);
    let key = |order: &Order, kind: &str| format!("{customer}/{version}/{}/{kind}", order.id);
    let mut all = Vec::new();
    for order in &becomes.customer.orders {
        let now = totals(order);
        // An order never changes its currency; a corrected import that says otherwise closes the old books and opens new ones.
        let Some(old) = was.order(&order.id).filter(|old| old.currency == order.currency) else {
            let entries: Vec<Entry> =
                of_totals(&now).into_iter().filter(|(_, amount)| *amount != 0).map(|(book, amount)| side(book, amount)).collect();
            if !entries.is_empty() {
                all.push(Transaction {
                    key: key(order, "opening"),
                    order: order.id.clone(),
                    kind: "opening",
                    currency: order.currency,
                    entries,
                });
            }
            continue;
        };
        let before = totals(old);
        for (movement, amount) in now {
            let amount = amount - before.get(&movement).copied().unwrap_or_default();
            if amount == 0 {
                continue;
            }
            let kind = if amount > 0 { movement.names().0 } else { movement.names().1 };
            let (debit, credit) = movement.books();
            let entries = vec![side(debit, amount), side(credit, -amount)];
            all.push(Transaction { key: key(order, kind), order: order.id.clone(), kind, currency: order.currency, entries });
        }
    }
    for old in &was.customer.orders {
        let kept = becomes.order(&old.id).is_some_and(|order| order.currency == old.currency);
        let entries: Vec<Entry> =
            of_totals(&totals(old)).into_iter().filter(|(_, amount)| *amount != 0).map(|(book, amount)| side(book, -amount)).collect();
        if !kept && !entries.is_empty() {
            all.push(Transaction { key: key(old, "closing"), order: old.id.clone(), kind: "closing", currency: old.currency, entries });
        }
    }
    all
}

fn side(book: Book, amount: i64) -> Entry {
    Entry { book, debit_minor: amount.max(0), credit_minor: (-amount).max(0) }
}

/// How much of each movement an order has seen in all.
type Totals = BTreeMap<Movement, i64>;

fn of_totals(totals: &Totals) -> BTreeMap<Book, i64> {
    let mut books = BTreeMap::new();
    for (movement, amount) in totals {
        let (debit, credit) = movement.books();
        *books.entry(debit).or_default() += amount;
        *books.entry(credit).or_default() -= amount;
    }
    books
}

fn totals(order: &Order) -> Totals {
    let instalments = order.plan.as_ref().map_or(&[][..], |plan| &plan.instalments);
    let sum = |of: &dyn Fn(&Instalment) -> i64| instalments.iter().map(of).sum::<i64>();
    let refund_of = |wanted: &[RefundStatus]| -> i64 {
        order.refunds.iter().filter(|refund| wanted.contains(&refund.status)).map(|refund| refund.amount_minor).sum()
    };
    // A refund that is pending has not reached the plan; one that was reversed has left it.
    let on_the_way = refund_of(&[RefundStatus::Applied, RefundStatus::Failed]);
    let made = on_the_way + refund_of(&[RefundStatus::Posted]);
    let refunded = sum(&|due| due.refunded_minor);
    let beyond = (made - refunded).max(0);
    let charged = sum(&|due| due.amount_minor);
    let (charged, paid) = match &order.plan {
        Some(_) => (charged, sum(&|due| due.paid_minor)),
        // Without a plan what is captured is paid at once.
        None => {
            let captured: i64 = order.captures.iter().map(|capture| capture.amount_minor).sum();
            (captured, captured)
        }
    };
    let interest = order.plan.as_ref().filter(|plan| plan.apr_bps > 0).map_or(0, |_| (charged - order.total_minor).max(0));
    let forgiven = |due: &Instalment| (-beyond_owed(due)).max(0) - due.open_minor();
    // Refunds of what was paid leave the bank when none of the order's refunds is on its way any more.
    let back = sum(&|due| if due.status == InstalmentStatus::Paid { (beyond_owed(due).max(0) - due.credit_minor()).max(0) } else { 0 });
    Totals::from([
        (Movement::Charge, charged - interest),
        (Movement::Interest, interest),
        (Movement::Fee, sum(&|due| due.fee_minor)),
        (Movement::Payment, paid),
        (Movement::Refund, refunded),
        (Movement::RefundBeyondPlan, beyond),
        (Movement::Credit, sum(&|due| beyond_owed(due).max(0))),
        (Movement::Payout, (back + beyond - on_the_way).max(0)),
        (Movement::WriteOff, sum(&|due| if due.status == InstalmentStatus::Cancelled { 0 } else { forgiven(due) })),
        (Movement::Cancel, sum(&|due| if due.status == InstalmentStatus::Cancelled { forgiven(due) } else { 0 })),
    ])
}

/// What was paid and refunded beyond what is owed; negative as long as something is missing.
fn beyond_owed(due: &Instalment) -> i64 {
    due.paid_minor + due.refunded_minor - due.amount_minor - due.fee_minor
}

#[cfg(test)]
mod tests;
