use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::event::{Payload, WebhookEvent};
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
}

impl ClaimedWebhook {
    /// The row of an event that has just been received.
    #[must_use]
    pub fn of(event: &WebhookEvent, received_at: OffsetDateTime) -> Self {
        Self {
            id: event.id.clone(),
            event_type: event.event_type.clone(),
            object_id: event.object_id.clone(),
            api_version: event.api_version.clone(),
            livemode: event.livemode.unwrap_or(false),
            created: event.created,
            received_at,
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
}
