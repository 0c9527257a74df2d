mod row;

use async_trait::async_trait;
use settled_domain::dispute::{Dispute, DisputeRecord};
use settled_domain::ids::{ChargeId, DisputeId, InvoiceId, PaymentIntentId};
use settled_domain::ports::{DisputeRepo, StoreError};
use settled_domain::purchase::PurchaseId;
use sqlx::PgPool;

use self::row::DisputeRow;
use crate::columns::each;
use crate::error::{all_or_conflict, store_error};
use crate::unit_of_work::PgUnitOfWork;

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
impl DisputeRepo for PgUnitOfWork {
    async fn find_disputes_for_update(&mut self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = each(ids, |id| id.as_str().to_owned());
        let rows = select_disputes!("WHERE id = ANY($1) ORDER BY id FOR UPDATE", &ids)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Dispute::try_from).collect()
    }

    async fn create_dispute_records(&mut self, disputes: &[Dispute]) -> Result<(), StoreError> {
        if disputes.is_empty() {
            return Ok(());
        }
        let rows: Vec<&DisputeRecord> = each(disputes, Dispute::record);
        let inserted = sqlx::query!(
            r#"INSERT INTO disputes (
                   id, payment_id, invoice_id, payment_intent_id, charge_id, amount_minor, currency, status, as_of,
                   version
               )
               SELECT *
               FROM UNNEST(
                   $1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                   $9::timestamptz[], $10::bigint[]
               ) AS new (
                   id, payment_id, invoice_id, payment_intent_id, charge_id, amount_minor, currency, status, as_of,
                   version
               )
               ORDER BY id COLLATE "C"
               ON CONFLICT (id) DO NOTHING"#,
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.purchase.payment_id().map(|id| id.as_uuid())) as _,
            each(&rows, |row| row.purchase.invoice_id().map(InvoiceId::as_str)) as _,
            each(&rows, |row| row.payment_intent_id.as_ref().map(PaymentIntentId::as_str)) as _,
            each(&rows, |row| row.charge_id.as_ref().map(ChargeId::as_str)) as _,
            each(&rows, |row| row.amount_minor) as _,
            each(&rows, |row| row.currency.as_str().to_owned()) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.version) as _,
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
        let rows: Vec<&DisputeRecord> = each(disputes, Dispute::record);
        let updated = sqlx::query!(
            "UPDATE disputes
             SET
                 payment_intent_id = new.payment_intent_id,
                 charge_id = new.charge_id,
                 amount_minor = new.amount_minor,
                 currency = new.currency,
                 status = new.status,
                 as_of = new.as_of,
                 version = new.version
             FROM UNNEST(
                 $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[],
                 $8::bigint[]
             ) AS new (
                 id, payment_intent_id, charge_id, amount_minor, currency, status, as_of, version
             )
             WHERE disputes.id = new.id AND disputes.version < new.version",
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.payment_intent_id.as_ref().map(PaymentIntentId::as_str)) as _,
            each(&rows, |row| row.charge_id.as_ref().map(ChargeId::as_str)) as _,
            each(&rows, |row| row.amount_minor) as _,
            each(&rows, |row| row.currency.as_str().to_owned()) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.version) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, disputes.len(), "a dispute is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &PgPool, id: &DisputeId) -> Result<Option<Dispute>, StoreError> {
    let row = select_disputes!("WHERE id = $1", id.as_str()).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Dispute::try_from).transpose()
}

pub(crate) async fn list_of_purchase(
    pool: &PgPool,
    purchase: &PurchaseId,
    limit: u32,
) -> Result<Vec<Dispute>, StoreError> {
    let rows = select_disputes!(
        "WHERE payment_id = $1 OR invoice_id = $2 ORDER BY id LIMIT $3",
        purchase.payment_id().map(|id| id.as_uuid()),
        purchase.invoice_id().map(InvoiceId::as_str),
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(Dispute::try_from).collect()
}
