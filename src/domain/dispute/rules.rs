//! What is decided without a person: the rules R1 to R9 and the list of what is never automatic. Rules only ever decide for the
//! customer or neutrally; whatever is adverse waits for a person.

use super::clock::EVIDENCE_DAYS;
use super::detail::Detail;
use super::machine::Event;
use super::{outbound, proven_delivered};
use crate::domain::account::{
    Account, Dispute, DisputeOutcome, DisputeReason, DisputeState, Merchant, MerchantStatus, Order, Product, RefundStatus, ReturnStatus,
    Shipment, ShipmentStatus,
};
use crate::domain::market::{Market, days_after};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

/// How long a store may still answer after its deadline before silence counts (rule R1).
pub const EVIDENCE_GRACE: SignedDuration = SignedDuration::from_hours(24);
/// Days after the promised day, and after the store was told, before a carrier's word alone decides (rule R3).
const LOST_DAYS: i32 = 7;
/// Days after a return came to the store (rule R4). EU Consumer Rights Directive: the refund is due within 14 days.
const RETURN_DAYS: i32 = 14;
/// Two equal charges within this time are the same one (rule R6).
const DUPLICATE_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Most disputes of a customer that are decided for them without a person in twelve months. Our figure.
const AUTO_WINS_A_YEAR: usize = 2;
/// Most claims of non-receipt in six months that need no person. Our figure.
const NON_RECEIPTS_A_HALF_YEAR: usize = 3;

/// One of the nine rules, for people.
#[derive(Debug)]
pub struct RuleText {
    /// `R1` to `R9`.
    pub id: &'static str,
    /// When it applies.
    pub when: &'static str,
    /// What it does.
    pub does: &'static str,
    /// Where it is at work.
    pub by: &'static str,
}

/// The rules, in order.
pub const RULES: &[RuleText] = &[
    RuleText {
        id: "R1",
        when: "The store was asked for evidence, its deadline and 24 hours have passed, there is no evidence and no scan of a delivery, and the claim is about missing goods or a missing refund",
        does: "closes for the customer, everything is paid back",
        by: "a timer",
    },
    RuleText {
        id: "R2",
        when: "The store accepts the claim, or pays back at least what is disputed",
        does: "closes; the payments are worked out anew",
        by: "a fact",
    },
    RuleText {
        id: "R3",
        when: "The carrier itself reports the parcel as lost, returned or never shipped, the promised day is a week ago and the store was told a week ago",
        does: "closes for the customer, everything is paid back",
        by: "a timer",
    },
    RuleText {
        id: "R4",
        when: "A return reached the store two weeks ago and there is no refund",
        does: "asks the store for evidence at once, with the scan; then R1",
        by: "a timer",
    },
    RuleText {
        id: "R5",
        when: "What is disputed is not above the amount up to which the store accepts claims unseen",
        does: "closes for the customer at the store's cost",
        by: "a timer",
    },
    RuleText {
        id: "R6",
        when: "The same order was charged the same amount twice within 24 hours, for one parcel",
        does: "passes it to a person with the advice to pay the second charge back",
        by: "a timer",
    },
    RuleText {
        id: "R7",
        when: "The customer says that it arrived or is settled, is freshly confirmed and says yes",
        does: "withdraws it; payments go on",
        by: "the chat",
    },
    RuleText {
        id: "R8",
        when: "A late fee is dated inside a pause or within three days of our own failed debit",
        does: "takes the fee back",
        by: "the chat",
    },
    RuleText {
        id: "R9",
        when: "The store pays back or offers a part",
        does: "asks the customer: yes closes it in part, no goes on for the rest",
        by: "the chat",
    },
];

/// What is never decided without a person, for people; `may_decide` holds it.
pub const NEVER: &[&str] = &[
    "anything against the customer",
    "a purchase that the customer did not make",
    "counterfeit goods",
    "an amount above the market's cap",
    "a third dispute in twelve months that would be decided without a person",
    "a fourth claim of non-receipt in six months",
    "a parcel that the carrier says was delivered, or about which its scans contradict each other",
    "a customer who is marked as vulnerable, watched for fraud or known for abuse of disputes",
    "a customer with an open complaint",
    "a store that has stopped trading",
    "financing above the market's cap for it",
];

