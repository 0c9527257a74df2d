//! `PaymentIntent`: one payment with all its attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Decline, MethodKind, Resource, Shipping, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

/// <https://docs.stripe.com/payments/paymentintents/lifecycle>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentIntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    Succeeded,
    Canceled,
}

impl PaymentIntentStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
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
    /// Why the last attempt failed; gone once one succeeds.
    #[serde(default)]
    pub(crate) decline: Option<Decline>,
    /// When a bank debit settles by itself, in real time.
    #[serde(default)]
    pub(crate) settles_at: Option<i64>,
    #[serde(default)]
    pub(crate) canceled_at: Option<i64>,
    #[serde(default)]
    pub(crate) cancellation_reason: Option<String>,
    /// What the payment is for, if it is for one of these.
    #[serde(default)]
    pub(crate) session: Option<String>,
    #[serde(default)]
    pub(crate) invoice: Option<String>,
    #[serde(default)]
    pub(crate) receipt_email: Option<String>,
    #[serde(default)]
    pub(crate) return_url: Option<String>,
    #[serde(default)]
    pub(crate) setup_future_usage: Option<String>,
    #[serde(default)]
    pub(crate) shipping: Option<Shipping>,
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
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "client_secret": self.client_secret,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "last_payment_error": self.render_error(state),
            "latest_charge": self.latest_charge,
            "metadata": self.metadata,
            "next_action": self.render_next_action(state),
            "payment_method": self.payment_method,
            "payment_method_types": self.method_kinds(state),
            "receipt_email": self.receipt_email,
            "setup_future_usage": self.setup_future_usage,
            "shipping": self.shipping,
            "status": self.status,
        });
        merged(fields, unused())
    }
}

impl PaymentIntent {
    /// Where the holder of the card confirms or refuses.
    pub(crate) fn authentication_url(&self, state: &State) -> String {
        format!("{}/c/authenticate/{}", state.base_url, self.id)
    }

    /// The kinds that could pay it: a bank account can, since the account's dynamic methods have it.
    fn method_kinds(&self, state: &State) -> Vec<&'static str> {
        let tried = self.payment_method.as_ref().or(self.declined_payment_method.as_ref());
        let kind = tried.and_then(|id| state.payment_methods.get(id)).map(|method| method.kind);
        let for_session = self.session.is_some() && self.currency == "usd";
        match kind {
            Some(MethodKind::UsBankAccount) => vec!["card", "us_bank_account"],
            _ if for_session => vec!["card", "us_bank_account"],
            _ => vec!["card"],
        }
    }

    /// <https://docs.stripe.com/declines/codes>
    fn render_error(&self, state: &State) -> Option<Value> {
        if self.declined_charge.is_none() && self.decline.is_none() {
            return None;
        }
        let decline = self.decline.unwrap_or_default();
        let mut error = json!({
            "code": decline.code(),
            "doc_url": format!("https://stripe.com/docs/error-codes/{}", decline.code().replace('_', "-")),
            "message": decline.message(),
            "type": decline.error_type(),
        });
        if let Some(charge) = &self.declined_charge {
            error["charge"] = json!(charge);
        }
        if let Some(code) = decline.decline_code() {
            error["decline_code"] = json!(code);
        }
        if decline.is_by_network() {
            error["advice_code"] = json!("try_again_later");
            error["network_decline_code"] = json!("01");
        }
        let method = self.declined_payment_method.as_ref();
        if let Some(method) = method.and_then(|id| state.payment_methods.get(id)) {
            error["payment_method"] = method.render(state);
        }
        Some(error)
    }

    /// <https://docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action>
    fn render_next_action(&self, state: &State) -> Option<Value> {
        if self.status != PaymentIntentStatus::RequiresAction {
            return None;
        }
        let url = self.authentication_url(state);
        Some(match &self.return_url {
            Some(return_url) => json!({
                "redirect_to_url": { "return_url": return_url, "url": url },
                "type": "redirect_to_url",
            }),
            None => json!({
                "type": "use_stripe_sdk",
                "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": url },
            }),
        })
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
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "customer_account": null,
        "excluded_payment_method_types": null,
        "livemode": false,
        "managed_payments": null,
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
        "payment_record": null,
        "processing": null,
        "review": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null,
    })
}
