use super::RefreshError;
use super::invoice::take_invoice_answer;
use crate::ids::{ChargeId, InvoiceId, PaymentIntentId};
use crate::invoice::Invoice;
use crate::payment::Payment;
use crate::ports::StoreError;
use crate::purchase::Purchase;
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::session::CheckoutSession;
use crate::settled::Ports;
use crate::transition::Cause;

/// Finds what of ours was paid with a `PaymentIntent`: in our tables, else by asking Stripe whose session or invoice it
/// was. What is learnt is written down, so that it need not be asked again.
pub(super) async fn find_purchase(
    ports: &Ports,
    intent: &PaymentIntentId,
    cause: Cause,
) -> Result<Option<Purchase>, RefreshError> {
    if let Some(held) = find_held(ports, intent).await? {
        return Ok(Some(held));
    }
    if let Some(session) = ports.gateway.find_session_of_payment_intent(intent).await? {
        return Ok(find_by_session(ports, &session).await?);
    }
    match ports.gateway.find_invoice_of_payment_intent(intent).await? {
        Some(invoice_id) => find_by_invoice(ports, &invoice_id, intent, cause).await,
        None => Ok(None),
    }
}

/// The `PaymentIntent` of a refund or dispute: the one that it names, else the one of its charge. A charge without one was
/// made by other software than ours: neither a Checkout Session nor an invoice takes money so.
pub(super) async fn find_intent(
    ports: &Ports,
    named: Option<&PaymentIntentId>,
    charge: Option<&ChargeId>,
) -> Result<Option<PaymentIntentId>, RefreshError> {
    match (named, charge) {
        (Some(named), _) => Ok(Some(named.clone())),
        (None, Some(charge)) => Ok(ports.gateway.find_payment_intent_of_charge(charge).await?),
        (None, None) => Ok(None),
    }
}

async fn find_held(ports: &Ports, intent: &PaymentIntentId) -> Result<Option<Purchase>, StoreError> {
    let intents = std::slice::from_ref(intent);
    let mut work = ports.store.begin().await?;
    let payments = work.payments().find_payments_of_intents(intents).await?;
    let invoices = work.invoices().find_invoices_for_update(&[], intents).await?;
    work.rollback().await?;
    Ok(payments.first().map(Purchase::from).or_else(|| invoices.first().map(Purchase::from)))
}

/// The payment whose session it is. Other software on the account may have written our payment's id into a session of its
/// own, so the session and the customer have to be the payment's, too.
async fn find_by_session(ports: &Ports, session: &CheckoutSession) -> Result<Option<Purchase>, StoreError> {
    let payment = match ports.store.find_payment_by_session(&session.id).await? {
        None => match session.payment_id {
            Some(id) => ports.store.find_payment(id).await?.filter(|payment| payment.record().session_id.is_none()),
            None => None,
        },
        found => found,
    };
    let is_theirs = |payment: &Payment| session.customer_id.as_ref() == Some(&payment.record().customer_id);
    let Some(payment) = payment.filter(is_theirs) else { return Ok(None) };
    // The payment does not know its PaymentIntent, so it has missed the end of its session.
    let wish = RefreshRequest::new(RefreshObject::Session(session.id.clone()), RefreshReason::Owner, ports.clock.now());
    let mut work = ports.store.begin().await?;
    work.refreshes().request_refreshes(&[wish]).await?;
    work.commit().await?;
    Ok(Some(Purchase::from(&payment)))
}

async fn find_by_invoice(
    ports: &Ports,
    id: &InvoiceId,
    intent: &PaymentIntentId,
    cause: Cause,
) -> Result<Option<Purchase>, RefreshError> {
    let seen = ports.store.find_invoice(id).await?.as_ref().map_or(0, Invoice::version);
    let Some(mut answer) = ports.gateway.fetch_invoice(id).await? else { return Ok(None) };
    answer.object.payment_intent_id.get_or_insert_with(|| intent.clone());
    let mut work = ports.store.begin().await?;
    if take_invoice_answer(work.as_mut(), seen, &answer, cause, ports.clock.now()).await? {
        work.commit().await?;
    } else {
        // Newer news were written meanwhile. Whose invoice it is cannot have changed.
        work.rollback().await?;
    }
    Ok(ports.store.find_invoice(id).await?.as_ref().map(Purchase::from))
}
