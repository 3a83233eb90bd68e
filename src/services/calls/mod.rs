//! The closed list of what flows can read, ask and change, as `docs/flows.md` describes it.
//!
//! Pure: the caller loads the account, stores the change and passes the time. Lookups see the session's own account and nothing else;
//! every action asks its rule again, so that doing it twice does nothing twice.

mod actions;
mod args;
mod charges;
mod claims;
mod disputes;
mod fees;
mod matching;
mod money;
mod orders;
mod payments;
mod refunds;
mod rules;

#[cfg(test)]
mod life;
#[cfg(test)]
mod tests;

use crate::dialog::{Answer, Call, CallKind, Level};
use crate::domain::account::{Account, Instalment, MethodKind, MethodStatus, Order, PaymentMethod, Plan};
use crate::domain::format;
use crate::domain::ids::CustomerId;
use crate::domain::language::Language;
use crate::domain::market::Market;
use crate::domain::merchants::Merchants;
use crate::domain::money::{Currency, display};
use crate::domain::rule::Refusal;
use args::{Args, BadCall};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

/// What calls are answered from.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The session's account; none when anonymous.
    pub account: Option<&'a Account>,
    /// All stores.
    pub merchants: &'a Merchants,
    /// Now.
    pub now: Timestamp,
    /// In which language sentences and labels are given.
    pub language: Language,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Session {
    /// How well the customer is known.
    pub level: Level,
    /// Who it is; none when anonymous.
    pub customer: Option<CustomerId>,
}

/// The answer to a call, and what it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// What the flow gets.
    pub answer: Answer,
    /// What must be stored in the same transaction.
    pub change: Option<Change>,
}

/// A changed account.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The whole new value; its `version` is the one that was read.
    pub account: Account,
    /// One for each change, for the conversation's `action` event: `{action, rule_id, subject, before, after}`.
    pub facts: Vec<Value>,
    /// What is asked of the payment provider: topic and payload.
    pub messages: Vec<(String, Value)>,
}

/// Answers a call. Never fails: what is not allowed or not understood is refused with `{allowed: false, reason, why}`.
///
/// Reasons beside those of the rules: `sign_in` (nobody is signed in), `step_up` (this needs a fresh sign-in), `bad_call` (no such
/// call, or its arguments are wrong: `detail` says what, for the author of the flow).
pub fn answer(world: World<'_>, call: &Call, session: &Session) -> Answered {
    match attempt(world, call, session) {
        Ok(answered) => answered,
        Err(no) => Answered { answer: Answer::Refused(no.into_value(world.language)), change: None },
    }
}

fn attempt(world: World<'_>, call: &Call, session: &Session) -> Result<Answered, No> {
    let args = Args::new(&call.name, &call.with);
    if call.kind == CallKind::Lookup && call.name == "market" {
        args.only(&[])?;
        let market = world.account.map_or_else(Market::fallback, |account| Market::of(&account.customer.market));
        return Ok(value(market_settings(market)));
    }
    let own = world.account.filter(|account| session.customer.as_ref() == Some(&account.customer.id));
    let Some(account) = own.filter(|_| session.level >= Level(1)) else {
        return Err(Refusal::new(
            "sign_in",
            "Please sign in first, so that I can look at your own account.",
            "Logga in först, så att jag kan titta på ditt eget konto.",
            "Bitte melde dich zuerst an, damit ich in dein Konto schauen kann.",
        )
        .into());
    };
    let view = View::new(account, world);
    match call.kind {
        CallKind::Lookup => {
            let found = match call.name.as_str() {
                "payables" => payments::payables(&view, &args)?,
                "plans" => payments::plans(&view, &args)?,
                "orders" => orders::orders(&view, &args)?,
                "refunds" => refunds::refunds(&view, &args)?,
                "disputes" => disputes::disputes(&view, &args)?,
                "fees" => fees::fees(&view, &args)?,
                "charges" => charges::charges(&view, &args)?,
                "refund_effect" => money::refund_effect(&view, &args)?,
                _ => return Err(args.unknown("lookup").into()),
            };
            Ok(value(found))
        }
        CallKind::Check => {
            let found = match call.name.as_str() {
                "can_extend" => rules::can_extend(&view, &args)?,
                "can_dispute" => rules::can_dispute(&view, &args)?,
                "can_return" => rules::can_return(&view, &args)?,
                "can_waive_fee" => rules::can_waive_fee(&view, &args)?,
                "can_withdraw" => claims::can_withdraw(&view, &args)?,
                "can_appeal" => claims::can_appeal(&view, &args)?,
                "can_pay" => money::can_pay(&view, &args)?,
                "can_settle" => money::can_settle(&view, &args)?,
                "can_pay_out" => money::can_pay_out(&view, &args)?,
                _ => return Err(args.unknown("rule").into()),
            };
            Ok(value(found))
        }
        CallKind::Do => {
            let (done, change) = match call.name.as_str() {
                "extend_due_date" | "pay" | "settle_plan" | "pay_out_credit" | "set_autopay" | "withdraw_dispute"
                    if session.level < Level(2) =>
                {
                    return Err(Refusal::new(
                        "step_up",
                        "Please confirm once more that it's you, then I can do that.",
                        "Bekräfta en gång till att det är du, så kan jag göra det.",
                        "Bitte bestätige noch einmal, dass du es bist, dann kann ich das tun.",
                    )
                    .into());
                }
                "extend_due_date" => actions::extend_due_date(&view, &args)?,
                "open_dispute" => actions::open_dispute(&view, &args)?,
                "report_return" => actions::report_return(&view, &args)?,
                "report_unauthorised" => actions::report_unauthorised(&view, &args)?,
                "waive_fee" => actions::waive_fee(&view, &args)?,
                "withdraw_dispute" => claims::withdraw_dispute(&view, &args)?,
                "appeal_dispute" => claims::appeal_dispute(&view, &args)?,
                "accept_offer" => claims::accept_offer(&view, &args)?,
                "refuse_offer" => claims::refuse_offer(&view, &args)?,
                "answer_dispute" => claims::answer_dispute(&view, &args)?,
                "pay" => money::pay(&view, &args)?,
                "set_autopay" => money::set_autopay(&view, &args)?,
                "settle_plan" => money::settle_plan(&view, &args)?,
                "pay_out_credit" => money::pay_out_credit(&view, &args)?,
                _ => return Err(args.unknown("action").into()),
            };
            Ok(Answered { answer: Answer::Value(done), change: Some(change) })
        }
    }
}

