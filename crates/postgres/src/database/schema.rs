use settled_domain::ports::StoreError;
use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, PgPool};

use super::OpenError;
use crate::error::store_error;

static MIGRATOR: Migrator = Migrator { locking: false, ..sqlx::migrate!() };

/// The same in every program that migrates this schema; any number would do.
const LOCK: i64 = 7_238_000;

pub(super) fn newest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Applies what is missing, all of it or nothing, one program at a time. The lock ends with the transaction, so nobody
/// who dies or sits behind a pooler can leave it locked; sqlx's own belongs to the session.
pub(super) async fn migrate(connection: &mut PgConnection, server: &PgConnectOptions) -> Result<(), OpenError> {
    let failed = |error| OpenError::of(error, server);
    let mut transaction = connection.begin().await.map_err(failed)?;
    let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK);
    lock.execute(&mut *transaction).await.map_err(failed)?;
    match MIGRATOR.run_direct(None, &mut *transaction, false).await {
        Ok(()) => transaction.commit().await.map_err(failed),
        Err(MigrateError::VersionMissing(found)) if found > newest() => {
            Err(OpenError::NewerSchema { found, known: newest() })
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) if is_about_rights(&error) => {
            Err(OpenError::of(error, server))
        }
        Err(error) => Err(OpenError::Migration(error)),
    }
}

fn is_about_rights(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| ["42501", "25006"].contains(&code.as_ref()))
}

/// A newer schema will do: while replicas are replaced one by one, the old ones serve on what the first new one migrated.
pub(crate) async fn check_schema(pool: &PgPool) -> Result<(), StoreError> {
    // Not checked by the macros: the table is sqlx's own, under the name that `sqlx.toml` gives it.
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _settled_migrations")
        .fetch_one(pool)
        .await
        .map_err(store_error)?;
    if found >= Some(newest()) {
        Ok(())
    } else {
        Err(StoreError::Refused("the schema is older than this program".into()))
    }
}
