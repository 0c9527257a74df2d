use async_trait::async_trait;
use settled_domain::ports::{RefreshQueue, StoreError};
use settled_domain::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};
use time::OffsetDateTime;

use crate::columns::each;
use crate::error::{damaged, store_error};
use crate::unit_of_work::PgUnitOfWork;

struct ClaimedRow {
    object_id: String,
    kind: String,
    reason: String,
    due_at: OffsetDateTime,
    generation: i64,
    attempts: i64,
    answered_from: Option<OffsetDateTime>,
    trusted_from: Option<OffsetDateTime>,
}

impl TryFrom<ClaimedRow> for ClaimedRefresh {
    type Error = StoreError;

    fn try_from(row: ClaimedRow) -> Result<Self, StoreError> {
        let object = RefreshObject::parse(&row.kind, &row.object_id);
        Ok(Self {
            object: object.ok_or_else(|| damaged("an entry of refreshes names no object"))?,
            reason: row.reason.parse().map_err(damaged)?,
            generation: row.generation,
            attempts: row.attempts.try_into().map_err(damaged)?,
            answered_from: row.answered_from,
            trusted_from: row.trusted_from,
        })
    }
}

#[async_trait]
impl RefreshQueue for PgUnitOfWork {
    async fn request_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError> {
        if requests.is_empty() {
            return Ok(());
        }
        // One statement must not touch a row twice, so what names one object is summed up first.
        sqlx::query!(
            r#"INSERT INTO refreshes (
                   object_id, kind, reason, due_at, answered_from, trusted_from, generation, attempts
               )
               SELECT
                   object_id,
                   min(kind),
                   coalesce((array_agg(reason ORDER BY place) FILTER (WHERE reason <> 'stub'))[1], 'stub'),
                   min(due_at),
                   CASE WHEN bool_and(answered_from IS NOT NULL) THEN max(answered_from) END,
                   max(trusted_from),
                   count(*),
                   0
               FROM UNNEST(
                   $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[]
               ) WITH ORDINALITY AS new (object_id, kind, reason, due_at, answered_from, trusted_from, place)
               GROUP BY object_id
               ORDER BY object_id COLLATE "C"
               ON CONFLICT (object_id) DO UPDATE SET
                   reason = CASE WHEN refreshes.reason = 'stub' THEN excluded.reason ELSE refreshes.reason END,
                   due_at = least(refreshes.due_at, excluded.due_at),
                   answered_from = CASE
                       WHEN refreshes.answered_from IS NOT NULL AND excluded.answered_from IS NOT NULL
                       THEN greatest(refreshes.answered_from, excluded.answered_from)
                   END,
                   trusted_from = greatest(refreshes.trusted_from, excluded.trusted_from),
                   generation = refreshes.generation + excluded.generation"#,
            each(requests, |it| it.object.object_id()) as _,
            each(requests, |it| it.object.kind()) as _,
            each(requests, |it| it.reason.as_str()) as _,
            each(requests, |it| it.due_at) as _,
            each(requests, |it| it.answered_from) as _,
            each(requests, |it| it.trusted_from) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn offer_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError> {
        if requests.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            r#"INSERT INTO refreshes (object_id, kind, reason, due_at, generation, attempts)
               SELECT object_id, kind, reason, due_at, 1, 0
               FROM UNNEST($1::text[], $2::text[], $3::text[], $4::timestamptz[])
                   AS new (object_id, kind, reason, due_at)
               ORDER BY object_id COLLATE "C"
               ON CONFLICT (object_id) DO NOTHING"#,
            each(requests, |it| it.object.object_id()) as _,
            each(requests, |it| it.object.kind()) as _,
            each(requests, |it| it.reason.as_str()) as _,
            each(requests, |it| it.due_at) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn cancel_refreshes(&mut self, objects: &[RefreshObject], reason: RefreshReason) -> Result<(), StoreError> {
        if objects.is_empty() {
            return Ok(());
        }
        // `DELETE` alone would lock in any order.
        sqlx::query!(
            "WITH cancelled AS MATERIALIZED (
                 SELECT object_id
                 FROM refreshes
                 WHERE object_id = ANY($1) AND reason = $2
                 ORDER BY object_id
                 FOR UPDATE
             )
             DELETE FROM refreshes
             USING cancelled
             WHERE refreshes.object_id = cancelled.object_id AND refreshes.reason = $2",
            each(objects, RefreshObject::object_id) as _,
            reason.as_str(),
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn claim_due_refreshes(
        &mut self,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
        limit: u32,
    ) -> Result<Vec<ClaimedRefresh>, StoreError> {
        let mut rows = sqlx::query_as!(
            ClaimedRow,
            "WITH due AS MATERIALIZED (
                 SELECT object_id
                 FROM refreshes
                 WHERE due_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1 OR claimed_until > $4)
                 ORDER BY due_at, object_id
                 LIMIT $3
                 FOR UPDATE SKIP LOCKED
             )
             UPDATE refreshes
             SET claimed_until = $2
             FROM due
             WHERE refreshes.object_id = due.object_id
             RETURNING
                 refreshes.object_id, kind, reason, due_at, generation, attempts, answered_from, trusted_from",
            now,
            lease_until,
            i64::from(limit),
            lease_until + (lease_until - now),
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        // `RETURNING` has no order of its own.
        rows.sort_by(|a, b| (a.due_at, &a.object_id).cmp(&(b.due_at, &b.object_id)));
        rows.into_iter().map(ClaimedRefresh::try_from).collect()
    }

    async fn finish_refresh(&mut self, claimed: &ClaimedRefresh) -> Result<(), StoreError> {
        let object_id = claimed.object.object_id();
        let removed = sqlx::query!(
            "DELETE FROM refreshes
             WHERE object_id = $1 AND generation = $2",
            object_id,
            claimed.generation,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        if removed == 0 {
            sqlx::query!("UPDATE refreshes SET claimed_until = NULL WHERE object_id = $1", object_id)
                .execute(&mut *self.transaction)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn postpone_refresh(&mut self, claimed: &ClaimedRefresh, due_at: OffsetDateTime) -> Result<(), StoreError> {
        // What was claimed was due, so an entry that keeps its time is due at once.
        sqlx::query!(
            "UPDATE refreshes
             SET
                 attempts = attempts + 1,
                 due_at = CASE WHEN generation = $1 THEN $2 ELSE due_at END,
                 claimed_until = NULL
             WHERE object_id = $3",
            claimed.generation,
            due_at,
            claimed.object.object_id(),
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
