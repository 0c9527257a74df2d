use std::sync::Mutex;
use std::time::Duration;

use settled_domain::ids::UserId;
use settled_domain::mock::{Endings, MockStatusFeed, MockStore, MockStripeGateway, MockUnitOfWork};
use settled_domain::ports::{Store, StoreError, UnitOfWork};
use tokio::task::JoinHandle;

use super::*;
use crate::examples::{changed, conflict, pending_payment, ports, session, store_of, until_idle};
use crate::settings::FeedSettings;

fn news(n: u32, version: i64) -> StatusNews {
    StatusNews { session_id: session(n), version }
}

fn feed(capacity: usize) -> ProcessFeed {
    ProcessFeed::new(capacity, CancellationToken::new())
}

/// Somebody who waits for session `n`, of which version 1 was read, until it changes.
fn wait_for(feed: &ProcessFeed, n: u32) -> JoinHandle<Result<(), FeedError>> {
    let mut changes = feed.subscribe(&session(n), 1).unwrap();
    tokio::spawn(async move { changes.changed().await })
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_payment_are_woken_and_nobody_else() {
    let feed = feed(10);
    let (first, second, other) = (wait_for(&feed, 1), wait_for(&feed, 1), wait_for(&feed, 2));
    feed.publish(&[news(1, 2), news(3, 2)]);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(()), Ok(())));
    until_idle().await;
    assert!(!other.is_finished());
}

#[tokio::test(start_paused = true)]
async fn what_is_known_wakes_nobody_and_any_other_version_does() {
    let feed = feed(10);
    let mut changes = feed.subscribe(&session(1), 3).unwrap();
    feed.publish(&[news(1, 3)]);
    assert!(tokio::time::timeout(Duration::from_secs(1), changes.changed()).await.is_err());
    // After a database was restored, a version may be lower than one that was told.
    for version in [4, 2] {
        feed.publish(&[news(1, version)]);
        assert_eq!(changes.changed().await, Ok(()));
    }
}

