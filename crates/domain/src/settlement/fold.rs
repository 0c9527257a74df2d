use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::keys::Held;
use super::rows::Rows;
use super::session::{SessionSettlement, settle_session};
use super::subscription::Arrival;
use super::{IgnoreReason, Outcome, ParkReason};
use crate::customer::Customer;
use crate::dispute::Dispute;
use crate::event::{EventContent, EventSource, WebhookEvent};
use crate::ids::{
    CustomerId, DisputeId, EventId, InvoiceId, PaymentId, PaymentIntentId, RefundId, SessionId, SubscriptionId,
};
use crate::installation::Installation;
use crate::invoice::Invoice;
use crate::mirror::MirrorVerdict;
use crate::payment::{Payment, PaymentFact, PaymentStatus};
use crate::purchase::Purchase;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::refund::Refund;
use crate::session::{CheckoutSession, SessionEvent};
use crate::subscription::{News, Subscription};
use crate::transition::Transition;

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
    pub(super) customers: Rows<CustomerId, Customer>,
    pub(super) subscriptions: Rows<SubscriptionId, Subscription>,
    pub(super) payments: Rows<PaymentId, Payment>,
    pub(super) invoices: Rows<InvoiceId, Invoice>,
    pub(super) refunds: Rows<RefundId, Refund>,
    pub(super) disputes: Rows<DisputeId, Dispute>,
    /// What of ours was paid with a `PaymentIntent`.
    pub(super) purchases: BTreeMap<PaymentIntentId, Purchase>,
    payment_of_session: BTreeMap<SessionId, PaymentId>,
}

/// What came of a snapshot.
pub(super) struct Noted {
    /// The event's outcome.
    pub outcome: Outcome,
    /// The row has changed and has to be written.
    pub is_written: bool,
}

/// Folds events into the rows they are about. Facts about one object are taken by the second in which Stripe made them,
/// `…created` first, whatever the order in which they came.
#[must_use]
pub fn settle<'a>(
    events: impl IntoIterator<Item = &'a WebhookEvent>,
    held: Held,
    home: &Installation,
    now: OffsetDateTime,
) -> Settlement {
    let mut settlement = Settlement::of(held);
    let mut ordered: Vec<&WebhookEvent> = events.into_iter().collect();
    ordered.sort_by_key(|event| (rank(&event.content), event.created, is_update(&event.content), &event.id));
    for event in ordered {
        let outcome = foreign(event, home).map_or_else(|| settlement.take(event, now), Outcome::Ignored);
        settlement.outcomes.push((event.id.clone(), outcome));
    }
    settlement
}

/// What one kind of objects says finds what another kind has said in the same batch: a session and an invoice their
/// subscription, a deleted customer their subscriptions, a refund what it is of, a charge its refunds.
const fn rank(content: &EventContent) -> u8 {
    match content {
        EventContent::Subscription(..) => 0,
        EventContent::CustomerDeleted(_) => 1,
        EventContent::CheckoutSession(..) => 2,
        EventContent::Invoice(_) => 3,
        EventContent::Refund(_) | EventContent::Dispute(..) => 4,
        EventContent::ChargeRefunded(_) => 5,
        EventContent::Named(_) | EventContent::Unhandled | EventContent::Unreadable(_) => 6,
    }
}

