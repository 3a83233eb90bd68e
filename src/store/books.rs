//! The books: ledger entries, written in the transaction that changes an account, read as balances, checked against accounts.

use super::sql::{Batch, Rows, batch};
use super::{Backend, Store, StoreError, accounts};
use crate::domain::account::{Account, Customer};
use crate::domain::ids::CustomerId;
use crate::domain::ledger::{Transaction, balances, transactions};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection, Row as _};
use std::collections::BTreeMap;

const ENTER: Batch = batch!(
    "INSERT INTO ledger_entries (txn, line, customer_id, order_id, kind, account, debit_minor, credit_minor, currency, at) \
     SELECT j.value ->> 0, CAST(j.value ->> 1 AS BIGINT), j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, \
     CAST(j.value ->> 6 AS BIGINT), CAST(j.value ->> 7 AS BIGINT), j.value ->> 8, CAST(j.value ->> 9 AS BIGINT) FROM",
    "WHERE true ON CONFLICT (txn, line) DO NOTHING"
);

/// One account of the books in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Its name, e.g. `receivable`.
    pub book: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Sum of its debit side, minor units.
    pub debit_minor: i64,
    /// Sum of its credit side, minor units.
    pub credit_minor: i64,
}

impl Balance {
    /// For the service API: the sides and `balance_minor`, debit less credit.
    pub fn shown(&self) -> Value {
        json!({"account": self.book, "currency": self.currency, "debit_minor": self.debit_minor, "credit_minor": self.credit_minor,
            "balance_minor": self.debit_minor - self.credit_minor})
    }
}

impl Store {
    /// The books of a customer, by currency and account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn books(&self, customer: &CustomerId) -> Result<Vec<Balance>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        read(&mut connection, customer).await
    }

    /// Checks the books of everybody: each transaction balances in its currency, and the balances agree with the accounts.
    /// Gives how many accounts were checked, and what is wrong, a sentence each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_books(&self) -> Result<(usize, Vec<String>), StoreError> {
        let mut wrong = Vec::new();
        let uneven = sqlx::query(
            "SELECT txn, currency, CAST(SUM(debit_minor) AS BIGINT), CAST(SUM(credit_minor) AS BIGINT) FROM ledger_entries \
             GROUP BY txn, currency HAVING SUM(debit_minor) <> SUM(credit_minor) ORDER BY txn",
        )
        .fetch_all(&self.pool)
        .await?;
        for row in &uneven {
            let (txn, currency): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let (debit, credit): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
            wrong.push(format!("ledger transaction '{txn}' does not balance in {currency}: debit {debit}, credit {credit}"));
        }
        let ids = sqlx::query("SELECT id FROM customers ORDER BY id").fetch_all(&self.pool).await?;
        for row in &ids {
            let id = CustomerId::from(row.try_get::<String, _>(0)?);
            let mut connection = self.pool.acquire().await?;
            // One snapshot of the account and its books.
            let mut tx = connection.begin().await?;
            let (account, books) = (accounts::read(&mut tx, &id).await?, read(&mut tx, &id).await?);
            tx.commit().await?;
            // Accounts of before there were books get their opening balances with their next change.
            let Some(account) = account.filter(|_| !books.is_empty()) else { continue };
            let held: BTreeMap<(String, String), i64> = books
                .into_iter()
                .map(|one| ((one.currency, one.book), one.debit_minor - one.credit_minor))
                .filter(|(_, amount)| *amount != 0)
                .collect();
            let due: BTreeMap<(String, String), i64> = balances(&account)
                .into_iter()
                .map(|((currency, book), amount)| ((currency.to_owned(), book.as_str().to_owned()), amount))
                .collect();
            for key in held.keys().chain(due.keys()).collect::<std::collections::BTreeSet<_>>() {
                let (held, due) = (held.get(key).copied().unwrap_or(0), due.get(key).copied().unwrap_or(0));
                if held != due {
                    let (currency, book) = key;
                    wrong.push(format!("customer '{}': the books hold {held} {currency} in '{book}', the account says {due}", id.as_str()));
                }
            }
        }
        Ok((ids.len(), wrong))
    }
}

async fn read(tx: &mut AnyConnection, customer: &CustomerId) -> Result<Vec<Balance>, StoreError> {
    let rows = sqlx::query(
        "SELECT account, currency, CAST(SUM(debit_minor) AS BIGINT), CAST(SUM(credit_minor) AS BIGINT) FROM ledger_entries \
         WHERE customer_id = $1 GROUP BY account, currency ORDER BY currency, account",
    )
    .bind(customer.as_str())
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Balance { book: row.try_get(0)?, currency: row.try_get(1)?, debit_minor: row.try_get(2)?, credit_minor: row.try_get(3)? })
        })
        .collect()
}

/// Enters what a change of an account moved. An account of before there were books opens them first.
pub(super) async fn write(
    tx: &mut AnyConnection,
    backend: Backend,
    was: &Account,
    becomes: &Account,
    at: Timestamp,
) -> Result<(), StoreError> {
    let moved = transactions(was, becomes);
    if moved.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    let customer = becomes.customer.id.as_str();
    if was.version > 0 {
        let known =
            sqlx::query("SELECT 1 FROM ledger_entries WHERE customer_id = $1 LIMIT 1").bind(customer).fetch_optional(&mut *tx).await?;
        if known.is_none() {
            let nothing = Account::new(Customer { orders: Vec::new(), ..was.customer.clone() });
            enter(&mut rows, customer, &transactions(&nothing, was), at);
        }
    }
    enter(&mut rows, customer, &moved, at);
    sqlx::query(ENTER.on(backend)).bind(rows.json()).execute(&mut *tx).await?;
    Ok(())
}

fn enter(rows: &mut Rows, customer: &str, all: &[Transaction], at: Timestamp) {
    for transaction in all {
        for (line, entry) in (0i64..).zip(&transaction.entries) {
            let mut row = rows.row();
            row.text(&transaction.key);
            row.number(line);
            row.text(customer);
            row.text(&transaction.order);
            row.text(transaction.kind);
            row.text(entry.book.as_str());
            row.number(entry.debit_minor);
            row.number(entry.credit_minor);
            row.text(transaction.currency.code());
            row.number(at.as_millisecond());
        }
    }
}
