//! Asking a bank for the money of a PaymentIntent.
//!
//! Events, in the order of <https://docs.stripe.com/payments/paymentintents/lifecycle> and
//! <https://docs.stripe.com/webhooks/quickstart>: `payment_intent.created`, then for each declined
//! attempt `charge.failed` and `payment_intent.payment_failed`, then `charge.succeeded` and
//! `payment_intent.succeeded`. A bank debit is `charge.pending` and `payment_intent.processing`
//! until it is known: <https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment>.

use super::disputes;
use crate::ids;
use crate::objects::{
    Behaviour, Charge, Decline, DisputeStatus, Outcome, PaymentIntent, PaymentIntentStatus, PaymentMethod,
};
use crate::params::Metadata;
use crate::store::Change;

/// Where the holder of the card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// At the payment page, with a card just entered.
    AtCheckout,
    OnSession,
    OffSession,
}

/// What the bank says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Paid,
    /// It will be known later.
    Processing,
    /// Its holder has to confirm first.
    Challenged,
    Declined(Decline),
}

/// What the bank of this payment method says.
pub(crate) fn ask(method: &PaymentMethod, presence: Presence) -> Verdict {
    match (method.behaviour, presence) {
        (Behaviour::Declines, _) => Verdict::Declined(Decline::Generic),
        (Behaviour::InsufficientFunds, _) => Verdict::Declined(Decline::InsufficientFunds),
        (Behaviour::DeclinesOnceAttached, Presence::OnSession | Presence::OffSession) if method.customer.is_some() => {
            Verdict::Declined(Decline::Generic)
        }
        (Behaviour::AsksOnce, Presence::OffSession) if method.customer.is_some() => Verdict::Paid,
        (Behaviour::AsksOnce | Behaviour::AsksAlways, Presence::OffSession) => {
            Verdict::Declined(Decline::AuthenticationRequired)
        }
        (Behaviour::AsksOnce | Behaviour::AsksAlways, _) => Verdict::Challenged,
        (Behaviour::Settles | Behaviour::AccountClosed | Behaviour::AccountEmpty, _) => Verdict::Processing,
        _ => Verdict::Paid,
    }
}

/// A PaymentIntent over an amount, not yet announced.
pub(crate) fn new_intent(change: &Change<'_>, amount: i64, currency: &str) -> PaymentIntent {
    let id = ids::object_id("pi_3", 23);
    PaymentIntent {
        client_secret: ids::object_id(&format!("{id}_secret_"), 25),
        id,
        created: change.now,
        status: PaymentIntentStatus::RequiresPaymentMethod,
        amount,
        currency: currency.to_owned(),
        customer: None,
        description: None,
        metadata: Metadata::new(),
        latest_charge: None,
        payment_method: None,
        declined_charge: None,
        declined_payment_method: None,
        decline: None,
        settles_at: None,
        canceled_at: None,
        cancellation_reason: None,
        session: None,
        invoice: None,
        receipt_email: None,
        return_url: None,
        setup_future_usage: None,
        shipping: None,
    }
}

/// Puts a new PaymentIntent and tells of it.
pub(crate) fn announce(change: &mut Change<'_>, intent: &PaymentIntent) {
    change.put(intent);
    change.emit("payment_intent.created", intent);
}

/// Asks the bank, and notes what it says.
pub(crate) fn attempt(
    change: &mut Change<'_>,
    intent: &mut PaymentIntent,
    method: &PaymentMethod,
    presence: Presence,
) -> Verdict {
    let verdict = ask(method, presence);
    apply(change, intent, method, verdict);
    verdict
}

/// Notes what the bank said.
pub(crate) fn apply(change: &mut Change<'_>, intent: &mut PaymentIntent, method: &PaymentMethod, verdict: Verdict) {
    match verdict {
        Verdict::Paid => pay(change, intent, method),
        Verdict::Processing => process(change, intent, method),
        Verdict::Challenged => challenge(change, intent, method),
        Verdict::Declined(decline) => refuse(change, intent, method, decline),
    }
}

