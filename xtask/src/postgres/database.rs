//! Talking to a server: whether it answers, and a database to try things on.

use std::{path::Path, thread, time::Duration};

use anyhow::{Context, Result, ensure};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgConnection},
};
use tokio::runtime::{Builder, Runtime};

const ROUNDS: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

fn runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start a runtime")
}

/// Waits, a minute at most, until the server answers. `check` says when there is nothing to wait for any more.
pub(super) fn wait_until_ready(url: &str, mut check: impl FnMut() -> Result<()>) -> Result<()> {
    let options: PgConnectOptions = url.parse().context("the url of the server cannot be read")?;
    let runtime = runtime()?;
    let mut last = None;
    for _ in 0..ROUNDS {
        check()?;
        match runtime.block_on(async { options.connect().await?.close().await }) {
            Ok(()) => return Ok(()),
            Err(error) => last = Some(error),
        }
        thread::sleep(PAUSE);
    }
    Err(last.context("nothing was tried")?).context("the PostgreSQL server does not answer")
}

/// A database of our own; dropped with the value.
pub(crate) struct Database {
    runtime: Runtime,
    server: PgConnectOptions,
    name: String,
}

impl Database {
    /// Makes an empty database on the server at `url`; `name` tells what it is for.
    pub(crate) fn empty(url: &str, name: &str) -> Result<Self> {
        let server: PgConnectOptions = url.parse().context("the url of the PostgreSQL server cannot be read")?;
        let name = format!("settled_{name}_{}", std::process::id());
        let runtime = runtime()?;
        runtime.block_on(execute(&server, &format!("CREATE DATABASE {name}")))?;
        Ok(Self { runtime, server, name })
    }

    /// The same, with the schema of `migrations`.
    pub(crate) fn migrated(url: &str, name: &str, migrations: &Path) -> Result<Self> {
        let database = Self::empty(url, name)?;
        database.runtime.block_on(migrate(&database.options(), migrations))?;
        Ok(database)
    }

    fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Err(error) = self.runtime.block_on(execute(&self.server, &drop)) {
            eprintln!("the database {} is left behind: {error:#}", self.name);
        }
    }
}

async fn execute(server: &PgConnectOptions, statement: &str) -> Result<()> {
    let mut connection = connect(server).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await
        .with_context(|| format!("cannot run `{statement}`"))?;
    connection.close().await.context("cannot close the connection")
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    options.connect().await.context("cannot connect to the PostgreSQL server")
}

async fn migrate(database: &PgConnectOptions, migrations: &Path) -> Result<()> {
    let migrator = Migrator::new(migrations)
        .await
        .with_context(|| format!("cannot read the migrations in {}", migrations.display()))?;
    ensure!(migrator.iter().next().is_some(), "there is no migration in {}", migrations.display());
    let mut connection = connect(database).await?;
    migrator
        .run(&mut connection)
        .await
        .with_context(|| format!("cannot apply the migrations in {}", migrations.display()))?;
    connection.close().await.context("cannot close the connection")
}
