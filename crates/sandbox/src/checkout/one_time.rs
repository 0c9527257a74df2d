//! Paying once: the PaymentIntent of a session. Its events are those of every payment.

use crate::objects::{Decline, PaymentIntent, PaymentMethod, Session};
use crate::payments::attempt;
use crate::store::Change;

/// Takes the money, or begins to.
pub(super) fn charge(
    change: &mut Change<'_>,
    session: &mut Session,
    method: &PaymentMethod,
    verdict: attempt::Verdict,
) {
    change.put(method);
    let mut intent = intent(change, session);
    attempt::apply(change, &mut intent, method, verdict);
    change.put(session);
}

/// The holder did not confirm. The same PaymentIntent serves the next attempt.
pub(super) fn unconfirmed(change: &mut Change<'_>, session: &mut Session) {
    let mut intent = intent(change, session);
    attempt::fail(change, &mut intent, Decline::AuthenticationFailed, None);
}

/// The session's PaymentIntent; the first attempt to pay makes it.
fn intent(change: &mut Change<'_>, session: &mut Session) -> PaymentIntent {
    let existing = session.payment_intent.as_ref().and_then(|id| change.state.payment_intents.get(id));
    if let Some(mut intent) = existing.cloned() {
        // A promotion code may have changed the price since.
        intent.amount = session.total();
        return intent;
    }
    let mut intent = attempt::new_intent(change, session.total(), &session.currency);
    intent.customer.clone_from(&session.customer);
    intent.description.clone_from(&session.purchase_description);
    intent.metadata = session.purchase_metadata.clone();
    intent.session = Some(session.id.clone());
    intent.shipping.clone_from(&session.shipping);
    intent.setup_future_usage.clone_from(&session.setup_future_usage);
    attempt::announce(change, &intent);
    session.payment_intent = Some(intent.id.clone());
    intent
}
