use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{PaymentId, PaymentIntentId, SessionId, UserId};
use settled_domain::payment::Payment;
use settled_domain::ports::{PaymentRepo, PendingPayment, Reservation, SavedPayment, StoreError};

use super::AnnouncingWork;

#[async_trait]
impl PaymentRepo for AnnouncingWork {
    async fn reserve_payment(&mut self, payment: &Payment) -> Result<Reservation, StoreError> {
        self.work.payments().reserve_payment(payment).await
    }

    async fn save_pending_payment(&mut self, pending: &PendingPayment) -> Result<Option<SavedPayment>, StoreError> {
        let saved = self.work.payments().save_pending_payment(pending).await?;
        if let Some(saved) = &saved {
            self.note(&saved.payment);
        }
        Ok(saved)
    }

    async fn find_open_payment_for_update(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Payment>, StoreError> {
        let found = self.work.payments().find_open_payment_for_update(user_id, slot).await?;
        self.note_read(found.as_slice());
        Ok(found)
    }

    async fn find_payments_for_update(
        &mut self,
        sessions: &[SessionId],
        ids: &[PaymentId],
    ) -> Result<Vec<Payment>, StoreError> {
        let found = self.work.payments().find_payments_for_update(sessions, ids).await?;
        self.note_read(&found);
        Ok(found)
    }

    async fn find_payments_of_intents(&mut self, intents: &[PaymentIntentId]) -> Result<Vec<Payment>, StoreError> {
        self.work.payments().find_payments_of_intents(intents).await
    }

    async fn update_payment_statuses(&mut self, payments: &[Payment]) -> Result<(), StoreError> {
        self.work.payments().update_payment_statuses(payments).await?;
        for payment in payments {
            self.note(payment);
        }
        Ok(())
    }
}
