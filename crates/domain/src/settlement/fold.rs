use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;

use super::session::{SessionSettlement, settle_session};
use super::subscription::Arrival;
use super::{IgnoreReason, Outcome, ParkReason};
use crate::customer::Customer;
use crate::event::{EventContent, WebhookEvent};
use crate::ids::{CustomerId, EventId, PaymentId, SessionId, SubscriptionId, UserId};
use crate::installation::Installation;
use crate::payment::{Payment, PaymentFact, PaymentStatus};
use crate::refresh_request::{RefreshObject, RefreshRequest};
use crate::session::{CheckoutSession, SessionEvent};
use crate::subscription::{News, Subscription};
use crate::transition::{Cause, Transition};

/// The rows that a batch of events is about: what to lock and read before folding.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Customers of the subscriptions.
    pub customers: BTreeSet<CustomerId>,
    /// Subscriptions that events or sessions name.
    pub subscriptions: BTreeSet<SubscriptionId>,
    /// Sessions.
    pub sessions: BTreeSet<SessionId>,
    /// Payments that sessions name in their metadata.
    pub payments: BTreeSet<PaymentId>,
}

impl Keys {
    /// Collects what the events name.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a WebhookEvent>) -> Self {
        let mut keys = Self::default();
        for event in events {
            match &event.content {
                EventContent::CheckoutSession(_, session) => {
                    keys.sessions.insert(session.id.clone());
                    keys.payments.extend(session.payment_id);
                    keys.subscriptions.extend(session.subscription_id.clone());
                }
                EventContent::Subscription(_, snapshot) => {
                    keys.customers.insert(snapshot.customer_id.clone());
                    keys.subscriptions.insert(snapshot.id.clone());
                }
                EventContent::Unhandled | EventContent::Unreadable(_) => {}
            }
        }
        keys
    }
}

/// The rows as they were read under their locks.
#[derive(Debug, Default, Clone)]
pub struct Held {
    /// Customers by the keys asked for.
    pub customers: Vec<Customer>,
    /// Subscriptions by the keys asked for.
    pub subscriptions: Vec<Subscription>,
    /// Payments by the keys asked for.
    pub payments: Vec<Payment>,
}

/// What a batch leads to: one final row per object, and everything that is written with it.
#[derive(Debug, Default)]
pub struct Settlement {
    /// What became of each event.
    pub outcomes: Vec<(EventId, Outcome)>,
    /// Every change, in order.
    pub transitions: Vec<Transition>,
    /// What to ask Stripe.
    pub refreshes: Vec<RefreshRequest>,
    /// Stubs that were answered by a snapshot: Stripe need not be asked.
    pub answered_stubs: Vec<RefreshObject>,
    pub(super) owners: BTreeMap<CustomerId, UserId>,
    pub(super) subscriptions: BTreeMap<SubscriptionId, Subscription>,
    payments: BTreeMap<PaymentId, Payment>,
    payment_of_session: BTreeMap<SessionId, PaymentId>,
    new_subscriptions: BTreeSet<SubscriptionId>,
    changed_subscriptions: BTreeSet<SubscriptionId>,
    changed_payments: BTreeSet<PaymentId>,
}

/// Folds events into the rows they are about. Facts about one object are taken by the second in which Stripe made them,
/// `…created` first, whatever the order in which they came.
#[must_use]
pub fn settle(events: &[WebhookEvent], held: Held, home: &Installation, now: OffsetDateTime) -> Settlement {
    let mut settlement = Settlement::of(held);
    let mut ordered: Vec<&WebhookEvent> = events.iter().collect();
    // Subscriptions come before sessions, so that a session finds the subscription that came in the same batch.
    ordered.sort_by_key(|event| (rank(&event.content), event.created, is_update(&event.content), &event.id));
    for event in ordered {
        let outcome = foreign(event, home).map_or_else(|| settlement.take(event, now), Outcome::Ignored);
        settlement.outcomes.push((event.id.clone(), outcome));
    }
    settlement
}

const fn rank(content: &EventContent) -> u8 {
    match content {
        EventContent::Subscription(..) => 0,
        EventContent::CheckoutSession(..) => 1,
        EventContent::Unhandled | EventContent::Unreadable(_) => 2,
    }
}

const fn is_update(content: &EventContent) -> bool {
    !matches!(content, EventContent::Subscription(News::Created, _))
}

