use async_trait::async_trait;

use super::StoreError;
use crate::event::WebhookEvent;
use crate::settlement::Outcome;

/// Why an event was not committed. Stripe will send it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// Too many events are waiting already.
    #[error("too many webhooks are waiting")]
    Full,
    /// The process is about to stop.
    #[error("the process is stopping")]
    Stopping,
    /// The database could not commit.
    #[error("the database could not commit the webhook")]
    Store(#[source] StoreError),
    /// Something broke inside; the event was not committed.
    #[error("the webhook was abandoned")]
    Abandoned,
}

/// Where verified events are committed, several at a time if the implementation likes.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Intake: Send + Sync {
    /// Returns only after the event's effects, or its parked payload, are committed. [`Outcome::Duplicate`] means that
    /// they were committed before.
    ///
    /// # Errors
    ///
    /// [`IntakeError`]: nothing was committed, or nobody knows; sending the event again is harmless and necessary.
    ///
    /// # Cancel safety
    ///
    /// When the caller goes away, the event may be committed all the same.
    async fn submit(&self, event: WebhookEvent) -> Result<Outcome, IntakeError>;

    /// Whether [`submit`](Self::submit) would take an event at this moment. For hosts that ask before they read and verify a
    /// webhook: under overload that saves most of what a refusal costs. `submit` has the last word.
    ///
    /// # Errors
    ///
    /// [`IntakeError`]: what `submit` would fail with, whatever the event is.
    fn admit(&self) -> Result<(), IntakeError> {
        Ok(())
    }
}
