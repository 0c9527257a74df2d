//! What an operator asks the database.

use std::path::Path;

use anyhow::{Context, Result};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

/// Runs the statements on the database, beside the service that has it open.
pub(super) fn run(database: &Path, statements: String) -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime")?
        .block_on(ask(database, statements))
}

async fn ask(database: &Path, statements: String) -> Result<()> {
    let mut connection: SqliteConnection =
        SqliteConnectOptions::new().filename(database).connect().await.context("cannot open the database")?;
    let answer = sqlx::raw_sql(AssertSqlSafe(statements)).fetch_all(&mut connection).await;
    connection.close().await.context("cannot close the database")?;
    answer.map(drop).context("the database refused")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_must_be_one_that_the_database_understands() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        std::fs::write(&database, "").unwrap();
        run(&database, "CREATE TABLE a (b INTEGER);\nSELECT b FROM a; -- nothing\n".to_owned()).unwrap();
        let error = run(&database, "SELECT b FROM a; SELECT c FROM a;".to_owned()).unwrap_err();
        assert!(format!("{error:#}").contains("no such column: c"), "{error:#}");
    }
}
