//! Simpler ways of doing the same, each as a server of its own, so that each has the machine to itself while it is measured.

mod direct;
mod select;
mod verify;

use std::net::SocketAddr;

use anyhow::Result;
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

/// Connections to the database, as many as the service opens by default.
const CONNECTIONS: u32 = 10;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which one.
    kind: Kind,

    /// Its database.
    #[arg(long)]
    database_url: String,

    /// Where Stripe is.
    #[arg(long)]
    stripe: SocketAddr,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// The same routes, with a transaction for each webhook.
    Direct,
    /// Only verifies webhooks and answers.
    Verify,
    /// Answers a status by one prepared statement.
    Select,
}

pub(crate) async fn serve(options: &Options) -> Result<()> {
    let router = match options.kind {
        Kind::Direct => direct::router(&options.database_url, options.stripe).await?,
        Kind::Verify => verify::router(options.stripe)?,
        Kind::Select => select::router(&options.database_url).await?,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("{}", serde_json::json!({ "message": "ready", "listen_addr": listener.local_addr()? }));
    axum::serve(listener, router).await?;
    Ok(())
}
