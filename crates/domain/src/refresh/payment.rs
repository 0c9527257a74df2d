use super::{RefreshError, Refreshed, cause_of, end, finish};
use crate::checkout::{CheckoutError, SessionNews, open_session, take_session_answer};
use crate::ids::{PaymentId, SessionId};
use crate::payment::{Payment, PaymentStatus};
use crate::refresh_request::ClaimedRefresh;
use crate::settled::Ports;

/// Asks for the session of a payment, or creates it again when that was left undone.
pub(super) async fn refresh_payment(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: PaymentId,
) -> Result<Refreshed, RefreshError> {
    let Some(payment) = ports.store.find_payment(id).await? else {
        return finish(ports, claimed).await;
    };
    let session_id = payment.record().session_id.clone();
    match session_id {
        None if payment.status() == PaymentStatus::Creating => create_again(ports, claimed, payment).await,
        None => finish(ports, claimed).await,
        Some(session_id) => ask_for_session(ports, claimed, &payment, &session_id).await,
    }
}

/// Asks for a session and looks for the payment that it belongs to, if there is one.
pub(super) async fn refresh_session(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &SessionId,
) -> Result<Refreshed, RefreshError> {
    if let Some(payment) = ports.store.find_payment_by_session(id).await? {
        return ask_for_session(ports, claimed, &payment, id).await;
    }
    // The answer to the call that made the session may have been lost: then only its metadata tells whose it is.
    let answer = ports.gateway.fetch_checkout_session(id).await?;
    let named = answer.as_ref().and_then(|answer| answer.object.payment_id);
    let payment = match named {
        Some(payment_id) => ports.store.find_payment(payment_id).await?,
        None => None,
    };
    let Some(payment) = payment.filter(|payment| payment.record().session_id.is_none()) else {
        tracing::debug!(session_id = %id, "the session is not ours");
        return finish(ports, claimed).await;
    };
    // Asked once more, now that the payment's version is known.
    ask_for_session(ports, claimed, &payment, id).await
}

async fn ask_for_session(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    payment: &Payment,
    session_id: &SessionId,
) -> Result<Refreshed, RefreshError> {
    let answer = ports.gateway.fetch_checkout_session(session_id).await?;
    let news = SessionNews { payment, answer: answer.as_ref(), cause: cause_of(claimed) };
    let mut work = ports.store.begin().await?;
    let written = take_session_answer(work.as_mut(), &news, ports.clock.now()).await?;
    end(ports, work, claimed, written).await
}

async fn create_again(ports: &Ports, claimed: &ClaimedRefresh, payment: Payment) -> Result<Refreshed, RefreshError> {
    match open_session(ports, payment).await {
        Err(CheckoutError::Unavailable(error)) => Err(error.into()),
        Err(CheckoutError::Store(error)) => Err(error.into()),
        // Opened, overtaken, or refused for good: the row says which.
        Ok(_) | Err(_) => finish(ports, claimed).await,
    }
}
