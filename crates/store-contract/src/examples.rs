//! What an adapter's own tests can measure with: payments and subscriptions, and what Stripe says about them.

use std::ops::RangeInclusive;

use settled_domain::event::{EventContent, WebhookEvent};
use settled_domain::ids::{SessionId, UserId};
use settled_domain::payment::PaymentStatus;
use settled_domain::ports::{Store, StoreError};
use settled_domain::subscription::{News, SubscriptionStatus};
use time::Duration;

use crate::fixtures::{SECOND, creating, event, moved_to, paid_event, snapshot, subscription};
use crate::steps::{alice, create, pending, settle};

/// Pending payments with these numbers, stored, and for each the event that it is paid.
pub async fn payments_and_their_events(
    store: &dyn Store,
    numbers: RangeInclusive<u128>,
) -> Result<Vec<WebhookEvent>, StoreError> {
    for n in numbers.clone() {
        pending(store, n).await?;
    }
    Ok(numbers.map(paid_event).collect())
}

/// Alice's active subscriptions with these numbers, stored, and for each the event that it was renewed.
pub async fn subscriptions_and_their_renewals(
    store: &dyn Store,
    numbers: RangeInclusive<u128>,
) -> Result<Vec<WebhookEvent>, StoreError> {
    alice(store).await?;
    create(store, &numbers.clone().map(subscription).collect::<Vec<_>>()).await?;
    Ok(numbers.map(renewal).collect())
}

fn renewal(n: u128) -> WebhookEvent {
    let mut said = snapshot(n, SubscriptionStatus::Active);
    said.current_period_end = Some(SECOND + Duration::days(60));
    let renewed = EventContent::Subscription(News::Updated, said);
    WebhookEvent { created: SECOND + Duration::SECOND, ..event(20_000 + n, renewed) }
}

/// Settles the events as one batch.
pub async fn settle_at_once(store: &dyn Store, events: &[WebhookEvent]) -> Result<(), StoreError> {
    settle(store, events).await.map(drop)
}

/// Who asks for the payment with this number, and by which session.
#[must_use]
pub fn payment_of_a_session(n: u128) -> (UserId, SessionId) {
    let record = moved_to(&creating(n), PaymentStatus::Pending).record().clone();
    (record.user_id, record.session_id.expect("a pending payment has a session"))
}
