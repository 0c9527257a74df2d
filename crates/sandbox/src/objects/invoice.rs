//! Invoices: what a customer owes, e.g. for a subscription's period.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{InvoiceLine, Resource, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Void,
    Uncollectible,
}

impl InvoiceStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        }
    }
}

/// <https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BillingReason {
    #[default]
    SubscriptionCreate,
    SubscriptionCycle,
    SubscriptionUpdate,
    Manual,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: InvoiceStatus,
    #[serde(default)]
    pub(crate) reason: BillingReason,
    pub(crate) number: String,
    pub(crate) customer: String,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer_name: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) subscription_metadata: Metadata,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) metadata: Metadata,
    pub(crate) currency: String,
    /// What is to be paid: the lines less their discounts.
    pub(crate) total: i64,
    pub(crate) lines: Vec<InvoiceLine>,
    #[serde(default)]
    pub(crate) discounts: Vec<String>,
    #[serde(default)]
    pub(crate) default_payment_method: Option<String>,
    /// The id of the record that ties the payment to the invoice.
    pub(crate) payment: String,
    pub(crate) payment_intent: Option<String>,
    #[serde(default)]
    pub(crate) attempt_count: i64,
    /// When a draft is finalized by itself.
    #[serde(default)]
    pub(crate) finalizes_at: Option<i64>,
    #[serde(default)]
    pub(crate) next_payment_attempt: Option<i64>,
    pub(crate) finalized_at: Option<i64>,
    pub(crate) paid_at: Option<i64>,
    #[serde(default)]
    pub(crate) voided_at: Option<i64>,
    #[serde(default)]
    pub(crate) uncollectible_at: Option<i64>,
    #[serde(default)]
    pub(crate) test_clock: Option<String>,
    #[serde(default)]
    pub(crate) deleted: bool,
}

impl Resource for Invoice {
    plumbing!("invoice", "/v1/invoices", invoices, Invoice, deletable);

    /// <https://docs.stripe.com/api/invoices/object>
    fn render(&self, state: &State) -> Value {
        let paid = if self.status == InvoiceStatus::Paid { self.total } else { 0 };
        let finalized = self.status != InvoiceStatus::Draft;
        let lines: Vec<_> = self.lines.iter().map(|line| line.render(self, state)).collect();
        let page = finalized.then(|| format!("{}/i/{}", state.base_url, self.id));
        let subtotal: i64 = self.lines.iter().map(|line| line.amount).sum();
        let period_start = self.lines.first().map_or(self.created, |line| line.invoiced_from(self.created));
        let fields = json!({
            "id": self.id,
            "object": "invoice",
            "amount_due": self.total,
            "amount_paid": paid,
            "amount_remaining": self.total - paid,
            "attempt_count": self.attempts(),
            "attempted": self.attempts() > 0,
            "auto_advance": self.finalizes_at.is_some() || self.next_payment_attempt.is_some(),
            "automatically_finalizes_at": self.finalizes_at,
            "billing_reason": self.reason,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_email": self.customer_email,
            "customer_name": self.customer_name,
            "default_payment_method": self.default_payment_method,
            "description": self.description,
            "discounts": self.discounts,
            "effective_at": self.finalized_at,
            "ending_balance": finalized.then_some(0),
            "hosted_invoice_url": page,
            "invoice_pdf": null,
            "lines": {
                "object": "list",
                "data": lines,
                "has_more": false,
                "url": format!("/v1/invoices/{}/lines", self.id),
            },
            "metadata": self.metadata,
            "next_payment_attempt": self.next_payment_attempt,
            "number": finalized.then_some(&self.number),
            "parent": self.render_parent(),
            "period_end": self.created,
            "period_start": period_start,
            "status": self.status,
            "status_transitions": {
                "finalized_at": self.finalized_at,
                "marked_uncollectible_at": self.uncollectible_at,
                "paid_at": self.paid_at,
                "voided_at": self.voided_at,
            },
            "subtotal": subtotal,
            "subtotal_excluding_tax": subtotal,
            "test_clock": self.test_clock,
            "total": self.total,
            "total_discount_amounts": self.render_discount_amounts(),
            "total_excluding_tax": self.total,
        });
        merged(fields, unused())
    }
}

impl Invoice {
    /// When something happens to it by itself, and on which clock.
    pub(crate) fn due(&self) -> Option<(Option<String>, i64)> {
        let at = match self.status {
            InvoiceStatus::Draft if !self.deleted => self.finalizes_at,
            InvoiceStatus::Open => self.next_payment_attempt,
            _ => None,
        };
        at.map(|at| (self.test_clock.clone(), at))
    }

    /// Journals of the first version did not count.
    fn attempts(&self) -> i64 {
        self.attempt_count.max(i64::from(self.status == InvoiceStatus::Paid))
    }

    fn render_parent(&self) -> Option<Value> {
        let subscription = self.subscription.as_ref()?;
        Some(json!({
            "quote_details": null,
            "subscription_details": {
                "metadata": self.subscription_metadata,
                "subscription": subscription,
            },
            "type": "subscription_details",
        }))
    }

    fn render_discount_amounts(&self) -> Vec<Value> {
        let amount: i64 = self.lines.iter().map(|line| line.discount).sum();
        self.discounts.iter().map(|discount| json!({ "amount": amount, "discount": discount })).collect()
    }

    /// The payments of the invoice, which are shown only when expanded.
    ///
    /// <https://docs.stripe.com/api/invoice-payment/object>
    pub(crate) fn render_payments(&self) -> Value {
        json!({
            "object": "list",
            "data": Vec::from_iter(self.render_payment()),
            "has_more": false,
            "url": "/v1/invoice_payments",
        })
    }

    /// What ties its payment to it, if there is one.
    pub(crate) fn render_payment(&self) -> Option<Value> {
        let intent = self.payment_intent.as_ref()?;
        Some(json!({
            "id": self.payment,
            "object": "invoice_payment",
            "amount_paid": self.paid_at.map(|_| self.total),
            "amount_requested": self.total,
            "created": self.created,
            "currency": self.currency,
            "invoice": self.id,
            "is_default": true,
            "livemode": false,
            "payment": { "payment_intent": intent, "type": "payment_intent" },
            "status": if self.paid_at.is_some() { "paid" } else { "open" },
            "status_transitions": { "canceled_at": null, "paid_at": self.paid_at },
        }))
    }
}

fn unused() -> Value {
    json!({
        "account_country": "US",
        "account_name": "Settled sandbox",
        "account_tax_ids": null,
        "amount_overpaid": 0,
        "amount_shipping": 0,
        "application": null,
        "automatic_tax": {
            "disabled_reason": null,
            "enabled": false,
            "liability": null,
            "provider": null,
            "status": null,
        },
        "collection_method": "charge_automatically",
        "custom_fields": null,
        "customer_account": null,
        "customer_address": null,
        "customer_phone": null,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_source": null,
        "default_tax_rates": [],
        "due_date": null,
        "footer": null,
        "from_invoice": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "livemode": false,
        "on_behalf_of": null,
        "payment_settings": {
            "default_mandate": null,
            "payment_method_options": {
                "acss_debit": null,
                "bancontact": null,
                "card": { "request_three_d_secure": "automatic" },
                "customer_balance": null,
                "konbini": null,
                "payto": null,
                "pix": null,
                "sepa_debit": null,
                "upi": null,
                "us_bank_account": null,
            },
            "payment_method_types": null,
        },
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "starting_balance": 0,
        "statement_descriptor": null,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": null,
    })
}
