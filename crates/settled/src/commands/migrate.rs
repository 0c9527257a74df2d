use anyhow::Result;

use crate::cli::MigrateArgs;
use crate::database::Database;

/// Brings the schema up to date. Opening the database does it; nothing else is started.
pub(crate) async fn run(args: &MigrateArgs) -> Result<()> {
    Database::open(args.database.database_url.trim()).await?.close().await;
    println!("The database's schema is up to date.");
    Ok(())
}
