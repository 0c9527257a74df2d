mod file;
mod inspect;
mod schema;

use std::path::Path;
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

pub(crate) use self::file::path_of;
pub use self::inspect::SchemaVersion;
pub(crate) use self::inspect::inspect;
pub(crate) use self::schema::check_schema;
use crate::error::is_busy;

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_PAUSE: Duration = Duration::from_millis(20);
const BUSY_ROUNDS: usize = 250;
const READERS: u32 = 4;

/// Why a database file could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is not one of a file.
    #[error("the database url cannot be used: {0}")]
    BadUrl(&'static str),
    /// The file is missing and cannot be created.
    #[error("cannot create the database file {path}")]
    File {
        /// Which file.
        path: String,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is there, but SQLite cannot read and write it.
    #[error("cannot open the database file {path}")]
    Database {
        /// Which file.
        path: String,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A newer program has migrated the file. This one must not write to it.
    #[error("the database has schema version {found}, and this program knows versions up to {known} only")]
    NewerSchema {
        /// The newest version in the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date. The file is as it was before.
    #[error("the database could not be migrated")]
    Migration(#[source] sqlx::migrate::MigrateError),
}

/// Opens the one connection that writes, brings the schema up to date, and opens the connections that only read.
pub(crate) async fn open(path: &Path) -> Result<(SqlitePool, SqlitePool), OpenError> {
    file::create(path)?;
    let cannot_open = |source| OpenError::Database { path: path.display().to_string(), source };
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(BUSY_TIMEOUT);
    // SQLite does not wait for the busy timeout when two programs at once make a new file log ahead.
    let writer = (|| connect_writer(options.clone()))
        .retry(ConstantBuilder::default().with_delay(BUSY_PAUSE).with_max_times(BUSY_ROUNDS))
        .when(is_busy)
        .await
        .map_err(cannot_open)?;
    schema::migrate(&writer, path).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.read_only(true))
        .await
        .map_err(cannot_open)?;
    Ok((writer, readers))
}

async fn connect_writer(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        // When a full disk fails a `COMMIT`, SQLite has ended the transaction and sqlx believes it to be open for ever. The
        // first answer is about the rollback that is under way.
        .after_release(|connection, _| {
            Box::pin(async move { connection.ping().await.map(|()| !connection.is_in_transaction()) })
        })
        .connect_with(options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full))
        .await
}

#[cfg(test)]
mod tests;
