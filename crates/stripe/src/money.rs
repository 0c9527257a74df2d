//! What has become of the money of a session whose customer has finished.

use settled_domain::ids::{InvoiceId, SessionId};
use settled_domain::ports::{Answer, GatewayError};
use settled_domain::session::CheckoutSession;

use crate::call::{Client, NotUsable, Reply, is_unknown_object};
use crate::read::{InvoiceObject, SessionObject};
use crate::requests;

/// A session out of an answer.
pub(crate) fn session(reply: &Reply) -> Result<CheckoutSession, GatewayError> {
    Ok(reply.json::<SessionObject>()?.try_into().map_err(NotUsable::from)?)
}

/// The session with its time, provided it is the one that was asked for.
pub(crate) fn session_answer(reply: &Reply, id: &SessionId) -> Result<Answer<CheckoutSession>, GatewayError> {
    let session = session(reply)?;
    if session.id != *id {
        return Err(NotUsable::OtherObject.into());
    }
    reply.answer(session)
}

/// A session that is complete and unpaid does not say whether its money is on its way or has failed: what was to pay it
/// does, and is asked for. No other session costs a second call.
pub(crate) async fn with_money(
    client: &Client,
    answer: Answer<CheckoutSession>,
) -> Result<Answer<CheckoutSession>, GatewayError> {
    if !answer.object.waits_for_money() {
        return Ok(answer);
    }
    if answer.object.payment_intent_id.is_some() {
        // The session again, so that both are told in one answer: an older state of the PaymentIntent may be a card that
        // was declined before the session was completed with another method.
        let reply = client.send(&requests::retrieve_session_and_intent(&answer.object.id)).await?;
        return session_answer(&reply, &answer.object.id);
    }
    let has_failed = match &answer.object.invoice_id {
        Some(id) => has_invoice_failed(client, id).await?,
        None => false,
    };
    Ok(Answer { object: CheckoutSession { has_failed, ..answer.object }, ..answer })
}

/// A subscription is paid by its invoice.
async fn has_invoice_failed(client: &Client, id: &InvoiceId) -> Result<bool, GatewayError> {
    match client.send(&requests::retrieve_invoice_and_intent(id)).await {
        Ok(reply) => Ok(reply.json::<InvoiceObject>()?.into_intent().is_some_and(|intent| intent.has_failed())),
        Err(error) if is_unknown_object(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
