//! A timer rings: what time alone does to an account.

use super::{Course, Ground, Happenings};
use crate::domain::account::{Account, DisputeState, Notice, Order, TellingKind, TellingState};
use crate::domain::market::Market;
use crate::domain::timer::{Timer, TimerKind, timers};
use serde_json::json;

/// Rings a timer at its due instant (`ground.now`). `None` when the account no longer derives it: then it only has to be forgotten.
///
/// What it does always ends the reason for the timer, so that it rings once.
pub fn ring(account: &Account, timer: &Timer, ground: Ground<'_>) -> Option<Happenings> {
    let market = Market::of(&account.customer.market);
    if timer.due_at > ground.now || !timers(account, market).contains(timer) {
        return None;
    }
    let subject = timer.subject.as_str();
    let mut course = Course::new(account, ground, &format!("{subject}/{}", timer.kind.as_str()));
    let order_of = |has: &dyn Fn(&Order) -> bool| account.customer.orders.iter().find(|order| has(order)).map(|order| order.id.clone());
    let owes = |order: &Order| order.plan.iter().flat_map(|plan| &plan.instalments).any(|due| due.id == subject);
    match timer.kind {
        TimerKind::DisputeDeadline => course.deadline_passed(subject),
        TimerKind::DisputeRule => course.rule_due(subject),
        TimerKind::EvidenceReminder => course.remind(subject),
        TimerKind::Collect => course.debit(&order_of(&owes)?, subject),
        TimerKind::DebitSilent => course.debit_silent(&order_of(&owes)?, subject),
        TimerKind::Announce => course.announce(&order_of(&owes)?, subject),
        TimerKind::LateFee => course.late_fee(&order_of(&owes)?, subject),
        TimerKind::LateParcel => {
            course.late_parcel(&order_of(&|order| order.shipments.iter().any(|parcel| parcel.id == subject))?, subject)
        }
        TimerKind::ReturnPause => course.return_pause(subject),
        TimerKind::Tell => course.wait_for_visit(subject),
        TimerKind::CaseDue => course.case_due(subject),
        TimerKind::NoticeDue => course.notice_due(subject),
        TimerKind::PromiseDue => course.promise_due(subject),
    }
    Some(course.end())
}

