use std::fmt;
use std::sync::Arc;

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
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::database::{self, OpenError, SchemaVersion, on_a_live_connection};
use crate::error::store_error;
use crate::settings::PgSettings;
use crate::status_reads::StatusReads;
use crate::status_relay::PgStatusRelay;
use crate::unit_of_work::PgUnitOfWork;
use crate::{disputes, installation, invoices, payments, refunds, subscriptions, sweeps};

/// A store in one PostgreSQL database. Cloning is cheap; all clones share the connections.
#[derive(Clone)]
pub struct PgStore {
    pool: PgPool,
    status_reads: Arc<StatusReads>,
}

impl PgStore {
    /// Opens the database that `url` names (`postgres://user:password@host:port/database?sslmode=verify-full`) with the
    /// default [`PgSettings`], and brings its schema up to date. The database must exist.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, &PgSettings::default()).await
    }

    /// [`open`](Self::open) with settings of your own.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn open_with(url: &str, settings: &PgSettings) -> Result<Self, OpenError> {
        let pool = database::open(url, settings).await?;
        Ok(Self { status_reads: Arc::new(StatusReads::new(pool.clone())), pool })
    }

    /// Looks how far the schema is of the database that `url` names, and changes nothing.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn inspect(url: &str, settings: &PgSettings) -> Result<SchemaVersion, OpenError> {
        database::inspect(url, settings).await
    }

    /// News between the replicas that share this database, on connections of their own.
    #[must_use]
    pub fn status_relay(&self, settings: &PgSettings) -> PgStatusRelay {
        PgStatusRelay::new(&self.pool.connect_options(), settings)
    }

    /// Waits for the transactions that are open, then closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    async fn begin_writing(&self) -> Result<PgUnitOfWork, StoreError> {
        let begin = || async { self.pool.begin().await.map_err(store_error) };
        Ok(PgUnitOfWork { transaction: on_a_live_connection(&self.pool, begin).await? })
    }
}

impl fmt::Debug for PgStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PgStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_writing().await?))
    }

    async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError> {
        self.status_reads.read(user_id, session_id).await
    }

    async fn list_awaited_payments(&self, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError> {
        on_a_live_connection(&self.pool, || payments::list_awaited(&self.pool, sessions)).await
    }

    async fn list_user_subscriptions(
        &self,
        user_id: &UserId,
        price_id: Option<PriceId>,
        limit: u32,
    ) -> Result<Vec<Subscription>, StoreError> {
        let price_id = price_id.as_ref();
        on_a_live_connection(&self.pool, || subscriptions::list_of_user(&self.pool, user_id, price_id, limit)).await
    }

    async fn find_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        on_a_live_connection(&self.pool, || payments::find_by_id(&self.pool, id)).await
    }

    async fn find_payment_by_session(&self, id: &SessionId) -> Result<Option<Payment>, StoreError> {
        payments::find_by_session(&self.pool, id).await
    }

    async fn find_subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        on_a_live_connection(&self.pool, || subscriptions::find_by_id(&self.pool, id)).await
    }

    async fn find_invoice(&self, id: &InvoiceId) -> Result<Option<Invoice>, StoreError> {
        invoices::find_by_id(&self.pool, id).await
    }

    async fn find_refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError> {
        refunds::find_by_id(&self.pool, id).await
    }

    async fn find_dispute(&self, id: &DisputeId) -> Result<Option<Dispute>, StoreError> {
        disputes::find_by_id(&self.pool, id).await
    }

    async fn list_invoices_of_subscription(&self, id: &SubscriptionId, limit: u32) -> Result<Vec<Invoice>, StoreError> {
        invoices::list_of_subscription(&self.pool, id, limit).await
    }

    async fn list_refunds(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Refund>, StoreError> {
        refunds::list_of_purchase(&self.pool, purchase, limit).await
    }

    async fn list_disputes(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Dispute>, StoreError> {
        disputes::list_of_purchase(&self.pool, purchase, limit).await
    }

    async fn list_payments_left_creating(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        on_a_live_connection(&self.pool, || payments::list_left_creating(&self.pool, before, limit)).await
    }

    async fn list_overdue_payments(
        &self,
        patience: &RowPatience,
        now: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError> {
        on_a_live_connection(&self.pool, || sweeps::list_overdue_payments(&self.pool, patience, now, limit)).await
    }

    async fn list_lapsed_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        on_a_live_connection(&self.pool, || sweeps::list_lapsed_subscriptions(&self.pool, before, limit)).await
    }

    async fn list_unchecked_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        on_a_live_connection(&self.pool, || sweeps::list_unchecked_subscriptions(&self.pool, before, limit)).await
    }

    async fn list_held_webhooks(&self, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError> {
        on_a_live_connection(&self.pool, || sweeps::list_held_webhooks(&self.pool, ids)).await
    }

    async fn prune_webhooks(&self, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
        on_a_live_connection(&self.pool, || sweeps::prune_webhooks(&self.pool, before, limit)).await
    }

    async fn claim_sweep(
        &self,
        name: SweepName,
        now: OffsetDateTime,
        since: OffsetDateTime,
    ) -> Result<Option<ClaimedSweep>, StoreError> {
        sweeps::claim(&self.pool, name, now, since).await
    }

    async fn save_sweep(&self, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError> {
        on_a_live_connection(&self.pool, || sweeps::save(&self.pool, name, reached_at)).await
    }

    async fn find_installation(&self) -> Result<Option<Installation>, StoreError> {
        on_a_live_connection(&self.pool, || installation::find(&self.pool)).await
    }

    async fn claim_installation(&self, installation: &Installation) -> Result<Installation, StoreError> {
        let mut work = self.begin_writing().await?;
        let stored = work.claim_installation(installation).await?;
        Box::new(work).commit().await?;
        Ok(stored)
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        on_a_live_connection(&self.pool, || database::check_schema(&self.pool)).await
    }
}
