//! Whole lives of accounts: what customers ask for in the chat, facts from outside, what people at the desk decide, and time, in any order.
//! After each step the account is legal, the books follow, and nothing is collected inside a pause; in the end every dispute is closed.

use super::tests::{DEMO, account, ask_at, now};
use super::*;
use crate::domain::account::{DisputeOutcome, DisputeReason, DisputeState, RefundStatus};
use crate::domain::dispute::Detail;
use crate::domain::dispute::machine::{Actor, Brings, Event};
use crate::domain::fact::{self, Fact};
use crate::domain::ledger::{Balances, Book, balances, transactions};
use crate::domain::market::Market;
use crate::domain::progress::{Ground, Happenings, act, ring, take};
use crate::domain::timer::{TimerKind, timers};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::HashSet;

/// One thing that happens: what kind, which one of its kind, which order, and a number that it may need.
type Step = (u8, usize, usize, i64);

struct Life {
    account: Account,
    now: Timestamp,
    books: Balances,
    /// Ids of facts that were taken in: a repeated one does not reach the account.
    facts: usize,
}

fn fail(what: impl Into<String>) -> TestCaseError {
    TestCaseError::fail(what.into())
}

impl Life {
    fn of(id: &str) -> Self {
        let mut account = account(id);
        account.since = now();
        Self { books: balances(&account), account, now: now(), facts: 0 }
    }

