//! Timers: what time will do to an account. They are derived from the account and never kept apart from it: the store writes the
//! difference in the transaction that changes the account, so no deadline exists only in memory and none outlives its reason.

use super::account::{
    Account, Adjustment, Dispute, DisputeState, Instalment, InstalmentStatus, Order, Plan, PlanStatus, Promise, ShipmentStatus,
    TellingState,
};
use super::dispute;
use super::dispute::rules::{EVIDENCE_GRACE, coming};
use super::market::{Market, days_after};
use super::plan;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Moves whenever the derivation below changes, so that stored timers are derived again.
pub const RULES: &str = "2";
/// How long before a legal deadline people are called.
const CALL_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long before a promise falls due the customer is told and a person gets it.
const PROMISE_BEFORE: SignedDuration = SignedDuration::from_hours(12);
/// Hour of the day, in the market's zone, at which debits are tried and fees charged.
const COLLECT_HOUR: i8 = 6;
/// Hour of the day at which customers are told about tomorrow's payment or a late parcel.
const TELL_HOUR: i8 = 10;

/// How long a payment provider may take to answer a debit before a person is called: five days, longer than a direct debit needs. Our figure.
pub const DEBIT_SILENT: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Something that time will do. `subject` and `kind` together are unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// What it is about: the id of a dispute, an instalment, a parcel …
    pub subject: String,
    /// What it does.
    pub kind: TimerKind,
    /// When.
    pub due_at: Timestamp,
}

/// What a timer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// The deadline of a dispute's state passes.
    DisputeDeadline,
    /// One of the rules R3 to R6 applies to a dispute.
    DisputeRule,
    /// A customer is reminded three days before evidence is due.
    EvidenceReminder,
    /// An instalment is debited, or tried again.
    Collect,
    /// A debit has no answer.
    DebitSilent,
    /// The customer is told of tomorrow's payment.
    Announce,
    /// The days of grace are over: a late fee.
    LateFee,
    /// The promised day has passed without the parcel.
    LateParcel,
    /// The pause of a reported return is over.
    ReturnPause,
    /// The hour of a telling has come.
    Tell,
    /// The deadline of a case is near.
    CaseDue,
    /// The deadline of a legal notice is near.
    NoticeDue,
    /// A promise is about to be missed.
    PromiseDue,
}

impl TimerKind {
    const ALL: [TimerKind; 13] = [
        TimerKind::DisputeDeadline,
        TimerKind::DisputeRule,
        TimerKind::EvidenceReminder,
        TimerKind::Collect,
        TimerKind::DebitSilent,
        TimerKind::Announce,
        TimerKind::LateFee,
        TimerKind::LateParcel,
        TimerKind::ReturnPause,
        TimerKind::Tell,
        TimerKind::CaseDue,
        TimerKind::NoticeDue,
        TimerKind::PromiseDue,
    ];

    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            TimerKind::DisputeDeadline => "dispute_deadline",
            TimerKind::DisputeRule => "dispute_rule",
            TimerKind::EvidenceReminder => "evidence_reminder",
            TimerKind::Collect => "collect",
            TimerKind::DebitSilent => "debit_silent",
            TimerKind::Announce => "announce",
            TimerKind::LateFee => "late_fee",
            TimerKind::LateParcel => "late_parcel",
            TimerKind::ReturnPause => "return_pause",
            TimerKind::Tell => "tell",
            TimerKind::CaseDue => "case_due",
            TimerKind::NoticeDue => "notice_due",
            TimerKind::PromiseDue => "promise_due",
        }
    }

    /// The kind with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Everything that time will do to an account as it stands, in due order. What was due before redress took the account over
