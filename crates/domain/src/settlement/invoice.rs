use time::{Duration, OffsetDateTime};

use super::{IgnoreReason, Outcome, ParkReason, Settlement};
use crate::event::WebhookEvent;
use crate::invoice::{Invoice, InvoiceSnapshot, InvoiceStatus};
use crate::purchase::Purchase;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::subscription::SubscriptionStatus;

/// How long the subscription's own news may take after an invoice has told that there must be some.
const SUBSCRIPTION_PATIENCE: Duration = Duration::MINUTE;

impl Settlement {
    pub(super) fn take_invoice(
        &mut self,
        event: &WebhookEvent,
        snapshot: &InvoiceSnapshot,
        now: OffsetDateTime,
    ) -> Outcome {
        let object = RefreshObject::Invoice(snapshot.id.clone());
        if let Some(held) = self.invoices.get_mut(&snapshot.id) {
            let verdict = held.apply(snapshot, event.created, event.source.cause(), now);
            let noted = self.note(verdict, event, object, now);
            if noted.is_written {
                self.invoices.mark_changed(snapshot.id.clone());
            }
            if noted.outcome != Outcome::Processed {
                return noted.outcome;
            }
        } else {
            let customer = snapshot.customer_id.as_ref().and_then(|id| Some((id, self.customers.get(id)?)));
            let Some((customer_id, customer)) = customer else { return Outcome::Ignored(IgnoreReason::NotOurs) };
            let owner = (customer_id.clone(), customer.user_id.clone());
            let first = Invoice::first(snapshot, owner, event.created, event.source.cause(), now);
            let Some((row, transition)) = first else {
                return self.park_first(ParkReason::UnknownStatus, object, now);
            };
            self.record(transition, event);
            self.invoices.insert(snapshot.id.clone(), row);
        }
        self.remember_purchase(snapshot);
        self.ask_for_its_subscription(snapshot, event.created, now);
        Outcome::Processed
    }

    /// A refund in the same batch may be of this invoice.
    fn remember_purchase(&mut self, snapshot: &InvoiceSnapshot) {
        let Some(row) = self.invoices.get(&snapshot.id) else { return };
        if let Some(intent) = row.record().payment_intent_id.clone() {
            self.purchases.insert(intent, Purchase::from(row));
        }
    }

    /// What becomes of an invoice moves its subscription, whose own event comes along or is lost. Stripe is asked unless
    /// we hold, or get in time, a snapshot that knows of it: one from after the invoice was made, while the invoice is
    /// undecided or was paid as a healthy subscription expects; else one from after the decision.
    fn ask_for_its_subscription(&mut self, snapshot: &InvoiceSnapshot, as_of: OffsetDateTime, now: OffsetDateTime) {
        let Some(id) = &snapshot.subscription_id else { return };
        let held = self.subscriptions.get(id).filter(|held| !held.is_stub());
        if held.is_some_and(|held| held.status().is_terminal()) {
            return;
        }
        let is_healthy =
            held.is_some_and(|held| matches!(held.status(), SubscriptionStatus::Active | SubscriptionStatus::Trialing));
        let is_expected = is_healthy && snapshot.status == Some(InvoiceStatus::Paid);
        let from = if snapshot.is_decided() && !is_expected { as_of } else { snapshot.created_at };
        if held.is_some_and(|held| held.record().as_of >= from) {
            return;
        }
        let object = RefreshObject::Subscription(id.clone());
        let wish = RefreshRequest::new(object, RefreshReason::Invoice, now + SUBSCRIPTION_PATIENCE);
        self.refreshes.push(wish.unless_answered_from(from));
    }
}
