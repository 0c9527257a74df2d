//! Structured logs on standard error.

use std::io::{IsTerminal, stderr};

use anyhow::{Context, Result, bail};
use tracing_subscriber::EnvFilter;

use crate::cli::LogArgs;

/// Starts logging: readable on a terminal, JSON for machines, unless the format is set.
pub(crate) fn start(args: &LogArgs) -> Result<()> {
    let filter = EnvFilter::try_new(&args.filter).context("RUST_LOG cannot be read")?;
    let is_pretty = match args.format.as_deref() {
        Some("json") => false,
        Some("pretty") => true,
        None => stderr().is_terminal(),
        Some(_) => bail!("LOG_FORMAT must be pretty or json"),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    if is_pretty {
        builder.with_ansi(stderr().is_terminal()).init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}
