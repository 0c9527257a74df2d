//! Charges: one attempt to take money from a card.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Decline, MethodKind, PaymentMethod, Resource, Shipping, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Succeeded,
    Declined,
    /// A bank debit under way.
    Pending,
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
    #[serde(default)]
    pub(crate) decline: Option<Decline>,
    /// What refunds have given back, but for those that failed.
    #[serde(default)]
    pub(crate) amount_refunded: i64,
    #[serde(default)]
    pub(crate) disputed: bool,
    #[serde(default)]
    pub(crate) receipt_email: Option<String>,
    #[serde(default)]
    pub(crate) shipping: Option<Shipping>,
}

impl Resource for Charge {
    plumbing!("charge", "/v1/charges", charges, Charge);

    /// <https://docs.stripe.com/api/charges/object>
    fn render(&self, state: &State) -> Value {
        let paid = self.outcome == Outcome::Succeeded;
        let declined = self.outcome == Outcome::Declined;
        let decline = self.decline.unwrap_or_default();
        let method = state.payment_methods.get(&self.payment_method);
        let fields = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if declined { 0 } else { self.amount },
            "amount_refunded": self.amount_refunded,
            "billing_details": method.map(PaymentMethod::render_billing_details),
            "captured": !declined,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": self.disputed,
            "failure_code": declined.then(|| decline.code()),
            "failure_message": declined.then(|| decline.message()),
            "metadata": self.metadata,
            "outcome": self.render_outcome(),
            "paid": paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": self.render_method_details(method),
            "receipt_email": self.receipt_email,
            "refunded": paid && self.amount_refunded == self.amount,
            "shipping": self.shipping,
            "status": match self.outcome {
                Outcome::Succeeded => "succeeded",
                Outcome::Declined => "failed",
                Outcome::Pending => "pending",
            },
        });
        merged(fields, unused())
    }
}

impl Charge {
    fn render_outcome(&self) -> Value {
        let decline = self.decline.unwrap_or_default();
        let (status, reason, message, kind) = match self.outcome {
            Outcome::Succeeded | Outcome::Pending => ("approved_by_network", None, "Payment complete.", "authorized"),
            Outcome::Declined => (
                "declined_by_network",
                decline.decline_code(),
                "The bank did not return any further details with this decline.",
                "issuer_declined",
            ),
        };
        let by_network = self.outcome == Outcome::Declined && decline.is_by_network();
        json!({
            "advice_code": by_network.then_some("try_again_later"),
            "network_advice_code": null,
            "network_decline_code": by_network.then_some("01"),
            "network_status": status,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": message,
            "type": kind,
        })
    }

    fn render_method_details(&self, method: Option<&PaymentMethod>) -> Value {
        let kind = method.map(|method| method.kind).unwrap_or_default();
        let details = match kind {
            MethodKind::Card => self.render_card(method),
            MethodKind::UsBankAccount => json!({
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "fingerprint": method.map(|method| &method.fingerprint),
                "last4": method.map(|method| &method.last4),
                "payment_reference": null,
                "routing_number": "110000000",
            }),
        };
        json!({ kind.name(): details, "type": kind.name() })
    }

    fn render_card(&self, method: Option<&PaymentMethod>) -> Value {
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
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        // Stripe books asynchronously: the balance transaction follows in `charge.updated`, which
        // the sandbox, having no balance, does not send.
        "balance_transaction": null,
        "calculated_statement_descriptor": "SETTLED SANDBOX",
        "failure_balance_transaction": null,
        "fraud_details": {},
        "livemode": false,
        "on_behalf_of": null,
        "receipt_number": null,
        "receipt_url": null,
        "review": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null,
    })
}
