use std::sync::Arc;

use crate::ids::{SessionId, UserId};
use crate::payment::Payment;
use crate::ports::{FeedError, StatusChanges, Store, StoreError};
use crate::settled::Settled;

/// Why a payment cannot be waited for, or not any longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// Too many wait, or the process is about to stop.
    #[error("nobody can wait")]
    Feed(#[from] FeedError),
    /// The database did not answer. Whether the payment has changed is not known.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// The payment is no longer there, or never had a session.
    #[error("there is no payment to wait for")]
    Gone,
}

/// One payment, and word of each of its changes. The state is read again each time and never replayed, so whoever is slow
/// misses what came in between but never the last word.
pub struct PaymentWatch {
    store: Arc<dyn Store>,
    user_id: UserId,
    session_id: SessionId,
    changes: Box<dyn StatusChanges>,
    payment: Payment,
    /// The row may have changed since it was read.
    is_stale: bool,
}

impl Settled {
    /// Waits for changes of a payment that was just read: who holds it may see it. Changes since then are not missed.
    ///
    /// # Errors
    ///
    /// [`WatchError`]
    pub fn watch_payment(&self, payment: Payment) -> Result<PaymentWatch, WatchError> {
        let session_id = payment.record().session_id.clone().ok_or(WatchError::Gone)?;
        let changes = self.feed.subscribe(&session_id, payment.version())?;
        Ok(PaymentWatch {
            store: Arc::clone(&self.ports.store),
            user_id: payment.record().user_id.clone(),
            session_id,
            changes,
            payment,
            // It may have changed between the reading and the subscription.
            is_stale: true,
        })
    }
}

impl PaymentWatch {
    /// The payment as it was last read.
    #[must_use]
    pub const fn payment(&self) -> &Payment {
        &self.payment
    }

    /// Waits until the payment is another one than it was, and returns it.
    ///
    /// # Errors
    ///
    /// [`WatchError`]
    ///
    /// # Cancel safety
    ///
    /// Nothing is missed when the future is dropped before it returns.
    pub async fn changed(&mut self) -> Result<&Payment, WatchError> {
        loop {
            if !self.is_stale {
                self.changes.changed().await?;
                self.is_stale = true;
            }
            let found = self.store.get_payment_status_by_session_id(&self.user_id, &self.session_id).await?;
            self.is_stale = false;
            let found = found.ok_or(WatchError::Gone)?;
            if found.version() != self.payment.version() {
                self.payment = found;
                return Ok(&self.payment);
            }
        }
    }
}
