//! Payment methods: cards and bank accounts. Of their numbers only the last digits are kept.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Address, Behaviour, Resource, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MethodKind {
    #[default]
    Card,
    UsBankAccount,
}

impl MethodKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::UsBankAccount => "us_bank_account",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    pub(crate) created: i64,
    #[serde(default)]
    pub(crate) kind: MethodKind,
    /// What the bank says whenever it is asked.
    #[serde(default)]
    pub(crate) behaviour: Behaviour,
    pub(crate) customer: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) address: Address,
    pub(crate) last4: String,
    pub(crate) fingerprint: String,
    /// Of cards only.
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
    #[serde(default)]
    pub(crate) metadata: Metadata,
}

impl Resource for PaymentMethod {
    plumbing!("payment_method", "/v1/payment_methods", payment_methods, PaymentMethod);

    /// <https://docs.stripe.com/api/payment_methods/object>
    fn render(&self, _: &State) -> Value {
        let mut fields = json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": if self.customer.is_some() { "limited" } else { "unspecified" },
            "billing_details": self.render_billing_details(),
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": self.kind.name(),
        });
        fields[self.kind.name()] = match self.kind {
            MethodKind::Card => self.render_card(),
            MethodKind::UsBankAccount => self.render_bank_account(),
        };
        fields
    }
}

impl PaymentMethod {
    pub(super) fn render_billing_details(&self) -> Value {
        json!({
            "address": self.address,
            "email": self.email,
            "name": self.name,
            "phone": null,
            "tax_id": null,
        })
    }

    fn render_card(&self) -> Value {
        json!({
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
        })
    }

    fn render_bank_account(&self) -> Value {
        json!({
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": null,
            "fingerprint": self.fingerprint,
            "last4": self.last4,
            "networks": { "preferred": "ach", "supported": ["ach"] },
            "routing_number": "110000000",
            "status_details": {},
        })
    }
}
