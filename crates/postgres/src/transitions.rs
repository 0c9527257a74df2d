use async_trait::async_trait;
use settled_domain::ids::EventId;
use settled_domain::ports::{StoreError, TransitionLog};
use settled_domain::transition::Transition;

use crate::columns::each;
use crate::error::{all_or_conflict, store_error};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl TransitionLog for PgUnitOfWork {
    async fn record_transitions(&mut self, transitions: &[Transition]) -> Result<(), StoreError> {
        if transitions.is_empty() {
            return Ok(());
        }
        let inserted = sqlx::query!(
            "INSERT INTO transitions (object_id, version, from_status, to_status, cause, event_id, at)
             SELECT object_id, version, from_status, to_status, cause, event_id, at
             FROM UNNEST(
                 $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]
             ) AS new (object_id, version, from_status, to_status, cause, event_id, at)
             ON CONFLICT (object_id, version) DO NOTHING",
            each(transitions, |it| it.object_id.as_str()) as _,
            each(transitions, |it| it.version) as _,
            each(transitions, |it| it.from) as _,
            each(transitions, |it| it.to) as _,
            each(transitions, |it| it.cause.as_str()) as _,
            each(transitions, |it| it.event_id.as_ref().map(EventId::as_str)) as _,
            each(transitions, |it| it.at) as _,
        )
        .execute(&mut *self.transaction)
        .await
        .map_err(store_error)?
        .rows_affected();
        all_or_conflict(inserted, transitions.len(), "this version of the object has its transition already")
    }
}
