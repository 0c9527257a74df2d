use std::collections::HashSet;

use async_trait::async_trait;
use serde::Serialize;
use settled_domain::ids::EventId;
use settled_domain::ports::{Claim, ClaimedWebhook, StoreError, WebhookLedger, WebhookOutcome};

use crate::error::{json, store_error};
use crate::time_column::to_micros;
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
                   id, type, object_id, api_version, livemode, event_created, received_at, outcome
               )
               SELECT
                   value ->> 'id',
                   value ->> 'event_type',
                   value ->> 'object_id',
                   value ->> 'api_version',
                   value ->> 'livemode',
                   value ->> 'created',
                   value ->> 'received_at',
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
}
