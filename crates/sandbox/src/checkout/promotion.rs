//! Promotion codes at the payment page.

use crate::discounts::{self, codes};
use crate::errors::StripeError;
use crate::objects::{Session, SessionStatus};
use crate::store::Change;

/// Whether the code gave something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    Yes,
    No,
}

/// Takes the coupon of a code off an open session; an empty code gives back the full price.
pub(crate) fn apply(change: &mut Change<'_>, id: &str, code: &str) -> Result<Applied, StripeError> {
    let mut session: Session = change.find(id)?;
    if session.status != SessionStatus::Open || session.allow_promotion_codes != Some(true) {
        return Ok(Applied::No);
    }
    change.enter_clock(session.test_clock.as_deref());
    let customer = session.customer.as_deref();
    let found = codes::typed(change.state, code, customer, &session.currency, change.now);
    if found.is_none() && !code.trim().is_empty() {
        return Ok(Applied::No);
    }
    discounts::apply_to_items(change.state, &mut session.line_items, found.as_ref());
    session.discount = found;
    change.put(&session);
    Ok(Applied::Yes)
}
