//! Finding an order by what somebody remembers or reads on a statement: a store's name, an amount, a day.

use super::View;
use crate::domain::account::Order;
use crate::domain::market::days_between;
use crate::understanding::name_fit;
use jiff::civil::Date;

/// What is remembered; nothing means that it doesn't matter.
pub(super) struct Memory<'a> {
    pub(super) merchant: Option<&'a str>,
    pub(super) amount_minor: Option<i64>,
    pub(super) on: Option<Date>,
}

impl Memory<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.merchant.is_none() && self.amount_minor.is_none() && self.on.is_none()
    }

    /// How well an order fits each of what is remembered: 0 not at all, 3 exactly. `None` for what is not remembered.
    pub(super) fn fit(&self, view: &View<'_>, order: &Order) -> [Option<u8>; 3] {
        [
            self.merchant.map(|name| merchant_fit(view, order, name)),
            self.amount_minor.map(|amount| amount_fit(order, amount)),
            self.on.map(|on| day_fit(view, order, on)),
        ]
    }
}

/// 3 the store's name or statement name, 2 a part of it, 1 nearly; or the order's own number.
fn merchant_fit(view: &View<'_>, order: &Order, said: &str) -> u8 {
    let stored = view.merchants.get(&order.merchant);
    let names = stored.into_iter().flat_map(|merchant| std::iter::once(&merchant.name).chain(&merchant.aliases));
    names.chain([&order.merchant, &order.r#ref]).map(|name| name_fit(said, name)).max().unwrap_or(0)
}

/// 3 the total or a charge, 2 one payment of it.
fn amount_fit(order: &Order, amount: i64) -> u8 {
    if order.total_minor == amount || order.captures.iter().any(|capture| capture.amount_minor == amount) {
        3
    } else if order.plan.iter().flat_map(|plan| &plan.instalments).any(|instalment| instalment.amount_minor == amount) {
        2
    } else {
        0
    }
}

/// 3 the day it was placed or charged, 2 the day of a payment, 1 up to three days beside.
fn day_fit(view: &View<'_>, order: &Order, on: Date) -> u8 {
    let bought =
        std::iter::once(order.placed_at).chain(order.captures.iter().map(|capture| capture.captured_at)).map(|at| view.market.date(at));
    let paid =
        order.plan.iter().flat_map(|plan| &plan.instalments).flat_map(|instalment| {
            instalment.attempts.iter().map(|attempt| view.market.date(attempt.attempted_at)).chain([instalment.due_on])
        });
    let near = |day: Date, exact: u8| match days_between(day, on).abs() {
        0 => exact,
        1..=3 => 1,
        _ => 0,
    };
    bought.map(|day| near(day, 3)).chain(paid.map(|day| near(day, 2))).max().unwrap_or(0)
}
