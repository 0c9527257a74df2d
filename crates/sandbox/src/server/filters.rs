//! What each list can be narrowed by.

use crate::errors::StripeError;
use crate::listing::{Filter, Listed, created};
use crate::objects::{
    Charge, Coupon, Customer, Delivery, Dispute, Event, Invoice, InvoiceItem, PaymentIntent, PaymentMethod, Price,
    Product, PromotionCode, Refund, Session, Subscription, SubscriptionStatus, TestClock, WebhookEndpoint,
};
use crate::params::Params;

/// Whether `field` is what was asked for, if something was.
fn is(wanted: Option<&String>, field: Option<&String>) -> bool {
    wanted.is_none_or(|wanted| field == Some(wanted))
}

impl Listed for Product {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["shippable", "type", "url"])?;
        let (active, created) = (params.boolean("active")?, created(params)?);
        let ids = params.texts("ids")?;
        Ok(Box::new(move |product| {
            active.is_none_or(|active| product.active == active)
                && created(product.created)
                && (ids.is_empty() || ids.contains(&product.id))
        }))
    }
}

impl Listed for Price {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["recurring"])?;
        let keys = params.texts("lookup_keys")?;
        let (active, created) = (params.boolean("active")?, created(params)?);
        let (product, currency) = (params.text("product")?, params.text("currency")?);
        let kind = params.choice("type", &["one_time", "recurring"])?;
        Ok(Box::new(move |price| {
            active.is_none_or(|active| price.active == active)
                && created(price.created)
                && is(product.as_ref(), Some(&price.product))
                && is(currency.as_ref(), Some(&price.currency))
                && (keys.is_empty() || price.lookup_key.as_ref().is_some_and(|key| keys.contains(key)))
                && kind.is_none_or(|kind| (kind == "recurring") == price.interval.is_some())
        }))
    }
}

impl Listed for Customer {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        let (email, created) = (params.text("email")?, created(params)?);
        let clock = params.text("test_clock")?;
        Ok(Box::new(move |customer| {
            is(email.as_ref(), customer.email.as_ref())
                && is(clock.as_ref(), customer.test_clock.as_ref())
                && created(customer.created)
        }))
    }
}

impl Listed for Session {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["customer_account", "payment_link"])?;
        let created = created(params)?;
        let customer = params.text("customer")?;
        let intent = params.text("payment_intent")?;
        let subscription = params.text("subscription")?;
        let status = params.choice("status", &["open", "complete", "expired"])?;
        let email = match params.group("customer_details")? {
            Some(mut details) => {
                let email = details.text("email")?;
                details.finish()?;
                email
            }
            None => None,
        };
        Ok(Box::new(move |session| {
            let payer = session.payer.as_ref();
            created(session.created)
                && is(customer.as_ref(), session.customer.as_ref())
                && is(intent.as_ref(), session.payment_intent.as_ref())
                && is(subscription.as_ref(), session.subscription.as_ref())
                && status.is_none_or(|status| session.status.name() == status)
                && is(email.as_ref(), payer.and_then(|payer| payer.email.as_ref()))
        }))
    }
}

impl Listed for Subscription {
    /// Without a status, Stripe leaves out what is canceled.
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&[
            "automatic_tax",
            "collection_method",
            "current_period_end",
            "current_period_start",
            "customer_account",
            "plan",
        ])?;
        let clock = params.text("test_clock")?;
        let created = created(params)?;
        let (customer, price) = (params.text("customer")?, params.text("price")?);
        let status = params.choice(
            "status",
            &[
                "active",
                "all",
                "canceled",
                "ended",
                "incomplete",
                "incomplete_expired",
                "past_due",
                "paused",
                "trialing",
                "unpaid",
            ],
        )?;
        Ok(Box::new(move |subscription| {
            created(subscription.created)
                && is(customer.as_ref(), Some(&subscription.customer))
                && price.as_ref().is_none_or(|price| subscription.items.iter().any(|item| item.price == *price))
                && is(clock.as_ref(), subscription.test_clock.as_ref())
                && has_status(subscription.status, status)
        }))
    }
}

fn has_status(status: SubscriptionStatus, wanted: Option<&str>) -> bool {
    match wanted {
        Some("all") => true,
        None => status != SubscriptionStatus::Canceled,
        Some("ended") => status.has_ended(),
        Some(wanted) => status.name() == wanted,
    }
}

