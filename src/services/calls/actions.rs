//! Actions: change the account after asking the rule again. Each gives what the flow tells the customer and the whole new account.

use super::args::{Args, BadCall};
use super::{Change, No, View, disputes, rules};
use crate::domain::account::{Account, Adjustment, Case, CustomerStatus, DisputeReason, Order, Plan, Return, ReturnLine, ReturnStatus};
use crate::domain::dispute::{self, Claim, Opening};
use crate::domain::ids::IdMaker;
use crate::domain::market::days_after;
use crate::domain::plan::{self, Held};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

pub(super) type Done = Result<(Value, Change), No>;

const STORE_CONTACT: [&str; 5] = ["agreed", "unavailable", "unexpected", "could_not_help", "not_contacted"];

/// An account that is being changed.
pub(super) struct Draft<'v> {
    view: &'v View<'v>,
    pub(super) account: Account,
    facts: Vec<Value>,
    messages: Vec<(String, Value)>,
    ids: IdMaker,
}

impl<'v> Draft<'v> {
    /// New ids follow from customer, subject, instant and what the account holds already, so that a replay makes the same ones.
    pub(super) fn new(view: &'v View<'v>, subject: &str) -> Self {
        let customer = view.account.customer.id.as_str();
        let ids = IdMaker::new(&[customer, subject, &view.now.to_string(), &view.account.version.to_string()]);
        Self { view, account: view.account.clone(), facts: Vec::new(), messages: Vec::new(), ids }
    }

    fn order(&mut self, id: &str) -> Result<&mut Order, BadCall> {
        let found = self.account.customer.orders.iter_mut().find(|order| order.id == id);
        found.ok_or_else(|| BadCall(format!("the customer has no order with the id '{id}'")))
    }

    pub(super) fn plan(&mut self, order: &str) -> Result<&mut Plan, BadCall> {
        let plan = self.order(order)?.plan.as_mut();
        plan.ok_or_else(|| BadCall(format!("the order '{order}' has no plan")))
    }

    pub(super) fn fact(&mut self, action: &str, rule: &str, subject: &str, before: Value, after: Value) {
        self.facts.push(json!({"action": action, "rule_id": rule, "subject": subject, "before": before, "after": after}));
    }

    /// When it happens.
    pub(super) fn now(&self) -> Timestamp {
        self.view.now
    }

    /// Asks something of the payment provider, or of a carrier.
    pub(super) fn send(&mut self, topic: &str, payload: Value) {
        self.messages.push((topic.to_owned(), payload));
    }

    pub(super) fn adjust(&mut self, plan: &str, kind: &str, rule: &str, reason: &str) -> &mut Adjustment {
        let id = self.ids.id("adj");
        self.account.adjustments.push(Adjustment {
            id,
            plan: plan.to_owned(),
            instalment: None,
            kind: kind.to_owned(),
            old_due_on: None,
            new_due_on: None,
            amount_minor: 0,
            reason: reason.to_owned(),
            rule_id: rule.to_owned(),
            requested_by: "customer".into(),
            created_at: self.view.now,
        });
        let last = self.account.adjustments.len() - 1;
        &mut self.account.adjustments[last]
    }

    /// Records that a plan was paused. Nothing is recorded when it was paused before.
    fn paused(&mut self, before: Option<&Plan>, held: &[Held], rule: &str, reason: &str) {
        let Some(plan) = before.filter(|plan| !held.is_empty() && !plan.is_paused()) else { return };
        self.adjust(&plan.id, "pause", rule, reason).amount_minor = held.iter().map(|held| held.amount_minor).sum();
        let was: Vec<Value> = held
            .iter()
            .map(|held| json!({"seq": held.seq, "status": plan.instalment(&held.id).map(|instalment| instalment.status)}))
            .collect();
        let is: Vec<Value> = held.iter().map(|held| json!({"seq": held.seq, "status": "paused"})).collect();
        self.fact(
            "pause_plan",
            rule,
            &plan.id,
            json!({"status": plan.status, "instalments": was}),
            json!({"status": "paused", "instalments": is}),
        );
    }

    /// A number for customers that none of their disputes and cases has.
    fn public_no(&mut self, letter: char) -> String {
        loop {
            let number = self.ids.public_no(letter);
            let mut disputes = self.account.customer.orders.iter().flat_map(|order| &order.disputes);
            if disputes.all(|dispute| dispute.public_no != number) && self.account.cases.iter().all(|case| case.id != number) {
                return number;
            }
        }
    }

