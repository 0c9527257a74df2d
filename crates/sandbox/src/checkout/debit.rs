//! A session whose payment took its time.
//!
//! <https://docs.stripe.com/payments/checkout/fulfillment#delayed-notification-payment-methods>

use crate::objects::{PaymentIntent, PaymentIntentStatus, PaymentStatus, Session, SessionStatus};
use crate::store::Change;

/// The payment of a complete session ended; one that is open follows its own page.
pub(crate) fn payment_ended(change: &mut Change<'_>, mut session: Session, intent: &PaymentIntent) {
    if session.status != SessionStatus::Complete || session.payment_status != PaymentStatus::Unpaid {
        return;
    }
    if intent.status == PaymentIntentStatus::Succeeded {
        session.payment_status = PaymentStatus::Paid;
        change.put(&session);
        change.emit("checkout.session.async_payment_succeeded", &session);
    } else {
        change.emit("checkout.session.async_payment_failed", &session);
    }
}
