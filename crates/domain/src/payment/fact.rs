use time::OffsetDateTime;

use super::{Payment, PaymentRecord, PaymentStatus};
use crate::session::CheckoutSession;
use crate::settlement::ParkReason;
use crate::transition::{Cause, Transition};

/// Something that Stripe has said about a Checkout Session: in an event, or when asked.
#[derive(Debug, Clone, Copy)]
pub struct PaymentFact<'a> {
    /// What the session's state means for the payment.
    pub status: PaymentStatus,
    /// The session as Stripe described it.
    pub session: &'a CheckoutSession,
    /// The second in which Stripe said so.
    pub as_of: OffsetDateTime,
    /// Through which of the three ways it reached us.
    pub cause: Cause,
}

/// What a fact did to a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The row changed.
    Changed(Transition),
    /// Nothing new, but said later than what we held: only `as_of` rose, and with it the version.
    Confirmed,
    /// Nothing new.
    Known,
    /// The fact does not fit the row, which stays as it is.
    Refused(ParkReason),
}

impl Payment {
    /// Takes in a fact: the highest rank wins, whatever the order in which facts come, and `succeeded` absorbs.
    pub fn apply(&mut self, fact: &PaymentFact<'_>, now: OffsetDateTime) -> Verdict {
        if let Some(reason) = self.mismatch(fact) {
            return Verdict::Refused(reason);
        }
        let before = self.record().clone();
        self.fill_in(fact);
        let row = &mut self.0;
        row.as_of = row.as_of.max(fact.as_of);
        if fact.status > row.status {
            row.status = fact.status;
            // `processing` after `expired` is a contradiction of Stripe's, and makes an end undone.
            let is_final = fact.status.is_final();
            row.settled_at = is_final.then_some(now);
            row.settled_by = is_final.then(|| fact.cause.settled_by());
        }
        if self.0 == (PaymentRecord { as_of: self.0.as_of, ..before.clone() }) && self.0 != before {
            self.touch();
            return Verdict::Confirmed;
        }
        match self.changed_since(&before, fact.cause, now) {
            Some(transition) => Verdict::Changed(transition),
            None => Verdict::Known,
        }
    }

    /// Stripe's word contradicts what Stripe said before: somebody has to ask again.
    #[must_use]
    pub fn contradicts(&self, status: PaymentStatus) -> bool {
        use PaymentStatus::{Expired, Failed, Succeeded};
        matches!((self.status(), status), (Succeeded, Expired | Failed) | (Expired | Failed, Succeeded))
    }

    fn mismatch(&self, fact: &PaymentFact<'_>) -> Option<ParkReason> {
        let row = self.record();
        let session = fact.session;
        if row.session_id.as_ref().is_some_and(|held| *held != session.id) {
            return Some(ParkReason::SessionMismatch);
        }
        if !matches!(fact.status, PaymentStatus::Processing | PaymentStatus::Succeeded) {
            return None;
        }
        if session.customer_id.as_ref() != Some(&row.customer_id) {
            Some(ParkReason::CustomerMismatch)
        } else if session.currency != Some(row.quoted.currency) {
            Some(ParkReason::CurrencyMismatch)
        } else if !session.needs_no_payment() && session.amount_subtotal != Some(row.quoted.minor_units) {
            Some(ParkReason::AmountMismatch)
        } else {
            None
        }
    }

    fn fill_in(&mut self, fact: &PaymentFact<'_>) {
        let PaymentRecord {
            session_id,
            checkout_url,
            expires_at,
            total_minor,
            payment_intent_id,
            subscription_id,
            invoice_id,
            ..
        } = &mut self.0;
        let session = fact.session;
        session_id.get_or_insert_with(|| session.id.clone());
        fill(checkout_url, session.url.as_ref());
        fill(expires_at, session.expires_at.as_ref());
        fill(payment_intent_id, session.payment_intent_id.as_ref());
        fill(subscription_id, session.subscription_id.as_ref());
        fill(invoice_id, session.invoice_id.as_ref());
        // Until the customer has finished, a promotion code or an address can still change the total.
        if fact.status > PaymentStatus::Expired {
            fill(total_minor, session.amount_total.as_ref());
        }
    }
}

fn fill<T: Clone>(held: &mut Option<T>, said: Option<&T>) {
    if held.is_none() {
        *held = said.cloned();
    }
}
