mod row;

use async_trait::async_trait;
use settled_domain::dispute::Dispute;
use settled_domain::ids::{DisputeId, InvoiceId};
use settled_domain::ports::{DisputeRepo, StoreError};
use settled_domain::purchase::PurchaseId;
use sqlx::SqlitePool;

use self::row::DisputeRow;
use crate::error::{all_or_conflict, json, store_error};
use crate::unit_of_work::SqliteUnitOfWork;

macro_rules! select_disputes {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            DisputeRow,
            "SELECT
                 id, payment_id, invoice_id, payment_intent_id, charge_id, amount_minor, currency, status, as_of,
                 version
             FROM disputes
             " + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl DisputeRepo for SqliteUnitOfWork {
    async fn find_disputes_for_update(&mut self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = json(ids)?;
        let rows = select_disputes!("WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", ids)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Dispute::try_from).collect()
    }

    async fn create_dispute_records(&mut self, disputes: &[Dispute]) -> Result<(), StoreError> {
        if disputes.is_empty() {
            return Ok(());
        }
        let rows: Vec<DisputeRow> = disputes.iter().map(DisputeRow::from).collect();
        let rows = json(&rows)?;
        let inserted = sqlx::query!(
            "INSERT INTO disputes (
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
        all_or_conflict(inserted, disputes.len(), "the dispute exists already")
    }

    async fn update_dispute_statuses(&mut self, disputes: &[Dispute]) -> Result<(), StoreError> {
        if disputes.is_empty() {
            return Ok(());
        }
        let rows: Vec<DisputeRow> = disputes.iter().map(DisputeRow::from).collect();
        let rows = json(&rows)?;
        let updated = sqlx::query!(
            "UPDATE disputes
             SET
                 payment_intent_id = new.value ->> 'payment_intent_id',
                 charge_id = new.value ->> 'charge_id',
                 amount_minor = new.value ->> 'amount_minor',
                 currency = new.value ->> 'currency',
                 status = new.value ->> 'status',
                 as_of = new.value ->> 'as_of',
                 version = new.value ->> 'version'
             FROM json_each(?) AS new
             WHERE disputes.id = new.value ->> 'id' AND disputes.version < new.value ->> 'version'",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, disputes.len(), "a dispute is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &SqlitePool, id: &DisputeId) -> Result<Option<Dispute>, StoreError> {
    let id = id.as_str();
    let row = select_disputes!("WHERE id = ?", id).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Dispute::try_from).transpose()
}

pub(crate) async fn list_of_purchase(
    pool: &SqlitePool,
    purchase: &PurchaseId,
    limit: u32,
) -> Result<Vec<Dispute>, StoreError> {
    let payment_id = purchase.payment_id().map(|id| id.to_string());
    let invoice_id = purchase.invoice_id().map(InvoiceId::as_str);
    let rows =
        select_disputes!("WHERE payment_id = ? OR invoice_id = ? ORDER BY id LIMIT ?", payment_id, invoice_id, limit)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    rows.into_iter().map(Dispute::try_from).collect()
}