fn foreign(event: &WebhookEvent, home: &Installation) -> Option<IgnoreReason> {
    if event.livemode.is_some_and(|livemode| livemode != home.livemode()) {
        Some(IgnoreReason::OtherMode)
    } else if event.account.as_ref().is_some_and(|account| *account != home.account_id) {
        Some(IgnoreReason::OtherAccount)
    } else {
        None
    }
}

impl Settlement {
    fn of(held: Held) -> Self {
        let mut settlement = Self::default();
        for customer in held.customers {
            if let Some(customer_id) = customer.customer_id {
                settlement.owners.insert(customer_id, customer.user_id);
            }
        }
        for subscription in held.subscriptions {
            settlement.subscriptions.insert(subscription.id().clone(), subscription);
        }
        for payment in held.payments {
            if let Some(session_id) = payment.record().session_id.clone() {
                settlement.payment_of_session.insert(session_id, payment.id());
            }
            settlement.payments.insert(payment.id(), payment);
        }
        settlement
    }

    fn take(&mut self, event: &WebhookEvent, now: OffsetDateTime) -> Outcome {
        match &event.content {
            EventContent::CheckoutSession(kind, session) => self.take_session(event, *kind, session, now),
            EventContent::Subscription(news, snapshot) => {
                self.take_snapshot(&Arrival { event_id: &event.id, news: *news, snapshot, as_of: event.created }, now)
            }
            EventContent::Unhandled => Outcome::Ignored(IgnoreReason::UnhandledType),
            EventContent::Unreadable(reason) => Outcome::Parked(*reason),
        }
    }

    fn take_session(
        &mut self,
        event: &WebhookEvent,
        kind: SessionEvent,
        session: &CheckoutSession,
        now: OffsetDateTime,
    ) -> Outcome {
        let Some(status) = session.status_by_event(kind) else {
            return Outcome::Parked(ParkReason::UnreadableObject);
        };
        let matched = self.payment_of_session.get(&session.id).copied().or(session.payment_id);
        let Some(payment) = matched.and_then(|id| self.payments.get_mut(&id)) else {
            return Outcome::Ignored(IgnoreReason::NotOurs);
        };
        let fact = PaymentFact { status, session, as_of: event.created, cause: Cause::Webhook };
        let subscriptions = &self.subscriptions;
        let before = payment.version();
        let settled = settle_session(payment, &fact, |id| subscriptions.contains_key(id), now);
        let payment_id = payment.id();
        if payment.version() != before {
            self.changed_payments.insert(payment_id);
        }
        match settled {
            // A session whose creation was repeated under a new key: nobody had its URL, and now it has expired.
            Err(ParkReason::SessionMismatch) if status == PaymentStatus::Expired => {
                Outcome::Ignored(IgnoreReason::NotOurs)
            }
            Err(reason) => Outcome::Parked(reason),
            Ok(settled) => {
                self.payment_of_session.insert(session.id.clone(), payment_id);
                self.record_session(settled, &event.id);
                Outcome::Processed
            }
        }
    }

    fn record_session(&mut self, settled: SessionSettlement, event_id: &EventId) {
        if let Some(mut transition) = settled.transition {
            transition.event_id = Some(event_id.clone());
            self.transitions.push(transition);
        }
        if let Some((stub, mut transition)) = settled.stub {
            transition.event_id = Some(event_id.clone());
            self.insert(stub, transition);
        }
        self.refreshes.extend(settled.refreshes);
    }

    pub(super) fn insert(&mut self, subscription: Subscription, transition: Transition) {
        self.transitions.push(transition);
        self.new_subscriptions.insert(subscription.id().clone());
        self.subscriptions.insert(subscription.id().clone(), subscription);
    }

    pub(super) fn mark_changed(&mut self, id: SubscriptionId) {
        if !self.new_subscriptions.contains(&id) {
            self.changed_subscriptions.insert(id);
        }
    }

    /// The payments to write, in the order of their keys.
    #[must_use]
    pub fn changed_payments(&self) -> Vec<Payment> {
        self.changed_payments.iter().filter_map(|id| self.payments.get(id).cloned()).collect()
    }

    /// The subscriptions to insert, in the order of their keys.
    #[must_use]
    pub fn new_subscriptions(&self) -> Vec<Subscription> {
        self.new_subscriptions.iter().filter_map(|id| self.subscriptions.get(id).cloned()).collect()
    }

    /// The subscriptions to write, in the order of their keys.
    #[must_use]
    pub fn changed_subscriptions(&self) -> Vec<Subscription> {
        self.changed_subscriptions.iter().filter_map(|id| self.subscriptions.get(id).cloned()).collect()
    }
}
