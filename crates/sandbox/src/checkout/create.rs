//! `POST /v1/checkout/sessions`.
//!
//! <https://docs.stripe.com/api/checkout/sessions/create>

use serde_json::Value;

use super::line_items;
use crate::discounts::{self, codes};
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Customer, Mode, Payer, PaymentStatus, Resource, Session, SessionStatus, Shipping, Trial};
use crate::params::{Metadata, Params};
use crate::store::Change;
use crate::subscriptions;

/// A session lives 30 minutes to 24 hours.
const LIFE_MIN_S: i64 = 30 * 60;
const LIFE_MAX_S: i64 = 24 * 3_600;
/// A trial that ends at a moment lasts this long at least.
const TRIAL_MIN_S: i64 = 48 * 3_600;
/// A caller's clock may be a little off.
const LIFE_SLACK_S: i64 = 60;
const CLIENT_REFERENCE_CHARS_MAX: usize = 200;

/// Parameters that Stripe takes and that would change what the sandbox does, if it knew how.
const UNSIMULATED: &[&str] = &[
    "adaptive_pricing",
    "after_expiration",
    "allowed_payment_method_types",
    "automatic_tax",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_account",
    "customer_creation",
    "customer_update",
    "excluded_payment_method_types",
    "invoice_creation",
    "managed_payments",
    "name_collection",
    "optional_items",
    "origin_context",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "tax_id_collection",
    "wallet_options",
];

/// Makes an open session; nothing else exists until somebody pays.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    let mode = read_mode(params)?;
    let (currency, mut items) = line_items::read(change.state, params, mode)?;
    let success_url = read_success_url(params)?;
    let cancel_url = read_url(params, "cancel_url")?;
    let (customer, payer) = read_customer(change, params)?;
    let test_clock = change.enter_clock_of(customer.as_deref());
    let purchase = read_purchase(params, mode, change.now)?;
    if purchase.trial.is_some() {
        for item in &mut items {
            item.amount = 0;
        }
    }
    let allow_promotion_codes = params.boolean("allow_promotion_codes")?;
    let discount = codes::read(change, params, customer.as_deref(), &currency)?;
    if discount.is_some() && allow_promotion_codes.is_some() {
        return Err(StripeError::invalid(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
        )
        .with_param("allow_promotion_codes"));
    }
    discounts::apply_to_items(change.state, &mut items, discount.as_ref());
    let session = Session {
        id: ids::object_id("cs_test_a1", 56),
        created: change.now,
        expires_at: read_expiry(params, change.now)?,
        mode,
        status: SessionStatus::Open,
        payment_status: PaymentStatus::Unpaid,
        currency,
        line_items: items,
        success_url,
        cancel_url,
        customer,
        customer_email: payer.as_ref().and_then(|(by_caller, _)| by_caller.clone()),
        payer: payer.map(|(_, payer)| payer),
        client_reference_id: read_client_reference(params)?,
        integration_identifier: params.text("integration_identifier")?,
        metadata: params.new_metadata("metadata")?,
        purchase_metadata: purchase.metadata,
        purchase_description: purchase.description,
        allow_promotion_codes,
        billing_address_collection: params
            .choice("billing_address_collection", &["auto", "required"])?
            .map(str::to_owned),
        locale: params.text("locale")?,
        submit_type: params.choice("submit_type", &["auto", "book", "donate", "pay", "subscribe"])?.map(str::to_owned),
        payment_intent: None,
        subscription: None,
        invoice: None,
        trial: purchase.trial,
        discount,
        challenged: None,
        shipping: purchase.shipping,
        setup_future_usage: purchase.setup_future_usage,
        test_clock,
    };
    std::mem::take(params).finish()?;
    change.put(&session);
    Ok(session.render(change.state))
}

fn read_mode(params: &mut Params) -> Result<Mode, StripeError> {
    // Left out, the mode is `payment`; a recurring price then says what is wrong.
    let mode = match params.choice("mode", &["payment", "subscription", "setup"])? {
        Some("payment") | None => Mode::Payment,
        Some("subscription") => Mode::Subscription,
        Some(_) => return Err(StripeError::not_simulated("mode")),
    };
    match params.choice("ui_mode", &["hosted_page", "embedded_page", "elements", "form"])? {
        Some("hosted_page") | None => {}
        Some(_) => return Err(StripeError::not_simulated("ui_mode")),
    }
    Ok(mode)
}

fn read_success_url(params: &mut Params) -> Result<String, StripeError> {
    read_url(params, "success_url")?.ok_or_else(|| StripeError::missing("success_url"))
}

