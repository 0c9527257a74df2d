//! Whole batches through the unit of work: what is written, in which order, and once.

use super::*;

#[pollster::test]
async fn mark_webhooks_processed_comes_first_and_everything_is_committed_together() {
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    let mut order = mockall::Sequence::new();
    work.webhooks
        .expect_mark_webhooks_processed()
        .withf(|rows| rows.len() == 1 && rows[0].id.as_str() == "evt_1" && rows[0].received_at == NOW)
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(vec![Claim::Fresh]));
    work.payments
        .expect_find_payments_for_update()
        .withf(|sessions, ids| sessions == [paid_session().id] && ids == [payment_id()])
        .once()
        .in_sequence(&mut order)
        .returning(|_, _| Ok(vec![pending()]));
    work.subscriptions
        .expect_create_subscription_records()
        .withf(|rows| rows.len() == 1 && rows[0].is_stub())
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(()));
    work.payments
        .expect_update_payment_statuses()
        .withf(|rows| rows.len() == 1 && rows[0].status() == PaymentStatus::Succeeded)
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(()));
    work.transitions
        .expect_record_transitions()
        .withf(|rows| rows.len() == 2)
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(()));
    let store = store_of(vec![work.accepting_the_rest()]);
    let outcomes = settle_batch(&store, &[paid_event("evt_1")], &home(), NOW).await.unwrap();
    assert_eq!(outcomes, [Outcome::Processed]);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn update_subscription_statuses_gets_the_changed_rows() {
    let mut work = MockUnitOfWork::default();
    work.customers.expect_find_customers().once().returning(|_| Ok(vec![customer()]));
    work.subscriptions
        .expect_find_subscriptions_for_update()
        .withf(|ids| ids == [subscription_id()])
        .once()
        .returning(|_| Ok(vec![stub()]));
    work.subscriptions
        .expect_update_subscription_statuses()
        .withf(|rows| rows.len() == 1 && rows[0].status() == SubscriptionStatus::Active)
        .once()
        .returning(|_| Ok(()));
    work.refreshes
        .expect_cancel_refreshes()
        .withf(|objects, reason| objects.len() == 1 && *reason == RefreshReason::Stub)
        .once()
        .returning(|_, _| Ok(()));
    let store = store_of(vec![work.accepting_the_rest()]);
    let update = subscription_event("evt_1", News::Updated, SubscriptionStatus::Active);
    settle_batch(&store, &[update], &home(), NOW).await.unwrap();
}

#[pollster::test]
async fn an_event_that_was_claimed_before_has_no_effect_and_is_a_duplicate() {
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    work.webhooks.expect_mark_webhooks_processed().once().returning(|_| Ok(vec![Claim::Duplicate]));
    work.webhooks.expect_note_late_webhooks().once().returning(|_, _| Ok(Vec::new()));
    let store = store_of(vec![work]);
    let outcomes = settle_batch(&store, &[paid_event("evt_1")], &home(), NOW).await.unwrap();
    assert_eq!(outcomes, [Outcome::Duplicate]);
    assert_eq!(endings.all(), [Ending::RolledBack]);
}

