//! The past as a person is shown it. A store that keeps these promises, too, can be used with the commands for operators.

use settled_domain::event::{EventSource, Payload};
use settled_domain::history::{EventCount, EventOutcome, EventQuery, PastEvent, PastTransition, WaitingRefresh};
use settled_domain::ids::EventId;
use settled_domain::payment::{Payment, PaymentRecord, PaymentStatus};
use settled_domain::ports::{ClaimedWebhook, History, Store, StoreError, WebhookOutcome};
use settled_domain::refresh_request::RefreshReason;
use settled_domain::settlement::{IgnoreReason, Outcome, ParkReason};
use settled_domain::transition::Cause;
use time::Duration;

use crate::fixtures::{
    NOW, SECOND, creating_for, doubt, event_id, moved_to, payment_id, refresh_object, restored, session_id,
    subscription_id, transition, user, webhook,
};
use crate::steps::{claim, claim_one, postpone, request, store_payment};

/// Events 1 to 5, each a second after the other: processed, ignored, and three parked ones for two reasons.
async fn five_events(store: &dyn Store) -> Result<(), StoreError> {
    let rows: Vec<ClaimedWebhook> = (1..=5).map(came).collect();
    let parked = |n, reason| WebhookOutcome {
        id: event_id(n),
        outcome: Outcome::Parked(reason),
        payload: Some(Payload::new(b"body")),
    };
    let ignored = WebhookOutcome { id: event_id(2), outcome: Outcome::Ignored(IgnoreReason::NotOurs), payload: None };
    let mut work = store.begin().await?;
    work.webhooks().mark_webhooks_processed(&rows).await?;
    let outcomes = [
        ignored,
        parked(3, ParkReason::AmountMismatch),
        parked(4, ParkReason::UnreadableObject),
        parked(5, ParkReason::AmountMismatch),
    ];
    work.webhooks().record_webhook_outcomes(&outcomes).await?;
    work.commit().await
}

fn came(n: u128) -> ClaimedWebhook {
    ClaimedWebhook { received_at: NOW + Duration::seconds(i64::try_from(n).expect("a small number")), ..webhook(n) }
}

fn ids(events: &[PastEvent]) -> Vec<EventId> {
    events.iter().map(|event| event.id.clone()).collect()
}

pub async fn events_are_listed_newest_first_and_page_by_page(store: &(impl Store + History)) -> Result<(), StoreError> {
    five_events(store).await?;
    let first = store.list_events(&EventQuery::default(), 3).await?;
    assert_eq!(ids(&first), [5, 4, 3].map(event_id));
    let next = EventQuery { before: Some(event_id(3)), ..EventQuery::default() };
    assert_eq!(ids(&store.list_events(&next, 3).await?), [2, 1].map(event_id));
    let unknown = EventQuery { before: Some(event_id(99)), ..EventQuery::default() };
    assert_eq!(store.list_events(&unknown, 3).await?, []);
    Ok(())
}

pub async fn events_are_listed_by_outcome_and_reason(store: &(impl Store + History)) -> Result<(), StoreError> {
    five_events(store).await?;
    let by = |outcome, reason| EventQuery { outcome, reason, before: None };
    for (query, expected) in [
        (by(Some(EventOutcome::Processed), None), vec![1]),
        (by(Some(EventOutcome::Ignored), None), vec![2]),
        (by(Some(EventOutcome::Parked), None), vec![5, 4, 3]),
        (by(None, Some(ParkReason::AmountMismatch)), vec![5, 3]),
        (by(Some(EventOutcome::Ignored), Some(ParkReason::AmountMismatch)), vec![]),
    ] {
        let expected: Vec<EventId> = expected.into_iter().map(event_id).collect();
        assert_eq!(ids(&store.list_events(&query, 10).await?), expected, "{query:?}");
    }
    Ok(())
}

pub async fn every_fact_about_an_event_is_shown(store: &(impl Store + History)) -> Result<(), StoreError> {
    let row = ClaimedWebhook { source: EventSource::Sweep, livemode: true, api_version: None, ..webhook(1) };
    claim(store, &[row]).await?;
    let late = NOW + Duration::MINUTE;
    let mut work = store.begin().await?;
    work.webhooks().note_late_webhooks(&[event_id(1)], late).await?;
    let outcome = Outcome::Parked(ParkReason::NotStorable);
    let parked = WebhookOutcome { id: event_id(1), outcome, payload: Some(Payload::new(&[0, 0xff])) };
    work.webhooks().record_replay(&parked, late + Duration::MINUTE).await?;
    work.commit().await?;
    let expected = PastEvent {
        id: event_id(1),
        event_type: "checkout.session.completed".into(),
        object_id: Some(session_id(1).to_string()),
        api_version: None,
        livemode: true,
        created: SECOND,
        received_at: NOW,
        source: EventSource::Sweep,
        outcome,
        arrived_late_at: Some(late),
        replayed_at: Some(late + Duration::MINUTE),
    };
    assert_eq!(store.find_event(&event_id(1)).await?, Some(expected));
    assert_eq!(store.find_event_payload(&event_id(1)).await?, Some(Payload::new(&[0, 0xff])));
    assert_eq!(store.find_event(&event_id(2)).await?, None);
    assert_eq!(store.find_event_payload(&event_id(2)).await?, None);
    Ok(())
}