/// is left out, except deadlines of disputes and of the law, which somebody must still keep.
pub fn timers(account: &Account, market: &Market) -> Vec<Timer> {
    let mut all = Vec::new();
    let mut add = |subject: &str, kind, due_at| all.push(Timer { subject: subject.to_owned(), kind, due_at });
    for order in &account.customer.orders {
        for open in order.disputes.iter().filter(|dispute| dispute.state != DisputeState::Closed) {
            if let Some(at) = dispute_due(open) {
                add(&open.id, TimerKind::DisputeDeadline, at);
            }
            if let Some(at) = coming(order, open, market).iter().map(|ruling| ruling.from).min() {
                add(&open.id, TimerKind::DisputeRule, at);
            }
            if let (DisputeState::CustomerInfoRequested, Some(at)) = (open.state, open.next_deadline_at) {
                let remind = market.date(at) - 3.days();
                let at = at_hour(market, remind, TELL_HOUR);
                if at >= account.since && !told(account, &format!("evidence_needed/{}/{remind}", open.id)) {
                    add(&open.id, TimerKind::EvidenceReminder, at);
                }
            }
        }
        if let Some(plan) = &order.plan {
            of_plan(account, order, plan, market, &mut add);
        }
        for parcel in dispute::outbound(order) {
            let arrives = matches!(
                parcel.status,
                ShipmentStatus::LabelCreated | ShipmentStatus::InTransit | ShipmentStatus::OutForDelivery | ShipmentStatus::Unknown
            );
            let Some(promised) = parcel.promised_on.filter(|_| arrives && dispute::open_dispute(order).is_none()) else { continue };
            let at = at_hour(market, days_after(promised, 1), TELL_HOUR);
            if at >= account.since && !told(account, &format!("parcel_late/{}", parcel.id)) {
                add(&parcel.id, TimerKind::LateParcel, at);
            }
        }
    }
    for telling in account.tellings.iter().filter(|telling| telling.state == TellingState::Pending) {
        add(&telling.id, TimerKind::Tell, telling.not_before);
    }
    for case in account.cases.iter().filter(|case| case.state == "open" && case.escalated_at.is_none()) {
        if let Some(due) = case.due_at.filter(|_| case.kind != "fraud") {
            add(&case.id, TimerKind::CaseDue, before(due, CALL_BEFORE, case.received_at));
        }
    }
    for notice in account.notices.iter().filter(|notice| notice.state == "open" && notice.escalated_at.is_none()) {
        add(&notice.id, TimerKind::NoticeDue, before(notice.due_at, CALL_BEFORE, notice.received_at));
    }
    let open = |promise: &&Promise| promise.state == "open" && promise.escalated_at.is_none();
    for promise in account.promises.iter().filter(open).filter(|promise| !kept_by_itself(account, promise)) {
        add(&promise.id, TimerKind::PromiseDue, before(promise.due_at, PROMISE_BEFORE, promise.made_at));
    }
    all.sort_by(|a, b| (a.due_at, &a.subject, a.kind).cmp(&(b.due_at, &b.subject, b.kind)));
    all
}

/// Whether a promise was made about a deadline of a dispute: its timer does what was promised, and then the promise is kept.
pub fn kept_by_itself(account: &Account, promise: &Promise) -> bool {
    let mut disputes = account.customer.orders.iter().flat_map(|order| &order.disputes);
    disputes
        .any(|dispute| dispute.next_deadline_at.is_some_and(|at| at.duration_since(promise.due_at).abs() <= SignedDuration::from_hours(24)))
}

/// A while before an instant, but never before something began: half of the way when the while is longer than that.
fn before(due: Timestamp, by: SignedDuration, began: Timestamp) -> Timestamp {
    let half = due.duration_since(began) / 2;
    due.saturating_sub(by.min(half.max(SignedDuration::ZERO))).unwrap_or(due)
}

/// When the deadline of a dispute acts. `None` when nothing runs, or people have been called for this deadline already.
fn dispute_due(dispute: &Dispute) -> Option<Timestamp> {
    let deadline = dispute.next_deadline_at?;
    match dispute.state {
        DisputeState::Closed => None,
        DisputeState::MerchantEvidenceRequested => deadline.saturating_add(EVIDENCE_GRACE).ok(),
        DisputeState::Draft | DisputeState::MerchantWindow | DisputeState::CustomerInfoRequested => Some(deadline),
        DisputeState::PreliminaryDecision if dispute.outcome.is_some() => Some(deadline),
        DisputeState::PreliminaryDecision | DisputeState::UnderReview | DisputeState::AppealReview | DisputeState::FraudInvestigation => {
            (!people_called(dispute, deadline)).then_some(deadline)
        }
    }
}

