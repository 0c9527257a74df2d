//! The contract of every store, kept by this one.

macro_rules! store_cases {
    ($($group:ident { $($case:ident)* })*) => {$(
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let database = crate::harness::TestDatabase::migrated().await;
                    let store = database.store().await;
                    settled_store_contract::$group::$case(&store).await.expect("the store works");
                    store.close().await;
                }
            )*
        }
    )*};
}

/// `cargo xtask test` counts the cases by this name.
mod on_postgres {
    settled_store_contract::for_each_store_case!(store_cases);
    settled_store_contract::for_each_history_case!(store_cases);
}
