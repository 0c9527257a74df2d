//! Asking Stripe again: about objects in doubt, and for sessions whose creation was left undone.
//!
//! The version of our row is noted, Stripe is asked with no transaction open, and the answer is written only if the
//! version is still the same. So a slow answer can never overwrite newer news.

mod customer;
mod dispute;
mod invoice;
mod named;
mod payment;
mod purchase;
mod refund;
mod subscription;

use time::{Duration, OffsetDateTime};

use self::customer::refresh_customer;
use self::dispute::refresh_dispute;
use self::invoice::refresh_invoice;
use self::named::is_at_its_end;
use self::payment::{refresh_payment, refresh_session};
use self::refund::{refresh_refund, refresh_refunds_of_charge};
use self::subscription::refresh_subscription;
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
    /// Our row equals Stripe's answer, or there is nothing left to ask. The entry is gone, unless a new doubt has come, or
    /// the answer is of before [`trusted_from`](ClaimedRefresh::trusted_from).
    Done,
    /// Newer news came in while Stripe was asked: ask again.
    Overtaken,
    /// Stripe's answer contradicts news that it may not have heard of yet: ask again after this time.
    TooFresh(Duration),
}

/// Asks Stripe about one object that was claimed from the queue, and writes the answer and the end of the entry in one
/// transaction.
///
/// # Errors
///
/// [`RefreshError`]; the entry then has to be postponed.
pub async fn refresh(ports: &Ports, claimed: &ClaimedRefresh) -> Result<Refreshed, RefreshError> {
    if claimed.reason == RefreshReason::Named && is_at_its_end(ports.store.as_ref(), &claimed.object).await? {
        return close(ports.store.begin().await?, claimed).await;
    }
    match &claimed.object {
        RefreshObject::Payment(id) => refresh_payment(ports, claimed, *id).await,
        RefreshObject::Subscription(id) => refresh_subscription(ports, claimed, id).await,
        RefreshObject::Session(id) => refresh_session(ports, claimed, id).await,
        RefreshObject::Invoice(id) => refresh_invoice(ports, claimed, id).await,
        RefreshObject::Refund(id) => refresh_refund(ports, claimed, id).await,
        RefreshObject::Dispute(id) => refresh_dispute(ports, claimed, id).await,
        RefreshObject::ChargeRefunds(id) => refresh_refunds_of_charge(ports, claimed, id).await,
        RefreshObject::Customer(id) => refresh_customer(ports, claimed, id).await,
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
        | RefreshReason::CustomerDeleted
        | RefreshReason::Overdue
        | RefreshReason::Lapsed
        | RefreshReason::Listed
        | RefreshReason::Rotation => Cause::Sweep,
    }
}

async fn finish(ports: &Ports, claimed: &ClaimedRefresh) -> Result<Refreshed, RefreshError> {
    let work = ports.store.begin().await?;
    end(ports, work, claimed, true).await
}

/// Ends the entry, unless the answer could not be written, or is to be asked for once more.
async fn end(
    ports: &Ports,
    mut work: Box<dyn UnitOfWork>,
    claimed: &ClaimedRefresh,
    written: bool,
) -> Result<Refreshed, RefreshError> {
    if !written {
        work.rollback().await?;
        return Ok(Refreshed::Overtaken);
    }
    if let Some(from) = claimed.trusted_from.filter(|from| ports.clock.now() < *from) {
        // Not put off: Stripe has answered, and an attempt counts what it did not answer.
        let again = RefreshRequest {
            object: claimed.object.clone(),
            reason: claimed.reason,
            due_at: from,
            answered_from: claimed.answered_from,
            trusted_from: Some(from),
        };
        work.refreshes().finish_refresh(claimed).await?;
        work.refreshes().request_refreshes(&[again]).await?;
        work.commit().await?;
        return Ok(Refreshed::Done);
    }
    close(work, claimed).await
}

async fn close(mut work: Box<dyn UnitOfWork>, claimed: &ClaimedRefresh) -> Result<Refreshed, RefreshError> {
    work.refreshes().finish_refresh(claimed).await?;
    work.commit().await?;
    Ok(Refreshed::Done)
}

#[cfg(test)]
mod tests;
