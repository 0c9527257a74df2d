//! Cards, as payment methods. The number itself is never kept.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, address, plumbing};
use crate::store::State;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: Option<String>,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) last4: String,
    pub(crate) fingerprint: String,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
}

impl Resource for PaymentMethod {
    plumbing!("payment_method", "/v1/payment_methods", payment_methods, PaymentMethod);

    /// <https://docs.stripe.com/api/payment_methods/object>
    fn render(&self, _: &State) -> Value {
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "limited",
            "billing_details": self.render_billing_details(),
            "card": {
                "brand": "visa",
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": "pass",
                },
                "country": "US",
                "display_brand": "visa",
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": self.fingerprint,
                "funding": "credit",
                "generated_from": null,
                "last4": self.last4,
                "networks": { "available": ["visa"], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            },
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": {},
            "type": "card",
        })
    }
}

impl PaymentMethod {
    pub(super) fn render_billing_details(&self) -> Value {
        json!({
            "address": address::empty(),
            "email": self.email,
            "name": self.name,
            "phone": null,
            "tax_id": null,
        })
    }
}
