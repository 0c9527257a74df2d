//! What operators learn about webhooks and payments. The names are part of `docs/OPERATIONS.md`; no label holds an id.

use std::time::Duration;

use metrics::{counter, histogram};
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::transition::SettledBy;
use time::OffsetDateTime;

/// An event has arrived, so long after Stripe made it. Stripe says when in whole seconds, and its clock is not ours.
pub(crate) fn webhook_received(created: OffsetDateTime, now: OffsetDateTime) {
    histogram!("settled_webhook_received_seconds").record((now - created).as_seconds_f64().max(0.0));
}

/// An event is committed, so long after it had arrived.
pub(crate) fn webhook_committed(after: Duration, outcome: &'static str) {
    histogram!("settled_webhook_committed_seconds", "outcome" => outcome).record(after.as_secs_f64());
}

/// A payment has become final.
pub(crate) fn payment_settled(payment: &Payment) {
    let by = payment.record().settled_by.map_or("refusal", SettledBy::as_str);
    counter!("settled_payments_total", "status" => PaymentStatus::as_str(payment.status()), "by" => by).increment(1);
}
