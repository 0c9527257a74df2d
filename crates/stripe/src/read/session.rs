use serde::Deserialize;
use settled_domain::ids::{CustomerId, SessionId, SubscriptionId};
use settled_domain::money::Currency;
use settled_domain::session::{CheckoutSession, SessionPaymentStatus, SessionStatus};

use super::{Expandable, Metadata, PaymentIntentObject, Unreadable, second, unreadable, web_address};

/// A Checkout Session as JSON: <https://docs.stripe.com/api/checkout/sessions/object>.
#[derive(Debug, Deserialize)]
pub(crate) struct SessionObject {
    id: String,
    metadata: Option<Metadata>,
    status: Option<String>,
    payment_status: Option<String>,
    currency: Option<String>,
    amount_subtotal: Option<i64>,
    amount_total: Option<i64>,
    customer: Option<Expandable>,
    /// Only named, unless it was asked for.
    payment_intent: Option<PaymentIntentObject>,
    subscription: Option<Expandable>,
    invoice: Option<Expandable>,
    url: Option<String>,
    expires_at: Option<i64>,
}

/// Reads a session out of JSON.
pub(crate) fn read_session(json: &str) -> Result<CheckoutSession, Unreadable> {
    serde_json::from_str::<SessionObject>(json).map_err(|_| unreadable("a Checkout Session"))?.try_into()
}

impl TryFrom<SessionObject> for CheckoutSession {
    type Error = Unreadable;

    /// What says whose session it is and about how much money must be right when it is there. The `PaymentIntent` and
    /// the invoice are only shown, so a strange one doesn't keep a payment from being settled.
    fn try_from(object: SessionObject) -> Result<Self, Unreadable> {
        Ok(Self {
            id: SessionId::new(object.id).map_err(|_| unreadable("a session's id"))?,
            payment_id: object.metadata.as_ref().and_then(Metadata::payment_id),
            status: object.status.as_deref().and_then(session_status),
            payment_status: object.payment_status.as_deref().and_then(payment_status),
            has_failed: object.payment_intent.as_ref().is_some_and(PaymentIntentObject::has_failed),
            currency: currency(object.currency.as_deref())?,
            amount_subtotal: object.amount_subtotal,
            amount_total: object.amount_total,
            customer_id: customer_id(object.customer)?,
            payment_intent_id: object.payment_intent.and_then(|it| it.id.try_into().ok()),
            subscription_id: subscription_id(object.subscription)?,
            invoice_id: object.invoice.and_then(|it| it.id.try_into().ok()),
            url: web_address(object.url),
            expires_at: second(object.expires_at)?,
        })
    }
}

fn session_status(word: &str) -> Option<SessionStatus> {
    match word {
        "open" => Some(SessionStatus::Open),
        "complete" => Some(SessionStatus::Complete),
        "expired" => Some(SessionStatus::Expired),
        _ => None,
    }
}

fn payment_status(word: &str) -> Option<SessionPaymentStatus> {
    match word {
        "paid" => Some(SessionPaymentStatus::Paid),
        "unpaid" => Some(SessionPaymentStatus::Unpaid),
        "no_payment_required" => Some(SessionPaymentStatus::NoPaymentRequired),
        _ => None,
    }
}

fn currency(code: Option<&str>) -> Result<Option<Currency>, Unreadable> {
    code.map(Currency::new).transpose().map_err(|_| unreadable("a session's currency"))
}

fn customer_id(customer: Option<Expandable>) -> Result<Option<CustomerId>, Unreadable> {
    customer.map(|it| CustomerId::new(it.id)).transpose().map_err(|_| unreadable("a session's customer"))
}

fn subscription_id(subscription: Option<Expandable>) -> Result<Option<SubscriptionId>, Unreadable> {
    subscription.map(|it| SubscriptionId::new(it.id)).transpose().map_err(|_| unreadable("a session's subscription"))
}

#[cfg(test)]
mod tests;
