//! The one way through: facts about sessions and snapshots of other objects are folded into the rows that we hold.
//!
//! Everything here is pure: no I/O, no clock, no randomness. A batch of webhooks, the answer to a refresh and the answer
//! to a second click all end in the same functions.

mod batch;
mod customer;
mod dispute;
mod fold;
mod invoice;
mod keys;
mod outcome;
mod refund;
mod replay;
mod result;
mod rows;
mod session;
mod subscription;

pub use batch::{park_event, settle_batch};
pub use fold::{Settlement, settle};
pub use keys::{Held, Keys};
pub use outcome::{IgnoreReason, Outcome, ParkReason};
pub use replay::{Replay, replay_parked_event};
pub use session::{SessionSettlement, settle_session};

#[cfg(test)]
mod tests;
