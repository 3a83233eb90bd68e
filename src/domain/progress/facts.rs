//! A fact arrives: what it does to the account that it is about.

use super::{Course, Ground, Happenings, Unmoved};
use crate::domain::account::{
    Account, DisputeReason, DisputeState, Order, PlanStatus, Refund, RefundStatus, Return, ReturnStatus, Shipment, ShipmentEvent,
    ShipmentStatus, TellingKind,
};
use crate::domain::dispute::machine::{Actor, Brings, Event};
use crate::domain::dispute::{Detail, open_dispute};
use crate::domain::fact::{Appealed, Evidence, Fact, FactKind, OfReturn, Offer, RefundFact, Scan};
use crate::domain::plan;
use serde_json::{Value, json};

/// Takes a fact in. The error says why it changes nothing; it is kept all the same.
///
/// # Errors
/// When the account knew it already, it contradicts what is settled, or it is about nothing here.
pub fn take(account: &Account, fact: &Fact, ground: Ground<'_>) -> Result<Happenings, Unmoved> {
    let mut course = Course::new(account, ground, &format!("{}/{}", fact.source, fact.id));
    course.happened = fact.occurred_at;
    match &fact.kind {
        FactKind::Scan(scan) => course.scan(scan)?,
        FactKind::Evidence(evidence) => course.evidence(evidence)?,
        FactKind::Accepted(of) => course.accepted(&of.dispute)?,
        FactKind::Appealed(appeal) => course.appealed(appeal)?,
        FactKind::Offer(offer) => course.offer(offer)?,
        FactKind::RefundPosted(refund) => course.refund_posted(refund)?,
        FactKind::RefundFailed(refund) => course.refund_failed(refund)?,
        FactKind::Attempted(attempt) => {
            let order = course.order_with(|order| owes(order, &attempt.instalment), &attempt.instalment)?;
            course.attempted(&order, attempt)?;
        }
        FactKind::Received(received) => {
            let has_plan = |order: &Order| order.plan.as_ref().is_some_and(|plan| plan.id == received.plan);
            let order = course.order_with(|order| has_plan(order) || owes(order, &received.plan), &received.plan)?;
            course.received(&order, received)?;
        }
        FactKind::ReturnRegistered(of) => course.returned(of, ReturnStatus::Registered)?,
        FactKind::ReturnRejected(of) => course.returned(of, ReturnStatus::Rejected)?,
        FactKind::MerchantInsolvent(of) => course.insolvent(&of.merchant)?,
    }
    Ok(course.end())
}

fn owes(order: &Order, instalment: &str) -> bool {
    order.plan.iter().flat_map(|plan| &plan.instalments).any(|due| due.id == instalment)
}

fn is_parcel(parcel: &Shipment, id: &str) -> bool {
    parcel.id == id || parcel.tracking_no.as_deref() == Some(id)
}

fn is_return(back: &Return, id: &str) -> bool {
    back.id == id || back.tracking_no.as_deref() == Some(id)
}

/// What a carrier's code says about a parcel; other codes are kept and say nothing.
fn status_of(code: &str) -> Option<ShipmentStatus> {
    serde_json::from_value(Value::String(code.to_owned())).ok().filter(|status| *status != ShipmentStatus::Unknown)
}