/// What a rule would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// `R1` to `R6`.
    pub rule: &'static str,
    /// What happens to the dispute.
    pub event: Event,
    /// Why, for the customer, when it decides.
    pub detail: Option<Detail>,
    /// What it looked at.
    pub inputs: Value,
    /// From when it holds.
    pub from: Timestamp,
}

/// The rules that time will bring about for an open dispute, each with the instant from which it holds; those that were passed by are
/// left out.
pub fn coming(order: &Order, dispute: &Dispute, market: &Market) -> Vec<Ruling> {
    if !matches!(dispute.state, DisputeState::MerchantWindow | DisputeState::MerchantEvidenceRequested) {
        return Vec::new();
    }
    let all = [lost(order, dispute, market), return_unrefunded(order, dispute), accepted_unseen(dispute), charged_twice(order, dispute)];
    all.into_iter().flatten().filter(|ruling| !passed_by(dispute, ruling.rule)).collect()
}

/// Whether a rule was looked at and did not decide.
pub fn passed_by(dispute: &Dispute, rule: &str) -> bool {
    dispute.events.iter().any(|event| event["event"] == "rule_passed" && event["rule"] == rule)
}

/// R1: whether the silence of the store decides, now that its deadline and a day have passed.
///
/// # Errors
/// Why it does not.
pub fn silence(order: &Order, dispute: &Dispute) -> Result<Ruling, &'static str> {
    if !matches!(dispute.reason, DisputeReason::GoodsNotReceived | DisputeReason::ReturnRefundMissing) {
        return Err("only claims about missing goods and missing refunds are decided by silence");
    }
    if dispute.evidence.iter().any(|evidence| evidence["party"] == "merchant") {
        return Err("there is evidence of the store");
    }
    if dispute.reason == DisputeReason::GoodsNotReceived && outbound(order).any(|parcel| parcel.status == ShipmentStatus::Delivered) {
        return Err("the carrier says that it was delivered");
    }
    let deadline = dispute.next_deadline_at;
    Ok(Ruling {
        rule: "R1",
        event: Event::DecidedByRule,
        detail: Some(Detail::NoAnswer),
        inputs: json!({"deadline": deadline, "round": dispute.round, "disputed_minor": dispute.disputed_minor}),
        from: deadline.and_then(|at| at.saturating_add(EVIDENCE_GRACE).ok()).unwrap_or(Timestamp::MAX),
    })
}

/// R3: the carrier itself says that it will not arrive. What came with an import counts as said by others.
fn lost(order: &Order, dispute: &Dispute, market: &Market) -> Option<Ruling> {
    if dispute.reason != DisputeReason::GoodsNotReceived {
        return None;
    }
    let parcels: Vec<&Shipment> = outbound(order).collect();
    let mut scans = Vec::new();
    for parcel in &parcels {
        let said = parcel.events.iter().rev().find(|scan| is_loss(&scan.code)).filter(|_| is_gone(parcel))?;
        scans.push((said.received_at?, said.code.clone(), parcel.promised_on));
    }
    let told = scans.iter().map(|(received, ..)| *received).max()?;
    let promised = scans.iter().filter_map(|(_, _, on)| *on).max().map(|on| market.end_of(days_after(on, LOST_DAYS)));
    let notified = dispute.opened_at.saturating_add((i64::from(LOST_DAYS) * 24).hours()).ok()?;
    Some(Ruling {
        rule: "R3",
        event: Event::DecidedByRule,
        detail: Some(Detail::CarrierConfirms),
        inputs: json!({"scans": scans.iter().map(|(_, code, _)| code).collect::<Vec<_>>(), "promised_until": promised,
            "disputed_minor": dispute.disputed_minor}),
        from: [Some(told), promised, Some(notified)].into_iter().flatten().max()?,
    })
}

/// Codes with which a carrier says that a parcel will not arrive.
fn is_loss(code: &str) -> bool {
    ["lost", "returned_to_sender", "never_shipped"].contains(&code)
}

/// Nothing that came after the loss says otherwise.
fn is_gone(parcel: &Shipment) -> bool {
    let never = parcel.events.last().is_some_and(|last| last.code == "never_shipped");
    let delivered = parcel.events.iter().any(|scan| scan.code == "delivered");
    !delivered && (never || matches!(parcel.status, ShipmentStatus::Lost | ShipmentStatus::ReturnedToSender))
}

