use async_trait::async_trait;
use serde::Serialize;
use settled_domain::ports::{StoreError, TransitionLog};
use settled_domain::transition::Transition;

use crate::error::{all_or_conflict, json, store_error};
use crate::time_column::to_micros;
use crate::unit_of_work::SqliteUnitOfWork;

#[derive(Serialize)]
struct TransitionRow<'a> {
    object_id: &'a str,
    version: i64,
    from_status: Option<&'a str>,
    to_status: &'a str,
    cause: &'a str,
    event_id: Option<&'a str>,
    at: i64,
}

impl<'a> From<&'a Transition> for TransitionRow<'a> {
    fn from(transition: &'a Transition) -> Self {
        Self {
            object_id: &transition.object_id,
            version: transition.version,
            from_status: transition.from,
            to_status: transition.to,
            cause: transition.cause.as_str(),
            event_id: transition.event_id.as_ref().map(settled_domain::ids::EventId::as_str),
            at: to_micros(transition.at),
        }
    }
}

#[async_trait]
impl TransitionLog for SqliteUnitOfWork {
    async fn record_transitions(&mut self, transitions: &[Transition]) -> Result<(), StoreError> {
        if transitions.is_empty() {
            return Ok(());
        }
        let rows: Vec<TransitionRow<'_>> = transitions.iter().map(TransitionRow::from).collect();
        let rows = json(&rows)?;
        let inserted = sqlx::query!(
            "INSERT INTO transitions (object_id, version, from_status, to_status, cause, event_id, at)
             SELECT
                 value ->> 'object_id',
                 value ->> 'version',
                 value ->> 'from_status',
                 value ->> 'to_status',
                 value ->> 'cause',
                 value ->> 'event_id',
                 value ->> 'at'
             FROM json_each(?)
             WHERE true
             ON CONFLICT (object_id, version) DO NOTHING",
            rows,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(inserted, transitions.len(), "this version of the object has its transition already")
    }
}
