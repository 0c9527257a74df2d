use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::event::{EventSource, Payload, WebhookEvent};
use crate::ids::EventId;
use crate::settlement::Outcome;

/// Whether an event was claimed by this transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is ours to process.
    Fresh,
    /// It was committed before.
    Duplicate,
}

/// The row that claims an event, before its outcome is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedWebhook {
    /// Stripe's id of the event.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// The object it is about.
    pub object_id: Option<String>,
    /// The API version of its payload.
    pub api_version: Option<String>,
    /// Live or test mode; `false` when unreadable.
    pub livemode: bool,
    /// The second in which Stripe made it.
    pub created: OffsetDateTime,
    /// When it reached us.
    pub received_at: OffsetDateTime,
    /// By which way.
    pub source: EventSource,
}

impl ClaimedWebhook {
    /// The row of an event that has just been received.
    #[must_use]
    pub fn of(event: &WebhookEvent) -> Self {
        Self {
            id: event.id.clone(),
            event_type: event.event_type.clone(),
            object_id: event.object_id.clone(),
            api_version: event.api_version.clone(),
            livemode: event.livemode.unwrap_or(false),
            created: event.created,
            received_at: event.received_at,
            source: event.source,
        }
    }
}

/// What to write down about a claimed event that was not simply processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookOutcome {
    /// The event.
    pub id: EventId,
    /// What became of it.
    pub outcome: Outcome,
    /// Its body, when it is parked.
    pub payload: Option<Payload>,
}

/// An event that is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldWebhook {
    /// The event.
    pub id: EventId,
    /// Stripe has posted it, be it after the sweep had found it.
    pub was_delivered: bool,
}

/// A parked event that was locked, to be settled again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedWebhook {
    /// When it reached us.
    pub received_at: OffsetDateTime,
    /// By which way.
    pub source: EventSource,
    /// Its body.
    pub payload: Payload,
}

/// Table `webhook_events`, inside one transaction: which events have had their effect.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait WebhookLedger: Send {
    /// Whether this event is committed. This is a question, not a lock: before acting on an event, claim it with
    /// [`mark_webhooks_processed`](Self::mark_webhooks_processed).
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn is_webhook_processed(&mut self, id: &EventId) -> Result<bool, StoreError>;

    /// Claims events: inserts a row for each, with the outcome `processed`. The insert is also the lock: of two
    /// transactions with the same event, the second waits for the first, and then finds `Duplicate`, or `Fresh` if the
    /// first rolled back. The answers are in the order of `webhooks`, whose ids are sorted and distinct.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn mark_webhooks_processed(&mut self, webhooks: &[ClaimedWebhook]) -> Result<Vec<Claim>, StoreError>;

    /// Writes down the outcome of events that this transaction has claimed and that were ignored or parked.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn record_webhook_outcomes(&mut self, outcomes: &[WebhookOutcome]) -> Result<(), StoreError>;

    /// Notes that Stripe has posted these events at `at`, of those that the sweep had found before, and returns which
    /// they were. Others stay as they are, and so does what was noted already.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn note_late_webhooks(&mut self, ids: &[EventId], at: OffsetDateTime) -> Result<Vec<EventId>, StoreError>;

    /// Locks and reads an event that is parked; `None` when it is not, or not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_parked_webhook_for_update(&mut self, id: &EventId) -> Result<Option<ParkedWebhook>, StoreError>;

    /// Writes down what became of a parked event that was locked in this transaction and settled again at `at`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn record_replay(&mut self, outcome: &WebhookOutcome, at: OffsetDateTime) -> Result<(), StoreError>;
}