/// R4: the store has had a return for two weeks.
fn return_unrefunded(order: &Order, dispute: &Dispute) -> Option<Ruling> {
    if dispute.reason != DisputeReason::ReturnRefundMissing || dispute.state != DisputeState::MerchantWindow {
        return None;
    }
    if order.refunds.iter().any(|refund| refund.status != RefundStatus::Reversed) {
        return None;
    }
    let back = order.returns.iter().filter(|back| matches!(back.status, ReturnStatus::DeliveredToMerchant | ReturnStatus::Registered));
    let (delivered, tracking) = back.filter_map(|back| Some((back.delivered_at?, back.tracking_no.clone()))).min()?;
    let due = delivered.saturating_add((i64::from(RETURN_DAYS) * 24).hours()).ok()?;
    Some(Ruling {
        rule: "R4",
        event: Event::ReturnUnrefunded,
        detail: None,
        inputs: json!({"delivered_at": delivered, "tracking_no": tracking, "answer_days": EVIDENCE_DAYS}),
        from: due.max(dispute.opened_at),
    })
}

/// R5: the store accepts claims of this size unseen. Whether it does was written down when the claim was filed.
fn accepted_unseen(dispute: &Dispute) -> Option<Ruling> {
    let limit = dispute.events.iter().find_map(|event| event["accepts_up_to_minor"].as_i64())?;
    (dispute.disputed_minor <= limit).then(|| Ruling {
        rule: "R5",
        event: Event::DecidedByRule,
        detail: Some(Detail::StoreAccepts),
        inputs: json!({"disputed_minor": dispute.disputed_minor, "accepts_up_to_minor": limit}),
        from: dispute.opened_at,
    })
}

/// Up to which amount a store accepts claims unseen, when that is at least what is disputed.
pub fn accepts_unseen(merchant: Option<&Merchant>, order: &Order, disputed_minor: i64) -> Option<i64> {
    let merchant = merchant.filter(|merchant| merchant.currency == order.currency)?;
    (merchant.auto_accept_minor >= disputed_minor).then_some(merchant.auto_accept_minor)
}

/// R6: the same charge twice.
fn charged_twice(order: &Order, dispute: &Dispute) -> Option<Ruling> {
    if dispute.reason != DisputeReason::DuplicateCharge || outbound(order).count() > 1 {
        return None;
    }
    let mut charges: Vec<_> = order.captures.iter().map(|capture| (capture.amount_minor, capture.captured_at)).collect();
    charges.sort_unstable();
    let twice = charges.windows(2).find(|two| two[0].0 == two[1].0 && two[1].1.duration_since(two[0].1) < DUPLICATE_WITHIN)?;
    Some(Ruling {
        rule: "R6",
        event: Event::DuplicateFound,
        detail: Some(Detail::PaidTwice),
        inputs: json!({"amount_minor": twice[0].0, "first": twice[0].1, "second": twice[1].1}),
        from: dispute.opened_at,
    })
}

/// Whether a rule may decide for the customer without a person: `NEVER`.
///
/// # Errors
/// Why not, in words for the desk.
pub fn may_decide(
    account: &Account,
    order: &Order,
    dispute: &Dispute,
    merchant: Option<&Merchant>,
    market: &Market,
    now: Timestamp,
) -> Result<(), &'static str> {
    if dispute.disputed_minor > market.claim_cap_minor {
        return Err("the amount is above the cap");
    }
    if dispute.reason == DisputeReason::UnauthorisedPurchase || dispute.sub_reason.as_deref() == Some("counterfeit") {
        return Err("this reason is always decided by a person");
    }
    if account.customer.flags.iter().any(|flag| ["dispute_abuse", "vulnerability", "fraud_watch"].contains(&flag.as_str())) {
        return Err("a flag on the account asks for a person");
    }
    if account.cases.iter().any(|case| case.kind == "complaint" && case.state == "open") {
        return Err("a complaint is open");
    }
    if merchant.is_some_and(|merchant| merchant.status == MerchantStatus::Insolvent) {
        return Err("the store is insolvent");
    }
    if order.plan.as_ref().is_some_and(|plan| plan.product == Product::Financing) && order.total_minor > market.financing_cap_minor {
        return Err("financing above the limit");
    }
    if dispute.reason == DisputeReason::GoodsNotReceived
        && outbound(order).any(|parcel| parcel.events.iter().any(|scan| scan.code == "delivered"))
    {
        return Err("a scan says that it was delivered");
    }
    let all = || account.customer.orders.iter().flat_map(|order| &order.disputes);
    let since = |days: i32| now - (i64::from(days) * 24).hours();
    let wins = all().filter(|won| {
        let by_rule = won.decision.as_ref().is_some_and(|decision| decision.by == "rule");
        won.closed_at.is_some_and(|at| at >= since(365)) && won.outcome == Some(DisputeOutcome::CustomerWonFull) && by_rule
    });
    if wins.count() >= AUTO_WINS_A_YEAR {
        return Err("two disputes of this customer were decided without a person this year");
    }
    let missing = all().filter(|claim| claim.reason == DisputeReason::GoodsNotReceived && claim.opened_at >= since(183));
    if missing.count() > NON_RECEIPTS_A_HALF_YEAR {
        return Err("more than three claims of non-receipt in half a year");
    }
    Ok(())
}

