//! The `PaymentIntent` of the API.
//!
//! <https://docs.stripe.com/api/payment_intents>

use serde_json::{Map, Value, json};

use super::attempt::{self, Presence, Verdict};
use super::methods;
use super::settle::unexpected_state;
use crate::errors::StripeError;
use crate::objects::{Customer, Decline, PaymentIntent, PaymentIntentStatus, PaymentMethod, Resource, Shipping};
use crate::params::Params;
use crate::reply::Reply;
use crate::store::Change;

const AMOUNT_MAX: i64 = 99_999_999;
/// Half a dollar, and about as much in other currencies.
const AMOUNT_MIN: i64 = 50;

const UNSIMULATED: &[&str] = &[
    "amount_details",
    "application_fee_amount",
    "capture_method",
    "confirmation_method",
    "confirmation_token",
    "customer_account",
    "excluded_payment_method_types",
    "allowed_payment_method_types",
    "hooks",
    "mandate",
    "mandate_data",
    "on_behalf_of",
    "payment_details",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "radar_options",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
    "use_stripe_sdk",
];

const CANCELLATION_REASONS: &[&str] = &["abandoned", "duplicate", "fraudulent", "requested_by_customer"];

/// `POST /v1/payment_intents`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Reply, StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    let amount = params.integer("amount", &(1..=AMOUNT_MAX))?.ok_or_else(|| StripeError::missing("amount"))?;
    let currency = currency(params)?.ok_or_else(|| StripeError::missing("currency"))?;
    refuse_small(amount)?;
    let mut intent = attempt::new_intent(change, amount, &currency);
    let method = read(change, &mut intent, params)?;
    let confirms = params.boolean("confirm")?.unwrap_or(false);
    let off_session = params.boolean("off_session")?.unwrap_or(false);
    params.boolean("error_on_requires_action")?;
    if let Some(mut automatic) = params.group("automatic_payment_methods")? {
        automatic.boolean("enabled")?;
        automatic.choice("allow_redirects", &["always", "never"])?;
        automatic.finish()?;
    }
    std::mem::take(params).finish()?;
    if confirms && method.is_none() {
        return Err(missing_method());
    }
    change.enter_clock_of(intent.customer.as_deref());
    intent.created = change.now;
    if let Some(method) = &method {
        change.put(method);
        intent.payment_method = Some(method.id.clone());
        intent.status = PaymentIntentStatus::RequiresConfirmation;
    }
    attempt::announce(change, &intent);
    match method.filter(|_| confirms) {
        Some(method) => Ok(run(change, intent, &method, presence(off_session))),
        None => Ok(intent.render(change.state).into()),
    }
}

/// `POST /v1/payment_intents/{id}`.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut intent: PaymentIntent = change.find(id)?;
    params.refuse_unsimulated(UNSIMULATED)?;
    if let Some(amount) = params.integer("amount", &(1..=AMOUNT_MAX))? {
        refuse_small(amount)?;
        require_open(&intent, "update")?;
        intent.amount = amount;
    }
    if let Some(currency) = currency(params)? {
        intent.currency = currency;
    }
    let method = read(change, &mut intent, params)?;
    std::mem::take(params).finish()?;
    if let Some(method) = method {
        change.put(&method);
        intent.payment_method = Some(method.id);
        intent.status = PaymentIntentStatus::RequiresConfirmation;
    }
    change.put(&intent);
    Ok(intent.render(change.state))
}

