//! What taking in a snapshot does to a row that mirrors one of Stripe's objects.

use time::{Duration, OffsetDateTime};

use crate::refresh_request::RefreshReason;
use crate::settlement::ParkReason;
use crate::transition::Transition;

/// How far an answer of Stripe's may lag behind news that have reached us already. Stripe promises the latest state and says
/// nothing of replicas, so this is our patience and not Stripe's number.
pub const ANSWER_LAG: Duration = Duration::seconds(10);

/// How long an answer of the second `answered` is too fresh to be trusted against news of the second `held` that say
/// something else: it may come from a replica of Stripe's that has not heard of them.
pub(crate) fn lag_left(held: OffsetDateTime, answered: OffsetDateTime) -> Option<Duration> {
    let left = (held - answered).saturating_add(ANSWER_LAG);
    left.is_positive().then_some(left)
}

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
