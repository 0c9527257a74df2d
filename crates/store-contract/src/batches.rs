//! Whole batches through [`settle_batch`]: one effect an event, whatever comes
//! at the same time.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use settled_domain::event::WebhookEvent;
use settled_domain::ids::EventId;
use settled_domain::payment::{Payment, PaymentStatus};
use settled_domain::ports::{Claim, ClaimedWebhook, Store, StoreError};
use settled_domain::settlement::{Outcome, settle_batch};
use settled_domain::subscription::{Subscription, SubscriptionStatus};

use crate::fixtures::{NOW, created_event, home, paid_event, payment_id, subscription_id, transition};
use crate::steps::{alice, claim, claim_due, give_up_after, has_transition, pending, settle};

fn processed(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| **outcome == Outcome::Processed).count()
}

/// The payment has taken exactly one step since it was pending, and the step is recorded once.
async fn assert_settled_once(store: &dyn Store, was: &Payment) -> Result<(), StoreError> {
    let payment = store.find_payment(was.id()).await?.expect("the payment is there");
    assert_eq!(payment.status(), PaymentStatus::Succeeded);
    assert_eq!(payment.version(), was.version() + 1);
    assert_eq!(payment.record().total_minor, Some(2261));
    let id = was.id().to_string();
    assert!(has_transition(store, &id, was.version() + 1).await?);
    assert!(!has_transition(store, &id, was.version() + 2).await?);
    Ok(())
}

pub async fn an_event_sent_fifty_times_at_once_has_one_effect(store: &dyn Store) -> Result<(), StoreError> {
    let payment = pending(store, 1).await?;
    let batch = [paid_event(1)];
    let outcomes = join_all((0..50).map(|_| settle(store, &batch))).await;
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    assert_eq!(processed(&outcomes), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Duplicate).count(), 49);
    assert_settled_once(store, &payment).await
}

pub async fn an_event_twice_in_a_batch_has_one_effect(store: &dyn Store) -> Result<(), StoreError> {
    let payment = pending(store, 1).await?;
    let outcomes = settle(store, &[paid_event(1), paid_event(1)]).await?;
    assert_eq!(outcomes, [Outcome::Processed, Outcome::Duplicate]);
    assert_settled_once(store, &payment).await
}

pub async fn overlapping_batches_in_any_order_give_every_event_one_effect(store: &dyn Store) -> Result<(), StoreError> {
    const OBJECTS: u128 = 8;
    alice(store).await?;
    let mut payments = Vec::new();
    for n in 1..=OBJECTS {
        payments.push(pending(store, n).await?);
    }
    let all: Vec<WebhookEvent> = (1..=OBJECTS).flat_map(|n| [paid_event(n), created_event(n)]).collect();
    let mut batches = Vec::new();
    for start in 0..all.len() {
        let mut batch = all.clone();
        batch.rotate_left(start);
        batch.truncate(all.len() / 2 + start % 3);
        if start % 2 == 1 {
            batch.reverse();
        }
        batches.push(batch);
    }
    let outcomes = join_all(batches.iter().map(|batch| settle(store, batch))).await;
    let mut effects: BTreeMap<&EventId, usize> = BTreeMap::new();
    for (batch, outcomes) in batches.iter().zip(outcomes) {
        for (event, outcome) in batch.iter().zip(outcomes?) {
            *effects.entry(&event.id).or_default() += usize::from(outcome == Outcome::Processed);
            assert!(matches!(outcome, Outcome::Processed | Outcome::Duplicate), "{outcome:?}");
        }
    }
    assert_eq!(effects.len(), all.len());
    assert!(effects.values().all(|count| *count == 1), "{effects:?}");
    for payment in &payments {
        assert_settled_once(store, payment).await?;
    }
    for n in 1..=OBJECTS {
        let subscription = store.find_subscription(&subscription_id(n)).await?;
        assert_eq!(subscription.as_ref().map(Subscription::status), Some(SubscriptionStatus::Active));
    }
    Ok(())
}

