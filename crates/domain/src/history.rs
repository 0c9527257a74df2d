//! The past as it is kept: what a person is shown, and no rule depends on.

use time::OffsetDateTime;

use crate::event::EventSource;
use crate::ids::EventId;
use crate::refresh_request::{RefreshObject, RefreshReason};
use crate::settlement::{Outcome, ParkReason};
use crate::text_enum::text_enum;
use crate::transition::Cause;

/// A row of the ledger of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEvent {
    /// Stripe's id of the event.
    pub id: EventId,
    /// Its type; empty when it could not be read.
    pub event_type: String,
    /// The object it is about.
    pub object_id: Option<String>,
    /// The API version of its payload.
    pub api_version: Option<String>,
    /// Live mode.
    pub livemode: bool,
    /// The second in which Stripe made it.
    pub created: OffsetDateTime,
    /// When it reached us.
    pub received_at: OffsetDateTime,
    /// By which way.
    pub source: EventSource,
    /// What became of it.
    pub outcome: Outcome,
    /// When Stripe posted it after the sweep had found it.
    pub arrived_late_at: Option<OffsetDateTime>,
    /// When it was last replayed.
    pub replayed_at: Option<OffsetDateTime>,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// With which outcome.
    pub outcome: Option<EventOutcome>,
    /// Parked for this reason.
    pub reason: Option<ParkReason>,
    /// That came before this one.
    pub before: Option<EventId>,
}

text_enum! {
    /// What can become of an event, without the reason.
    EventOutcome ("outcome of an event") {
        /// Its effects are committed.
        Processed = "processed",
        /// It does not concern us.
        Ignored = "ignored",
        /// It is kept for a person to look at.
        Parked = "parked",
    }
}

/// How many events there are of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventCount {
    /// Parked for this reason.
    Parked(ParkReason, u64),
    /// Found by the sweep and never delivered.
    Missed(u64),
    /// Found by the sweep and delivered afterwards.
    Late(u64),
}

/// A change as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastTransition {
    /// What changed.
    pub object_id: String,
    /// The version that the change made.
    pub version: i64,
    /// The status before; `None` for a new row.
    pub from: Option<String>,
    /// The status after.
    pub to: String,
    /// What made it change.
    pub cause: Cause,
    /// The event that said so, if one did.
    pub event_id: Option<EventId>,
    /// When.
    pub at: OffsetDateTime,
}

/// An entry of the refresh queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRefresh {
    /// About what.
    pub object: RefreshObject,
    /// Why.
    pub reason: RefreshReason,
    /// Not before.
    pub due_at: OffsetDateTime,
    /// How often it was tried and failed.
    pub attempts: u32,
}