    pub(super) fn done(self, answer: Value) -> Done {
        Ok((answer, Change { account: self.account, facts: self.facts, messages: self.messages }))
    }
}

fn held_records(held: &[Held]) -> Vec<Value> {
    held.iter().map(|held| json!({"seq": held.seq, "due_on": held.due_on, "amount_minor": held.amount_minor})).collect()
}

pub(super) fn extend_due_date(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["instalment", "days"])?;
    let (order, plan, instalment, found) = rules::extension(view, args)?;
    let days = args.number("days")?.ok_or_else(|| args.wrong("days", "a number of days"))?;
    let extension = found?;
    let days = i32::try_from(days).ok().filter(|days| (1..=extension.max_days).contains(days));
    let days = days.ok_or_else(|| args.wrong("days", &format!("from 1 to {}", extension.max_days)))?;
    let mut draft = Draft::new(view, &instalment.id);
    let changed = plan::extend(draft.plan(&order.id)?, &instalment.id, days, extension.fee_minor);
    let new_due_on = changed.ok_or_else(|| args.not_theirs("instalment", &instalment.id))?;
    let adjustment = draft.adjust(&plan.id, "extension", "can_extend", "asked in chat");
    adjustment.instalment = Some(instalment.id.clone());
    adjustment.old_due_on = Some(extension.old_due_on);
    adjustment.new_due_on = Some(new_due_on);
    adjustment.amount_minor = extension.fee_minor;
    draft.fact(
        "extend_due_date",
        "can_extend",
        &instalment.id,
        json!({"due_on": extension.old_due_on, "fee_minor": instalment.fee_minor}),
        json!({"due_on": new_due_on, "fee_minor": instalment.fee_minor + extension.fee_minor}),
    );
    draft.done(
        json!({"old_due_on": extension.old_due_on, "new_due_on": new_due_on, "fee_minor": extension.fee_minor, "currency": order.currency}),
    )
}

pub(super) fn open_dispute(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["order", "reason", "sub_reason", "store_contact", "store_contact_on", "note"])?;
    let (order, reason, found) = rules::opening(view, args)?;
    let claim = Claim {
        reason,
        sub_reason: args.owned_text("sub_reason")?,
        store_contact: args.one_of("store_contact", &STORE_CONTACT)?.map(str::to_owned),
        store_contact_on: args.date("store_contact_on")?,
        note: args.owned_text("note")?,
    };
    let opening = found.map_err(refused)?;
    let mut draft = Draft::new(view, &order.id);
    if reason == DisputeReason::UnauthorisedPurchase {
        lock(&mut draft, &order.id);
    }
    let (record, held) = open(&mut draft, order, claim, &opening, "can_dispute")?;
    draft.done(json!({"public_no": record["public_no"], "deadline_on": opening.deadline_on, "disputed_minor": opening.disputed_minor,
        "currency": order.currency, "merchant": view.merchants.name(&order.merchant), "paused": held_records(&held), "dispute": record}))
}

pub(super) fn report_unauthorised(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["order", "note"])?;
    let order = view.order(args)?;
    let reason = DisputeReason::UnauthorisedPurchase;
    let claim = Claim { reason, sub_reason: None, store_contact: None, store_contact_on: None, note: args.owned_text("note")? };
    let opening = rules::may_open(view, order, reason).map_err(refused)?;
    let mut draft = Draft::new(view, &order.id);
    let case = lock(&mut draft, &order.id);
    let (record, held) = open(&mut draft, order, claim, &opening, "report_unauthorised")?;
    draft.done(json!({"public_no": record["public_no"], "case": case, "paused": held_records(&held), "merchant": view.merchants.name(&order.merchant)}))
}

/// The refusal of a dispute with what the customer may want to know.
fn refused(refused: dispute::Refused) -> No {
    No::Rule(refused.refusal, vec![("public_no", json!(refused.public_no)), ("from_on", json!(refused.from_on))])
}

