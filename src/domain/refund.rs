//! What a refund does to a plan: lowers what is open, then goes back to the customer, and the rest becomes credit.

use super::account::{InstalmentStatus, Plan, PlanStatus, RefundStrategy};
use super::money::spread;

/// Where the money of a refund went. The three parts add up to the refund.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Allocation {
    /// Taken off open instalments: number and amount.
    pub taken_off: Vec<(u32, i64)>,
    /// Paid back, one posting for each past payment, the latest first: number and amount.
    pub paid_back: Vec<(u32, i64)>,
    /// Left as credit of the customer.
    pub credit_minor: i64,
}

/// Allocates a refund to a plan and changes the plan.
///
/// Klarna US: a part of what is left is spread evenly over the remaining payments; more than what is left clears them and the
/// difference goes back the way it was paid; financing keeps its monthly amount and ends sooner. Fees are not touched.
pub fn allocate(plan: &mut Plan, refund_minor: i64) -> Allocation {
    let open: Vec<i64> = plan.instalments.iter().map(|instalment| instalment.principal_open_minor()).collect();
    let off = match plan.refund_strategy {
        RefundStrategy::SpreadEvenly => spread(refund_minor, &open),
        RefundStrategy::LastFirst | RefundStrategy::ShortenTerm => from_the_end(refund_minor, &open),
    };
    let mut left = refund_minor.max(0);
    let mut allocation = Allocation::default();
    for (instalment, &amount) in plan.instalments.iter_mut().zip(&off) {
        if amount > 0 {
            instalment.refunded_minor += amount;
            left -= amount;
            allocation.taken_off.push((instalment.seq, amount));
            if !instalment.is_open() {
                instalment.status = if instalment.paid_minor > 0 { InstalmentStatus::Paid } else { InstalmentStatus::Cancelled };
            }
        }
    }
    for instalment in plan.instalments.iter_mut().rev() {
        let back = left.min(instalment.paid_minor).min(instalment.amount_minor - instalment.refunded_minor);
        if back > 0 {
            instalment.refunded_minor += back;
            left -= back;
            allocation.paid_back.push((instalment.seq, back));
        }
    }
    allocation.credit_minor = left;
    if plan.open_minor() == 0 && !plan.instalments.is_empty() {
        let kept = plan.instalments.iter().any(|instalment| instalment.refunded_minor < instalment.amount_minor);
        plan.status = if kept { PlanStatus::Completed } else { PlanStatus::Cancelled };
    }
    allocation
}

fn from_the_end(refund_minor: i64, open: &[i64]) -> Vec<i64> {
    let mut left = refund_minor.max(0);
    let mut off = vec![0; open.len()];
    for (off, open) in off.iter_mut().zip(open).rev() {
        *off = left.min(*open);
        left -= *off;
    }
    off
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Product;
    use crate::domain::plan::tests::{arb_plan, plan};
    use proptest::prelude::*;

    fn left(plan: &Plan) -> Vec<i64> {
        plan.instalments.iter().map(|instalment| instalment.open_minor()).filter(|open| *open > 0).collect()
    }

    #[test]
    fn the_worked_examples() {
        use RefundStrategy::{LastFirst, ShortenTerm, SpreadEvenly};
        for (product, paid, strategy, refund, remaining, back, credit) in [
            (Product::PayIn4, 2, SpreadEvenly, 2_000, vec![1_500, 1_500], vec![], 0),
            (Product::PayIn4, 2, LastFirst, 2_000, vec![2_500, 500], vec![], 0),
            (Product::PayIn4, 2, SpreadEvenly, 6_000, vec![], vec![(2, 1_000)], 0),
            (Product::PayIn4, 2, SpreadEvenly, 10_000, vec![], vec![(2, 2_500), (1, 2_500)], 0),
            (Product::PayIn4, 2, SpreadEvenly, 10_300, vec![], vec![(2, 2_500), (1, 2_500)], 300),
            (Product::PayIn3, 1, SpreadEvenly, 1_001, vec![2_833, 2_832], vec![], 0),
            (Product::Financing, 0, ShortenTerm, 2_000, vec![1_667, 1_667, 1_667, 1_667, 1_332], vec![], 0),
        ] {
            let mut plan = plan(product, 10_000, paid);
            plan.refund_strategy = strategy;
            let allocation = allocate(&mut plan, refund);
            assert_eq!(left(&plan), remaining, "{product:?} {strategy:?} {refund}");
            assert_eq!((allocation.paid_back, allocation.credit_minor), (back, credit), "{product:?} {strategy:?} {refund}");
        }
    }

    #[test]
    fn a_full_refund_cancels_the_plan() {
        let mut plan = plan(Product::PayIn4, 10_000, 2);
        allocate(&mut plan, 10_000);
        assert_eq!(plan.status, PlanStatus::Cancelled);
        assert_eq!(plan.instalments[3].status, InstalmentStatus::Cancelled);
    }

    proptest! {
        #![proptest_config(crate::domain::cases::cases())]

        #[test]
        fn a_refund_loses_nothing(mut plan in arb_plan(), refund in 0i64..60_000) {
            let principal: i64 = plan.instalments.iter().map(|i| i.amount_minor).sum();
            let (open, before) = (plan.open_minor(), plan.clone());
            let allocation = allocate(&mut plan, refund);
            let off: i64 = allocation.taken_off.iter().map(|(_, amount)| amount).sum();
            let back: i64 = allocation.paid_back.iter().map(|(_, amount)| amount).sum();
            prop_assert_eq!(off + back + allocation.credit_minor, refund);
            prop_assert_eq!(plan.open_minor(), open - off);
            let refunded: i64 = plan.instalments.iter().map(|i| i.refunded_minor).sum();
            prop_assert_eq!(plan.instalments.iter().map(|i| i.amount_minor).sum::<i64>() - refunded, principal - off - back);
            for (instalment, was) in plan.instalments.iter().zip(&before.instalments) {
                prop_assert!(instalment.paid_minor <= instalment.amount_minor + instalment.fee_minor);
                prop_assert_eq!(instalment.paid_minor, was.paid_minor);
                prop_assert!(instalment.refunded_minor <= instalment.amount_minor);
                prop_assert_eq!(instalment.credit_minor(), 0);
            }
        }
    }
}
