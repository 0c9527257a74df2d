//! The contract of every store, kept by this one.

use settled_sqlite::SqliteStore;
use tempfile::TempDir;

async fn fresh_store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("settled.db").display());
    (SqliteStore::open(&url).await.expect("a new database"), folder)
}

macro_rules! store_cases {
    ($($group:ident { $($case:ident)* })*) => {$(
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (store, _folder) = crate::fresh_store().await;
                    settled_store_contract::$group::$case(&store).await.expect("the store works");
                    store.close().await;
                }
            )*
        }
    )*};
}

/// `cargo xtask test` counts the cases by this name.
mod on_sqlite {
    settled_store_contract::for_each_store_case!(store_cases);
    settled_store_contract::for_each_history_case!(store_cases);
}
