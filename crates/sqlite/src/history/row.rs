use settled_domain::history::{EventCount, PastEvent, PastTransition, WaitingRefresh};
use settled_domain::ids::EventId;
use settled_domain::ports::StoreError;
use settled_domain::refresh_request::RefreshObject;
use settled_domain::settlement::Outcome;

use crate::error::damaged;
use crate::time_column::from_micros;

pub(super) struct EventRow {
    pub(super) id: String,
    pub(super) event_type: String,
    pub(super) object_id: Option<String>,
    pub(super) api_version: Option<String>,
    pub(super) livemode: bool,
    pub(super) event_created: i64,
    pub(super) received_at: i64,
    pub(super) source: String,
    pub(super) outcome: String,
    pub(super) reason: Option<String>,
    pub(super) arrived_late_at: Option<i64>,
    pub(super) replayed_at: Option<i64>,
}

impl TryFrom<EventRow> for PastEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: EventId::new(row.id).map_err(damaged)?,
            event_type: row.event_type,
            object_id: row.object_id,
            api_version: row.api_version,
            livemode: row.livemode,
            created: from_micros(row.event_created)?,
            received_at: from_micros(row.received_at)?,
            source: row.source.parse().map_err(damaged)?,
            outcome: Outcome::from_words(&row.outcome, row.reason.as_deref()).map_err(damaged)?,
            arrived_late_at: row.arrived_late_at.map(from_micros).transpose()?,
            replayed_at: row.replayed_at.map(from_micros).transpose()?,
        })
    }
}

pub(super) struct CountRow {
    pub(super) kind: String,
    pub(super) reason: Option<String>,
    pub(super) number: i64,
}

impl TryFrom<CountRow> for EventCount {
    type Error = StoreError;

    fn try_from(row: CountRow) -> Result<Self, StoreError> {
        let number = row.number.try_into().map_err(damaged)?;
        match (row.kind.as_str(), row.reason) {
            ("missed", _) => Ok(Self::Missed(number)),
            ("late", _) => Ok(Self::Late(number)),
            (_, reason) => Ok(Self::Parked(reason.unwrap_or_default().parse().map_err(damaged)?, number)),
        }
    }
}

pub(super) struct TransitionRow {
    pub(super) object_id: String,
    pub(super) version: i64,
    pub(super) from_status: Option<String>,
    pub(super) to_status: String,
    pub(super) cause: String,
    pub(super) event_id: Option<String>,
    pub(super) at: i64,
}

impl TryFrom<TransitionRow> for PastTransition {
    type Error = StoreError;

    fn try_from(row: TransitionRow) -> Result<Self, StoreError> {
        Ok(Self {
            object_id: row.object_id,
            version: row.version,
            from: row.from_status,
            to: row.to_status,
            cause: row.cause.parse().map_err(damaged)?,
            event_id: row.event_id.map(EventId::new).transpose().map_err(damaged)?,
            at: from_micros(row.at)?,
        })
    }
}

pub(super) struct RefreshRow {
    pub(super) object_id: String,
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) due_at: i64,
    pub(super) attempts: i64,
}

impl TryFrom<RefreshRow> for WaitingRefresh {
    type Error = StoreError;

    fn try_from(row: RefreshRow) -> Result<Self, StoreError> {
        let object = RefreshObject::parse(&row.kind, &row.object_id);
        Ok(Self {
            object: object.ok_or_else(|| damaged("an entry of refreshes names no object"))?,
            reason: row.reason.parse().map_err(damaged)?,
            due_at: from_micros(row.due_at)?,
            attempts: row.attempts.try_into().map_err(damaged)?,
        })
    }
}
