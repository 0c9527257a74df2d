//! From one release to the next: several programs, old and new, on a schema that only one of them made.

use std::path::Path;

use futures_util::future::join_all;
use settled_domain::ports::{Claim, Store};
use sqlx::migrate::Migrator;

use crate::harness::{TestDatabase, claim};

/// The migrations as the program has them.
async fn migrator() -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut migrator = Migrator::new(folder).await.unwrap();
    migrator.dangerous_set_table_name("_settled_migrations");
    migrator
}

/// A database that a program has left which knew migrations up to `version`.
async fn left_at(version: i64) -> TestDatabase {
    let database = TestDatabase::empty().await;
    migrator().await.run_direct(Some(version), &mut database.shell().await, false).await.unwrap();
    database
}

async fn versions() -> Vec<i64> {
    migrator().await.iter().map(|migration| migration.version).collect()
}

/// Row 61 of the faults, from every release on; version 0 has nothing but the list of migrations.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_on_an_older_schema_bring_it_up_to_date_once() {
    let versions = versions().await;
    for older in [0].iter().chain(&versions[..versions.len() - 1]) {
        let database = left_at(*older).await;
        let stores = join_all((0..4).map(|_| database.store())).await;
        for store in &stores {
            store.check_ready().await.unwrap();
        }
        let applied = "SELECT version FROM _settled_migrations WHERE success ORDER BY version";
        let applied: Vec<i64> = sqlx::query_scalar(applied).fetch_all(&mut database.shell().await).await.unwrap();
        assert_eq!(applied, versions, "from version {older}");
        assert_eq!(claim(&stores[0], 1).await.unwrap(), Claim::Fresh);
    }
}

/// A column, and whether who does not know it may leave it out.
#[derive(sqlx::FromRow)]
struct Column {
    of_table: String,
    name: String,
    data_type: String,
    may_be_left_out: bool,
}

impl Column {
    fn is_in(&self, schema: &[Self]) -> bool {
        self.find_in(schema).is_some()
    }

    fn find_in<'a>(&self, schema: &'a [Self]) -> Option<&'a Self> {
        schema.iter().find(|other| other.of_table == self.of_table && other.name == self.name)
    }
}

async fn columns(database: &TestDatabase) -> Vec<Column> {
    let columns = "SELECT table_name::text AS of_table, column_name::text AS name, data_type::text,
                          is_nullable = 'YES' OR column_default IS NOT NULL AS may_be_left_out
                   FROM information_schema.columns
                   WHERE table_schema = 'public'";
    sqlx::query_as(columns).fetch_all(&mut database.shell().await).await.unwrap()
}

/// Row 62 of the faults: what an older program reads and writes is there, and it need not know what is new.
#[tokio::test]
async fn a_newer_schema_has_all_that_older_programs_use_and_asks_nothing_new_of_them() {
    let new = columns(&TestDatabase::migrated().await).await;
    for older in versions().await {
        let old = columns(&left_at(older).await).await;
        for column in &old {
            let name = format!("{}.{} of version {older}", column.of_table, column.name);
            let now = column.find_in(&new).unwrap_or_else(|| panic!("{name} is gone"));
            assert_eq!(now.data_type, column.data_type, "{name}");
            assert!(now.may_be_left_out || !column.may_be_left_out, "{name} is required now");
        }
        let is_of_old_table = |now: &&Column| old.iter().any(|column| column.of_table == now.of_table);
        for now in new.iter().filter(is_of_old_table) {
            let name = format!("{}.{}", now.of_table, now.name);
            assert!(now.is_in(&old) || now.may_be_left_out, "{name} is unknown to version {older}");
        }
    }
}

/// Whoever waits for the migration of another must not hold up those that serve.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_waits_to_migrate_holds_nothing_up() {
    let database = TestDatabase::migrated().await;
    let running = database.store().await;
    let mut another = database.shell().await;
    sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock(7238000)").execute(&mut another).await.unwrap();
    let starting = async {
        let store = database.store().await;
        store.check_ready().await.unwrap();
    };
    let going_on = async {
        until_somebody_waits(&database).await;
        assert_eq!(claim(&running, 1).await.unwrap(), Claim::Fresh);
        sqlx::raw_sql("COMMIT").execute(&mut another).await.unwrap();
    };
    tokio::join!(starting, going_on);
}

async fn until_somebody_waits(database: &TestDatabase) {
    let waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity
                                  WHERE datname = current_database() AND wait_event = 'advisory')";
    let mut shell = database.shell().await;
    while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&mut shell).await.unwrap() {
        tokio::task::yield_now().await;
    }
}
