//! What is bought in a Checkout Session.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Resource;
use crate::store::State;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LineItem {
    pub(crate) id: String,
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) currency: String,
    /// Price times quantity, in the currency's smallest unit; nothing while a trial lasts.
    pub(crate) amount: i64,
    /// What a coupon takes off.
    #[serde(default)]
    pub(crate) discount: i64,
    /// The product's name when the session was created.
    pub(crate) description: String,
}

impl LineItem {
    /// <https://docs.stripe.com/api/checkout/sessions/line_items>
    pub(crate) fn render(&self, state: &State) -> Value {
        json!({
            "id": self.id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": self.discount,
            "amount_subtotal": self.amount,
            "amount_tax": 0,
            "amount_total": self.amount - self.discount,
            "currency": self.currency,
            "description": self.description,
            "metadata": {},
            "price": state.prices.get(&self.price).map(|price| price.render(state)),
            "quantity": self.quantity,
        })
    }
}
