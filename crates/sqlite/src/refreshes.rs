use async_trait::async_trait;
use serde::Serialize;
use settled_domain::ports::{RefreshQueue, StoreError};
use settled_domain::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};
use time::OffsetDateTime;

use crate::error::{damaged, json, store_error};
use crate::time_column::{from_micros, to_micros};
use crate::unit_of_work::SqliteUnitOfWork;

#[derive(Serialize)]
struct RequestRow {
    object_id: String,
    kind: &'static str,
    reason: &'static str,
    due_at: i64,
    answered_from: Option<i64>,
    trusted_from: Option<i64>,
}

impl From<&RefreshRequest> for RequestRow {
    fn from(request: &RefreshRequest) -> Self {
        Self {
            object_id: request.object.object_id(),
            kind: request.object.kind(),
            reason: request.reason.as_str(),
            due_at: to_micros(request.due_at),
            answered_from: request.answered_from.map(to_micros),
            trusted_from: request.trusted_from.map(to_micros),
        }
    }
}

struct ClaimedRow {
    object_id: String,
    kind: String,
    reason: String,
    due_at: i64,
    generation: i64,
    attempts: i64,
    answered_from: Option<i64>,
    trusted_from: Option<i64>,
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
            answered_from: row.answered_from.map(from_micros).transpose()?,
            trusted_from: row.trusted_from.map(from_micros).transpose()?,
        })
    }
}

#[async_trait]
impl RefreshQueue for SqliteUnitOfWork {
    async fn request_refreshes(&mut self, requests: &[RefreshRequest]) -> Result<(), StoreError> {
        if requests.is_empty() {
            return Ok(());
        }
        let rows: Vec<RequestRow> = requests.iter().map(RequestRow::from).collect();
        let rows = json(&rows)?;
        // `max` is null when one of the two is.
        sqlx::query!(
            "INSERT INTO refreshes (
                 object_id, kind, reason, due_at, answered_from, trusted_from, generation, attempts
             )
             SELECT
                 value ->> 'object_id',
                 value ->> 'kind',
                 value ->> 'reason',
                 value ->> 'due_at',
                 value ->> 'answered_from',
                 value ->> 'trusted_from',
                 1,
                 0
             FROM json_each(?)
             WHERE true
             ON CONFLICT (object_id) DO UPDATE SET
                 reason = iif(refreshes.reason = 'stub', excluded.reason, refreshes.reason),
                 due_at = min(refreshes.due_at, excluded.due_at),
                 answered_from = max(refreshes.answered_from, excluded.answered_from),
                 trusted_from = coalesce(
                     max(refreshes.trusted_from, excluded.trusted_from), refreshes.trusted_from, excluded.trusted_from
                 ),
                 generation = refreshes.generation + 1",
            rows,
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
        let rows: Vec<RequestRow> = requests.iter().map(RequestRow::from).collect();
        let rows = json(&rows)?;
        sqlx::query!(
            "INSERT INTO refreshes (object_id, kind, reason, due_at, generation, attempts)
             SELECT value ->> 'object_id', value ->> 'kind', value ->> 'reason', value ->> 'due_at', 1, 0
             FROM json_each(?)
             WHERE true
             ON CONFLICT (object_id) DO NOTHING",
            rows,
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
        let ids: Vec<String> = objects.iter().map(RefreshObject::object_id).collect();
        let (ids, reason) = (json(&ids)?, reason.as_str());
        sqlx::query!(
            "DELETE FROM refreshes
             WHERE object_id IN (SELECT value FROM json_each(?)) AND reason = ?",
            ids,
            reason,
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
        let (now, lease_until) = (to_micros(now), to_micros(lease_until));
        let by_a_clock_ahead = lease_until + (lease_until - now);
        let mut rows = sqlx::query_as!(
            ClaimedRow,
            r#"UPDATE refreshes
               SET claimed_until = ?2
               WHERE object_id IN (
                   SELECT object_id
                   FROM refreshes
                   WHERE due_at <= ?1 AND (claimed_until IS NULL OR claimed_until <= ?1 OR claimed_until > ?4)
                   ORDER BY due_at, object_id
                   LIMIT ?3
               )
               RETURNING
                   object_id AS "object_id!",
                   kind AS "kind!",
                   reason AS "reason!",
                   due_at AS "due_at!",
                   generation AS "generation!",
                   attempts AS "attempts!",
                   answered_from,
                   trusted_from"#,
            now,
            lease_until,
            limit,
            by_a_clock_ahead,
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
             WHERE object_id = ? AND generation = ?",
            object_id,
            claimed.generation,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        if removed == 0 {
            sqlx::query!("UPDATE refreshes SET claimed_until = NULL WHERE object_id = ?", object_id)
                .execute(&mut *self.transaction)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn postpone_refresh(&mut self, claimed: &ClaimedRefresh, due_at: OffsetDateTime) -> Result<(), StoreError> {
        let (object_id, due_at) = (claimed.object.object_id(), to_micros(due_at));
        // What was claimed was due, so an entry that keeps its time is due at once.
        sqlx::query!(
            "UPDATE refreshes
             SET
                 attempts = attempts + 1,
                 due_at = iif(generation = ?, ?, due_at),
                 claimed_until = NULL
             WHERE object_id = ?",
            claimed.generation,
            due_at,
            object_id,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
