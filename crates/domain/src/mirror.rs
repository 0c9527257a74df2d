//! What taking in a snapshot does to a row that mirrors one of Stripe's objects.

use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::transition::Transition;

/// What a snapshot did to an invoice, a refund or a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum MirrorVerdict {
    /// The row changed.
    Changed(Transition),
    /// It said nothing new, but later than what we held, or it filled in a name: the version rose.
    Confirmed,
    /// It said nothing new, or something old.
    Known,
    /// It cannot be decided from what we hold: ask Stripe. The row stays as it is.
    Doubtful(RefreshReason),
    /// It does not fit the row, which stays as it is.
    Refused(ParkReason),
}
