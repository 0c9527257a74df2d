use std::collections::BTreeSet;

use crate::customer::Customer;
use crate::dispute::Dispute;
use crate::event::{EventContent, WebhookEvent};
use crate::ids::{
    ChargeId, CustomerId, DisputeId, InvoiceId, PaymentId, PaymentIntentId, RefundId, SessionId, SubscriptionId,
};
use crate::invoice::Invoice;
use crate::payment::Payment;
use crate::refund::Refund;
use crate::subscription::Subscription;

/// The rows that a batch of events is about: what to lock and read before folding.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Customers of the subscriptions, invoices and charges, and those that were deleted.
    pub customers: BTreeSet<CustomerId>,
    /// Customers that were deleted: their subscriptions end.
    pub deleted_customers: BTreeSet<CustomerId>,
    /// Subscriptions that events, sessions or invoices name.
    pub subscriptions: BTreeSet<SubscriptionId>,
    /// Sessions.
    pub sessions: BTreeSet<SessionId>,
    /// Payments that sessions name in their metadata.
    pub payments: BTreeSet<PaymentId>,
    /// Invoices.
    pub invoices: BTreeSet<InvoiceId>,
    /// `PaymentIntents` of refunds and disputes: what was paid with them is to be found.
    pub intents: BTreeSet<PaymentIntentId>,
    /// Refunds.
    pub refunds: BTreeSet<RefundId>,
    /// Charges whose refunds are summed up.
    pub charges: BTreeSet<ChargeId>,
    /// Disputes.
    pub disputes: BTreeSet<DisputeId>,
}

impl Keys {
    /// Collects what the events name.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a WebhookEvent>) -> Self {
        let mut keys = Self::default();
        for event in events {
            keys.add(&event.content);
        }
        keys
    }

    fn add(&mut self, content: &EventContent) {
        match content {
            EventContent::CheckoutSession(_, session) => {
                self.sessions.insert(session.id.clone());
                self.payments.extend(session.payment_id);
                self.subscriptions.extend(session.subscription_id.clone());
            }
            EventContent::Subscription(_, snapshot) => {
                self.customers.insert(snapshot.customer_id.clone());
                self.subscriptions.insert(snapshot.id.clone());
            }
            EventContent::Invoice(snapshot) => {
                self.customers.extend(snapshot.customer_id.clone());
                self.subscriptions.extend(snapshot.subscription_id.clone());
                self.invoices.insert(snapshot.id.clone());
            }
            EventContent::Refund(snapshot) => {
                self.intents.extend(snapshot.payment_intent_id.clone());
                self.refunds.insert(snapshot.id.clone());
            }
            EventContent::Dispute(_, snapshot) => {
                self.intents.extend(snapshot.payment_intent_id.clone());
                self.disputes.insert(snapshot.id.clone());
            }
            EventContent::ChargeRefunded(charge) => {
                self.customers.extend(charge.customer_id.clone());
                self.charges.insert(charge.id.clone());
            }
            EventContent::CustomerDeleted(id) => {
                self.customers.insert(id.clone());
                self.deleted_customers.insert(id.clone());
            }
            EventContent::Named(_) | EventContent::Unhandled | EventContent::Unreadable(_) => {}
        }
    }
}

/// The rows as they were read under their locks.
#[derive(Debug, Default, Clone)]
pub struct Held {
    /// Customers by the keys asked for.
    pub customers: Vec<Customer>,
    /// Subscriptions by the keys asked for, and the live ones of deleted customers.
    pub subscriptions: Vec<Subscription>,
    /// Payments by the sessions and ids asked for.
    pub payments: Vec<Payment>,
    /// Payments by the `PaymentIntents` asked for. They are not locked: only what never changes is read.
    pub payments_of_intents: Vec<Payment>,
    /// Invoices by the ids and `PaymentIntents` asked for.
    pub invoices: Vec<Invoice>,
    /// Refunds by the ids and charges asked for.
    pub refunds: Vec<Refund>,
    /// Disputes by the ids asked for.
    pub disputes: Vec<Dispute>,
}
