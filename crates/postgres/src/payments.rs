mod awaited_row;
mod row;

use async_trait::async_trait;
use settled_domain::catalogue::Slot;
use settled_domain::ids::{InvoiceId, PaymentId, PaymentIntentId, SessionId, SubscriptionId, UserId};
use settled_domain::payment::Payment;
use settled_domain::ports::{PaymentRepo, PendingPayment, Reservation, SavedPayment, StoreError};
use settled_domain::transition::SettledBy;
use settled_domain::waiting::AwaitedPayment;
use sqlx::PgPool;
use time::OffsetDateTime;

use self::awaited_row::AwaitedRow;
pub(crate) use self::row::PaymentRow;
use crate::columns::each;
use crate::error::{all_or_conflict, store_error};
use crate::unit_of_work::PgUnitOfWork;

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
impl PaymentRepo for PgUnitOfWork {
    async fn reserve_payment(&mut self, payment: &Payment) -> Result<Reservation, StoreError> {
        let row = payment.record();
        let params = serde_json::to_value(&row.params).map_err(|error| StoreError::Refused(error.into()))?;
        let inserted = sqlx::query!(
            "INSERT INTO payments (
                 id, user_id, slot, price_id, quantity, mode, params, idempotency_key, session_id, checkout_url,
                 expires_at, status, quoted_minor, currency, total_minor, customer_id, payment_intent_id,
                 subscription_id, invoice_id, settled_at, settled_by, as_of, created_at, version
             )
             VALUES (
                 $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                 $23, $24
             )
             ON CONFLICT (user_id, slot) WHERE status IN ('creating', 'pending', 'processing') DO NOTHING",
            row.id.as_uuid(),
            row.user_id.as_str(),
            row.slot.as_str(),
            row.price_id.as_str(),
            i64::from(row.quantity.get()),
            row.mode.as_str(),
            params,
            row.idempotency_key.as_str(),
            row.session_id.as_ref().map(SessionId::as_str),
            row.checkout_url.as_deref(),
            row.expires_at,
            row.status.as_str(),
            row.quoted.minor_units,
            row.quoted.currency.as_str(),
            row.total_minor,
            row.customer_id.as_str(),
            row.payment_intent_id.as_ref().map(PaymentIntentId::as_str),
            row.subscription_id.as_ref().map(SubscriptionId::as_str),
            row.invoice_id.as_ref().map(InvoiceId::as_str),
            row.settled_at,
            row.settled_by.map(SettledBy::as_str),
            row.as_of,
            row.created_at,
            row.version,
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
        let row = select_payments!(
            "WHERE user_id = $1 AND slot = $2 AND status IN ('creating', 'pending', 'processing')
             FOR UPDATE",
            user_id.as_str(),
            slot.as_str(),
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
        let sessions = each(sessions, |session| session.as_str().to_owned());
        let ids = each(ids, PaymentId::as_uuid);
        let rows =
            select_payments!("WHERE session_id = ANY($1) OR id = ANY($2) ORDER BY id FOR UPDATE", &sessions, &ids)
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(store_error)?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    async fn find_payments_of_intents(&mut self, intents: &[PaymentIntentId]) -> Result<Vec<Payment>, StoreError> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        let intents = each(intents, |intent| intent.as_str().to_owned());
        let rows = select_payments!("WHERE payment_intent_id = ANY($1) ORDER BY id", &intents)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Payment::try_from).collect()
    }

