//! What the sweep looks for, and how far it has come.

use settled_domain::ids::{EventId, PaymentId, SubscriptionId};
use settled_domain::ports::{HeldWebhook, StoreError};
use settled_domain::sweep::{ClaimedSweep, RowPatience, SweepName};
use sqlx::SqlitePool;
use time::OffsetDateTime;

use crate::error::{damaged, json, store_error};
use crate::time_column::{from_micros, to_micros};
use crate::unit_of_work::SqliteUnitOfWork;

pub(crate) async fn list_overdue_payments(
    pool: &SqlitePool,
    patience: &RowPatience,
    now: OffsetDateTime,
    limit: u32,
) -> Result<Vec<PaymentId>, StoreError> {
    let (first, longest) = (to_micros(now - patience.first), to_micros(now - patience.longest));
    let (ended, now) = (to_micros(now - patience.grace), to_micros(now));
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM payments
         WHERE status IN ('pending', 'processing')
             AND (
                 (as_of < expires_at AND expires_at <= ?1)
                 OR (as_of <= ?2 AND (as_of <= ?3 OR as_of + 3 * (as_of - created_at) <= ?4))
             )
             AND NOT EXISTS (SELECT 1 FROM refreshes WHERE object_id = payments.id)
         ORDER BY as_of, id
         LIMIT ?5",
        ended,
        first,
        longest,
        now,
        limit,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    ids.iter().map(|id| id.parse().map_err(damaged)).collect()
}

pub(crate) async fn list_lapsed_subscriptions(
    pool: &SqlitePool,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<SubscriptionId>, StoreError> {
    let before = to_micros(before);
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM subscriptions
         WHERE status NOT IN ('canceled', 'incomplete_expired')
             AND (
                 (current_period_end > max(checked_at, as_of) AND current_period_end <= ?1)
                 OR (trial_end > max(checked_at, as_of) AND trial_end <= ?1)
                 OR (cancel_at > max(checked_at, as_of) AND cancel_at <= ?1)
             )
             AND NOT EXISTS (SELECT 1 FROM refreshes WHERE object_id = subscriptions.id)
         ORDER BY checked_at, id
         LIMIT ?2",
        before,
        limit,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    ids.into_iter().map(|id| SubscriptionId::new(id).map_err(damaged)).collect()
}

pub(crate) async fn list_unchecked_subscriptions(
    pool: &SqlitePool,
    before: OffsetDateTime,
    limit: u32,
) -> Result<Vec<SubscriptionId>, StoreError> {
    let before = to_micros(before);
    let ids = sqlx::query_scalar!(
        "SELECT id
         FROM subscriptions
         WHERE status NOT IN ('canceled', 'incomplete_expired')
             AND checked_at <= ?
             AND NOT EXISTS (SELECT 1 FROM refreshes WHERE object_id = subscriptions.id)
         ORDER BY checked_at, id
         LIMIT ?",
        before,
        limit,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    ids.into_iter().map(|id| SubscriptionId::new(id).map_err(damaged)).collect()
}

pub(crate) async fn list_held_webhooks(pool: &SqlitePool, ids: &[EventId]) -> Result<Vec<HeldWebhook>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = ids.iter().map(EventId::as_str).collect();
    let ids = json(&ids)?;
    let rows = sqlx::query!(
        r#"SELECT id, source = 'webhook' OR arrived_late_at IS NOT NULL AS "was_delivered!: bool"
           FROM webhook_events
           WHERE id IN (SELECT value FROM json_each(?))"#,
        ids,
    )
    .fetch_all(pool)
    .await
    .map_err(store_error)?;
    let held = |(id, was_delivered)| Ok(HeldWebhook { id: EventId::new(id).map_err(damaged)?, was_delivered });
    rows.into_iter().map(|row| held((row.id, row.was_delivered))).collect()
}

impl SqliteUnitOfWork {
    pub(crate) async fn prune_webhooks(&mut self, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
        let before = to_micros(before);
        let pruned = sqlx::query!(
            "DELETE FROM webhook_events
             WHERE id IN (
                 SELECT id
                 FROM webhook_events
                 WHERE received_at < ? AND outcome <> 'parked'
                 ORDER BY received_at
                 LIMIT ?
             )",
            before,
            limit,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(pruned.rows_affected())
    }

    pub(crate) async fn claim_sweep(
        &mut self,
        name: SweepName,
        now: OffsetDateTime,
        since: OffsetDateTime,
    ) -> Result<Option<ClaimedSweep>, StoreError> {
        let (name, now, since) = (name.as_str(), to_micros(now), to_micros(since));
        let reached_at = sqlx::query_scalar!(
            "INSERT INTO sweeps (name, begun_at)
             VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET begun_at = excluded.begun_at
                 WHERE begun_at <= ?3 OR begun_at > ?2
             RETURNING reached_at",
            name,
            now,
            since,
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        reached_at.map(|at| Ok(ClaimedSweep { reached_at: at.map(from_micros).transpose()? })).transpose()
    }

    pub(crate) async fn save_sweep(&mut self, name: SweepName, reached_at: OffsetDateTime) -> Result<(), StoreError> {
        let (name, reached_at) = (name.as_str(), to_micros(reached_at));
        sqlx::query!(
            "UPDATE sweeps
             SET reached_at = ?1
             WHERE name = ?2 AND (reached_at IS NULL OR reached_at < ?1)",
            reached_at,
            name,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
