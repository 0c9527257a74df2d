//! Invoice items: what the next invoice of a customer will also have on it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InvoiceItem {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: String,
    pub(crate) currency: String,
    pub(crate) amount: i64,
    pub(crate) quantity: i64,
    pub(crate) price: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) invoice: Option<String>,
    pub(crate) test_clock: Option<String>,
    pub(crate) deleted: bool,
}

impl Resource for InvoiceItem {
    plumbing!("invoiceitem", "/v1/invoiceitems", invoice_items, InvoiceItem, deletable);

    /// <https://docs.stripe.com/api/invoiceitems/object>
    fn render(&self, state: &State) -> Value {
        json!({
            "id": self.id,
            "object": "invoiceitem",
            "amount": self.amount,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "date": self.created,
            "description": self.description,
            "discountable": true,
            "discounts": [],
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "net_amount": self.amount,
            "parent": null,
            "period": { "end": self.created, "start": self.created },
            "pricing": self.render_pricing(state),
            "proration": false,
            "quantity": self.quantity,
            "quantity_decimal": self.quantity.to_string(),
            "tax_rates": [],
            "test_clock": self.test_clock,
        })
    }
}

impl InvoiceItem {
    /// Stripe makes a price for every item that comes without one; the sandbox names the item.
    fn render_pricing(&self, state: &State) -> Option<Value> {
        let price = state.prices.get(self.price.as_ref()?)?;
        Some(json!({
            "price_details": { "price": price.id, "product": price.product },
            "type": "price_details",
            "unit_amount_decimal": price.unit_amount.to_string(),
        }))
    }
}
