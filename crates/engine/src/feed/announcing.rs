//! A store that tells the feed which payments each of its transactions has changed, after the commit. So every way in
//! announces what it did, and none can forget it.

mod payments;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use settled_domain::dispute::Dispute;
use settled_domain::ids::{
    DisputeId, EventId, InvoiceId, PaymentId, PriceId, RefundId, SessionId, SubscriptionId, UserId,
};
use settled_domain::installation::Installation;
use settled_domain::invoice::Invoice;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{
    CustomerRepo, DisputeRepo, HeldWebhook, InvoiceRepo, PaymentRepo, RefreshQueue, RefundRepo, StatusFeed, StatusNews,
    Store, StoreError, SubscriptionRepo, TransitionLog, UnitOfWork, WebhookLedger,
};
use settled_domain::purchase::PurchaseId;
use settled_domain::refund::Refund;
use settled_domain::subscription::Subscription;
use settled_domain::sweep::{ClaimedSweep, RowPatience, SweepName};
use settled_domain::transition::SettledBy;
use settled_domain::waiting::AwaitedPayment;
use time::OffsetDateTime;

use crate::measures;

/// The store under it, and the feed.
pub(crate) struct AnnouncingStore {
    store: Arc<dyn Store>,
    feed: Arc<dyn StatusFeed>,
}

impl AnnouncingStore {
    pub(crate) fn new(store: Arc<dyn Store>, feed: Arc<dyn StatusFeed>) -> Self {
        Self { store, feed }
    }
}

#[async_trait]
impl Store for AnnouncingStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let work = self.store.begin().await?;
        let feed = Arc::clone(&self.feed);
        let (written, held, settled) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Ok(Box::new(AnnouncingWork { work, feed, written, held, settled }))
    }

    async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError> {
        self.store.get_payment_status_by_session_id(user_id, session_id).await
    }

    async fn list_awaited_payments(&self, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError> {
        self.store.list_awaited_payments(sessions).await
    }

    async fn list_user_subscriptions(
        &self,
        user_id: &UserId,
        price_id: Option<PriceId>,
        limit: u32,
    ) -> Result<Vec<Subscription>, StoreError> {
        self.store.list_user_subscriptions(user_id, price_id, limit).await
    }

    async fn find_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        self.store.find_payment(id).await
    }

    async fn find_payment_by_session(&self, id: &SessionId) -> Result<Option<Payment>, StoreError> {
        self.store.find_payment_by_session(id).await
    }

    async fn find_subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        self.store.find_subscription(id).await
    }

    async fn find_invoice(&self, id: &InvoiceId) -> Result<Option<Invoice>, StoreError> {
        self.store.find_invoice(id).await
    }

    async fn find_refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        self.store.find_refund(id).await
    }

    async fn find_dispute(&self, id: &DisputeId) -> Result<Option<Dispute>, StoreError> {
        self.store.find_dispute(id).await
    }

    async fn list_invoices_of_subscription(&self, id: &SubscriptionId, limit: u32) -> Result<Vec<Invoice>, StoreError> {
        self.store.list_invoices_of_subscription(id, limit).await
    }

    async fn list_refunds(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Refund>, StoreError> {
        self.store.list_refunds(purchase, limit).await
    }

    async fn list_disputes(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Dispute>, StoreError> {
        self.store.list_disputes(purchase, limit).await
    }

    async fn list_payments_left_creating(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        self.store.list_payments_left_creating(before, limit).await
    }

    async fn list_overdue_payments(
        &self,
        patience: &RowPatience,
        now: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        self.store.list_overdue_payments(patience, now, limit).await
    }

    async fn list_lapsed_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        self.store.list_lapsed_subscriptions(before, limit).await
    }

    async fn list_unchecked_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        self.store.list_unchecked_subscriptions(before, limit).await
    }

    async fn list_held_webhooks(&self, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError> {
        self.store.list_held_webhooks(ids).await
    }

    async fn prune_webhooks(&self, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
        self.store.prune_webhooks(before, limit).await
    }

    async fn claim_sweep(
        &self,
        name: SweepName,
        now: OffsetDateTime,
        since: OffsetDateTime,
    ) -> Result<Option<ClaimedSweep>, StoreError> {
        self.store.claim_sweep(name, now, since).await
    }

    async fn save_sweep(&self, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError> {
        self.store.save_sweep(name, reached_at).await
    }

    async fn find_installation(&self) -> Result<Option<Installation>, StoreError> {
        self.store.find_installation().await
    }

    async fn claim_installation(&self, installation: &Installation) -> Result<Installation, StoreError> {
        self.store.claim_installation(installation).await
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        self.store.check_ready().await
    }
}

/// A transaction, and the sessions whose payments it has written, with their new versions.
struct AnnouncingWork {
    work: Box<dyn UnitOfWork>,
    feed: Arc<dyn StatusFeed>,
    written: BTreeMap<SessionId, i64>,
    /// How far the payments had come when they were read under their lock.
    held: BTreeMap<PaymentId, PaymentStatus>,
    /// What this transaction has made of those that it has made final, or final in another way.
    settled: Vec<(PaymentStatus, Option<SettledBy>)>,
}

impl AnnouncingWork {
    fn note_read(&mut self, payments: &[Payment]) {
        self.held.extend(payments.iter().map(|payment| (payment.id(), payment.status())));
    }

    fn note(&mut self, payment: &Payment) {
        // Before it has a session, nobody can wait for it.
        if let Some(session_id) = payment.record().session_id.clone() {
            self.written.insert(session_id, payment.version());
        }
        let before = self.held.insert(payment.id(), payment.status());
        if payment.status().is_final() && before.is_some_and(|before| before != payment.status()) {
            self.settled.push((payment.status(), payment.record().settled_by));
        }
    }
}

#[async_trait]
impl UnitOfWork for AnnouncingWork {
    fn webhooks(&mut self) -> &mut dyn WebhookLedger {
        self.work.webhooks()
    }

    fn customers(&mut self) -> &mut dyn CustomerRepo {
        self.work.customers()
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepo {
        self.work.subscriptions()
    }

    fn payments(&mut self) -> &mut dyn PaymentRepo {
        self
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepo {
        self.work.invoices()
    }

    fn refunds(&mut self) -> &mut dyn RefundRepo {
        self.work.refunds()
    }

    fn disputes(&mut self) -> &mut dyn DisputeRepo {
        self.work.disputes()
    }

    fn refreshes(&mut self) -> &mut dyn RefreshQueue {
        self.work.refreshes()
    }

    fn transitions(&mut self) -> &mut dyn TransitionLog {
        self.work.transitions()
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { work, feed, written, settled, .. } = *self;
        // A commit that may have happened all the same is found by the lookout: a version that was told before it is
        // there would keep it silent when it is.
        work.commit().await?;
        for (status, by) in settled {
            measures::payment_settled(status, by);
        }
        let news = |(session_id, version)| StatusNews { session_id, version };
        feed.publish(&written.into_iter().map(news).collect::<Vec<_>>());
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.work.rollback().await
    }
}
