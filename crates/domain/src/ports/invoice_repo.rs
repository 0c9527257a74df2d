use async_trait::async_trait;

use super::StoreError;
use crate::ids::{InvoiceId, PaymentIntentId};
use crate::invoice::Invoice;

/// Table `invoices`, inside one transaction.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait InvoiceRepo: Send {
    /// Locks and reads, in the order of their ids, the invoices that have one of these ids or were paid with one of these
    /// `PaymentIntents`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_invoices_for_update(
        &mut self,
        ids: &[InvoiceId],
        intents: &[PaymentIntentId],
    ) -> Result<Vec<Invoice>, StoreError>;

    /// Stores invoices of which no row existed when this transaction looked.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row exists after all: the transaction must be run again.
    async fn create_invoice_records(&mut self, invoices: &[Invoice]) -> Result<(), StoreError>;

    /// Writes invoices that were locked and changed in this transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row does not exist or is not older than what is written.
    async fn update_invoice_statuses(&mut self, invoices: &[Invoice]) -> Result<(), StoreError>;
}
