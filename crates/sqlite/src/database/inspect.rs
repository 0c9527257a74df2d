use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::{OpenError, schema};

/// How far a database's schema is, looked at without changing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The newest migration in the database; `None` when it has no schema yet.
    pub found: Option<i64>,
    /// The newest one that this program knows.
    pub known: i64,
}

/// Reads the version. A missing file stays missing.
pub(crate) async fn inspect(path: &Path) -> Result<SchemaVersion, OpenError> {
    let known = schema::newest();
    if !path.exists() {
        return Ok(SchemaVersion { found: None, known });
    }
    let cannot_open = |source| OpenError::Database { path: path.display().to_string(), source };
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = options.connect().await.map_err(cannot_open)?;
    let found = newest_in(&mut connection).await.map_err(cannot_open)?;
    connection.close().await.map_err(cannot_open)?;
    Ok(SchemaVersion { found, known })
}

/// Not checked by the macros: the table is sqlx's own, and may be missing.
async fn newest_in(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_settled_migrations')")
            .fetch_one(&mut *connection)
            .await?;
    if !is_there {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _settled_migrations").fetch_one(connection).await
}
