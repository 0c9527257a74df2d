use async_trait::async_trait;

use super::StoreError;
use crate::customer::Customer;
use crate::ids::{CustomerId, CustomerKey, UserId};

/// Table `customers`, inside one transaction.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait CustomerRepo: Send {
    /// The user's customer, which is stored under `key` if the user has none yet. Two callers at once get the same one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_or_insert_customer(&mut self, user_id: &UserId, key: CustomerKey) -> Result<Customer, StoreError>;

    /// Writes down Stripe's id of a customer that has none yet, and returns the id that is stored afterwards.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when there is no such customer.
    async fn save_customer_id(&mut self, key: CustomerKey, id: &CustomerId) -> Result<CustomerId, StoreError>;

    /// Reads, in the order of their ids, those of these customers that are ours, also deleted ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError>;

    /// Writes down when these customers were deleted; of several times, the earliest is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn mark_customers_deleted(&mut self, customers: &[Customer]) -> Result<(), StoreError>;
}
