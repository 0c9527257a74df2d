use async_trait::async_trait;

use super::StoreError;
use crate::event::Payload;
use crate::history::{EventCount, EventQuery, PastEvent, PastTransition, WaitingRefresh};
use crate::ids::{EventId, SubscriptionId, UserId};
use crate::payment::Payment;

/// What the person who looks after the service wants to know of the past. Reads only, each of one statement and outside any
/// transaction; nothing that is settled depends on them. A store without them settles just as well.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait History: Send + Sync {
    /// Events that fit, the one that came last first; `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_events(&self, query: &EventQuery, limit: u32) -> Result<Vec<PastEvent>, StoreError>;

    /// How many parked events there are for each reason, and how many events the sweep has found.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn count_events(&self) -> Result<Vec<EventCount>, StoreError>;

    /// One event.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_event(&self, id: &EventId) -> Result<Option<PastEvent>, StoreError>;

    /// The body of a parked event.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_event_payload(&self, id: &EventId) -> Result<Option<Payload>, StoreError>;

    /// The events about these objects, and those of these ids, the first to come first; `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_events_about(
        &self,
        objects: &[String],
        ids: &[EventId],
        limit: u32,
    ) -> Result<Vec<PastEvent>, StoreError>;

    /// The changes of these objects in their order; `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_transitions(&self, objects: &[String], limit: u32) -> Result<Vec<PastTransition>, StoreError>;

    /// What of these objects waits to be asked for.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_waiting_refreshes(&self, objects: &[String]) -> Result<Vec<WaitingRefresh>, StoreError>;

    /// A user's payments, the newest first; `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_user_payments(&self, user_id: &UserId, limit: u32) -> Result<Vec<Payment>, StoreError>;

    /// The payment that began this subscription.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_payment_of_subscription(&self, id: &SubscriptionId) -> Result<Option<Payment>, StoreError>;
}
