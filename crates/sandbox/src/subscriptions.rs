//! Changing and ending subscriptions.
//!
//! <https://docs.stripe.com/api/subscriptions>

pub(crate) mod create;
pub(crate) mod cycle;
pub(crate) mod dunning;
pub(crate) mod start;

use serde_json::Value;

use crate::customers::differences;
use crate::errors::StripeError;
use crate::objects::{Customer, Price, Resource, Subscription, SubscriptionStatus};
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
    "default_source",
    "default_tax_rates",
    "discounts",
    "invoice_settings",
    "off_session",
    "on_behalf_of",
    "pause_collection",
    "payment_behavior",
    "payment_settings",
    "pending_invoice_item_interval",
    "proration_date",
    "transfer_data",
    "trial_from_plan",
    "trial_settings",
];

/// `POST /v1/subscriptions/{id}`: metadata, description, default payment method, the end of the
/// trial, `cancel_at_period_end`, and, without proration, the items.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut subscription: Subscription = change.find(id)?;
    let customer: Customer = change.find(&subscription.customer)?;
    change.enter_clock(subscription.test_clock.as_deref());
    let before = subscription.render(change.state);
    params.refuse_unsimulated(UNSIMULATED)?;
    let metadata = params.metadata("metadata")?;
    subscription.metadata = metadata.applied_to(&subscription.metadata, "metadata")?;
    if let Some(description) = params.clearable_text("description")? {
        subscription.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(method) = create::read_method(change, params, &customer)? {
        subscription.default_payment_method = Some(method.id);
    }
    if let Some(cancel) = params.boolean("cancel_at_period_end")? {
        refuse_ended(&subscription)?;
        if cancel != subscription.cancel_at_period_end {
            subscription.canceled_at = cancel.then_some(change.now);
        }
        subscription.cancel_at_period_end = cancel;
    }
    update_items(change, &mut subscription, params)?;
    let ends_trial = read_trial_end(&mut subscription, params, change.now)?;
    std::mem::take(params).finish()?;
    let after = subscription.render(change.state);
    if ends_trial == EndsTrial::Now {
        cycle::renew(change, subscription);
    } else if after != before {
        change.put(&subscription);
        let previous = differences(&before, &after);
        change.emit_update("customer.subscription.updated", &subscription, previous);
    }
    let subscription: Subscription = change.find(id)?;
    Ok(subscription.render(change.state))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndsTrial {
    Now,
    NotNow,
}

/// `trial_end`: `now`, or a moment to move it to.
fn read_trial_end(subscription: &mut Subscription, params: &mut Params, now: i64) -> Result<EndsTrial, StripeError> {
    let Some(text) = params.text("trial_end")? else {
        return Ok(EndsTrial::NotNow);
    };
    if subscription.status != SubscriptionStatus::Trialing {
        return Err(StripeError::not_simulated("trial_end"));
    }
    let end = match text.as_str() {
        "now" => now,
        other => other.parse().ok().filter(|end| *end > now).ok_or_else(|| {
            StripeError::invalid("Invalid timestamp: must be `now` or in the future").with_param("trial_end")
        })?,
    };
    subscription.trial_end = Some(end);
    subscription.anchor = Some(end);
    subscription.current_period_end = end;
    Ok(if end == now { EndsTrial::Now } else { EndsTrial::NotNow })
}

/// `items`: other prices or quantities of the items that are there.
fn update_items(change: &Change<'_>, subscription: &mut Subscription, params: &mut Params) -> Result<(), StripeError> {
    let proration = params.choice("proration_behavior", &["always_invoice", "create_prorations", "none"])?;
    let groups = params.groups("items")?;
    if groups.is_empty() {
        return Ok(());
    }
    refuse_ended(subscription)?;
    if proration != Some("none") {
        return Err(StripeError::not_simulated("proration_behavior"));
    }
    for mut group in groups {
        group.refuse_unsimulated(&[
            "billing_thresholds",
            "clear_usage",
            "deleted",
            "discounts",
            "metadata",
            "plan",
            "price_data",
            "tax_rates",
        ])?;
        let (id_param, price_param) = (group.full_name("id"), group.full_name("price"));
        let id = group.required_text("id")?;
        let price = group.text("price")?;
        let price: Option<Price> = price.map(|id| change.find_named(&id, &price_param)).transpose()?;
        let quantity = group.integer("quantity", &(0..=999_999))?;
        group.finish()?;
        let item = subscription.items.iter_mut().find(|item| item.id == id);
        let item = item.ok_or_else(|| StripeError::no_such_reference("subscription item", &id, &id_param))?;
        if let Some(price) = price {
            let old = change.state.prices.get(&item.price);
            let same_rhythm = old.is_some_and(|old| {
                (old.interval, old.interval_count, &old.currency)
                    == (price.interval, price.interval_count, &price.currency)
            });
            if !same_rhythm {
                return Err(StripeError::not_simulated(&price_param));
            }
            item.price = price.id;
        }
        item.quantity = quantity.unwrap_or(item.quantity);
    }
    Ok(())
}

/// `DELETE /v1/subscriptions/{id}`: ends it at once.
pub(crate) fn cancel(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut subscription: Subscription = change.find(id)?;
    params.refuse_unsimulated(&["cancellation_details", "invoice_now", "prorate"])?;
    std::mem::take(params).finish()?;
    refuse_ended(&subscription)?;
    change.enter_clock(subscription.test_clock.as_deref());
    subscription.canceled_at = Some(change.now);
    dunning::end(change, subscription);
    let ended: Subscription = change.find(id)?;
    Ok(ended.render(change.state))
}

/// An ended subscription is as good as gone.
fn refuse_ended(subscription: &Subscription) -> Result<(), StripeError> {
    if subscription.status.has_ended() {
        return Err(StripeError::no_such(Subscription::OBJECT, &subscription.id));
    }
    Ok(())
}
