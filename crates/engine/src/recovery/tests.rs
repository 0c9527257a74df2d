use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use settled_domain::ids::PaymentId;
use settled_domain::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};
use settled_domain::refresh_request::{RefreshObject, RefreshReason, RefreshRequest};
use tokio::time::sleep;
use uuid::Uuid;

use super::*;
use crate::examples::{NOW, away, ports, until_idle};

fn start(store: MockStore) -> CancellationToken {
    let stop = CancellationToken::new();
    let recovery = Recovery::new(ports(store, MockStripeGateway::new()), RecoverySettings::default());
    tokio::spawn(recovery.run(stop.clone()));
    stop
}

#[tokio::test(start_paused = true)]
async fn payments_left_creating_for_30_s_are_queued_at_start() {
    let left = PaymentId::from_uuid(Uuid::from_u128(1));
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    let request = RefreshRequest::new(RefreshObject::Payment(left), RefreshReason::Creating, NOW);
    work.refreshes.expect_request_refreshes().withf(move |all| all == [request.clone()]).returning(|_| Ok(()));
    let mut store = MockStore::new();
    store
        .expect_list_payments_left_creating()
        .withf(|before, limit| *before == NOW - Duration::from_secs(30) && *limit == 100)
        .once()
        .returning(move |_, _| Ok(vec![left]));
    store.expect_begin().return_once(move || Ok(Box::new(work)));
    let _stop = start(store);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::Committed]);
}

/// A store in which nothing is left, or which is away, and how often it was asked.
fn counting(is_away: bool) -> (MockStore, Arc<AtomicU32>) {
    let looks = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&looks);
    let mut store = MockStore::new();
    store.expect_list_payments_left_creating().returning(move |_, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        if is_away { Err(away()) } else { Ok(Vec::new()) }
    });
    (store, looks)
}

#[tokio::test(start_paused = true)]
async fn it_looks_again_every_15_s_without_a_transaction_until_it_is_stopped() {
    let (store, looks) = counting(false);
    let stop = start(store);
    sleep(Duration::from_secs(31)).await;
    assert_eq!(looks.load(Ordering::Relaxed), 3);
    stop.cancel();
    sleep(Duration::from_mins(1)).await;
    assert_eq!(looks.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_does_not_end_it() {
    let (store, looks) = counting(true);
    let _stop = start(store);
    sleep(Duration::from_mins(5)).await;
    assert!((10..=20).contains(&looks.load(Ordering::Relaxed)));
}