const fn is_update(content: &EventContent) -> bool {
    !matches!(content, EventContent::Subscription(News::Created, _) | EventContent::Dispute(News::Created, _))
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
        let known = held.customers.into_iter().filter_map(|it| Some((it.customer_id.clone()?, it)));
        settlement.customers = Rows::read(known);
        settlement.subscriptions = Rows::read(held.subscriptions.into_iter().map(|it| (it.id().clone(), it)));
        // The locked rows come last: they are the newer ones.
        for payment in held.payments_of_intents.iter().chain(&held.payments) {
            settlement.remember_payment(payment);
        }
        for invoice in &held.invoices {
            if let Some(intent) = invoice.record().payment_intent_id.clone() {
                settlement.purchases.insert(intent, Purchase::from(invoice));
            }
        }
        settlement.payments = Rows::read(held.payments.into_iter().map(|it| (it.id(), it)));
        settlement.invoices = Rows::read(held.invoices.into_iter().map(|it| (it.id().clone(), it)));
        settlement.refunds = Rows::read(held.refunds.into_iter().map(|it| (it.id().clone(), it)));
        settlement.disputes = Rows::read(held.disputes.into_iter().map(|it| (it.id().clone(), it)));
        settlement
    }

    fn take(&mut self, event: &WebhookEvent, now: OffsetDateTime) -> Outcome {
        match &event.content {
            EventContent::CheckoutSession(kind, session) => self.take_session(event, *kind, session, now),
            EventContent::Subscription(news, snapshot) => {
                self.take_snapshot(&Arrival { event, news: *news, snapshot }, now)
            }
            EventContent::Invoice(snapshot) => self.take_invoice(event, snapshot, now),
            EventContent::Refund(snapshot) => self.take_refund(event, snapshot, now),
            EventContent::Dispute(news, snapshot) => self.take_dispute(event, *news, snapshot, now),
            EventContent::ChargeRefunded(charge) => self.take_refunded_charge(charge, now),
            EventContent::CustomerDeleted(id) => self.take_deleted_customer(event, id, now),
            EventContent::Named(object) => {
                self.refreshes.push(RefreshRequest::new(object.clone(), RefreshReason::Named, now));
                Outcome::Processed
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
        let fact = PaymentFact { status, session, as_of: event.created, cause: event.source.cause() };
        let subscriptions = &self.subscriptions;
        let before = payment.version();
        let contradiction = event.source == EventSource::Sweep && payment.contradicts(status);
        let settled = settle_session(payment, &fact, |id| subscriptions.contains(id), now);
        let payment = payment.clone();
        if payment.version() != before {
            self.payments.mark_changed(payment.id());
        }
        match settled {
            // A session whose creation was repeated under a new key: nobody had its URL, and now it has expired.
            Err(ParkReason::SessionMismatch) if status == PaymentStatus::Expired => {
                Outcome::Ignored(IgnoreReason::NotOurs)
            }
            Err(reason) => Outcome::Parked(reason),
            Ok(settled) => {
                self.remember_payment(&payment);
                if contradiction {
                    let (object, reason) = (RefreshObject::Payment(payment.id()), RefreshReason::Contradiction);
                    self.refreshes.push(RefreshRequest::new(object, reason, now));
                }
                self.record_session(settled, event);
                Outcome::Processed
            }
        }
    }

    fn remember_payment(&mut self, payment: &Payment) {
        let row = payment.record();
        if let Some(session_id) = row.session_id.clone() {
            self.payment_of_session.insert(session_id, payment.id());
        }
        if let Some(intent) = row.payment_intent_id.clone() {
            self.purchases.insert(intent, Purchase::from(payment));
        }
    }

    fn record_session(&mut self, settled: SessionSettlement, event: &WebhookEvent) {
        if let Some(transition) = settled.transition {
            self.record(transition, event);
        }
        if let Some((stub, transition)) = settled.stub {
            self.record(transition, event);
            self.subscriptions.insert(stub.id().clone(), stub);
        }
        self.refreshes.extend(settled.refreshes);
    }

    /// Writes down a change that an event has made.
    pub(super) fn record(&mut self, transition: Transition, event: &WebhookEvent) {
        let (cause, event_id) = (event.source.cause(), Some(event.id.clone()));
        self.transitions.push(Transition { cause, event_id, ..transition });
    }

    /// Writes down what a snapshot has done to a row.
    pub(super) fn note(
        &mut self,
        verdict: MirrorVerdict,
        event: &WebhookEvent,
        object: RefreshObject,
        now: OffsetDateTime,
    ) -> Noted {
        let (outcome, is_written) = match verdict {
            MirrorVerdict::Changed(transition) => {
                self.record(transition, event);
                (Outcome::Processed, true)
            }
            MirrorVerdict::Confirmed => (Outcome::Processed, true),
            MirrorVerdict::Known => (Outcome::Processed, false),
            MirrorVerdict::Doubtful(reason) => {
                if reason == RefreshReason::UnknownStatus {
                    tracing::warn!(%object, "an object has a status that this version does not know");
                }
                self.refreshes.push(RefreshRequest::new(object, reason, now));
                (Outcome::Processed, false)
            }
            MirrorVerdict::Refused(reason) => (Outcome::Parked(reason), false),
        };
        Noted { outcome, is_written }
    }

    /// Keeps an event out of which no row can be made. When only the status is not understood, Stripe is asked: by now it may
    /// be one that is.
    pub(super) fn park_first(&mut self, reason: ParkReason, object: RefreshObject, now: OffsetDateTime) -> Outcome {
        if reason == ParkReason::UnknownStatus {
            self.refreshes.push(RefreshRequest::new(object, RefreshReason::UnknownStatus, now));
        }
        Outcome::Parked(reason)
    }
}
