use anyhow::Result;

use crate::cli::MigrateArgs;
use crate::database::Database;
use crate::settings::postgres_settings;

/// Brings the schema up to date. Opening the database does it; nothing else is started.
pub(crate) async fn run(args: &MigrateArgs) -> Result<()> {
    let settings = postgres_settings(&args.database);
    Database::open(args.database.url.trim(), &settings).await?.close().await;
    println!("The database's schema is up to date.");
    Ok(())
}