impl Course<'_> {
    fn remind(&mut self, dispute: &str) {
        let market = self.market;
        let Some((order, found)) = self.account.dispute(dispute) else { return };
        let Some(due) = found.next_deadline_at.filter(|_| found.state == DisputeState::CustomerInfoRequested) else { return };
        let due_on = market.date(due);
        let merchant = self.merchants.name(&order.merchant).to_owned();
        let data = json!({"public_no": found.public_no, "due_on": due_on, "merchant": merchant});
        self.tell(TellingKind::EvidenceNeeded, dispute, &market.date(self.now).to_string(), data, Some(due));
    }

    fn announce(&mut self, order: &str, instalment: &str) {
        let (market, merchant) = (self.market, self.store_name(order));
        let Some(found) = self.account.order(order) else { return };
        let Some(plan) = &found.plan else { return };
        let Some(due) = plan.instalment(instalment) else { return };
        let method = self.account.customer.payment_methods.iter().find(|method| method.is_default).and_then(|method| {
            let last4 = method.last4.as_deref()?;
            Some(format!("{} {last4}", method.brand.as_deref().unwrap_or("•••• ").trim()))
        });
        let data = json!({"amount_minor": due.open_minor(), "currency": found.currency, "due_on": due.due_on, "merchant": merchant,
            "autopay": plan.autopay, "method": method});
        let (on, until) = (due.due_on, market.end_of(due.due_on));
        self.tell(TellingKind::PaymentTomorrow, instalment, &on.to_string(), data, Some(until));
    }

    fn late_parcel(&mut self, order: &str, parcel: &str) {
        let merchant = self.store_name(order);
        let Some(found) = self.account.order(order) else { return };
        let Some(late) = found.shipments.iter().find(|late| late.id == parcel) else { return };
        let Some(promised) = late.promised_on else { return };
        let data = json!({"merchant": merchant, "ref": found.r#ref, "promised_on": promised});
        let trace = json!({"order": order, "shipment": parcel, "carrier": late.carrier, "tracking_no": late.tracking_no});
        self.tell(TellingKind::ParcelLate, parcel, "", data, None);
        self.send("carrier.trace", trace);
    }

    fn return_pause(&mut self, plan: &str) {
        self.adjust(plan, "return_pause_over", "return_pause", "the pause for a return is over, and the store has not answered");
        let summary =
            format!("The pause for a return is over: plan {plan} is still paused, and the store has neither confirmed nor refunded.");
        self.call(&format!("return_pause/{plan}"), "disputes", 3, "return_pause_over", summary);
    }

    /// Nobody was there to be told: the telling waits for the next visit, and mail or push may carry it.
    fn wait_for_visit(&mut self, telling: &str) {
        let (now, sheltered, quiet) = (self.now, self.account.is_sheltered(), self.account.customer.quiet);
        let Some(found) = self.account.tellings.iter_mut().find(|found| found.id == telling) else { return };
        let late = found.until.is_some_and(|until| until < now);
        if late || quiet || (found.kind.is_about_debt() && sheltered) {
            found.state = TellingState::Dropped;
            return;
        }
        found.state = TellingState::Waiting;
        let payload = json!({"telling": found.id, "kind": found.kind, "data": found.data});
        self.send("customer.tell", payload);
    }

    fn case_due(&mut self, id: &str) {
        let now = self.now;
        let Some(case) = self.account.cases.iter_mut().find(|case| case.id == id) else { return };
        case.escalated_at = Some(now);
        let (kind, due) = (case.kind.clone(), case.due_at);
        let due = due.map(|due| due.to_string()).unwrap_or_default();
        self.call(&format!("case/{id}"), queue_of(&kind), 1, "deadline_near", format!("Case {id} ({kind}) must be answered by {due}."));
    }

    fn notice_due(&mut self, id: &str) {
        let now = self.now;
        let opened =
            |since| self.account.customer.orders.iter().flat_map(|order| &order.disputes).any(|dispute| dispute.opened_at >= since);
        let answered = |notice: &Notice| ["dispute", "billing_error"].contains(&notice.kind.as_str()) && opened(notice.received_at);
        // A dispute that was opened since has deadlines of its own.
        let is_answered = self.account.notices.iter().any(|notice| notice.id == id && answered(notice));
        let Some(notice) = self.account.notices.iter_mut().find(|notice| notice.id == id) else { return };
        if is_answered {
            notice.state = "answered".into();
            return;
        }
        notice.escalated_at = Some(now);
        let (kind, due, regime) = (notice.kind.clone(), notice.due_at, notice.regime.clone());
        let summary = format!("A notice ({}, {regime}) must be answered by {due}.", kind.replace('_', " "));
        self.call(&format!("notice/{id}"), queue_of(&kind), 1, "deadline_near", summary);
    }

    fn promise_due(&mut self, id: &str) {
        let (now, market) = (self.now, self.market);
        let Some(promise) = self.account.promises.iter_mut().find(|promise| promise.id == id) else { return };
        promise.escalated_at = Some(now);
        let (subject, due) = (promise.subject.clone(), promise.due_at);
        let summary =
            format!("We promised the customer '{}' by {due}; it is not done.", promise.text.chars().take(200).collect::<String>());
        self.call(&format!("promise/{id}"), "general", 2, "promise_due", summary);
        self.tell(TellingKind::PromiseLate, id, "", json!({"subject": subject, "due_on": market.date(due)}), None);
    }
}

/// The queue for a kind of case or notice.
fn queue_of(kind: &str) -> &'static str {
    match kind {
        "complaint" => "complaints",
        "privacy" | "data_protection" => "privacy",
        "fraud" | "unauthorised_use" => "fraud",
        "hardship" => "hardship",
        "credit_withdrawal" => "credit",
        "dispute" | "billing_error" => "disputes",
        _ => "general",
    }
}
