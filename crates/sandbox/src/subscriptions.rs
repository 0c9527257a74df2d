//! Changing and ending subscriptions.
//!
//! <https://docs.stripe.com/api/subscriptions>

use serde_json::Value;

use crate::customers::differences;
use crate::errors::StripeError;
use crate::objects::{Resource, Subscription, SubscriptionStatus};
use crate::params::Params;
use crate::store::Change;

const UNSIMULATED: &[&str] = &[
    "add_invoice_items",
    "application_fee_percent",
    "automatic_tax",
    "billing_cycle_anchor",
    "billing_schedules",
    "billing_thresholds",
    "cancel_at",
    "cancellation_details",
    "collection_method",
    "days_until_due",
    "default_payment_method",
    "default_source",
    "default_tax_rates",
    "discounts",
    "invoice_settings",
    "items",
    "off_session",
    "on_behalf_of",
    "pause_collection",
    "payment_behavior",
    "payment_settings",
    "pending_invoice_item_interval",
    "proration_behavior",
    "proration_date",
    "transfer_data",
    "trial_end",
    "trial_from_plan",
    "trial_settings",
];

/// `POST /v1/subscriptions/{id}`: metadata, description and `cancel_at_period_end`.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut subscription: Subscription = change.find(id)?;
    let before = subscription.render(change.state);
    params.refuse_unsimulated(UNSIMULATED)?;
    let metadata = params.metadata("metadata")?;
    subscription.metadata = metadata.applied_to(&subscription.metadata, "metadata")?;
    if let Some(description) = params.clearable_text("description")? {
        subscription.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(cancel) = params.boolean("cancel_at_period_end")? {
        refuse_ended(&subscription)?;
        subscription.cancel_at_period_end = cancel;
        subscription.canceled_at = cancel.then_some(change.now);
    }
    std::mem::take(params).finish()?;
    let after = subscription.render(change.state);
    if after != before {
        change.put(&subscription);
        let previous = differences(&before, &after);
        change.emit_update("customer.subscription.updated", &subscription, previous);
    }
    Ok(after)
}

/// `DELETE /v1/subscriptions/{id}`: ends it at once.
pub(crate) fn cancel(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut subscription: Subscription = change.find(id)?;
    params.refuse_unsimulated(&["cancellation_details", "invoice_now", "prorate"])?;
    std::mem::take(params).finish()?;
    refuse_ended(&subscription)?;
    subscription.status = SubscriptionStatus::Canceled;
    subscription.canceled_at = Some(change.now);
    subscription.ended_at = Some(change.now);
    change.put(&subscription);
    change.emit("customer.subscription.deleted", &subscription);
    Ok(subscription.render(change.state))
}

/// An ended subscription is as good as gone.
fn refuse_ended(subscription: &Subscription) -> Result<(), StripeError> {
    if subscription.status == SubscriptionStatus::Canceled {
        return Err(StripeError::no_such(Subscription::OBJECT, &subscription.id));
    }
    Ok(())
}
