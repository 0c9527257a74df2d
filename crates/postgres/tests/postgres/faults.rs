//! What becomes of events when the database or the way to it fails. Each test names its row of the fault matrix.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use settled_domain::ids::{AccountId, PaymentId};
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::ports::{Claim, Intake, Store, StoreError, UnitOfWork};
use settled_domain::settlement::Outcome;
use settled_engine::{BatchingIntake, IntakeSettings, SystemClock};
use settled_postgres::PgStore;
use sqlx::Connection;
use uuid::Uuid;

use crate::harness::{Proxy, TestDatabase, claim, event, webhook};

/// A store that reaches its database through a network that can fail.
async fn behind_a_proxy(database: &TestDatabase) -> (PgStore, Proxy) {
    let proxy = Proxy::before(database.options()).await;
    let store = PgStore::open(proxy.url()).await.unwrap();
    (store, proxy)
}

fn intake(store: &PgStore) -> BatchingIntake {
    let home = Installation { mode: StripeMode::Test, account_id: AccountId::new("acct_1").unwrap() };
    let settings = IntakeSettings { retry_for: Duration::from_secs(30), ..Default::default() };
    let (intake, writer) = BatchingIntake::new(Arc::new(store.clone()), Arc::new(SystemClock), home, &settings);
    tokio::spawn(writer);
    intake
}

/// Claims one more event and commits, or rolls back when that fails.
async fn claim_and_end(mut work: Box<dyn UnitOfWork>, n: u32) -> Result<Vec<Claim>, StoreError> {
    let claimed = work.webhooks().mark_webhooks_processed(&[webhook(n, "a.type")]).await;
    match claimed {
        Ok(_) => work.commit().await.unwrap(),
        Err(_) => work.rollback().await.unwrap(),
    }
    claimed
}

async fn rows_of_the_ledger(database: &TestDatabase) -> i64 {
    let count = "SELECT count(*) FROM webhook_events";
    sqlx::query_scalar(count).fetch_one(&mut database.shell().await).await.unwrap()
}

/// Row 52: killed after the claim and before the commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_dies_before_its_commit_leaves_its_events_to_others() {
    let database = TestDatabase::migrated().await;
    let (dying, proxy) = behind_a_proxy(&database).await;
    let mut work = dying.begin().await.unwrap();
    work.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await.unwrap();
    proxy.go_down();
    assert_eq!(claim(&database.store().await, 1).await.unwrap(), Claim::Fresh);
    assert!(matches!(work.commit().await, Err(StoreError::Unavailable(_))));
}

/// Row 54: the database is down when an event comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_server_is_away_the_store_is_unavailable_and_afterwards_it_works() {
    let database = TestDatabase::migrated().await;
    let (store, proxy) = behind_a_proxy(&database).await;
    proxy.go_down();
    assert!(matches!(store.begin().await.err(), Some(StoreError::Unavailable(_))));
    assert!(matches!(store.check_ready().await, Err(StoreError::Unavailable(_))));
    let payment = PaymentId::from_uuid(Uuid::from_u128(1));
    assert!(matches!(store.find_payment(payment).await, Err(StoreError::Unavailable(_))));
    proxy.come_up();
    store.check_ready().await.unwrap();
    assert_eq!(claim(&store, 1).await.unwrap(), Claim::Fresh);
}

/// Row 55: the server restarts while transactions are open and connections idle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_every_connection_was_cut_no_caller_meets_a_dead_one() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let mut works = join_all((0..6).map(|_| store.begin())).await.into_iter().map(Result::unwrap);
    let mut open = works.next().unwrap();
    for work in works {
        work.rollback().await.unwrap();
    }
    assert!(database.cut_connections().await >= 6);
    let lost = open.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    drop(open);
    store.check_ready().await.unwrap();
    let claims = join_all((1..=6).map(|n| claim(&store, n))).await;
    assert!(claims.iter().all(|claim| matches!(claim, Ok(Claim::Fresh))), "{claims:?}");
}

/// Row 55: the connection breaks at `COMMIT`, which the server has not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_did_not_happen_is_made_good_by_running_again() {
    let database = TestDatabase::migrated().await;
    let (store, proxy) = behind_a_proxy(&database).await;
    proxy.lose_next_commit();
    let unknown = claim(&store, 1).await;
    assert!(matches!(unknown, Err(StoreError::Unavailable(_))), "{unknown:?}");
    assert_eq!(claim(&store, 1).await.unwrap(), Claim::Fresh);
    assert_eq!(rows_of_the_ledger(&database).await, 1);
}

