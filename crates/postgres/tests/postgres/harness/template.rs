//! The database that the others are copied from: migrated once, by whichever test comes first.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use settled_postgres::PgStore;
use sqlx::{ConnectOptions, Connection};
use tokio::sync::OnceCell;

use super::database::{execute, url_of};
use super::server;

static NAME: OnceCell<String> = OnceCell::const_new();

pub(super) async fn name() -> &'static str {
    NAME.get_or_init(create).await
}

/// The name changes with the migrations, so that a server that is kept never serves an old schema.
async fn create() -> String {
    let name = format!("settled_template_{:016x}", hash_of_the_migrations());
    let mut lock = server().connect().await.expect("a connection");
    // Test binaries may run side by side. The lock ends with the connection.
    sqlx::query("SELECT pg_advisory_lock(7238001)").execute(&mut lock).await.expect("the lock");
    let exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    let exists = sqlx::query_scalar::<_, bool>(exists).bind(&name).fetch_one(&mut lock).await.expect("an answer");
    if !exists {
        let unfinished = format!("{name}_unfinished");
        execute(&server(), &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        execute(&server(), &format!("CREATE DATABASE {unfinished}")).await;
        let url = url_of(&server().database(&unfinished));
        PgStore::open(&url).await.expect("the template is migrated").close().await;
        execute(&server(), &format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
    }
    lock.close().await.expect("the lock is released");
    name
}

fn hash_of_the_migrations() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        std::fs::read(&file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}
