//! What must hold in and between lines: ids, references, currencies, dates that follow each other.

use super::Flaw;
use super::shapes::nearest;
use crate::domain::account::{Customer, DisputeState, Merchant, Order, Plan};
use crate::domain::market::{CODES, Market};
use crate::domain::merchants::Merchants;
use crate::domain::money::display;
use std::collections::HashSet;

/// What the file has so far.
pub(super) struct Seen<'k> {
    known: &'k Merchants,
    merchants: HashSet<String>,
    ids: HashSet<(&'static str, String)>,
}

impl<'k> Seen<'k> {
    pub(super) fn new(known: &'k Merchants) -> Self {
        Self { known, merchants: HashSet::new(), ids: HashSet::new() }
    }

    /// Notes an id, which must be there and new.
    fn id(&mut self, what: &'static str, id: &str, flaws: &mut Vec<Flaw>) {
        if id.trim().is_empty() || id.len() > 100 {
            flaws.push(Flaw::new(format!("the {what} '{id}' is empty or longer than 100 bytes"), "Give it a short name of its own"));
        } else if !self.ids.insert((what, id.to_owned())) {
            flaws.push(Flaw::new(format!("the {what} '{id}' is in the file twice"), "Give each its own, or leave one out"));
        }
    }
}

pub(super) fn merchant(merchant: &Merchant, seen: &mut Seen<'_>, flaws: &mut Vec<Flaw>) {
    seen.id("merchant id", &merchant.id, flaws);
    seen.merchants.insert(merchant.id.clone());
}

pub(super) fn customer(customer: &Customer, seen: &mut Seen<'_>, flaws: &mut Vec<Flaw>, strange: &mut Vec<Flaw>) {
    seen.id("customer id", customer.id.as_str(), flaws);
    if Market::find(&customer.market).is_none() {
        flaws.push(Flaw::new(format!("the market '{}' is unknown", customer.market), format!("Use one of {}", CODES.join(", "))));
    }
    if customer.birth_year.is_some_and(|year| !(1900..=2100).contains(&year)) {
        flaws.push(Flaw::new("'birth_year' is not a year of birth", "Write a year such as 1984, or leave it out"));
    }
    for method in &customer.payment_methods {
        if method.last4.as_ref().is_some_and(|last4| last4.len() != 4 || !last4.bytes().all(|byte| byte.is_ascii_digit())) {
            flaws.push(Flaw::new(
                format!("'last4' of the payment method '{}' is not four digits", method.id),
                "Never write more of a number",
            ));
        }
        if method.exp_month.is_some_and(|month| !(1..=12).contains(&month)) {
            flaws.push(Flaw::new(format!("'exp_month' of the payment method '{}' is not a month", method.id), "Write 1 to 12"));
        }
    }
    no_twins("payment method", customer.payment_methods.iter().map(|method| method.id.as_str()), &customer.id.to_string(), flaws);
    for order in &customer.orders {
        check_order(order, customer, seen, flaws, strange);
    }
}

