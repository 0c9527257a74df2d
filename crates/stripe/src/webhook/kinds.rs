use settled_domain::session::SessionEvent;
use settled_domain::subscription::News;

/// What an event of a type that we handle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its object is a Checkout Session, to which this has happened.
    Session(SessionEvent),
    /// Its object is a subscription.
    Subscription(News),
    /// Its object is an invoice.
    Invoice,
    /// Its object is the last look at an invoice that was a draft.
    DeletedInvoice,
    /// Its object is a refund.
    Refund,
    /// Its object is a charge of which something was given back.
    RefundedCharge,
    /// Its object is a dispute.
    Dispute(News),
    /// Its object is a customer that is no more.
    DeletedCustomer,
}

/// The only list of the event types that have an effect: incoming events are read by it, and webhook endpoints are
/// registered with it.
const HANDLED: &[(&str, Kind)] = &[
    ("checkout.session.completed", Kind::Session(SessionEvent::Completed)),
    ("checkout.session.async_payment_succeeded", Kind::Session(SessionEvent::AsyncPaymentSucceeded)),
    ("checkout.session.async_payment_failed", Kind::Session(SessionEvent::AsyncPaymentFailed)),
    ("checkout.session.expired", Kind::Session(SessionEvent::Expired)),
    ("customer.subscription.created", Kind::Subscription(News::Created)),
    ("customer.subscription.updated", Kind::Subscription(News::Updated)),
    ("customer.subscription.deleted", Kind::Subscription(News::Updated)),
    ("customer.subscription.paused", Kind::Subscription(News::Updated)),
    ("customer.subscription.resumed", Kind::Subscription(News::Updated)),
    ("customer.subscription.trial_will_end", Kind::Subscription(News::Updated)),
    ("customer.subscription.pending_update_applied", Kind::Subscription(News::Updated)),
    ("customer.subscription.pending_update_expired", Kind::Subscription(News::Updated)),
    ("invoice.created", Kind::Invoice),
    ("invoice.finalized", Kind::Invoice),
    ("invoice.updated", Kind::Invoice),
    ("invoice.paid", Kind::Invoice),
    ("invoice.payment_failed", Kind::Invoice),
    ("invoice.voided", Kind::Invoice),
    ("invoice.marked_uncollectible", Kind::Invoice),
    ("invoice.deleted", Kind::DeletedInvoice),
    ("refund.created", Kind::Refund),
    ("refund.updated", Kind::Refund),
    ("refund.failed", Kind::Refund),
    ("charge.refund.updated", Kind::Refund),
    ("charge.refunded", Kind::RefundedCharge),
    ("charge.dispute.created", Kind::Dispute(News::Created)),
    ("charge.dispute.updated", Kind::Dispute(News::Updated)),
    ("charge.dispute.closed", Kind::Dispute(News::Updated)),
    ("charge.dispute.funds_withdrawn", Kind::Dispute(News::Updated)),
    ("charge.dispute.funds_reinstated", Kind::Dispute(News::Updated)),
    ("customer.deleted", Kind::DeletedCustomer),
];

/// Every event of these families carries the whole object, also those that Stripe has yet to invent.
const FAMILIES: &[(&str, Kind)] = &[
    ("customer.subscription.", Kind::Subscription(News::Updated)),
    ("invoice.", Kind::Invoice),
    ("refund.", Kind::Refund),
    ("charge.dispute.", Kind::Dispute(News::Updated)),
];

/// It tells of an invoice that does not exist yet, so there is nothing to hold it by.
const NOT_THERE_YET: &str = "invoice.upcoming";

/// The types of the events that a webhook endpoint has to be sent, in no particular order.
pub fn handled_events() -> impl Iterator<Item = &'static str> {
    HANDLED.iter().map(|(event_type, _)| *event_type)
}

/// What an event of this type is about; `None` when it has no effect.
pub(super) fn kind_of(event_type: &str) -> Option<Kind> {
    let is_handled = |(known, _): &&(&str, Kind)| *known == event_type;
    let is_of_family = |(family, _): &&(&str, Kind)| event_type.starts_with(family) && event_type != NOT_THERE_YET;
    let found = HANDLED.iter().find(is_handled).or_else(|| FAMILIES.iter().find(is_of_family));
    found.map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_that_an_endpoint_is_sent_is_handled_and_named_once() {
        assert!(handled_events().all(|event_type| kind_of(event_type).is_some()));
        assert_eq!(handled_events().collect::<BTreeSet<_>>().len(), handled_events().count());
    }

    #[test]
    fn an_event_of_the_future_is_read_if_it_is_of_a_family_that_is() {
        assert_eq!(kind_of("customer.subscription.frozen"), Some(Kind::Subscription(News::Updated)));
        assert_eq!(kind_of("invoice.overdue"), Some(Kind::Invoice));
        assert_eq!(kind_of("refund.reversed"), Some(Kind::Refund));
        assert_eq!(kind_of("charge.dispute.appealed"), Some(Kind::Dispute(News::Updated)));
        assert_eq!(kind_of("invoice.upcoming"), None);
        assert_eq!(kind_of("invoice_payment.paid"), None);
        assert_eq!(kind_of("invoiceitem.created"), None);
        assert_eq!(kind_of("charge.updated"), None);
        assert_eq!(kind_of("customer.updated"), None);
        assert_eq!(kind_of("checkout.session.reopened"), None);
    }

    #[test]
    fn the_operators_are_told_the_same_list() {
        let told = include_str!("../../../../docs/OPERATIONS.md");
        for event_type in handled_events() {
            assert!(told.contains(&format!("`{event_type}`")), "{event_type} is not in docs/OPERATIONS.md");
        }
    }
}
