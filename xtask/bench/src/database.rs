//! The database that a run has to itself.

use std::path::PathBuf;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::process::Command;
use url::Url;

use crate::rows;

pub(crate) enum Database {
    Postgres { server: Url, name: String },
    Sqlite { folder: TempDir },
}

impl Database {
    /// An empty database on the server at `url`; `purpose` tells it from the others of this run.
    pub(crate) async fn on_postgres(url: &Url, purpose: &str) -> Result<Self> {
        let name = format!("settled_bench_{}_{purpose}", std::process::id());
        let mut connection = connect(url).await?;
        for statement in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        connection.close().await?;
        Ok(Self::Postgres { server: url.clone(), name })
    }

    /// An empty file.
    pub(crate) fn on_sqlite() -> Result<Self> {
        Ok(Self::Sqlite { folder: tempfile::tempdir()? })
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres { server, name } => {
                let mut url = server.clone();
                url.set_path(name);
                url.into()
            }
            Self::Sqlite { folder } => format!("sqlite://{}", folder.path().join("settled.db").display()),
        }
    }

    /// Lets the service make its schema, and adds rows to it.
    pub(crate) async fn prepare(&self, settled: &PathBuf, rows: u64) -> Result<()> {
        let status = Command::new(settled).arg("migrate").env_clear().env("DATABASE_URL", self.url()).status().await;
        anyhow::ensure!(status.context("cannot start settled")?.success(), "`settled migrate` failed");
        self.fill(0, rows).await
    }

    /// Adds the rows `from..to` of every table.
    pub(crate) async fn fill(&self, from: u64, to: u64) -> Result<()> {
        match self {
            Self::Postgres { .. } => rows::fill_postgres(&self.url(), from, to).await,
            Self::Sqlite { .. } => rows::fill_sqlite(&self.url(), from, to).await,
        }
    }

    /// How many of these events are there.
    pub(crate) async fn count_events(&self, ids: &[String]) -> Result<u64> {
        let count: i64 = match self {
            Self::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await?;
                sqlx::query_scalar("SELECT count(*) FROM webhook_events WHERE id = ANY($1)")
                    .bind(ids)
                    .fetch_one(&mut connection)
                    .await?
            }
            Self::Sqlite { .. } => {
                let options: sqlx::sqlite::SqliteConnectOptions = self.url().parse()?;
                let mut connection = options.connect().await?;
                let statement = "SELECT count(*) FROM webhook_events WHERE id IN (SELECT value FROM json_each(?))";
                sqlx::query_scalar(statement).bind(serde_json::to_string(ids)?).fetch_one(&mut connection).await?
            }
        };
        Ok(u64::try_from(count)?)
    }

    pub(crate) async fn remove(self) -> Result<()> {
        match self {
            Self::Postgres { server, name } => {
                let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let mut connection = connect(&server).await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
                Ok(connection.close().await?)
            }
            Self::Sqlite { folder } => Ok(folder.close()?),
        }
    }
}

async fn connect(url: &Url) -> Result<PgConnection> {
    let options: PgConnectOptions = url.as_str().parse()?;
    options.connect().await.context("cannot connect to the PostgreSQL server")
}
