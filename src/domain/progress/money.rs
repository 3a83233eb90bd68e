//! What moves money: refunds that are made, posted or failed, debits and their answers, payments.

use super::{Course, Unmoved};
use crate::domain::account::{Attempt, Instalment, InstalmentStatus, PlanStatus, Refund, RefundStatus, TellingKind};
use crate::domain::fact::{AttemptResult, Attempted, Received};
use crate::domain::money::Currency;
use crate::domain::plan;
use crate::domain::refund::{Allocation, allocate};
use crate::domain::timer::DEBIT_SILENT;
use serde_json::{Value, json};

impl Course<'_> {
    /// Makes a refund that a rule decided: it lowers the plan now, and what was paid goes back through the payment provider.
    pub(super) fn refund_by_rule(&mut self, order: &str, amount_minor: i64, reason: &str, rule: &str) {
        let (id, now) = (self.ids.id("rfd"), self.now);
        let allocation = self.allocate(order, amount_minor, rule, reason);
        let back: i64 = allocation.paid_back.iter().map(|(_, amount)| amount).sum::<i64>() + allocation.credit_minor;
        let Some(found) = self.order(order) else { return };
        found.refunds.push(Refund {
            id: id.clone(),
            amount_minor,
            initiated_by: "rule".into(),
            reason: Some(reason.to_owned()),
            status: RefundStatus::Applied,
            created_at: now,
            posted_at: None,
        });
        self.change("refund", rule, order, Value::Null, json!({"refund": id, "amount_minor": amount_minor, "paid_back_minor": back}));
        self.pay_out(order, &id, amount_minor, back);
    }

    /// What goes back to the customer leaves as a message; when nothing does, the refund is done.
    pub(super) fn pay_out(&mut self, order: &str, refund: &str, amount_minor: i64, back_minor: i64) {
        let at = self.happened;
        let Some(found) = self.order(order) else { return };
        if back_minor > 0 {
            let currency = found.currency;
            self.send("refund.pay_out", json!({"refund": refund, "order": order, "amount_minor": back_minor, "currency": currency}));
            return;
        }
        if let Some(refund) = found.refunds.iter_mut().find(|known| known.id == refund) {
            refund.status = RefundStatus::Posted;
            refund.posted_at = Some(at);
        }
        self.tell_refund(order, refund, amount_minor, 0);
    }

    /// Takes a refund off a plan and writes down what moved. An order without a plan owes nothing: all of it goes back.
    pub(super) fn allocate(&mut self, order: &str, amount_minor: i64, rule: &str, reason: &str) -> Allocation {
        let Some(plan) = self.plan(order) else { return Allocation { credit_minor: amount_minor, ..Allocation::default() } };
        let (id, before) = (plan.id.clone(), plan.open_minor());
        let allocation = allocate(plan, amount_minor);
        let after = plan.open_minor();
        let adjustment = self.adjust(&id, "refund_reallocation", rule, reason);
        adjustment.amount_minor = amount_minor;
        self.change("allocate_refund", rule, &id, json!({"open_minor": before}), json!({"open_minor": after}));
        allocation
    }

    /// Tells the customer that a refund is there, and what is left to pay.
    pub(super) fn tell_refund(&mut self, order: &str, refund: &str, amount_minor: i64, back_minor: i64) {
        let merchant = self.store_name(order);
        let Some(found) = self.account.order(order) else { return };
        let open: Vec<&Instalment> =
            found.plan.iter().flat_map(|plan| &plan.instalments).filter(|instalment| instalment.is_open()).collect();
        let left: Vec<Value> =
            open.iter().map(|instalment| json!({"due_on": instalment.due_on, "amount_minor": instalment.open_minor()})).collect();
        let paused = found.plan.as_ref().is_some_and(|plan| plan.is_paused());
        let data = json!({"amount_minor": amount_minor, "back_minor": back_minor, "currency": found.currency, "merchant": merchant,
            "left": left, "paused": paused});
        self.tell(TellingKind::RefundPosted, refund, "", data, None);
    }

    /// Our debit is due: it leaves as a message and comes back as a fact.
    pub(super) fn debit(&mut self, order: &str, instalment: &str) {
        let now = self.now;
        let Some(found) = self.order(order) else { return };
        let currency = found.currency;
        let Some(due) = found.plan.iter_mut().flat_map(|plan| &mut plan.instalments).find(|due| due.id == instalment) else { return };
        let (amount, tries) = (due.open_minor(), due.attempts.len());
        let before = found.plan.as_mut().and_then(|plan| plan::begin_debit(plan, instalment, now));
        self.change("debit", "collect", instalment, json!({"status": before}), json!({"status": "processing", "amount_minor": amount}));
        self.send(
            "payment.debit",
            json!({"instalment": instalment, "order": order, "amount_minor": amount, "currency": currency, "attempt": tries + 1}),
        );
    }

    /// A debit has no answer after days: a person asks the provider. The payment stays under way, so that nothing is taken twice.
    pub(super) fn debit_silent(&mut self, order: &str, instalment: &str) {
        let Some(plan) = self.plan(order) else { return };
        let Some(due) = plan.instalments.iter_mut().find(|due| due.id == instalment) else { return };
        let (since, tries) = (due.asked_at.take(), due.attempts.len());
        self.change("debit_silent", "collect", instalment, json!({"asked_at": since}), json!({"called": true}));
        let summary = format!(
            "The payment provider has not answered the debit of {instalment} for {} days. The payment is still under way: find out whether it \
             was taken, then report it.",
            DEBIT_SILENT.as_hours() / 24
        );
        self.call(&format!("debit_silent/{instalment}/{tries}"), "general", 3, "debit_silent", summary);
    }

    /// A debit came back.
    pub(super) fn attempted(&mut self, order: &str, fact: &Attempted) -> Result<(), Unmoved> {
        self.same_currency(order, fact.currency)?;
        let (at, today, market) = (self.happened, self.market.date(self.now), self.market);
        let merchant = self.store_name(order);
        let Some(plan) = self.plan(order) else { return Err(Unmoved("the order has no plan".into())) };
        let attempt = Attempt { attempted_at: at, result: fact.result.as_str().into(), decline_class: fact.decline_class.clone() };
        let held = plan.is_paused();
        let Some(due) = plan.instalments.iter_mut().find(|due| due.id == fact.instalment) else {
            return Err(Unmoved(format!("the plan has no instalment '{}'", fact.instalment)));
        };
        if fact.result == AttemptResult::Succeeded {
            due.attempts.push(attempt);
            // It is answered, even when a refund has left nothing to pay meanwhile.
            due.asked_at = None;
            self.paid(order, &fact.instalment, fact.amount_minor);
            return Ok(());
        }
        let next = plan::attempted(plan, &fact.instalment, attempt, market, today).flatten();
        let (open, tries) = plan.instalment(&fact.instalment).map_or((0, 0), |due| (due.open_minor(), due.attempts.len()));
        let data = json!({"amount_minor": open, "merchant": merchant, "currency": fact.currency, "next_try_on": next,
            "ours": fact.result == AttemptResult::Error});
        self.change("debit_failed", "retry_ladder", &fact.instalment, Value::Null, json!({"result": fact.result, "next_try_on": next}));
        if open > 0 && !held {
            self.tell(TellingKind::PaymentFailed, &fact.instalment, &tries.to_string(), data, None);
        }
        Ok(())
    }

    /// The customer paid by themselves: an instalment, or a plan from its first open instalment on.
    pub(super) fn received(&mut self, order: &str, fact: &Received) -> Result<(), Unmoved> {
        self.same_currency(order, fact.currency)?;
        let Some(plan) = self.plan(order) else { return Err(Unmoved("the order has no plan".into())) };
        let named = plan.instalments.iter().find(|due| due.id == fact.plan || due.is_open()).map(|due| due.id.clone());
        let first = plan.instalments.iter().find(|due| due.id == fact.plan).map(|due| due.id.clone()).or(named);
        let Some(first) = first else {
            let summary = format!(
                "A payment of {} {} came for plan {}, which has nothing left to pay.",
                fact.amount_minor,
                fact.currency.code(),
                fact.plan
            );
            self.call(&format!("overpaid/{}/{}", fact.plan, self.now), "general", 3, "overpaid", summary);
            return Ok(());
        };
        self.paid(order, &first, fact.amount_minor);
        Ok(())
    }

    /// Money for an instalment: what it does not need goes to the next open ones, and what is left stays with it as credit.
    fn paid(&mut self, order: &str, instalment: &str, amount_minor: i64) {
        let Some(plan) = self.plan(order) else { return };
        let received = plan::receive(plan, instalment, amount_minor);
        let parts: Vec<Value> = received.parts.iter().map(|(seq, amount)| json!({"seq": seq, "amount_minor": amount})).collect();
        let left = received.credit_minor;
        let id = plan.id.clone();
        self.change(
            "payment",
            "allocate_payment",
            &id,
            Value::Null,
            json!({"amount_minor": amount_minor, "parts": parts, "credit_minor": left}),
        );
        self.send("payment.booked", json!({"plan": id, "amount_minor": amount_minor, "credit_minor": left}));
    }

    /// The days of grace are over.
    pub(super) fn late_fee(&mut self, order: &str, instalment: &str) {
        let market = self.market;
        let merchant = self.store_name(order);
        let Some(found) = self.account.order(order) else { return };
        let currency = found.currency;
        let fee = found.plan.as_ref().map_or(0, |plan| plan::fee_due(found, plan, market));
        if fee == 0 {
            return;
        }
        let Some(plan) = self.plan(order) else { return };
        let id = plan.id.clone();
        plan.status = PlanStatus::Overdue;
        let Some(due) = plan.instalments.iter_mut().find(|due| due.id == instalment) else { return };
        due.fee_minor += fee;
        if due.status == InstalmentStatus::Scheduled {
            due.status = InstalmentStatus::Overdue;
        }
        let open = due.open_minor();
        let adjustment = self.adjust(&id, "fee", "late_fee", "not paid within the days of grace");
        adjustment.instalment = Some(instalment.to_owned());
        adjustment.amount_minor = fee;
        self.change("late_fee", "late_fee", instalment, json!({"fee_minor": 0}), json!({"fee_minor": fee}));
        let data = json!({"fee_minor": fee, "open_minor": open, "currency": currency, "merchant": merchant});
        self.tell(TellingKind::FeeCharged, instalment, "", data, None);
    }

    pub(super) fn same_currency(&self, order: &str, currency: Currency) -> Result<(), Unmoved> {
        match self.account.order(order) {
            Some(found) if found.currency != currency => {
                Err(Unmoved(format!("the order is in {}, not in {}", found.currency.code(), currency.code())))
            }
            _ => Ok(()),
        }
    }
}
