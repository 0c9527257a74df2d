use async_trait::async_trait;

use super::StoreError;
use crate::catalogue::Slot;
use crate::ids::{PaymentId, PaymentIntentId, SessionId, UserId};
use crate::payment::{OpenedSession, Payment, PaymentStatus};

/// Whether a slot could be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    /// The payment is stored and holds the slot.
    Taken,
    /// Another payment holds the slot; nothing was stored.
    Occupied,
}

/// The session to attach to a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// What Stripe made for it.
    pub opened: OpenedSession,
    /// The present time.
    pub at: time::OffsetDateTime,
}

/// A payment after its session was attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPayment {
    /// As it is stored now.
    pub payment: Payment,
    /// Its status before.
    pub was: PaymentStatus,
}

/// Table `payments`, inside one transaction.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PaymentRepo: Send {
    /// Stores a payment in `creating`, unless its user has another one in `creating`, `pending` or `processing` in the
    /// same slot. The database itself must make two impossible.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn reserve_payment(&mut self, payment: &Payment) -> Result<Reservation, StoreError>;

    /// Attaches the session that Stripe made and makes `creating` `pending`. A row in any other state keeps its status
    /// and only has what it lacks filled in: a webhook may have been quicker. It must do what [`Payment::open`] does.
    /// `None` when there is no such payment.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn save_pending_payment(&mut self, pending: &PendingPayment) -> Result<Option<SavedPayment>, StoreError>;

    /// Locks and reads the payment that holds this user's slot.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_open_payment_for_update(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Payment>, StoreError>;

    /// Locks and reads, in the order of their ids, the payments that have one of these sessions or one of these ids.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_payments_for_update(
        &mut self,
        sessions: &[SessionId],
        ids: &[PaymentId],
    ) -> Result<Vec<Payment>, StoreError>;

    /// Reads, in the order of their ids and without locking them, the payments that were paid with one of these
    /// `PaymentIntents`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    async fn find_payments_of_intents(&mut self, intents: &[PaymentIntentId]) -> Result<Vec<Payment>, StoreError>;

    /// Writes payments that were locked and changed in this transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a row does not exist or is not older than what is written.
    async fn update_payment_statuses(&mut self, payments: &[Payment]) -> Result<(), StoreError>;
}
