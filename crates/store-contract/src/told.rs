//! What Stripe tells of money, made from small numbers as the rows are.

use settled_domain::dispute::{DisputeSnapshot, DisputeStatus};
use settled_domain::event::{EventContent, WebhookEvent};
use settled_domain::invoice::{InvoiceSnapshot, InvoiceStatus};
use settled_domain::refund::{RefundSnapshot, RefundStatus};
use time::OffsetDateTime;

use crate::fixtures::{
    SECOND, charge_id, customer_id, dispute_id, event, intent_id, invoice_id, refund_id, subscription_id, usd,
};

/// The event `n`, made by Stripe in this second.
pub(crate) fn event_at(n: u128, second: OffsetDateTime, content: EventContent) -> WebhookEvent {
    WebhookEvent { created: second, ..event(n, content) }
}

/// Alice's invoice `n`, of subscription `n`.
pub(crate) fn invoice_snapshot(n: u128, status: InvoiceStatus) -> InvoiceSnapshot {
    let is_paid = status == InvoiceStatus::Paid;
    InvoiceSnapshot {
        id: invoice_id(n),
        customer_id: Some(customer_id(1)),
        subscription_id: Some(subscription_id(n)),
        status: Some(status),
        amount_due_minor: 1900,
        amount_paid_minor: if is_paid { 1900 } else { 0 },
        currency: usd(),
        payment_intent_id: Some(intent_id(n)),
        paid_at: is_paid.then_some(SECOND),
        created_at: SECOND,
        attempted: is_paid,
    }
}

/// Refund `n` of what was paid with `PaymentIntent` `paid`.
pub(crate) fn refund_snapshot(n: u128, paid: u128, status: RefundStatus) -> RefundSnapshot {
    RefundSnapshot {
        id: refund_id(n),
        charge_id: Some(charge_id(paid)),
        payment_intent_id: Some(intent_id(paid)),
        amount_minor: 500,
        currency: usd(),
        status: Some(status),
    }
}

/// Dispute `n` of what was paid with `PaymentIntent` `paid`.
pub(crate) fn dispute_snapshot(n: u128, paid: u128, status: DisputeStatus) -> DisputeSnapshot {
    DisputeSnapshot {
        id: dispute_id(n),
        charge_id: Some(charge_id(paid)),
        payment_intent_id: Some(intent_id(paid)),
        amount_minor: 1900,
        currency: usd(),
        status: Some(status),
    }
}
