//! A webhook event whose signature has been verified, reduced to what we read.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::dispute::DisputeSnapshot;
use crate::ids::{AccountId, CustomerId, EventId};
use crate::invoice::InvoiceSnapshot;
use crate::refresh_request::RefreshObject;
use crate::refund::{RefundSnapshot, RefundedCharge};
use crate::session::{CheckoutSession, SessionEvent};
use crate::settlement::ParkReason;
use crate::subscription::{News, SubscriptionSnapshot};
use crate::text_enum::text_enum;
use crate::transition::Cause;

text_enum! {
    /// By which way an event came to us.
    EventSource ("source of an event") {
        /// Stripe posted it.
        Webhook = "webhook",
        /// The sweep found it in Stripe's list.
        Sweep = "sweep",
    }
}

impl EventSource {
    /// What a change is put down to that such an event makes.
    #[must_use]
    pub const fn cause(self) -> Cause {
        match self {
            Self::Webhook => Cause::Webhook,
            Self::Sweep => Cause::Sweep,
        }
    }
}

/// An event of Stripe's: signed, or out of its own list.
#[derive(Debug, Clone)]
pub struct WebhookEvent {
    /// Stripe's id of the event; a body without a readable one is given an id made from its digest.
    pub id: EventId,
    /// Such as `checkout.session.completed`; empty when it could not be read.
    pub event_type: String,
    /// The object it is about, if it names one.
    pub object_id: Option<String>,
    /// The API version that the payload is rendered in.
    pub api_version: Option<String>,
    /// Live mode or test mode; `None` when it could not be read.
    pub livemode: Option<bool>,
    /// The connected account, for events that are not of our own.
    pub account: Option<AccountId>,
    /// The second in which Stripe made it.
    pub created: OffsetDateTime,
    /// When it reached us.
    pub received_at: OffsetDateTime,
    /// By which way.
    pub source: EventSource,
    /// What it says.
    pub content: EventContent,
    /// The body as it was signed; kept only when the event is parked.
    pub payload: Payload,
}

/// What an event says, as far as it concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventContent {
    /// A Checkout Session has moved.
    CheckoutSession(SessionEvent, CheckoutSession),
    /// A subscription has changed; the snapshot is the whole of it.
    Subscription(News, SubscriptionSnapshot),
    /// An invoice has changed; the snapshot is the whole of it.
    Invoice(InvoiceSnapshot),
    /// A refund has changed; the snapshot is the whole of it.
    Refund(RefundSnapshot),
    /// A dispute has changed; the snapshot is the whole of it.
    Dispute(News, DisputeSnapshot),
    /// Something was given back of a charge.
    ChargeRefunded(RefundedCharge),
    /// A customer was deleted.
    CustomerDeleted(CustomerId),
    /// The object is only named: what became of it is to be asked.
    Named(RefreshObject),
    /// A type that we don't act on.
    Unhandled,
    /// A type that we act on, whose payload cannot be read.
    Unreadable(ParkReason),
}

/// The signed bytes of a webhook. They hold personal data, so `Debug` shows their number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(Arc<[u8]>);

impl Payload {
    /// Takes a copy of the bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Payload({} bytes)", self.0.len())
    }
}
