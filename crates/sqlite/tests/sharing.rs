//! Several programs on one file. To SQLite, two stores of one process are as far apart as two processes.

use std::path::Path;

use futures_util::future::join_all;
use settled_domain::customer::Customer;
use settled_domain::ids::{CustomerId, CustomerKey, UserId};
use settled_domain::ports::{Store, StoreError};
use settled_sqlite::SqliteStore;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(&format!("sqlite://{}", path.display())).await.expect("the file opens")
}

/// Reads before it writes: a transaction that takes the write lock only then would fail whenever the other program has
/// written in between.
async fn find_or_insert(store: &SqliteStore, user: &str, n: u128) -> Result<Customer, StoreError> {
    let key = CustomerKey::from_uuid(Uuid::from_u128(n));
    let mut work = store.begin().await?;
    work.customers().find_customers(&[CustomerId::new("cus_1").expect("a customer id")]).await?;
    let customer = work.customers().find_or_insert_customer(&UserId::new(user).expect("a user id"), key).await?;
    work.commit().await?;
    Ok(customer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_at_once_create_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settled.db");
    let stores = join_all((0..5).map(|_| open(&path))).await;
    for store in stores {
        store.check_ready().await.unwrap();
    }
}

/// Row 61 of the faults, from every release on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_at_once_on_an_older_schema_bring_it_up_to_date() {
    let mut migrator = Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.unwrap();
    migrator.dangerous_set_table_name("_settled_migrations");
    let versions: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
    for older in &versions[..versions.len() - 1] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settled.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut shell = options.connect().await.unwrap();
        migrator.run_direct(Some(*older), &mut shell, false).await.unwrap();
        shell.close().await.unwrap();
        let stores = join_all((0..5).map(|_| open(&path))).await;
        for store in stores {
            store.check_ready().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_waits_for_the_one_of_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settled.db");
    let (first, second) = (open(&path).await, open(&path).await);
    let mut work = first.begin().await.unwrap();
    let key = CustomerKey::from_uuid(Uuid::from_u128(1));
    work.customers().find_or_insert_customer(&UserId::new("alice").unwrap(), key).await.unwrap();
    let (waited, committed) = tokio::join!(find_or_insert(&second, "alice", 2), work.commit());
    committed.unwrap();
    assert_eq!(waited.unwrap().key, key, "it began after the other had committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_write_at_once_do_not_fail() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settled.db");
    let (first, second) = (open(&path).await, open(&path).await);
    let calls = (0..50).map(|n| {
        let store = if n % 2 == 0 { &first } else { &second };
        async move { find_or_insert(store, &format!("user {}", n % 10), n).await }
    });
    let mut keys: Vec<_> = join_all(calls).await.into_iter().map(|customer| customer.unwrap().key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 10, "one customer for each user");
}