fn check_order(order: &Order, customer: &Customer, seen: &mut Seen<'_>, flaws: &mut Vec<Flaw>, strange: &mut Vec<Flaw>) {
    let id = &order.id;
    seen.id("order id", id, flaws);
    seen.id("order ref", &order.r#ref, flaws);
    if !seen.merchants.contains(&order.merchant) && seen.known.get(&order.merchant).is_none() {
        let names: Vec<&str> = seen.merchants.iter().map(String::as_str).chain(seen.known.iter().map(|known| known.id.as_str())).collect();
        let meant = nearest(&order.merchant, &names).map_or(String::new(), |name| format!(" Did you mean '{name}'?"));
        let remedy = format!("Put the merchant on a line before this one.{meant}");
        flaws.push(Flaw::new(format!("order '{id}' names the merchant '{}', which is unknown", order.merchant), remedy));
    }
    if order.currency != customer.currency {
        let problem = format!("order '{id}' is in {}, but the customer's currency is {}", order.currency.code(), customer.currency.code());
        flaws.push(Flaw::new(problem, "Use one currency for a customer and all their orders"));
    }
    no_twins("line", order.lines.iter().map(|line| line.id.as_str()), id, flaws);
    no_twins("capture", order.captures.iter().map(|capture| capture.id.as_str()), id, flaws);
    no_twins("shipment", order.shipments.iter().map(|parcel| parcel.id.as_str()), id, flaws);
    no_twins("return", order.returns.iter().map(|back| back.id.as_str()), id, flaws);
    no_twins("refund", order.refunds.iter().map(|refund| refund.id.as_str()), id, flaws);
    for sent in order.returns.iter().flat_map(|back| &back.lines).filter(|sent| order.lines.iter().all(|line| line.id != sent.line)) {
        flaws.push(Flaw::new(
            format!("a return of order '{id}' names the line '{}', which the order doesn't have", sent.line),
            "Use the id of a line",
        ));
    }
    dates(order, flaws);
    for dispute in &order.disputes {
        seen.id("dispute id", &dispute.id, flaws);
        seen.id("dispute number", &dispute.public_no, flaws);
        let closed = dispute.state == DisputeState::Closed;
        if closed && (dispute.outcome.is_none() || dispute.closed_at.is_none()) {
            flaws.push(Flaw::new(format!("dispute '{}' is closed without outcome or closed_at", dispute.id), "Add both"));
        }
    }
    let open: Vec<_> = order.disputes.iter().filter(|dispute| dispute.state != DisputeState::Closed).collect();
    for (place, dispute) in open.iter().enumerate() {
        let twin = open[..place].iter().find(|other| {
            dispute.lines.is_empty() || other.lines.is_empty() || dispute.lines.iter().any(|line| other.lines.contains(line))
        });
        if let Some(twin) = twin {
            let problem = format!("disputes '{}' and '{}' of order '{id}' are open about the same line", twin.id, dispute.id);
            flaws.push(Flaw::new(problem, "Close one, or let each name its own lines"));
        }
    }
    if let Some(plan) = &order.plan {
        check_plan(plan, order, seen, flaws, strange);
    }
}

fn check_plan(plan: &Plan, order: &Order, seen: &mut Seen<'_>, flaws: &mut Vec<Flaw>, strange: &mut Vec<Flaw>) {
    seen.id("plan id", &plan.id, flaws);
    let mut numbers = HashSet::new();
    for instalment in &plan.instalments {
        seen.id("instalment id", &instalment.id, flaws);
        if instalment.seq == 0 || !numbers.insert(instalment.seq) {
            let problem = format!("instalment '{}' has the seq {}, which is 0 or taken", instalment.id, instalment.seq);
            flaws.push(Flaw::new(problem, "Count 1, 2, 3 … within a plan"));
        }
    }
    let sum = plan.instalments.iter().fold(0i64, |sum, instalment| sum.saturating_add(instalment.amount_minor));
    if sum > order.total_minor && plan.apr_bps == 0 {
        let (sum, total) = (display(sum, order.currency), display(order.total_minor, order.currency));
        strange
            .push(Flaw::new(format!("the instalments of order '{}' add up to {sum}, but it cost {total}", order.id), "Check the amounts"));
    }
}

fn dates(order: &Order, flaws: &mut Vec<Flaw>) {
    let mut follow = |what: String, first: jiff::Timestamp, then: Option<jiff::Timestamp>| {
        if then.is_some_and(|then| then < first) {
            flaws.push(Flaw::new(format!("order '{}': {what}", order.id), "Correct one of the two dates"));
        }
    };
    for capture in &order.captures {
        follow(format!("capture '{}' is before the order", capture.id), order.placed_at, Some(capture.captured_at));
    }
    for parcel in &order.shipments {
        follow(format!("shipment '{}' was delivered before the order was placed", parcel.id), order.placed_at, parcel.delivered_at);
    }
    for back in &order.returns {
        follow(format!("return '{}' was reported before the order was placed", back.id), order.placed_at, Some(back.reported_at));
    }
    for refund in &order.refunds {
        follow(format!("refund '{}' was posted before it was made", refund.id), refund.created_at, refund.posted_at);
    }
    for dispute in &order.disputes {
        follow(format!("dispute '{}' was opened before the order was placed", dispute.id), order.placed_at, Some(dispute.opened_at));
        follow(format!("dispute '{}' was closed before it was opened", dispute.id), dispute.opened_at, dispute.closed_at);
    }
}

fn no_twins<'i>(what: &str, ids: impl Iterator<Item = &'i str>, within: &str, flaws: &mut Vec<Flaw>) {
    let mut seen = HashSet::new();
    for id in ids.filter(|id| !seen.insert(*id)) {
        flaws.push(Flaw::new(format!("the {what} id '{id}' is twice in '{within}'"), "Give each its own"));
    }
}
