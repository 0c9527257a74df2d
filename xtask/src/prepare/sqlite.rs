//! A `SQLite` file with the schema of the migrations, for the macros to ask.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sqlx::{
    ConnectOptions, Connection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

/// Makes the database `file`, applies `migrations` to it and returns its URL.
pub(crate) fn create(file: &Path, migrations: &Path) -> Result<String> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime")?
        .block_on(migrate(file, migrations))
}

async fn migrate(file: &Path, migrations: &Path) -> Result<String> {
    let migrator = Migrator::new(migrations)
        .await
        .with_context(|| format!("cannot read the migrations in {}", migrations.display()))?;
    ensure!(migrator.iter().next().is_some(), "there is no migration in {}", migrations.display());
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection: SqliteConnection =
        options.connect().await.with_context(|| format!("cannot make the database {}", file.display()))?;
    migrator
        .run(&mut connection)
        .await
        .with_context(|| format!("cannot apply the migrations in {}", migrations.display()))?;
    connection.close().await.context("cannot close the database")?;
    Ok(format!("sqlite://{}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder_with(migrations: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, sql) in migrations {
            fs::write(folder.path().join(name), sql).unwrap();
        }
        folder
    }

    #[test]
    fn migrations_are_applied_in_order() {
        let folder = folder_with(&[
            ("0001_first.sql", "CREATE TABLE first (id INTEGER)"),
            ("0002_second.sql", "CREATE INDEX second ON first (id)"),
        ]);
        let file = tempfile::tempdir().unwrap();
        let path = file.path().join("schema.db");
        let url = create(&path, folder.path()).unwrap();
        assert_eq!(url, format!("sqlite://{}", path.display()));
        assert!(path.exists());
    }

    #[test]
    fn a_migration_that_fails_is_an_error() {
        let folder = folder_with(&[("0001_broken.sql", "CREATE TABEL first (id INTEGER)")]);
        let file = tempfile::tempdir().unwrap();
        let error = create(&file.path().join("schema.db"), folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("TABEL"), "{error:#}");
    }

    #[test]
    fn a_folder_without_migrations_is_an_error() {
        let folder = folder_with(&[]);
        let file = tempfile::tempdir().unwrap();
        let error = create(&file.path().join("schema.db"), folder.path()).unwrap_err();
        assert!(error.to_string().starts_with("there is no migration in"));
    }
}
