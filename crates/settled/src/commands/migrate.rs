use anyhow::Result;
use secrecy::ExposeSecret;

use crate::cli::MigrateArgs;
use crate::database::Database;
use crate::settings::{database_url, postgres_settings};

/// Brings the schema up to date. Opening the database does it; nothing else is started.
pub(crate) async fn run(args: &MigrateArgs) -> Result<()> {
    let url = database_url(&args.database)?;
    let settings = postgres_settings(&args.database);
    Database::open(url.expose_secret(), &settings).await?.close().await;
    println!("The database's schema is up to date.");
    Ok(())
}
