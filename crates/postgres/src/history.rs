mod row;

use async_trait::async_trait;
use settled_domain::event::Payload;
use settled_domain::history::{EventCount, EventOutcome, EventQuery, PastEvent, PastTransition, WaitingRefresh};
use settled_domain::ids::{EventId, SubscriptionId, UserId};
use settled_domain::payment::Payment;
use settled_domain::ports::{History, StoreError};
use settled_domain::settlement::ParkReason;

use self::row::{CountRow, EventRow, RefreshRow, TransitionRow};
use crate::columns::each;
use crate::error::store_error;
use crate::payments;
use crate::store::PgStore;

macro_rules! select_events {
    ($clause:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            EventRow,
            "SELECT
                 id, type AS event_type, object_id, api_version, livemode, event_created, received_at,
                 source, outcome, reason, arrived_late_at, replayed_at
             FROM webhook_events
             " + $clause,
            $($argument),+
        )
    };
}

#[async_trait]
impl History for PgStore {
    async fn list_events(&self, query: &EventQuery, limit: u32) -> Result<Vec<PastEvent>, StoreError> {
        let outcome = query.outcome.map(EventOutcome::as_str);
        let (reason, before) = (query.reason.map(ParkReason::as_str), query.before.as_ref().map(EventId::as_str));
        let rows = select_events!(
            "WHERE ($1::text IS NULL OR outcome = $1)
                 AND ($2::text IS NULL OR (outcome = 'parked' AND reason = $2))
                 AND (
                     $3::text IS NULL
                     OR (received_at, id) < (SELECT last.received_at, last.id FROM webhook_events AS last WHERE last.id = $3)
                 )
             ORDER BY received_at DESC, id DESC
             LIMIT $4",
            outcome,
            reason,
            before,
            i64::from(limit),
        )
        .fetch_all(self.pool())
        .await
        .map_err(store_error)?;
        rows.into_iter().map(PastEvent::try_from).collect()
    }

    async fn count_events(&self) -> Result<Vec<EventCount>, StoreError> {
        let rows = sqlx::query_as!(
            CountRow,
            r#"SELECT 'parked' AS "kind!", reason AS "reason?", count(*) AS "number!"
               FROM webhook_events
               WHERE outcome = 'parked'
               GROUP BY reason
               UNION ALL
               SELECT CASE WHEN arrived_late_at IS NULL THEN 'missed' ELSE 'late' END, NULL, count(*)
               FROM webhook_events
               WHERE source = 'sweep'
               GROUP BY arrived_late_at IS NULL
               ORDER BY 1 DESC, 2"#,
        )
        .fetch_all(self.pool())
        .await
        .map_err(store_error)?;
        rows.into_iter().map(EventCount::try_from).collect()
    }

    async fn find_event(&self, id: &EventId) -> Result<Option<PastEvent>, StoreError> {
        let id = id.as_str();
        let row = select_events!("WHERE id = $1", id).fetch_optional(self.pool()).await.map_err(store_error)?;
        row.map(PastEvent::try_from).transpose()
    }

    async fn find_event_payload(&self, id: &EventId) -> Result<Option<Payload>, StoreError> {
        let id = id.as_str();
        let payload = sqlx::query_scalar!("SELECT payload FROM webhook_events WHERE id = $1", id)
            .fetch_optional(self.pool())
            .await
            .map_err(store_error)?;
        Ok(payload.flatten().map(|bytes| Payload::new(&bytes)))
    }

    async fn list_events_about(
        &self,
        objects: &[String],
        ids: &[EventId],
        limit: u32,
    ) -> Result<Vec<PastEvent>, StoreError> {
        let rows = select_events!(
            "WHERE object_id = ANY($1) OR id = ANY($2)
             ORDER BY received_at, id
             LIMIT $3",
            objects,
            &each(ids, |id| id.as_str().to_owned()),
            i64::from(limit),
        )
        .fetch_all(self.pool())
        .await
        .map_err(store_error)?;
        rows.into_iter().map(PastEvent::try_from).collect()
    }

    async fn list_transitions(&self, objects: &[String], limit: u32) -> Result<Vec<PastTransition>, StoreError> {
        let rows = sqlx::query_as!(
            TransitionRow,
            "SELECT object_id, version, from_status, to_status, cause, event_id, at
             FROM transitions
             WHERE object_id = ANY($1)
             ORDER BY at, object_id, version
             LIMIT $2",
            objects,
            i64::from(limit),
        )
        .fetch_all(self.pool())
        .await
        .map_err(store_error)?;
        rows.into_iter().map(PastTransition::try_from).collect()
    }

    async fn list_waiting_refreshes(&self, objects: &[String]) -> Result<Vec<WaitingRefresh>, StoreError> {
        let rows = sqlx::query_as!(
            RefreshRow,
            "SELECT object_id, kind, reason, due_at, attempts
             FROM refreshes
             WHERE object_id = ANY($1)
             ORDER BY due_at, object_id",
            objects,
        )
        .fetch_all(self.pool())
        .await
        .map_err(store_error)?;
        rows.into_iter().map(WaitingRefresh::try_from).collect()
    }

    async fn list_user_payments(&self, user_id: &UserId, limit: u32) -> Result<Vec<Payment>, StoreError> {
        payments::list_of_user(self.pool(), user_id, limit).await
    }

    async fn find_payment_of_subscription(&self, id: &SubscriptionId) -> Result<Option<Payment>, StoreError> {
        payments::find_of_subscription(self.pool(), id).await
    }
}
