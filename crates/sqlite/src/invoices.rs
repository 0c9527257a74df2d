mod row;

use async_trait::async_trait;
use settled_domain::ids::{InvoiceId, PaymentIntentId, SubscriptionId};
use settled_domain::invoice::Invoice;
use settled_domain::ports::{InvoiceRepo, StoreError};
use sqlx::SqlitePool;

use self::row::InvoiceRow;
use crate::error::{all_or_conflict, json, store_error};
use crate::unit_of_work::SqliteUnitOfWork;

macro_rules! select_invoices {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            InvoiceRow,
            "SELECT
                 id, customer_id, user_id, subscription_id, status, amount_due_minor, amount_paid_minor, currency,
                 payment_intent_id, paid_at, created_at, as_of, version
             FROM invoices
             " + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl InvoiceRepo for SqliteUnitOfWork {
    async fn find_invoices_for_update(
        &mut self,
        ids: &[InvoiceId],
        intents: &[PaymentIntentId],
    ) -> Result<Vec<Invoice>, StoreError> {
        if ids.is_empty() && intents.is_empty() {
            return Ok(Vec::new());
        }
        let (ids, intents) = (json(ids)?, json(intents)?);
        let rows = select_invoices!(
            "WHERE id IN (SELECT value FROM json_each(?)) OR payment_intent_id IN (SELECT value FROM json_each(?))
             ORDER BY id",
            ids,
            intents,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(Invoice::try_from).collect()
    }

    async fn create_invoice_records(&mut self, invoices: &[Invoice]) -> Result<(), StoreError> {
        if invoices.is_empty() {
            return Ok(());
        }
        let rows: Vec<InvoiceRow> = invoices.iter().map(InvoiceRow::from).collect();
        let rows = json(&rows)?;
        let inserted = sqlx::query!(
            "INSERT INTO invoices (
                 id, customer_id, user_id, subscription_id, status, amount_due_minor, amount_paid_minor, currency,
                 payment_intent_id, paid_at, created_at, as_of, version
             )
             SELECT
                 value ->> 'id',
                 value ->> 'customer_id',
                 value ->> 'user_id',
                 value ->> 'subscription_id',
                 value ->> 'status',
                 value ->> 'amount_due_minor',
                 value ->> 'amount_paid_minor',
                 value ->> 'currency',
                 value ->> 'payment_intent_id',
                 value ->> 'paid_at',
                 value ->> 'created_at',
                 value ->> 'as_of',
                 value ->> 'version'
             FROM json_each(?)
             WHERE true
             ON CONFLICT (id) DO NOTHING",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(inserted, invoices.len(), "the invoice exists already")
    }

    async fn update_invoice_statuses(&mut self, invoices: &[Invoice]) -> Result<(), StoreError> {
        if invoices.is_empty() {
            return Ok(());
        }
        let rows: Vec<InvoiceRow> = invoices.iter().map(InvoiceRow::from).collect();
        let rows = json(&rows)?;
        let updated = sqlx::query!(
            "UPDATE invoices
             SET
                 subscription_id = new.value ->> 'subscription_id',
                 status = new.value ->> 'status',
                 amount_due_minor = new.value ->> 'amount_due_minor',
                 amount_paid_minor = new.value ->> 'amount_paid_minor',
                 payment_intent_id = new.value ->> 'payment_intent_id',
                 paid_at = new.value ->> 'paid_at',
                 as_of = new.value ->> 'as_of',
                 version = new.value ->> 'version'
             FROM json_each(?) AS new
             WHERE invoices.id = new.value ->> 'id' AND invoices.version < new.value ->> 'version'",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, invoices.len(), "an invoice is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &SqlitePool, id: &InvoiceId) -> Result<Option<Invoice>, StoreError> {
    let id = id.as_str();
    let row = select_invoices!("WHERE id = ?", id).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Invoice::try_from).transpose()
}

pub(crate) async fn list_of_subscription(
    pool: &SqlitePool,
    id: &SubscriptionId,
    limit: u32,
) -> Result<Vec<Invoice>, StoreError> {
    let id = id.as_str();
    let rows = select_invoices!("WHERE subscription_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", id, limit)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(Invoice::try_from).collect()
}
