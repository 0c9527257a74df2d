//! `POST /v1/subscriptions`.
//!
//! <https://docs.stripe.com/api/subscriptions/create>. The subscription is announced in the status
//! that its first payment brought: `active`, or `incomplete` when the payment needs somebody
//! (<https://docs.stripe.com/billing/subscriptions/webhooks>).

use serde_json::Value;

use super::dunning;
use super::start::{self, Plan};
use crate::discounts::codes;
use crate::errors::StripeError;
use crate::invoices::collect;
use crate::objects::{
    Customer, InvoiceStatus, PaymentMethod, Price, Resource, Subscription, SubscriptionStatus, Trial,
};
use crate::params::Params;
use crate::payments::attempt::{self, Presence, Verdict};
use crate::store::Change;

const UNSIMULATED: &[&str] = &[
    "add_invoice_items",
    "application_fee_percent",
    "automatic_tax",
    "backdate_start_date",
    "billing_cycle_anchor",
    "billing_cycle_anchor_config",
    "billing_mode",
    "billing_schedules",
    "billing_thresholds",
    "cancel_at",
    "collection_method",
    "customer_account",
    "days_until_due",
    "default_source",
    "default_tax_rates",
    "invoice_settings",
    "on_behalf_of",
    "payment_settings",
    "pending_invoice_item_interval",
    "proration_behavior",
    "transfer_data",
    "trial_from_plan",
    "trial_settings",
];

const TRIAL_DAYS_MAX: i64 = 730;
const ITEMS_MAX: usize = 20;

pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    let id = params.required_text("customer")?;
    let customer: Customer = change.find_named(&id, "customer")?;
    change.enter_clock(customer.test_clock.as_deref());
    let (items, currency) = read_items(change, params)?;
    let trial = read_trial(params, change.now)?;
    let discount = codes::read(change, params, Some(&customer.id), &currency)?;
    let given = read_method(change, params, &customer)?;
    let behavior = params.choice(
        "payment_behavior",
        &["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"],
    )?;
    if behavior == Some("pending_if_incomplete") {
        return Err(StripeError::not_simulated("payment_behavior"));
    }
    let off_session = params.boolean("off_session")?.unwrap_or(false);
    let cancels = params.boolean("cancel_at_period_end")?.unwrap_or(false);
    let plan = Plan {
        customer: &customer,
        currency,
        items,
        metadata: params.new_metadata("metadata")?,
        description: params.text("description")?,
        trial,
        discount: discount.as_ref(),
        session: None,
    };
    std::mem::take(params).finish()?;
    let known = customer.default_payment_method.as_ref().and_then(|id| change.state.payment_methods.get(id)).cloned();
    let method = given.clone().or(known);
    let waits = behavior == Some("default_incomplete");
    if method.is_none() && trial.is_none() && !waits {
        return Err(StripeError::invalid(
            "This customer has no attached payment source or default payment method. Please consider adding a default payment method.",
        )
        .with_code("resource_missing"));
    }
    let presence = if off_session { Presence::OffSession } else { Presence::OnSession };
    let asked = method.as_ref().map(|method| (method, attempt::ask(method, presence)));
    if behavior == Some("error_if_incomplete")
        && let Some((_, Verdict::Declined(decline))) = asked
    {
        return Err(StripeError::declined(decline, serde_json::Map::new()));
    }
    let (mut subscription, mut invoice) = start::start(change, plan);
    subscription.default_payment_method = given.map(|method| method.id);
    subscription.cancel_at_period_end = cancels;
    subscription.canceled_at = cancels.then_some(change.now);
    change.put(&subscription);
    change.emit("invoice.created", &invoice);
    collect::finalize(change, &mut invoice);
    if invoice.status == InvoiceStatus::Open && !waits {
        let verdict = collect::collect(change, &mut invoice, asked);
        let paid = matches!(verdict, Verdict::Paid | Verdict::Processing);
        announce(change, subscription.clone(), paid);
    } else {
        if waits {
            collect::prepare(change, &mut invoice);
        }
        announce(change, subscription.clone(), invoice.status == InvoiceStatus::Paid);
    }
    let made: Subscription = change.find(&subscription.id)?;
    Ok(made.render(change.state))
}

