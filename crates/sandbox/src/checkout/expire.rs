//! The end of a session that nobody paid.

use serde_json::Value;

use crate::errors::StripeError;
use crate::objects::{Resource, Session, SessionStatus};
use crate::store::Change;

/// `POST /v1/checkout/sessions/{id}/expire`: only an open session can be expired.
///
/// <https://docs.stripe.com/api/checkout/sessions/expire>
pub(crate) fn expire(change: &mut Change<'_>, id: &str) -> Result<Value, StripeError> {
    let session: Session = change.find(id)?;
    if session.status != SessionStatus::Open {
        return Err(StripeError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
             Session has a status of {}.",
            session.status.name()
        )));
    }
    change.enter_clock(session.test_clock.as_deref());
    let session = end(change, session);
    Ok(session.render(change.state))
}

/// Ends a session whose time is over.
pub(crate) fn expire_overdue(change: &mut Change<'_>, id: &str) {
    let session = change.state.sessions.get(id).filter(|session| session.status == SessionStatus::Open);
    if let Some(session) = session.cloned() {
        end(change, session);
    }
}

fn end(change: &mut Change<'_>, mut session: Session) -> Session {
    session.status = SessionStatus::Expired;
    change.put(&session);
    change.emit("checkout.session.expired", &session);
    session
}
