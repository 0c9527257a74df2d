//! The press of the *Pay* button.

use serde_json::json;

use super::card::{Card, Verdict};
use super::{one_time, subscribe};
use crate::errors::StripeError;
use crate::ids;
use crate::objects::{Mode, Payer, PaymentMethod, PaymentStatus, Session, SessionStatus};
use crate::store::Change;

/// How an attempt to pay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Paid, now or by an earlier press of the button.
    Paid { landing_url: String, session: String },
    /// The bank said no; the session stays open.
    Declined,
    /// The session's time is over.
    Expired,
}

/// Charges the card for everything in the session.
pub(crate) fn pay(change: &mut Change<'_>, id: &str, card: &Card) -> Result<Attempt, StripeError> {
    let mut session: Session = change.find(id)?;
    match session.status {
        SessionStatus::Complete => return Ok(paid(&session)),
        SessionStatus::Expired => return Ok(Attempt::Expired),
        SessionStatus::Open if session.expires_at <= change.now => return Ok(Attempt::Expired),
        SessionStatus::Open => {}
    }
    if card.verdict == Verdict::Declined {
        // Since 2025-03-31.basil a subscription exists only once it is paid: a decline leaves nothing behind.
        // https://docs.stripe.com/changelog/basil/2025-03-31/checkout-legacy-subscription-upgrade
        if session.mode == Mode::Payment {
            one_time::decline(change, &mut session, card);
        }
        return Ok(Attempt::Declined);
    }
    keep_email(change, &session, card);
    match session.mode {
        Mode::Payment => one_time::charge(change, &mut session, card),
        Mode::Subscription => subscribe::start(change, &mut session, card),
    }
    session.status = SessionStatus::Complete;
    session.payment_status = PaymentStatus::Paid;
    session.payer = Some(Payer { email: Some(card.email.clone()), name: Some(card.name.clone()) });
    change.put(&session);
    // Last of all, when everything it names exists.
    // https://docs.stripe.com/payments/checkout/fulfillment
    change.emit("checkout.session.completed", &session);
    Ok(paid(&session))
}

fn paid(session: &Session) -> Attempt {
    Attempt::Paid { landing_url: session.landing_url(), session: session.id.clone() }
}

/// A customer whose e-mail was not known gets the one that was entered.
///
/// <https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-customer>
fn keep_email(change: &mut Change<'_>, session: &Session, card: &Card) {
    let known = session.customer.as_ref().and_then(|id| change.state.customers.get(id));
    if let Some(mut customer) = known.filter(|customer| customer.email.is_none()).cloned() {
        customer.email = Some(card.email.clone());
        change.put(&customer);
        change.emit_update("customer.updated", &customer, json!({ "email": null }));
    }
}

/// The card as an object. Of its number only the last digits are kept.
pub(super) fn payment_method(change: &mut Change<'_>, card: &Card, customer: Option<&str>) -> PaymentMethod {
    let method = PaymentMethod {
        id: ids::object_id("pm_1", 23),
        created: change.now,
        customer: customer.map(str::to_owned),
        email: card.email.clone(),
        name: card.name.clone(),
        last4: card.last4.to_owned(),
        fingerprint: format!("sandbox{}", card.last4),
        exp_month: card.exp_month,
        exp_year: card.exp_year,
    };
    change.put(&method);
    method
}
