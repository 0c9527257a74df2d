mod row;

use async_trait::async_trait;
use settled_domain::ids::{ChargeId, InvoiceId, RefundId};
use settled_domain::ports::{RefundRepo, StoreError};
use settled_domain::purchase::PurchaseId;
use settled_domain::refund::Refund;
use sqlx::SqlitePool;

use self::row::RefundRow;
use crate::error::{all_or_conflict, json, store_error};
use crate::unit_of_work::SqliteUnitOfWork;

macro_rules! select_refunds {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            RefundRow,
            "SELECT
                 id, payment_id, invoice_id, payment_intent_id, charge_id, amount_minor, currency, status, as_of,
                 version
             FROM refunds
             " + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl RefundRepo for SqliteUnitOfWork {
    async fn find_refunds_for_update(
        &mut self,
        ids: &[RefundId],
        charges: &[ChargeId],
    ) -> Result<Vec<Refund>, StoreError> {
        if ids.is_empty() && charges.is_empty() {
            return Ok(Vec::new());
        }
        let (ids, charges) = (json(ids)?, json(charges)?);
        let rows = select_refunds!(
            "WHERE id IN (SELECT value FROM json_each(?)) OR charge_id IN (SELECT value FROM json_each(?))
             ORDER BY id",
            ids,
            charges,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(Refund::try_from).collect()
    }

    async fn create_refund_records(&mut self, refunds: &[Refund]) -> Result<(), StoreError> {
        if refunds.is_empty() {
            return Ok(());
        }
        let rows: Vec<RefundRow> = refunds.iter().map(RefundRow::from).collect();
        let rows = json(&rows)?;
        let inserted = sqlx::query!(
            "INSERT INTO refunds (
                 id, payment_id, invoice_id, payment_intent_id, charge_id, amount_minor, currency, status, as_of,
                 version
             )
             SELECT
                 value ->> 'id',
                 value ->> 'payment_id',
                 value ->> 'invoice_id',
                 value ->> 'payment_intent_id',
                 value ->> 'charge_id',
                 value ->> 'amount_minor',
                 value ->> 'currency',
                 value ->> 'status',
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
        all_or_conflict(inserted, refunds.len(), "the refund exists already")
    }

    async fn update_refund_statuses(&mut self, refunds: &[Refund]) -> Result<(), StoreError> {
        if refunds.is_empty() {
            return Ok(());
        }
        let rows: Vec<RefundRow> = refunds.iter().map(RefundRow::from).collect();
        let rows = json(&rows)?;
        let updated = sqlx::query!(
            "UPDATE refunds
             SET
                 payment_intent_id = new.value ->> 'payment_intent_id',
                 charge_id = new.value ->> 'charge_id',
                 status = new.value ->> 'status',
                 as_of = new.value ->> 'as_of',
                 version = new.value ->> 'version'
             FROM json_each(?) AS new
             WHERE refunds.id = new.value ->> 'id' AND refunds.version < new.value ->> 'version'",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, refunds.len(), "a refund is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &SqlitePool, id: &RefundId) -> Result<Option<Refund>, StoreError> {
    let id = id.as_str();
    let row = select_refunds!("WHERE id = ?", id).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Refund::try_from).transpose()
}

pub(crate) async fn list_of_purchase(
    pool: &SqlitePool,
    purchase: &PurchaseId,
    limit: u32,
) -> Result<Vec<Refund>, StoreError> {
    let payment_id = purchase.payment_id().map(|id| id.to_string());
    let invoice_id = purchase.invoice_id().map(InvoiceId::as_str);
    let rows =
        select_refunds!("WHERE payment_id = ? OR invoice_id = ? ORDER BY id LIMIT ?", payment_id, invoice_id, limit)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    rows.into_iter().map(Refund::try_from).collect()
}
