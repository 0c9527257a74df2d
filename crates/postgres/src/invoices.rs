mod row;

use async_trait::async_trait;
use settled_domain::ids::{InvoiceId, PaymentIntentId, SubscriptionId};
use settled_domain::invoice::{Invoice, InvoiceRecord};
use settled_domain::ports::{InvoiceRepo, StoreError};
use sqlx::PgPool;

use self::row::InvoiceRow;
use crate::columns::each;
use crate::error::{all_or_conflict, store_error};
use crate::unit_of_work::PgUnitOfWork;

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
impl InvoiceRepo for PgUnitOfWork {
    async fn find_invoices_for_update(
        &mut self,
        ids: &[InvoiceId],
        intents: &[PaymentIntentId],
    ) -> Result<Vec<Invoice>, StoreError> {
        if ids.is_empty() && intents.is_empty() {
            return Ok(Vec::new());
        }
        let ids = each(ids, |id| id.as_str().to_owned());
        let intents = each(intents, |id| id.as_str().to_owned());
        let rows = select_invoices!(
            "WHERE id = ANY($1) OR payment_intent_id = ANY($2) ORDER BY id FOR UPDATE",
            &ids,
            &intents
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
        let rows: Vec<&InvoiceRecord> = each(invoices, Invoice::record);
        let inserted = sqlx::query!(
            r#"INSERT INTO invoices (
                   id, customer_id, user_id, subscription_id, status, amount_due_minor, amount_paid_minor, currency,
                   payment_intent_id, paid_at, created_at, as_of, version
               )
               SELECT *
               FROM UNNEST(
                   $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
                   $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::bigint[]
               ) AS new (
                   id, customer_id, user_id, subscription_id, status, amount_due_minor, amount_paid_minor, currency,
                   payment_intent_id, paid_at, created_at, as_of, version
               )
               ORDER BY id COLLATE "C"
               ON CONFLICT (id) DO NOTHING"#,
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.customer_id.as_str()) as _,
            each(&rows, |row| row.user_id.as_str()) as _,
            each(&rows, |row| row.subscription_id.as_ref().map(SubscriptionId::as_str)) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.amount_due_minor) as _,
            each(&rows, |row| row.amount_paid_minor) as _,
            each(&rows, |row| row.currency.as_str().to_owned()) as _,
            each(&rows, |row| row.payment_intent_id.as_ref().map(PaymentIntentId::as_str)) as _,
            each(&rows, |row| row.paid_at) as _,
            each(&rows, |row| row.created_at) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.version) as _,
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
        let rows: Vec<&InvoiceRecord> = each(invoices, Invoice::record);
        let updated = sqlx::query!(
            "UPDATE invoices
             SET
                 subscription_id = new.subscription_id,
                 status = new.status,
                 amount_due_minor = new.amount_due_minor,
                 amount_paid_minor = new.amount_paid_minor,
                 payment_intent_id = new.payment_intent_id,
                 paid_at = new.paid_at,
                 as_of = new.as_of,
                 version = new.version
             FROM UNNEST(
                 $1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[],
                 $8::timestamptz[], $9::bigint[]
             ) AS new (
                 id, subscription_id, status, amount_due_minor, amount_paid_minor, payment_intent_id, paid_at, as_of,
                 version
             )
             WHERE invoices.id = new.id AND invoices.version < new.version",
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.subscription_id.as_ref().map(SubscriptionId::as_str)) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.amount_due_minor) as _,
            each(&rows, |row| row.amount_paid_minor) as _,
            each(&rows, |row| row.payment_intent_id.as_ref().map(PaymentIntentId::as_str)) as _,
            each(&rows, |row| row.paid_at) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.version) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, invoices.len(), "an invoice is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &PgPool, id: &InvoiceId) -> Result<Option<Invoice>, StoreError> {
    let row = select_invoices!("WHERE id = $1", id.as_str()).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Invoice::try_from).transpose()
}

pub(crate) async fn list_of_subscription(
    pool: &PgPool,
    id: &SubscriptionId,
    limit: u32,
) -> Result<Vec<Invoice>, StoreError> {
    let rows = select_invoices!(
        "WHERE subscription_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
        id.as_str(),
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(Invoice::try_from).collect()
}