/// The transition of the payment's next version is already there, so the last write of the batch cannot be done.
pub async fn a_refused_write_undoes_the_whole_batch(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    let first = pending(store, 1).await?;
    let second = pending(store, 2).await?;
    let mut work = store.begin().await?;
    let obstacle = transition(&second.id().to_string(), second.version() + 1);
    work.transitions().record_transitions(&[obstacle]).await?;
    work.commit().await?;

    let events = [paid_event(1), paid_event(2), created_event(3)];
    let refused = settle_batch(store, &events, &home(), NOW).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");

    assert_eq!(store.find_payment(first.id()).await?, Some(first.clone()));
    assert_eq!(store.find_payment(second.id()).await?, Some(second));
    for n in 1..=3 {
        assert_eq!(store.find_subscription(&subscription_id(n)).await?, None);
    }
    assert!(!has_transition(store, &first.id().to_string(), first.version() + 1).await?);
    assert_eq!(claim_due(store, NOW + time::Duration::HOUR).await?, []);
    let rows: Vec<_> = events.iter().map(ClaimedWebhook::of).collect();
    assert_eq!(claim(store, &rows).await?, [Claim::Fresh; 3]);
    Ok(())
}

/// Whoever waits for a batch may go away at any of its steps.
pub async fn a_batch_given_up_at_any_step_is_done_wholly_or_not_at_all(store: &dyn Store) -> Result<(), StoreError> {
    const MOST_STEPS: u32 = 1_000;
    for step in 1..=MOST_STEPS {
        let n = u128::from(step);
        let payment = pending(store, n).await?;
        let batch = [paid_event(n)];
        let done = give_up_after(step, settle(store, &batch)).await;
        let outcome = settle(store, &batch).await?;
        assert_settled_once(store, &payment).await?;
        if let Some(done) = done {
            assert_eq!(done?, [Outcome::Processed]);
            assert_eq!(outcome, [Outcome::Duplicate]);
            return Ok(());
        }
    }
    panic!("a batch of one takes more than {MOST_STEPS} steps")
}

pub async fn a_batch_of_many_events_settles_all_of_them(store: &dyn Store) -> Result<(), StoreError> {
    const EVENTS: u128 = 100;
    for n in 1..=EVENTS {
        pending(store, n).await?;
    }
    let events: Vec<_> = (1..=EVENTS).map(paid_event).collect();
    let outcomes = settle(store, &events).await?;
    assert_eq!(processed(&outcomes), events.len());
    for n in 1..=EVENTS {
        let payment = store.find_payment(payment_id(n)).await?;
        assert_eq!(payment.as_ref().map(Payment::status), Some(PaymentStatus::Succeeded));
    }
    assert_eq!(claim_due(store, NOW + time::Duration::HOUR).await?.len(), 100, "each names a subscription to ask for");
    Ok(())
}

pub async fn session_and_snapshot_at_once_make_one_subscription(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    for n in 1..=10 {
        pending(store, n).await?;
        let (paid, created) = ([paid_event(n)], [created_event(n)]);
        let outcomes = join_all([settle(store, &paid), settle(store, &created)]).await;
        for outcome in outcomes {
            assert_eq!(outcome?, [Outcome::Processed]);
        }
        let subscription = store.find_subscription(&subscription_id(n)).await?.expect("the subscription is there");
        assert_eq!(subscription.status(), SubscriptionStatus::Active);
        let id = subscription_id(n).to_string();
        assert!(has_transition(store, &id, subscription.version()).await?);
        assert!(!has_transition(store, &id, subscription.version() + 1).await?);
    }
    let left = claim_due(store, NOW + time::Duration::HOUR).await?;
    assert_eq!(left, [], "every stub was answered, so Stripe need not be asked");
    Ok(())
}
