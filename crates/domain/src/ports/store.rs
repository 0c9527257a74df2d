use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{
    CustomerRepo, DisputeRepo, HeldWebhook, InvoiceRepo, PaymentRepo, RefreshQueue, RefundRepo, SubscriptionRepo,
    TransitionLog, WebhookLedger,
};
use crate::dispute::Dispute;
use crate::ids::{DisputeId, EventId, InvoiceId, PaymentId, PriceId, RefundId, SessionId, SubscriptionId, UserId};
use crate::installation::Installation;
use crate::invoice::Invoice;
use crate::payment::Payment;
use crate::purchase::PurchaseId;
use crate::refund::Refund;
use crate::subscription::Subscription;
use crate::sweep::{ClaimedSweep, RowPatience, SweepName};
use crate::waiting::AwaitedPayment;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached or has no room for us at present.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Another transaction was in the way. The whole transaction may be run again.
    #[error("another transaction was in the way")]
    Conflict(#[source] Box<dyn Error + Send + Sync>),
    /// The database has refused the data or the statement. The same again will be refused again.
    #[error("the database refused")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// A stored row cannot be what the rules wrote.
    #[error("a stored row is damaged")]
    Damaged(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// The same transaction may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Conflict(_) => true,
            Self::Refused(_) | Self::Damaged(_) => false,
        }
    }

    /// The same error as often as it is needed: for each of those whose work was done together, and failed.
    pub fn repeated(self) -> impl Fn() -> Self {
        type Source = Box<dyn Error + Send + Sync>;
        let (kind, source): (fn(Source) -> Self, Source) = match self {
            Self::Unavailable(source) => (Self::Unavailable, source),
            Self::Conflict(source) => (Self::Conflict, source),
            Self::Refused(source) => (Self::Refused, source),
            Self::Damaged(source) => (Self::Damaged, source),
        };
        let source: Arc<dyn Error + Send + Sync> = source.into();
        move || kind(Box::new(Arc::clone(&source)))
    }
}

/// The database: transactions, and the reads that need none.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a transaction that will write.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] after a bounded wait.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// The payment of this session, if this user made it. Somebody else's is `None`, like one that does not exist.
    /// One statement at most, outside any transaction; callers may share it, if it begins after each of them has asked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn get_payment_status_by_session_id(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
    ) -> Result<Option<Payment>, StoreError>;

    /// What those who wait for these sessions have to know; sessions that nobody has are left out, in any order. One
    /// statement however many there are, outside any transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_awaited_payments(&self, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError>;

    /// The user's subscriptions, those that have not ended first and then by `as_of`, newest first; `limit` of them, and
    /// of one price if one is named. One statement, outside any transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_user_subscriptions(
        &self,
        user_id: &UserId,
        price_id: Option<PriceId>,
        limit: u32,
    ) -> Result<Vec<Subscription>, StoreError>;

    /// A payment as it is now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError>;

    /// The payment of this session, whoever made it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_payment_by_session(&self, id: &SessionId) -> Result<Option<Payment>, StoreError>;

    /// A subscription as it is now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError>;

    /// An invoice as it is now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_invoice(&self, id: &InvoiceId) -> Result<Option<Invoice>, StoreError>;

    /// A refund as it is now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError>;

    /// A dispute as it is now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_dispute(&self, id: &DisputeId) -> Result<Option<Dispute>, StoreError>;

    /// The invoices of a subscription, newest first, `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_invoices_of_subscription(&self, id: &SubscriptionId, limit: u32) -> Result<Vec<Invoice>, StoreError>;

    /// The refunds of a payment or an invoice in the order of their ids, `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_refunds(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Refund>, StoreError>;

    /// The disputes of a payment or an invoice in the order of their ids, `limit` of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_disputes(&self, purchase: &PurchaseId, limit: u32) -> Result<Vec<Dispute>, StoreError>;

    /// The oldest payments in `creating` that were created before `before`: their call to Stripe was left undone. Those
    /// that have an entry in the refresh queue are left out: they are being taken care of.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_payments_left_creating(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError>;

    /// Payments in `pending` or `processing` that [`RowPatience::is_payment_overdue`] says are overdue, `limit` of them:
    /// those of which nothing was heard for longest. Those that have an entry in the refresh queue are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_overdue_payments(
        &self,
        patience: &RowPatience,
        now: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<PaymentId>, StoreError>;

    /// Subscriptions that have not ended and one of whose dates (the end of the period, of the trial, the date of the
    /// cancellation) lies between the time of which we [know](crate::subscription::SubscriptionRecord::known_at) and
    /// `before`, which it may not lie after; `limit` of them, those not asked about for longest. Those that have an entry
    /// in the refresh queue are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_lapsed_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError>;

    /// Subscriptions that have not ended and about which Stripe was not asked since `before`, `limit` of them: those not
    /// asked about for longest. Those that have an entry in the refresh queue are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_unchecked_subscriptions(
        &self,
        before: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<SubscriptionId>, StoreError>;

    /// Those of these events that are in the ledger, in any order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn list_held_webhooks(&self, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError>;

    /// Forgets events that reached us before `before`, `limit` of them, but for those that are parked; how many there were.
    /// An event that is forgotten would have its effect again if it came again.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn prune_webhooks(&self, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError>;

    /// Takes on a part of the sweep at `now`, unless somebody has since `since`; `None` if so. Of several replicas at once,
    /// one gets it. A time in the future, which only a wrong clock can have written, counts for nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn claim_sweep(
        &self,
        name: SweepName,
        now: OffsetDateTime,
        since: OffsetDateTime,
    ) -> Result<Option<ClaimedSweep>, StoreError>;

    /// Writes down how far a part of the sweep has come; it never goes back.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn save_sweep(&self, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError>;

    /// To which Stripe this database belongs; `None` before the first start.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn find_installation(&self) -> Result<Option<Installation>, StoreError>;

    /// Writes down to which Stripe this database belongs, unless that is written already, and returns what is written.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    async fn claim_installation(&self, installation: &Installation) -> Result<Installation, StoreError>;

    /// Succeeds when the database answers and its schema is the one this program was built for.
    ///
    /// # Errors
    ///
    /// [`StoreError`] otherwise.
    async fn check_ready(&self) -> Result<(), StoreError>;
}