impl Listed for Invoice {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["collection_method", "customer_account", "due_date"])?;
        let created = created(params)?;
        let (customer, subscription) = (params.text("customer")?, params.text("subscription")?);
        let status = params.choice("status", &["draft", "open", "paid", "uncollectible", "void"])?;
        Ok(Box::new(move |invoice| {
            created(invoice.created)
                && is(customer.as_ref(), Some(&invoice.customer))
                && is(subscription.as_ref(), invoice.subscription.as_ref())
                && status.is_none_or(|status| invoice.status.name() == status)
        }))
    }
}

impl Listed for PaymentIntent {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["customer_account"])?;
        let (customer, created) = (params.text("customer")?, created(params)?);
        Ok(Box::new(move |intent| is(customer.as_ref(), intent.customer.as_ref()) && created(intent.created)))
    }
}

impl Listed for Charge {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["transfer_group"])?;
        let (customer, created) = (params.text("customer")?, created(params)?);
        let intent = params.text("payment_intent")?;
        Ok(Box::new(move |charge| {
            is(customer.as_ref(), charge.customer.as_ref())
                && is(intent.as_ref(), Some(&charge.payment_intent))
                && created(charge.created)
        }))
    }
}

impl Listed for PaymentMethod {
    /// Without a customer there is nothing to list; Stripe shows test clocks' customers no differently.
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["allow_redisplay", "customer_account"])?;
        let (customer, kind) = (params.text("customer")?, params.text("type")?);
        Ok(Box::new(move |method| {
            customer.is_some()
                && method.customer == customer
                && kind.as_ref().is_none_or(|kind| method.kind.name() == kind)
        }))
    }
}

impl Listed for Refund {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        let created = created(params)?;
        let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
        Ok(Box::new(move |refund| {
            is(charge.as_ref(), Some(&refund.charge))
                && is(intent.as_ref(), Some(&refund.payment_intent))
                && created(refund.created)
        }))
    }
}

impl Listed for Dispute {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        let created = created(params)?;
        let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
        Ok(Box::new(move |dispute| {
            is(charge.as_ref(), Some(&dispute.charge))
                && is(intent.as_ref(), Some(&dispute.payment_intent))
                && created(dispute.created)
        }))
    }
}

impl Listed for Coupon {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        let created = created(params)?;
        Ok(Box::new(move |coupon| created(coupon.created)))
    }
}

impl Listed for WebhookEndpoint {
    fn filter(_: &mut Params) -> Result<Filter<Self>, StripeError> {
        Ok(Box::new(|_| true))
    }
}

impl Listed for PromotionCode {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["customer_account"])?;
        let (active, created) = (params.boolean("active")?, created(params)?);
        let (code, coupon, customer) = (params.text("code")?, params.text("coupon")?, params.text("customer")?);
        Ok(Box::new(move |promotion| {
            active.is_none_or(|active| promotion.active == active)
                && code.as_ref().is_none_or(|code| promotion.code.eq_ignore_ascii_case(code))
                && is(coupon.as_ref(), Some(&promotion.coupon))
                && is(customer.as_ref(), promotion.customer.as_ref())
                && created(promotion.created)
        }))
    }
}

impl Listed for InvoiceItem {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        params.refuse_unsimulated(&["customer_account"])?;
        let (pending, created) = (params.boolean("pending")?, created(params)?);
        let (customer, invoice) = (params.text("customer")?, params.text("invoice")?);
        Ok(Box::new(move |item| {
            pending.is_none_or(|pending| item.invoice.is_none() == pending)
                && is(customer.as_ref(), Some(&item.customer))
                && is(invoice.as_ref(), item.invoice.as_ref())
                && created(item.created)
        }))
    }
}

impl Listed for TestClock {
    fn filter(_: &mut Params) -> Result<Filter<Self>, StripeError> {
        Ok(Box::new(|_| true))
    }
}

impl Listed for Event {
    /// A type may end in `*`: `customer.subscription.*`.
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError> {
        let created = created(params)?;
        let mut kinds = params.texts("types")?;
        if let Some(kind) = params.text("type")? {
            if !kinds.is_empty() {
                return Err(StripeError::invalid("You may only specify one of these parameters: type, types.")
                    .with_param("type"));
            }
            kinds.push(kind);
        }
        if kinds.len() > 20 {
            return Err(StripeError::invalid("You may pass up to 20 types.").with_param("types"));
        }
        let delivered = params.boolean("delivery_success")?;
        Ok(Box::new(move |event| {
            let waiting = matches!(event.delivery, Delivery::Pending | Delivery::Abandoned | Delivery::Dropped);
            created(event.created)
                && (kinds.is_empty() || kinds.iter().any(|kind| matches_kind(kind, &event.kind)))
                && delivered.is_none_or(|delivered| delivered != waiting)
        }))
    }
}

fn matches_kind(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => kind == pattern,
    }
}
