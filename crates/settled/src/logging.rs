//! Structured logs on standard error, for which nobody waits.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::cli::LogArgs;

/// How many lines wait while standard error takes none. What comes then is dropped and counted.
const LINES_WAITING_MAX: usize = 8_192;
const LOOK_FOR_DROPPED_EVERY: Duration = Duration::from_secs(10);

/// Writes what was logged for as long as it lives. Dropped, it writes what is left, if that takes no more than a second.
#[must_use]
pub(crate) struct Logs {
    _writer: WorkerGuard,
}

/// Starts logging: readable on a terminal, JSON for machines, unless the format is set.
pub(crate) fn start(args: &LogArgs) -> Result<Logs> {
    let filter = EnvFilter::try_new(&args.filter).context("RUST_LOG cannot be read")?;
    let is_pretty = match args.format.as_deref() {
        Some("json") => false,
        Some("pretty") => true,
        None => stderr().is_terminal(),
        Some(_) => bail!("LOG_FORMAT must be pretty or json"),
    };
    // Whoever reads standard error may stop reading, and a webhook must not hang on that.
    let (lines, writer) = NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING_MAX).finish(stderr());
    tokio::spawn(tell_what_was_dropped(lines.error_counter()));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines);
    if is_pretty {
        builder.with_ansi(stderr().is_terminal()).init();
    } else {
        builder.json().flatten_event(true).init();
    }
    log_panics();
    Ok(Logs { _writer: writer })
}

/// Says it as soon as lines get through again.
async fn tell_what_was_dropped(counter: ErrorCounter) {
    let mut told = 0;
    loop {
        tokio::time::sleep(LOOK_FOR_DROPPED_EVERY).await;
        let dropped = counter.dropped_lines();
        if dropped > told {
            tracing::warn!(lines = dropped - told, "log lines were dropped: nobody read them in time");
            told = dropped;
        }
    }
}

/// A panic is told like anything else; written to standard error directly, it would wait for who reads it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let words = panic.payload_as_str();
        tracing::error!(place, words, "a task panicked");
    }));
}
