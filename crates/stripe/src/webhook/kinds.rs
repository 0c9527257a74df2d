use settled_domain::session::SessionEvent;
use settled_domain::subscription::News;

/// What an event of a type that we handle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its object is a Checkout Session, to which this has happened.
    Session(SessionEvent),
    /// Its object is a subscription.
    Subscription(News),
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
];

/// The types of the events that a webhook endpoint has to be sent, in no particular order.
pub fn handled_events() -> impl Iterator<Item = &'static str> {
    HANDLED.iter().map(|(event_type, _)| *event_type)
}

/// What an event of this type is about; `None` when it has no effect.
pub(super) fn kind_of(event_type: &str) -> Option<Kind> {
    let handled = HANDLED.iter().find(|(known, _)| *known == event_type).map(|(_, kind)| *kind);
    handled.or_else(|| {
        // Every event of this family carries the whole subscription, also those that Stripe has yet to invent.
        event_type.starts_with("customer.subscription.").then_some(Kind::Subscription(News::Updated))
    })
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
    fn a_subscription_event_of_the_future_is_read_and_other_families_are_not() {
        assert_eq!(kind_of("customer.subscription.frozen"), Some(Kind::Subscription(News::Updated)));
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
