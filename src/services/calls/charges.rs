//! Lookup `charges`: which of the customer's own orders a charge that they don't recognise could be.

use super::args::{Args, BadCall};
use super::matching::Memory;
use super::{View, orders};
use crate::domain::account::Order;
use serde_json::{Value, json};
use std::cmp::Reverse;

pub(super) fn charges(view: &View<'_>, args: &Args<'_>) -> Result<Value, BadCall> {
    args.only(&["amount_minor", "on", "merchant"])?;
    let memory = Memory { merchant: args.text("merchant")?, amount_minor: args.number("amount_minor")?, on: args.date("on")? };
    let home = usual_city(view);
    let mut found: Vec<(u8, &Order)> = view
        .orders()
        .into_iter()
        .map(|order| (memory.fit(view, order).into_iter().flatten().sum(), order))
        .filter(|(fit, _)| *fit > 0 || memory.is_empty())
        .collect();
    found.sort_by_key(|(fit, order)| (Reverse(*fit), Reverse(order.placed_at)));
    let items: Vec<Value> = found.into_iter().map(|(_, order)| record(view, order, home)).collect();
    Ok(json!({"count": items.len(), "items": items}))
}

fn record(view: &View<'_>, order: &Order, home: Option<&str>) -> Value {
    let city = order.ship_to.as_ref().map(|to| to.city.as_str()).filter(|city| !city.is_empty());
    let ship_matches = city.is_none() || city == home;
    let device_known = !from_new_device(view, order, ship_matches);
    let alias = view.merchants.get(&order.merchant).and_then(|merchant| merchant.aliases.first());
    let mut record = orders::record(view, order);
    record["alias"] = json!(alias);
    record["device_known"] = json!(device_known);
    record["ship_city"] = json!(city);
    record["ship_matches"] = json!(ship_matches);
    // Bought on a device that we don't know, but sent home: somebody in the household may have ordered it.
    record["household_hint"] = json!(ship_matches && !device_known);
    record
}

/// The flag says that a purchase was made on a new device, not which: it is the one that went elsewhere, or else the newest.
fn from_new_device(view: &View<'_>, order: &Order, ship_matches: bool) -> bool {
    if !view.account.customer.flags.iter().any(|flag| flag == "new_device") {
        return false;
    }
    let home = usual_city(view);
    let all_home = view.account.customer.orders.iter().all(|other| other.ship_to.as_ref().is_none_or(|to| Some(to.city.as_str()) == home));
    if all_home { view.orders().first().is_some_and(|newest| newest.id == order.id) } else { !ship_matches }
}

/// The city that most orders went to; of several the one of the oldest order.
fn usual_city<'a>(view: &View<'a>) -> Option<&'a str> {
    let orders = view.orders();
    let city = |order: &&'a Order| order.ship_to.as_ref().map(|to| to.city.as_str()).filter(|city| !city.is_empty());
    // `orders` is newest first and `max_by_key` keeps the last of equals: the oldest.
    orders.iter().filter_map(city).max_by_key(|name| orders.iter().filter_map(city).filter(|other| other == name).count())
}
