//! A Checkout Session as Stripe describes it, reduced to what we read.

use time::OffsetDateTime;

use crate::ids::{CustomerId, InvoiceId, PaymentId, PaymentIntentId, SessionId, SubscriptionId};
use crate::money::Currency;
use crate::payment::PaymentStatus;

/// `status` of a session: <https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-status>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// The customer can still pay.
    Open,
    /// The customer has finished; the money may still be on its way.
    Complete,
    /// Nobody can pay any more.
    Expired,
}

/// `payment_status` of a session:
/// <https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-payment_status>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionPaymentStatus {
    /// The money is there.
    Paid,
    /// It is not, or not yet.
    Unpaid,
    /// There was nothing to pay: a trial, a full discount.
    NoPaymentRequired,
}

/// Which event spoke of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEvent {
    /// `checkout.session.completed`
    Completed,
    /// `checkout.session.async_payment_succeeded`
    AsyncPaymentSucceeded,
    /// `checkout.session.async_payment_failed`
    AsyncPaymentFailed,
    /// `checkout.session.expired`
    Expired,
}

/// A snapshot of a Checkout Session, out of an event or an answer. What an old or new API version leaves out is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// Its id.
    pub id: SessionId,
    /// Our payment, from `metadata.payment_id`, which only our server writes.
    pub payment_id: Option<PaymentId>,
    /// Open, complete or expired; `None` when absent or unknown.
    pub status: Option<SessionStatus>,
    /// Paid or not; `None` when absent or unknown.
    pub payment_status: Option<SessionPaymentStatus>,
    /// What was to pay it has failed. Only who asks learns that: Stripe writes it on the `PaymentIntent`, and the session
    /// is `complete` and `unpaid` while a bank debit is under way and after it has failed. Of events the type tells.
    pub has_failed: bool,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
    /// Before discounts and tax, in minor units.
    pub amount_subtotal: Option<i64>,
    /// After discounts and tax, in minor units.
    pub amount_total: Option<i64>,
    /// Who pays.
    pub customer_id: Option<CustomerId>,
    /// In mode `payment`, once the customer has tried to pay.
    pub payment_intent_id: Option<PaymentIntentId>,
    /// In mode `subscription`, once complete.
    pub subscription_id: Option<SubscriptionId>,
    /// The invoice, if there is one.
    pub invoice_id: Option<InvoiceId>,
    /// The hosted page, while open.
    pub url: Option<String>,
    /// When it expires.
    pub expires_at: Option<OffsetDateTime>,
}

impl CheckoutSession {
    /// Nothing was to be paid, so the amount says nothing about whether this is the right session.
    #[must_use]
    pub fn needs_no_payment(&self) -> bool {
        self.payment_status == Some(SessionPaymentStatus::NoPaymentRequired)
    }

    /// Its customer has finished, and the money may still be on its way, or have failed.
    #[must_use]
    pub fn waits_for_money(&self) -> bool {
        self.status == Some(SessionStatus::Complete) && self.payment_status == Some(SessionPaymentStatus::Unpaid)
    }

    /// What the event means for the payment; `None` when the session lacks what would tell.
    #[must_use]
    pub fn status_by_event(&self, event: SessionEvent) -> Option<PaymentStatus> {
        match event {
            SessionEvent::Completed => self.payment_status.map(completed),
            SessionEvent::AsyncPaymentSucceeded => Some(PaymentStatus::Succeeded),
            SessionEvent::AsyncPaymentFailed => Some(PaymentStatus::Failed),
            SessionEvent::Expired => Some(PaymentStatus::Expired),
        }
    }

    /// What the session's present state means for the payment; `None` when it lacks what would tell.
    #[must_use]
    pub fn status_by_state(&self) -> Option<PaymentStatus> {
        match self.status? {
            SessionStatus::Open => Some(PaymentStatus::Pending),
            SessionStatus::Complete if self.has_failed && self.waits_for_money() => Some(PaymentStatus::Failed),
            SessionStatus::Complete => self.payment_status.map(completed),
            SessionStatus::Expired => Some(PaymentStatus::Expired),
        }
    }
}

const fn completed(payment_status: SessionPaymentStatus) -> PaymentStatus {
    match payment_status {
        SessionPaymentStatus::Paid | SessionPaymentStatus::NoPaymentRequired => PaymentStatus::Succeeded,
        SessionPaymentStatus::Unpaid => PaymentStatus::Processing,
    }
}
