use std::collections::HashSet;

use async_trait::async_trait;
use settled_domain::event::Payload;
use settled_domain::ids::EventId;
use settled_domain::ports::{Claim, ClaimedWebhook, ParkedWebhook, StoreError, WebhookLedger, WebhookOutcome};
use time::OffsetDateTime;

use crate::columns::each;
use crate::error::{damaged, store_error};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl WebhookLedger for PgUnitOfWork {
    async fn is_webhook_processed(&mut self, id: &EventId) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM webhook_events WHERE id = $1) AS "is_processed!""#,
            id.as_str()
        )
        .fetch_one(&mut *self.transaction)
        .await
        .map_err(store_error)
    }

    async fn mark_webhooks_processed(&mut self, webhooks: &[ClaimedWebhook]) -> Result<Vec<Claim>, StoreError> {
        if webhooks.is_empty() {
            return Ok(Vec::new());
        }
        let fresh = sqlx::query_scalar!(
            r#"INSERT INTO webhook_events (
                   id, type, object_id, api_version, livemode, event_created, received_at, source, outcome
               )
               SELECT id, type, object_id, api_version, livemode, event_created, received_at, source, 'processed'
               FROM UNNEST(
                   $1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::timestamptz[],
                   $8::text[]
               ) AS new (id, type, object_id, api_version, livemode, event_created, received_at, source)
               ORDER BY id COLLATE "C"
               ON CONFLICT (id) DO NOTHING
               RETURNING id AS "id!""#,
            each(webhooks, |it| it.id.as_str()) as _,
            each(webhooks, |it| it.event_type.as_str()) as _,
            each(webhooks, |it| it.object_id.as_deref()) as _,
            each(webhooks, |it| it.api_version.as_deref()) as _,
            each(webhooks, |it| it.livemode) as _,
            each(webhooks, |it| it.created) as _,
            each(webhooks, |it| it.received_at) as _,
            each(webhooks, |it| it.source.as_str()) as _,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        let fresh: HashSet<String> = fresh.into_iter().collect();
        let claim = |webhook: &ClaimedWebhook| {
            if fresh.contains(webhook.id.as_str()) { Claim::Fresh } else { Claim::Duplicate }
        };
        Ok(webhooks.iter().map(claim).collect())
    }

    async fn record_webhook_outcomes(&mut self, outcomes: &[WebhookOutcome]) -> Result<(), StoreError> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let written = sqlx::query!(
            "UPDATE webhook_events
             SET outcome = said.outcome, reason = said.reason, payload = said.payload
             FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bytea[]) AS said (id, outcome, reason, payload)
             WHERE webhook_events.id = said.id",
            each(outcomes, |it| it.id.as_str()) as _,
            each(outcomes, |it| it.outcome.as_str()) as _,
            each(outcomes, |it| it.outcome.reason()) as _,
            each(outcomes, |it| it.payload.as_ref().map(Payload::as_bytes)) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        if usize::try_from(written) == Ok(outcomes.len()) {
            Ok(())
        } else {
            Err(StoreError::Refused("an outcome of an event that was not claimed".into()))
        }
    }

    async fn note_late_webhooks(&mut self, ids: &[EventId], at: OffsetDateTime) -> Result<Vec<EventId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // `UPDATE` alone would lock in any order.
        let late = sqlx::query_scalar!(
            "WITH late AS MATERIALIZED (
                 SELECT id
                 FROM webhook_events
                 WHERE id = ANY($1) AND source = 'sweep' AND arrived_late_at IS NULL
                 ORDER BY id
                 FOR UPDATE
             )
             UPDATE webhook_events
             SET arrived_late_at = $2
             FROM late
             WHERE webhook_events.id = late.id
             RETURNING webhook_events.id",
            each(ids, |id| id.as_str().to_owned()) as _,
            at,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        late.into_iter().map(|id| EventId::new(id).map_err(damaged)).collect()
    }

    async fn find_parked_webhook_for_update(&mut self, id: &EventId) -> Result<Option<ParkedWebhook>, StoreError> {
        let row = sqlx::query!(
            "SELECT received_at, source, payload
             FROM webhook_events
             WHERE id = $1 AND outcome = 'parked'
             FOR UPDATE",
            id.as_str(),
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        row.map(|row| {
            let payload = row.payload.ok_or_else(|| damaged("a parked event has lost its body"))?;
            Ok(ParkedWebhook {
                received_at: row.received_at,
                source: row.source.parse().map_err(damaged)?,
                payload: Payload::new(&payload),
            })
        })
        .transpose()
    }

    async fn record_replay(&mut self, outcome: &WebhookOutcome, at: OffsetDateTime) -> Result<(), StoreError> {
        self.record_webhook_outcomes(std::slice::from_ref(outcome)).await?;
        sqlx::query!("UPDATE webhook_events SET replayed_at = $1 WHERE id = $2", at, outcome.id.as_str())
            .execute(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
