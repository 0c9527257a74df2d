use std::sync::atomic::{AtomicU32, Ordering};

use settled_postgres::{PgSettings, PgStore};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{server, template};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A database of one test. It is dropped with the value, whoever is still connected to it.
pub(crate) struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// With the schema, and no rows.
    pub(crate) async fn migrated() -> Self {
        Self::create(&format!(" TEMPLATE {}", template::name().await)).await
    }

    /// Without even a schema.
    pub(crate) async fn empty() -> Self {
        Self::create("").await
    }

    async fn create(template: &str) -> Self {
        let name = format!("settled_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(&server(), &format!("CREATE DATABASE {name}{template}")).await;
        Self { name }
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        server().database(&self.name)
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.options())
    }

    pub(crate) async fn store(&self) -> PgStore {
        PgStore::open(&self.url()).await.expect("the database opens")
    }

    pub(crate) async fn store_with(&self, settings: &PgSettings) -> PgStore {
        PgStore::open_with(&self.url(), settings).await.expect("the database opens")
    }

    /// A connection beside the store, as `psql` would have it.
    pub(crate) async fn shell(&self) -> PgConnection {
        self.options().connect().await.expect("a connection")
    }

    /// A role that may log in, and no more than its `rights` say; its name.
    pub(crate) async fn role(&self, rights: &str) -> String {
        let role = format!("{}_role", self.name);
        execute(&self.options(), &format!("CREATE ROLE {role} LOGIN PASSWORD 'hush' {rights}")).await;
        role
    }

    /// Runs statements as the superuser.
    pub(crate) async fn execute(&self, statements: &str) {
        execute(&self.options(), statements).await;
    }

    /// Cuts every connection to the database but the one that asks, as a failover does; how many there were.
    pub(crate) async fn cut_connections(&self) -> i64 {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::query_scalar(cut).fetch_one(&mut self.shell().await).await.expect("the connections are cut")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        let clean_up = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                execute(&server(), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                execute(&server(), &format!("DROP ROLE IF EXISTS {name}_role")).await;
            });
        };
        // A runtime cannot wait inside of the one that runs the test. That the database is left behind fails no test.
        let _ = std::thread::spawn(clean_up).join();
    }
}

pub(crate) fn url_of(options: &PgConnectOptions) -> String {
    options.to_url_lossy().to_string()
}

pub(crate) async fn execute(on: &PgConnectOptions, statements: &str) {
    let mut connection = on.connect().await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.expect("the statements work");
    connection.close().await.expect("the connection closes");
}
