//! Opening a database: what is created, what is refused, and in which words.

use std::error::Error;

use futures_util::future::join_all;
use settled_domain::ids::AccountId;
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::ports::{Store, StoreError};
use settled_postgres::{OpenError, PgSettings, PgStore};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::harness::{TestDatabase, url_of};

fn installation(account: &str) -> Installation {
    Installation { mode: StripeMode::Test, account_id: AccountId::new(account).unwrap() }
}

/// Opening must fail; the error, and what an operator would read of it.
async fn refusal(options: &PgConnectOptions) -> (OpenError, String) {
    let error = PgStore::open(&url_of(options)).await.expect_err("the database opens");
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    let told = format!("{error}: {source}");
    assert!(!told.contains("hush") && !told.contains('\n'), "{told}");
    (error, told)
}

#[tokio::test]
async fn an_empty_database_gets_its_schema() {
    let database = TestDatabase::empty().await;
    database.store().await.check_ready().await.unwrap();
}

#[tokio::test]
async fn looking_at_a_database_changes_nothing() {
    let database = TestDatabase::empty().await;
    let settings = PgSettings::default();
    assert_eq!(PgStore::inspect(&database.url(), &settings).await.unwrap().found, None);
    assert_eq!(PgStore::inspect(&database.url(), &settings).await.unwrap().found, None);
    database.store().await.close().await;
    let seen = PgStore::inspect(&database.url(), &settings).await.unwrap();
    assert_eq!(seen.found, Some(seen.known));
}

#[tokio::test]
async fn what_was_committed_is_there_after_closing_and_opening_again() {
    let database = TestDatabase::empty().await;
    let store = database.store().await;
    store.claim_installation(&installation("acct_1")).await.unwrap();
    store.close().await;
    let store = database.store().await;
    assert_eq!(store.claim_installation(&installation("acct_2")).await.unwrap(), installation("acct_1"));
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    store.close().await;
    assert!(matches!(store.check_ready().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.begin().await.err(), Some(StoreError::Unavailable(_))));
}

/// Row 61 of the faults.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_on_an_empty_database_create_one_schema() {
    let database = TestDatabase::empty().await;
    let stores = join_all((0..8).map(|_| database.store())).await;
    for store in stores {
        store.check_ready().await.unwrap();
    }
    let applied = "SELECT count(*) = count(DISTINCT version) AND bool_and(success) FROM _settled_migrations";
    assert!(sqlx::query_scalar::<_, bool>(applied).fetch_one(&mut database.shell().await).await.unwrap());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(nobody.port());
    let (error, told) = refusal(&options.username("alice").password("hush").database("settled")).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    assert!(told.contains(&nobody.to_string()), "{told}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_shown() {
    let database = TestDatabase::empty().await;
    let role = database.role("").await;
    let (error, told) = refusal(&database.options().username(&role).password("hush, hush")).await;
    assert!(matches!(error, OpenError::Credentials { .. }), "{error:?}");
    assert!(told.contains(&role), "{told}");
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let database = TestDatabase::empty().await;
    let (error, told) = refusal(&database.options().database("settled_nowhere")).await;
    assert!(matches!(error, OpenError::MissingDatabase { .. }), "{error:?}");
    assert!(told.contains("settled_nowhere"), "{told}");
}

#[tokio::test]
async fn a_role_that_may_not_create_tables_is_named() {
    let database = TestDatabase::empty().await;
    let role = database.role("").await;
    database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let (error, told) = refusal(&database.options().username(&role).password("hush")).await;
    assert!(matches!(error, OpenError::NoRights { .. }), "{error:?}");
    assert!(told.contains(&role), "{told}");
}

#[tokio::test]
async fn a_role_that_may_only_read_is_refused_also_on_a_schema_that_is_there() {
    let database = TestDatabase::migrated().await;
    let role = database.role("SUPERUSER").await;
    database.execute(&format!("ALTER ROLE {role} SET default_transaction_read_only = on")).await;
    let (error, _) = refusal(&database.options().username(&role).password("hush")).await;
    assert!(matches!(error, OpenError::NoRights { .. }), "{error:?}");
}

#[tokio::test]
async fn a_full_connection_limit_is_told() {
    let database = TestDatabase::empty().await;
    let role = database.role("CONNECTION LIMIT 0").await;
    let (error, _) = refusal(&database.options().username(&role).password("hush")).await;
    assert!(matches!(error, OpenError::Full { .. }), "{error:?}");
}

#[tokio::test]
async fn encryption_is_used_or_refused_as_the_url_says() {
    let database = TestDatabase::empty().await;
    let show = sqlx::query_scalar::<_, String>("SHOW ssl");
    let has_tls = show.fetch_one(&mut database.shell().await).await.unwrap() == "on";
    let encrypted = database.options().ssl_mode(PgSslMode::Require);
    if has_tls {
        PgStore::open(&url_of(&encrypted)).await.unwrap().check_ready().await.unwrap();
    } else {
        let (error, told) = refusal(&encrypted).await;
        assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
        assert!(told.contains("TLS"), "{told}");
    }
}

/// Row 62 of the faults: while replicas are replaced one by one, old ones serve on the schema of the new ones.
#[tokio::test]
async fn a_newer_schema_is_refused_at_start_and_served_by_who_is_running() {
    let database = TestDatabase::migrated().await;
    let running = database.store().await;
    database
        .execute(
            "INSERT INTO _settled_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'of the future', true, '\\x00', 0)",
        )
        .await;
    let (error, _) = refusal(&database.options()).await;
    assert!(matches!(error, OpenError::NewerSchema { found: 9999, .. }), "{error:?}");
    running.check_ready().await.unwrap();
}

#[tokio::test]
async fn a_store_whose_schema_is_behind_is_not_ready() {
    let database = TestDatabase::migrated().await;
    let store = database.store().await;
    database.execute("DELETE FROM _settled_migrations").await;
    let refused = store.check_ready().await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let database = TestDatabase::migrated().await;
    database.execute("UPDATE _settled_migrations SET checksum = '\\x00' WHERE version = 1").await;
    let (error, _) = refusal(&database.options()).await;
    assert!(matches!(error, OpenError::Migration(_)), "{error:?}");
}