impl Course<'_> {
    fn order_with(&self, has: impl Fn(&Order) -> bool, id: &str) -> Result<String, Unmoved> {
        let found = self.account.customer.orders.iter().find(|order| has(order));
        found.map(|order| order.id.clone()).ok_or_else(|| Unmoved(format!("the account has nothing with the id '{id}'")))
    }

    fn scan(&mut self, scan: &Scan) -> Result<(), Unmoved> {
        let id = scan.shipment.as_str();
        let order = self.order_with(
            |order| order.shipments.iter().any(|parcel| is_parcel(parcel, id)) || order.returns.iter().any(|back| is_return(back, id)),
            id,
        )?;
        let (at, received) = (self.happened, self.now);
        let Some(found) = self.order(&order) else { return Ok(()) };
        let mut known = true;
        if let Some(parcel) = found.shipments.iter_mut().find(|parcel| is_parcel(parcel, id)) {
            known = parcel.events.iter().any(|event| event.code == scan.code && event.occurred_at == at);
            if !known {
                let before = parcel.status;
                parcel.events.push(ShipmentEvent {
                    code: scan.code.clone(),
                    occurred_at: at,
                    city: scan.city.clone(),
                    received_at: Some(received),
                });
                parcel.events.sort_by(|a, b| (a.occurred_at, &a.code).cmp(&(b.occurred_at, &b.code)));
                // The last scan by its own clock says where it is, whenever it reached us.
                let last = parcel.events.iter().rev().find_map(|event| Some((status_of(&event.code)?, event.occurred_at)));
                if let Some((status, when)) = last {
                    parcel.status = status;
                    parcel.delivered_at = (status == ShipmentStatus::Delivered).then_some(when);
                }
                if scan.proof_postcode.is_some() {
                    parcel.proof_postcode.clone_from(&scan.proof_postcode);
                }
                let (parcel, after) = (parcel.id.clone(), parcel.status);
                self.change("carrier_scan", "carrier", &parcel, json!({"status": before}), json!({"status": after, "code": scan.code}));
            }
        }
        let Some(found) = self.order(&order) else { return Ok(()) };
        if let Some(back) = found.returns.iter_mut().find(|back| is_return(back, id)) {
            let next = match (scan.code.as_str(), back.status) {
                ("delivered", ReturnStatus::Reported | ReturnStatus::InTransit | ReturnStatus::Expired) => {
                    Some(ReturnStatus::DeliveredToMerchant)
                }
                ("in_transit", ReturnStatus::Reported) => Some(ReturnStatus::InTransit),
                _ => None,
            };
            if let Some(next) = next {
                known = false;
                let (id, before) = (back.id.clone(), back.status);
                back.status = next;
                if next == ReturnStatus::DeliveredToMerchant {
                    back.delivered_at = Some(at);
                }
                self.change("return_scan", "carrier", &id, json!({"status": before}), json!({"status": next}));
            }
        }
        if known {
            return Err(Unmoved("this scan is known already".into()));
        }
        self.scan_in_dispute(&order, scan);
        Ok(())
    }

    /// What a scan means for an open claim of non-receipt is for its rules and its decider: it is written down there.
    fn scan_in_dispute(&mut self, order: &str, scan: &Scan) {
        let Some(open) = self.account.order(order).and_then(open_dispute) else { return };
        if open.reason == DisputeReason::GoodsNotReceived
            && ["delivered", "lost", "returned_to_sender", "never_shipped"].contains(&scan.code.as_str())
        {
            let id = open.id.clone();
            self.note_on(&id, json!({"event": "carrier_scan", "by": "carrier", "code": scan.code, "occurred_at": self.happened}));
        }
    }

    fn open_dispute(&self, id: &str) -> Result<(String, DisputeState, i64), Unmoved> {
        let Some((_, dispute)) = self.account.dispute(id) else { return Err(Unmoved(format!("the account has no dispute '{id}'"))) };
        if dispute.state == DisputeState::Closed {
            return Err(Unmoved(format!("dispute {} is closed; this came too late to change it", dispute.public_no)));
        }
        Ok((dispute.id.clone(), dispute.state, dispute.disputed_minor))
    }

    fn evidence(&mut self, evidence: &Evidence) -> Result<(), Unmoved> {
        let (id, state, _) = self.open_dispute(&evidence.dispute)?;
        let (now, at) = (self.now, self.happened);
        if let Some(dispute) = self.dispute(&id) {
            dispute.evidence.push(json!({"party": "merchant", "type": evidence.sort, "note": evidence.note, "submitted_at": at}));
            dispute.events.push(json!({"at": now, "event": "evidence", "by": "merchant", "type": evidence.sort}));
        }
        self.change("merchant_evidence", "merchant", &id, Value::Null, json!({"type": evidence.sort}));
        if state == DisputeState::MerchantEvidenceRequested {
            self.must(&id, Event::EvidenceSubmitted, Actor::Merchant, Brings::default());
        }
        Ok(())
    }

    fn accepted(&mut self, id: &str) -> Result<(), Unmoved> {
        let (id, _, disputed) = self.open_dispute(id)?;
        let rule = Some(("R2", json!({"accepted": true, "disputed_minor": disputed})));
        self.must(&id, Event::AcceptLoss, Actor::Merchant, Brings { rule, detail: Some(Detail::StoreAccepts), ..Brings::default() });
        Ok(())
    }

    /// The store asks for a second look.
    fn appealed(&mut self, appeal: &Appealed) -> Result<(), Unmoved> {
        let (id, state, _) = self.open_dispute(&appeal.dispute)?;
        if state != DisputeState::PreliminaryDecision {
            return Err(Unmoved("a second look can be asked for only between the first decision and its deadline".into()));
        }
        let text = Some(appeal.text.clone().unwrap_or_else(|| "The store gave no reason.".into()));
        self.must(&id, Event::Appeal, Actor::Merchant, Brings { text, ..Brings::default() });
        Ok(())
    }

    fn offer(&mut self, offer: &Offer) -> Result<(), Unmoved> {
        let (id, _, disputed) = self.open_dispute(&offer.dispute)?;
        let order = self.account.dispute(&id).map(|(order, _)| order.id.clone()).unwrap_or_default();
        self.same_currency(&order, offer.currency)?;
        if offer.amount_minor >= disputed {
            return self.accepted(&id);
        }
        self.note_on(&id, json!({"event": "offer", "by": "merchant", "amount_minor": offer.amount_minor}));
        self.change("merchant_offer", "merchant", &id, Value::Null, json!({"amount_minor": offer.amount_minor}));
        let number = self.account.dispute(&id).map(|(_, dispute)| dispute.public_no.clone());
        // Rule R9: the customer is asked, in the chat or at the next visit.
        let data = json!({"amount_minor": offer.amount_minor, "disputed_minor": disputed, "currency": offer.currency,
            "merchant": self.store_name(&order), "public_no": number});
        self.tell(TellingKind::OfferMade, &id, &self.now.to_string(), data, None);
        Ok(())
    }

    fn refund_posted(&mut self, fact: &RefundFact) -> Result<(), Unmoved> {
        let at = self.happened;
        let ours = |order: &Order| order.refunds.iter().any(|refund| refund.id == fact.refund);
        let own = self.account.customer.orders.iter().find(|order| ours(order)).map(|order| order.id.clone());
        if own.is_some() && fact.order.is_some() {
            return Err(Unmoved(format!("refund {} is known already", fact.refund)));
        }
        if let Some(order) = own {
            self.same_currency(&order, fact.currency)?;
            let Some(refund) = self.order(&order).and_then(|order| order.refunds.iter_mut().find(|refund| refund.id == fact.refund)) else {
                return Ok(());
            };
            if refund.status == RefundStatus::Posted {
                return Err(Unmoved(format!("refund {} was posted before", fact.refund)));
            }
            let (before, pending, amount) = (refund.status, refund.status == RefundStatus::Pending, refund.amount_minor);
            refund.status = RefundStatus::Posted;
            refund.posted_at = Some(at);
            self.change("refund_posted", "provider", &fact.refund, json!({"status": before}), json!({"status": "posted"}));
            if pending {
                self.allocate(&order, amount, "provider", "refund posted");
            }
            self.tell_refund(&order, &fact.refund, amount, fact.amount_minor);
            return Ok(());
        }
        let id = fact.order.as_deref().unwrap_or_default();
        let order = self.order_with(|order| order.id == id || order.r#ref == id, id)?;
        self.same_currency(&order, fact.currency)?;
        self.store_refund(&order, fact);
        Ok(())
    }

    /// The store paid back by itself: it lowers the plan, and a dispute about it.
    fn store_refund(&mut self, order: &str, fact: &RefundFact) {
        let (at, now) = (self.happened, self.now);
        let Some(found) = self.account.order(order) else { return };
        // One whose payment failed counts too: the plan was lowered by it, and it is still owed.
        let counted = found.refunds.iter().filter(|refund| refund.status != RefundStatus::Reversed);
        let room = found.total_minor - counted.map(|refund| refund.amount_minor).sum::<i64>();
        if fact.amount_minor > room {
            let summary = format!(
                "Refund {} of {} minor units for order {} is more than the {room} that were left to refund. Nothing was booked.",
                fact.refund, fact.amount_minor, found.r#ref
            );
            self.call(&format!("refund/{order}/{}", fact.refund), "disputes", 2, "refund_too_high", summary);
            return;
        }
        let open = open_dispute(found).map(|dispute| (dispute.id.clone(), dispute.disputed_minor));
        if let Some(found) = self.order(order) {
            found.refunds.push(Refund {
                id: fact.refund.clone(),
                amount_minor: fact.amount_minor,
                initiated_by: "merchant".into(),
                reason: fact.reason.clone(),
                status: RefundStatus::Applied,
                created_at: at,
                posted_at: None,
            });
            for back in &mut found.returns {
                if !matches!(back.status, ReturnStatus::Rejected | ReturnStatus::Refunded) {
                    back.status = ReturnStatus::Refunded;
                }
            }
        }
        let allocation = self.allocate(order, fact.amount_minor, "R2", "the store refunded");
        let back: i64 = allocation.paid_back.iter().map(|(_, amount)| amount).sum::<i64>() + allocation.credit_minor;
        self.change("refund_posted", "merchant", order, Value::Null, json!({"refund": fact.refund, "amount_minor": fact.amount_minor}));
        match open {
            Some((id, disputed)) if fact.amount_minor >= disputed => {
                let rule = Some(("R2", json!({"refund": fact.refund, "amount_minor": fact.amount_minor, "disputed_minor": disputed})));
                self.must(&id, Event::RefundPosted, Actor::Outside, Brings { rule, ..Brings::default() });
            }
            Some((id, disputed)) => {
                if let Some(dispute) = self.dispute(&id) {
                    dispute.disputed_minor = disputed - fact.amount_minor;
                    // After a decision `refund_minor` is what was decided in all, and this is a part of it.
                    if dispute.outcome.is_none() {
                        dispute.refund_minor += fact.amount_minor;
                    }
                    dispute.events.push(json!({"at": now, "event": "partial_refund", "by": "merchant", "amount_minor": fact.amount_minor}));
                }
            }
            None => self.resume(order, "the store refunded"),
        }
        self.pay_out(order, &fact.refund, fact.amount_minor, back);
    }

    fn refund_failed(&mut self, fact: &RefundFact) -> Result<(), Unmoved> {
        let order = self.order_with(|order| order.refunds.iter().any(|refund| refund.id == fact.refund), &fact.refund)?;
        let Some(refund) = self.order(&order).and_then(|order| order.refunds.iter_mut().find(|refund| refund.id == fact.refund)) else {
            return Ok(());
        };
        if matches!(refund.status, RefundStatus::Posted | RefundStatus::Failed) {
            return Err(Unmoved(format!("refund {} is settled already", fact.refund)));
        }
        // The plan keeps what was taken off; what goes back is still owed, and a person finds another way for it.
        let before = refund.status;
        refund.status = RefundStatus::Failed;
        self.change("refund_failed", "provider", &fact.refund, json!({"status": before}), json!({"status": "failed"}));
        let summary = format!("Refund {} could not be paid out: {}.", fact.refund, fact.reason.as_deref().unwrap_or("no reason given"));
        self.call(&format!("refund_failed/{}", fact.refund), "disputes", 2, "refund_failed", summary);
        Ok(())
    }

    fn returned(&mut self, of: &OfReturn, next: ReturnStatus) -> Result<(), Unmoved> {
        let order = self.order_with(|order| order.returns.iter().any(|back| is_return(back, &of.id)), &of.id)?;
        let Some(back) = self.order(&order).and_then(|order| order.returns.iter_mut().find(|back| is_return(back, &of.id))) else {
            return Ok(());
        };
        if matches!(back.status, ReturnStatus::Registered | ReturnStatus::Rejected | ReturnStatus::Refunded) {
            return Err(Unmoved("this return is settled already".into()));
        }
        let (id, before) = (back.id.clone(), back.status);
        back.status = next;
        self.change("return", "merchant", &id, json!({"status": before}), json!({"status": next}));
        if next == ReturnStatus::Rejected {
            let why = of.reason.as_deref().unwrap_or("no reason given");
            let summary = format!("The store rejects return {id}: {why}. Payments stay paused until somebody decides.");
            self.call(&format!("return/{id}"), "disputes", 3, "return_rejected", summary);
        }
        Ok(())
    }

    fn insolvent(&mut self, merchant: &str) -> Result<(), Unmoved> {
        let open = |order: &&Order| {
            order.merchant == merchant
                && (open_dispute(order).is_some()
                    || order.plan.as_ref().is_some_and(|plan| !matches!(plan.status, PlanStatus::Completed | PlanStatus::Cancelled)))
        };
        let orders: Vec<(String, String)> =
            self.account.customer.orders.iter().filter(open).map(|order| (order.id.clone(), order.r#ref.clone())).collect();
        if orders.is_empty() {
            return Err(Unmoved("nothing of this store is open here".into()));
        }
        for (order, _) in &orders {
            let Some(plan) = self.plan(order).filter(|plan| !plan.is_paused()) else { continue };
            let (id, held) = (plan.id.clone(), plan::pause(plan));
            if !held.is_empty() {
                self.adjust(&id, "pause", "merchant_insolvent", "the store has stopped trading").amount_minor =
                    held.iter().map(|held| held.amount_minor).sum();
                self.change("pause_plan", "merchant_insolvent", &id, Value::Null, json!({"status": "paused"}));
            }
        }
        let refs: Vec<&str> = orders.iter().map(|(_, number)| number.as_str()).collect();
        let summary = format!("The store {} has stopped trading. Open here: {}.", self.merchants.name(merchant), refs.join(", "));
        self.call(&format!("insolvent/{merchant}"), "disputes", 2, "merchant_insolvent", summary);
        Ok(())
    }
}
