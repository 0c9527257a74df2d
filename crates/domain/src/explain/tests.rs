use time::{Duration, OffsetDateTime};

use super::*;
use crate::event::EventSource;
use crate::examples::{NOW, SECOND, payment_id, pending, session_id, store_error, subscription, subscription_id, user};
use crate::history::{PastTransition, WaitingRefresh};
use crate::mock::{MockHistory, MockStore};
use crate::refresh_request::{RefreshObject, RefreshReason};
use crate::settlement::Outcome;
use crate::subscription::SubscriptionStatus;
use crate::transition::Cause;

fn event_id() -> EventId {
    EventId::new("evt_1").unwrap()
}

fn event() -> PastEvent {
    PastEvent {
        id: event_id(),
        event_type: "checkout.session.completed".into(),
        object_id: Some(session_id().to_string()),
        api_version: None,
        livemode: false,
        created: SECOND + Duration::SECOND,
        received_at: SECOND + Duration::seconds(2),
        source: EventSource::Webhook,
        outcome: Outcome::Processed,
        arrived_late_at: None,
        replayed_at: None,
    }
}

fn change(at: OffsetDateTime, event_id: Option<EventId>) -> PastTransition {
    PastTransition {
        object_id: payment_id().to_string(),
        version: 3,
        from: Some("pending".into()),
        to: "succeeded".into(),
        cause: Cause::Webhook,
        event_id,
        at,
    }
}

/// A past with one event and the change that it made.
fn past() -> MockHistory {
    let mut history = MockHistory::new();
    history.expect_find_event().returning(|id| Ok((*id == event_id()).then(event)));
    history.expect_find_payment_of_subscription().returning(|_| Ok(None));
    history.expect_list_user_payments().returning(|_, _| Ok(vec![pending()]));
    history.expect_list_transitions().returning(|_, _| {
        Ok(vec![change(SECOND + Duration::seconds(2) + Duration::milliseconds(7), Some(event_id()))])
    });
    history.expect_list_events_about().returning(|_, _, _| Ok(vec![event()]));
    history.expect_list_waiting_refreshes().returning(|_| {
        let object = RefreshObject::Subscription(subscription_id());
        Ok(vec![WaitingRefresh { object, reason: RefreshReason::Doubt, due_at: NOW + Duration::HOUR, attempts: 2 }])
    });
    history
}

fn store() -> MockStore {
    let mut store = MockStore::new();
    store.expect_find_payment().returning(|id| Ok((id == payment_id()).then(pending)));
    store.expect_find_payment_by_session().returning(|id| Ok((*id == session_id()).then(pending)));
    store.expect_find_subscription().returning(|_| Ok(Some(subscription(SubscriptionStatus::Active))));
    store.expect_list_user_subscriptions().returning(|_, _, _| Ok(vec![subscription(SubscriptionStatus::Active)]));
    store
}

async fn told(subject: &str) -> Option<Story> {
    explain(&store(), &past(), &subject.parse().unwrap()).await.unwrap()
}

#[pollster::test]
async fn a_session_is_told_from_the_click_to_what_waits_in_order() {
    let story = told(session_id().as_str()).await.unwrap();
    let whats: Vec<&What> = story.entries.iter().map(|entry| &entry.what).collect();
    assert!(
        matches!(
            whats[..],
            [What::Made { .. }, What::Received { .. }, What::Changed { .. }, What::Clicked { .. }, What::Waits { .. }]
                | [
                    What::Clicked { .. },
                    What::Made { .. },
                    What::Received { .. },
                    What::Changed { .. },
                    What::Waits { .. }
                ]
        ),
        "{whats:?}"
    );
    assert!(story.entries.is_sorted_by_key(|entry| entry.at));
}

#[pollster::test]
async fn the_delays_between_made_received_and_settled_are_told() {
    let story = told("evt_1").await.unwrap();
    let received = story.entries.iter().find_map(|entry| match &entry.what {
        What::Received { after, .. } => Some(*after),
        _ => None,
    });
    assert_eq!(received, Some(Duration::SECOND));
    let changed = story.entries.iter().find_map(|entry| match &entry.what {
        What::Changed { by, .. } => by.clone(),
        _ => None,
    });
    assert_eq!(changed, Some((event_id(), Some(Duration::milliseconds(7)))));
}

#[pollster::test]
async fn a_payment_a_subscription_an_event_and_a_user_lead_to_the_same_story() {
    for subject in [payment_id().to_string(), "evt_1".into(), session_id().to_string(), user().to_string()] {
        let story = told(&subject).await.unwrap();
        assert_eq!(story.payments, [pending()], "{subject}");
    }
    let story = told("sub_1").await.unwrap();
    assert_eq!(story.subscriptions, [subscription(SubscriptionStatus::Active)]);
}

#[pollster::test]
async fn of_what_is_not_known_there_is_no_story() {
    let (mut store, mut history) = (MockStore::new(), MockHistory::new());
    store.expect_find_payment().returning(|_| Ok(None));
    store.expect_find_subscription().returning(|_| Ok(None));
    store.expect_list_user_subscriptions().returning(|_, _, _| Ok(Vec::new()));
    history.expect_find_event().returning(|_| Ok(None));
    store.expect_find_payment_by_session().returning(|_| Ok(None));
    history.expect_find_payment_of_subscription().returning(|_| Ok(None));
    history.expect_list_user_payments().returning(|_, _| Ok(Vec::new()));
    for subject in ["cs_9", "sub_9", "evt_9", "0198d2c0-5f5b-7c3e-9b1a-2f6f1d1c9a11", "nobody"] {
        assert_eq!(explain(&store, &history, &subject.parse().unwrap()).await.unwrap(), None, "{subject}");
    }
}

#[pollster::test]
async fn an_event_that_found_nothing_of_ours_is_a_story_of_its_own() {
    let mut history = MockHistory::new();
    history.expect_find_event().returning(|_| Ok(Some(PastEvent { object_id: None, ..event() })));
    history.expect_list_transitions().returning(|_, _| Ok(Vec::new()));
    history.expect_list_events_about().returning(|_, _, _| Ok(vec![event()]));
    history.expect_list_waiting_refreshes().returning(|_| Ok(Vec::new()));
    let story = explain(&MockStore::new(), &history, &"evt_1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((story.payments.len(), story.entries.len()), (0, 2));
}

#[pollster::test]
async fn a_database_that_does_not_answer_is_an_error() {
    let mut store = MockStore::new();
    store.expect_find_payment().returning(|_| Err(store_error()));
    let subject = Subject::Payment(payment_id());
    assert!(explain(&store, &MockHistory::new(), &subject).await.is_err());
}
