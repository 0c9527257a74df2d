//! The press of the *Pay* button.

use serde_json::json;

use super::form::{Entry, Payable};
use super::{one_time, subscribe};
use crate::discounts;
use crate::errors::StripeError;
use crate::objects::{Decline, Mode, Payer, PaymentMethod, PaymentStatus, Session, SessionStatus};
use crate::payments::attempt::{self, Presence, Verdict};
use crate::payments::settle::Ending;
use crate::store::Change;

/// How an attempt to pay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Complete, now or by an earlier press of the button.
    Complete { landing_url: String, session: String },
    /// The holder of the card has to confirm.
    Challenged,
    /// The bank said no; the session stays open.
    Declined(&'static str),
    /// The session's time is over.
    Expired,
}

const UNCONFIRMED: &str = "We are unable to authenticate your payment method. Choose another one and try again.";

/// What an open session can be paid with.
pub(crate) fn payable(session: &Session) -> Payable {
    match session.mode {
        // What costs nothing once needs no payment method; what may cost something later does.
        Mode::Payment if session.total() == 0 => Payable::Nothing,
        _ if session.takes_bank_debits() => Payable::ByCardOrAccount,
        _ => Payable::ByCard,
    }
}

/// Pays everything in the session with what was entered.
pub(crate) fn pay(change: &mut Change<'_>, id: &str, entry: &Entry) -> Result<Attempt, StripeError> {
    let session: Session = change.find(id)?;
    change.enter_clock(session.test_clock.as_deref());
    let payer =
        Payer { email: Some(entry.email.clone()), name: Some(entry.name.clone()).filter(|name| !name.is_empty()) };
    let method = entry.payment_method(change.now);
    Ok(attempt_with(change, session, payer, method))
}

/// Pays everything in the session with this payment method.
pub(super) fn attempt_with(
    change: &mut Change<'_>,
    session: Session,
    payer: Payer,
    method: Option<PaymentMethod>,
) -> Attempt {
    if let Some(over) = over(change, &session) {
        return over;
    }
    let verdict = match &method {
        Some(method) => attempt::ask(method, Presence::AtCheckout),
        None => Verdict::Paid,
    };
    conclude(change, session, payer, method, verdict)
}

/// The holder of the card confirmed, or did not.
pub(crate) fn authenticate(change: &mut Change<'_>, id: &str, ending: Ending) -> Result<Attempt, StripeError> {
    let mut session: Session = change.find(id)?;
    change.enter_clock(session.test_clock.as_deref());
    if let Some(over) = over(change, &session) {
        return Ok(over);
    }
    let method = session.challenged.take().and_then(|id| change.state.payment_methods.get(&id)).cloned();
    let Some(method) = method else {
        return Ok(Attempt::Declined(UNCONFIRMED));
    };
    if ending == Ending::Failure {
        if session.payment_intent.is_some() {
            one_time::unconfirmed(change, &mut session);
        }
        change.put(&session);
        return Ok(Attempt::Declined(UNCONFIRMED));
    }
    let payer = Payer { email: method.email.clone(), name: method.name.clone() };
    Ok(conclude(change, session, payer, Some(method), Verdict::Paid))
}

fn over(change: &Change<'_>, session: &Session) -> Option<Attempt> {
    match session.status {
        SessionStatus::Complete => Some(complete(session)),
        SessionStatus::Expired => Some(Attempt::Expired),
        SessionStatus::Open if session.expires_at <= change.now => Some(Attempt::Expired),
        SessionStatus::Open => None,
    }
}

fn conclude(
    change: &mut Change<'_>,
    mut session: Session,
    payer: Payer,
    method: Option<PaymentMethod>,
    verdict: Verdict,
) -> Attempt {
    let once = session.mode == Mode::Payment;
    match (verdict, &method) {
        (Verdict::Declined(decline), Some(method)) => return declined(change, session, method, decline),
        (Verdict::Challenged, Some(method)) => {
            session.challenged = Some(method.id.clone());
            if once {
                one_time::charge(change, &mut session, method, verdict);
            } else {
                change.put(method);
                change.put(&session);
            }
            return Attempt::Challenged;
        }
        _ => {}
    }
    keep_email(change, &session, &payer);
    let total = session.total();
    match (session.mode, method) {
        (Mode::Payment, Some(method)) => one_time::charge(change, &mut session, &method, verdict),
        (Mode::Subscription, Some(method)) => subscribe::start(change, &mut session, &payer, method, verdict),
        (_, None) => {}
    }
    if let Some(applied) = session.discount.clone().filter(|_| once) {
        discounts::redeem(change, &applied, Some(&session.id), None);
    }
    session.challenged = None;
    session.status = SessionStatus::Complete;
    session.payment_status = match verdict {
        _ if total == 0 => PaymentStatus::NoPaymentRequired,
        Verdict::Processing => PaymentStatus::Unpaid,
        _ => PaymentStatus::Paid,
    };
    session.payer = Some(payer);
    change.put(&session);
    // Last of all, when everything it names exists.
    // https://docs.stripe.com/payments/checkout/fulfillment
    change.emit("checkout.session.completed", &session);
    complete(&session)
}

fn declined(change: &mut Change<'_>, mut session: Session, method: &PaymentMethod, decline: Decline) -> Attempt {
    // Since 2025-03-31.basil a subscription exists only once it is paid: a decline leaves nothing behind.
    // https://docs.stripe.com/changelog/basil/2025-03-31/checkout-legacy-subscription-upgrade
    if session.mode == Mode::Payment {
        one_time::charge(change, &mut session, method, Verdict::Declined(decline));
    }
    Attempt::Declined(match decline {
        Decline::InsufficientFunds => "Your card has insufficient funds. Try another card.",
        _ => "Your card was declined. Try another card.",
    })
}

fn complete(session: &Session) -> Attempt {
    Attempt::Complete { landing_url: session.landing_url(), session: session.id.clone() }
}

/// A customer whose e-mail was not known gets the one that was entered.
///
/// <https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-customer>
fn keep_email(change: &mut Change<'_>, session: &Session, payer: &Payer) {
    let known = session.customer.as_ref().and_then(|id| change.state.customers.get(id));
    if let Some(mut customer) = known.filter(|customer| customer.email.is_none() && payer.email.is_some()).cloned() {
        customer.email.clone_from(&payer.email);
        change.put(&customer);
        change.emit_update("customer.updated", &customer, json!({ "email": null }));
    }
}
