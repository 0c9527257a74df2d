use async_trait::async_trait;

use super::StoreError;
use crate::dispute::Dispute;
use crate::ids::DisputeId;

/// Table `disputes`, inside one transaction.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait DisputeRepo: Send {
    /// Locks and reads, in the order of their ids, those of these disputes that exist.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_disputes_for_update(&mut self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError>;

    /// Stores disputes of which no row existed when this transaction looked.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row exists after all: the transaction must be run again.
    async fn create_dispute_records(&mut self, disputes: &[Dispute]) -> Result<(), StoreError>;

    /// Writes disputes that were locked and changed in this transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row does not exist or is not older than what is written.
    async fn update_dispute_statuses(&mut self, disputes: &[Dispute]) -> Result<(), StoreError>;
}
