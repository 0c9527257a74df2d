//! Invoice items.
//!
//! <https://docs.stripe.com/api/invoiceitems>

use serde_json::{Value, json};

use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Customer, InvoiceItem, Price, Resource};
use crate::params::Params;
use crate::payments::intents;
use crate::store::{Change, State};

const UNSIMULATED: &[&str] = &[
    "customer_account",
    "discountable",
    "discounts",
    "invoice",
    "period",
    "price_data",
    "quantity_decimal",
    "subscription",
    "tax_behavior",
    "tax_code",
    "tax_rates",
    "unit_amount_decimal",
];

/// `POST /v1/invoiceitems`: it waits for the customer's next invoice.
pub(crate) fn create(change: &mut Change<'_>, params: &mut Params) -> Result<Value, StripeError> {
    params.refuse_unsimulated(UNSIMULATED)?;
    let id = params.required_text("customer")?;
    let customer: Customer = change.find_named(&id, "customer")?;
    let price = match params.group("pricing")? {
        Some(mut pricing) => {
            let param = pricing.full_name("price");
            let id = pricing.required_text("price")?;
            pricing.finish()?;
            Some(change.find_named::<Price>(&id, &param)?)
        }
        None => None,
    };
    let quantity = params.integer("quantity", &(1..=999_999))?.unwrap_or(1);
    let amount = params.integer("amount", &(-99_999_999..=99_999_999))?;
    let amount = match (&price, amount) {
        (Some(price), None) => price.unit_amount.saturating_mul(quantity),
        (None, Some(amount)) => amount,
        (Some(_), Some(_)) => {
            return Err(StripeError::invalid("You may only specify one of these parameters: amount, pricing.")
                .with_param("amount"));
        }
        (None, None) => return Err(StripeError::missing("amount")),
    };
    let currency = intents::currency(params)?;
    let currency = currency.or_else(|| price.as_ref().map(|price| price.currency.clone()));
    let description = params.text("description")?;
    let metadata = params.new_metadata("metadata")?;
    std::mem::take(params).finish()?;
    change.enter_clock(customer.test_clock.as_deref());
    let item = InvoiceItem {
        id: ids::object_id("ii_1", 23),
        created: change.now,
        customer: customer.id,
        currency: currency.unwrap_or_else(|| "usd".to_owned()),
        amount,
        quantity,
        price: price.map(|price| price.id),
        description,
        metadata,
        invoice: None,
        test_clock: customer.test_clock,
        deleted: false,
    };
    change.put(&item);
    change.emit("invoiceitem.created", &item);
    Ok(item.render(change.state))
}

/// `DELETE /v1/invoiceitems/{id}`: of one that is on no invoice.
pub(crate) fn delete(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let mut item: InvoiceItem = change.find(id)?;
    if item.invoice.is_some() {
        return Err(StripeError::invalid("You can only delete invoice items that are not attached to an invoice."));
    }
    change.enter_clock(item.test_clock.as_deref());
    item.deleted = true;
    change.put(&item);
    change.emit("invoiceitem.deleted", &item);
    Ok(json!({ "id": id, "object": "invoiceitem", "deleted": true }))
}

/// What waits for this customer's next invoice, oldest first.
pub(crate) fn waiting(state: &State, customer: &str) -> Vec<InvoiceItem> {
    let items = state.invoice_items.oldest_first();
    items.filter(|item| item.customer == customer && item.invoice.is_none() && !item.deleted).cloned().collect()
}

/// Lets the items of a deleted invoice wait again.
pub(super) fn release(change: &mut Change<'_>, invoice: &str) {
    let items = change.state.invoice_items.oldest_first();
    let taken: Vec<_> = items.filter(|item| item.invoice.as_deref() == Some(invoice)).cloned().collect();
    for mut item in taken {
        item.invoice = None;
        change.put(&item);
    }
}
