use super::CheckoutError;
use crate::payment::{OpenedSession, Payment, PaymentStatus};
use crate::ports::{GatewayError, PendingPayment, StoreError};
use crate::settled::Ports;
use crate::transition::{Cause, Transition};

/// Sends the stored parameters with the stored idempotency key, and saves the session that comes back. Safe to repeat:
/// the same key gives the same session. `None` when the payment is no longer open: somebody else was quicker.
pub(crate) async fn open_session(ports: &Ports, payment: Payment) -> Result<Option<Payment>, CheckoutError> {
    let row = payment.record();
    match ports.gateway.create_checkout_session(&row.params, &row.idempotency_key).await {
        Ok(opened) => save_pending_payment(ports, &payment, opened).await,
        Err(error @ GatewayError::KeySpent { .. }) => {
            let fresh_key = ports.ids.new_uuid().to_string();
            change_creating(ports, &payment, |held, now| held.replace_idempotency_key(fresh_key, now)).await?;
            Err(CheckoutError::Unavailable(error))
        }
        Err(error @ GatewayError::Refused(_)) => {
            change_creating(ports, &payment, Payment::refuse).await?;
            Err(refused(error))
        }
        Err(error) => Err(CheckoutError::Unavailable(error)),
    }
}

/// The price can be withdrawn between our question and the call that sells it.
fn refused(error: GatewayError) -> CheckoutError {
    match &error {
        GatewayError::Refused(refusal)
            if refusal.param.as_deref().is_some_and(|param| param.starts_with("line_items")) =>
        {
            CheckoutError::PriceNotAvailable
        }
        _ => CheckoutError::Refused(error),
    }
}

/// Makes the payment `pending` with its session.
async fn save_pending_payment(
    ports: &Ports,
    payment: &Payment,
    opened: OpenedSession,
) -> Result<Option<Payment>, CheckoutError> {
    let at = ports.clock.now();
    let pending = PendingPayment { payment_id: payment.id(), opened, at };
    let mut work = ports.store.begin().await?;
    let Some(saved) = work.payments().save_pending_payment(&pending).await? else {
        work.rollback().await?;
        return Ok(None);
    };
    if saved.was == PaymentStatus::Creating {
        let transition = saved.payment.transition(Some(saved.was), Cause::Checkout, at);
        work.transitions().record_transitions(&[transition]).await?;
    }
    work.commit().await?;
    let is_open = saved.payment.status() == PaymentStatus::Pending;
    Ok(is_open.then_some(saved.payment))
}

/// Changes a payment that is still as it was before the call to Stripe; one that has moved on is left alone.
async fn change_creating(
    ports: &Ports,
    seen: &Payment,
    change: impl FnOnce(&mut Payment, time::OffsetDateTime) -> Option<Transition> + Send,
) -> Result<(), StoreError> {
    let mut work = ports.store.begin().await?;
    let mut held = work.payments().find_payments_for_update(&[], &[seen.id()]).await?;
    let transition = match held.first_mut() {
        Some(held) if held.version() == seen.version() => change(held, ports.clock.now()),
        Some(_) | None => None,
    };
    let Some(transition) = transition else {
        return work.rollback().await;
    };
    work.payments().update_payment_statuses(&held).await?;
    work.transitions().record_transitions(&[transition]).await?;
    work.commit().await
}
