//! What moves a dispute, and what follows from it: money, payments, messages, calls for people. Which step is possible is the
//! machine's business (`domain/dispute/machine`).

use super::{Course, Ground, Happenings};
use crate::domain::account::{Account, Dispute, DisputeOutcome, DisputeReason, DisputeState, Order, Party, Plan, TellingKind};
use crate::domain::dispute::clock::{self, Clock, LEAST_WINDOW_DAYS};
use crate::domain::dispute::machine::{self, Actor, Brings, Event, Refused};
use crate::domain::dispute::rules::{self, Ruling, advice, may_decide};
use crate::domain::dispute::{self, Claim, open_dispute, state_text};
use crate::domain::language::Language;
use crate::domain::market::days_after;
use crate::domain::plan::{self, Held};
use crate::domain::timer::{kept_by_itself, people_called};
use serde_json::{Value, json};

/// What somebody does with a dispute: an agent in the desk, the customer in the chat.
///
/// # Errors
/// When the account has no such dispute, or the machine refuses the step.
pub fn act(account: &Account, id: &str, event: Event, by: Actor, brings: Brings, ground: Ground<'_>) -> Result<Happenings, Refused> {
    let Some((_, found)) = account.dispute(id) else { return Err(Refused::Unknown(id.to_owned())) };
    let id = found.id.clone();
    let mut course = Course::new(account, ground, &format!("{id}/{event}"));
    match event {
        Event::Reopen => course.reopen(&id, brings)?,
        _ => course.step(&id, event, by, brings)?,
    }
    Ok(course.end())
}

/// The customer says no to the part that the store offers: it goes on for the rest.
///
/// # Errors
/// When there is no offer.
pub fn refuse_offer(account: &Account, id: &str, ground: Ground<'_>) -> Result<Happenings, Refused> {
    let Some((_, found)) = account.dispute(id) else { return Err(Refused::Unknown(id.to_owned())) };
    let id = found.id.clone();
    if found.state == DisputeState::Closed || found.offer_minor().is_none() {
        return Err(Refused::Needs { event: "refuse_offer", what: "a part that the store gave or offered" });
    }
    let mut course = Course::new(account, ground, &format!("{id}/refuse_offer"));
    course.note_on(&id, json!({"event": "offer_refused", "by": "customer"}));
    course.change("refuse_offer", "R9", &id, Value::Null, json!({"goes_on": true}));
    Ok(course.end())
}

/// A person files a claim that the chat may not, saying why that is right.
///
/// # Errors
/// When the account has no such order, or nothing there can be disputed.
pub fn file(account: &Account, order: &str, claim: Claim, agent: &str, ground: Ground<'_>) -> Result<Happenings, dispute::Refused> {
    let mut course = Course::new(account, ground, &format!("{order}/file"));
    let (market, now) = (course.market, course.now);
    let Some(found) = course.account.customer.orders.iter().find(|known| known.id == order || known.r#ref == order) else {
        return Err(dispute::no_such_order());
    };
    let order = found.id.clone();
    let merchant = course.merchants.get(&found.merchant);
    let opening = dispute::by_exception(found, claim.reason, market, now)?;
    let number = course.public_no();
    let mut ids = course.ids.clone();
    let Some(found) = course.account.customer.orders.iter_mut().find(|known| known.id == order) else {
        return Err(dispute::no_such_order());
    };
    let held = dispute::open(found, claim, &opening, number.clone(), merchant, &mut ids, market, now);
    let id = found.disputes.last().map(|opened| opened.id.clone()).unwrap_or_default();
    course.ids = ids;
    course.note_on(&id, json!({"event": "filed_by", "by": "agent", "agent": agent}));
    course.paused(&order, &held, "agent", &format!("dispute {number}"));
    let after = json!({"dispute": number, "state": opening.state, "disputed_minor": opening.disputed_minor});
    course.change("open_dispute", "agent", &order, json!({"dispute": null}), after);
    course.send("dispute.opened", json!({"dispute": id, "public_no": number, "order": order, "state": opening.state}));
    course.tell(TellingKind::DisputeMoved, &id, "filed", json!({"public_no": number}), None);
    Ok(course.end())
}

