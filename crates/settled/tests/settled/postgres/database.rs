use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A database of one test, empty at first. It is dropped with the value, whoever is still connected to it.
pub(crate) struct TestDatabase {
    server: PgConnectOptions,
    name: String,
}

/// The server that the tests share, as its superuser sees it.
fn server() -> PgConnectOptions {
    #[expect(clippy::disallowed_methods, reason = "this is where the tests are told about the server")]
    let url = std::env::var("SETTLED_TEST_POSTGRES_URL")
        .expect("SETTLED_TEST_POSTGRES_URL names a server: run `cargo xtask test`, or set it yourself");
    url.parse().expect("SETTLED_TEST_POSTGRES_URL is a URL of a PostgreSQL server")
}

async fn execute(on: PgConnectOptions, statement: String) {
    let mut connection = on.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

impl TestDatabase {
    pub(crate) async fn empty() -> Self {
        Self::empty_on(server()).await
    }

    /// On a server that not all tests share.
    pub(crate) async fn empty_on(server: PgConnectOptions) -> Self {
        Self::create(server, "").await
    }

    /// As it is now; nobody may be connected to it.
    pub(crate) async fn copy(&self) -> Self {
        Self::create(self.server.clone(), &format!(" TEMPLATE {}", self.name)).await
    }

    async fn create(server: PgConnectOptions, template: &str) -> Self {
        let name = format!("settled_test_process_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(server.clone(), format!("CREATE DATABASE {name}{template}")).await;
        Self { server, name }
    }

    fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// For `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    /// For `DATABASE_URL`, with another password.
    pub(crate) fn url_with_password(&self, password: &str) -> String {
        self.options().password(password).to_url_lossy().to_string()
    }

    /// A connection beside the program, as `psql` would have it.
    pub(crate) async fn shell(&self) -> PgConnection {
        self.options().connect().await.unwrap()
    }

    /// Cuts every connection to it, as a restart of the server does; how many there were.
    pub(crate) async fn cut_connections(&self) -> i64 {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::query_scalar(cut).fetch_one(&mut self.shell().await).await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        let clean_up = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(server, drop));
        };
        // A runtime cannot wait inside of the one that runs the test. That the database is left behind fails no test.
        let _ = std::thread::spawn(clean_up).join();
    }
}
