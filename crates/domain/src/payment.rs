//! One attempt of one user to buy one price, from the click to Stripe's last word.

mod fact;
mod record;

pub use fact::{PaymentFact, Verdict};
pub use record::{InvalidPayment, PaymentRecord};

use time::OffsetDateTime;

use crate::catalogue::{Quote, Slot};
use crate::checkout::CheckoutParams;
use crate::ids::{CustomerId, PaymentId, SessionId, UserId};
use crate::money::{Money, Quantity};
use crate::text_enum::text_enum;
use crate::transition::{Cause, Transition};
use crate::waiting::AwaitedPayment;

text_enum! {
    /// How far a payment has come. The order of the variants is their rank: of all facts known, the highest wins.
    PaymentStatus ("payment status") {
        /// The row is written, Stripe has not confirmed the Checkout Session yet.
        Creating = "creating",
        /// The session is open and waits for the customer.
        Pending = "pending",
        /// The session ended unpaid. Only Stripe may say so.
        Expired = "expired",
        /// The customer has finished Checkout with a method that settles later, such as a bank debit.
        Processing = "processing",
        /// A delayed payment failed, or Stripe refused to create the session.
        Failed = "failed",
        /// Paid, or nothing was to be paid. Nothing ends this state.
        Succeeded = "succeeded",
    }
}

impl PaymentStatus {
    /// Nothing but a contradiction can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Expired | Self::Failed | Self::Succeeded)
    }

    /// A payment in this state occupies its slot: the user cannot open a second one.
    #[must_use]
    pub const fn holds_slot(self) -> bool {
        matches!(self, Self::Creating | Self::Pending | Self::Processing)
    }
}

text_enum! {
    /// What one checkout makes: a single payment or a subscription.
    CheckoutMode ("checkout mode") {
        /// A one-time price.
        Payment = "payment",
        /// A recurring price.
        Subscription = "subscription",
    }
}

/// A payment and the rules of its life.
///
/// The fields are read through [`record`](Self::record); they change only by the methods here, each of which raises the
/// version and says what happened as a [`Transition`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment(PaymentRecord);

/// What is known before Stripe is asked to create a session.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Our id; also the first idempotency key and the session's `client_reference_id`.
    pub id: PaymentId,
    /// Who buys.
    pub user_id: UserId,
    /// The user's Stripe customer.
    pub customer_id: CustomerId,
    /// What is bought, as the catalogue has it now.
    pub quote: Quote,
    /// How many.
    pub quantity: Quantity,
    /// Unit price times quantity.
    pub total: Money,
    /// Exactly what will be sent to Stripe, however often it must be sent.
    pub params: CheckoutParams,
}

/// The session that Stripe made for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The Checkout Session.
    pub session_id: SessionId,
    /// Stripe's hosted page; absent once the session is no longer open.
    pub url: Option<String>,
    /// When Stripe will expire the session.
    pub expires_at: Option<OffsetDateTime>,
}

impl Payment {
    /// A payment in `creating`, to be stored before Stripe is called.
    #[must_use]
    pub fn create(new: NewPayment, now: OffsetDateTime) -> Self {
        let slot = new.quote.slot();
        Self(PaymentRecord {
            id: new.id,
            user_id: new.user_id,
            slot,
            price_id: new.quote.price_id,
            quantity: new.quantity,
            mode: new.quote.mode,
            params: new.params,
            idempotency_key: new.id.to_string(),
            session_id: None,
            checkout_url: None,
            expires_at: None,
            status: PaymentStatus::Creating,
            quoted: new.total,
            total_minor: None,
            customer_id: new.customer_id,
            payment_intent_id: None,
            subscription_id: None,
            invoice_id: None,
            settled_at: None,
            settled_by: None,
            as_of: whole_second(now),
            created_at: now,
            version: 1,
        })
    }

    /// What a store keeps.
    #[must_use]
    pub const fn record(&self) -> &PaymentRecord {
        &self.0
    }

    /// Our id.
    #[must_use]
    pub const fn id(&self) -> PaymentId {
        self.0.id
    }

    /// How far it has come.
    #[must_use]
    pub const fn status(&self) -> PaymentStatus {
        self.0.status
    }

