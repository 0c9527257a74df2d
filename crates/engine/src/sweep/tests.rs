use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use settled_domain::ids::PaymentId;
use settled_domain::mock::{Ending, Endings, MockStore, MockStripeGateway, MockUnitOfWork};
use settled_domain::refresh_request::{RefreshObject, RefreshReason};
use tokio::time::sleep;
use uuid::Uuid;

use super::*;
use crate::examples::{NOW, away, ports, until_idle};
use crate::settings::SweepSettings;

fn start(store: MockStore) -> CancellationToken {
    let stop = CancellationToken::new();
    let round = RowRound::new(ports(store, MockStripeGateway::new()), SweepSettings::default());
    tokio::spawn(repeat(round, stop.clone()));
    stop
}

/// A store of which somebody else has done this part of the sweep, or which is away; and how often it was asked.
fn counting(is_away: bool) -> (MockStore, Arc<AtomicU32>) {
    let looks = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&looks);
    let mut store = MockStore::new();
    store
        .expect_claim_sweep()
        .withf(|name, now, since| *name == SweepName::Rows && *now == NOW && *since == NOW - Duration::from_secs(54))
        .returning(move |_, _, _| {
            counter.fetch_add(1, Ordering::Relaxed);
            if is_away { Err(away()) } else { Ok(None) }
        });
    (store, looks)
}

#[tokio::test(start_paused = true)]
async fn a_round_that_another_replica_has_done_is_let_pass_and_tried_again_in_a_minute() {
    let (store, looks) = counting(false);
    let stop = start(store);
    sleep(Duration::from_secs(121)).await;
    assert_eq!(looks.load(Ordering::Relaxed), 3);
    stop.cancel();
    sleep(Duration::from_mins(5)).await;
    assert_eq!(looks.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_does_not_end_the_rounds() {
    let (store, looks) = counting(true);
    let _stop = start(store);
    sleep(Duration::from_mins(10)).await;
    assert!((8..=21).contains(&looks.load(Ordering::Relaxed)), "{looks:?}");
}

#[tokio::test(start_paused = true)]
async fn payments_left_alone_are_queued_at_start() {
    let left = PaymentId::from_uuid(Uuid::from_u128(1));
    let endings = Endings::default();
    let mut work = MockUnitOfWork::recording(&endings);
    work.refreshes
        .expect_request_refreshes()
        .withf(move |all| all[0].object == RefreshObject::Payment(left) && all[0].reason == RefreshReason::Overdue)
        .returning(|_| Ok(()));
    let mut store = MockStore::new();
    store.expect_claim_sweep().returning(|_, _, _| Ok(Some(ClaimedSweep { reached_at: None })));
    store
        .expect_list_overdue_payments()
        .withf(|patience, _, limit| patience.first == time::Duration::minutes(10) && *limit == 60)
        .returning(move |_, _, _| Ok(vec![left]));
    store.expect_list_lapsed_subscriptions().returning(|_, _| Ok(Vec::new()));
    store.expect_list_unchecked_subscriptions().returning(|_, _| Ok(Vec::new()));
    store.expect_begin().return_once(move || Ok(Box::new(work)));
    let _stop = start(store);
    until_idle().await;
    assert_eq!(endings.all(), [Ending::Committed]);
}