#[tokio::test(start_paused = true)]
async fn news_that_came_while_nobody_listened_are_not_missed() {
    let feed = feed(10);
    let mut changes = feed.subscribe(&session(1), 1).unwrap();
    drop(changes.changed());
    for version in 2..1_000 {
        feed.publish(&[news(1, version)]);
    }
    assert_eq!(changes.changed().await, Ok(()), "a thousand news are one");
    assert!(tokio::time::timeout(Duration::from_secs(1), changes.changed()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn places_are_limited_and_given_back() {
    let feed = feed(2);
    let first = feed.subscribe(&session(1), 1).unwrap();
    let second = feed.subscribe(&session(1), 1).unwrap();
    assert!(matches!(feed.subscribe(&session(2), 1), Err(FeedError::Full)));
    drop(first);
    assert_eq!(feed.waiting(), [session(1)]);
    drop(second);
    assert!(feed.waiting().is_empty(), "nothing is left of who has gone");
    assert!(feed.subscribe(&session(2), 1).is_ok());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_who_come_and_vanish_leave_nothing_behind() {
    let feed = feed(10_000);
    let crowd: Vec<_> = (0..10_000).map(|n| feed.subscribe(&session(n), 1).unwrap()).collect();
    assert_eq!(feed.waiting().len(), 10_000);
    drop(crowd);
    assert!(feed.waiting().is_empty());
    assert_eq!(feed.topics.memory(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stops_ends_every_wait_and_begins_none() {
    let feed = feed(10);
    let waiting = wait_for(&feed, 1);
    until_idle().await;
    feed.stopping.cancel();
    assert_eq!(waiting.await.unwrap(), Err(FeedError::Stopping));
    assert!(matches!(feed.subscribe(&session(1), 1), Err(FeedError::Stopping)));
}

fn lookout(store: MockStore, feed: &ProcessFeed) -> JoinHandle<()> {
    let ports = ports(store, MockStripeGateway::new());
    tokio::spawn(Lookout::new(ports, feed.clone(), FeedSettings::default()).run(feed.stopping.clone()))
}

#[tokio::test(start_paused = true)]
async fn news_that_were_lost_are_found_within_two_seconds_by_one_query_for_all() {
    let feed = feed(10);
    let mut store = MockStore::new();
    store
        .expect_list_awaited_payments()
        .withf(|sessions| sessions.len() == 2)
        .once()
        .returning(|_| Ok(vec![changed(1), changed(2)]));
    let _lookout = lookout(store, &feed);
    let begun = tokio::time::Instant::now();
    let (first, second) = (wait_for(&feed, 1), wait_for(&feed, 2));
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(()), Ok(())));
    assert!(begun.elapsed() <= Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn while_nobody_waits_the_database_is_left_alone() {
    let feed = feed(10);
    let lookout = lookout(MockStore::new(), &feed);
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(!lookout.is_finished());
    feed.stopping.cancel();
    lookout.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_database_that_was_away_is_looked_into_again() {
    let feed = feed(10);
    let mut store = MockStore::new();
    store.expect_list_awaited_payments().times(2).returning(|_| Err(crate::examples::away()));
    store.expect_list_awaited_payments().returning(|_| Ok(vec![changed(1)]));
    let _lookout = lookout(store, &feed);
    assert_eq!(wait_for(&feed, 1).await.unwrap(), Ok(()));
}

/// A store that announces what this transaction does, and what it has announced.
fn announcing(work: MockUnitOfWork) -> (AnnouncingStore, Arc<Mutex<Vec<StatusNews>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut feed = MockStatusFeed::new();
    let heard = Arc::clone(&told);
    feed.expect_publish().returning(move |news| heard.lock().unwrap().extend(news.to_vec()));
    let works = vec![Box::new(work.accepting_the_rest()) as Box<dyn UnitOfWork>];
    (AnnouncingStore::new(Arc::new(store_of(works)), Arc::new(feed)), told)
}

#[tokio::test]
async fn what_a_transaction_wrote_is_announced_after_its_commit() {
    let (store, told) = announcing(MockUnitOfWork::default());
    let mut work = store.begin().await.unwrap();
    work.payments().update_payment_statuses(&[pending_payment(1), pending_payment(2)]).await.unwrap();
    assert_eq!(*told.lock().unwrap(), []);
    work.commit().await.unwrap();
    let version = pending_payment(1).version();
    assert_eq!(*told.lock().unwrap(), [news(1, version), news(2, version)]);
}

#[tokio::test]
async fn what_was_not_committed_is_not_announced() {
    let endings = Endings::default();
    let failing = || {
        let mut work = MockUnitOfWork::recording(&endings);
        work.commit_error = Some(conflict());
        work
    };
    for (work, commit) in [(failing(), true), (MockUnitOfWork::recording(&endings), false)] {
        let (store, told) = announcing(work);
        let mut work = store.begin().await.unwrap();
        work.payments().update_payment_statuses(&[pending_payment(1)]).await.unwrap();
        let ended = if commit { work.commit().await } else { work.rollback().await };
        assert!(!commit || matches!(ended, Err(StoreError::Conflict(_))));
        assert_eq!(*told.lock().unwrap(), []);
    }
}

#[tokio::test]
async fn a_payment_that_was_refused_by_the_database_is_not_announced() {
    let mut work = MockUnitOfWork::default();
    work.payments.expect_update_payment_statuses().returning(|_| Err(conflict()));
    let (store, told) = announcing(work);
    let mut work = store.begin().await.unwrap();
    assert!(work.payments().update_payment_statuses(&[pending_payment(1)]).await.is_err());
    work.commit().await.unwrap();
    assert_eq!(*told.lock().unwrap(), []);
}

#[tokio::test]
async fn reads_go_through_unchanged() {
    let mut inner = MockStore::new();
    inner.expect_get_payment_status_by_session_id().once().returning(|_, _| Ok(Some(pending_payment(1))));
    inner.expect_check_ready().once().returning(|| Ok(()));
    let store = AnnouncingStore::new(Arc::new(inner), Arc::new(MockStatusFeed::new()));
    let found = store.get_payment_status_by_session_id(&UserId::new("alice").unwrap(), &session(1)).await;
    assert_eq!(found.unwrap(), Some(pending_payment(1)));
    store.check_ready().await.unwrap();
}
