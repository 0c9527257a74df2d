use super::AwaitedPayment;
use crate::ids::SessionId;
use crate::ports::{StatusNews, StoreError};
use crate::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use crate::settled::Ports;

/// Looks at the payments of all these sessions at once, in one query however many wait: so a notification that was lost
/// costs a moment and not a payment. Returns the version of each that exists, and puts up those to be asked for at Stripe
/// of which nothing was heard for a while, as a status request would.
///
/// # Errors
///
/// [`StoreError`] when the database does not answer.
pub async fn look_after_waiting(ports: &Ports, sessions: &[SessionId]) -> Result<Vec<StatusNews>, StoreError> {
    let waiting = ports.store.list_awaited_payments(sessions).await?;
    if let Err(error) = put_up_to_be_asked(ports, &waiting).await {
        // The news are right all the same; the next look tries again.
        tracing::warn!(%error, "cannot put payments up to be asked for");
    }
    let news = |payment: AwaitedPayment| StatusNews { session_id: payment.session_id, version: payment.version };
    Ok(waiting.into_iter().map(news).collect())
}

/// Puts those payments up of which nothing was heard for a while. An entry's key makes it one question, however many
/// replicas and pages want it; and an entry that is there is left alone, so that no page can hasten what was put off.
pub(crate) async fn put_up_to_be_asked(ports: &Ports, waiting: &[AwaitedPayment]) -> Result<(), StoreError> {
    let now = ports.clock.now();
    let wishes: Vec<_> = waiting
        .iter()
        .filter(|payment| payment.is_worth_asking(now))
        .map(|payment| RefreshRequest::new(RefreshObject::Payment(payment.id), RefreshReason::Landing, now))
        .collect();
    if wishes.is_empty() {
        return Ok(());
    }
    let mut work = ports.store.begin().await?;
    work.refreshes().offer_refreshes(&wishes).await?;
    work.commit().await
}
