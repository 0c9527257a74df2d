//! Discounts: a coupon at work on a subscription or an invoice.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::store::State;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Discount {
    pub(crate) id: String,
    /// When it starts.
    pub(crate) created: i64,
    pub(crate) ends_at: Option<i64>,
    pub(crate) coupon: String,
    pub(crate) promotion_code: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) subscription: Option<String>,
}

impl Resource for Discount {
    plumbing!("discount", "/v1/discounts", discounts, Discount);

    /// <https://docs.stripe.com/api/discounts/object>
    fn render(&self, _: &State) -> Value {
        json!({
            "id": self.id,
            "object": "discount",
            "checkout_session": self.session,
            "customer": self.customer,
            "customer_account": null,
            "end": self.ends_at,
            "invoice": null,
            "invoice_item": null,
            "promotion_code": self.promotion_code,
            "source": { "coupon": self.coupon, "type": "coupon" },
            "start": self.created,
            "subscription": self.subscription,
            "subscription_item": null,
        })
    }
}
