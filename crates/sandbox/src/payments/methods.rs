//! Payment methods of the API.
//!
//! <https://docs.stripe.com/api/payment_methods>

use serde_json::Value;

use super::test_methods::{self, TestMethod};
use crate::clock;
use crate::errors::StripeError;
use crate::objects::{Address, Customer, MethodKind, PaymentMethod, Resource};
use crate::params::Params;
use crate::store::Change;

/// A payment method that a parameter names. `pm_card_visa` and its like make a new one, which is
/// in the state only when it is put.
pub(crate) fn named(change: &Change<'_>, id: &str, param: &str) -> Result<PaymentMethod, StripeError> {
    match test_methods::card_by_method(id) {
        Some(card) => Ok(new_card(change.now, card)),
        None => change.find_named(id, param),
    }
}

fn new_card(now: i64, card: TestMethod) -> PaymentMethod {
    let (year, month) = clock::year_and_month(now);
    let year = u16::try_from(year + 1).unwrap_or(u16::MAX);
    card.payment_method(MethodKind::Card, now, (month, year))
}

/// `POST /v1/payment_methods`: a card by its token, or a bank account by its number.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(&[
        "allow_redisplay",
        "customer",
        "customer_account",
        "payment_method",
        "radar_options",
    ])?;
    let kind = params.choice("type", &["card", "us_bank_account"])?.ok_or_else(|| StripeError::missing("type"))?;
    let mut method = match kind {
        "card" => read_card(change, params)?,
        _ => read_account(change, params)?,
    };
    if let Some(mut details) = params.group("billing_details")? {
        method.email = details.email("email")?.filter(|email| !email.is_empty());
        method.name = details.text("name")?;
        method.address = Address::read(&mut details, "address")?.unwrap_or_default();
        details.refuse_unsimulated(&["phone", "tax_id"])?;
        details.finish()?;
    }
    method.metadata = params.new_metadata("metadata")?;
    std::mem::take(params).finish()?;
    change.put(&method);
    Ok(method.render(change.state))
}

fn read_card(change: &Change<'_>, params: &mut Params) -> Result<PaymentMethod, StripeError> {
    let mut card = params.group("card")?.ok_or_else(|| StripeError::missing("card"))?;
    card.refuse_unsimulated(&["cvc", "exp_month", "exp_year", "networks", "number"])?;
    let param = card.full_name("token");
    let token = card.required_text("token")?;
    card.finish()?;
    let known = test_methods::card_by_token(&token);
    known.map(|card| new_card(change.now, card)).ok_or_else(|| StripeError::no_such_reference("token", &token, &param))
}

fn read_account(change: &Change<'_>, params: &mut Params) -> Result<PaymentMethod, StripeError> {
    let mut account = params.group("us_bank_account")?.ok_or_else(|| StripeError::missing("us_bank_account"))?;
    account.refuse_unsimulated(&["financial_connections_account"])?;
    account.choice("account_holder_type", &["company", "individual"])?;
    account.choice("account_type", &["checking", "savings"])?;
    let (number_param, routing_param) = (account.full_name("account_number"), account.full_name("routing_number"));
    let number = account.required_text("account_number")?;
    let routing = account.required_text("routing_number")?;
    account.finish()?;
    if routing != "110000000" {
        return Err(
            StripeError::invalid("Invalid routing number: must be 110000000 in a sandbox").with_param(routing_param)
        );
    }
    let known = test_methods::account_by_number(&number);
    let known = known.ok_or_else(|| {
        StripeError::invalid("You must use a test bank account number in a sandbox.")
            .with_code("account_number_invalid")
            .with_param(number_param)
    })?;
    Ok(known.payment_method(MethodKind::UsBankAccount, change.now, (0, 0)))
}

/// `POST /v1/payment_methods/{id}/attach`.
pub(crate) fn attach(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let customer = params.required_text("customer")?;
    std::mem::take(params).finish()?;
    let customer: Customer = change.find_named(&customer, "customer")?;
    let mut method = match test_methods::card_by_method(id) {
        Some(card) => new_card(change.now, card),
        None => change.find(id)?,
    };
    attach_to(change, &mut method, &customer)?;
    Ok(method.render(change.state))
}

/// Attaches a payment method; once more to the same customer changes nothing.
///
/// # Errors
///
/// It is another customer's.
pub(crate) fn attach_to(
    change: &mut Change<'_>,
    method: &mut PaymentMethod,
    customer: &Customer,
) -> Result<(), StripeError> {
    match &method.customer {
        Some(owner) if *owner == customer.id => return Ok(()),
        Some(_) => {
            return Err(StripeError::invalid(
                "The payment method you provided has already been attached to a customer.",
            ));
        }
        None => {}
    }
    change.enter_clock(customer.test_clock.as_deref());
    method.customer = Some(customer.id.clone());
    change.put(method);
    change.emit("payment_method.attached", method);
    Ok(())
}

/// `POST /v1/payment_methods/{id}/detach`.
pub(crate) fn detach(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let mut method: PaymentMethod = change.find(id)?;
    std::mem::take(params).finish()?;
    let Some(owner) = method.customer.take() else {
        return Err(StripeError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        ));
    };
    change.enter_clock_of(Some(&owner));
    change.put(&method);
    if let Some(mut customer) = change.state.customers.get(&owner).cloned()
        && customer.default_payment_method.as_deref() == Some(id)
    {
        customer.default_payment_method = None;
        change.put(&customer);
    }
    change.emit_update("payment_method.detached", &method, serde_json::json!({ "customer": owner }));
    Ok(method.render(change.state))
}
