mod awaited_row;
mod row;

use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{PaymentId, PaymentIntentId, SessionId, SubscriptionId, UserId};
use settled_domain::payment::Payment;
use settled_domain::ports::{PaymentRepo, PendingPayment, Reservation, SavedPayment, StoreError};
use settled_domain::waiting::AwaitedPayment;
use sqlx::SqlitePool;
use time::OffsetDateTime;

use self::awaited_row::AwaitedRow;
use self::row::PaymentRow;
use crate::error::{all_or_conflict, damaged, json, store_error};
use crate::time_column::to_micros;
use crate::unit_of_work::SqliteUnitOfWork;

macro_rules! select_payments {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            PaymentRow,
            "SELECT
                 id, user_id, slot, price_id, quantity, mode, params, idempotency_key, session_id, checkout_url,
                 expires_at, status, quoted_minor, currency, total_minor, customer_id, payment_intent_id,
                 subscription_id, invoice_id, settled_at, settled_by, as_of, created_at, version
             FROM payments
             " + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl PaymentRepo for SqliteUnitOfWork {
    async fn reserve_payment(&mut self, payment: &Payment) -> Result<Reservation, StoreError> {
        let rows = json(&[PaymentRow::try_from(payment)?])?;
        let inserted = sqlx::query!(
            "INSERT INTO payments (
                 id, user_id, slot, price_id, quantity, mode, params, idempotency_key, session_id, checkout_url,
                 expires_at, status, quoted_minor, currency, total_minor, customer_id, payment_intent_id,
                 subscription_id, invoice_id, settled_at, settled_by, as_of, created_at, version
             )
             SELECT
                 value ->> 'id',
                 value ->> 'user_id',
                 value ->> 'slot',
                 value ->> 'price_id',
                 value ->> 'quantity',
                 value ->> 'mode',
                 value ->> 'params',
                 value ->> 'idempotency_key',
                 value ->> 'session_id',
                 value ->> 'checkout_url',
                 value ->> 'expires_at',
                 value ->> 'status',
                 value ->> 'quoted_minor',
                 value ->> 'currency',
                 value ->> 'total_minor',
                 value ->> 'customer_id',
                 value ->> 'payment_intent_id',
                 value ->> 'subscription_id',
                 value ->> 'invoice_id',
                 value ->> 'settled_at',
                 value ->> 'settled_by',
                 value ->> 'as_of',
                 value ->> 'created_at',
                 value ->> 'version'
             FROM json_each(?)
             WHERE true
             ON CONFLICT (user_id, slot) WHERE status IN ('creating', 'pending', 'processing') DO NOTHING",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        Ok(if inserted == 1 { Reservation::Taken } else { Reservation::Occupied })
    }

    async fn save_pending_payment(&mut self, pending: &PendingPayment) -> Result<Option<SavedPayment>, StoreError> {
        let Some(mut payment) = self.find_payments_for_update(&[], &[pending.payment_id]).await?.pop() else {
            return Ok(None);
        };
        let was = payment.status();
        if payment.open(&pending.opened, pending.at).is_some() {
            self.update_payment_statuses(std::slice::from_ref(&payment)).await?;
        }
        Ok(Some(SavedPayment { payment, was }))
    }

    async fn find_open_payment_for_update(
        &mut self,
        user_id: &UserId,
        slot: &Slot,
    ) -> Result<Option<Payment>, StoreError> {
        let (user_id, slot) = (user_id.as_str(), slot.as_str());
        let row = select_payments!(
            "WHERE user_id = ? AND slot = ? AND status IN ('creating', 'pending', 'processing')",
            user_id,
            slot,
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        row.map(Payment::try_from).transpose()
    }

    async fn find_payments_for_update(
        &mut self,
        sessions: &[SessionId],
        ids: &[PaymentId],
    ) -> Result<Vec<Payment>, StoreError> {
        if sessions.is_empty() && ids.is_empty() {
            return Ok(Vec::new());
        }
        let (sessions, ids) = (json(sessions)?, json(ids)?);
        let rows = select_payments!(
            "WHERE session_id IN (SELECT value FROM json_each(?)) OR id IN (SELECT value FROM json_each(?))
             ORDER BY id",
            sessions,
            ids,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    async fn find_payments_of_intents(&mut self, intents: &[PaymentIntentId]) -> Result<Vec<Payment>, StoreError> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        let intents = json(intents)?;
        let rows = select_payments!("WHERE payment_intent_id IN (SELECT value FROM json_each(?)) ORDER BY id", intents)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    async fn update_payment_statuses(&mut self, payments: &[Payment]) -> Result<(), StoreError> {
        if payments.is_empty() {
            return Ok(());
        }
        let rows = payments.iter().map(PaymentRow::try_from).collect::<Result<Vec<_>, _>>()?;
        let rows = json(&rows)?;
        let updated = sqlx::query!(
            "UPDATE payments
             SET
                 idempotency_key = new.value ->> 'idempotency_key',
                 session_id = new.value ->> 'session_id',
                 checkout_url = new.value ->> 'checkout_url',
                 expires_at = new.value ->> 'expires_at',
                 status = new.value ->> 'status',
                 total_minor = new.value ->> 'total_minor',
                 payment_intent_id = new.value ->> 'payment_intent_id',
                 subscription_id = new.value ->> 'subscription_id',
                 invoice_id = new.value ->> 'invoice_id',
                 settled_at = new.value ->> 'settled_at',
                 settled_by = new.value ->> 'settled_by',
                 as_of = new.value ->> 'as_of',
                 version = new.value ->> 'version'
             FROM json_each(?) AS new
             WHERE payments.id = new.value ->> 'id' AND payments.version < new.value ->> 'version'",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, payments.len(), "a payment is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &SqlitePool, id: PaymentId) -> Result<Option<Payment>, StoreError> {
    let id = id.to_string();
    let row = select_payments!("WHERE id = ?", id).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Payment::try_from).transpose()
}

pub(crate) async fn find_by_session(
    pool: &SqlitePool,
    user_id: Option<&UserId>,
    session_id: &SessionId,
) -> Result<Option<Payment>, StoreError> {
    let (user_id, session_id) = (user_id.map(UserId::as_str), session_id.as_str());
    let row = select_payments!("WHERE session_id = ?1 AND (?2 IS NULL OR user_id = ?2)", session_id, user_id)
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    row.map(Payment::try_from).transpose()
}

pub(crate) async fn find_of_subscription(
    pool: &SqlitePool,
    id: &SubscriptionId,
) -> Result<Option<Payment>, StoreError> {
    let id = id.as_str();
    let row = select_payments!("WHERE subscription_id = ? ORDER BY created_at LIMIT 1", id)
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    row.map(Payment::try_from).transpose()
}

pub(crate) async fn list_of_user(pool: &SqlitePool, user_id: &UserId, limit: u32) -> Result<Vec<Payment>, StoreError> {
    let user_id = user_id.as_str();
    let rows = select_payments!("WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", user_id, limit)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(Payment::try_from).collect()
}

pub(crate) async fn list_awaited(pool: &SqlitePool, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError> {
    let sessions = json(&sessions)?;
    let rows = sqlx::query_as!(
        AwaitedRow,
        r#"SELECT id, session_id AS "session_id!", status, as_of, created_at, version
           FROM payments
           WHERE session_id IN (SELECT value FROM json_each(?))"#,
        sessions,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(AwaitedPayment::try_from).collect()
}

pub(crate) async fn list_left_creating(
    pool: &SqlitePool,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<PaymentId>, StoreError> {
    let before = to_micros(before);
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM payments
         WHERE status = 'creating'
             AND created_at < ?
             AND NOT EXISTS (SELECT 1 FROM refreshes WHERE object_id = payments.id)
         ORDER BY created_at, id
         LIMIT ?",
        before,
        limit,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    ids.iter().map(|id| id.parse().map_err(damaged)).collect()
}