/// Whether people were called because this deadline of a dispute had passed.
pub fn people_called(dispute: &Dispute, deadline: Timestamp) -> bool {
    let text = deadline.to_string();
    dispute.events.iter().any(|event| event["event"] == "escalated" && event["deadline"] == text.as_str())
}

fn of_plan(account: &Account, order: &Order, plan: &Plan, market: &Market, add: &mut impl FnMut(&str, TimerKind, Timestamp)) {
    if plan.is_paused() && dispute::open_dispute(order).is_none() {
        let returned = order.returns.iter().map(|back| back.reported_at).max();
        if let Some(at) = returned {
            let until = market.end_of(days_after(market.date(at), market.return_pause_days));
            let called = |done: &Adjustment| done.kind == "return_pause_over" && done.plan == plan.id && done.created_at >= at;
            if until >= account.since && !account.adjustments.iter().any(called) {
                add(&plan.id, TimerKind::ReturnPause, until);
            }
        }
    }
    for (id, at) in plan.instalments.iter().filter_map(|due| Some((&due.id, due.asked_at?))) {
        if let Ok(at) = at.saturating_add(DEBIT_SILENT) {
            add(id, TimerKind::DebitSilent, at);
        }
    }
    if account.is_sheltered() || !matches!(plan.status, PlanStatus::Active | PlanStatus::Overdue) {
        return;
    }
    for instalment in plan.instalments.iter().filter(|instalment| is_collectable(instalment)) {
        let announced = at_hour(market, days_after(instalment.due_on, -1), TELL_HOUR);
        if announced >= account.since && !told(account, &format!("payment_tomorrow/{}/{}", instalment.id, instalment.due_on)) {
            add(&instalment.id, TimerKind::Announce, announced);
        }
        if plan.autopay
            && let Some(on) = plan::next_debit(instalment, market)
        {
            let at = at_hour(market, on, COLLECT_HOUR);
            if at >= account.since {
                add(&instalment.id, TimerKind::Collect, at);
            }
        }
        let fees_at = at_hour(market, plan::late_fee_from(instalment.due_on, market), COLLECT_HOUR);
        if fees_at >= account.since && instalment.fee_minor == 0 && plan::fee_due(order, plan, market) > 0 && !our_error(instalment) {
            add(&instalment.id, TimerKind::LateFee, fees_at);
        }
    }
}

fn is_collectable(instalment: &Instalment) -> bool {
    instalment.is_open()
        && matches!(instalment.status, InstalmentStatus::Scheduled | InstalmentStatus::PartiallyPaid | InstalmentStatus::Overdue)
}

/// The last attempt failed through our own error: then no fee.
fn our_error(instalment: &Instalment) -> bool {
    instalment.attempts.last().is_some_and(|attempt| attempt.result == "error")
}

/// Whether the customer is or was told this.
fn told(account: &Account, id: &str) -> bool {
    account.tellings.iter().any(|telling| telling.id == id)
}

/// An hour of a day in the market's zone.
pub fn at_hour(market: &Market, on: Date, hour: i8) -> Timestamp {
    market.zone.to_ambiguous_zoned(on.at(hour, 0, 0, 0)).compatible().map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The next instant outside the market's quiet hours.
pub fn awake(market: &Market, now: Timestamp) -> Timestamp {
    let local = now.to_zoned(market.zone.clone());
    let (from, until) = (market.quiet_from_hour, market.quiet_until_hour);
    match local.hour() {
        hour if hour < until => at_hour(market, local.date(), until),
        hour if hour >= from => at_hour(market, days_after(local.date(), 1), until),
        _ => now,
    }
}

#[cfg(test)]
mod tests;
