use serde::Deserialize;
use settled_domain::ids::{CustomerId, InvoiceId, SubscriptionId};
use settled_domain::invoice::InvoiceSnapshot;
use settled_domain::money::Currency;
use time::OffsetDateTime;

use super::{Expandable, PaymentIntentObject, Unreadable, second, unreadable};

/// An invoice as JSON: <https://docs.stripe.com/api/invoices/object>.
#[derive(Debug, Deserialize)]
pub(crate) struct InvoiceObject {
    id: String,
    customer: Option<Expandable>,
    status: Option<String>,
    amount_due: i64,
    amount_paid: i64,
    currency: String,
    created: i64,
    attempted: Option<bool>,
    status_transitions: Option<StatusTransitions>,
    /// Since 2025-03-31.
    parent: Option<Parent>,
    /// Since 2025-03-31, and only where it was asked for.
    payments: Option<Payments>,
    /// Before 2025-03-31; so is `payment_intent` here.
    subscription: Option<Expandable>,
    payment_intent: Option<PaymentIntentObject>,
}

#[derive(Debug, Deserialize)]
struct StatusTransitions {
    paid_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Debug, Deserialize)]
struct SubscriptionDetails {
    subscription: Option<Expandable>,
}

#[derive(Debug, Deserialize)]
struct Payments {
    #[serde(default)]
    data: Vec<InvoicePayment>,
}

/// <https://docs.stripe.com/api/invoice-payment/object>
#[derive(Debug, Deserialize)]
struct InvoicePayment {
    status: Option<String>,
    #[serde(default)]
    is_default: bool,
    payment: Option<PaidWith>,
}

#[derive(Debug, Deserialize)]
struct PaidWith {
    payment_intent: Option<PaymentIntentObject>,
}

/// What ties a payment to an invoice, in a list of such.
#[derive(Debug, Deserialize)]
pub(crate) struct NamedInvoice {
    pub(crate) invoice: Expandable,
}

/// Reads an invoice out of JSON.
pub(crate) fn read_invoice(json: &str) -> Result<InvoiceSnapshot, Unreadable> {
    serde_json::from_str::<InvoiceObject>(json).map_err(|_| unreadable("an invoice"))?.try_into()
}

impl Payments {
    /// The one that paid it, else the one that is meant to.
    fn into_intent(self) -> Option<PaymentIntentObject> {
        let place = |payment: &InvoicePayment| match (payment.status.as_deref(), payment.is_default) {
            (Some("paid"), _) => 0,
            (_, true) => 1,
            (_, false) => 2,
        };
        self.data.into_iter().min_by_key(place)?.payment?.payment_intent
    }
}

impl InvoiceObject {
    /// What it was paid with, or is meant to be.
    pub(crate) fn into_intent(self) -> Option<PaymentIntentObject> {
        self.payments.and_then(Payments::into_intent).or(self.payment_intent)
    }
}

impl TryFrom<InvoiceObject> for InvoiceSnapshot {
    type Error = Unreadable;

    fn try_from(object: InvoiceObject) -> Result<Self, Unreadable> {
        let details = object.parent.and_then(|parent| parent.subscription_details);
        let subscription = details.and_then(|details| details.subscription).or(object.subscription);
        let intent = object.payments.and_then(Payments::into_intent).or(object.payment_intent);
        let paid_at = object.status_transitions.and_then(|transitions| transitions.paid_at);
        Ok(Self {
            id: InvoiceId::new(object.id).map_err(|_| unreadable("an invoice's id"))?,
            customer_id: customer_id(object.customer)?,
            subscription_id: subscription_id(subscription)?,
            status: object.status.and_then(|word| word.parse().ok()),
            amount_due_minor: object.amount_due,
            amount_paid_minor: object.amount_paid,
            currency: Currency::new(&object.currency).map_err(|_| unreadable("an invoice's currency"))?,
            payment_intent_id: intent.and_then(|it| it.id.try_into().ok()),
            paid_at: second(paid_at)?,
            created_at: OffsetDateTime::from_unix_timestamp(object.created).map_err(|_| unreadable("a time"))?,
            attempted: object.attempted.unwrap_or(false),
        })
    }
}

fn customer_id(customer: Option<Expandable>) -> Result<Option<CustomerId>, Unreadable> {
    customer.map(|it| CustomerId::new(it.id)).transpose().map_err(|_| unreadable("an invoice's customer"))
}

fn subscription_id(subscription: Option<Expandable>) -> Result<Option<SubscriptionId>, Unreadable> {
    subscription.map(|it| SubscriptionId::new(it.id)).transpose().map_err(|_| unreadable("an invoice's subscription"))
}

#[cfg(test)]
mod tests;
