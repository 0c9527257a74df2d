use async_trait::async_trait;

use super::StoreError;
use crate::ids::{ChargeId, RefundId};
use crate::refund::Refund;

/// Table `refunds`, inside one transaction.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RefundRepo: Send {
    /// Locks and reads, in the order of their ids, the refunds that have one of these ids or belong to one of these
    /// charges.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_refunds_for_update(
        &mut self,
        ids: &[RefundId],
        charges: &[ChargeId],
    ) -> Result<Vec<Refund>, StoreError>;

    /// Stores refunds of which no row existed when this transaction looked.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row exists after all: the transaction must be run again.
    async fn create_refund_records(&mut self, refunds: &[Refund]) -> Result<(), StoreError>;

    /// Writes refunds that were locked and changed in this transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row does not exist or is not older than what is written.
    async fn update_refund_statuses(&mut self, refunds: &[Refund]) -> Result<(), StoreError>;
}
