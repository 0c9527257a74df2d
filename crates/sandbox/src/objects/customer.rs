//! Customers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    /// Set by the first invoice.
    pub(crate) currency: Option<String>,
    /// The start of its invoices' numbers.
    pub(crate) invoice_prefix: String,
    pub(crate) next_invoice_sequence: i64,
    #[serde(default)]
    pub(crate) default_payment_method: Option<String>,
    #[serde(default)]
    pub(crate) test_clock: Option<String>,
    /// An invoice could not be collected.
    #[serde(default)]
    pub(crate) delinquent: bool,
    #[serde(default)]
    pub(crate) deleted: bool,
}

impl Resource for Customer {
    plumbing!("customer", "/v1/customers", customers, Customer, deletable);

    /// <https://docs.stripe.com/api/customers/object>
    fn render(&self, _: &State) -> Value {
        if self.deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        json!({
            "id": self.id,
            "object": "customer",
            "address": null,
            "balance": 0,
            "created": self.created,
            "currency": self.currency,
            "customer_account": null,
            "default_source": null,
            "delinquent": self.delinquent,
            "description": self.description,
            "discount": null,
            "email": self.email,
            "invoice_prefix": self.invoice_prefix,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": self.next_invoice_sequence,
            "phone": self.phone,
            "preferred_locales": [],
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": self.test_clock,
        })
    }
}
