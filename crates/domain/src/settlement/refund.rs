use time::OffsetDateTime;

use super::{IgnoreReason, Outcome, Settlement};
use crate::event::WebhookEvent;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::refund::{Refund, RefundSnapshot, RefundedCharge, refunded_minor};

impl Settlement {
    /// A refund of something that we don't know to be ours is asked about: only Stripe can tell what its charge paid for.
    pub(super) fn take_refund(
        &mut self,
        event: &WebhookEvent,
        snapshot: &RefundSnapshot,
        now: OffsetDateTime,
    ) -> Outcome {
        let object = RefreshObject::Refund(snapshot.id.clone());
        if let Some(held) = self.refunds.get_mut(&snapshot.id) {
            let verdict = held.apply(snapshot, event.created, event.source.cause(), now);
            let noted = self.note(verdict, event, object, now);
            if noted.is_written {
                self.refunds.mark_changed(snapshot.id.clone());
            }
            return noted.outcome;
        }
        let Some(purchase) = snapshot.payment_intent_id.as_ref().and_then(|intent| self.purchases.get(intent)) else {
            self.refreshes.push(RefreshRequest::new(object, RefreshReason::Owner, now));
            return Outcome::Processed;
        };
        match Refund::first(snapshot, purchase, event.created, event.source.cause(), now) {
            Ok((row, transition)) => {
                self.record(transition, event);
                self.refunds.insert(snapshot.id.clone(), row);
                Outcome::Processed
            }
            Err(reason) => self.park_first(reason, object, now),
        }
    }

    /// A charge says how much was given back of it. When our refunds come to the same sum, that is no news; else one of
    /// them is missing, or has failed, and Stripe is asked for all of them.
    pub(super) fn take_refunded_charge(&mut self, charge: &RefundedCharge, now: OffsetDateTime) -> Outcome {
        // Every charge for something of ours is to a customer of ours, whom we stored first.
        if charge.customer_id.as_ref().is_some_and(|id| !self.customers.contains(id)) {
            return Outcome::Ignored(IgnoreReason::NotOurs);
        }
        let held = self.refunds.iter().filter(|refund| refund.record().charge_id.as_ref() == Some(&charge.id));
        if refunded_minor(held) != charge.amount_refunded_minor {
            let object = RefreshObject::ChargeRefunds(charge.id.clone());
            self.refreshes.push(RefreshRequest::new(object, RefreshReason::Doubt, now));
        }
        Outcome::Processed
    }
}