fn read_url(params: &mut Params, key: &str) -> Result<Option<String>, StripeError> {
    let Some(text) = params.text(key)? else {
        return Ok(None);
    };
    // The parser skips line breaks, which must not reach a `Location` header.
    let valid = !text.contains(|c: char| c.is_control() || c.is_whitespace())
        && url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if valid {
        return Ok(Some(text));
    }
    Err(StripeError::invalid("Not a valid URL").with_code("url_invalid").with_param(key))
}

type CustomerAndPayer = (Option<String>, Option<(Option<String>, Payer)>);

/// The customer, and what is known of who pays: the e-mail that the caller passed, if it did.
fn read_customer(change: &Change<'_>, params: &mut Params) -> Result<CustomerAndPayer, StripeError> {
    let email = params.email("customer_email")?.filter(|email| !email.is_empty());
    let Some(id) = params.text("customer")? else {
        let payer = email.map(|email| {
            let payer = Payer { email: Some(email.clone()), name: None };
            (Some(email), payer)
        });
        return Ok((None, payer));
    };
    if email.is_some() {
        return Err(StripeError::invalid("You may only specify one of these parameters: customer, customer_email.")
            .with_param("customer_email"));
    }
    let customer: Customer = change.find_named(&id, "customer")?;
    let payer = customer.email.clone().map(|email| {
        let payer = Payer { email: Some(email), name: None };
        (None, payer)
    });
    Ok((Some(id), payer))
}

fn read_client_reference(params: &mut Params) -> Result<Option<String>, StripeError> {
    let reference = params.text("client_reference_id")?;
    let length = reference.as_ref().map_or(0, |text| text.chars().count());
    if length > CLIENT_REFERENCE_CHARS_MAX {
        return Err(StripeError::invalid(format!(
            "Invalid string: must be at most {CLIENT_REFERENCE_CHARS_MAX} characters"
        ))
        .with_param("client_reference_id"));
    }
    Ok(reference)
}

/// What the PaymentIntent or the subscription will be made of.
#[derive(Default)]
struct Purchase {
    metadata: Metadata,
    description: Option<String>,
    trial: Option<Trial>,
    shipping: Option<Shipping>,
    setup_future_usage: Option<String>,
}

/// `payment_intent_data` or `subscription_data`, whichever belongs to the mode.
fn read_purchase(params: &mut Params, mode: Mode, now: i64) -> Result<Purchase, StripeError> {
    let (mine, other, needed) = match mode {
        Mode::Payment => ("payment_intent_data", "subscription_data", "subscription"),
        Mode::Subscription => ("subscription_data", "payment_intent_data", "payment"),
    };
    if params.group(other)?.is_some() {
        return Err(
            StripeError::invalid(format!("You can not pass `{other}` unless `mode` is `{needed}`.")).with_param(other)
        );
    }
    let Some(mut data) = params.group(mine)? else {
        return Ok(Purchase::default());
    };
    data.refuse_unsimulated(&[
        "application_fee_amount",
        "application_fee_percent",
        "billing_cycle_anchor",
        "billing_cycle_anchor_config",
        "billing_mode",
        "capture_method",
        "default_tax_rates",
        "invoice_settings",
        "on_behalf_of",
        "pending_invoice_item_interval",
        "proration_behavior",
        "receipt_email",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
        "trial_settings",
    ])?;
    let mut purchase = Purchase {
        metadata: data.new_metadata("metadata")?,
        description: data.text("description")?,
        ..Purchase::default()
    };
    match mode {
        Mode::Payment => {
            purchase.shipping = Shipping::read(&mut data)?;
            let usage = data.choice("setup_future_usage", &["off_session", "on_session"])?;
            purchase.setup_future_usage = usage.map(str::to_owned);
        }
        Mode::Subscription => {
            purchase.trial = subscriptions::create::read_trial(&mut data, now)?;
            let whole_days = |end| end - now >= TRIAL_MIN_S;
            if matches!(purchase.trial, Some(Trial::Until(end)) if !whole_days(end)) {
                return Err(StripeError::invalid("The `trial_end` date has to be at least 2 days in the future.")
                    .with_param("subscription_data[trial_end]"));
            }
        }
    }
    data.finish()?;
    Ok(purchase)
}

fn read_expiry(params: &mut Params, now: i64) -> Result<i64, StripeError> {
    let Some(at) = params.integer("expires_at", &(0..=i64::from(u32::MAX)))? else {
        return Ok(now + LIFE_MAX_S);
    };
    let refuse = |message: &str| Err(StripeError::invalid(message).with_param("expires_at"));
    if at < now + LIFE_MIN_S - LIFE_SLACK_S {
        return refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.");
    }
    if at > now + LIFE_MAX_S + LIFE_SLACK_S {
        return refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.");
    }
    Ok(at)
}
