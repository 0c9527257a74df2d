//! Checkout Sessions: one visit to the hosted payment page.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LineItem, Resource, Shipping, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    Payment,
    Subscription,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

impl SessionStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Unpaid,
    Paid,
    NoPaymentRequired,
}

/// What the customer entered on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payer {
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
}

/// A coupon in use, and the promotion code that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppliedCoupon {
    pub(crate) coupon: String,
    pub(crate) promotion_code: Option<String>,
}

/// How long a new subscription costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trial {
    Days(i64),
    /// Until this moment.
    Until(i64),
}

impl Trial {
    /// When a trial that begins now ends.
    pub(crate) fn end(self, now: i64) -> i64 {
        match self {
            Self::Days(days) => now + days * 86_400,
            Self::Until(end) => end,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) mode: Mode,
    pub(crate) status: SessionStatus,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) currency: String,
    pub(crate) line_items: Vec<LineItem>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) customer: Option<String>,
    /// As passed by the caller.
    pub(crate) customer_email: Option<String>,
    pub(crate) payer: Option<Payer>,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) integration_identifier: Option<String>,
    pub(crate) metadata: Metadata,
    /// For the PaymentIntent or the subscription that the session will make.
    pub(crate) purchase_metadata: Metadata,
    pub(crate) purchase_description: Option<String>,
    pub(crate) allow_promotion_codes: Option<bool>,
    pub(crate) billing_address_collection: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) submit_type: Option<String>,
    pub(crate) payment_intent: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) invoice: Option<String>,
    #[serde(default)]
    pub(crate) trial: Option<Trial>,
    #[serde(default)]
    pub(crate) discount: Option<AppliedCoupon>,
    /// The card whose holder is being asked to confirm.
    #[serde(default)]
    pub(crate) challenged: Option<String>,
    /// For the PaymentIntent that the session will make.
    #[serde(default)]
    pub(crate) shipping: Option<Shipping>,
    #[serde(default)]
    pub(crate) setup_future_usage: Option<String>,
    #[serde(default)]
    pub(crate) test_clock: Option<String>,
}

impl Resource for Session {
    plumbing!("checkout.session", "/v1/checkout/sessions", sessions, Session);

    /// <https://docs.stripe.com/api/checkout/sessions/object>
    fn render(&self, state: &State) -> Value {
        let open = self.status == SessionStatus::Open;
        let fields = json!({
            "id": self.id,
            "object": "checkout.session",
            "allow_promotion_codes": self.allow_promotion_codes,
            "amount_subtotal": self.subtotal(),
            "amount_total": self.total(),
            "billing_address_collection": self.billing_address_collection,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_email": self.customer_email,
            "customer_details": self.render_customer_details(),
            "discounts": self.render_discounts(),
            "expires_at": self.expires_at,
            "integration_identifier": self.integration_identifier,
            "invoice": self.invoice,
            "locale": self.locale,
            "metadata": self.metadata,
            "mode": self.mode,
            "payment_intent": self.payment_intent,
            "payment_method_types": self.method_kinds(),
            "payment_status": self.payment_status,
            "status": self.status,
            "submit_type": self.submit_type,
            "subscription": self.subscription,
            "success_url": self.success_url,
            "total_details": {
                "amount_discount": self.subtotal() - self.total(),
                "amount_shipping": 0,
                "amount_tax": 0,
            },
            "url": open.then(|| self.page_url(state)),
        });
        merged(merged(fields, self.render_mode()), unused())
    }
}

impl Session {
    /// The sum of the line items before discounts, in the currency's smallest unit.
    pub(crate) fn subtotal(&self) -> i64 {
        self.line_items.iter().map(|item| item.amount).sum()
    }

    /// What is to be paid today.
    pub(crate) fn total(&self) -> i64 {
        self.line_items.iter().map(|item| item.amount - item.discount).sum()
    }

    /// When it expires by itself, and on which clock.
    pub(crate) fn due(&self) -> Option<(Option<String>, i64)> {
        (self.status == SessionStatus::Open).then(|| (self.test_clock.clone(), self.expires_at))
    }

    /// Bank debits move dollars only.
    pub(crate) fn takes_bank_debits(&self) -> bool {
        self.currency == "usd"
    }

    fn method_kinds(&self) -> &'static [&'static str] {
        if self.takes_bank_debits() { &["card", "us_bank_account"] } else { &["card"] }
    }

    fn render_discounts(&self) -> Vec<Value> {
        let discount = self.discount.iter();
        discount
            .map(|applied| match &applied.promotion_code {
                Some(code) => json!({ "coupon": null, "promotion_code": code }),
                None => json!({ "coupon": applied.coupon, "promotion_code": null }),
            })
            .collect()
    }

    /// Where the customer pays.
    pub(crate) fn page_url(&self, state: &State) -> String {
        format!("{}/c/pay/{}", state.base_url, self.id)
    }

    /// Where the customer lands afterwards.
    pub(crate) fn landing_url(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    /// The line items, which are shown only when expanded.
    pub(crate) fn render_line_items(&self, state: &State) -> Value {
        let items: Vec<_> = self.line_items.iter().map(|item| item.render(state)).collect();
        json!({
            "object": "list",
            "data": items,
            "has_more": false,
            "url": format!("/v1/checkout/sessions/{}/line_items", self.id),
        })
    }

    fn render_customer_details(&self) -> Option<Value> {
        let payer = self.payer.as_ref()?;
        Some(json!({
            "address": null,
            "business_name": null,
            "email": payer.email,
            "individual_name": null,
            "name": payer.name,
            "phone": null,
            "tax_exempt": "none",
            "tax_ids": null,
        }))
    }

    /// What differs between a one-time payment and a subscription.
    fn render_mode(&self) -> Value {
        let customer_creation = match (self.mode, &self.customer) {
            (Mode::Payment, None) => Some("if_required"),
            (Mode::Subscription, None) => Some("always"),
            (_, Some(_)) => None,
        };
        match self.mode {
            Mode::Payment => json!({
                "customer_creation": customer_creation,
                "invoice_creation": {
                    "enabled": false,
                    "invoice_data": {
                        "account_tax_ids": null,
                        "custom_fields": null,
                        "description": null,
                        "footer": null,
                        "issuer": null,
                        "metadata": {},
                        "rendering_options": null,
                    },
                },
                "payment_method_collection": "if_required",
                "saved_payment_method_options": null,
            }),
            Mode::Subscription => json!({
                "customer_creation": customer_creation,
                "invoice_creation": null,
                "payment_method_collection": "always",
                "saved_payment_method_options": {
                    "allow_redisplay_filters": ["always"],
                    "payment_method_remove": "disabled",
                    "payment_method_save": null,
                },
            }),
        }
    }
}

fn unused() -> Value {
    json!({
        "adaptive_pricing": { "enabled": false },
        "after_expiration": null,
        "allowed_payment_method_types": null,
        "automatic_tax": {
            "enabled": false,
            "liability": null,
            "provider": null,
            "status": null,
        },
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": {
            "after_submit": null,
            "shipping_address": null,
            "submit": null,
            "terms_of_service_acceptance": null,
        },
        "customer_account": null,
        "livemode": false,
        "managed_payments": null,
        "origin_context": null,
        "payment_link": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
        "permissions": null,
        "phone_number_collection": { "enabled": false },
        "recovered_from": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "ui_mode": "hosted_page",
        "wallet_options": null,
    })
}
