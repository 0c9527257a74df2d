//! A store in memory. It is small because it has one trick: a transaction works on a copy of all tables and replaces them
//! when it commits, unless another transaction was quicker.
//!
//! It shows what the ports ask for. Prove a store of your own with `settled-store-contract`.

mod repositories;
mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use settled_domain::ids::{PaymentId, PriceId, SessionId, SubscriptionId, UserId};
use settled_domain::installation::Installation;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{
    CustomerRepo, PaymentRepo, RefreshQueue, Store, StoreError, SubscriptionRepo, TransitionLog, UnitOfWork,
    WebhookLedger,
};
use settled_domain::refresh_request::RefreshObject;
use settled_domain::subscription::Subscription;
use tables::Tables;
use time::OffsetDateTime;

/// All tables behind one lock, which is never held while anybody waits.
#[derive(Default)]
pub(crate) struct MemoryStore(Arc<Mutex<Tables>>);

/// A transaction: its own copy of the tables.
struct Work {
    shared: Arc<Mutex<Tables>>,
    draft: Tables,
}

fn lock(tables: &Mutex<Tables>) -> MutexGuard<'_, Tables> {
    tables.lock().unwrap_or_else(PoisonError::into_inner)
}

fn conflict(what: &'static str) -> StoreError {
    StoreError::Conflict(what.into())
}

#[async_trait]
impl UnitOfWork for Work {
    fn webhooks(&mut self) -> &mut dyn WebhookLedger {
        self
    }
    fn customers(&mut self) -> &mut dyn CustomerRepo {
        self
    }
    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepo {
        self
    }
    fn payments(&mut self) -> &mut dyn PaymentRepo {
        self
    }
    fn refreshes(&mut self) -> &mut dyn RefreshQueue {
        self
    }
    fn transitions(&mut self) -> &mut dyn TransitionLog {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let mut tables = lock(&self.shared);
        if tables.commits != self.draft.commits {
            return Err(conflict("another transaction has committed meanwhile"));
        }
        *tables = self.draft;
        tables.commits += 1;
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let draft = lock(&self.0).clone();
        Ok(Box::new(Work { shared: self.0.clone(), draft }))
    }

    async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError> {
        let of_user = |payment: &&Payment| {
            let row = payment.record();
            row.user_id == *user_id && row.session_id.as_ref() == Some(session_id)
        };
        Ok(lock(&self.0).payments.values().find(of_user).cloned())
    }

    async fn list_user_subscriptions(
        &self,
        user_id: &UserId,
        price_id: Option<PriceId>,
        limit: u32,
    ) -> Result<Vec<Subscription>, StoreError> {
        let tables = lock(&self.0);
        let wanted = tables.subscriptions.values().filter(|held| {
            let row = held.record();
            row.user_id == *user_id && price_id.as_ref().is_none_or(|price_id| row.price_id == *price_id)
        });
        let mut found: Vec<Subscription> = wanted.cloned().collect();
        found.sort_by_key(|held| (held.status().is_terminal(), std::cmp::Reverse(held.record().as_of)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn find_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        Ok(lock(&self.0).payments.get(&id).cloned())
    }

    async fn find_subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        Ok(lock(&self.0).subscriptions.get(id).cloned())
    }

    async fn list_payments_left_creating(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        let tables = lock(&self.0);
        let left = tables.payments.values().filter(|payment| {
            payment.status() == PaymentStatus::Creating
                && payment.record().created_at < before
                && !tables.refreshes.contains_key(&RefreshObject::Payment(payment.id()))
        });
        let mut left: Vec<_> = left.map(|payment| (payment.record().created_at, payment.id())).collect();
        left.sort_unstable();
        Ok(left.into_iter().map(|(_, id)| id).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn find_installation(&self) -> Result<Option<Installation>, StoreError> {
        Ok(lock(&self.0).installation.clone())
    }

    async fn claim_installation(&self, installation: &Installation) -> Result<Installation, StoreError> {
        Ok(lock(&self.0).installation.get_or_insert_with(|| installation.clone()).clone())
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
