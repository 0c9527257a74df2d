use std::sync::Arc;

use settled_domain::ports::Store;
use settled_postgres::PgStore;
use settled_sqlite::SqliteStore;
use tempfile::TempDir;

/// Where our rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    #[cfg_attr(not(feature = "postgres-tests"), expect(dead_code, reason = "only with a server"))]
    Postgres,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// An empty database of one story.
pub(crate) enum Database {
    Sqlite(SqliteStore),
    Postgres(PgStore, server::OwnDatabase),
}

impl Database {
    pub(crate) async fn create(kind: Kind, folder: &TempDir) -> Self {
        match kind {
            Kind::Sqlite => {
                let url = format!("sqlite://{}", folder.path().join("settled.db").display());
                Self::Sqlite(SqliteStore::open(&url).await.unwrap())
            }
            Kind::Postgres => {
                let database = server::OwnDatabase::create().await;
                Self::Postgres(PgStore::open(&database.url()).await.unwrap(), database)
            }
        }
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store, _) => Arc::new(store.clone()),
        }
    }

    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store, database) => {
                store.close().await;
                database.drop().await;
            }
        }
    }
}

mod server {
    use std::sync::atomic::{AtomicU32, Ordering};

    use sqlx::postgres::PgConnectOptions;
    use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

    static NEXT: AtomicU32 = AtomicU32::new(1);

    /// A database on the server that the tests were given.
    pub(crate) struct OwnDatabase(String);

    fn server() -> PgConnectOptions {
        #[expect(clippy::disallowed_methods, reason = "this is where the tests are told about the server")]
        let url = std::env::var("SETTLED_TEST_POSTGRES_URL")
            .expect("SETTLED_TEST_POSTGRES_URL names a server: run `cargo xtask converge`, or set it yourself");
        url.parse().expect("SETTLED_TEST_POSTGRES_URL is a URL of a PostgreSQL server")
    }

    async fn execute(statement: String) {
        let mut connection = server().connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    impl OwnDatabase {
        pub(crate) async fn create() -> Self {
            let name = format!("settled_converge_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            execute(format!("CREATE DATABASE {name}")).await;
            Self(name)
        }

        pub(crate) fn url(&self) -> String {
            server().database(&self.0).to_url_lossy().to_string()
        }

        pub(crate) async fn drop(self) {
            execute(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.0)).await;
        }
    }
}
