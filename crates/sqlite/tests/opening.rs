//! Opening a file: what is created, what survives, what is refused.

use std::path::Path;

use settled_domain::ids::AccountId;
use settled_domain::installation::{Installation, StripeMode};
use settled_domain::ports::Store;
use settled_sqlite::{OpenError, SqliteStore};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

async fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&format!("sqlite://{}", path.display())).await
}

/// A connection beside the store, as the `sqlite3` shell would have it.
async fn shell(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.expect("a connection")
}

/// An empty database.
async fn shell_creating(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.expect("a connection")
}

fn installation(account: &str) -> Installation {
    Installation { mode: StripeMode::Test, account_id: AccountId::new(account).expect("an account id") }
}

#[tokio::test]
async fn a_missing_file_is_created_with_its_schema() {
    let folder = folder();
    let path = folder.path().join("settled.db");
    let store = open(&path).await.unwrap();
    assert!(path.exists());
    store.check_ready().await.unwrap();
}

#[tokio::test]
async fn looking_at_a_file_creates_and_changes_nothing() {
    let folder = folder();
    let path = folder.path().join("settled.db");
    let url = format!("sqlite://{}", path.display());
    assert_eq!(SqliteStore::inspect(&url).await.unwrap().found, None);
    assert!(!path.exists());
    drop(shell_creating(&path).await);
    assert_eq!(SqliteStore::inspect(&url).await.unwrap().found, None);
    open(&path).await.unwrap().close().await;
    let seen = SqliteStore::inspect(&url).await.unwrap();
    assert_eq!(seen.found, Some(seen.known));
}

#[tokio::test]
async fn both_forms_of_the_url_name_the_same_file() {
    let folder = folder();
    let path = folder.path().join("settled.db");
    let store = open(&path).await.unwrap();
    store.claim_installation(&installation("acct_1")).await.unwrap();
    let again = SqliteStore::open(&format!("sqlite:{}", path.display())).await.unwrap();
    assert_eq!(again.claim_installation(&installation("acct_2")).await.unwrap(), installation("acct_1"));
}

#[tokio::test]
async fn what_was_committed_is_there_after_closing_and_opening_again() {
    let folder = folder();
    let path = folder.path().join("settled.db");
    let store = open(&path).await.unwrap();
    store.claim_installation(&installation("acct_1")).await.unwrap();
    store.close().await;
    assert!(!folder.path().join("settled.db-wal").exists(), "closing folds the log into the file");
    let store = open(&path).await.unwrap();
    assert_eq!(store.claim_installation(&installation("acct_2")).await.unwrap(), installation("acct_1"));
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_crash() {
    let folder = folder();
    let store = open(&folder.path().join("settled.db")).await.unwrap();
    store.claim_installation(&installation("acct_1")).await.unwrap();
    // A crash leaves the file and its log as they are at that moment.
    let wreck = self::folder();
    for name in ["settled.db", "settled.db-wal"] {
        std::fs::copy(folder.path().join(name), wreck.path().join(name)).unwrap();
    }
    let store = open(&wreck.path().join("settled.db")).await.unwrap();
    assert_eq!(store.claim_installation(&installation("acct_2")).await.unwrap(), installation("acct_1"));
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let folder = folder();
    let store = open(&folder.path().join("settled.db")).await.unwrap();
    store.close().await;
    assert!(store.check_ready().await.unwrap_err().is_retryable());
    assert!(store.begin().await.err().unwrap().is_retryable());
}

#[tokio::test]
async fn a_path_that_cannot_be_written_is_named() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for path in ["missing/settled.db", "file/settled.db", "."] {
        let path = folder.path().join(path);
        let error = open(&path).await.unwrap_err();
        assert!(matches!(error, OpenError::File { .. } | OpenError::Database { .. }), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("letter.txt");
    let text = "Dear database, ".repeat(1_000);
    std::fs::write(&path, &text).unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Database { .. }), "{error:?}");
    assert!(error.to_string().contains("letter.txt"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_memory_database_is_refused() {
    let error = SqliteStore::open("sqlite::memory:").await.unwrap_err();
    assert!(matches!(error, OpenError::BadUrl(_)), "{error:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("settled.db");
    let running = open(&path).await.unwrap();
    let insert = "INSERT INTO _settled_migrations (version, description, success, checksum, execution_time)
                  VALUES (9999, 'of the future', true, x'00', 0)";
    sqlx::query(insert).execute(&mut shell(&path).await).await.unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::NewerSchema { found: 9999, .. }), "{error:?}");
    assert!(running.check_ready().await.is_err(), "nor is a running program ready any more");
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let folder = folder();
    let path = folder.path().join("settled.db");
    open(&path).await.unwrap().close().await;
    let update = "UPDATE _settled_migrations SET checksum = x'00' WHERE version = 1";
    sqlx::query(update).execute(&mut shell(&path).await).await.unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Migration(_)), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_and_its_log_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let store = open(&folder.path().join("settled.db")).await.unwrap();
    store.claim_installation(&installation("acct_1")).await.unwrap();
    for name in ["settled.db", "settled.db-wal", "settled.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_existing_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let path = folder.path().join("settled.db");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    open(&path).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}
