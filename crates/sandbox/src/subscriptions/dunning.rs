//! How a subscription follows its payments.
//!
//! <https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses>

use serde_json::json;

use crate::objects::{BillingReason, Invoice, Subscription, SubscriptionStatus};
use crate::store::Change;

/// A payment came in: what waited for it is active.
pub(crate) fn paid(change: &mut Change<'_>, mut subscription: Subscription) {
    if matches!(subscription.status, SubscriptionStatus::Incomplete | SubscriptionStatus::PastDue) {
        let before = subscription.status;
        subscription.status = SubscriptionStatus::Active;
        change.put(&subscription);
        change.emit_update("customer.subscription.updated", &subscription, json!({ "status": before.name() }));
    }
}

/// A payment did not come in. A first one can still be made; without a renewal, the subscription
/// is past due, and ends when nobody tries any more.
pub(crate) fn unpaid(change: &mut Change<'_>, mut subscription: Subscription, invoice: &Invoice) {
    let renewal = invoice.reason == BillingReason::SubscriptionCycle;
    if subscription.status.has_ended() {
        return;
    }
    if renewal && invoice.next_payment_attempt.is_none() {
        subscription.cancellation_reason = Some("payment_failed".to_owned());
        end(change, subscription);
    } else if subscription.status == SubscriptionStatus::Active {
        subscription.status = SubscriptionStatus::PastDue;
        change.put(&subscription);
        change.emit_update("customer.subscription.updated", &subscription, json!({ "status": "active" }));
    }
}

/// Ends a subscription now.
pub(crate) fn end(change: &mut Change<'_>, mut subscription: Subscription) {
    subscription.status = SubscriptionStatus::Canceled;
    // Who asked for the end of the period had canceled it then.
    subscription.canceled_at = Some(subscription.canceled_at.unwrap_or(change.now));
    subscription.ended_at = Some(change.now);
    change.put(&subscription);
    change.emit("customer.subscription.deleted", &subscription);
}

/// Announces the end of a trial when it is near.
pub(crate) fn remind(change: &mut Change<'_>, id: &str) {
    const REMINDER_S: i64 = 3 * 86_400;
    let Some(mut subscription) = change.state.subscriptions.get(id).cloned() else {
        return;
    };
    let near = subscription.trial_end.is_some_and(|end| change.now >= end - REMINDER_S);
    if subscription.status == SubscriptionStatus::Trialing && near && !subscription.trial_reminded {
        subscription.trial_reminded = true;
        change.put(&subscription);
        change.emit("customer.subscription.trial_will_end", &subscription);
    }
}
