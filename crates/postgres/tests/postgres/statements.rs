//! How many statements the store sends to the server.

use std::time::Duration;

use settled_domain::ports::Store;
use settled_postgres::{PgSettings, PgStore};
use settled_store_contract::examples;

use crate::harness::{Proxy, TestDatabase};

/// What a batch may cost: one statement for each step and table, and the beginning and the end.
const OF_A_BATCH_MAX: usize = 16;

struct Counted {
    store: PgStore,
    proxy: Proxy,
}

impl Counted {
    /// One connection, which knows its statements already.
    async fn warm(database: &TestDatabase) -> Self {
        let proxy = Proxy::before(database.options()).await;
        let settings = PgSettings { max_connections: 1, ..Default::default() };
        let store = PgStore::open_with(proxy.url(), &settings).await.unwrap();
        let counted = Self { store, proxy };
        counted.of_a_batch(1_000..=1_001).await;
        counted
    }

    /// Settles pending payments with these numbers in one batch; the statements that it took.
    async fn of_a_batch(&self, payments: std::ops::RangeInclusive<u128>) -> usize {
        let events = examples::payments_and_their_events(&self.store, payments).await.unwrap();
        let before = self.proxy.statements();
        examples::settle_at_once(&self.store, &events).await.unwrap();
        self.proxy.statements() - before
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_a_hundred_events_takes_as_many_statements_as_one_event() {
    let database = TestDatabase::migrated().await;
    let counted = Counted::warm(&database).await;
    let of_one = counted.of_a_batch(1..=1).await;
    let of_a_hundred = counted.of_a_batch(101..=200).await;
    assert_eq!(of_a_hundred, of_one);
    assert!(of_one <= OF_A_BATCH_MAX, "{of_one}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_renewals_takes_seven_statements() {
    let database = TestDatabase::migrated().await;
    let Counted { store, proxy } = Counted::warm(&database).await;
    let events = examples::subscriptions_and_their_renewals(&store, 1..=100).await.unwrap();
    let before = proxy.statements();
    examples::settle_at_once(&store, &events).await.unwrap();
    // The beginning; the claim; customers and subscriptions; subscriptions and transitions; the end.
    assert_eq!(proxy.statements() - before, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_leaves_the_indexes_of_subscriptions_alone() {
    let database = TestDatabase::migrated().await;
    let Counted { store, proxy: _proxy } = Counted::warm(&database).await;
    let events = examples::subscriptions_and_their_renewals(&store, 1..=100).await.unwrap();
    examples::settle_at_once(&store, &events[..1]).await.unwrap();
    // A connection hands in what it has counted when it ends, at the latest.
    store.close().await;
    let counts = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'subscriptions'";
    let mut shell = database.shell().await;
    loop {
        let (changed, in_place): (i64, i64) = sqlx::query_as(counts).fetch_one(&mut shell).await.unwrap();
        if changed > 0 {
            assert_eq!((changed, in_place), (1, 1));
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_read_in_one_statement() {
    let database = TestDatabase::migrated().await;
    let Counted { store, proxy } = Counted::warm(&database).await;
    let (user, session) = examples::payment_of_a_session(1_000);
    store.get_payment_status_by_session_id(&user, &session).await.unwrap();
    let before = proxy.statements();
    let payment = store.get_payment_status_by_session_id(&user, &session).await.unwrap();
    assert!(payment.is_some());
    assert_eq!(proxy.statements() - before, 1);
}
