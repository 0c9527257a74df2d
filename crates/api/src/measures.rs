//! What operators learn about customers who wait. The names are part of `docs/OPERATIONS.md`; no label holds an id.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use metrics::{counter, gauge, histogram};
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{IntakeError, SignatureError};
use settled_domain::webhook::WebhookError;
use time::{Duration, OffsetDateTime};

/// Who looks at the page later than this after the payment was settled has not just come from Stripe.
const LANDING: Duration = Duration::MINUTE;
/// Of so many landings the share is told.
const LANDINGS_REMEMBERED: usize = 100;

/// How a change reached the customer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// By a stream.
    Stream,
    /// By a request that waited.
    Wait,
}

/// How the latest customers found their payments who came back from Stripe: settled, or not yet.
#[derive(Default)]
pub(crate) struct Landings(Mutex<VecDeque<bool>>);

impl Landings {
    /// A customer has come back, and the page shows this payment.
    pub(crate) fn note(&self, payment: &Payment, now: OffsetDateTime) {
        if payment.record().settled_at.is_some_and(|at| now - at > LANDING) {
            return;
        }
        let is_settled = payment.status() != PaymentStatus::Pending;
        counter!("settled_landings_total").increment(1);
        // Named also before the first one, so that a share of nothing is 0 and not unknown.
        counter!("settled_landings_already_settled_total").increment(u64::from(is_settled));
        gauge!("settled_landed_already_settled_ratio").set(self.ratio_with(is_settled));
    }

    fn ratio_with(&self, is_settled: bool) -> f64 {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        latest.push_back(is_settled);
        if latest.len() > LANDINGS_REMEMBERED {
            latest.pop_front();
        }
        let settled: f64 = latest.iter().map(|is_settled| f64::from(u8::from(*is_settled))).sum();
        settled / latest.iter().map(|_| 1.0).sum::<f64>()
    }
}

/// A webhook is not accepted: because of its signature, or because too many are waiting already.
pub(crate) fn webhook_refused(error: &WebhookError) {
    let reason = match error {
        WebhookError::Signature(SignatureError::Malformed) => "malformed",
        WebhookError::Signature(SignatureError::Mismatch) => "mismatch",
        WebhookError::Signature(SignatureError::TooOld) => "too_old",
        WebhookError::Signature(SignatureError::FromTheFuture) => "from_the_future",
        WebhookError::Intake(IntakeError::Full) => "full",
        WebhookError::Intake(_) => return,
        _ => "other",
    };
    counter!("settled_webhooks_refused_total", "reason" => reason).increment(1);
}

/// A change was handed to a customer who waited for it.
pub(crate) fn shown(payment: &Payment, now: OffsetDateTime, way: Way) {
    let way = match way {
        Way::Stream => "stream",
        Way::Wait => "wait",
    };
    if let Some(settled_at) = payment.record().settled_at {
        let seconds = (now - settled_at).as_seconds_f64().max(0.0);
        histogram!("settled_payment_shown_seconds", "way" => way).record(seconds);
    }
}

/// One more waits.
pub(crate) fn began_to_wait() {
    gauge!("settled_waiting").increment(1.0);
}

/// One less waits.
pub(crate) fn waits_no_more() {
    gauge!("settled_waiting").decrement(1.0);
}