    async fn update_payment_statuses(&mut self, payments: &[Payment]) -> Result<(), StoreError> {
        if payments.is_empty() {
            return Ok(());
        }
        let rows = each(payments, Payment::record);
        let updated = sqlx::query!(
            "UPDATE payments
             SET
                 idempotency_key = new.idempotency_key,
                 session_id = new.session_id,
                 checkout_url = new.checkout_url,
                 expires_at = new.expires_at,
                 status = new.status,
                 total_minor = new.total_minor,
                 payment_intent_id = new.payment_intent_id,
                 subscription_id = new.subscription_id,
                 invoice_id = new.invoice_id,
                 settled_at = new.settled_at,
                 settled_by = new.settled_by,
                 as_of = new.as_of,
                 version = new.version
             FROM UNNEST(
                 $1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[],
                 $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::timestamptz[],
                 $14::bigint[]
             ) AS new (
                 id, idempotency_key, session_id, checkout_url, expires_at, status, total_minor, payment_intent_id,
                 subscription_id, invoice_id, settled_at, settled_by, as_of, version
             )
             WHERE payments.id = new.id AND payments.version < new.version",
            each(&rows, |row| row.id.as_uuid()) as _,
            each(&rows, |row| row.idempotency_key.as_str()) as _,
            each(&rows, |row| row.session_id.as_ref().map(SessionId::as_str)) as _,
            each(&rows, |row| row.checkout_url.as_deref()) as _,
            each(&rows, |row| row.expires_at) as _,
            each(&rows, |row| row.status.as_str()) as _,
            each(&rows, |row| row.total_minor) as _,
            each(&rows, |row| row.payment_intent_id.as_ref().map(PaymentIntentId::as_str)) as _,
            each(&rows, |row| row.subscription_id.as_ref().map(SubscriptionId::as_str)) as _,
            each(&rows, |row| row.invoice_id.as_ref().map(InvoiceId::as_str)) as _,
            each(&rows, |row| row.settled_at) as _,
            each(&rows, |row| row.settled_by.map(SettledBy::as_str)) as _,
            each(&rows, |row| row.as_of) as _,
            each(&rows, |row| row.version) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(updated, payments.len(), "a payment is gone or newer than what was to be written")
    }
}

pub(crate) async fn find_by_id(pool: &PgPool, id: PaymentId) -> Result<Option<Payment>, StoreError> {
    let row = select_payments!("WHERE id = $1", id.as_uuid()).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Payment::try_from).transpose()
}

pub(crate) async fn find_by_session(pool: &PgPool, id: &SessionId) -> Result<Option<Payment>, StoreError> {
    let row = select_payments!("WHERE session_id = $1", id.as_str()).fetch_optional(pool).await.map_err(store_error)?;
    row.map(Payment::try_from).transpose()
}

/// Of each session the payment, if it is this user's, in the order in which they are named; as often as they are.
pub(crate) async fn list_of_sessions(
    pool: &PgPool,
    users: &[&str],
    sessions: &[&str],
) -> Result<Vec<PaymentRow>, StoreError> {
    if let ([user], [session]) = (users, sessions) {
        // The other statement is planned each time for so little, which takes longer than to read the row.
        let row = select_payments!("WHERE session_id = $1 AND user_id = $2", *session, *user).fetch_all(pool).await;
        return row.map_err(store_error);
    }
    select_payments!(
        "JOIN UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS asked (owner, session, place)
             ON user_id = owner AND session_id = session
         ORDER BY place",
        users as _,
        sessions as _,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)
}

pub(crate) async fn find_of_subscription(pool: &PgPool, id: &SubscriptionId) -> Result<Option<Payment>, StoreError> {
    let row = select_payments!("WHERE subscription_id = $1 ORDER BY created_at LIMIT 1", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    row.map(Payment::try_from).transpose()
}

pub(crate) async fn list_of_user(pool: &PgPool, user_id: &UserId, limit: u32) -> Result<Vec<Payment>, StoreError> {
    let rows = select_payments!(
        "WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
        user_id.as_str(),
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(Payment::try_from).collect()
}

pub(crate) async fn list_awaited(pool: &PgPool, sessions: &[SessionId]) -> Result<Vec<AwaitedPayment>, StoreError> {
    let rows = sqlx::query_as!(
        AwaitedRow,
        r#"SELECT id, session_id AS "session_id!", status, as_of, created_at, version
           FROM payments
           WHERE session_id = ANY($1)"#,
        each(sessions, SessionId::as_str) as _,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    rows.into_iter().map(AwaitedPayment::try_from).collect()
}

pub(crate) async fn list_left_creating(
    pool: &PgPool,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<PaymentId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM payments
         WHERE status = 'creating'
             AND created_at < $1
             AND NOT EXISTS (SELECT FROM refreshes WHERE object_id = payments.id::text)
         ORDER BY created_at, id
         LIMIT $2",
        before,
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    Ok(ids.into_iter().map(PaymentId::from_uuid).collect())
}
