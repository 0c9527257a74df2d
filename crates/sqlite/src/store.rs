use std::fmt;

use async_trait::async_trait;
use settled_domain::dispute::Dispute;
use settled_domain::ids::{
    DisputeId, EventId, InvoiceId, PaymentId, PriceId, RefundId, SessionId, SubscriptionId, UserId,
};
use settled_domain::installation::Installation;
use settled_domain::invoice::Invoice;
use settled_domain::payment::Payment;
use settled_domain::ports::{HeldWebhook, Store, StoreError, UnitOfWork};
use settled_domain::purchase::PurchaseId;
use settled_domain::refund::Refund;
use settled_domain::subscription::Subscription;
use settled_domain::sweep::{ClaimedSweep, RowPatience, SweepName};
use settled_domain::waiting::AwaitedPayment;
use sqlx::SqlitePool;
use time::OffsetDateTime;

use crate::database::{self, OpenError, SchemaVersion};
use crate::error::store_error;
use crate::unit_of_work::SqliteUnitOfWork;
use crate::{disputes, installation, invoices, payments, refunds, subscriptions, sweeps};

/// A store in one SQLite file. Cloning is cheap; all clones share the file.
#[derive(Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file that `url` names (`sqlite://relative/path`, `sqlite:///absolute/path`, `sqlite:path`), creates it
    /// when it is missing, and brings its schema up to date. The folder must exist.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let path = database::path_of(url)?;
        let (writer, readers) = database::open(&path).await?;
        Ok(Self { writer, readers })
    }

    /// Looks how far the schema is of the file that `url` names, and changes nothing: a missing file stays missing.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn inspect(url: &str) -> Result<SchemaVersion, OpenError> {
        database::inspect(&database::path_of(url)?).await
    }

    /// Waits for the transactions that are open, then closes the file and folds its log into it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    pub(crate) const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    async fn begin_writing(&self) -> Result<SqliteUnitOfWork, StoreError> {
        match self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(store_error) {
            Ok(transaction) => Ok(SqliteUnitOfWork { transaction }),
            // Another process has held the write lock for all of the busy timeout.
            Err(StoreError::Conflict(source)) => Err(StoreError::Unavailable(source)),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_writing().await?))
    }

    async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError> {
        payments::find_by_session(&self.readers, Some(user_id), session_id).await
    }

    async fn list_awaited_payments(&self, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError> {
        payments::list_awaited(&self.readers, sessions).await
    }

    async fn list_user_subscriptions(
        &self,
        user_id: &UserId,
        price_id: Option<PriceId>,
        limit: u32,
    ) -> Result<Vec<Subscription>, StoreError> {
        subscriptions::list_of_user(&self.readers, user_id, price_id.as_ref(), limit).await
    }

    async fn find_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        payments::find_by_id(&self.readers, id).await
    }

    async fn find_payment_by_session(&self, id: &SessionId) -> Result<Option<Payment>, StoreError> {
        payments::find_by_session(&self.readers, None, id).await
    }

    async fn find_subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        subscriptions::find_by_id(&self.readers, id).await
    }

    async fn find_invoice(&self, id: &InvoiceId) -> Result<Option<Invoice>, StoreError> {
        invoices::find_by_id(&self.readers, id).await
    }

    async fn find_refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        refunds::find_by_id(&self.readers, id).await
    }

    async fn find_dispute(&self, id: &DisputeId) -> Result<Option<Dispute>, StoreError> {
        disputes::find_by_id(&self.readers, id).await
    }

    async fn list_invoices_of_subscription(&self, id: &SubscriptionId, limit: u32) -> Result<Vec<Invoice>, StoreError> {
        invoices::list_of_subscription(&self.readers, id, limit).await
    }

    async fn list_refunds(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Refund>, StoreError> {
        refunds::list_of_purchase(&self.readers, purchase, limit).await
    }

    async fn list_disputes(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Dispute>, StoreError> {
        disputes::list_of_purchase(&self.readers, purchase, limit).await
    }

    async fn list_payments_left_creating(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        payments::list_left_creating(&self.readers, before, limit).await
    }

    async fn list_overdue_payments(
        &self,
        patience: &RowPatience,
        now: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        sweeps::list_overdue_payments(&self.readers, patience, now, limit).await
    }

    async fn list_lapsed_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        sweeps::list_lapsed_subscriptions(&self.readers, before, limit).await
    }

    async fn list_unchecked_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        sweeps::list_unchecked_subscriptions(&self.readers, before, limit).await
    }

    async fn list_held_webhooks(&self, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError> {
        sweeps::list_held_webhooks(&self.readers, ids).await
    }

    async fn prune_webhooks(&self, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
        let mut work = self.begin_writing().await?;
        let pruned = work.prune_webhooks(before, limit).await?;
        Box::new(work).commit().await?;
        Ok(pruned)
    }

    async fn claim_sweep(
        &self,
        name: SweepName,
        now: OffsetDateTime,
        since: OffsetDateTime,
    ) -> Result<Option<ClaimedSweep>, StoreError> {
        let mut work = self.begin_writing().await?;
        let claimed = work.claim_sweep(name, now, since).await?;
        Box::new(work).commit().await?;
        Ok(claimed)
    }

    async fn save_sweep(&self, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError> {
        let mut work = self.begin_writing().await?;
        work.save_sweep(name, reached_at).await?;
        Box::new(work).commit().await
    }

    async fn find_installation(&self) -> Result<Option<Installation>, StoreError> {
        installation::find(&self.readers).await
    }

    async fn claim_installation(&self, installation: &Installation) -> Result<Installation, StoreError> {
        let mut work = self.begin_writing().await?;
        let stored = work.claim_installation(installation).await?;
        Box::new(work).commit().await?;
        Ok(stored)
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        database::check_schema(&self.readers).await
    }
}
