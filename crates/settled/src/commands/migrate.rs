use anyhow::{Context, Result};
use settled_sqlite::SqliteStore;

use crate::cli::MigrateArgs;

/// Brings the schema up to date. Opening the store does it; nothing else is started.
pub(crate) async fn run(args: MigrateArgs) -> Result<()> {
    let store = SqliteStore::open(&args.database.database_url).await.context("cannot migrate the database")?;
    store.close().await;
    println!("The database's schema is up to date.");
    Ok(())
}
