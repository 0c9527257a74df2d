//! What operators learn about webhooks and payments. The names are part of `docs/OPERATIONS.md`; no label holds an id.

use metrics::{counter, gauge, histogram};
use settled_domain::event::{EventContent, EventSource, WebhookEvent};
use settled_domain::payment::PaymentStatus;
use settled_domain::session::SessionEvent;
use settled_domain::settlement::Outcome;
use settled_domain::transition::SettledBy;
use time::{Duration, OffsetDateTime};
use tokio::time::Instant;

/// As much of an event as is counted when it is known what became of it.
pub(crate) struct Arrival {
    source: EventSource,
    /// From the second in which Stripe made it until it reached us.
    under_way: Duration,
    /// When it began to wait for its commit.
    began: Instant,
    /// The kind of the object whose status this version does not know.
    unknown_status_of: Option<&'static str>,
}

impl Arrival {
    pub(crate) fn of(event: &WebhookEvent) -> Self {
        Self {
            source: event.source,
            under_way: event.received_at - event.created,
            began: Instant::now(),
            unknown_status_of: unknown_status_of(&event.content),
        }
    }

    /// It is committed, or was before.
    pub(crate) fn committed(&self, outcome: Outcome) {
        let (source, word, reason) = (self.source.as_str(), outcome.as_str(), outcome.reason().unwrap_or("none"));
        counter!("settled_webhooks_total", "source" => source, "outcome" => word, "reason" => reason).increment(1);
        // Stripe repeats what it had an answer to, hours later, and the sweep looks for what never came: neither tells how
        // fast news are.
        if self.source == EventSource::Sweep || outcome == Outcome::Duplicate {
            return;
        }
        // Stripe says when in whole seconds, and its clock is not ours.
        histogram!("settled_webhook_received_seconds").record(self.under_way.as_seconds_f64().max(0.0));
        histogram!("settled_webhook_committed_seconds").record(self.began.elapsed().as_secs_f64());
        if let Some(object) = self.unknown_status_of {
            counter!("settled_unknown_statuses_total", "object" => object).increment(1);
        }
    }
}

fn unknown_status_of(content: &EventContent) -> Option<&'static str> {
    match content {
        EventContent::CheckoutSession(SessionEvent::Completed, session) if session.payment_status.is_none() => {
            Some("session")
        }
        EventContent::Subscription(_, snapshot) if snapshot.status.is_none() => Some("subscription"),
        EventContent::Invoice(snapshot) if snapshot.status.is_none() => Some("invoice"),
        EventContent::Refund(snapshot) if snapshot.status.is_none() => Some("refund"),
        EventContent::Dispute(_, snapshot) if snapshot.status.is_none() => Some("dispute"),
        _ => None,
    }
}

/// One more event waits for a transaction to take it.
pub(crate) fn event_waits() {
    gauge!("settled_webhooks_waiting").increment(1.0);
}

/// A transaction has taken so many of those that waited.
pub(crate) fn events_taken(number: usize) {
    gauge!("settled_webhooks_waiting").decrement(count(number));
}

/// So many events were dealt with together, and it took so long until all were answered.
pub(crate) fn batch_done(events: usize, took: std::time::Duration) {
    histogram!("settled_webhook_batch_events").record(count(events));
    histogram!("settled_webhook_batch_seconds").record(took.as_secs_f64());
}

/// A batch and the queue are far smaller than what this cannot hold.
fn count(events: usize) -> f64 {
    u32::try_from(events).map_or(f64::INFINITY, f64::from)
}

/// A payment has become final, or final in another way.
pub(crate) fn payment_settled(status: PaymentStatus, by: Option<SettledBy>) {
    let by = by.map_or("refusal", SettledBy::as_str);
    counter!("settled_payments_total", "status" => status.as_str(), "settled_by" => by).increment(1);
}

/// Stripe has answered at this second of its clock. Whole seconds, and the way back is in it: a second or two are none.
pub(crate) fn clocks_compared(stripe: OffsetDateTime, ours: OffsetDateTime) {
    gauge!("settled_clock_ahead_seconds").set((ours - stripe).as_seconds_f64());
}

#[cfg(test)]
mod tests;