/// One transaction. Dropped without [`commit`](Self::commit), it is rolled back.
///
/// Rows are locked in one order everywhere: `webhook_events`, `customers`, `subscriptions`, `payments`, `invoices`,
/// `refunds`, `disputes`, `refreshes`, and within a table by primary key. Every method that takes a slice costs as many
/// statements for a long one as for a short one, one or two, and does nothing when it is empty.
#[async_trait]
pub trait UnitOfWork: Send {
    /// Table `webhook_events`.
    fn webhooks(&mut self) -> &mut dyn WebhookLedger;
    /// Table `customers`.
    fn customers(&mut self) -> &mut dyn CustomerRepo;
    /// Table `subscriptions`.
    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepo;
    /// Table `payments`.
    fn payments(&mut self) -> &mut dyn PaymentRepo;
    /// Table `invoices`.
    fn invoices(&mut self) -> &mut dyn InvoiceRepo;
    /// Table `refunds`.
    fn refunds(&mut self) -> &mut dyn RefundRepo;
    /// Table `disputes`.
    fn disputes(&mut self) -> &mut dyn DisputeRepo;
    /// Table `refreshes`.
    fn refreshes(&mut self) -> &mut dyn RefreshQueue;
    /// Table `transitions`.
    fn transitions(&mut self) -> &mut dyn TransitionLog;

    /// Makes everything durable: when this returns `Ok`, a power cut loses nothing of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]. The outcome may then be unknown; running the whole transaction again must be harmless.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Undoes everything.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer; it is undone all the same.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_error_is_of_the_same_kind_and_has_the_same_source() {
        let kinds: [fn(Box<dyn Error + Send + Sync>) -> StoreError; 4] =
            [StoreError::Unavailable, StoreError::Conflict, StoreError::Refused, StoreError::Damaged];
        for kind in kinds {
            let expected = kind("because".into());
            let again = kind("because".into()).repeated();
            for error in [again(), again()] {
                assert_eq!(error.to_string(), expected.to_string());
                assert_eq!(error.source().unwrap().to_string(), "because");
            }
        }
    }
}
