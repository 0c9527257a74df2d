//! Stripe's objects as JSON, read with the few fields that we use. Every API version is welcome: what some leave out is
//! optional, what we don't know is skipped, and a word that we don't know is `None`.
//!
//! async-stripe's own types are not used for reading: they refuse a whole object for one field that its version has and
//! another has not, although we would not have looked at it.

mod customer;
mod dispute;
mod envelope;
mod expandable;
mod invoice;
mod metadata;
mod payment_intent;
mod price;
mod refund;
mod session;
mod subscription;
mod text;

pub(crate) use customer::CustomerObject;
pub(crate) use dispute::{DisputeObject, read_dispute};
pub(crate) use envelope::{Envelope, EnvelopeKind};
pub(crate) use expandable::Expandable;
pub(crate) use invoice::{InvoiceObject, NamedInvoice, read_invoice};
pub(crate) use metadata::Metadata;
pub(crate) use payment_intent::PaymentIntentObject;
pub(crate) use price::PriceObject;
pub(crate) use refund::{ChargeOwner, RefundObject, read_refund, read_refunded_charge};
pub(crate) use session::{SessionObject, read_session};
pub(crate) use subscription::{PayableSubscription, SubscriptionObject, read_subscription};
pub(crate) use text::{is_plain, web_address};

use time::OffsetDateTime;

/// The JSON is not the object that it was taken for: a field that we need is absent or of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {what}")]
pub(crate) struct Unreadable {
    /// What was to be read. Never a value: values are personal data.
    pub(crate) what: &'static str,
}

pub(crate) const fn unreadable(what: &'static str) -> Unreadable {
    Unreadable { what }
}

/// An optional second of the Unix time.
fn second(at: Option<i64>) -> Result<Option<OffsetDateTime>, Unreadable> {
    at.map(OffsetDateTime::from_unix_timestamp).transpose().map_err(|_| unreadable("a time"))
}
