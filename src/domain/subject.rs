//! The ids of an account that the outside world may name in a fact: parcels, tracking numbers, instalments, refunds …

use super::account::Account;
use std::collections::BTreeSet;

/// Every such id. A store's id stands in the account of everybody who has bought there.
pub fn subjects(account: &Account) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    for order in &account.customer.orders {
        all.extend([order.id.as_str(), order.r#ref.as_str(), order.merchant.as_str()]);
        for parcel in &order.shipments {
            all.insert(parcel.id.as_str());
            all.extend(parcel.tracking_no.as_deref());
        }
        for back in &order.returns {
            all.insert(back.id.as_str());
            all.extend(back.tracking_no.as_deref());
        }
        all.extend(order.refunds.iter().map(|refund| refund.id.as_str()));
        all.extend(order.disputes.iter().flat_map(|dispute| [dispute.id.as_str(), dispute.public_no.as_str()]));
        if let Some(plan) = &order.plan {
            all.insert(plan.id.as_str());
            all.extend(plan.instalments.iter().map(|due| due.id.as_str()));
        }
    }
    all
}
