//! What to ask Stripe again, and why.

use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::ids::{ChargeId, CustomerId, DisputeId, InvoiceId, PaymentId, RefundId, SessionId, SubscriptionId};
use crate::text_enum::text_enum;

/// For how long an answer may lag behind an event of which only its object's name is known. There is nothing in such an event
/// that an answer could be compared with, and nobody waits for the last one, so this is well beyond
/// [`ANSWER_LAG`](crate::mirror::ANSWER_LAG).
const NAMED_LAG: Duration = Duration::MINUTE;

/// An object of ours whose truth is in doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefreshObject {
    /// A payment: its session is fetched, or created again when that was left undone.
    Payment(PaymentId),
    /// A subscription, also one that we don't hold yet.
    Subscription(SubscriptionId),
    /// A Checkout Session: the payment that it belongs to is looked for, if there is one.
    Session(SessionId),
    /// An invoice.
    Invoice(InvoiceId),
    /// A refund.
    Refund(RefundId),
    /// A dispute.
    Dispute(DisputeId),
    /// All refunds of a charge.
    ChargeRefunds(ChargeId),
    /// A customer: whether it still exists.
    Customer(CustomerId),
}

impl RefreshObject {
    /// The word for what it is, such as `payment`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Payment(_) => "payment",
            Self::Subscription(_) => "subscription",
            Self::Session(_) => "session",
            Self::Invoice(_) => "invoice",
            Self::Refund(_) => "refund",
            Self::Dispute(_) => "dispute",
            Self::ChargeRefunds(_) => "charge_refunds",
            Self::Customer(_) => "customer",
        }
    }

    /// The object's id, the key of its entry.
    #[must_use]
    pub fn object_id(&self) -> String {
        match self {
            Self::Payment(id) => id.to_string(),
            Self::Subscription(id) => id.to_string(),
            Self::Session(id) => id.to_string(),
            Self::Invoice(id) => id.to_string(),
            Self::Refund(id) => id.to_string(),
            Self::Dispute(id) => id.to_string(),
            Self::ChargeRefunds(id) => id.to_string(),
            Self::Customer(id) => id.to_string(),
        }
    }

    /// Reads back what [`kind`](Self::kind) and [`object_id`](Self::object_id) wrote; `None` for anything else.
    #[must_use]
    pub fn parse(kind: &str, object_id: &str) -> Option<Self> {
        match kind {
            "payment" => object_id.parse().ok().map(Self::Payment),
            "subscription" => object_id.parse().ok().map(Self::Subscription),
            "session" => object_id.parse().ok().map(Self::Session),
            "invoice" => object_id.parse().ok().map(Self::Invoice),
            "refund" => object_id.parse().ok().map(Self::Refund),
            "dispute" => object_id.parse().ok().map(Self::Dispute),
            "charge_refunds" => object_id.parse().ok().map(Self::ChargeRefunds),
            "customer" => object_id.parse().ok().map(Self::Customer),
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
        /// An invoice tells that its subscription may have moved.
        Invoice = "invoice",
        /// Nothing of ours is known to have been paid with the charge that a refund or dispute names.
        Owner = "owner",
        /// An event has named the object without describing it.
        Named = "named",
        /// It is in a status that this version does not know.
        UnknownStatus = "unknown_status",
        /// Its customer was deleted, so it must have ended.
        CustomerDeleted = "customer_deleted",
        /// Nothing was heard for long of a payment that waits for its customer or its money, or its session has ended.
        Overdue = "overdue",
        /// A date of the subscription has passed without news.
        Lapsed = "lapsed",
        /// Stripe lists it, and no event has told of it.
        Listed = "listed",
        /// Every subscription that may still change is read again now and then.
        Rotation = "rotation",
    }
}

impl RefreshReason {
    /// Of the event that is the reason, only the object's name could be used.
    const fn is_by_name(self) -> bool {
        matches!(self, Self::Named | Self::UnknownStatus | Self::Owner)
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
    /// A snapshot of this second or a later one answers the question by itself, so that Stripe need not be asked; `None`
    /// when nothing else can answer it. Of several wishes about one object, the most demanding holds.
    pub answered_from: Option<OffsetDateTime>,
    /// An answer of before this moment is taken, and asked for once more at this moment; `None` when the first will do. Of
    /// several wishes about one object, the latest moment holds.
    pub trusted_from: Option<OffsetDateTime>,
}

impl RefreshRequest {
    /// A wish that only Stripe's answer fulfils. When the event behind it is known by no more than its object's name, Stripe is
    /// asked once more after a while, except about a payment, which is asked about again for as long as it waits.
    #[must_use]
    pub fn new(object: RefreshObject, reason: RefreshReason, due_at: OffsetDateTime) -> Self {
        let is_asked_again = matches!(object, RefreshObject::Payment(_) | RefreshObject::Session(_));
        let trusted_from = (reason.is_by_name() && !is_asked_again).then(|| due_at + NAMED_LAG);
        Self { object, reason, due_at, answered_from: None, trusted_from }
    }

    /// The same wish, unless a snapshot of this second or a later one has come by the due time.
    #[must_use]
    pub fn unless_answered_from(self, second: OffsetDateTime) -> Self {
        Self { answered_from: Some(second), ..self }
    }
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
    /// From which second on a snapshot answers it, if one can: see [`RefreshRequest::answered_from`].
    pub answered_from: Option<OffsetDateTime>,
    /// From which moment on an answer is the last: see [`RefreshRequest::trusted_from`].
    pub trusted_from: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_object_is_read_back_as_it_was_written() {
        let objects = [
            ("payment", "00000000-0000-0000-0000-000000000001"),
            ("subscription", "sub_1"),
            ("session", "cs_1"),
            ("invoice", "in_1"),
            ("refund", "pyr_1"),
            ("dispute", "dp_1"),
            ("charge_refunds", "py_1"),
            ("customer", "cus_1"),
        ];
        for (kind, id) in objects {
            let object = RefreshObject::parse(kind, id).unwrap();
            assert_eq!((object.kind(), object.object_id().as_str()), (kind, id));
        }
    }

    #[test]
    fn an_id_of_another_kind_and_an_unknown_kind_are_no_object() {
        for (kind, id) in
            [("invoice", "sub_1"), ("session", "cs_"), ("refund", "../v1/x"), ("charge", "ch_1"), ("", "")]
        {
            assert_eq!(RefreshObject::parse(kind, id), None, "{kind} {id}");
        }
    }

    #[test]
    fn an_event_known_by_name_is_asked_about_twice_unless_it_is_about_a_payment() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let trusted_from =
            |kind, id, reason| RefreshRequest::new(RefreshObject::parse(kind, id).unwrap(), reason, now).trusted_from;
        let later = Some(now + Duration::MINUTE);
        assert_eq!(trusted_from("invoice", "in_1", RefreshReason::Named), later);
        assert_eq!(trusted_from("dispute", "dp_1", RefreshReason::UnknownStatus), later);
        assert_eq!(trusted_from("refund", "re_1", RefreshReason::Owner), later);
        assert_eq!(trusted_from("invoice", "in_1", RefreshReason::Doubt), None);
        assert_eq!(trusted_from("session", "cs_1", RefreshReason::Named), None);
    }
}