pub async fn parked_missed_and_late_events_are_counted(store: &(impl Store + History)) -> Result<(), StoreError> {
    assert_eq!(store.count_events().await?, []);
    five_events(store).await?;
    let swept = |n| ClaimedWebhook { source: EventSource::Sweep, ..came(n) };
    claim(store, &[swept(6), swept(7), swept(8)]).await?;
    let mut work = store.begin().await?;
    work.webhooks().note_late_webhooks(&[event_id(8)], NOW).await?;
    work.commit().await?;
    let counts = store.count_events().await?;
    for expected in [
        EventCount::Parked(ParkReason::AmountMismatch, 2),
        EventCount::Parked(ParkReason::UnreadableObject, 1),
        EventCount::Missed(2),
        EventCount::Late(1),
    ] {
        assert!(counts.contains(&expected), "{expected:?} in {counts:?}");
    }
    assert_eq!(counts.len(), 4);
    Ok(())
}

pub async fn events_are_found_by_their_object_or_id_in_the_order_in_which_they_came(
    store: &(impl Store + History),
) -> Result<(), StoreError> {
    five_events(store).await?;
    let objects = [session_id(4).to_string(), session_id(2).to_string(), "sub_none".to_owned()];
    let found = store.list_events_about(&objects, &[event_id(5), event_id(4)], 10).await?;
    assert_eq!(ids(&found), [2, 4, 5].map(event_id));
    assert_eq!(ids(&store.list_events_about(&objects, &[event_id(5)], 2).await?), [2, 4].map(event_id));
    assert_eq!(store.list_events_about(&[], &[], 10).await?, []);
    Ok(())
}

pub async fn changes_are_told_in_their_order(store: &(impl Store + History)) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    let mut first = transition("sub_1", 1);
    (first.from, first.event_id, first.cause) = (None, None, Cause::Sweep);
    let mut later = transition("other", 1);
    later.at = NOW + Duration::SECOND;
    work.transitions()
        .record_transitions(&[transition("sub_1", 2), first, later, transition("not asked for", 1)])
        .await?;
    work.commit().await?;
    let told = store.list_transitions(&["other".to_owned(), "sub_1".to_owned()], 10).await?;
    let whole = |object_id: &str, version, at| PastTransition {
        object_id: object_id.into(),
        version,
        from: Some("pending".into()),
        to: "succeeded".into(),
        cause: Cause::Webhook,
        event_id: Some(event_id(1)),
        at,
    };
    let first = PastTransition { from: None, event_id: None, cause: Cause::Sweep, ..whole("sub_1", 1, NOW) };
    let expected = [first, whole("sub_1", 2, NOW), whole("other", 1, NOW + Duration::SECOND)];
    assert_eq!(told, expected);
    assert_eq!(store.list_transitions(&["sub_1".to_owned()], 1).await?, expected[..1]);
    Ok(())
}

pub async fn what_waits_to_be_asked_is_told_with_its_attempts(
    store: &(impl Store + History),
) -> Result<(), StoreError> {
    request(store, &[doubt(1, NOW), doubt(2, NOW + Duration::DAY)]).await?;
    let due_at = NOW + Duration::HOUR;
    postpone(store, &claim_one(store, NOW).await?, due_at).await?;
    let waiting = store.list_waiting_refreshes(&[subscription_id(1).to_string(), "other".into()]).await?;
    let expected = WaitingRefresh { object: refresh_object(1), reason: RefreshReason::Doubt, due_at, attempts: 1 };
    assert_eq!(waiting, [expected]);
    Ok(())
}

pub async fn payments_are_found_by_their_user_or_subscription(
    store: &(impl Store + History),
) -> Result<(), StoreError> {
    for (n, name) in [(1, "alice"), (2, "alice"), (3, "bob")] {
        let row = moved_to(&creating_for(n, name, &format!("slot_{n}")), PaymentStatus::Succeeded).record().clone();
        let created_at = NOW + Duration::seconds(i64::try_from(n).expect("a small number"));
        store_payment(store, &restored(PaymentRecord { created_at, subscription_id: Some(subscription_id(n)), ..row }))
            .await?;
    }
    let of_alice = store.list_user_payments(&user("alice"), 10).await?;
    assert_eq!(of_alice.iter().map(Payment::id).collect::<Vec<_>>(), [payment_id(2), payment_id(1)]);
    assert_eq!(store.list_user_payments(&user("alice"), 1).await?.len(), 1);
    let of_subscription = store.find_payment_of_subscription(&subscription_id(2)).await?;
    assert_eq!(of_subscription.as_ref().map(Payment::id), Some(payment_id(2)));
    assert_eq!(store.find_payment_of_subscription(&subscription_id(9)).await?, None);
    Ok(())
}