/// The customer hands something in. Where we had asked for it, the dispute goes on.
///
/// # Errors
/// When the account has no such dispute, or it is closed.
pub fn hand_in(account: &Account, id: &str, evidence: Value, ground: Ground<'_>) -> Result<Happenings, Refused> {
    let Some((_, found)) = account.dispute(id) else { return Err(Refused::Unknown(id.to_owned())) };
    let (id, state) = (found.id.clone(), found.state);
    if state == DisputeState::Closed {
        return Err(Refused::Needs { event: "hand_in", what: "an open dispute" });
    }
    let mut course = Course::new(account, ground, &format!("{id}/hand_in"));
    course.note_on(&id, json!({"event": "evidence", "by": "customer", "type": evidence["type"], "name": evidence["name"]}));
    course.change("customer_evidence", "customer", &id, Value::Null, json!({"type": evidence["type"], "name": evidence["name"]}));
    if let Some(dispute) = course.dispute(&id) {
        dispute.evidence.push(evidence);
    }
    if state == DisputeState::CustomerInfoRequested {
        course.step(&id, Event::InfoSupplied, Actor::Customer, Brings::default())?;
    }
    Ok(course.end())
}

impl Course<'_> {
    /// One step of a dispute with everything that follows from it. A refused step changes nothing.
    pub(super) fn step(&mut self, id: &str, event: Event, by: Actor, brings: Brings) -> Result<(), Refused> {
        let Some((order, before)) = self.account.dispute(id).map(|(order, dispute)| (order.id.clone(), dispute.clone())) else {
            return Err(Refused::Unknown(id.to_owned()));
        };
        let clock = Clock { now: self.now, market: self.market };
        let next = machine::step(&before, event, by, &brings, clock)?;
        self.keep_promises();
        let (from, to, number, moves) = (before.state, next.state, next.public_no.clone(), next.events.len());
        let rule = brings.rule.as_ref().map_or(event.as_str(), |(rule, _)| rule);
        if let Some(dispute) = self.dispute(id) {
            *dispute = next.clone();
        }
        self.change("move_dispute", rule, id, json!({"state": from}), json!({"state": to}));
        self.send("dispute.moved", json!({"dispute": id, "public_no": number, "from": from, "to": to, "event": event.as_str()}));
        if let (DisputeState::MerchantEvidenceRequested, Some(due)) = (to, next.next_deadline_at) {
            self.send("merchant.evidence_requested", json!({"dispute": id, "public_no": number, "due_at": due, "round": next.round}));
        }
        if matches!(to, DisputeState::UnderReview | DisputeState::AppealReview) && by != Actor::Agent {
            self.ask_person(id, event);
        }
        if to == DisputeState::Closed {
            self.settle(&order, &before, &next, rule);
            if event == Event::WrongReason
                && let Some(reason) = brings.reason
            {
                self.reclassify(&order, &before, reason);
            }
            self.resume(&order, &format!("dispute {number} closed"));
        }
        self.write_down_told(id);
        // Who acts in the chat hears the answer there.
        if by != Actor::Customer {
            self.tell(TellingKind::DisputeMoved, id, &moves.to_string(), json!({"public_no": number}), None);
        }
        Ok(())
    }

    /// A step that follows from a fact or a timer; the machine knows the state, so it can't be refused unless the code is wrong.
    pub(super) fn must(&mut self, id: &str, event: Event, by: Actor, brings: Brings) {
        if let Err(refused) = self.step(id, event, by, brings) {
            self.note_on(id, json!({"event": "step_refused", "tried": event.as_str(), "why": refused.to_string()}));
            self.call(&format!("{id}/refused/{event}"), "disputes", 2, "dispute_review", format!("Dispute {id}: {refused}."));
        }
    }

    /// The deadline of a dispute's state has passed.
    pub(super) fn deadline_passed(&mut self, id: &str) {
        let Some((order, dispute)) = self.account.dispute(id).map(|(order, dispute)| (order.clone(), dispute.clone())) else { return };
        match dispute.state {
            DisputeState::Draft => self.must(id, Event::DraftExpired, Actor::Timer, Brings::default()),
            DisputeState::MerchantWindow => self.must(id, Event::WindowElapsed, Actor::Timer, Brings::default()),
            DisputeState::MerchantEvidenceRequested => match self.silence_decides(&order, &dispute) {
                Ok(ruling) => self.rule(id, ruling),
                Err(why) => {
                    self.note_on(id, json!({"event": "rule_passed", "rule": "R1", "why": why}));
                    self.must(id, Event::DeadlineMissed, Actor::Timer, Brings::default());
                }
            },
            DisputeState::CustomerInfoRequested => self.must(id, Event::InfoDeadlineMissed, Actor::Timer, Brings::default()),
            DisputeState::PreliminaryDecision if dispute.outcome.is_some() => {
                self.must(id, Event::AppealWindowElapsed, Actor::Timer, Brings::default());
            }
            DisputeState::PreliminaryDecision
            | DisputeState::UnderReview
            | DisputeState::AppealReview
            | DisputeState::FraudInvestigation => self.own_deadline_passed(&dispute),
            DisputeState::Closed => {}
        }
    }

    fn own_deadline_passed(&mut self, dispute: &Dispute) {
        let Some(deadline) = dispute.next_deadline_at.filter(|deadline| !people_called(dispute, *deadline)) else { return };
        let (id, no) = (dispute.id.as_str(), &dispute.public_no);
        self.note_on(id, json!({"event": "escalated", "deadline": deadline}));
        let queue = if dispute.state == DisputeState::FraudInvestigation { "fraud" } else { "disputes" };
        self.call(&format!("{id}/{deadline}"), queue, 1, "deadline_passed", format!("Dispute {no}: our own deadline has passed."));
    }

    /// The instant of a rule has come: it decides, or it is written down why it does not.
    pub(super) fn rule_due(&mut self, id: &str) {
        let Some((order, dispute)) = self.account.dispute(id).map(|(order, dispute)| (order.clone(), dispute.clone())) else { return };
        let mut due = rules::coming(&order, &dispute, self.market);
        due.retain(|ruling| ruling.from <= self.now);
        for ruling in due {
            let allowed = if ruling.event == Event::DecidedByRule { self.may_decide(&order, &dispute) } else { Ok(()) };
            match allowed {
                Ok(()) => return self.rule(id, ruling),
                Err(why) => self.note_on(id, json!({"event": "rule_passed", "rule": ruling.rule, "why": why, "inputs": ruling.inputs})),
            }
        }
    }

    fn rule(&mut self, id: &str, ruling: Ruling) {
        // Rules that decide give their reason to the customer; those that only move leave it to the person who decides.
        let detail = ruling.detail.filter(|_| ruling.event == Event::DecidedByRule);
        let brings = Brings { rule: Some((ruling.rule, ruling.inputs)), detail, ..Brings::default() };
        self.must(id, ruling.event, Actor::Rule, brings);
    }

    fn silence_decides(&self, order: &Order, dispute: &Dispute) -> Result<Ruling, &'static str> {
        let ruling = rules::silence(order, dispute)?;
        self.may_decide(order, dispute)?;
        Ok(ruling)
    }

    fn may_decide(&self, order: &Order, dispute: &Dispute) -> Result<(), &'static str> {
        may_decide(&self.account, order, dispute, self.merchants.get(&order.merchant), self.market, self.now)
    }

    /// A person decides now: with what happened and what the facts speak for.
    fn ask_person(&mut self, id: &str, event: Event) {
        let Some((order, dispute)) = self.account.dispute(id) else { return };
        let no = &dispute.public_no;
        let passed = dispute.events.iter().rev().find(|event| event["event"] == "rule_passed");
        let why = passed.and_then(|passed| passed["why"].as_str()).map_or(String::new(), |why| format!(" No rule decides: {why}."));
        let speaks = advice(order, dispute).map_or(String::new(), |advice| format!(" {}", advice.because.join(" ")));
        let summary = format!("Dispute {no} waits for a decision. {}{why}{speaks}", event.meaning());
        self.call(&format!("{id}/{event}/{}", self.now), "disputes", 2, "dispute_review", summary);
    }

    /// What was promised about deadlines that end here is kept by this step.
    fn keep_promises(&mut self) {
        let kept: Vec<String> = self
            .account
            .promises
            .iter()
            .filter(|promise| kept_by_itself(&self.account, promise))
            .map(|promise| promise.id.clone())
            .collect();
        for promise in self.account.promises.iter_mut().filter(|promise| promise.state == "open" && kept.contains(&promise.id)) {
            promise.state = "kept".into();
        }
    }

    /// The money of a dispute that ends: what was decided for the customer, less what the store has paid back.
    fn settle(&mut self, order: &str, before: &Dispute, closed: &Dispute, rule: &str) {
        let decided = matches!(closed.outcome, Some(DisputeOutcome::CustomerWonFull | DisputeOutcome::CustomerWonPartial));
        let left = closed.refund_minor - before.refunded_minor();
        if decided && left > 0 {
            self.refund_by_rule(order, left, &format!("dispute {}", closed.public_no), rule);
        }
    }

    /// The same problem under its right reason, as a new dispute whose clock began with the old one. The store still gets a few days.
    fn reclassify(&mut self, order: &str, old: &Dispute, reason: DisputeReason) {
        let (now, market) = (self.now, self.market);
        let mut next = self.successor(old, reason, machine::first_state(old.framework));
        let began = clock::deadline(&next, Clock { now: old.opened_at, market });
        let least = market.end_of(days_after(market.date(now), LEAST_WINDOW_DAYS));
        next.next_deadline_at = began.map(|(_, at)| at.max(least));
        next.next_actor = Some(Party::Merchant);
        next.opened_at = old.opened_at;
        next.events.push(json!({"at": now, "event": "submit", "by": "agent", "from": DisputeState::Draft, "to": next.state,
            "reclassified_from": old.public_no}));
        self.begin(order, next);
    }

    /// A closed dispute is looked at again, as a new one; the old one stays as it is.
    fn reopen(&mut self, id: &str, brings: Brings) -> Result<(), Refused> {
        let Some((order, old)) = self.account.dispute(id).map(|(order, dispute)| (order.clone(), dispute.clone())) else {
            return Err(Refused::Unknown(id.to_owned()));
        };
        let (now, market) = (self.now, self.market);
        let clock = Clock { now, market };
        let noted = machine::step(&old, Event::Reopen, Actor::Agent, &brings, clock)?;
        let still = order.refundable_minor().min(old.disputed_minor);
        if open_dispute(&order).is_some() || still <= 0 {
            return Err(Refused::Needs {
                event: "reopen",
                what: "an order without another open dispute, with something that was not paid back",
            });
        }
        if let Some(dispute) = self.dispute(id) {
            dispute.events = noted.events;
        }
        let mut next = self.successor(&old, old.reason, DisputeState::UnderReview);
        next.disputed_minor = still;
        next.round = old.round;
        let deadline = clock::deadline(&next, clock);
        next.next_deadline_at = deadline.map(|(_, at)| at);
        next.next_actor = deadline.map(|(party, _)| party);
        next.events.push(json!({"at": now, "event": "reopen", "by": "agent", "agent": brings.agent, "text": brings.text,
            "from": DisputeState::Closed, "to": next.state}));
        let held = self.plan(&order.id).map(plan::pause).unwrap_or_default();
        self.paused(&order.id, &held, "reopen", &format!("dispute {}", next.public_no));
        self.begin(&order.id, next);
        Ok(())
    }

    fn successor(&mut self, old: &Dispute, reason: DisputeReason, state: DisputeState) -> Dispute {
        Dispute {
            id: self.ids.id("dsp"),
            public_no: self.public_no(),
            reason,
            sub_reason: None,
            state,
            disputed_minor: old.disputed_minor,
            lines: old.lines.clone(),
            opened_at: self.now,
            next_deadline_at: None,
            next_actor: None,
            round: u32::from(state == DisputeState::MerchantEvidenceRequested),
            outcome: None,
            refund_minor: 0,
            closed_at: None,
            requests: Vec::new(),
            evidence: old.evidence.clone(),
            events: Vec::new(),
            framework: old.framework,
            asked_from: None,
            decision: None,
            reopened_from: Some(old.id.clone()),
        }
    }

    fn begin(&mut self, order: &str, dispute: Dispute) {
        let (id, number, state) = (dispute.id.clone(), dispute.public_no.clone(), dispute.state);
        if let Some(order) = self.order(order) {
            order.disputes.push(dispute);
        }
        self.change("open_dispute", "agent", order, json!({"dispute": null}), json!({"dispute": number, "state": state}));
        self.send("dispute.opened", json!({"dispute": id, "public_no": number, "order": order, "state": state}));
        self.tell(TellingKind::DisputeMoved, &id, "begun", json!({"public_no": number}), None);
    }

    /// What a decision without a person says to the customer is kept with it.
    fn write_down_told(&mut self, id: &str) {
        let Some((order, dispute)) = self.account.dispute(id) else { return };
        if dispute.decision.as_ref().is_none_or(|decision| decision.told.is_some()) {
            return;
        }
        let language = Language::of(&self.account.customer.locale);
        let merchant = self.merchants.name(&order.merchant);
        let told = state_text(order, dispute, merchant, None, self.market, self.now, language);
        if let Some(decision) = self.dispute(id).and_then(|dispute| dispute.decision.as_mut()) {
            decision.told = Some(told);
        }
    }

    /// Payments go on, if something is left to pay and no other dispute holds them.
    pub(super) fn resume(&mut self, order: &str, why: &str) {
        let (today, market) = (self.market.date(self.now), self.market);
        let Some(found) = self.order(order) else { return };
        if open_dispute(found).is_some() {
            return;
        }
        let Some(plan) = found.plan.as_mut().filter(|plan| plan.is_paused()) else { return };
        let (id, moved) = (plan.id.clone(), plan::resume(plan, today, market));
        for (instalment, old, new) in &moved {
            let adjustment = self.adjust(&id, "resume", "pause_ended", why);
            adjustment.instalment = Some(instalment.clone());
            adjustment.old_due_on = Some(*old);
            adjustment.new_due_on = Some(*new);
        }
        if !moved.is_empty() {
            self.change("resume_plan", "pause_ended", &id, json!({"status": "paused"}), json!({"status": "active"}));
        }
    }

    /// Writes down that a plan was paused.
    fn paused(&mut self, order: &str, held: &[Held], rule: &str, why: &str) {
        let Some(plan) = self.account.order(order).and_then(|order| order.plan.as_ref()).map(|plan: &Plan| plan.id.clone()) else { return };
        if held.is_empty() {
            return;
        }
        self.adjust(&plan, "pause", rule, why).amount_minor = held.iter().map(|held| held.amount_minor).sum();
        self.change("pause_plan", rule, &plan, Value::Null, json!({"status": "paused"}));
    }

    /// A number for customers that none of their disputes has.
    fn public_no(&mut self) -> String {
        loop {
            let number = self.ids.public_no('D');
            let mut disputes = self.account.customer.orders.iter().flat_map(|order| &order.disputes);
            if disputes.all(|dispute| dispute.public_no != number) {
                return number;
            }
        }
    }

    /// Writes something down in a dispute without moving it.
    pub(super) fn note_on(&mut self, id: &str, mut event: Value) {
        event["at"] = json!(self.now);
        if let Some(dispute) = self.dispute(id) {
            dispute.events.push(event);
        }
    }
}