fn open(draft: &mut Draft<'_>, order: &Order, claim: Claim, opening: &Opening, rule: &str) -> Result<(Value, Vec<Held>), BadCall> {
    let public_no = draft.public_no('D');
    let mut ids = draft.ids.clone();
    let now = draft.view.now;
    let view = draft.view;
    let changed = draft.order(&order.id)?;
    let merchant = view.merchants.get(&order.merchant);
    let held = dispute::open(changed, claim, opening, public_no.clone(), merchant, &mut ids, view.market, now);
    let record = changed.disputes.last().map_or(Value::Null, |opened| disputes::record(view, changed, opened));
    draft.ids = ids;
    let after = json!({"dispute": public_no, "state": opening.state, "reason": record["reason"], "disputed_minor": opening.disputed_minor});
    draft.fact("open_dispute", rule, &order.id, json!({"dispute": null}), after);
    draft.send("dispute.opened", json!({"dispute": record["id"], "public_no": public_no, "order": order.id, "state": opening.state}));
    draft.paused(order.plan.as_ref(), &held, rule, &format!("dispute {public_no}"));
    Ok((record, held))
}

/// Opens a fraud case, which a person looks at within the hour, and restricts the account. Gives the number of the case.
fn lock(draft: &mut Draft<'_>, order: &str) -> String {
    let number = draft.public_no('F');
    let now = draft.view.now;
    let due_at = now + 1.hour();
    draft.account.cases.push(Case {
        id: number.clone(),
        kind: "fraud".into(),
        received_at: now,
        due_at: Some(due_at),
        state: "open".into(),
        escalated_at: None,
    });
    draft.fact("open_case", "report_unauthorised", order, Value::Null, json!({"case": number, "kind": "fraud", "due_at": due_at}));
    let customer = &mut draft.account.customer;
    if customer.status == CustomerStatus::Active {
        customer.status = CustomerStatus::Restricted;
        let id = customer.id.to_string();
        draft.fact("restrict_account", "report_unauthorised", &id, json!({"status": "active"}), json!({"status": "restricted"}));
    }
    number
}

pub(super) fn report_return(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["order", "sent_on", "carrier", "tracking_no"])?;
    let order = view.order(args)?;
    let (sent_on, carrier, tracking_no) = (args.date("sent_on")?, args.owned_text("carrier")?, args.owned_text("tracking_no")?);
    rules::returnable(view, order)?;
    let mut draft = Draft::new(view, &order.id);
    let id = draft.ids.id("ret");
    if let Some(number) = &tracking_no {
        draft.send("carrier.watch", json!({"order": order.id, "shipment": id, "carrier": carrier, "tracking_no": number}));
    }
    let changed = draft.order(&order.id)?;
    changed.returns.push(Return {
        id: id.clone(),
        reported_at: view.now,
        sent_on,
        carrier,
        tracking_no,
        status: ReturnStatus::Reported,
        delivered_at: None,
        lines: order.lines.iter().map(|line| ReturnLine { line: line.id.clone(), qty: line.qty }).collect(),
    });
    let held = changed.plan.as_mut().map(plan::pause).unwrap_or_default();
    draft.fact(
        "report_return",
        "can_return",
        &order.id,
        json!({"return": null}),
        json!({"return": id, "status": "reported", "sent_on": sent_on}),
    );
    draft.paused(order.plan.as_ref(), &held, "can_return", &format!("return {id}"));
    let pause_until = days_after(view.today, view.market.return_pause_days);
    draft.done(
        json!({"return": id, "pause_until": pause_until, "paused": held_records(&held), "merchant": view.merchants.name(&order.merchant)}),
    )
}

pub(super) fn waive_fee(view: &View<'_>, args: &Args<'_>) -> Done {
    args.only(&["fee"])?;
    let (order, plan, instalment, found) = rules::waiver(view, args)?;
    let reason = found?;
    let amount = instalment.fee_minor;
    let mut draft = Draft::new(view, &instalment.id);
    let fee_of = draft.plan(&order.id)?.instalments.iter_mut().find(|candidate| candidate.id == instalment.id);
    let charged = fee_of.ok_or_else(|| args.not_theirs("instalment", &instalment.id))?;
    charged.fee_minor = 0;
    let adjustment = draft.adjust(&plan.id, "fee_waiver", "can_waive_fee", reason);
    adjustment.instalment = Some(instalment.id.clone());
    adjustment.amount_minor = amount;
    draft.fact("waive_fee", "can_waive_fee", &instalment.id, json!({"fee_minor": amount}), json!({"fee_minor": 0, "reason": reason}));
    draft.done(json!({"amount_minor": amount, "currency": order.currency}))
}
