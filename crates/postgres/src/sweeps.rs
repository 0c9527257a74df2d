//! What the sweep looks for, and how far it has come.

use settled_domain::ids::{EventId, PaymentId, SubscriptionId};
use settled_domain::ports::{HeldWebhook, StoreError};
use settled_domain::sweep::{ClaimedSweep, RowPatience, SweepName};
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::columns::each;
use crate::error::{damaged, store_error};

pub(crate) async fn list_overdue_payments(
    pool: &PgPool,
    patience: &RowPatience,
    now: OffsetDateTime,
    limit: u32,
) -> Result<Vec<PaymentId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM payments
         WHERE status IN ('pending', 'processing')
             AND (
                 (as_of < expires_at AND expires_at <= $1)
                 OR (as_of <= $2 AND (as_of <= $3 OR as_of + 3 * (as_of - created_at) <= $4))
             )
             AND NOT EXISTS (SELECT FROM refreshes WHERE object_id = payments.id::text)
         ORDER BY as_of, id
         LIMIT $5",
        now - patience.grace,
        now - patience.first,
        now - patience.longest,
        now,
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    Ok(ids.into_iter().map(PaymentId::from_uuid).collect())
}

pub(crate) async fn list_lapsed_subscriptions(
    pool: &PgPool,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<SubscriptionId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM subscriptions
         WHERE status NOT IN ('canceled', 'incomplete_expired')
             AND (
                 (current_period_end > GREATEST(checked_at, as_of) AND current_period_end <= $1)
                 OR (trial_end > GREATEST(checked_at, as_of) AND trial_end <= $1)
                 OR (cancel_at > GREATEST(checked_at, as_of) AND cancel_at <= $1)
             )
             AND NOT EXISTS (SELECT FROM refreshes WHERE object_id = subscriptions.id)
         ORDER BY checked_at, id
         LIMIT $2",
        before,
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    ids.into_iter().map(|id| SubscriptionId::new(id).map_err(damaged)).collect()
}

pub(crate) async fn list_unchecked_subscriptions(
    pool: &PgPool,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<SubscriptionId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM subscriptions
         WHERE status NOT IN ('canceled', 'incomplete_expired')
             AND checked_at <= $1
             AND NOT EXISTS (SELECT FROM refreshes WHERE object_id = subscriptions.id)
         ORDER BY checked_at, id
         LIMIT $2",
        before,
        i64::from(limit),
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    ids.into_iter().map(|id| SubscriptionId::new(id).map_err(damaged)).collect()
}

pub(crate) async fn list_held_webhooks(pool: &PgPool, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, source = 'webhook' OR arrived_late_at IS NOT NULL AS "was_delivered!"
           FROM webhook_events
           WHERE id = ANY($1)"#,
        each(ids, |id| id.as_str().to_owned()) as _,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    let held = |(id, was_delivered)| Ok(HeldWebhook { id: EventId::new(id).map_err(damaged)?, was_delivered });
    rows.into_iter().map(|row| held((row.id, row.was_delivered))).collect()
}

pub(crate) async fn prune_webhooks(pool: &PgPool, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
    // Whoever holds a row is asked about it the next time.
    let pruned = sqlx::query!(
        "WITH old AS MATERIALIZED (
             SELECT id
             FROM webhook_events
             WHERE received_at < $1 AND outcome <> 'parked'
             ORDER BY received_at
             LIMIT $2
             FOR UPDATE SKIP LOCKED
         )
         DELETE FROM webhook_events
         USING old
         WHERE webhook_events.id = old.id",
        before,
        i64::from(limit),
    )
    .execute(pool)
    .await
    .map_err(store_error)?;
    Ok(pruned.rows_affected())
}

pub(crate) async fn claim(
    pool: &PgPool,
    name: SweepName,
    now: OffsetDateTime,
    since: OffsetDateTime,
) -> Result<Option<ClaimedSweep>, StoreError> {
    let claimed = sqlx::query!(
        "INSERT INTO sweeps (name, begun_at)
         VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET begun_at = excluded.begun_at
             WHERE sweeps.begun_at <= $3 OR sweeps.begun_at > $2
         RETURNING reached_at",
        name.as_str(),
        now,
        since,
    )
    .fetch_optional(pool)
    .await
    .map_err(store_error)?;
    Ok(claimed.map(|row| ClaimedSweep { reached_at: row.reached_at }))
}

pub(crate) async fn save(pool: &PgPool, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE sweeps
         SET reached_at = $1
         WHERE name = $2 AND (reached_at IS NULL OR reached_at < $1)",
        reached_at,
        name.as_str(),
    )
    .execute(pool)
    .await
    .map_err(store_error)?;
    Ok(())
}