    fn ground(&self) -> Ground<'static> {
        Ground { merchants: &DEMO.merchants, now: self.now }
    }

    /// Takes over the next account, if it is a legal one.
    fn becomes(&mut self, next: Account, sent: &[(String, Value)]) -> Result<(), TestCaseError> {
        let market = Market::of(&self.account.customer.market);
        for (topic, what) in sent.iter().filter(|(topic, _)| topic == "payment.debit") {
            let instalment = what["instalment"].as_str().unwrap_or_default();
            let paused = plans(&self.account).any(|plan| plan.is_paused() && plan.instalment(instalment).is_some());
            prop_assert!(!paused, "{topic} of {instalment} inside a pause");
        }
        for (order, was) in next.customer.orders.iter().filter_map(|order| Some((order, self.account.order(&order.id)?))) {
            let fees = |order: &Order| order.plan.iter().flat_map(|plan| &plan.instalments).map(|due| due.fee_minor).sum::<i64>();
            let paused = was.plan.as_ref().is_some_and(Plan::is_paused);
            prop_assert!(fees(order) <= fees(was) || !paused, "a late fee inside a pause: {}", order.id);
            prop_assert!(fees(order) <= fees(was).max(market.late_fee_cap(order.total_minor)), "late fees above the cap: {}", order.id);
        }
        for one in transactions(&self.account, &next) {
            prop_assert!(one.is_balanced());
            let currency = one.currency.code();
            for entry in &one.entries {
                *self.books.entry((currency, entry.book)).or_default() += entry.debit_minor - entry.credit_minor;
            }
        }
        self.books.retain(|_, amount| *amount != 0);
        prop_assert_eq!(&self.books, &balances(&next));
        self.account = next;
        self.account.version += 1;
        is_legal(&self.account, &self.books)
    }

    fn happened(&mut self, happened: Happenings) -> Result<(), TestCaseError> {
        self.becomes(happened.account, &happened.outbox)
    }

    /// Rings what is due until then, each timer once.
    fn pass(&mut self, days: i64) -> Result<(), TestCaseError> {
        let until = self.now.saturating_add(SignedDuration::from_hours(24 * days + 5)).map_err(|error| fail(error.to_string()))?;
        let mut rung = HashSet::new();
        loop {
            let next = timers(&self.account, Market::of(&self.account.customer.market)).into_iter().min_by_key(|timer| timer.due_at);
            let Some(timer) = next.filter(|timer| timer.due_at <= until) else { break };
            let again = !rung.insert((timer.subject.clone(), timer.kind, timer.due_at));
            prop_assert!(!again, "a timer rings twice: {timer:?}");
            let ground = Ground { merchants: &DEMO.merchants, now: timer.due_at };
            let happened = ring(&self.account, &timer, ground).ok_or_else(|| fail(format!("{timer:?} is not derived")))?;
            self.happened(happened)?;
        }
        self.now = until;
        Ok(())
    }

    fn step(&mut self, (what, which, order, number): Step) -> Result<(), TestCaseError> {
        let orders = &self.account.customer.orders;
        let order = orders[order % orders.len()].clone();
        match what {
            0..=3 => {
                let (name, with) = wish(&order, which, number);
                if let Some(change) = ask_at(&self.account, 2, CallKind::Do, name, with, self.now).change {
                    self.becomes(change.account, &change.messages)?;
                }
            }
            4..=6 => {
                self.facts += 1;
                if let Some(fact) = fact_about(&order, which, number, self.facts, self.now)
                    && let Ok(happened) = take(&self.account, &fact, self.ground())
                {
                    self.happened(happened)?;
                }
            }
            7 | 8 => self.pass(number % 25)?,
            _ => {
                if let Some(dispute) = order.disputes.last() {
                    let (event, brings) = decision(which, number, dispute.disputed_minor);
                    if let Ok(happened) = act(&self.account, &dispute.id, event, Actor::Agent, brings, self.ground()) {
                        self.happened(happened)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Time and people end whatever is open, though neither the customer nor the store ever answers.
    fn end(&mut self) -> Result<(), TestCaseError> {
        const STEPS: [Event; 6] =
            [Event::ConfirmedFraud, Event::Decide, Event::FinalDecision, Event::Unanswered, Event::RiskEscalation, Event::InfoSupplied];
        for round in 0..12 {
            let open: Vec<_> =
                self.account.customer.orders.iter().flat_map(|order| &order.disputes).filter(|one| one.closed_at.is_none()).collect();
            if open.is_empty() {
                return Ok(());
            }
            for (id, disputed) in open.into_iter().map(|one| (one.id.clone(), one.disputed_minor)).collect::<Vec<_>>() {
                for event in STEPS {
                    let brings = everything(DisputeOutcome::MerchantWon, round, disputed);
                    if let Ok(happened) = act(&self.account, &id, event, Actor::Agent, brings, self.ground()) {
                        self.happened(happened)?;
                        break;
                    }
                }
            }
            self.pass(60)?;
        }
        Err(fail(format!("a dispute is never closed: {:#?}", self.account.customer.orders)))
    }
}

fn plans(account: &Account) -> impl Iterator<Item = &Plan> {
    account.customer.orders.iter().filter_map(|order| order.plan.as_ref())
}

fn is_legal(account: &Account, books: &Balances) -> Result<(), TestCaseError> {
    let all = timers(account, Market::of(&account.customer.market));
    let names: HashSet<_> = all.iter().map(|timer| (&timer.subject, timer.kind)).collect();
    prop_assert_eq!(names.len(), all.len(), "two timers of one subject and kind");
    prop_assert_eq!(books.values().sum::<i64>(), 0);
    for order in &account.customer.orders {
        let live: Vec<_> = order.disputes.iter().filter(|dispute| dispute.closed_at.is_none()).collect();
        prop_assert!(live.len() <= 1, "two live disputes");
        for dispute in &order.disputes {
            let closed = dispute.state == DisputeState::Closed;
            prop_assert_eq!(closed, dispute.closed_at.is_some() && dispute.outcome.is_some());
            prop_assert!(!closed || dispute.next_deadline_at.is_none(), "a closed dispute has a deadline");
            let deadlines = all.iter().filter(|timer| timer.subject == dispute.id && timer.kind == TimerKind::DisputeDeadline).count();
            prop_assert!(deadlines <= 1, "two deadlines");
        }
        let refunded: i64 =
            order.refunds.iter().filter(|refund| refund.status != RefundStatus::Reversed).map(|refund| refund.amount_minor).sum();
        prop_assert!(refunded <= order.total_minor.max(0), "more is refunded than was bought: {}", order.id);
        let Some(plan) = &order.plan else { continue };
        prop_assert!(
            live.is_empty() || plan.is_paused() || plan.open_minor() == 0 || !collects(account, plan),
            "a disputed plan is collected"
        );
        prop_assert!(!plan.is_paused() || !collects(account, plan), "something is collected inside a pause");
        prop_assert!(plan.instalments.iter().all(|due| due.refunded_minor <= due.amount_minor && due.paid_minor >= 0));
    }
    let mut owed = std::collections::BTreeMap::new();
    for order in &account.customer.orders {
        *owed.entry(order.currency.code()).or_insert(0) += order.plan.as_ref().map_or(0, Plan::open_minor);
    }
    for (currency, open) in owed {
        prop_assert_eq!(books.get(&(currency, Book::Receivable)).copied().unwrap_or(0), open, "the books say otherwise than the plans");
    }
    let tellings: HashSet<_> = account.tellings.iter().map(|telling| &telling.id).collect();
    prop_assert_eq!(tellings.len(), account.tellings.len(), "told twice");
    Ok(())
}

fn collects(account: &Account, plan: &Plan) -> bool {
    timers(account, Market::of(&account.customer.market)).iter().any(|timer| {
        matches!(timer.kind, TimerKind::Collect | TimerKind::LateFee | TimerKind::Announce) && plan.instalment(&timer.subject).is_some()
    })
}

/// What a customer may ask for in a chat.
fn wish(order: &Order, which: usize, number: i64) -> (&'static str, Value) {
    const REASONS: [&str; 6] = [
        "goods_not_received",
        "faulty_or_not_as_described",
        "return_refund_missing",
        "incorrect_amount",
        "duplicate_charge",
        "already_paid_elsewhere",
    ];
    let nth = usize::try_from(number).unwrap_or(0);
    let instalment =
        order.plan.as_ref().and_then(|plan| plan.instalments.get(nth % plan.instalments.len().max(1))).map(|due| due.id.clone());
    let dispute = order.disputes.last().map(|dispute| dispute.public_no.clone());
    match which % 10 {
        0 => ("extend_due_date", json!({"instalment": instalment, "days": number % 15})),
        1 | 2 => ("open_dispute", json!({"order": order.id, "reason": REASONS[nth % REASONS.len()], "note": "as it was"})),
        3 => ("report_return", json!({"order": order.id, "sent_on": "2026-12-03", "carrier": null, "tracking_no": format!("RT{number}")})),
        4 => ("report_unauthorised", json!({"order": order.id})),
        5 => ("waive_fee", json!({"fee": instalment.map(|id| format!("fee_{id}"))})),
        6 => ("withdraw_dispute", json!({"dispute": dispute})),
        7 => ("appeal_dispute", json!({"dispute": dispute, "note": "please look again"})),
        8 => ("accept_offer", json!({"dispute": dispute})),
        _ => ("answer_dispute", json!({"dispute": dispute, "note": "here it is"})),
    }
}

/// What somebody outside may report.
fn fact_about(order: &Order, which: usize, number: i64, id: usize, at: Timestamp) -> Option<Fact> {
    let currency = order.currency.code();
    let dispute = || order.disputes.last().map(|dispute| dispute.public_no.clone());
    let parcel = || order.shipments.last().map(|parcel| parcel.id.clone());
    let instalment = || order.plan.as_ref().and_then(|plan| plan.instalments.iter().find(|due| due.is_open()));
    let amount = (number * 311) % order.total_minor.max(1) + 1;
    let (sort, data) = match which % 14 {
        0 => ("shipment.scan", json!({"shipment": parcel()?, "code": "delivered"})),
        1 => ("shipment.scan", json!({"shipment": parcel()?, "code": "lost"})),
        2 => ("shipment.scan", json!({"shipment": order.returns.last()?.id, "code": "delivered"})),
        3 => ("dispute.evidence", json!({"dispute": dispute()?, "type": "tracking"})),
        4 => ("dispute.accepted", json!({"dispute": dispute()?})),
        5 => ("dispute.offer", json!({"dispute": dispute()?, "amount_minor": amount, "currency": currency})),
        6 => ("dispute.appealed", json!({"dispute": dispute()?, "text": "look again"})),
        7 => (
            "refund.posted",
            json!({"refund": format!("s{}-{}", order.id, number % 3), "order": order.id, "amount_minor": amount, "currency": currency}),
        ),
        8 => {
            let ours = order.refunds.iter().rfind(|refund| refund.status == RefundStatus::Applied)?;
            ("refund.posted", json!({"refund": ours.id, "amount_minor": ours.amount_minor, "currency": currency}))
        }
        9 => ("refund.failed", json!({"refund": order.refunds.last()?.id, "amount_minor": 1, "currency": currency})),
        10 => {
            let due = instalment()?;
            (
                "payment.attempted",
                json!({"instalment": due.id, "result": "succeeded", "amount_minor": due.open_minor(), "currency": currency}),
            )
        }
        11 => (
            "payment.attempted",
            json!({"instalment": instalment()?.id, "result": "soft_decline", "amount_minor": 1, "currency": currency}),
        ),
        12 => ("payment.received", json!({"plan": order.plan.as_ref()?.id, "amount_minor": amount, "currency": currency})),
        _ => ("return.registered", json!({"return": order.returns.last()?.id})),
    };
    let data = json!({"id": format!("life-{id}"), "source": "test", "type": sort, "occurred_at": at, "data": data});
    Some(fact::parse(&data, at).expect("a fact"))
}

fn decision(which: usize, number: i64, disputed: i64) -> (Event, Brings) {
    let outcomes = [DisputeOutcome::CustomerWonFull, DisputeOutcome::CustomerWonPartial, DisputeOutcome::MerchantWon];
    let outcome = outcomes[usize::try_from(number).unwrap_or(0) % outcomes.len()];
    (Event::ALL[which % Event::ALL.len()], everything(outcome, which + 1, (number * 97) % disputed.max(1)))
}

fn everything(outcome: DisputeOutcome, person: usize, refund_minor: i64) -> Brings {
    let refund_minor = if outcome == DisputeOutcome::MerchantWon { 0 } else { refund_minor };
    Brings {
        outcome: Some(outcome),
        refund_minor,
        detail: Detail::ALL.iter().copied().find(|detail| detail.fits(outcome)),
        text: Some("because".into()),
        reason: Some(DisputeReason::IncorrectAmount),
        rule: None,
        agent: Some(["kim", "robin"][person % 2].to_owned()),
    }
}

fn with_orders() -> Vec<&'static str> {
    DEMO.accounts.iter().filter(|account| !account.customer.orders.is_empty()).map(|account| account.customer.id.as_str()).collect()
}

proptest! {
    #[test]
    fn any_interleaving_of_chat_facts_people_and_time_is_legal_and_ends(
        who in prop::sample::select(with_orders()),
        steps in prop::collection::vec((0u8..10, 0usize..1_000, 0usize..8, 0i64..1_000), 1..30),
    ) {
        let mut life = Life::of(who);
        for step in steps {
            life.step(step)?;
        }
        life.end()?;
    }
}
