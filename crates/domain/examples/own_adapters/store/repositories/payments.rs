use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{PaymentId, PaymentIntentId, SessionId, UserId};
use settled_domain::payment::Payment;
use settled_domain::ports::{PaymentRepo, PendingPayment, Reservation, SavedPayment, StoreError};

use super::super::{Work, conflict};

impl Work {
    fn open_payment(&self, user_id: &UserId, slot: &Slot) -> Option<&Payment> {
        self.draft.payments.values().find(|payment| {
            payment.status().holds_slot() && payment.record().user_id == *user_id && payment.slot() == slot
        })
    }
}

#[async_trait]
impl PaymentRepo for Work {
    async fn reserve_payment(&mut self, payment: &Payment) -> Result<Reservation, StoreError> {
        if self.open_payment(&payment.record().user_id, payment.slot()).is_some() {
            return Ok(Reservation::Occupied);
        }
        self.draft.payments.insert(payment.id(), payment.clone());
        Ok(Reservation::Taken)
    }

    async fn save_pending_payment(&mut self, pending: &PendingPayment) -> Result<Option<SavedPayment>, StoreError> {
        let Some(payment) = self.draft.payments.get_mut(&pending.payment_id) else { return Ok(None) };
        let was = payment.status();
        payment.open(&pending.opened, pending.at);
        Ok(Some(SavedPayment { payment: payment.clone(), was }))
    }

    async fn find_open_payment_for_update(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Payment>, StoreError> {
        Ok(self.open_payment(user_id, slot).cloned())
    }

    async fn find_payments_for_update(
        &mut self,
        sessions: &[SessionId],
        ids: &[PaymentId],
    ) -> Result<Vec<Payment>, StoreError> {
        let is_wanted = |payment: &&Payment| {
            let session = payment.record().session_id.as_ref();
            ids.contains(&payment.id()) || session.is_some_and(|session| sessions.contains(session))
        };
        Ok(self.draft.payments.values().filter(is_wanted).cloned().collect())
    }

    async fn find_payments_of_intents(&mut self, intents: &[PaymentIntentId]) -> Result<Vec<Payment>, StoreError> {
        let is_wanted = |payment: &&Payment| {
            payment.record().payment_intent_id.as_ref().is_some_and(|intent| intents.contains(intent))
        };
        Ok(self.draft.payments.values().filter(is_wanted).cloned().collect())
    }

    async fn update_payment_statuses(&mut self, payments: &[Payment]) -> Result<(), StoreError> {
        for payment in payments {
            match self.draft.payments.get_mut(&payment.id()) {
                Some(held) if held.version() < payment.version() => *held = payment.clone(),
                _ => return Err(conflict("no older payment to replace")),
            }
        }
        Ok(())
    }
}
