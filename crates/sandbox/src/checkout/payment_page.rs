//! The payment page as Stripe's own tools see it: `stripe trigger checkout.session.completed` pays
//! through it. It is not documented, and shows here only what that needs.

use serde_json::{Map, Value, json};

use super::pay::{self, Attempt};
use crate::errors::StripeError;
use crate::objects::{Decline, Payer, Session};
use crate::params::Params;
use crate::payments::{intents, methods};
use crate::reply::Reply;
use crate::store::Change;

/// `GET /v1/payment_pages/{session}`.
pub(crate) fn render(session: &Session) -> Value {
    json!({
        "id": session.id.replace("cs_test_", "ppage_"),
        "object": "payment_page",
        "amount": session.total(),
        "currency": session.currency,
        "livemode": false,
        "mode": session.mode,
        "payment_status": session.payment_status,
        "session_id": session.id,
        "status": session.status,
    })
}

/// `POST /v1/payment_pages/{session}/confirm`.
pub(crate) fn confirm(change: &mut Change<'_>, id: &str, params: &mut Params) -> Result<Reply, StripeError> {
    let session: Session = change.find(id)?;
    let method = params.required_text("payment_method")?;
    let method = methods::named(change, &method, "payment_method")?;
    let expected = params.integer("expected_amount", &(0..=i64::MAX))?;
    std::mem::take(params).finish()?;
    if expected.is_some_and(|expected| expected != session.total()) {
        return Err(StripeError::invalid("The amount of the session is not the expected one.")
            .with_code("checkout_amount_mismatch")
            .with_param("expected_amount"));
    }
    change.enter_clock(session.test_clock.as_deref());
    let payer = Payer { email: method.email.clone(), name: method.name.clone() };
    match pay::attempt_with(change, session, payer, Some(method)) {
        Attempt::Complete { .. } | Attempt::Challenged => {
            let session: Session = change.find(id)?;
            Ok(render(&session).into())
        }
        Attempt::Declined(_) => {
            let session: Session = change.find(id)?;
            let intent = session.payment_intent.as_ref().and_then(|id| change.state.payment_intents.get(id));
            Ok(Reply::Refused(match intent {
                Some(intent) => intents::refusal(change, intent, intent.decline.unwrap_or_default()),
                None => StripeError::declined(Decline::Generic, Map::new()),
            }))
        }
        Attempt::Expired => {
            Err(StripeError::invalid("This Checkout Session is no longer active.")
                .with_code("checkout_not_active_session"))
        }
    }
}
