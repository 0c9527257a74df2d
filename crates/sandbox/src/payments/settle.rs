//! What becomes known later: how a bank debit ended, and whether a holder confirmed.

use super::attempt::{self, fail, succeed};
use crate::checkout::debit;
use crate::errors::StripeError;
use crate::invoices::collect;
use crate::objects::{Behaviour, Charge, Decline, Outcome, PaymentIntent, PaymentIntentStatus, Session};
use crate::store::Change;

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    Failure,
}

/// Ends a bank debit that is under way, well or badly.
pub(crate) fn settle(change: &mut Change<'_>, id: &str, ending: Ending) -> Result<(), StripeError> {
    let mut intent: PaymentIntent = change.find(id)?;
    if intent.status != PaymentIntentStatus::Processing {
        return Err(unexpected_state(&intent, "settle"));
    }
    change.enter_clock_of(intent.customer.as_deref());
    let payment = intent.latest_charge.as_ref().and_then(|id| change.state.charges.get(id)).cloned();
    let mut payment: Charge = payment.ok_or_else(StripeError::internal)?;
    match ending {
        Ending::Success => {
            payment.outcome = Outcome::Succeeded;
            change.put(&payment);
            succeed(change, &mut intent, payment);
        }
        Ending::Failure => {
            let decline = decline_of(change, &payment);
            payment.outcome = Outcome::Declined;
            payment.decline = Some(decline);
            change.put(&payment);
            intent.declined_charge = Some(payment.id.clone());
            fail(change, &mut intent, decline, Some(&payment));
        }
    }
    follow_up(change, &intent);
    Ok(())
}

/// Ends a debit the way its test account says.
pub(crate) fn settle_by_itself(change: &mut Change<'_>, id: &str) {
    let intent = change.state.payment_intents.get(id);
    let method = intent.and_then(|intent| intent.payment_method.as_ref());
    let method = method.and_then(|id| change.state.payment_methods.get(id));
    let ending = match method.map(|method| method.behaviour) {
        Some(Behaviour::AccountClosed | Behaviour::AccountEmpty) => Ending::Failure,
        _ => Ending::Success,
    };
    if settle(change, id, ending).is_err() {
        // Only a debit under way has a moment to settle at.
        tracing::error!(payment_intent = id, "a bank debit could not be settled");
    }
}

fn decline_of(change: &Change<'_>, payment: &Charge) -> Decline {
    let method = change.state.payment_methods.get(&payment.payment_method);
    match method.map(|method| method.behaviour) {
        Some(Behaviour::AccountClosed) => Decline::AccountClosed,
        _ => Decline::AccountEmpty,
    }
}

/// The holder of the card confirmed the payment, or did not.
pub(crate) fn authenticate(change: &mut Change<'_>, id: &str, ending: Ending) -> Result<PaymentIntent, StripeError> {
    let mut intent: PaymentIntent = change.find(id)?;
    if intent.status != PaymentIntentStatus::RequiresAction {
        return Err(unexpected_state(&intent, "authenticate"));
    }
    change.enter_clock_of(intent.customer.as_deref());
    let method = intent.payment_method.as_ref().and_then(|id| change.state.payment_methods.get(id)).cloned();
    let method = method.ok_or_else(StripeError::internal)?;
    match ending {
        Ending::Success => attempt::pay(change, &mut intent, &method),
        Ending::Failure => fail(change, &mut intent, Decline::AuthenticationFailed, None),
    }
    follow_up(change, &intent);
    Ok(intent)
}

/// Tells what the payment was for that it ended.
fn follow_up(change: &mut Change<'_>, intent: &PaymentIntent) {
    if let Some(invoice) = intent.invoice.as_ref().and_then(|id| change.state.invoices.get(id)).cloned() {
        collect::payment_ended(change, invoice, intent);
    }
    let is_for = |session: &&Session| match (&intent.session, &intent.invoice) {
        (Some(id), _) => session.id == *id,
        (None, invoice) => invoice.is_some() && session.invoice == *invoice,
    };
    let session = change.state.sessions.newest_first().find(is_for).cloned();
    if let Some(session) = session {
        debit::payment_ended(change, session, intent);
    }
}

pub(super) fn unexpected_state(intent: &PaymentIntent, verb: &str) -> StripeError {
    StripeError::invalid(format!(
        "You cannot {verb} this PaymentIntent because it has a status of {}.",
        intent.status.name()
    ))
    .with_code("payment_intent_unexpected_state")
}