fn value(value: Value) -> Answered {
    Answered { answer: Answer::Value(value), change: None }
}

fn market_settings(market: &Market) -> Value {
    json!({"currency": market.currency, "extension_days": market.extension_days_invoice, "claim_window_days": market.claim_window_days,
        "dispute_window_days": market.dispute_window_days, "refund_posting_days": market.refund_posting_days,
        "late_fee_minor": market.late_fee_minor, "late_fee_cap_percent": market.late_fee_cap_bps / 100, "grace_days": market.grace_days,
        "debt_help_name": market.debt_help_name, "debt_help_url": market.debt_help_url, "crisis_line": market.crisis_line,
        "ombudsman": market.ombudsman})
}

/// Why a call was refused.
#[derive(Debug)]
enum No {
    /// A rule says so; more fields for the flow.
    Rule(Refusal, Vec<(&'static str, Value)>),
    /// The flow asked wrongly.
    Bad(BadCall),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        No::Rule(refusal, Vec::new())
    }
}

impl From<BadCall> for No {
    fn from(bad: BadCall) -> Self {
        No::Bad(bad)
    }
}

impl No {
    fn into_value(self, language: Language) -> Value {
        match self {
            No::Rule(refusal, more) => {
                let mut value = json!({"allowed": false, "reason": refusal.reason, "why": refusal.why.get(language.code())});
                for (name, field) in more {
                    value[name] = field;
                }
                value
            }
            No::Bad(BadCall(detail)) => {
                let why = language.pick(
                    "Something is set up wrongly on our side, so I can't do that.",
                    "Något är fel inställt hos oss, så det kan jag inte göra.",
                    "Bei uns ist etwas falsch eingerichtet, deshalb kann ich das nicht tun.",
                );
                json!({"allowed": false, "reason": "bad_call", "why": why, "detail": detail})
            }
        }
    }
}

/// The session's account as lookups, rules and actions see it.
struct View<'a> {
    account: &'a Account,
    merchants: &'a Merchants,
    market: &'static Market,
    now: Timestamp,
    today: Date,
    language: Language,
}

impl<'a> View<'a> {
    fn new(account: &'a Account, world: World<'a>) -> Self {
        let market = Market::of(&account.customer.market);
        let World { merchants, now, language, .. } = world;
        Self { account, merchants, market, now, today: market.date(now), language }
    }

    /// An amount for people.
    fn amount(&self, minor: i64, currency: Currency) -> String {
        amount_in(minor, currency, self.language)
    }

    /// The customer's orders, newest first.
    fn orders(&self) -> Vec<&'a Order> {
        let mut orders: Vec<&Order> = self.account.customer.orders.iter().collect();
        orders.sort_by_key(|order| std::cmp::Reverse(order.placed_at));
        orders
    }

    /// The customer's own order that the argument names.
    fn order(&self, args: &Args<'_>) -> Result<&'a Order, BadCall> {
        let id = args.need_text("order")?;
        self.account.customer.orders.iter().find(|order| order.id == id).ok_or_else(|| args.not_theirs("order", id))
    }

    /// The customer's own instalment with that id.
    fn instalment(&self, id: &str) -> Option<(&'a Order, &'a Plan, &'a Instalment)> {
        self.account.customer.orders.iter().find_map(|order| {
            let plan = order.plan.as_ref()?;
            Some((order, plan, plan.instalment(id)?))
        })
    }

    /// How the customer pays and is paid back, e.g. `Visa ending in 4242`.
    fn method(&self) -> Option<String> {
        let usable = || self.account.customer.payment_methods.iter().filter(|method| method.status == MethodStatus::Active);
        usable().find(|method| method.is_default).or_else(|| usable().next()).map(|method| method_text(method, self.language))
    }

    fn has_hardship(&self) -> bool {
        self.account.customer.flags.iter().any(|flag| flag == "hardship" || flag == "breathing_space")
    }
}

/// An amount for people who read this language.
fn amount_in(minor: i64, currency: Currency, language: Language) -> String {
    match language {
        Language::English => display(minor, currency),
        Language::Swedish | Language::German => format::money(minor, currency, language.code()),
    }
}

fn method_text(method: &PaymentMethod, language: Language) -> String {
    let name = method.brand.as_deref().unwrap_or(match method.r#type {
        MethodKind::Card => language.pick("card", "kort", "Karte"),
        MethodKind::BankDebit | MethodKind::BankTransfer => language.pick("bank account", "bankkonto", "Bankkonto"),
        MethodKind::Wallet => language.pick("wallet", "plånbok", "Wallet"),
    });
    let ending = language.pick("ending in", "som slutar på", "mit den Endziffern");
    method.last4.as_ref().map_or_else(|| name.to_owned(), |last4| format!("{name} {ending} {last4}"))
}

/// The contract's word for one of our enums.
fn word<T: Serialize>(state: T) -> Value {
    serde_json::to_value(state).unwrap_or(Value::Null)
}
