//! One line of an invoice.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Invoice;
use crate::store::State;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InvoiceLine {
    pub(crate) id: String,
    pub(crate) subscription_item: Option<String>,
    #[serde(default)]
    pub(crate) invoice_item: Option<String>,
    pub(crate) price: Option<String>,
    pub(crate) quantity: i64,
    /// Before the discount.
    pub(crate) amount: i64,
    #[serde(default)]
    pub(crate) discount: i64,
    pub(crate) description: String,
    /// None: when the invoice was made.
    #[serde(default)]
    pub(crate) period_start: Option<i64>,
    pub(crate) period_end: i64,
}

impl InvoiceLine {
    /// When the period of invoice items begins that an invoice made at `created` takes in.
    pub(super) fn invoiced_from(&self, created: i64) -> i64 {
        self.period_start.unwrap_or(created).min(created)
    }

    /// <https://docs.stripe.com/api/invoice-line-item/object>
    pub(super) fn render(&self, invoice: &Invoice, state: &State) -> Value {
        let discounted = invoice.discounts.iter().filter(|_| self.discount > 0);
        let amounts: Vec<_> =
            discounted.map(|discount| json!({ "amount": self.discount, "discount": discount })).collect();
        json!({
            "id": self.id,
            "object": "line_item",
            "amount": self.amount,
            "currency": invoice.currency,
            "description": self.description,
            "discount_amounts": amounts,
            "discountable": true,
            "discounts": [],
            "invoice": invoice.id,
            "livemode": false,
            "metadata": invoice.subscription_metadata,
            "parent": self.render_parent(invoice),
            "period": { "end": self.period_end, "start": self.period_start.unwrap_or(invoice.created) },
            "pretax_credit_amounts": [],
            "pricing": self.render_pricing(state),
            "quantity": self.quantity,
            "quantity_decimal": self.quantity.to_string(),
            "subscription": invoice.subscription,
            "subtotal": self.amount,
            "taxes": [],
        })
    }

    fn render_parent(&self, invoice: &Invoice) -> Value {
        match &self.invoice_item {
            Some(item) => json!({
                "invoice_item_details": {
                    "invoice_item": item,
                    "proration": false,
                    "proration_details": { "credited_items": null },
                    "subscription": invoice.subscription,
                },
                "subscription_item_details": null,
                "type": "invoice_item_details",
            }),
            None => json!({
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": null,
                    "proration": false,
                    "proration_details": { "credited_items": null },
                    "subscription": invoice.subscription,
                    "subscription_item": self.subscription_item,
                },
                "type": "subscription_item_details",
            }),
        }
    }

    fn render_pricing(&self, state: &State) -> Option<Value> {
        let price = state.prices.get(self.price.as_ref()?)?;
        Some(json!({
            "price_details": { "price": price.id, "product": price.product },
            "type": "price_details",
            "unit_amount_decimal": price.unit_amount.to_string(),
        }))
    }
}
