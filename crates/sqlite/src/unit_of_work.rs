use async_trait::async_trait;
use settled_domain::ports::{
    CustomerRepo, DisputeRepo, InvoiceRepo, PaymentRepo, RefreshQueue, RefundRepo, StoreError, SubscriptionRepo,
    TransitionLog, UnitOfWork, WebhookLedger,
};
use sqlx::{Sqlite, Transaction};

use crate::error::store_error;

/// One transaction, which holds the file's only write lock from its beginning: every read in it is a locked one.
pub(crate) struct SqliteUnitOfWork {
    pub(crate) transaction: Transaction<'static, Sqlite>,
}

#[async_trait]
impl UnitOfWork for SqliteUnitOfWork {
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
        self.transaction.commit().await.map_err(store_error)
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.rollback().await.map_err(store_error)
    }
}
