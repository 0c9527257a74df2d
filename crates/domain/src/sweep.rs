//! What nobody has told us is found out: rows that have been left alone are put up to be asked for, and events that never
//! arrived are looked for in Stripe's own list.
//!
//! Every part of it is harmless to do twice, so that replicas need not agree on who does it;
//! [`claim_sweep`](crate::ports::Store::claim_sweep) only saves them the double work.

mod events;
mod objects;
mod rows;

pub use events::{EndpointHealth, EventPatience, SearchedEvents, search_events};
pub use objects::{ListedKind, ListedObject, sweep_objects};
pub use rows::{RowPatience, SweptRows, WaitingPayment, sweep_rows};

use time::OffsetDateTime;

use crate::ports::{GatewayError, StoreError};
use crate::text_enum::text_enum;

text_enum! {
    /// The parts of the sweep that are done by one replica at a time.
    SweepName ("part of the sweep") {
        /// Our own rows that have been left alone.
        Rows = "rows",
        /// Stripe's list of events.
        Events = "events",
        /// Stripe's lists of objects.
        Objects = "objects",
        /// Old rows of the ledger of events.
        Pruning = "pruning",
    }
}

/// A part of the sweep that was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedSweep {
    /// How far it had come before; `None` the first time.
    pub reached_at: Option<OffsetDateTime>,
}

/// Why a part of the sweep was not done. It is done again the next time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// Stripe gave no usable answer.
    #[error("stripe gave no usable answer")]
    Gateway(#[from] GatewayError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}
