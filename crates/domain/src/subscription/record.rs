use time::OffsetDateTime;

use super::{Subscription, SubscriptionStatus};
use crate::catalogue::Slot;
use crate::ids::{CustomerId, PriceId, SubscriptionId, UserId};
use crate::transition::{Cause, Transition};

/// A row of `subscriptions`, as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRecord {
    /// Stripe's id.
    pub id: SubscriptionId,
    /// The user of its customer.
    pub user_id: UserId,
    /// Whose it is at Stripe.
    pub customer_id: CustomerId,
    /// What the user may have one of.
    pub slot: Slot,
    /// The price of the first item.
    pub price_id: PriceId,
    /// The quantity of the first item.
    pub quantity: u32,
    /// Stripe's status.
    pub status: SubscriptionStatus,
    /// The second in which the status became what it is.
    pub status_since: OffsetDateTime,
    /// Until when it is paid.
    pub current_period_end: Option<OffsetDateTime>,
    /// It ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it will end, if that is set.
    pub cancel_at: Option<OffsetDateTime>,
    /// When the trial ends or ended.
    pub trial_end: Option<OffsetDateTime>,
    /// The `created` second of the snapshot held, the Unix epoch for a stub; never decreases.
    pub as_of: OffsetDateTime,
    /// The snapshot held came from `customer.subscription.created`, so another one of the same second is newer.
    pub from_created: bool,
    /// When Stripe was last asked about it, by our clock; of one never asked about, when it was first heard of. Webhooks
    /// leave it alone, so that a store that finds rows by it has no index to change for them.
    pub checked_at: OffsetDateTime,
    /// Counts the changes of the row, from 1.
    pub version: i64,
}

impl SubscriptionRecord {
    /// When we last knew how it stands: the second of Stripe's newest word, or when Stripe was last asked, if that is later.
    #[must_use]
    pub fn known_at(&self) -> OffsetDateTime {
        self.checked_at.max(self.as_of)
    }

    pub(super) fn transition(&self, from: Option<SubscriptionStatus>, cause: Cause, at: OffsetDateTime) -> Transition {
        Transition {
            object_id: self.id.to_string(),
            version: self.version,
            from: from.map(SubscriptionStatus::as_str),
            to: self.status.as_str(),
            cause,
            event_id: None,
            at,
        }
    }
}

/// A stored row that the rules could never have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored subscription {id} is damaged: {what}")]
pub struct InvalidSubscription {
    /// Which row.
    pub id: SubscriptionId,
    /// What does not fit together.
    pub what: &'static str,
}

impl Subscription {
    /// Takes a subscription out of a store.
    ///
    /// # Errors
    ///
    /// [`InvalidSubscription`] when the fields contradict each other, so that damage is noticed where it is read.
    pub fn restore(record: SubscriptionRecord) -> Result<Self, InvalidSubscription> {
        let is_stub = record.as_of == OffsetDateTime::UNIX_EPOCH;
        let damage = if record.version < 1 {
            Some("version below 1")
        } else if is_stub && record.status != SubscriptionStatus::Incomplete {
            Some("a status without a snapshot")
        } else {
            None
        };
        match damage {
            Some(what) => Err(InvalidSubscription { id: record.id, what }),
            None => Ok(Self(record)),
        }
    }
}
