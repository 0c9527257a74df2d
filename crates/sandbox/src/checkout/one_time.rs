//! Paying once: a PaymentIntent and its charges.
//!
//! Events, in the order of <https://docs.stripe.com/payments/paymentintents/lifecycle> and
//! <https://docs.stripe.com/webhooks/quickstart>: `payment_intent.created`, then for each declined
//! attempt `charge.failed` and `payment_intent.payment_failed`, then `charge.succeeded` and
//! `payment_intent.succeeded`.

use super::card::Card;
use super::pay::payment_method;
use crate::ids;
use crate::objects::{Charge, Outcome, PaymentIntent, PaymentIntentStatus, PaymentMethod, Session};
use crate::params::Metadata;
use crate::store::Change;

/// Takes the money.
pub(super) fn charge(change: &mut Change<'_>, session: &mut Session, card: &Card) {
    let method = payment_method(change, card, session.customer.as_deref());
    let mut intent = intent(change, session);
    succeed(change, &mut intent, &method);
}

/// Notes a declined attempt. The same PaymentIntent serves the next one.
pub(super) fn decline(change: &mut Change<'_>, session: &mut Session, card: &Card) {
    let method = payment_method(change, card, None);
    let mut intent = intent(change, session);
    let declined = attempt(change, &intent, &method, Outcome::Declined);
    intent.latest_charge = Some(declined.id.clone());
    intent.declined_charge = Some(declined.id.clone());
    intent.declined_payment_method = Some(method.id);
    change.put(&intent);
    change.emit("charge.failed", &declined);
    change.emit("payment_intent.payment_failed", &intent);
    change.put(session);
}

/// The session's PaymentIntent; the first attempt to pay makes it.
fn intent(change: &mut Change<'_>, session: &mut Session) -> PaymentIntent {
    let existing = session.payment_intent.as_ref();
    if let Some(intent) = existing.and_then(|id| change.state.payment_intents.get(id)) {
        return intent.clone();
    }
    let description = session.purchase_description.clone();
    let intent = new_intent(change, session, description, session.purchase_metadata.clone());
    session.payment_intent = Some(intent.id.clone());
    intent
}

/// A PaymentIntent over the session's total, announced.
pub(super) fn new_intent(
    change: &mut Change<'_>,
    session: &Session,
    description: Option<String>,
    metadata: Metadata,
) -> PaymentIntent {
    let id = ids::object_id("pi_3", 23);
    let intent = PaymentIntent {
        client_secret: ids::object_id(&format!("{id}_secret_"), 25),
        id,
        created: change.now,
        status: PaymentIntentStatus::RequiresPaymentMethod,
        amount: session.total(),
        currency: session.currency.clone(),
        customer: session.customer.clone(),
        description,
        metadata,
        latest_charge: None,
        payment_method: None,
        declined_charge: None,
        declined_payment_method: None,
    };
    change.put(&intent);
    change.emit("payment_intent.created", &intent);
    intent
}

/// Charges the card for the whole PaymentIntent.
pub(super) fn succeed(change: &mut Change<'_>, intent: &mut PaymentIntent, method: &PaymentMethod) {
    let succeeded = attempt(change, intent, method, Outcome::Succeeded);
    intent.status = PaymentIntentStatus::Succeeded;
    intent.latest_charge = Some(succeeded.id.clone());
    intent.payment_method = Some(method.id.clone());
    intent.declined_charge = None;
    intent.declined_payment_method = None;
    change.put(intent);
    change.emit("charge.succeeded", &succeeded);
    change.emit("payment_intent.succeeded", intent);
}

fn attempt(change: &mut Change<'_>, intent: &PaymentIntent, method: &PaymentMethod, outcome: Outcome) -> Charge {
    let attempted = Charge {
        id: ids::object_id("ch_3", 23),
        created: change.now,
        outcome,
        amount: intent.amount,
        currency: intent.currency.clone(),
        customer: intent.customer.clone(),
        description: intent.description.clone(),
        metadata: intent.metadata.clone(),
        payment_intent: intent.id.clone(),
        payment_method: method.id.clone(),
    };
    change.put(&attempted);
    attempted
}
