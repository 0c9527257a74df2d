//! What a PostgreSQL server has done, by its own count.

use std::ops::{AddAssign, Sub};

use anyhow::Result;
use sqlx::Connection;
use sqlx::postgres::PgConnection;

/// Counts since some moment. Each backend hands in its own about once a second.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub(crate) struct Activity {
    /// What was written ahead, in all databases.
    pub(crate) wal_bytes: f64,
    /// Pages written ahead as a whole: each one when it is changed for the first time after a checkpoint.
    pub(crate) full_pages: f64,
    /// Pages of this database that were not in the server's cache.
    pub(crate) blocks_read: f64,
}

/// <https://www.postgresql.org/docs/15/monitoring-stats.html>
pub(crate) async fn of(url: &str) -> Result<Activity> {
    let mut connection = PgConnection::connect(url).await?;
    let statement = "SELECT wal_bytes::float8, wal_fpi::float8 AS full_pages, blks_read::float8 AS blocks_read
                     FROM pg_stat_wal, pg_stat_database
                     WHERE datname = current_database()";
    let activity = sqlx::query_as(statement).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(activity)
}

impl Sub for Activity {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            wal_bytes: self.wal_bytes - before.wal_bytes,
            full_pages: self.full_pages - before.full_pages,
            blocks_read: self.blocks_read - before.blocks_read,
        }
    }
}

impl AddAssign for Activity {
    fn add_assign(&mut self, more: Self) {
        self.wal_bytes += more.wal_bytes;
        self.full_pages += more.full_pages;
        self.blocks_read += more.blocks_read;
    }
}
