//! `PaymentIntent`: one payment with all its attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

/// <https://docs.stripe.com/payments/paymentintents/lifecycle>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentIntentStatus {
    RequiresPaymentMethod,
    Succeeded,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: PaymentIntentStatus,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) client_secret: String,
    pub(crate) latest_charge: Option<String>,
    pub(crate) payment_method: Option<String>,
    /// The charge that was declined last; gone once one succeeds.
    pub(crate) declined_charge: Option<String>,
    /// Of the payment method tried last, which is in the error and not on the intent.
    pub(crate) declined_payment_method: Option<String>,
}

impl Resource for PaymentIntent {
    plumbing!("payment_intent", "/v1/payment_intents", payment_intents, PaymentIntent);

    /// <https://docs.stripe.com/api/payment_intents/object>
    fn render(&self, state: &State) -> Value {
        let succeeded = self.status == PaymentIntentStatus::Succeeded;
        let fields = json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_received": if succeeded { self.amount } else { 0 },
            "client_secret": self.client_secret,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "last_payment_error": self.render_error(state),
            "latest_charge": self.latest_charge,
            "metadata": self.metadata,
            "payment_method": self.payment_method,
            "status": self.status,
        });
        merged(fields, unused())
    }
}

impl PaymentIntent {
    /// <https://docs.stripe.com/declines/codes>
    fn render_error(&self, state: &State) -> Option<Value> {
        let charge = self.declined_charge.as_ref()?;
        let method = self.declined_payment_method.as_ref();
        let mut error = json!({
            "advice_code": "try_again_later",
            "charge": charge,
            "code": "card_declined",
            "decline_code": "generic_decline",
            "doc_url": "https://stripe.com/docs/error-codes/card-declined",
            "message": "Your card was declined.",
            "network_decline_code": "01",
            "type": "card_error",
        });
        if let Some(method) = method.and_then(|id| state.payment_methods.get(id)) {
            error["payment_method"] = method.render(state);
        }
        Some(error)
    }
}

fn unused() -> Value {
    json!({
        "allowed_payment_method_types": null,
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "customer_account": null,
        "excluded_payment_method_types": null,
        "livemode": false,
        "managed_payments": null,
        "next_action": null,
        "on_behalf_of": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {
            "card": {
                "installments": null,
                "mandate_options": null,
                "network": null,
                "request_three_d_secure": "automatic",
            },
        },
        "payment_method_types": ["card"],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null,
    })
}
