use async_trait::async_trait;

use super::StoreError;
use crate::transition::Transition;

/// Table `transitions`, inside one transaction: the audit trail, written with the change it records.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait TransitionLog: Send {
    /// Adds changes. One with the same object and version cannot exist yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when it does: another transaction was in the way.
    async fn record_transitions(&mut self, transitions: &[Transition]) -> Result<(), StoreError>;
}
