use sqlx::SqlitePool;
use tempfile::TempDir;

async fn fresh_pools() -> (SqlitePool, SqlitePool, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (writer, readers) = super::open(&folder.path().join("settled.db")).await.unwrap();
    (writer, readers, folder)
}

#[tokio::test]
async fn the_writer_logs_ahead_and_syncs_every_commit() {
    let (writer, _readers, _folder) = fresh_pools().await;
    let journal_mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&writer).await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&writer).await.unwrap();
    let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&writer).await.unwrap();
    let busy_timeout_ms: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&writer).await.unwrap();
    assert_eq!(journal_mode, "wal");
    assert_eq!(synchronous, 2, "2 is FULL");
    assert_eq!(foreign_keys, 1);
    assert_eq!(busy_timeout_ms, 5_000);
}

#[tokio::test]
async fn there_is_one_writer_and_a_few_readers() {
    let (writer, readers, _folder) = fresh_pools().await;
    assert_eq!(writer.options().get_max_connections(), 1);
    assert_eq!(readers.options().get_max_connections(), super::READERS);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let (_writer, readers, _folder) = fresh_pools().await;
    for statement in ["DELETE FROM payments", "CREATE TABLE another (id INTEGER)", "PRAGMA user_version = 7"] {
        let refused = sqlx::query(statement).execute(&readers).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn a_reader_reads_while_a_transaction_is_open() {
    let (writer, readers, _folder) = fresh_pools().await;
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let insert = "INSERT INTO installation (id, mode, account_id) VALUES (1, 'test', 'acct_1')";
    sqlx::query(insert).execute(&mut *transaction).await.unwrap();
    let count = "SELECT count(*) FROM installation";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&readers).await.unwrap(), 0);
    transaction.commit().await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&readers).await.unwrap(), 1);
}
