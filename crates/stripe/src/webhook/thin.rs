use settled_domain::event::EventContent;
use settled_domain::refresh_request::RefreshObject;
use settled_domain::settlement::ParkReason;

use super::kinds::{Kind, kind_of};

/// What an event that only names its object leads to: the object is asked for. Which kind of object it is follows from
/// the event's type by this table and from nothing else, so that nobody can make us call an address of theirs:
/// <https://docs.stripe.com/event-destinations#thin-events>.
pub(super) fn content(event_type: &str, object_id: Option<&str>) -> EventContent {
    let Some(kind) = event_type.strip_prefix("v1.").and_then(kind_of) else {
        return EventContent::Unhandled;
    };
    match object_id.and_then(|id| RefreshObject::parse(word(kind), id)) {
        Some(object) => EventContent::Named(object),
        None => EventContent::Unreadable(ParkReason::UnreadableObject),
    }
}

/// The word of [`RefreshObject::kind`] for the object that such an event is about.
const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Session(_) => "session",
        Kind::Subscription(_) => "subscription",
        Kind::Invoice | Kind::DeletedInvoice => "invoice",
        Kind::Refund => "refund",
        Kind::RefundedCharge => "charge_refunds",
        Kind::Dispute(_) => "dispute",
        Kind::DeletedCustomer => "customer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(event_type: &str, id: &str) -> Option<String> {
        match content(event_type, Some(id)) {
            EventContent::Named(object) => Some(object.to_string()),
            _ => None,
        }
    }

    #[test]
    fn a_thin_event_names_what_is_to_be_asked_for() {
        let table = [
            ("v1.checkout.session.completed", "cs_1", "session cs_1"),
            ("v1.checkout.session.async_payment_failed", "cs_1", "session cs_1"),
            ("v1.customer.subscription.past_due", "sub_1", "subscription sub_1"),
            ("v1.invoice.paid", "in_1", "invoice in_1"),
            ("v1.refund.failed", "re_1", "refund re_1"),
            ("v1.charge.refund.updated", "re_1", "refund re_1"),
            ("v1.charge.refunded", "ch_1", "charge_refunds ch_1"),
            ("v1.charge.dispute.closed", "du_1", "dispute du_1"),
            ("v1.customer.deleted", "cus_1", "customer cus_1"),
        ];
        for (event_type, id, object) in table {
            assert_eq!(named(event_type, id).as_deref(), Some(object), "{event_type}");
        }
    }

    #[test]
    fn a_thin_event_that_says_nothing_of_ours_is_not_handled() {
        for event_type in [
            "v2.core.event_destination.ping",
            "v2.core.health.event_generation_failure.resolved",
            "v1.invoice.upcoming",
            "v1.price.created",
            "v1.customer.updated",
            "checkout.session.completed",
            "v1.",
            "",
        ] {
            assert_eq!(content(event_type, Some("cs_1")), EventContent::Unhandled, "{event_type}");
        }
    }

    #[test]
    fn an_id_of_another_kind_or_none_at_all_is_parked_and_never_asked_for() {
        let parked = EventContent::Unreadable(ParkReason::UnreadableObject);
        for id in [None, Some("sub_1"), Some("../account"), Some("in_1/pay"), Some("https://evil.example/"), Some("")] {
            assert_eq!(content("v1.invoice.paid", id), parked, "{id:?}");
        }
    }
}
