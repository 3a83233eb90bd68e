//! The closed list of what a flow may ask of the world: capabilities (`lookup`), rules (`check`) and actions (`do`), with
//! their arguments and the fields of their answers. Pure data: `redress check` holds flows against it, and a test holds
//! the real answers against it. The prose is in `docs/flows.md`.

use super::CallKind;

/// One capability, rule or action.
#[derive(Debug)]
pub struct Callable {
    /// `lookup`, `check` or `do`.
    pub kind: CallKind,
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub with: &'static [Argument],
    /// What its variable holds.
    pub gives: &'static [Field],
    /// For rules and actions: the codes that `reason` may have.
    pub reasons: &'static [&'static str],
}

/// One argument of a callable.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Whether a call without it is an error.
    pub required: bool,
    /// The words that it accepts; empty when it is not a word from a list.
    pub words: &'static [&'static str],
}

/// One field of an answer.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A text, number, flag or null.
    Value,
    /// One record, or null.
    Record(&'static [Field]),
    /// A list of records.
    Records(&'static [Field]),
}

const fn must(name: &'static str) -> Argument {
    Argument { name, required: true, words: &[] }
}

const fn may(name: &'static str) -> Argument {
    Argument { name, required: false, words: &[] }
}

const fn word(name: &'static str, words: &'static [&'static str]) -> Argument {
    Argument { name, required: false, words }
}

const fn v(name: &'static str) -> Field {
    Field { name, holds: Holds::Value }
}

const fn one(name: &'static str, fields: &'static [Field]) -> Field {
    Field { name, holds: Holds::Record(fields) }
}

const fn many(name: &'static str, fields: &'static [Field]) -> Field {
    Field { name, holds: Holds::Records(fields) }
}

/// What a refused action leaves in its variable.
pub const REFUSAL: &[Field] = &[v("reason"), v("why")];

/// What `customer` holds for expressions.
pub const CUSTOMER: &[Field] = &[v("given_name"), v("market"), v("locale"), v("currency")];

/// The queues that people work from.
pub const QUEUES: &[&str] = &crate::domain::handoff::QUEUES;

/// The cards that a flow can show.
pub const CARDS: &[&str] = &["plan", "dispute", "order", "refund"];

const PAYABLE: &[Field] = &[
    v("id"),
    v("plan"),
    v("order"),
    v("order_ref"),
    v("merchant"),
    v("seq"),
    v("of"),
    v("due_on"),
    v("amount_minor"),
    v("currency"),
    v("status"),
    v("paused"),
    v("autopay"),
    v("method"),
    v("product"),
    v("days_until"),
    v("failed_on"),
    v("failed_why"),
    v("next_try_on"),
];

const INSTALMENT: &[Field] = &[v("seq"), v("due_on"), v("amount_minor"), v("fee_minor"), v("open_minor"), v("status")];

const PLAN: &[Field] = &[
    v("id"),
    v("order"),
    v("order_ref"),
    v("merchant"),
    v("product"),
    v("status"),
    v("paused"),
    v("autopay"),
    v("method"),
    v("currency"),
    v("total_minor"),
    v("open_minor"),
    v("paid_minor"),
    many("instalments", INSTALMENT),
    v("label"),
];

const SHIPMENT: &[Field] = &[v("carrier"), v("tracking_no"), v("status"), v("promised_on"), v("delivered_on"), v("last_city")];

/// The fields of an order, with more after them.
macro_rules! order_and {
    ($($more:expr),*) => {
        &[
            v("id"),
            v("ref"),
            v("merchant"),
            v("merchant_id"),
            v("placed_on"),
            v("total_minor"),
            v("currency"),
            v("status"),
            v("items_text"),
            v("label"),
            one("shipment", SHIPMENT),
            v("plan_status"),
            v("dispute"),
            v("return_status"),
            v("refund_status"),
            v("return_window_days"),
            v("return_until"),
            v("support_url"),
            $($more),*
        ]
    };
}

const ORDER: &[Field] = order_and!();

const CHARGE: &[Field] = order_and!(v("alias"), v("device_known"), v("ship_city"), v("ship_matches"), v("household_hint"));

const REFUND: &[Field] = &[
    v("id"),
    v("order"),
    v("order_ref"),
    v("merchant"),
    v("state"),
    v("amount_minor"),
    v("currency"),
    v("created_on"),
    v("posted_on"),
    v("return_status"),
    v("sent_on"),
    v("days_waiting"),
    v("expect_by"),
    v("to_method"),
    v("label"),
];

const DISPUTE: &[Field] = &[
    v("id"),
    v("public_no"),
    v("order"),
    v("order_ref"),
    v("merchant"),
    v("reason"),
    v("reason_text"),
    v("state"),
    v("state_text"),
    v("open"),
    v("next_actor"),
    v("deadline_on"),
    v("opened_on"),
    v("closed_on"),
    v("outcome"),
    v("outcome_text"),
    v("disputed_minor"),
    v("refund_minor"),
    v("offer_minor"),
    v("currency"),
    v("paused"),
    v("label"),
];

const FEE: &[Field] = &[
    v("id"),
    v("instalment"),
    v("plan"),
    v("order_ref"),
    v("merchant"),
    v("kind"),
    v("amount_minor"),
    v("currency"),
    v("charged_on"),
    v("due_on"),
    v("grace_days"),
    v("cap_minor"),
    v("waivable"),
    v("waive_reason"),
    v("label"),
];

const EXTENSION: &[Field] = &[v("id"), v("days"), v("due_on"), v("fee_minor"), v("currency"), v("label")];

const LEFT: &[Field] = &[v("seq"), v("due_on"), v("open_minor")];

const PAUSED: &[Field] = &[v("seq"), v("due_on"), v("amount_minor")];

const MOVED: &[Field] =
    &[v("public_no"), v("merchant"), v("currency"), v("state_text"), v("refund_minor"), v("deadline_on"), many("payments", PAUSED)];

const fn lookup(name: &'static str, with: &'static [Argument], gives: &'static [Field]) -> Callable {
    Callable { kind: CallKind::Lookup, name, with, gives, reasons: &[] }
}

const fn rule(name: &'static str, with: &'static [Argument], gives: &'static [Field], reasons: &'static [&'static str]) -> Callable {
    Callable { kind: CallKind::Check, name, with, gives, reasons }
}

const fn action(name: &'static str, with: &'static [Argument], gives: &'static [Field]) -> Callable {
    Callable { kind: CallKind::Do, name, with, gives, reasons: &[] }
}

/// Everything that a flow may ask for.
pub const CALLABLES: &[Callable] = &[
    lookup(
        "payables",
        &[],
        &[
            many("items", PAYABLE),
            v("count"),
            one("next", PAYABLE),
            v("total_minor"),
            v("paused_minor"),
            v("overdue_minor"),
            v("credit_minor"),
            v("currency"),
            v("any_paused"),
            v("any_overdue"),
        ],
    ),
    lookup("plans", &[], &[many("items", PLAN), v("count")]),
    lookup(
        "orders",
        &[
            word("filter", &["all", "recent", "undelivered", "returnable", "with_refund", "disputed"]),
            may("merchant"),
            may("amount_minor"),
            may("on"),
        ],
        &[many("items", ORDER), v("count")],
    ),
    lookup("refunds", &[may("order")], &[many("items", REFUND), v("count")]),
    lookup("disputes", &[may("order"), may("open")], &[many("items", DISPUTE), v("count")]),
    lookup("fees", &[], &[many("items", FEE), v("count")]),
    lookup("charges", &[may("amount_minor"), may("on"), may("merchant")], &[many("items", CHARGE), v("count")]),
    lookup(
        "market",
        &[],
        &[
            v("currency"),
            v("extension_days"),
            v("claim_window_days"),
            v("dispute_window_days"),
            v("refund_posting_days"),
            v("late_fee_minor"),
            v("late_fee_cap_percent"),
            v("grace_days"),
            v("debt_help_name"),
            v("debt_help_url"),
            v("crisis_line"),
            v("ombudsman"),
        ],
    ),
    lookup(
        "refund_effect",
        &[must("order"), must("amount_minor")],
        &[
            v("amount_minor"),
            v("currency"),
            v("merchant"),
            v("method"),
            v("left_minor"),
            v("back_minor"),
            many("items", LEFT),
            v("count"),
            v("posting_days"),
        ],
    ),
    rule(
        "can_extend",
        &[must("instalment")],
        &[v("allowed"), v("reason"), v("why"), v("old_due_on"), v("max_days"), many("options", EXTENSION), v("fee_minor"), v("currency")],
        &["too_close", "already_used", "overdue", "paused", "not_scheduled", "financing", "other_overdue", "hardship"],
    ),
    rule(
        "can_dispute",
        &[must("order"), must("reason")],
        &[
            v("allowed"),
            v("reason"),
            v("why"),
            v("disputed_minor"),
            v("currency"),
            v("deadline_on"),
            v("window_days"),
            v("paused_instalments"),
            v("merchant"),
            v("public_no"),
            v("from_on"),
        ],
        &["already_open", "too_early", "too_late", "delivered", "not_captured", "needs_person"],
    ),
    rule(
        "can_return",
        &[must("order")],
        &[v("allowed"), v("reason"), v("why"), v("until_on"), v("pause_days"), v("pause_until")],
        &["window_over", "already_reported", "cancelled"],
    ),
    rule("can_waive_fee", &[must("fee")], &[v("allowed"), v("reason"), v("why"), v("amount_minor"), v("currency")], &["outside_rule"]),
    rule(
        "can_withdraw",
        &[must("dispute")],
        &[v("allowed"), v("reason"), v("why"), v("public_no"), v("merchant"), v("currency"), many("resumes", PAUSED)],
        &["not_open", "needs_person"],
    ),
    rule(
        "can_appeal",
        &[must("dispute")],
        &[v("allowed"), v("reason"), v("why"), v("public_no"), v("merchant"), v("until_on")],
        &["not_decided", "window_over", "decided_for_you"],
    ),
    rule(
        "can_pay",
        &[must("instalment"), may("amount_minor")],
        &[v("allowed"), v("reason"), v("why"), v("amount_minor"), v("left_minor"), v("currency"), v("method"), v("merchant"), v("due_on")],
        &["nothing_open", "processing", "no_method", "too_little", "too_much"],
    ),
    rule(
        "can_settle",
        &[must("plan")],
        &[
            v("allowed"),
            v("reason"),
            v("why"),
            v("total_minor"),
            v("open_minor"),
            v("rebate_minor"),
            v("valid_until"),
            v("currency"),
            v("method"),
            v("merchant"),
        ],
        &["nothing_open", "processing", "no_method", "financing"],
    ),
    rule(
        "can_pay_out",
        &[],
        &[v("allowed"), v("reason"), v("why"), v("amount_minor"), v("currency"), v("method"), v("posting_days")],
        &["no_credit", "above_cap", "no_method"],
    ),
    action("extend_due_date", &[must("instalment"), must("days")], &[v("old_due_on"), v("new_due_on"), v("fee_minor"), v("currency")]),
    action(
        "open_dispute",
        &[
            must("order"),
            must("reason"),
            may("sub_reason"),
            word("store_contact", &["agreed", "unavailable", "unexpected", "could_not_help", "not_contacted"]),
            may("store_contact_on"),
            may("note"),
        ],
        &[
            v("public_no"),
            v("deadline_on"),
            v("disputed_minor"),
            v("currency"),
            v("merchant"),
            many("paused", PAUSED),
            one("dispute", DISPUTE),
        ],
    ),
    action(
        "report_return",
        &[must("order"), may("sent_on"), may("carrier"), may("tracking_no")],
        &[v("return"), v("pause_until"), many("paused", PAUSED), v("merchant")],
    ),
    action("report_unauthorised", &[must("order"), may("note")], &[v("public_no"), v("case"), many("paused", PAUSED), v("merchant")]),
    action("waive_fee", &[must("fee")], &[v("amount_minor"), v("currency")]),
    action("withdraw_dispute", &[must("dispute")], MOVED),
    action("appeal_dispute", &[must("dispute"), must("why")], MOVED),
    action("accept_offer", &[must("dispute")], MOVED),
    action("refuse_offer", &[must("dispute")], MOVED),
    action("answer_dispute", &[must("dispute"), must("text")], MOVED),
    action("pay", &[must("instalment"), may("amount_minor")], &[v("amount_minor"), v("currency"), v("method")]),
    action("set_autopay", &[must("plan"), must("on")], &[v("autopay"), v("merchant"), v("currency")]),
    action("settle_plan", &[must("plan")], &[v("total_minor"), v("currency"), v("method")]),
    action("pay_out_credit", &[], &[v("amount_minor"), v("currency"), v("method"), v("posting_days")]),
];

/// The callable of this kind and name.
pub fn find(kind: CallKind, name: &str) -> Option<&'static Callable> {
    CALLABLES.iter().find(|callable| callable.kind == kind && callable.name == name)
}

/// The names of this kind, for suggestions.
pub fn names(kind: CallKind) -> Vec<&'static str> {
    CALLABLES.iter().filter(|callable| callable.kind == kind).map(|callable| callable.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of `docs/flows.md` name every callable, argument, field and reason, so neither can change alone.
    #[test]
    fn the_documentation_names_everything() {
        let docs = include_str!("../../docs/flows.md");
        for callable in CALLABLES {
            let row = docs
                .lines()
                .filter(|line| line.starts_with(&format!("| `{}` |", callable.name)))
                .find(|row| {
                    let all_arguments = callable.with.iter().all(|argument| row.contains(&format!("`{}`", argument.name)));
                    all_arguments && callable.reasons.iter().all(|reason| row.contains(&format!("`{reason}`")))
                })
                .unwrap_or_else(|| panic!("docs/flows.md has no row for {} with its arguments and reasons", callable.name));
            let verdict = callable.kind == CallKind::Check;
            for field in callable.gives.iter().filter(|field| !(verdict && ["allowed", "reason", "why"].contains(&field.name))) {
                assert!(row.contains(field.name), "{}: `{}` is not in its row", callable.name, field.name);
            }
        }
        for queue in QUEUES {
            assert!(docs.contains(&format!("`{queue}`")), "queue {queue}");
        }
    }

    #[test]
    fn names_are_unique_within_their_kind() {
        let mut seen = std::collections::HashSet::new();
        for callable in CALLABLES {
            assert!(seen.insert((format!("{:?}", callable.kind), callable.name)), "{}", callable.name);
        }
    }
}
