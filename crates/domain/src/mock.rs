//! Mocks of every port, for the tests of use cases: ours, and those of teams that embed them.
//!
//! All are made by `mockall` but [`MockUnitOfWork`], whose accessors hand out parts of itself.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

pub use crate::ports::mocks::*;
use crate::ports::{
    Claim, CustomerRepo, DisputeRepo, InvoiceRepo, PaymentRepo, RefreshQueue, RefundRepo, Reservation, StoreError,
    SubscriptionRepo, TransitionLog, UnitOfWork, WebhookLedger,
};

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By a commit.
    Committed,
    /// By a rollback, or because it was dropped.
    RolledBack,
}

/// The endings of the transactions of one test, in order.
#[derive(Debug, Clone, Default)]
pub struct Endings(Arc<Mutex<Vec<Ending>>>);

impl Endings {
    /// How the transactions ended so far.
    ///
    /// # Panics
    ///
    /// When a test has panicked while a transaction ended.
    #[must_use]
    pub fn all(&self) -> Vec<Ending> {
        self.0.lock().expect("no test panics here").clone()
    }

    fn push(&self, ending: Ending) {
        if let Ok(mut endings) = self.0.lock() {
            endings.push(ending);
        }
    }
}

/// A unit of work whose repositories are mocks, and which records how it ended, so that a test can assert atomicity.
#[derive(Default)]
pub struct MockUnitOfWork {
    /// Table `webhook_events`.
    pub webhooks: MockWebhookLedger,
    /// Table `customers`.
    pub customers: MockCustomerRepo,
    /// Table `subscriptions`.
    pub subscriptions: MockSubscriptionRepo,
    /// Table `payments`.
    pub payments: MockPaymentRepo,
    /// Table `invoices`.
    pub invoices: MockInvoiceRepo,
    /// Table `refunds`.
    pub refunds: MockRefundRepo,
    /// Table `disputes`.
    pub disputes: MockDisputeRepo,
    /// Table `refreshes`.
    pub refreshes: MockRefreshQueue,
    /// Table `transitions`.
    pub transitions: MockTransitionLog,
    /// What `commit` fails with, once.
    pub commit_error: Option<StoreError>,
    endings: Endings,
    ended: bool,
}

impl MockUnitOfWork {
    /// A transaction that records its ending there.
    #[must_use]
    pub fn recording(endings: &Endings) -> Self {
        let mut work = Self::default();
        work.endings = endings.clone();
        work
    }

    /// Answers every call that has no expectation of its own with "nothing there" or "done". Set the expectations that
    /// matter first.
    #[must_use]
    pub fn accepting_the_rest(mut self) -> Self {
        self.webhooks.expect_mark_webhooks_processed().returning(|rows| Ok(vec![Claim::Fresh; rows.len()]));
        self.webhooks.expect_record_webhook_outcomes().returning(|_| Ok(()));
        self.webhooks.expect_note_late_webhooks().returning(|_, _| Ok(Vec::new()));
        self.webhooks.expect_record_replay().returning(|_, _| Ok(()));
        self.customers.expect_find_customers().returning(|_| Ok(Vec::new()));
        self.customers.expect_mark_customers_deleted().returning(|_| Ok(()));
        self.subscriptions.expect_find_subscriptions_for_update().returning(|_| Ok(Vec::new()));
        self.subscriptions.expect_find_live_subscriptions_of_customers_for_update().returning(|_| Ok(Vec::new()));
        self.subscriptions.expect_find_live_subscription().returning(|_, _| Ok(None));
        self.subscriptions.expect_has_had_subscription().returning(|_, _| Ok(false));
        self.subscriptions.expect_create_subscription_records().returning(|_| Ok(()));
        self.subscriptions.expect_update_subscription_statuses().returning(|_| Ok(()));
        self.payments.expect_find_open_payment_for_update().returning(|_, _| Ok(None));
        self.payments.expect_find_payments_for_update().returning(|_, _| Ok(Vec::new()));
        self.payments.expect_find_payments_of_intents().returning(|_| Ok(Vec::new()));
        self.payments.expect_reserve_payment().returning(|_| Ok(Reservation::Taken));
        self.payments.expect_update_payment_statuses().returning(|_| Ok(()));
        self.invoices.expect_find_invoices_for_update().returning(|_, _| Ok(Vec::new()));
        self.invoices.expect_create_invoice_records().returning(|_| Ok(()));
        self.invoices.expect_update_invoice_statuses().returning(|_| Ok(()));
        self.refunds.expect_find_refunds_for_update().returning(|_, _| Ok(Vec::new()));
        self.refunds.expect_create_refund_records().returning(|_| Ok(()));
        self.refunds.expect_update_refund_statuses().returning(|_| Ok(()));
        self.disputes.expect_find_disputes_for_update().returning(|_| Ok(Vec::new()));
        self.disputes.expect_create_dispute_records().returning(|_| Ok(()));
        self.disputes.expect_update_dispute_statuses().returning(|_| Ok(()));
        self.refreshes.expect_request_refreshes().returning(|_| Ok(()));
        self.refreshes.expect_offer_refreshes().returning(|_| Ok(()));
        self.refreshes.expect_cancel_refreshes().returning(|_, _| Ok(()));
        self.refreshes.expect_finish_refresh().returning(|_| Ok(()));
        self.refreshes.expect_postpone_refresh().returning(|_, _| Ok(()));
        self.transitions.expect_record_transitions().returning(|_| Ok(()));
        self
    }

    fn end(&mut self, ending: Ending) {
        if !std::mem::replace(&mut self.ended, true) {
            self.endings.push(ending);
        }
    }
}

impl Drop for MockUnitOfWork {
    fn drop(&mut self) {
        self.end(Ending::RolledBack);
    }
}

#[async_trait]
impl UnitOfWork for MockUnitOfWork {
    fn webhooks(&mut self) -> &mut dyn WebhookLedger {
        &mut self.webhooks
    }

    fn customers(&mut self) -> &mut dyn CustomerRepo {
        &mut self.customers
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepo {
        &mut self.subscriptions
    }

    fn payments(&mut self) -> &mut dyn PaymentRepo {
        &mut self.payments
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepo {
        &mut self.invoices
    }

    fn refunds(&mut self) -> &mut dyn RefundRepo {
        &mut self.refunds
    }

    fn disputes(&mut self) -> &mut dyn DisputeRepo {
        &mut self.disputes
    }

    fn refreshes(&mut self) -> &mut dyn RefreshQueue {
        &mut self.refreshes
    }

    fn transitions(&mut self) -> &mut dyn TransitionLog {
        &mut self.transitions
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if let Some(error) = self.commit_error.take() {
            return Err(error);
        }
        self.end(Ending::Committed);
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        self.end(Ending::RolledBack);
        Ok(())
    }
}