fn announce(change: &mut Change<'_>, mut subscription: Subscription, paid: bool) {
    if paid && subscription.status == SubscriptionStatus::Incomplete {
        subscription.status = SubscriptionStatus::Active;
    }
    change.put(&subscription);
    change.emit("customer.subscription.created", &subscription);
    dunning::remind(change, &subscription.id);
}

fn read_items(change: &Change<'_>, params: &mut Params) -> Result<(Vec<(String, i64)>, String), StripeError> {
    let wanted = crate::payments::intents::currency(params)?;
    let groups = params.groups("items")?;
    if groups.is_empty() {
        return Err(StripeError::missing("items"));
    }
    if groups.len() > ITEMS_MAX {
        return Err(
            StripeError::invalid(format!("A subscription can have up to {ITEMS_MAX} items.")).with_param("items")
        );
    }
    let mut items = Vec::new();
    let mut currency = wanted;
    for mut group in groups {
        group.refuse_unsimulated(&[
            "billing_thresholds",
            "discounts",
            "metadata",
            "plan",
            "price_data",
            "tax_rates",
        ])?;
        let param = group.full_name("price");
        let price: Price = change.find_named(&group.required_text("price")?, &param)?;
        let quantity = group.integer("quantity", &(0..=999_999))?.unwrap_or(1);
        group.finish()?;
        if price.interval.is_none() {
            return Err(StripeError::invalid(format!(
                "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`: {}",
                price.id
            ))
            .with_param(param));
        }
        if !price.active {
            return Err(StripeError::invalid(
                "The price specified is inactive. This field only accepts active prices.",
            )
            .with_param(param));
        }
        if *currency.get_or_insert_with(|| price.currency.clone()) != price.currency {
            return Err(StripeError::invalid("All prices of a subscription must be in one currency.").with_param(param));
        }
        items.push((price.id, quantity));
    }
    Ok((items, currency.unwrap_or_default()))
}

/// `trial_period_days`, or `trial_end`.
pub(crate) fn read_trial(params: &mut Params, now: i64) -> Result<Option<Trial>, StripeError> {
    let days = params.integer("trial_period_days", &(1..=TRIAL_DAYS_MAX))?;
    let end_param = params.full_name("trial_end");
    let end = params.integer("trial_end", &(0..=i64::MAX))?;
    match (days, end) {
        (None, None) => Ok(None),
        (Some(days), None) => Ok(Some(Trial::Days(days))),
        (None, Some(end)) if end > now && end <= now + TRIAL_DAYS_MAX * 86_400 => Ok(Some(Trial::Until(end))),
        (None, Some(_)) => {
            Err(StripeError::invalid("Invalid timestamp: must be in the future, and no more than two years from now")
                .with_param(end_param))
        }
        (Some(_), Some(_)) => {
            Err(StripeError::invalid("You may only specify one of these parameters: trial_end, trial_period_days.")
                .with_param(end_param))
        }
    }
}

/// `default_payment_method`, which must be the customer's.
pub(super) fn read_method(
    change: &Change<'_>,
    params: &mut Params,
    customer: &Customer,
) -> Result<Option<PaymentMethod>, StripeError> {
    let Some(id) = params.text("default_payment_method")? else {
        return Ok(None);
    };
    let method: PaymentMethod = change.find_named(&id, "default_payment_method")?;
    if method.customer.as_ref() != Some(&customer.id) {
        return Err(StripeError::invalid(format!(
            "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
        ))
        .with_code("resource_missing")
        .with_param("default_payment_method"));
    }
    Ok(Some(method))
}
