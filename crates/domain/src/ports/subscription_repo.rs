use async_trait::async_trait;

use super::StoreError;
use crate::catalogue::Slot;
use crate::ids::{CustomerId, SubscriptionId, UserId};
use crate::subscription::Subscription;

/// Table `subscriptions`, inside one transaction.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SubscriptionRepo: Send {
    /// Locks and reads, in the order of their ids, those of these subscriptions that exist.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_subscriptions_for_update(&mut self, ids: &[SubscriptionId]) -> Result<Vec<Subscription>, StoreError>;

    /// Locks and reads, in the order of their ids, the subscriptions of these customers that have not ended.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_live_subscriptions_of_customers_for_update(
        &mut self,
        customers: &[CustomerId],
    ) -> Result<Vec<Subscription>, StoreError>;

    /// Reads a subscription of this user in this slot that has not ended, stubs included.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_live_subscription(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Subscription>, StoreError>;

    /// Whether this user has, or ever had, a subscription in this slot: those that have ended and stubs count.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn has_had_subscription(&mut self, user_id: &UserId, slot: &Slot) -> Result<bool, StoreError>;

    /// Stores subscriptions of which no row existed when this transaction looked.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row exists after all: the transaction must be run again.
    async fn create_subscription_records(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError>;

    /// Writes subscriptions that were locked and changed in this transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row does not exist or is not older than what is written.
    async fn update_subscription_statuses(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError>;
}
