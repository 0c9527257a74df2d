//! What happens to a subscription by itself: its trial ends, it renews, it ends.
//!
//! Events of a renewal, in the order of <https://docs.stripe.com/billing/subscriptions/webhooks>:
//! `customer.subscription.updated` with the new period and `invoice.created`; an hour later the
//! invoice is finalized and collected.

use crate::customers::differences;
use crate::invoices::{collect, draft};
use crate::objects::{BillingReason, InvoiceStatus, Resource, Subscription, SubscriptionStatus};
use crate::store::Change;

use super::dunning;
use super::start;

/// Does what is due now.
pub(crate) fn advance(change: &mut Change<'_>, id: &str) {
    let Some(subscription) = change.state.subscriptions.get(id).cloned() else {
        return;
    };
    match subscription.status {
        SubscriptionStatus::Incomplete => expire(change, subscription),
        SubscriptionStatus::Trialing if subscription.trial_end.is_some_and(|end| change.now < end) => {
            dunning::remind(change, id);
        }
        SubscriptionStatus::Trialing | SubscriptionStatus::Active | SubscriptionStatus::PastDue => {
            if subscription.cancel_at_period_end {
                dunning::end(change, subscription);
            } else {
                renew(change, subscription);
            }
        }
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired => {}
    }
}

/// Begins the next period; after a trial, the first that costs something.
pub(super) fn renew(change: &mut Change<'_>, mut subscription: Subscription) {
    let before = subscription.render(change.state);
    if subscription.status == SubscriptionStatus::Trialing {
        subscription.status = SubscriptionStatus::Active;
    }
    subscription.current_period_start = subscription.current_period_end;
    let start = subscription.current_period_start;
    subscription.current_period_end = start::next_period_end(change.state, &subscription, start);
    let invoice = draft::for_period(change, &mut subscription, BillingReason::SubscriptionCycle);
    change.put(&subscription);
    let after = subscription.render(change.state);
    change.emit_update("customer.subscription.updated", &subscription, differences(&before, &after));
    change.emit("invoice.created", &invoice);
}

/// The first payment was not made in time.
fn expire(change: &mut Change<'_>, mut subscription: Subscription) {
    let invoice = subscription.latest_invoice.as_ref().and_then(|id| change.state.invoices.get(id)).cloned();
    if let Some(mut invoice) = invoice.filter(|invoice| invoice.status == InvoiceStatus::Open) {
        collect::void(change, &mut invoice);
    }
    subscription.status = SubscriptionStatus::IncompleteExpired;
    subscription.ended_at = Some(change.now);
    change.put(&subscription);
    change.emit_update("customer.subscription.updated", &subscription, serde_json::json!({ "status": "incomplete" }));
}
