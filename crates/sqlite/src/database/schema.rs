use std::path::Path;

use settled_domain::ports::StoreError;
use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};

use super::OpenError;
use crate::error::store_error;

static MIGRATOR: Migrator = sqlx::migrate!();

pub(super) fn newest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Applies what is missing, in one transaction: two programs that start at once on one file must not both do it.
pub(super) async fn migrate(writer: &SqlitePool, path: &Path) -> Result<(), OpenError> {
    let cannot_open = |source| OpenError::Database { path: path.display().to_string(), source };
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(cannot_open)?;
    match MIGRATOR.run_direct(None, &mut *transaction, false).await {
        Ok(()) => transaction.commit().await.map_err(cannot_open),
        Err(MigrateError::VersionMissing(found)) if found > newest() => {
            Err(OpenError::NewerSchema { found, known: newest() })
        }
        Err(error) => Err(OpenError::Migration(error)),
    }
}

pub(crate) async fn check_schema(readers: &SqlitePool) -> Result<(), StoreError> {
    // Not checked by the macros: the table is sqlx's own, under the name that `sqlx.toml` gives it.
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _settled_migrations")
        .fetch_one(readers)
        .await
        .map_err(store_error)?;
    if found == Some(newest()) {
        Ok(())
    } else {
        Err(StoreError::Refused("the schema is not the one that this program was built for".into()))
    }
}
