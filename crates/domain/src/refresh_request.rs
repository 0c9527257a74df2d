//! What to ask Stripe again, and why.

use std::fmt;

use time::OffsetDateTime;

use crate::ids::{PaymentId, SubscriptionId};
use crate::text_enum::text_enum;

/// An object of ours whose truth is in doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefreshObject {
    /// A payment: its session is fetched, or created again when that was left undone.
    Payment(PaymentId),
    /// A subscription.
    Subscription(SubscriptionId),
}

impl RefreshObject {
    /// `payment` or `subscription`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Payment(_) => "payment",
            Self::Subscription(_) => "subscription",
        }
    }

    /// The object's id, the key of its entry.
    #[must_use]
    pub fn object_id(&self) -> String {
        match self {
            Self::Payment(id) => id.to_string(),
            Self::Subscription(id) => id.to_string(),
        }
    }

    /// Reads back what [`kind`](Self::kind) and [`object_id`](Self::object_id) wrote; `None` for anything else.
    #[must_use]
    pub fn parse(kind: &str, object_id: &str) -> Option<Self> {
        match kind {
            "payment" => object_id.parse().ok().map(Self::Payment),
            "subscription" => object_id.parse().ok().map(Self::Subscription),
            _ => None,
        }
    }
}

impl fmt::Display for RefreshObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind(), self.object_id())
    }
}

text_enum! {
    /// Why Stripe is to be asked.
    RefreshReason ("refresh reason") {
        /// A paid session names a subscription of which no snapshot has come; the first one cancels the entry.
        Stub = "stub",
        /// Two snapshots of one second differ, or an older one says something else.
        Doubt = "doubt",
        /// Stripe has said both that a payment succeeded and that it did not.
        Contradiction = "contradiction",
        /// The customer is back and no webhook has come yet.
        Landing = "landing",
        /// The call that creates the session was left undone.
        Creating = "creating",
    }
}

/// A wish to ask Stripe about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRequest {
    /// About what.
    pub object: RefreshObject,
    /// Why.
    pub reason: RefreshReason,
    /// Not before.
    pub due_at: OffsetDateTime,
}

/// A wish that one worker has taken on, for as long as its lease lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedRefresh {
    /// About what.
    pub object: RefreshObject,
    /// Why.
    pub reason: RefreshReason,
    /// Rises with every new doubt; the entry is only done at the generation that was claimed.
    pub generation: i64,
    /// How often it was tried before and failed.
    pub attempts: u32,
}
