use std::collections::HashSet;

use async_trait::async_trait;
use serde::Serialize;
use settled_domain::event::Payload;
use settled_domain::ids::EventId;
use settled_domain::ports::{Claim, ClaimedWebhook, ParkedWebhook, StoreError, WebhookLedger, WebhookOutcome};
use time::OffsetDateTime;

use crate::error::{damaged, json, store_error};
use crate::time_column::{from_micros, to_micros};
use crate::unit_of_work::SqliteUnitOfWork;

#[derive(Serialize)]
struct ClaimedRow<'a> {
    id: &'a str,
    event_type: &'a str,
    object_id: Option<&'a str>,
    api_version: Option<&'a str>,
    livemode: bool,
    created: i64,
    received_at: i64,
    source: &'static str,
}

impl<'a> From<&'a ClaimedWebhook> for ClaimedRow<'a> {
    fn from(webhook: &'a ClaimedWebhook) -> Self {
        Self {
            id: webhook.id.as_str(),
            event_type: &webhook.event_type,
            object_id: webhook.object_id.as_deref(),
            api_version: webhook.api_version.as_deref(),
            livemode: webhook.livemode,
            created: to_micros(webhook.created),
            received_at: to_micros(webhook.received_at),
            source: webhook.source.as_str(),
        }
    }
}

#[derive(Serialize)]
struct OutcomeRow<'a> {
    id: &'a str,
    outcome: &'static str,
    reason: Option<&'static str>,
    payload_hex: Option<String>,
}

impl<'a> From<&'a WebhookOutcome> for OutcomeRow<'a> {
    fn from(row: &'a WebhookOutcome) -> Self {
        Self {
            id: row.id.as_str(),
            outcome: row.outcome.as_str(),
            reason: row.outcome.reason(),
            payload_hex: row.payload.as_ref().map(|payload| hex::encode(payload.as_bytes())),
        }
    }
}

#[async_trait]
impl WebhookLedger for SqliteUnitOfWork {
    async fn is_webhook_processed(&mut self, id: &EventId) -> Result<bool, StoreError> {
        let id = id.as_str();
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM webhook_events WHERE id = ?) AS "is_processed!: bool""#, id)
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(store_error)
    }

    async fn mark_webhooks_processed(&mut self, webhooks: &[ClaimedWebhook]) -> Result<Vec<Claim>, StoreError> {
        if webhooks.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<ClaimedRow<'_>> = webhooks.iter().map(ClaimedRow::from).collect();
        let rows = json(&rows)?;
        let fresh = sqlx::query_scalar!(
            r#"INSERT INTO webhook_events (
                   id, type, object_id, api_version, livemode, event_created, received_at, source, outcome
               )
               SELECT
                   value ->> 'id',
                   value ->> 'event_type',
                   value ->> 'object_id',
                   value ->> 'api_version',
                   value ->> 'livemode',
                   value ->> 'created',
                   value ->> 'received_at',
                   value ->> 'source',
                   'processed'
               FROM json_each(?)
               WHERE true
               ON CONFLICT (id) DO NOTHING
               RETURNING id AS "id!: String""#,
            rows,
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
        let rows: Vec<OutcomeRow<'_>> = outcomes.iter().map(OutcomeRow::from).collect();
        let rows = json(&rows)?;
        let written = sqlx::query!(
            "UPDATE webhook_events
             SET
                 outcome = said.value ->> 'outcome',
                 reason = said.value ->> 'reason',
                 payload = unhex(said.value ->> 'payload_hex')
             FROM json_each(?) AS said
             WHERE webhook_events.id = said.value ->> 'id'",
            rows,
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
        let ids: Vec<&str> = ids.iter().map(EventId::as_str).collect();
        let (ids, at) = (json(&ids)?, to_micros(at));
        let late = sqlx::query_scalar!(
            r#"UPDATE webhook_events
               SET arrived_late_at = ?
               WHERE id IN (SELECT value FROM json_each(?)) AND source = 'sweep' AND arrived_late_at IS NULL
               RETURNING id AS "id!: String""#,
            at,
            ids,
        )
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        late.into_iter().map(|id| EventId::new(id).map_err(damaged)).collect()
    }

    async fn find_parked_webhook_for_update(&mut self, id: &EventId) -> Result<Option<ParkedWebhook>, StoreError> {
        let id = id.as_str();
        let row = sqlx::query!(
            "SELECT received_at, source, payload FROM webhook_events WHERE id = ? AND outcome = 'parked'",
            id
        )
        .fetch_optional(&mut *self.transaction)
        .await
        .map_err(store_error)?;
        row.map(|row| {
            let payload = row.payload.ok_or_else(|| damaged("a parked event has lost its body"))?;
            Ok(ParkedWebhook {
                received_at: from_micros(row.received_at)?,
                source: row.source.parse().map_err(damaged)?,
                payload: Payload::new(&payload),
            })
        })
        .transpose()
    }

    async fn record_replay(&mut self, outcome: &WebhookOutcome, at: OffsetDateTime) -> Result<(), StoreError> {
        self.record_webhook_outcomes(std::slice::from_ref(outcome)).await?;
        let (id, at) = (outcome.id.as_str(), to_micros(at));
        sqlx::query!("UPDATE webhook_events SET replayed_at = ? WHERE id = ?", at, id)
            .execute(&mut *self.transaction)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