/// `POST /v1/payment_intents/{id}/confirm`.
pub(crate) fn confirm(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Reply, StripeError> {
    let mut intent: PaymentIntent = change.find(id)?;
    params.refuse_unsimulated(UNSIMULATED)?;
    require_open(&intent, "confirm")?;
    let given = read(change, &mut intent, params)?;
    let off_session = params.boolean("off_session")?.unwrap_or(false);
    params.boolean("error_on_requires_action")?;
    std::mem::take(params).finish()?;
    let known = intent.payment_method.as_ref().and_then(|id| change.state.payment_methods.get(id)).cloned();
    let method = given.or(known).ok_or_else(missing_method)?;
    change.enter_clock_of(intent.customer.as_deref());
    change.put(&method);
    Ok(run(change, intent, &method, presence(off_session)))
}

/// `POST /v1/payment_intents/{id}/cancel`.
pub(crate) fn cancel(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut intent: PaymentIntent = change.find(id)?;
    let reason = params.choice("cancellation_reason", CANCELLATION_REASONS)?;
    std::mem::take(params).finish()?;
    require_open(&intent, "cancel")?;
    change.enter_clock_of(intent.customer.as_deref());
    intent.status = PaymentIntentStatus::Canceled;
    intent.canceled_at = Some(change.now);
    intent.cancellation_reason = reason.map(str::to_owned);
    change.put(&intent);
    change.emit("payment_intent.canceled", &intent);
    Ok(intent.render(change.state))
}

fn run(change: &mut Change<'_>, mut intent: PaymentIntent, method: &PaymentMethod, presence: Presence) -> Reply {
    match attempt::attempt(change, &mut intent, method, presence) {
        Verdict::Declined(decline) => Reply::Refused(refusal(change, &intent, decline)),
        Verdict::Paid | Verdict::Processing | Verdict::Challenged => intent.render(change.state).into(),
    }
}

/// The 402 that a declined confirmation is answered with.
pub(crate) fn refusal(change: &Change<'_>, intent: &PaymentIntent, decline: Decline) -> StripeError {
    let mut details = Map::new();
    details.insert("payment_intent".to_owned(), intent.render(change.state));
    if let Some(charge) = &intent.declined_charge {
        details.insert("charge".to_owned(), json!(charge));
    }
    let method = intent.declined_payment_method.as_ref().and_then(|id| change.state.payment_methods.get(id));
    if let Some(method) = method {
        details.insert("payment_method".to_owned(), method.render(change.state));
    }
    StripeError::declined(decline, details)
}

fn presence(off_session: bool) -> Presence {
    if off_session { Presence::OffSession } else { Presence::OnSession }
}

/// What creation, update and confirmation have in common.
fn read(
    change: &Change<'_>,
    intent: &mut PaymentIntent,
    params: &mut Params,
) -> Result<Option<PaymentMethod>, StripeError> {
    if let Some(id) = params.text("customer")? {
        let customer: Customer = change.find_named(&id, "customer")?;
        intent.customer = Some(customer.id);
    }
    if let Some(description) = params.clearable_text("description")? {
        intent.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(email) = params.email("receipt_email")? {
        intent.receipt_email = Some(email).filter(|email| !email.is_empty());
    }
    intent.metadata = params.metadata("metadata")?.applied_to(&intent.metadata, "metadata")?;
    intent.shipping = Shipping::read(params)?.or_else(|| intent.shipping.take());
    intent.return_url = params.text("return_url")?.or_else(|| intent.return_url.take());
    let usage = params.choice("setup_future_usage", &["off_session", "on_session"])?;
    intent.setup_future_usage = usage.map(str::to_owned).or_else(|| intent.setup_future_usage.take());
    let Some(id) = params.text("payment_method")? else {
        return Ok(None);
    };
    let method = methods::named(change, &id, "payment_method")?;
    if method.customer.is_some() && method.customer != intent.customer {
        return Err(StripeError::invalid(
            "The provided PaymentMethod belongs to another customer: pass that customer, or another payment method.",
        )
        .with_param("payment_method"));
    }
    Ok(Some(method))
}

/// A currency code in lower case.
pub(crate) fn currency(params: &mut Params) -> Result<Option<String>, StripeError> {
    let Some(code) = params.text("currency")? else {
        return Ok(None);
    };
    let code = code.to_lowercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(Some(code));
    }
    Err(StripeError::invalid(format!("Invalid currency: {code}. Give a three-letter code, e.g. usd."))
        .with_param("currency"))
}

fn refuse_small(amount: i64) -> Result<(), StripeError> {
    if amount >= AMOUNT_MIN {
        return Ok(());
    }
    Err(StripeError::invalid("Amount must be at least 50 cents").with_code("amount_too_small").with_param("amount"))
}

fn require_open(intent: &PaymentIntent, verb: &str) -> Result<(), StripeError> {
    match intent.status {
        PaymentIntentStatus::Processing | PaymentIntentStatus::Succeeded | PaymentIntentStatus::Canceled => {
            Err(unexpected_state(intent, verb))
        }
        _ => Ok(()),
    }
}

fn missing_method() -> StripeError {
    StripeError::invalid(
        "You cannot confirm this PaymentIntent because it's missing a payment method. Pass one, or update the PaymentIntent first.",
    )
    .with_code("payment_intent_unexpected_state")
}
