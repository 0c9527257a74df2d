//! A mirror of one Stripe subscription, and the rules by which snapshots of it are taken in.

mod apply;
mod record;

pub use apply::{News, SubscriptionVerdict};
pub use record::{InvalidSubscription, SubscriptionRecord};

use time::{Duration, OffsetDateTime};

use crate::ids::{CustomerId, PaymentId, PriceId, SubscriptionId};
use crate::payment::Payment;
use crate::text_enum::text_enum;
use crate::transition::{Cause, Transition};

text_enum! {
    /// Stripe's subscription statuses:
    /// <https://docs.stripe.com/api/subscriptions/object#subscription_object-status>.
    SubscriptionStatus ("subscription status") {
        /// The first payment is still missing.
        Incomplete = "incomplete",
        /// The first payment never came. Final.
        IncompleteExpired = "incomplete_expired",
        /// In a free trial.
        Trialing = "trialing",
        /// Paid.
        Active = "active",
        /// The latest invoice is not paid; Stripe tries again.
        PastDue = "past_due",
        /// Over. Final.
        Canceled = "canceled",
        /// The latest invoice is not paid and Stripe has given up trying.
        Unpaid = "unpaid",
        /// Paused, for example a trial that ended without a payment method.
        Paused = "paused",
    }
}

impl SubscriptionStatus {
    /// Nothing follows: Stripe never revives such a subscription.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// A subscription as Stripe described it at one moment, reduced to what we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionSnapshot {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// The status, or `None` when Stripe uses a word that we don't know.
    pub status: Option<SubscriptionStatus>,
    /// `metadata.payment_id`, which our server writes at checkout.
    pub payment_id: Option<PaymentId>,
    /// `metadata.slot`, which our server writes at checkout.
    pub slot: Option<String>,
    /// The price of the first item.
    pub price_id: PriceId,
    /// The quantity of the first item; 1 when Stripe names none.
    pub quantity: u32,
    /// The earliest period end over the items, or the subscription's own in API versions before 2025-03-31.
    pub current_period_end: Option<OffsetDateTime>,
    /// It ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it will end, if that is set.
    pub cancel_at: Option<OffsetDateTime>,
    /// When the trial ends or ended.
    pub trial_end: Option<OffsetDateTime>,
}

/// A subscription and the rules of its life; the fields are read through [`record`](Self::record).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription(SubscriptionRecord);

impl Subscription {
    /// What a store keeps.
    #[must_use]
    pub const fn record(&self) -> &SubscriptionRecord {
        &self.0
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &SubscriptionId {
        &self.0.id
    }

    /// Stripe's status.
    #[must_use]
    pub const fn status(&self) -> SubscriptionStatus {
        self.0.status
    }

    /// Counts the changes of the row, from 1.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.0.version
    }

    /// A place held for a subscription that a paid session names and of which no snapshot has come yet. It grants
    /// nothing and blocks a second checkout.
    #[must_use]
    pub fn stub(id: SubscriptionId, payment: &Payment, cause: Cause, now: OffsetDateTime) -> (Self, Transition) {
        let paid = payment.record();
        let row = SubscriptionRecord {
            id,
            user_id: paid.user_id.clone(),
            customer_id: paid.customer_id.clone(),
            slot: paid.slot.clone(),
            price_id: paid.price_id.clone(),
            quantity: paid.quantity.get(),
            status: SubscriptionStatus::Incomplete,
            status_since: now,
            current_period_end: None,
            cancel_at_period_end: false,
            cancel_at: None,
            trial_end: None,
            as_of: OffsetDateTime::UNIX_EPOCH,
            from_created: false,
            checked_at: now,
            version: 1,
        };
        let transition = row.transition(None, cause, now);
        (Self(row), transition)
    }

    /// Only the name is known: see [`stub`](Self::stub).
    #[must_use]
    pub fn is_stub(&self) -> bool {
        self.0.as_of == OffsetDateTime::UNIX_EPOCH
    }

    /// Whether the user may use the product now: `active` or `trialing`, or `past_due` for a grace period.
    #[must_use]
    pub fn grants_access(&self, grace: Duration, now: OffsetDateTime) -> bool {
        match self.0.status {
            SubscriptionStatus::Active | SubscriptionStatus::Trialing => true,
            SubscriptionStatus::PastDue => now < self.0.status_since.saturating_add(grace),
            SubscriptionStatus::Incomplete
            | SubscriptionStatus::IncompleteExpired
            | SubscriptionStatus::Canceled
            | SubscriptionStatus::Unpaid
            | SubscriptionStatus::Paused => false,
        }
    }
}

#[cfg(test)]
mod tests;
