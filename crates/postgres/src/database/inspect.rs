use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::{OpenError, connect, options, schema};
use crate::settings::PgSettings;

/// How far a database's schema is, looked at without changing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The newest migration in the database; `None` when it has no schema yet.
    pub found: Option<i64>,
    /// The newest one that this program knows.
    pub known: i64,
}

/// Reads the version.
pub(crate) async fn inspect(url: &str, settings: &PgSettings) -> Result<SchemaVersion, OpenError> {
    let server = options::of(url)?;
    let mut connection = connect(&server, settings).await?;
    let found = newest_in(&mut connection).await.map_err(|error| OpenError::of(error, &server))?;
    connection.close().await.map_err(|error| OpenError::of(error, &server))?;
    Ok(SchemaVersion { found, known: schema::newest() })
}

/// Not checked by the macros: the table is sqlx's own, and may be missing.
async fn newest_in(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let is_there: bool =
        sqlx::query_scalar("SELECT to_regclass('_settled_migrations') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !is_there {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _settled_migrations").fetch_one(connection).await
}
