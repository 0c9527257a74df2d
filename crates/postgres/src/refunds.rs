mod row;

use async_trait::async_trait;
use settled_domain::ids::{ChargeId, InvoiceId, PaymentIntentId, RefundId};
use settled_domain::ports::{RefundRepo, StoreError};
use settled_domain::purchase::PurchaseId;
use settled_domain::refund::{Refund, RefundRecord};
use sqlx::PgPool;

use self::row::RefundRow;
use crate::columns::each;
use crate::error::{all_or_conflict, store_error};
use crate::unit_of_work::PgUnitOfWork;

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
impl RefundRepo for PgUnitOfWork {
    async fn find_refunds_for_update(
        &mut self,
        ids: &[RefundId],
        charges: &[ChargeId],
    ) -> Result<Vec<Refund>, StoreError> {
        if ids.is_empty() && charges.is_empty() {
            return Ok(Vec::new());
        }
        let ids = each(ids, |id| id.as_str().to_owned());
        let charges = each(charges, |id| id.as_str().to_owned());
        let rows = select_refunds!("WHERE id = ANY($1) OR charge_id = ANY($2) ORDER BY id FOR UPDATE", &ids, &charges)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Refund::try_from).collect()
    }

    async fn create_refund_records(&mut self, refunds: &[Refund]) -> Result<(), StoreError> {
        if refunds.is_empty() {
            return Ok(());
        }
        let rows: Vec<&RefundRecord> = each(refunds, Refund::record);
        let inserted = sqlx::query!(
            r#"INSERT INTO refunds (
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
        all_or_conflict(inserted, refunds.len(), "the refund exists already")
    }

    async fn update_refund_statuses(&mut self, refunds: &[Refund]) -> Result<(), StoreError> {
        if refunds.is_empty() {
            return Ok(());
        }
        let rows: Vec<&RefundRecord> = each(refunds, Refund::record);
        let updated = sqlx::query!(
            "UPDATE refunds
             SET
                 payment_intent_id = new.payment_intent_id,
                 charge_id = new.charge_id,
                 status = new.status,
                 as_of = new.as_of,
                 version = new.version
             FROM UNNEST(
                 $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[]
             ) AS new (
                 id, payment_intent_id, charge_id, status, as_of, version
             )
             WHERE refunds.id = new.id AND refunds.version < new.version",
            each(&rows, |row| row.id.as_str()) as _,
            each(&rows, |row| row.payment_intent_id.as_ref().map(PaymentIntentId::as_str)) as _,
            each(&rows, |row| row.charge_id.as_ref().map(ChargeId::as_str)) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.version) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, refunds.len(), "a refund is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &PgPool, id: &RefundId) -> Result<Option<Refund>, StoreError> {
    let row = select_refunds!("WHERE id = $1", id.as_str()).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Refund::try_from).transpose()
}

pub(crate) async fn list_of_purchase(
    pool: &PgPool,
    purchase: &PurchaseId,
    limit: u32,
) -> Result<Vec<Refund>, StoreError> {
    let rows = select_refunds!(
        "WHERE payment_id = $1 OR invoice_id = $2 ORDER BY id LIMIT $3",
        purchase.payment_id().map(|id| id.as_uuid()),
        purchase.invoice_id().map(InvoiceId::as_str),
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(Refund::try_from).collect()
}
