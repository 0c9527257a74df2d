//! A store in memory. It is small because it has one trick: a transaction works on a copy of all tables and replaces them
//! when it commits, unless another transaction was quicker.
//!
//! It shows what the ports ask for. Prove a store of your own with `settled-store-contract`.

mod repositories;
mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use settled_domain::dispute::Dispute;
use settled_domain::event::EventSource;
use settled_domain::ids::{
    DisputeId, EventId, InvoiceId, PaymentId, PriceId, RefundId, SessionId, SubscriptionId, UserId,
};
use settled_domain::installation::Installation;
use settled_domain::invoice::Invoice;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{
    ClaimedWebhook, CustomerRepo, DisputeRepo, HeldWebhook, InvoiceRepo, PaymentRepo, RefreshQueue, RefundRepo, Store,
    StoreError, SubscriptionRepo, TransitionLog, UnitOfWork, WebhookLedger, WebhookOutcome,
};
use settled_domain::purchase::PurchaseId;
use settled_domain::refresh_request::RefreshObject;
use settled_domain::refund::Refund;
use settled_domain::subscription::Subscription;
use settled_domain::sweep::{ClaimedSweep, RowPatience, SweepName, WaitingPayment};
use settled_domain::waiting::AwaitedPayment;
use tables::{Tables, oldest};
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

fn first<T>(rows: impl IntoIterator<Item = T>, limit: u32) -> Vec<T> {
    rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
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
    fn invoices(&mut self) -> &mut dyn InvoiceRepo {
        self
    }
    fn refunds(&mut self) -> &mut dyn RefundRepo {
        self
    }
    fn disputes(&mut self) -> &mut dyn DisputeRepo {
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

    async fn list_awaited_payments(&self, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError> {
        let tables = lock(&self.0);
        let waiting = tables.payments.values().filter_map(Payment::waiting);
        Ok(waiting.filter(|payment| sessions.contains(&payment.session_id)).collect())
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
        Ok(first(found, limit))
    }

    async fn find_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        Ok(lock(&self.0).payments.get(&id).cloned())
    }

    async fn find_payment_by_session(&self, id: &SessionId) -> Result<Option<Payment>, StoreError> {
        let has_session = |payment: &&Payment| payment.record().session_id.as_ref() == Some(id);
        Ok(lock(&self.0).payments.values().find(has_session).cloned())
    }

    async fn find_subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        Ok(lock(&self.0).subscriptions.get(id).cloned())
    }

    async fn find_invoice(&self, id: &InvoiceId) -> Result<Option<Invoice>, StoreError> {
        Ok(lock(&self.0).invoices.get(id).cloned())
    }

    async fn find_refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        Ok(lock(&self.0).refunds.get(id).cloned())
    }

    async fn find_dispute(&self, id: &DisputeId) -> Result<Option<Dispute>, StoreError> {
        Ok(lock(&self.0).disputes.get(id).cloned())
    }

    async fn list_invoices_of_subscription(&self, id: &SubscriptionId, limit: u32) -> Result<Vec<Invoice>, StoreError> {
        let tables = lock(&self.0);
        let wanted = tables.invoices.values().filter(|held| held.record().subscription_id.as_ref() == Some(id));
        let mut found: Vec<Invoice> = wanted.cloned().collect();
        found.sort_by_key(|held| std::cmp::Reverse((held.record().created_at, held.id().clone())));
        Ok(first(found, limit))
    }

    async fn list_refunds(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Refund>, StoreError> {
        let tables = lock(&self.0);
        let wanted = tables.refunds.values().filter(|held| held.record().purchase == *purchase);
        Ok(first(wanted.cloned(), limit))
    }

    async fn list_disputes(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Dispute>, StoreError> {
        let tables = lock(&self.0);
        let wanted = tables.disputes.values().filter(|held| held.record().purchase == *purchase);
        Ok(first(wanted.cloned(), limit))
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
        Ok(oldest(left.map(|payment| (payment.record().created_at, payment.id())).collect(), limit))
    }

    async fn list_overdue_payments(
        &self,
        patience: &RowPatience,
        now: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        let tables = lock(&self.0);
        let overdue = tables.payments.values().filter(|payment| {
            let row = payment.record();
            let (created_at, expires_at, as_of) = (row.created_at, row.expires_at, row.as_of);
            matches!(row.status, PaymentStatus::Pending | PaymentStatus::Processing)
                && patience.is_payment_overdue(&WaitingPayment { created_at, expires_at, as_of }, now)
                && !tables.refreshes.contains_key(&RefreshObject::Payment(row.id))
        });
        Ok(oldest(overdue.map(|payment| (payment.record().as_of, payment.id())).collect(), limit))
    }

    async fn list_lapsed_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        Ok(lock(&self.0).live_subscriptions(limit, |row| {
            let dates = [row.current_period_end, row.trial_end, row.cancel_at];
            dates.into_iter().flatten().any(|date| row.known_at() < date && date <= before)
        }))
    }

    async fn list_unchecked_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        Ok(lock(&self.0).live_subscriptions(limit, |row| row.checked_at <= before))
    }

    async fn list_held_webhooks(&self, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError> {
        let tables = lock(&self.0);
        let held = ids.iter().filter_map(|id| {
            let (row, _) = tables.webhooks.get(id)?;
            Some(HeldWebhook { id: id.clone(), was_delivered: row.source == EventSource::Webhook })
        });
        Ok(held.collect())
    }

    async fn prune_webhooks(&self, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
        let mut tables = lock(&self.0);
        let is_old = |(row, outcome): &(ClaimedWebhook, Option<WebhookOutcome>)| {
            row.received_at < before && outcome.as_ref().is_none_or(|outcome| outcome.payload.is_none())
        };
        let old =
            tables.webhooks.values().filter(|held| is_old(held)).map(|(row, _)| (row.received_at, row.id.clone()));
        let old = oldest(old.collect(), limit);
        tables.webhooks.retain(|id, _| !old.contains(id));
        Ok(u64::try_from(old.len()).unwrap_or(u64::MAX))
    }

    async fn claim_sweep(
        &self,
        name: SweepName,
        now: OffsetDateTime,
        since: OffsetDateTime,
    ) -> Result<Option<ClaimedSweep>, StoreError> {
        let mut tables = lock(&self.0);
        let (begun_at, reached_at) = tables.sweeps.get(&name).copied().unwrap_or((since, None));
        if begun_at > since && begun_at <= now {
            return Ok(None);
        }
        tables.sweeps.insert(name, (now, reached_at));
        Ok(Some(ClaimedSweep { reached_at }))
    }

    async fn save_sweep(&self, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError> {
        if let Some((_, held)) = lock(&self.0).sweeps.get_mut(&name) {
            *held = (*held).max(Some(reached_at));
        }
        Ok(())
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
