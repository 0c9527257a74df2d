//! Making and changing customers.
//!
//! <https://docs.stripe.com/api/customers>

use serde_json::{Map, Value, json};

use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Customer, Resource};
use crate::params::{Metadata, Params};
use crate::store::Change;

const UNSIMULATED: &[&str] = &[
    "address",
    "balance",
    "business_name",
    "cash_balance",
    "default_source",
    "individual_name",
    "invoice_prefix",
    "invoice_settings",
    "next_invoice_sequence",
    "payment_method",
    "preferred_locales",
    "shipping",
    "source",
    "tax",
    "tax_exempt",
    "tax_id_data",
    "test_clock",
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
    }
}

/// `POST /v1/customers`.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    let mut customer = blank(change.now);
    read(&mut customer, params)?;
    change.put(&customer);
    change.emit("customer.created", &customer);
    Ok(customer.render(change.state))
}

/// `POST /v1/customers/{id}`.
pub(crate) fn update(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Value, StripeError> {
    let before: Customer = change.find(id)?;
    let mut customer = before.clone();
    read(&mut customer, params)?;
    if customer != before {
        change.put(&customer);
        let previous = differences(&before.render(change.state), &customer.render(change.state));
        change.emit_update("customer.updated", &customer, previous);
    }
    Ok(customer.render(change.state))
}

fn read(customer: &mut Customer, params: &mut Params) -> Result<(), StripeError> {
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
    let change = params.metadata("metadata")?;
    customer.metadata = change.applied_to(&customer.metadata, "metadata")?;
    std::mem::take(params).finish()
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
