//! `webhook_events` beyond the claim: late and parked events, and those that are forgotten.

use futures_util::future::join_all;
use settled_domain::event::{EventContent, EventSource, Payload, WebhookEvent};
use settled_domain::ids::EventId;
use settled_domain::payment::PaymentStatus;
use settled_domain::ports::{Claim, ClaimedWebhook, EventReader, HeldWebhook, ParkedWebhook, Store, StoreError};
use settled_domain::settlement::{Outcome, ParkReason, Replay, park_event, replay_parked_event};
use time::{Duration, OffsetDateTime};

use crate::fixtures::{NOW, event_id, home, paid_event, payment_id, webhook};
use crate::steps::{alice, claim, is_processed, pending};

fn swept(n: u128) -> ClaimedWebhook {
    ClaimedWebhook { source: EventSource::Sweep, ..webhook(n) }
}

async fn note_late(store: &dyn Store, ids: &[EventId]) -> Result<Vec<EventId>, StoreError> {
    let mut work = store.begin().await?;
    let mut late = work.webhooks().note_late_webhooks(ids, NOW).await?;
    work.commit().await?;
    late.sort();
    Ok(late)
}

pub async fn only_what_the_sweep_had_found_is_late_and_only_once(store: &dyn Store) -> Result<(), StoreError> {
    claim(store, &[webhook(1), swept(2), swept(3)]).await?;
    let ids = [event_id(1), event_id(2), event_id(3), event_id(99)];
    assert_eq!(note_late(store, &ids).await?, [event_id(2), event_id(3)]);
    assert_eq!(note_late(store, &ids).await?, []);
    Ok(())
}

pub async fn held_events_tell_whether_they_were_delivered(store: &dyn Store) -> Result<(), StoreError> {
    claim(store, &[webhook(1), swept(2), swept(3)]).await?;
    note_late(store, &[event_id(3)]).await?;
    let mut held = store.list_held_webhooks(&[event_id(3), event_id(99), event_id(1), event_id(2)]).await?;
    held.sort_by(|a, b| a.id.cmp(&b.id));
    let expected = [(1, true), (2, false), (3, true)];
    assert_eq!(held, expected.map(|(n, was_delivered)| HeldWebhook { id: event_id(n), was_delivered }));
    assert_eq!(store.list_held_webhooks(&[]).await?, []);
    Ok(())
}

const BODY: &[u8] = &[0, 0xff, b'{', b'"', 0x80];

fn unreadable(n: u128, source: EventSource) -> WebhookEvent {
    let content = EventContent::Unreadable(ParkReason::UnreadableObject);
    WebhookEvent { id: event_id(n), source, content, payload: Payload::new(BODY), ..paid_event(n) }
}

/// Event `n`, parked with a body that is no text.
async fn parked(store: &dyn Store, n: u128, source: EventSource) -> Result<(), StoreError> {
    let reason = ParkReason::UnreadableObject;
    assert_eq!(park_event(store, &unreadable(n, source), reason).await?, Outcome::Parked(reason));
    Ok(())
}

async fn find_parked(store: &dyn Store, n: u128) -> Result<Option<ParkedWebhook>, StoreError> {
    let mut work = store.begin().await?;
    let found = work.webhooks().find_parked_webhook_for_update(&event_id(n)).await?;
    work.rollback().await?;
    Ok(found)
}

pub async fn a_parked_event_is_found_with_its_body_and_another_one_is_not(store: &dyn Store) -> Result<(), StoreError> {
    parked(store, 1, EventSource::Sweep).await?;
    claim(store, &[webhook(2)]).await?;
    let (received_at, source) = (NOW, EventSource::Sweep);
    let expected = ParkedWebhook { received_at, source, payload: Payload::new(BODY) };
    assert_eq!(find_parked(store, 1).await?, Some(expected));
    assert_eq!(find_parked(store, 2).await?, None);
    assert_eq!(find_parked(store, 3).await?, None);
    Ok(())
}

/// Reads every body as the event that payment 1 was paid, or not at all.
struct Reader {
    can_read: bool,
}

impl EventReader for Reader {
    fn read_event(&self, payload: &[u8], _: OffsetDateTime) -> WebhookEvent {
        assert_eq!(payload, BODY);
        if self.can_read { paid_event(1) } else { unreadable(1, EventSource::Webhook) }
    }
}

async fn replay(store: &dyn Store, can_read: bool) -> Result<Replay, StoreError> {
    replay_parked_event(store, &Reader { can_read }, &event_id(1), &home(), NOW).await
}

pub async fn an_event_that_is_still_wrong_stays_parked(store: &dyn Store) -> Result<(), StoreError> {
    parked(store, 1, EventSource::Webhook).await?;
    for _ in 0..2 {
        assert_eq!(replay(store, false).await?, Replay::Settled(Outcome::Parked(ParkReason::UnreadableObject)));
        assert_eq!(find_parked(store, 1).await?.map(|parked| parked.payload), Some(Payload::new(BODY)));
    }
    Ok(())
}

pub async fn a_replayed_event_has_its_effect_and_loses_its_body(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    pending(store, 1).await?;
    parked(store, 1, EventSource::Webhook).await?;
    assert_eq!(replay(store, true).await?, Replay::Settled(Outcome::Processed));
    let paid = store.find_payment(payment_id(1)).await?.expect("the payment is there");
    assert_eq!(paid.status(), PaymentStatus::Succeeded);
    assert_eq!(find_parked(store, 1).await?, None);
    assert_eq!(claim(store, &[webhook(1)]).await?, [Claim::Duplicate]);
    assert_eq!(replay(store, true).await?, Replay::NotParked);
    Ok(())
}

pub async fn of_many_replays_at_once_one_has_the_effect(store: &dyn Store) -> Result<(), StoreError> {
    alice(store).await?;
    pending(store, 1).await?;
    parked(store, 1, EventSource::Webhook).await?;
    let replays = join_all((0..8).map(|_| replay(store, true))).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let settled = replays.iter().filter(|replay| **replay == Replay::Settled(Outcome::Processed)).count();
    assert_eq!(settled, 1, "{replays:?}");
    let version = store.find_payment(payment_id(1)).await?.expect("the payment is there").version();
    assert_eq!(replay(store, true).await?, Replay::NotParked);
    assert_eq!(store.find_payment(payment_id(1)).await?.expect("the payment is there").version(), version);
    Ok(())
}

pub async fn old_events_are_forgotten_but_not_those_that_are_parked(store: &dyn Store) -> Result<(), StoreError> {
    let old = |n: u128| ClaimedWebhook { received_at: NOW - Duration::DAY, ..webhook(n) };
    claim(store, &[old(2), old(3), old(4), webhook(5)]).await?;
    parked(store, 1, EventSource::Webhook).await?;
    let before = NOW + Duration::SECOND;
    assert_eq!(store.prune_webhooks(NOW - Duration::DAY, 10).await?, 0, "not older than that");
    assert_eq!(store.prune_webhooks(NOW, 2).await?, 2);
    assert_eq!(store.prune_webhooks(NOW, 2).await?, 1);
    assert!(is_processed(store, &webhook(5)).await?);
    assert_eq!(store.prune_webhooks(before, 10).await?, 1);
    assert!(find_parked(store, 1).await?.is_some());
    Ok(())
}