/// Charges the whole PaymentIntent.
pub(crate) fn pay(change: &mut Change<'_>, intent: &mut PaymentIntent, method: &PaymentMethod) {
    let payment = new_charge(change, intent, method, Outcome::Succeeded, None);
    intent.latest_charge = Some(payment.id.clone());
    intent.payment_method = Some(method.id.clone());
    change.put(&payment);
    succeed(change, intent, payment);
}

/// Notes that a charge went through.
pub(super) fn succeed(change: &mut Change<'_>, intent: &mut PaymentIntent, payment: Charge) {
    intent.status = PaymentIntentStatus::Succeeded;
    intent.settles_at = None;
    intent.declined_charge = None;
    intent.declined_payment_method = None;
    intent.decline = None;
    change.put(intent);
    change.emit("charge.succeeded", &payment);
    change.emit("payment_intent.succeeded", intent);
    let method = change.state.payment_methods.get(&payment.payment_method);
    match method.map(|method| method.behaviour) {
        Some(Behaviour::IsDisputed) => disputes::open(change, payment, DisputeStatus::NeedsResponse),
        Some(Behaviour::IsInquired) => disputes::open(change, payment, DisputeStatus::WarningNeedsResponse),
        _ => {}
    }
}

fn process(change: &mut Change<'_>, intent: &mut PaymentIntent, method: &PaymentMethod) {
    let payment = new_charge(change, intent, method, Outcome::Pending, None);
    change.put(&payment);
    intent.status = PaymentIntentStatus::Processing;
    intent.latest_charge = Some(payment.id.clone());
    intent.payment_method = Some(method.id.clone());
    // Banks know no test clocks.
    intent.settles_at = Some(change.real_now + change.state.debit_delay_s);
    change.put(intent);
    change.emit("charge.pending", &payment);
    change.emit("payment_intent.processing", intent);
}

/// Waits for the holder. Nothing is charged yet.
fn challenge(change: &mut Change<'_>, intent: &mut PaymentIntent, method: &PaymentMethod) {
    intent.status = PaymentIntentStatus::RequiresAction;
    intent.payment_method = Some(method.id.clone());
    change.put(intent);
    change.emit("payment_intent.requires_action", intent);
}

/// Notes a declined attempt. The same PaymentIntent serves the next one.
fn refuse(change: &mut Change<'_>, intent: &mut PaymentIntent, method: &PaymentMethod, decline: Decline) {
    let payment = new_charge(change, intent, method, Outcome::Declined, Some(decline));
    change.put(&payment);
    intent.latest_charge = Some(payment.id.clone());
    intent.declined_charge = Some(payment.id.clone());
    fail(change, intent, decline, Some(&payment));
}

/// Notes that a PaymentIntent needs another payment method.
pub(crate) fn fail(change: &mut Change<'_>, intent: &mut PaymentIntent, decline: Decline, payment: Option<&Charge>) {
    intent.status = PaymentIntentStatus::RequiresPaymentMethod;
    intent.settles_at = None;
    intent.decline = Some(decline);
    let tried = payment.map(|payment| payment.payment_method.clone()).or_else(|| intent.payment_method.clone());
    intent.declined_payment_method = tried;
    intent.payment_method = None;
    change.put(intent);
    if let Some(payment) = payment {
        change.emit("charge.failed", payment);
    }
    change.emit("payment_intent.payment_failed", intent);
}

fn new_charge(
    change: &Change<'_>,
    intent: &PaymentIntent,
    method: &PaymentMethod,
    outcome: Outcome,
    decline: Option<Decline>,
) -> Charge {
    Charge {
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
        decline,
        amount_refunded: 0,
        disputed: false,
        receipt_email: intent.receipt_email.clone(),
        shipping: intent.shipping.clone(),
    }
}
