//! Charges: one attempt to take money from a card.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Succeeded,
    Declined,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) outcome: Outcome,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: String,
}

impl Resource for Charge {
    plumbing!("charge", "/v1/charges", charges, Charge);

    /// <https://docs.stripe.com/api/charges/object>
    fn render(&self, state: &State) -> Value {
        let paid = self.outcome == Outcome::Succeeded;
        let method = state.payment_methods.get(&self.payment_method);
        let fields = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if paid { self.amount } else { 0 },
            "billing_details": method.map(super::PaymentMethod::render_billing_details),
            "captured": paid,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "failure_code": (!paid).then_some("card_declined"),
            "failure_message": (!paid).then_some("Your card was declined."),
            "metadata": self.metadata,
            "outcome": self.render_outcome(),
            "paid": paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": { "card": self.render_card(state), "type": "card" },
            "status": if paid { "succeeded" } else { "failed" },
        });
        merged(fields, unused())
    }
}

impl Charge {
    fn render_outcome(&self) -> Value {
        let (status, reason, message, kind) = match self.outcome {
            Outcome::Succeeded => ("approved_by_network", None, "Payment complete.", "authorized"),
            Outcome::Declined => (
                "declined_by_network",
                Some("generic_decline"),
                "The bank did not return any further details with this decline.",
                "issuer_declined",
            ),
        };
        let declined = self.outcome == Outcome::Declined;
        json!({
            "advice_code": declined.then_some("try_again_later"),
            "network_advice_code": null,
            "network_decline_code": declined.then_some("01"),
            "network_status": status,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": message,
            "type": kind,
        })
    }

    fn render_card(&self, state: &State) -> Value {
        let method = state.payment_methods.get(&self.payment_method);
        json!({
            "amount_authorized": (self.outcome == Outcome::Succeeded).then_some(self.amount),
            "authorization_code": null,
            "brand": "visa",
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": null,
                "cvc_check": "pass",
            },
            "country": "US",
            "electronic_commerce_indicator": null,
            "exp_month": method.map(|method| method.exp_month),
            "exp_year": method.map(|method| method.exp_year),
            "extended_authorization": { "status": "disabled" },
            "fingerprint": method.map(|method| &method.fingerprint),
            "funding": "credit",
            "incremental_authorization": { "status": "unavailable" },
            "installments": null,
            "last4": method.map(|method| &method.last4),
            "mandate": null,
            "multicapture": { "status": "unavailable" },
            "network": "visa",
            "network_token": { "used": false },
            "network_transaction_id": null,
            "overcapture": {
                "maximum_amount_capturable": self.amount,
                "status": "unavailable",
            },
            "regulated_status": "unregulated",
            "three_d_secure": null,
            "transaction_link_id": null,
            "wallet": null,
        })
    }
}

fn unused() -> Value {
    json!({
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        // Stripe books asynchronously: the balance transaction follows in `charge.updated`, which
        // the sandbox, having no balance, does not send.
        "balance_transaction": null,
        "calculated_statement_descriptor": "SETTLED SANDBOX",
        "disputed": false,
        "failure_balance_transaction": null,
        "fraud_details": {},
        "livemode": false,
        "on_behalf_of": null,
        "receipt_email": null,
        "receipt_number": null,
        "receipt_url": null,
        "refunded": false,
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null,
    })
}