#[pollster::test]
async fn an_event_that_comes_after_the_sweep_has_found_it_is_a_duplicate_and_noted_as_late() {
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    work.webhooks.expect_mark_webhooks_processed().returning(|_| Ok(vec![Claim::Duplicate]));
    work.webhooks
        .expect_note_late_webhooks()
        .withf(|ids, at| ids == ["evt_1".parse().unwrap()] && *at == NOW)
        .once()
        .returning(|ids, _| Ok(ids.to_vec()));
    let store = store_of(vec![work.accepting_the_rest()]);
    let outcomes = settle_batch(&store, &[paid_event("evt_1")], &home(), NOW).await.unwrap();
    assert_eq!(outcomes, [Outcome::Duplicate]);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn what_the_sweep_finds_twice_is_not_late() {
    let mut work = MockUnitOfWork::default();
    work.webhooks.expect_mark_webhooks_processed().returning(|_| Ok(vec![Claim::Duplicate]));
    work.webhooks.expect_note_late_webhooks().withf(|ids, _| ids.is_empty()).returning(|_, _| Ok(Vec::new()));
    let swept = WebhookEvent { source: EventSource::Sweep, ..paid_event("evt_1") };
    let outcomes = settle_batch(&store_of(vec![work]), &[swept], &home(), NOW).await.unwrap();
    assert_eq!(outcomes, [Outcome::Duplicate]);
}

#[pollster::test]
async fn an_event_that_stands_twice_in_a_batch_is_claimed_once() {
    let mut work = MockUnitOfWork::default();
    work.webhooks
        .expect_mark_webhooks_processed()
        .withf(|rows| rows.iter().map(|row| row.id.as_str()).eq(["evt_1", "evt_2"]))
        .once()
        .returning(|_| Ok(vec![Claim::Fresh, Claim::Duplicate]));
    let store = store_of(vec![work.accepting_the_rest()]);
    let batch = [event("evt_2", EventContent::Unhandled), paid_event("evt_1"), paid_event("evt_1")];
    let outcomes = settle_batch(&store, &batch, &home(), NOW).await.unwrap();
    let ignored = Outcome::Ignored(IgnoreReason::NotOurs);
    assert_eq!(outcomes, [Outcome::Duplicate, ignored, Outcome::Duplicate]);
}

#[pollster::test]
async fn a_parked_event_is_recorded_with_its_payload_and_an_ignored_one_without() {
    let mut work = MockUnitOfWork::default();
    work.webhooks
        .expect_record_webhook_outcomes()
        .withf(|rows| {
            rows.len() == 2 && rows.iter().all(|row| row.payload.is_some() == matches!(row.outcome, Outcome::Parked(_)))
        })
        .once()
        .returning(|_| Ok(()));
    let store = store_of(vec![work.accepting_the_rest()]);
    let unreadable = event("evt_1", EventContent::Unreadable(ParkReason::UnreadableObject));
    let batch = [unreadable, event("evt_2", EventContent::Unhandled)];
    settle_batch(&store, &batch, &home(), NOW).await.unwrap();
}

#[pollster::test]
async fn whatever_fails_on_the_way_rolls_everything_back() {
    type Breaking = fn(&mut MockUnitOfWork);
    let breakings: [Breaking; 8] = [
        |work| {
            work.webhooks.expect_mark_webhooks_processed().returning(|_| Err(store_error()));
        },
        |work| {
            work.customers.expect_find_customers().returning(|_| Err(store_error()));
        },
        |work| {
            work.subscriptions.expect_find_subscriptions_for_update().returning(|_| Err(store_error()));
        },
        |work| {
            work.payments.expect_find_payments_for_update().returning(|_, _| Err(store_error()));
        },
        |work| {
            work.subscriptions.expect_create_subscription_records().returning(|_| Err(store_error()));
        },
        |work| {
            work.payments.expect_update_payment_statuses().returning(|_| Err(store_error()));
        },
        |work| {
            work.transitions.expect_record_transitions().returning(|_| Err(store_error()));
        },
        |work| work.commit_error = Some(store_error()),
    ];
    for breaking in breakings {
        let endings = Endings::default();
        let mut work = MockUnitOfWork::recording(&endings);
        breaking(&mut work);
        let store = store_of(vec![work.accepting_the_rest()]);
        let error = settle_batch(&store, &[paid_event("evt_1")], &home(), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)));
        assert_eq!(endings.all(), [Ending::RolledBack]);
    }
}

#[pollster::test]
async fn an_event_that_cannot_be_stored_is_parked_alone_and_once() {
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    work.webhooks
        .expect_record_webhook_outcomes()
        .withf(|rows| rows[0].outcome == Outcome::Parked(ParkReason::NotStorable) && rows[0].payload.is_some())
        .once()
        .returning(|_| Ok(()));
    let mut again = MockUnitOfWork::recording(&endings);
    again.webhooks.expect_mark_webhooks_processed().returning(|_| Ok(vec![Claim::Duplicate]));
    let store = store_of(vec![work.accepting_the_rest(), again]);
    let parked = park_event(&store, &paid_event("evt_1"), ParkReason::NotStorable).await.unwrap();
    assert_eq!(parked, Outcome::Parked(ParkReason::NotStorable));
    let duplicate = park_event(&store, &paid_event("evt_1"), ParkReason::NotStorable).await.unwrap();
    assert_eq!(duplicate, Outcome::Duplicate);
    assert_eq!(endings.all(), [Ending::Committed, Ending::RolledBack]);
}
