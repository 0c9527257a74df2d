use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::examples::{NOW, clock, pending, session_id, settled, store_error, store_of, user};
use crate::mock::{
    Ending, Endings, MockIdSource, MockIntake, MockStatusChanges, MockStatusFeed, MockStore, MockStripeGateway,
    MockUnitOfWork,
};
use crate::payment::{Payment, PaymentRecord};
use crate::ports::{FeedError, StatusChanges, StatusNews, StoreError};
use crate::refresh_request::{RefreshObject, RefreshReason};
use crate::settled::Ports;

fn at_version(version: i64) -> Payment {
    Payment::restore(PaymentRecord { version, ..pending().record().clone() }).unwrap()
}

/// A store that gives these answers to the reads of the payment, one after the other.
fn reading(answers: Vec<Result<Option<Payment>, StoreError>>) -> MockStore {
    let answers = Mutex::new(VecDeque::from(answers));
    let mut store = MockStore::new();
    store
        .expect_get_payment_status_by_session_id()
        .withf(|user_id, session| *user_id == user() && *session == session_id())
        .returning(move |_, _| answers.lock().unwrap().pop_front().expect("a read more than expected"));
    store
}

/// A watch of a payment that was read at version 2, over this store, which is woken so many times.
fn watching(store: MockStore, wakes: usize) -> PaymentWatch {
    let mut feed = MockStatusFeed::new();
    feed.expect_subscribe().withf(|session, version| *session == session_id() && *version == 2).once().returning(
        move |_, _| {
            let mut changes = MockStatusChanges::new();
            changes.expect_changed().times(wakes).returning(|| Ok(()));
            changes.expect_changed().returning(|| Err(FeedError::Stopping));
            Ok(Box::new(changes) as Box<dyn StatusChanges>)
        },
    );
    let settled =
        settled(store, MockStripeGateway::new(), MockIntake::new()).with_status_feed(std::sync::Arc::new(feed));
    settled.watch_payment(at_version(2)).unwrap()
}

#[pollster::test]
async fn what_changed_between_the_reading_and_the_subscription_is_told_at_once() {
    let mut watch = watching(reading(vec![Ok(Some(at_version(3)))]), 0);
    assert_eq!(watch.changed().await.unwrap().version(), 3);
    assert_eq!(watch.payment().version(), 3);
}

#[pollster::test]
async fn who_is_woken_reads_the_row_and_hears_only_of_changes() {
    let reads = [2, 2, 5, 5].map(|version| Ok(Some(at_version(version))));
    let mut watch = watching(reading(reads.into()), 3);
    assert_eq!(watch.changed().await.unwrap().version(), 5, "false alarms are slept through");
    assert!(matches!(watch.changed().await, Err(WatchError::Feed(FeedError::Stopping))));
}

#[pollster::test]
async fn a_read_that_failed_is_made_up_for_by_the_next_call() {
    let reads = vec![Err(store_error()), Ok(Some(at_version(3)))];
    let mut watch = watching(reading(reads), 0);
    assert!(matches!(watch.changed().await, Err(WatchError::Store(_))));
    assert_eq!(watch.changed().await.unwrap().version(), 3);
}

#[pollster::test]
async fn a_payment_that_is_gone_ends_the_watch() {
    let mut watch = watching(reading(vec![Ok(None)]), 0);
    assert!(matches!(watch.changed().await, Err(WatchError::Gone)));
}

#[pollster::test]
async fn nobody_waits_where_there_is_no_room() {
    let mut feed = MockStatusFeed::new();
    feed.expect_subscribe().returning(|_, _| Err(FeedError::Full));
    let settled = settled(MockStore::new(), MockStripeGateway::new(), MockIntake::new());
    let settled = settled.with_status_feed(std::sync::Arc::new(feed));
    assert!(matches!(settled.watch_payment(pending()), Err(WatchError::Feed(FeedError::Full))));
}

fn over(store: MockStore) -> Ports {
    Ports {
        store: std::sync::Arc::new(store),
        gateway: std::sync::Arc::new(MockStripeGateway::new()),
        clock: std::sync::Arc::new(clock()),
        ids: std::sync::Arc::new(MockIdSource::new()),
    }
}

/// A payment of which Stripe has spoken so long ago.
fn heard_of(before: Duration) -> AwaitedPayment {
    AwaitedPayment { as_of: NOW - before, created_at: NOW - before, ..pending().waiting().unwrap() }
}

fn holding(waiting: Vec<AwaitedPayment>, works: Vec<MockUnitOfWork>) -> MockStore {
    let mut store = store_of(works);
    store
        .expect_list_awaited_payments()
        .withf(|sessions| sessions == [session_id()])
        .once()
        .return_once(move |_| Ok(waiting));
    store
}

#[pollster::test]
async fn one_look_tells_the_versions_and_puts_up_what_stripe_was_silent_about() {
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    work.refreshes
        .expect_offer_refreshes()
        .withf(|wishes| {
            let wish = &wishes[0];
            let object = RefreshObject::Payment(pending().id());
            wishes.len() == 1 && wish.object == object && wish.reason == RefreshReason::Landing && wish.due_at == NOW
        })
        .once()
        .returning(|_| Ok(()));
    let waiting = vec![heard_of(Duration::MINUTE), heard_of(Duration::SECOND)];
    let news = look_after_waiting(&over(holding(waiting, vec![work])), &[session_id()]).await.unwrap();
    let version = pending().version();
    assert_eq!(news, vec![StatusNews { session_id: session_id(), version }; 2]);
    assert_eq!(endings.all(), [Ending::Committed]);
}

#[pollster::test]
async fn a_look_at_payments_that_were_just_heard_of_opens_no_transaction() {
    let news = look_after_waiting(&over(holding(vec![heard_of(Duration::SECOND)], Vec::new())), &[session_id()]).await;
    assert_eq!(news.unwrap().len(), 1);
}

#[pollster::test]
async fn a_question_that_cannot_be_put_up_does_not_spoil_the_news() {
    let mut work = MockUnitOfWork::default();
    work.refreshes.expect_offer_refreshes().returning(|_| Err(store_error()));
    let ports = over(holding(vec![heard_of(Duration::MINUTE)], vec![work]));
    assert_eq!(look_after_waiting(&ports, &[session_id()]).await.unwrap().len(), 1);
}
