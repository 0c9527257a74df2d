//! What changed, when and why: the audit trail, and the outbox from which a host learns "paid, do X".

use time::OffsetDateTime;

use crate::ids::EventId;
use crate::text_enum::text_enum;

text_enum! {
    /// Which way in made a payment final.
    SettledBy ("way of settlement") {
        /// Stripe's webhook.
        Webhook = "webhook",
        /// The customer came back first, and we asked Stripe.
        Landing = "landing",
        /// A background check found it.
        Sweep = "sweep",
    }
}

text_enum! {
    /// What made a row change.
    Cause ("cause") {
        /// The user's own click, and Stripe's answer to our call.
        Checkout = "checkout",
        /// Stripe's webhook.
        Webhook = "webhook",
        /// The customer came back first, and we asked Stripe.
        Landing = "landing",
        /// A background check found it.
        Sweep = "sweep",
    }
}

impl Cause {
    /// The way of settlement that this cause stands for. A second click that finds the first one paid asks Stripe as
    /// the landing does, and is counted as such.
    #[must_use]
    pub const fn settled_by(self) -> SettledBy {
        match self {
            Self::Checkout | Self::Landing => SettledBy::Landing,
            Self::Webhook => SettledBy::Webhook,
            Self::Sweep => SettledBy::Sweep,
        }
    }
}

/// One change of one payment or subscription, written in the transaction that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The payment or subscription.
    pub object_id: String,
    /// The version that the change made.
    pub version: i64,
    /// The status before; `None` for a new row.
    pub from: Option<&'static str>,
    /// The status after. It may be the same when another field changed.
    pub to: &'static str,
    /// What made it change.
    pub cause: Cause,
    /// The event that said so, if one did.
    pub event_id: Option<EventId>,
    /// When we wrote it.
    pub at: OffsetDateTime,
}