/// Row 55: the connection breaks at `COMMIT`, which the server has done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_was_lost_is_found_by_running_again() {
    let database = TestDatabase::migrated().await;
    let (store, proxy) = behind_a_proxy(&database).await;
    proxy.lose_answer_of_next_commit();
    let unknown = claim(&store, 1).await;
    assert!(matches!(unknown, Err(StoreError::Unavailable(_))), "{unknown:?}");
    assert_eq!(claim(&store, 1).await.unwrap(), Claim::Duplicate);
    assert_eq!(rows_of_the_ledger(&database).await, 1);
}

/// Row 55, as the webhook sees it: the intake runs the batch again, and the sender is told that it is committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_intake_answers_after_an_unknown_commit_as_if_nothing_had_happened() {
    let database = TestDatabase::migrated().await;
    let (store, proxy) = behind_a_proxy(&database).await;
    let intake = intake(&store);
    proxy.lose_next_commit();
    let outcome = intake.submit(event(1)).await.unwrap();
    assert!(matches!(outcome, Outcome::Ignored(_)), "{outcome:?}");
    proxy.lose_answer_of_next_commit();
    assert_eq!(intake.submit(event(2)).await.unwrap(), Outcome::Duplicate);
    assert_eq!(rows_of_the_ledger(&database).await, 2);
}

/// Row 57: two transactions wait for each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_deadlocked_transactions_one_is_a_conflict_and_the_other_goes_on() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let (mut first, mut second) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    first.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await.unwrap();
    second.webhooks().mark_webhooks_processed(&[webhook(2, "a.type")]).await.unwrap();
    let (first_got, second_got) = tokio::join!(claim_and_end(first, 2), claim_and_end(second, 1));
    let got = [first_got, second_got];
    assert_eq!(got.iter().filter(|got| matches!(got, Err(StoreError::Conflict(_)))).count(), 1, "{got:?}");
    assert_eq!(got.iter().filter(|got| matches!(got, Ok(claims) if claims == &[Claim::Fresh])).count(), 1, "{got:?}");
}

/// Row 57, as the webhook sees it: the batch is run again inside.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_intake_runs_a_deadlocked_batch_again() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let intake = intake(&store);
    let insert = |n: u32| {
        format!(
            "INSERT INTO webhook_events (id, type, livemode, event_created, received_at, outcome)
             VALUES ('evt_{n}', 'a.type', false, '2026-11-24', '2026-11-24', 'processed')"
        )
    };
    // The first keeps the writer busy until the other two have queued; the second wants them in the other order.
    let (mut first, mut second) = (database.shell().await, database.shell().await);
    execute(&mut first, &format!("BEGIN; {}", insert(1))).await;
    execute(&mut second, &format!("BEGIN; SET LOCAL deadlock_timeout = '1h'; {}", insert(3))).await;
    let (one, two, three, ()) =
        tokio::join!(intake.submit(event(1)), intake.submit(event(2)), intake.submit(event(3)), async {
            until_waiting(&database, 1).await;
            execute(&mut first, "ROLLBACK").await;
            until_waiting(&database, 1).await;
            // Waits for event 2, which the batch holds while it waits for event 3. The batch is the one that gives way.
            execute(&mut second, &insert(2)).await;
            execute(&mut second, "ROLLBACK").await;
        });
    for outcome in [one, two, three] {
        assert!(matches!(outcome, Ok(Outcome::Ignored(_))), "{outcome:?}");
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    store.close().await;
    let mut shell = database.shell().await;
    let deadlocks: i64 = sqlx::query_scalar(deadlocks).fetch_one(&mut shell).await.unwrap();
    shell.close().await.unwrap();
    assert_eq!(deadlocks, 1, "there was one to survive");
    assert_eq!(rows_of_the_ledger(&database).await, 3);
}

async fn execute(connection: &mut sqlx::PgConnection, statements: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(connection).await.unwrap();
}

/// Waits until so many connections of the store wait for another transaction.
async fn until_waiting(database: &TestDatabase, count: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'settled' AND wait_event_type = 'Lock'";
    let mut shell = database.shell().await;
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut shell).await.unwrap() != count {
        tokio::task::yield_now().await;
    }
}
