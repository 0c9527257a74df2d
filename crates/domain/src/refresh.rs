//! Asking Stripe again: about objects in doubt, and for sessions whose creation was left undone.
//!
//! The version of our row is noted, Stripe is asked with no transaction open, and the answer is written only if the
//! version is still the same. So a slow answer can never overwrite newer news.

use time::OffsetDateTime;

use crate::checkout::{CheckoutError, SessionNews, open_session, take_session_answer};
use crate::ids::{PaymentId, SubscriptionId};
use crate::payment::{Payment, PaymentStatus};
use crate::ports::{GatewayError, StoreError, UnitOfWork};
use crate::refresh_request::{ClaimedRefresh, RefreshObject, RefreshReason, RefreshRequest};
use crate::settled::Ports;
use crate::transition::Cause;

/// Why an object could not be refreshed. Its entry stays in the queue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// Stripe gave no usable answer.
    #[error("stripe gave no usable answer")]
    Gateway(#[from] GatewayError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// What came of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Refreshed {
    /// Our row equals Stripe's answer, or there is nothing left to ask. The entry is gone, unless a new doubt has come.
    Done,
    /// Newer news came in while Stripe was asked: ask again.
    Overtaken,
}

/// Asks Stripe about one object that was claimed from the queue, and writes the answer and the end of the entry in one
/// transaction.
///
/// # Errors
///
/// [`RefreshError`]; the entry then has to be postponed.
pub async fn refresh(ports: &Ports, claimed: &ClaimedRefresh) -> Result<Refreshed, RefreshError> {
    match &claimed.object {
        RefreshObject::Payment(id) => refresh_payment(ports, claimed, *id).await,
        RefreshObject::Subscription(id) => refresh_subscription(ports, claimed, id).await,
        // Nothing asks for these yet.
        RefreshObject::Session(_)
        | RefreshObject::Invoice(_)
        | RefreshObject::Refund(_)
        | RefreshObject::Dispute(_)
        | RefreshObject::ChargeRefunds(_)
        | RefreshObject::Customer(_) => finish(ports, claimed).await,
    }
}

/// Puts payments whose creation was left undone before `before` into the queue, `limit` at most; returns how many.
///
/// # Errors
///
/// [`StoreError`]
pub async fn recover_payments_left_creating(
    ports: &Ports,
    before: OffsetDateTime,
    limit: u32,
) -> Result<usize, StoreError> {
    let left = ports.store.list_payments_left_creating(before, limit).await?;
    if left.is_empty() {
        return Ok(0);
    }
    let due_at = ports.clock.now();
    let wish = |id| RefreshRequest::new(RefreshObject::Payment(id), RefreshReason::Creating, due_at);
    let requests: Vec<_> = left.iter().copied().map(wish).collect();
    let mut work = ports.store.begin().await?;
    work.refreshes().request_refreshes(&requests).await?;
    work.commit().await?;
    Ok(left.len())
}

async fn refresh_payment(ports: &Ports, claimed: &ClaimedRefresh, id: PaymentId) -> Result<Refreshed, RefreshError> {
    let Some(payment) = ports.store.find_payment(id).await? else {
        return finish(ports, claimed).await;
    };
    let session_id = payment.record().session_id.clone();
    match session_id {
        None if payment.status() == PaymentStatus::Creating => create_again(ports, claimed, payment).await,
        None => finish(ports, claimed).await,
        Some(session_id) => {
            let answer = ports.gateway.fetch_checkout_session(&session_id).await?;
            let news = SessionNews { payment: &payment, answer: answer.as_ref(), cause: cause_of(claimed) };
            let mut work = ports.store.begin().await?;
            let written = take_session_answer(work.as_mut(), &news, ports.clock.now()).await?;
            end(work, claimed, written).await
        }
    }
}

/// On whose behalf Stripe is asked.
const fn cause_of(claimed: &ClaimedRefresh) -> Cause {
    match claimed.reason {
        RefreshReason::Landing => Cause::Landing,
        RefreshReason::Named => Cause::Webhook,
        RefreshReason::Stub
        | RefreshReason::Doubt
        | RefreshReason::Contradiction
        | RefreshReason::Creating
        | RefreshReason::Invoice
        | RefreshReason::Owner
        | RefreshReason::UnknownStatus
        | RefreshReason::CustomerDeleted => Cause::Sweep,
    }
}

async fn create_again(ports: &Ports, claimed: &ClaimedRefresh, payment: Payment) -> Result<Refreshed, RefreshError> {
    match open_session(ports, payment).await {
        Err(CheckoutError::Unavailable(error)) => Err(error.into()),
        Err(CheckoutError::Store(error)) => Err(error.into()),
        // Opened, overtaken, or refused for good: the row says which.
        Ok(_) | Err(_) => finish(ports, claimed).await,
    }
}

async fn refresh_subscription(
    ports: &Ports,
    claimed: &ClaimedRefresh,
    id: &SubscriptionId,
) -> Result<Refreshed, RefreshError> {
    let Some(seen) = ports.store.find_subscription(id).await? else {
        return finish(ports, claimed).await;
    };
    let Some(answer) = ports.gateway.fetch_subscription(id).await? else {
        tracing::warn!(subscription_id = %id, "stripe does not know this subscription");
        return finish(ports, claimed).await;
    };
    if answer.object.customer_id != seen.record().customer_id {
        tracing::error!(subscription_id = %id, "stripe's answer belongs to another customer; nothing was written");
        return finish(ports, claimed).await;
    }
    let mut work = ports.store.begin().await?;
    let mut held = work.subscriptions().find_subscriptions_for_update(std::slice::from_ref(id)).await?;
    let Some(row) = held.first_mut().filter(|row| row.version() == seen.version()) else {
        return end(work, claimed, false).await;
    };
    let transition = row.refresh(&answer.object, answer.as_of, cause_of(claimed), ports.clock.now());
    work.subscriptions().update_subscription_statuses(&held).await?;
    let transitions: Vec<_> = transition.into_iter().collect();
    work.transitions().record_transitions(&transitions).await?;
    end(work, claimed, true).await
}

async fn finish(ports: &Ports, claimed: &ClaimedRefresh) -> Result<Refreshed, RefreshError> {
    let work = ports.store.begin().await?;
    end(work, claimed, true).await
}

async fn end(
    mut work: Box<dyn UnitOfWork>,
    claimed: &ClaimedRefresh,
    written: bool,
) -> Result<Refreshed, RefreshError> {
    if !written {
        work.rollback().await?;
        return Ok(Refreshed::Overtaken);
    }
    work.refreshes().finish_refresh(claimed).await?;
    work.commit().await?;
    Ok(Refreshed::Done)
}

#[cfg(test)]
mod tests;