/// What a person may want to decide, and why. Never acted on by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The outcome that the facts speak for.
    pub outcome: DisputeOutcome,
    /// Why, for the customer.
    pub detail: Detail,
    /// What it rests on, each in a sentence for the desk.
    pub because: Vec<String>,
}

/// Whether a person of ours decides now: whoever was asked has answered or let the time pass.
fn decides(state: DisputeState) -> bool {
    matches!(
        state,
        DisputeState::UnderReview | DisputeState::PreliminaryDecision | DisputeState::AppealReview | DisputeState::FraudInvestigation
    )
}

/// What the facts of a dispute speak for. `None`: nothing here speaks for one side.
pub fn advice(order: &Order, dispute: &Dispute) -> Option<Advice> {
    use DisputeOutcome::{CustomerWonFull, MerchantWon};
    let stores = dispute.evidence.iter().filter(|evidence| evidence["party"] == "merchant");
    let sorts: Vec<&str> = stores.filter_map(|evidence| evidence["type"].as_str()).collect();
    let handed_in = || format!("The store has handed in: {}.", sorts.join(", ").replace('_', " "));
    let (outcome, detail, because) = match dispute.reason {
        DisputeReason::GoodsNotReceived if proven_delivered(order) => {
            (MerchantWon, Detail::Delivered, vec!["The carrier's proof of delivery has the postcode of the order.".to_owned()])
        }
        DisputeReason::GoodsNotReceived if outbound(order).any(|parcel| parcel.proof_postcode.is_some()) => {
            (CustomerWonFull, Detail::WrongAddress, vec!["The proof of delivery has another postcode than the order.".to_owned()])
        }
        DisputeReason::GoodsNotReceived if outbound(order).all(is_gone) && outbound(order).next().is_some() => {
            (CustomerWonFull, Detail::CarrierConfirms, vec!["The carrier says that the parcel will not arrive.".to_owned()])
        }
        DisputeReason::GoodsNotReceived if sorts.contains(&"proof_of_delivery") => return None,
        DisputeReason::GoodsNotReceived if !sorts.is_empty() => {
            (CustomerWonFull, Detail::NoProof, vec![handed_in(), "None of it is a proof of delivery.".to_owned()])
        }
        DisputeReason::ReturnRefundMissing if sorts.contains(&"refund_proof") => (MerchantWon, Detail::RefundedBefore, vec![handed_in()]),
        DisputeReason::ReturnRefundMissing if order.returns.iter().any(|back| back.delivered_at.is_some()) => {
            (CustomerWonFull, Detail::ReturnProven, vec!["A scan shows that the return reached the store.".to_owned()])
        }
        DisputeReason::DuplicateCharge if charged_twice(order, dispute).is_some() => {
            (CustomerWonFull, Detail::PaidTwice, vec!["Two equal charges within a day, one parcel (rule R6).".to_owned()])
        }
        // While the store still has time its silence says nothing.
        _ if sorts.is_empty() && dispute.round > 0 && decides(dispute.state) => {
            (CustomerWonFull, Detail::NoAnswer, vec!["The store was asked and has handed nothing in.".to_owned()])
        }
        _ => return None,
    };
    Some(Advice { outcome, detail, because })
}
