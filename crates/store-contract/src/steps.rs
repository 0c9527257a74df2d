//! Steps that cases share, each in a transaction of its own.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use settled_domain::customer::Customer;
use settled_domain::event::WebhookEvent;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{Claim, ClaimedWebhook, Reservation, Store, StoreError};
use settled_domain::refresh_request::{ClaimedRefresh, RefreshRequest};
use settled_domain::settlement::{Outcome, settle_batch};
use settled_domain::subscription::Subscription;
use time::{Duration, OffsetDateTime};

use crate::fixtures::{NOW, creating, customer_id, customer_key, home, moved_to, transition, user};

/// How often a transaction that was in somebody's way is run again before the case fails.
const ROUNDS: u32 = 20;

pub(crate) async fn reserve(store: &dyn Store, payment: &Payment) -> Result<Reservation, StoreError> {
    let mut work = store.begin().await?;
    let reservation = work.payments().reserve_payment(payment).await?;
    work.commit().await?;
    Ok(reservation)
}

pub(crate) async fn update(store: &dyn Store, payments: &[Payment]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.payments().update_payment_statuses(payments).await?;
    work.commit().await
}

/// Stores a payment of any status: first in `creating`, then one version later as it is.
pub(crate) async fn store_payment(store: &dyn Store, payment: &Payment) -> Result<(), StoreError> {
    let mut first = payment.record().clone();
    first.status = PaymentStatus::Creating;
    first.session_id = None;
    first.settled_at = None;
    first.version = payment.version() - 1;
    let first = Payment::restore(first).expect("a payment of at least version 2");
    assert_eq!(reserve(store, &first).await?, Reservation::Taken);
    update(store, std::slice::from_ref(payment)).await
}

/// Payment `n`, pending and stored.
pub(crate) async fn pending(store: &dyn Store, n: u128) -> Result<Payment, StoreError> {
    let payment = moved_to(&creating(n), PaymentStatus::Pending);
    store_payment(store, &payment).await?;
    Ok(payment)
}

pub(crate) async fn create(store: &dyn Store, subscriptions: &[Subscription]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.subscriptions().create_subscription_records(subscriptions).await?;
    work.commit().await
}

/// Alice's customer `cus_1`.
pub(crate) async fn alice(store: &dyn Store) -> Result<Customer, StoreError> {
    let mut work = store.begin().await?;
    work.customers().find_or_insert_customer(&user("alice"), customer_key(1)).await?;
    work.customers().save_customer_id(customer_key(1), &customer_id(1)).await?;
    let customer = work.customers().find_or_insert_customer(&user("alice"), customer_key(1)).await?;
    work.commit().await?;
    Ok(customer)
}

pub(crate) async fn claim(store: &dyn Store, webhooks: &[ClaimedWebhook]) -> Result<Vec<Claim>, StoreError> {
    let mut work = store.begin().await?;
    let claims = work.webhooks().mark_webhooks_processed(webhooks).await?;
    work.commit().await?;
    Ok(claims)
}

pub(crate) async fn is_processed(store: &dyn Store, webhook: &ClaimedWebhook) -> Result<bool, StoreError> {
    let mut work = store.begin().await?;
    let processed = work.webhooks().is_webhook_processed(&webhook.id).await?;
    work.rollback().await?;
    Ok(processed)
}

pub(crate) async fn request(store: &dyn Store, requests: &[RefreshRequest]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refreshes().request_refreshes(requests).await?;
    work.commit().await
}

/// Claims up to 100 entries at this time, for a minute.
pub(crate) async fn claim_due(store: &dyn Store, now: OffsetDateTime) -> Result<Vec<ClaimedRefresh>, StoreError> {
    let mut work = store.begin().await?;
    let claimed = work.refreshes().claim_due_refreshes(now, now + Duration::MINUTE, 100).await?;
    work.commit().await?;
    Ok(claimed)
}

/// Claims the only entry that is due at this time.
pub(crate) async fn claim_one(store: &dyn Store, now: OffsetDateTime) -> Result<ClaimedRefresh, StoreError> {
    let mut claimed = claim_due(store, now).await?;
    assert_eq!(claimed.len(), 1, "exactly one entry is due");
    Ok(claimed.remove(0))
}

pub(crate) async fn finish(store: &dyn Store, claimed: &ClaimedRefresh) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refreshes().finish_refresh(claimed).await?;
    work.commit().await
}

pub(crate) async fn postpone(
    store: &dyn Store,
    claimed: &ClaimedRefresh,
    due_at: OffsetDateTime,
) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.refreshes().postpone_refresh(claimed, due_at).await?;
    work.commit().await
}

/// Whether this version of the object has its transition: another one is then in conflict with it.
pub(crate) async fn has_transition(store: &dyn Store, object_id: &str, version: i64) -> Result<bool, StoreError> {
    let mut work = store.begin().await?;
    match work.transitions().record_transitions(&[transition(object_id, version)]).await {
        Ok(()) => work.rollback().await.map(|()| false),
        Err(StoreError::Conflict(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Settles a batch, again as long as another transaction is in the way.
pub(crate) async fn settle(store: &dyn Store, events: &[WebhookEvent]) -> Result<Vec<Outcome>, StoreError> {
    let mut round = 1;
    loop {
        match settle_batch(store, events, &home(), NOW).await {
            Err(error) if error.is_retryable() && round < ROUNDS => round += 1,
            settled => return settled,
        }
    }
}

/// Lets a future run until it has been polled so often, and then drops it, as a caller does that goes away. `None` when it
/// was not done by then.
pub(crate) async fn give_up_after<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        let polled = future.as_mut().poll(context).map(Some);
        if left == 0 && polled.is_pending() { Poll::Ready(None) } else { polled }
    })
    .await
}
