//! Accounts: customers with their orders, plans and disputes, a row each; read as a whole, written as the rows that changed.
//!
//! `customers.version` fences the whole account, so two turns cannot both change it on the ground of the same reading.

use super::{Backend, Store, StoreError, books, derived};
use crate::domain::account::{Account, Adjustment, Case, Customer, Dispute, Merchant, Notice, Order, Plan, Promise, Telling};
use crate::domain::ids::CustomerId;
use crate::domain::time::from_ms;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;
use sqlx::Connection;
use sqlx::Row as _;
use std::collections::HashMap;

impl Store {
    /// Everything about one customer.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn account(&self, id: &CustomerId) -> Result<Option<Account>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        // One snapshot: parts of an account that do not belong together must not be seen.
        let mut tx = connection.begin().await?;
        let account = read(&mut tx, id).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// All stores.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn merchants(&self) -> Result<Vec<Merchant>, StoreError> {
        let rows = sqlx::query("SELECT id, doc FROM merchants ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(|row| parse("merchants", &row.try_get::<String, _>(0)?, &row.try_get::<String, _>(1)?)).collect()
    }

    /// Stores one store's record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_merchant(&self, merchant: &Merchant) -> Result<(), StoreError> {
        sqlx::query("UPDATE merchants SET doc = $1 WHERE id = $2")
            .bind(json(merchant))
            .bind(merchant.id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whose dispute that is, by id or public number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dispute_owner(&self, id: &str) -> Result<Option<CustomerId>, StoreError> {
        let row =
            sqlx::query("SELECT customer_id FROM disputes WHERE id = $1 OR public_no = $1").bind(id).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get::<String, _>(0)).transpose()?.map(CustomerId::from))
    }

    /// Stores merchants and accounts, all or nothing. What is there under the same id is replaced, its cases and other
    /// records are kept; other customers are untouched. `now`: the instant from which on what falls due is redress's to do.
    ///
    /// # Errors
    /// When the database fails, or an id belongs to another customer already.
    pub async fn import(&self, merchants: &[Merchant], accounts: &[Account], now: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut tx = match self.backend {
            super::Backend::Sqlite => connection.begin_with("BEGIN IMMEDIATE").await?,
            super::Backend::Postgres => connection.begin().await?,
        };
        for merchant in merchants {
            sqlx::query("INSERT INTO merchants (id, doc) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc")
                .bind(merchant.id.as_str())
                .bind(json(merchant))
                .execute(&mut *tx)
                .await?;
        }
        for account in accounts {
            let customer = &account.customer;
            let old = read(&mut tx, &customer.id).await?;
            let read = old.unwrap_or_else(|| Account::new(Customer { orders: Vec::new(), ..customer.clone() }));
            for order in &read.customer.orders {
                forget_missing(&mut tx, order, customer).await?;
            }
            let known = read.version > 0;
            let new = Account {
                version: read.version + 1,
                since: if known { read.since } else { now },
                cases: if known { read.cases.clone() } else { account.cases.clone() },
                notices: read.notices.clone(),
                promises: read.promises.clone(),
                adjustments: read.adjustments.clone(),
                tellings: read.tellings.clone(),
                customer: customer.clone(),
            };
            write(&mut tx, self.backend, &read, &new, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Removes rows of an order that a new import no longer has.
async fn forget_missing(tx: &mut AnyConnection, old: &Order, customer: &Customer) -> Result<(), StoreError> {
    let new = customer.orders.iter().find(|order| order.id == old.id);
    if new.is_none() {
        sqlx::query("DELETE FROM orders WHERE id = $1").bind(old.id.as_str()).execute(&mut *tx).await?;
    }
    if let Some(plan) = &old.plan
        && new.and_then(|order| order.plan.as_ref()).is_none_or(|new| new.id != plan.id)
    {
        sqlx::query("DELETE FROM plans WHERE id = $1").bind(plan.id.as_str()).execute(&mut *tx).await?;
    }
    for dispute in &old.disputes {
        if new.is_none_or(|order| order.disputes.iter().all(|new| new.id != dispute.id)) {
            sqlx::query("DELETE FROM disputes WHERE id = $1").bind(dispute.id.as_str()).execute(&mut *tx).await?;
        }
    }
    Ok(())
}

pub(super) async fn read(tx: &mut AnyConnection, id: &CustomerId) -> Result<Option<Account>, StoreError> {
    let Some(row) =
        sqlx::query("SELECT version, doc, since FROM customers WHERE id = $1").bind(id.as_str()).fetch_optional(&mut *tx).await?
    else {
        return Ok(None);
    };
    let mut customer: Customer = parse("customers", id.as_str(), &row.try_get::<String, _>(1)?)?;
    let mut account = Account {
        version: row.try_get(0)?,
        since: from_ms(row.try_get(2)?),
        ..Account::new(Customer { orders: Vec::new(), ..customer.clone() })
    };
    let orders = sqlx::query("SELECT id, doc FROM orders WHERE customer_id = $1 ORDER BY position, id")
        .bind(id.as_str())
        .fetch_all(&mut *tx)
        .await?;
    customer.orders = Vec::with_capacity(orders.len());
    let mut place: HashMap<String, usize> = HashMap::new();
    for row in &orders {
        let order: Order = parse("orders", &row.try_get::<String, _>(0)?, &row.try_get::<String, _>(1)?)?;
        place.insert(order.id.clone(), account.customer.orders.len());
        account.customer.orders.push(order);
    }
    let plans = sqlx::query("SELECT id, order_id, doc FROM plans WHERE customer_id = $1").bind(id.as_str()).fetch_all(&mut *tx).await?;
    for row in &plans {
        let plan: Plan = parse("plans", &row.try_get::<String, _>(0)?, &row.try_get::<String, _>(2)?)?;
        if let Some(order) = place.get(&row.try_get::<String, _>(1)?) {
            account.customer.orders[*order].plan = Some(plan);
        }
    }
    let disputes = sqlx::query("SELECT id, order_id, doc FROM disputes WHERE customer_id = $1 ORDER BY position, id")
        .bind(id.as_str())
        .fetch_all(&mut *tx)
        .await?;
    for row in &disputes {
        let dispute: Dispute = parse("disputes", &row.try_get::<String, _>(0)?, &row.try_get::<String, _>(2)?)?;
        if let Some(order) = place.get(&row.try_get::<String, _>(1)?) {
            account.customer.orders[*order].disputes.push(dispute);
        }
    }
    let records = sqlx::query("SELECT id, kind, doc FROM account_records WHERE customer_id = $1 ORDER BY position, id")
        .bind(id.as_str())
        .fetch_all(&mut *tx)
        .await?;
    for row in &records {
        let (id, kind, doc): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        match kind.as_str() {
            "case" => account.cases.push(parse::<Case>("account_records", &id, &doc)?),
            "notice" => account.notices.push(parse::<Notice>("account_records", &id, &doc)?),
            "telling" => account.tellings.push(parse::<Telling>("account_records", &id, &doc)?),
            "promise" => account.promises.push(parse::<Promise>("account_records", &id, &doc)?),
            "adjustment" => account.adjustments.push(parse::<Adjustment>("account_records", &id, &doc)?),
            other => {
                return Err(StoreError::Unreadable { table: "account_records", id, column: "kind", why: format!("'{other}' is unknown") });
            }
        }
    }
    Ok(Some(account))
}

/// Stores what differs between the account as it was read and as it becomes, and enters the money that moved into the books.
pub(super) async fn write(
    tx: &mut AnyConnection,
    backend: Backend,
    read: &Account,
    becomes: &Account,
    at: Timestamp,
) -> Result<(), StoreError> {
    let customer = &becomes.customer;
    let id = customer.id.as_str();
    let bare = Customer { orders: Vec::new(), ..customer.clone() };
    sqlx::query(
        "INSERT INTO customers (id, version, doc, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc, since = excluded.since",
    )
    .bind(id)
    .bind(becomes.version)
    .bind(json(&bare))
    .bind(becomes.since.as_millisecond())
    .execute(&mut *tx)
    .await?;
    for (position, order) in customer.orders.iter().enumerate() {
        let old = read.customer.orders.iter().find(|old| old.id == order.id);
        if old == Some(order) {
            continue;
        }
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let stripped = Order { plan: None, disputes: Vec::new(), ..order.clone() };
        if old.is_none_or(|old| Order { plan: None, disputes: Vec::new(), ..old.clone() } != stripped) {
            sqlx::query(
                "INSERT INTO orders (id, customer_id, position, ref, doc) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, position = excluded.position, ref = excluded.ref, doc = excluded.doc",
            )
            .bind(order.id.as_str())
            .bind(id)
            .bind(position)
            .bind(order.r#ref.as_str())
            .bind(json(&stripped))
            .execute(&mut *tx)
            .await?;
        }
        if let Some(plan) = &order.plan
            && old.and_then(|old| old.plan.as_ref()) != Some(plan)
        {
            sqlx::query(
                "INSERT INTO plans (id, customer_id, order_id, status, doc) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, order_id = excluded.order_id, status = excluded.status, doc = excluded.doc",
            )
            .bind(plan.id.as_str())
            .bind(id)
            .bind(order.id.as_str())
            .bind(word(&plan.status))
            .bind(json(plan))
            .execute(&mut *tx)
            .await?;
        }
        for (position, dispute) in order.disputes.iter().enumerate() {
            if old.is_some_and(|old| old.disputes.contains(dispute)) {
                continue;
            }
            sqlx::query(
                "INSERT INTO disputes (id, public_no, customer_id, order_id, position, state, next_deadline_at, doc) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET public_no = excluded.public_no, \
                 customer_id = excluded.customer_id, order_id = excluded.order_id, position = excluded.position, state = excluded.state, \
                 next_deadline_at = excluded.next_deadline_at, doc = excluded.doc",
            )
            .bind(dispute.id.as_str())
            .bind(dispute.public_no.as_str())
            .bind(id)
            .bind(order.id.as_str())
            .bind(i64::try_from(position).unwrap_or(i64::MAX))
            .bind(word(&dispute.state))
            .bind(dispute.next_deadline_at.map(|at| at.as_millisecond()))
            .bind(json(dispute))
            .execute(&mut *tx)
            .await?;
        }
    }
    for case in becomes.cases.iter().filter(|case| !read.cases.contains(case)) {
        write_record(tx, id, "case", &case.id, case).await?;
    }
    for promise in becomes.promises.iter().filter(|promise| !read.promises.contains(promise)) {
        write_record(tx, id, "promise", &promise.id, promise).await?;
    }
    for adjustment in becomes.adjustments.iter().filter(|adjustment| !read.adjustments.contains(adjustment)) {
        write_record(tx, id, "adjustment", &adjustment.id, adjustment).await?;
    }
    for notice in becomes.notices.iter().filter(|notice| !read.notices.contains(notice)) {
        write_record(tx, id, "notice", &notice.id, notice).await?;
    }
    for telling in becomes.tellings.iter().filter(|telling| !read.tellings.contains(telling)) {
        write_record(tx, id, "telling", &telling.id, telling).await?;
    }
    books::write(tx, backend, read, becomes, at).await?;
    derived::write(tx, backend, read, becomes).await
}

/// Stores one record of an account.
pub(super) async fn write_record<T: Serialize>(
    tx: &mut AnyConnection,
    customer: &str,
    kind: &str,
    id: &str,
    record: &T,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO account_records (id, customer_id, kind, position, doc) \
         SELECT $1, $2, $3, COALESCE(MAX(position), 0) + 1, $4 FROM account_records WHERE customer_id = $2 \
         ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
    )
    .bind(id)
    .bind(customer)
    .bind(kind)
    .bind(json(record))
    .execute(&mut *tx)
    .await?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("accounts have string keys only and always serialise")
}

/// The word of a unit variant, as the JSON has it.
fn word<T: Serialize>(value: &T) -> String {
    json(value).trim_matches('"').to_owned()
}

fn parse<T: DeserializeOwned>(table: &'static str, id: &str, doc: &str) -> Result<T, StoreError> {
    serde_json::from_str(doc).map_err(|error| StoreError::Unreadable { table, id: id.to_owned(), column: "doc", why: error.to_string() })
}
