use std::collections::HashSet;

use async_trait::async_trait;
use settled_domain::event::Payload;
use settled_domain::ids::EventId;
use settled_domain::ports::{Claim, ClaimedWebhook, StoreError, WebhookLedger, WebhookOutcome};

use crate::columns::each;
use crate::error::store_error;
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
                   id, type, object_id, api_version, livemode, event_created, received_at, outcome
               )
               SELECT id, type, object_id, api_version, livemode, event_created, received_at, 'processed'
               FROM UNNEST(
                   $1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::timestamptz[]
               ) AS new (id, type, object_id, api_version, livemode, event_created, received_at)
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
}
