//! Making and changing customers.
//!
//! <https://docs.stripe.com/api/customers>

use serde_json::{Map, Value, json};

use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Customer, PaymentMethod, Resource, TestClock};
use crate::params::{Metadata, Params};
use crate::payments::methods;
use crate::store::Change;
use crate::subscriptions::dunning;

const UNSIMULATED: &[&str] = &[
    "address",
    "balance",
    "business_name",
    "cash_balance",
    "default_source",
    "individual_name",
    "invoice_prefix",
    "next_invoice_sequence",
    "preferred_locales",
    "shipping",
    "source",
    "tax",
    "tax_exempt",
    "tax_id_data",
    "validate",
];

/// A customer of whom nothing is known yet.
pub(crate) fn blank(now: i64) -> Customer {
    Customer {
        id: ids::object_id("cus_", 14),
        created: now,
        email: None,
        name: None,
        phone: None,
        description: None,
        metadata: Metadata::new(),
        currency: None,
        invoice_prefix: ids::object_id("", 8).to_uppercase(),
        next_invoice_sequence: 1,
        default_payment_method: None,
        test_clock: None,
        delinquent: false,
        deleted: false,
    }
}

/// `POST /v1/customers`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    let clock = params.text("test_clock")?;
    let clock: Option<TestClock> = clock.map(|id| change.find_named(&id, "test_clock")).transpose()?;
    let method = params.text("payment_method")?;
    let method = method.map(|id| Ok((methods::named(change, &id, "payment_method")?, id))).transpose()?;
    if method.as_ref().is_some_and(|(method, _)| method.customer.is_some()) {
        return Err(StripeError::invalid("The payment method you provided has already been attached to a customer."));
    }
    let mut customer = blank(change.now);
    read(change, &mut customer, params, method.as_ref())?;
    customer.test_clock = clock.map(|clock| clock.id);
    change.enter_clock(customer.test_clock.as_deref());
    customer.created = change.now;
    change.put(&customer);
    change.emit("customer.created", &customer);
    if let Some((mut method, _)) = method {
        methods::attach_to(change, &mut method, &customer)?;
    }
    Ok(customer.render(change.state))
}

/// `POST /v1/customers/{id}`.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let before: Customer = change.find(id)?;
    let mut customer = before.clone();
    read(change, &mut customer, params, None)?;
    if customer != before {
        change.enter_clock(customer.test_clock.as_deref());
        change.put(&customer);
        let previous = differences(&before.render(change.state), &customer.render(change.state));
        change.emit_update("customer.updated", &customer, previous);
    }
    Ok(customer.render(change.state))
}

/// `DELETE /v1/customers/{id}`: ends the customer's subscriptions, too.
pub(crate) fn delete(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut customer: Customer = change.find(id)?;
    change.enter_clock(customer.test_clock.as_deref());
    let subscriptions = change.state.subscriptions.oldest_first();
    let running: Vec<_> = subscriptions
        .filter(|subscription| subscription.customer == id && !subscription.status.has_ended())
        .cloned()
        .collect();
    for subscription in running {
        dunning::end(change, subscription);
    }
    // The event still shows who it was.
    change.emit("customer.deleted", &customer);
    customer.deleted = true;
    change.put(&customer);
    Ok(customer.render(change.state))
}

/// `given` is the payment method being attached, and the name it was given by.
fn read(
    change: &Change<'_>,
    customer: &mut Customer,
    params: &mut Params,
    given: Option<&(PaymentMethod, String)>,
) -> Result<(), StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    if let Some(email) = params.email("email")? {
        customer.email = Some(email).filter(|email| !email.is_empty());
    }
    let fields =
        [("name", &mut customer.name), ("phone", &mut customer.phone), ("description", &mut customer.description)];
    for (key, field) in fields {
        if let Some(text) = params.clearable_text(key)? {
            *field = Some(text).filter(|text| !text.is_empty());
        }
    }
    let metadata = params.metadata("metadata")?;
    customer.metadata = metadata.applied_to(&customer.metadata, "metadata")?;
    if let Some(mut settings) = params.group("invoice_settings")? {
        let param = settings.full_name("default_payment_method");
        match settings.clearable_text("default_payment_method")? {
            None => {}
            Some(id) if id.is_empty() => customer.default_payment_method = None,
            Some(id) => customer.default_payment_method = Some(own_method(change, customer, given, &id, &param)?),
        }
        settings.refuse_unsimulated(&["custom_fields", "footer", "rendering_options"])?;
        settings.finish()?;
    }
    std::mem::take(params).finish()
}

/// The default payment method must be the customer's; `pm_card_visa` is the one being attached.
fn own_method(
    change: &Change<'_>,
    customer: &Customer,
    given: Option<&(PaymentMethod, String)>,
    id: &str,
    param: &str,
) -> Result<String, StripeError> {
    if let Some((method, _)) = given.filter(|(_, name)| name == id) {
        return Ok(method.id.clone());
    }
    let method: PaymentMethod = change.find_named(id, param)?;
    if method.customer.as_ref() == Some(&customer.id) {
        return Ok(method.id);
    }
    Err(StripeError::invalid(format!(
        "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer."
    ))
    .with_code("resource_missing")
    .with_param(param))
}

/// The fields that changed, with what they were: an event's `previous_attributes`.
pub(crate) fn differences(before: &Value, after: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return json!({});
    };
    let changed = before.iter().filter_map(|(key, old)| {
        let new = after.get(key)?;
        match (old, new) {
            _ if old == new => None,
            (Value::Object(_), Value::Object(_)) if key == "metadata" => {
                Some((key.clone(), metadata_differences(old, new)))
            }
            _ => Some((key.clone(), old.clone())),
        }
    });
    Value::Object(changed.collect())
}

/// Of metadata the changed keys only; a key that was not there before is null.
fn metadata_differences(before: &Value, after: &Value) -> Value {
    let empty = Map::new();
    let (old, new) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let keys = old.keys().chain(new.keys());
    let changed = keys.filter(|key| old.get(*key) != new.get(*key));
    Value::Object(changed.map(|key| (key.clone(), old.get(key).cloned().unwrap_or(Value::Null))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_say_what_was_before() {
        let before = json!({"name": null, "email": "a@b.c", "metadata": {"x": "1", "y": "2"}});
        let after = json!({"name": "Ada", "email": "a@b.c", "metadata": {"y": "3", "z": "4"}});
        assert_eq!(differences(&before, &after), json!({"name": null, "metadata": {"x": "1", "y": "2", "z": null}}));
    }
}
