//! Every wait ends: for a connection, a row, a statement, and for a program that has fallen silent.

use std::time::Duration;

use settled_domain::ports::{Claim, Store, StoreError};
use settled_postgres::PgSettings;
use sqlx::postgres::PgConnection;

use crate::harness::{TestDatabase, claim, webhook};

const SHORT: Duration = Duration::from_millis(100);
const HOLD: &str = "INSERT INTO webhook_events (id, type, livemode, event_created, received_at, outcome)
                    VALUES ('evt_1', 'a.type', false, '2026-11-24', '2026-11-24', 'processed')";

/// A transaction of somebody else that has claimed `evt_1`.
async fn claimed_by_another(database: &TestDatabase) -> PgConnection {
    let mut shell = database.shell().await;
    sqlx::raw_sql("BEGIN").execute(&mut shell).await.unwrap();
    sqlx::raw_sql(HOLD).execute(&mut shell).await.unwrap();
    shell
}

/// Row 56 of the faults.
#[tokio::test]
async fn without_a_free_connection_the_store_is_unavailable_until_one_is_given_back() {
    let database = TestDatabase::migrated().await;
    let settings = PgSettings { max_connections: 1, acquire_timeout: Duration::from_secs(2), ..Default::default() };
    let store = database.store_with(&settings).await;
    let work = store.begin().await.unwrap();
    assert!(matches!(store.begin().await.err(), Some(StoreError::Unavailable(_))));
    assert!(matches!(store.check_ready().await, Err(StoreError::Unavailable(_))));
    work.rollback().await.unwrap();
    store.begin().await.unwrap().rollback().await.unwrap();
}

#[tokio::test]
async fn a_row_that_another_transaction_holds_too_long_is_a_conflict() {
    let database = TestDatabase::migrated().await;
    let store = database.store_with(&PgSettings { lock_timeout: SHORT, ..Default::default() }).await;
    let mut another = claimed_by_another(&database).await;
    let waited = claim(&store, 1).await;
    assert!(matches!(waited, Err(StoreError::Conflict(_))), "{waited:?}");
    sqlx::raw_sql("ROLLBACK").execute(&mut another).await.unwrap();
    assert_eq!(claim(&store, 1).await.unwrap(), Claim::Fresh);
}

#[tokio::test]
async fn a_statement_that_runs_too_long_is_unavailable() {
    let database = TestDatabase::migrated().await;
    let store = database.store_with(&PgSettings { statement_timeout: SHORT, ..Default::default() }).await;
    let _another = claimed_by_another(&database).await;
    let waited = claim(&store, 1).await;
    assert!(matches!(waited, Err(StoreError::Unavailable(_))), "{waited:?}");
    assert_eq!(claim(&store, 2).await.unwrap(), Claim::Fresh, "the store works on");
}

#[tokio::test]
async fn a_program_that_falls_silent_in_a_transaction_loses_it() {
    let database = TestDatabase::migrated().await;
    let silent = database.store_with(&PgSettings { idle_in_transaction_timeout: SHORT, ..Default::default() }).await;
    let mut work = silent.begin().await.unwrap();
    work.webhooks().mark_webhooks_processed(&[webhook(1, "a.type")]).await.unwrap();
    // This waits until the server has ended the other transaction.
    assert_eq!(claim(&database.store().await, 1).await.unwrap(), Claim::Fresh);
    let lost = work.commit().await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    assert_eq!(claim(&silent, 1).await.unwrap(), Claim::Duplicate, "the store works on");
}

#[tokio::test]
async fn an_operator_sees_whose_connections_they_are() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    let _work = store.begin().await.unwrap();
    let names = "SELECT application_name FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut database.shell().await).await.unwrap();
    assert!(names.contains(&"settled".to_owned()), "{names:?}");
}
