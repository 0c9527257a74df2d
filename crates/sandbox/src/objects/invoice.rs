//! Invoices: what a subscription's period costs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Resource, merged, plumbing};
use crate::params::Metadata;
use crate::store::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceStatus {
    Draft,
    Open,
    Paid,
}

impl InvoiceStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct InvoiceLine {
    pub(crate) id: String,
    pub(crate) subscription_item: String,
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) amount: i64,
    pub(crate) description: String,
    pub(crate) period_end: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: InvoiceStatus,
    pub(crate) number: String,
    pub(crate) customer: String,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer_name: Option<String>,
    pub(crate) subscription: String,
    pub(crate) subscription_metadata: Metadata,
    pub(crate) currency: String,
    pub(crate) total: i64,
    pub(crate) lines: Vec<InvoiceLine>,
    /// The id of the record that ties the payment to the invoice.
    pub(crate) payment: String,
    pub(crate) payment_intent: Option<String>,
    pub(crate) finalized_at: Option<i64>,
    pub(crate) paid_at: Option<i64>,
}

impl Resource for Invoice {
    plumbing!("invoice", "/v1/invoices", invoices, Invoice);

    /// <https://docs.stripe.com/api/invoices/object>
    fn render(&self, state: &State) -> Value {
        let paid = if self.status == InvoiceStatus::Paid { self.total } else { 0 };
        let attempted = self.status == InvoiceStatus::Paid;
        let finalized = self.status != InvoiceStatus::Draft;
        let lines: Vec<_> = self.lines.iter().map(|line| self.render_line(line, state)).collect();
        let page = finalized.then(|| format!("{}/i/{}", state.base_url, self.id));
        let fields = json!({
            "id": self.id,
            "object": "invoice",
            "amount_due": self.total,
            "amount_paid": paid,
            "amount_remaining": self.total - paid,
            "attempt_count": u8::from(attempted),
            "attempted": attempted,
            "auto_advance": false,
            "billing_reason": "subscription_create",
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_email": self.customer_email,
            "customer_name": self.customer_name,
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
            "number": finalized.then_some(&self.number),
            "parent": {
                "quote_details": null,
                "subscription_details": {
                    "metadata": self.subscription_metadata,
                    "subscription": self.subscription,
                },
                "type": "subscription_details",
            },
            "period_end": self.created,
            "period_start": self.created,
            "status": self.status,
            "status_transitions": {
                "finalized_at": self.finalized_at,
                "marked_uncollectible_at": null,
                "paid_at": self.paid_at,
                "voided_at": null,
            },
            "subtotal": self.total,
            "subtotal_excluding_tax": self.total,
            "total": self.total,
            "total_excluding_tax": self.total,
        });
        merged(fields, unused())
    }
}

impl Invoice {
    /// The payments of the invoice, which are shown only when expanded.
    ///
    /// <https://docs.stripe.com/api/invoice-payment/object>
    pub(crate) fn render_payments(&self) -> Value {
        let payment = self.payment_intent.as_ref().map(|intent| {
            json!({
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
            })
        });
        json!({
            "object": "list",
            "data": Vec::from_iter(payment),
            "has_more": false,
            "url": "/v1/invoice_payments",
        })
    }

    fn render_line(&self, line: &InvoiceLine, state: &State) -> Value {
        let price = state.prices.get(&line.price);
        json!({
            "id": line.id,
            "object": "line_item",
            "amount": line.amount,
            "currency": self.currency,
            "description": line.description,
            "discount_amounts": [],
            "discountable": true,
            "discounts": [],
            "invoice": self.id,
            "livemode": false,
            "metadata": self.subscription_metadata,
            "parent": {
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": null,
                    "proration": false,
                    "proration_details": { "credited_items": null },
                    "subscription": self.subscription,
                    "subscription_item": line.subscription_item,
                },
                "type": "subscription_item_details",
            },
            "period": { "end": line.period_end, "start": self.created },
            "pretax_credit_amounts": [],
            "pricing": {
                "price_details": {
                    "price": line.price,
                    "product": price.map(|price| &price.product),
                },
                "type": "price_details",
                "unit_amount_decimal": price.map(|price| price.unit_amount.to_string()),
            },
            "quantity": line.quantity,
            "quantity_decimal": line.quantity.to_string(),
            "subscription": self.subscription,
            "subtotal": line.amount,
            "taxes": [],
        })
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
        "automatically_finalizes_at": null,
        "collection_method": "charge_automatically",
        "custom_fields": null,
        "customer_account": null,
        "customer_address": null,
        "customer_phone": null,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "due_date": null,
        "footer": null,
        "from_invoice": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
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
        "test_clock": null,
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": null,
    })
}