    /// Counts the changes of the row, from 1.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.0.version
    }

    /// What the user may have one of.
    #[must_use]
    pub const fn slot(&self) -> &Slot {
        &self.0.slot
    }

    /// What those who wait for it have to know; `None` before it has a session.
    #[must_use]
    pub fn waiting(&self) -> Option<AwaitedPayment> {
        let PaymentRecord { id, session_id, status, as_of, created_at, version, .. } = &self.0;
        let session_id = session_id.clone()?;
        Some(AwaitedPayment {
            id: *id,
            session_id,
            status: *status,
            as_of: *as_of,
            created_at: *created_at,
            version: *version,
        })
    }

    /// Takes in the session that Stripe made: `creating` becomes `pending`; any later state only has what it lacks
    /// filled in, because a webhook may have been quicker than the answer to our own call.
    ///
    /// Returns what changed, or `None` when everything was known.
    pub fn open(&mut self, opened: &OpenedSession, now: OffsetDateTime) -> Option<Transition> {
        let before = self.0.clone();
        let row = &mut self.0;
        row.session_id.get_or_insert_with(|| opened.session_id.clone());
        if row.session_id.as_ref() == Some(&opened.session_id) {
            row.checkout_url = row.checkout_url.take().or_else(|| opened.url.clone());
            row.expires_at = row.expires_at.or(opened.expires_at);
        }
        if row.status == PaymentStatus::Creating {
            row.status = PaymentStatus::Pending;
        }
        self.changed_since(&before, Cause::Checkout, now)
    }

    /// Stripe has definitively refused to create the session. Only a payment in `creating` can be refused.
    pub fn refuse(&mut self, now: OffsetDateTime) -> Option<Transition> {
        if self.0.status != PaymentStatus::Creating {
            return None;
        }
        let before = self.0.clone();
        self.0.status = PaymentStatus::Failed;
        self.0.settled_at = Some(now);
        self.changed_since(&before, Cause::Checkout, now)
    }

    /// Replaces the idempotency key, because Stripe keeps answering the old one with a stored failure.
    pub fn replace_idempotency_key(&mut self, key: String, now: OffsetDateTime) -> Option<Transition> {
        let before = self.0.clone();
        if self.0.status == PaymentStatus::Creating {
            self.0.idempotency_key = key;
        }
        self.changed_since(&before, Cause::Checkout, now)
    }

    /// Stripe no longer knows the session: nobody can pay it. A payment that is not open is left alone.
    pub fn lost(&mut self, cause: Cause, now: OffsetDateTime) -> Option<Transition> {
        if self.0.status != PaymentStatus::Pending {
            return None;
        }
        let before = self.0.clone();
        self.0.status = PaymentStatus::Expired;
        self.0.settled_at = Some(now);
        self.0.settled_by = Some(cause.settled_by());
        self.changed_since(&before, cause, now)
    }

    /// Raises the version although nothing else changed, so that an older answer that is still on its way is fenced off.
    pub fn touch(&mut self) {
        self.0.version += 1;
    }

    /// Stripe has said something in this second that is not taken in. That is noted, and the version rises, so that it is
    /// not asked for again and again.
    pub fn heard_nothing_new(&mut self, as_of: OffsetDateTime) {
        self.0.as_of = self.0.as_of.max(as_of);
        self.touch();
    }

    fn changed_since(&mut self, before: &PaymentRecord, cause: Cause, now: OffsetDateTime) -> Option<Transition> {
        if self.0 == *before {
            return None;
        }
        self.0.version += 1;
        Some(self.transition(Some(before.status), cause, now))
    }

    /// The change that made the row what it is now.
    pub(crate) fn transition(&self, from: Option<PaymentStatus>, cause: Cause, at: OffsetDateTime) -> Transition {
        Transition {
            object_id: self.0.id.to_string(),
            version: self.0.version,
            from: from.map(PaymentStatus::as_str),
            to: self.0.status.as_str(),
            cause,
            event_id: None,
            at,
        }
    }
}

/// The start of the second that `at` lies in: Stripe counts in whole seconds.
#[must_use]
pub fn whole_second(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}

#[cfg(test)]
mod tests;
