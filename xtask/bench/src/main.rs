#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod activity;
mod baseline;
mod database;
mod event;
mod growth;
mod ids;
mod ingest;
mod load;
mod overload;
mod pgbench;
mod plain_rows;
mod reads;
mod report;
mod resources;
mod rows;
mod run;
mod samples;
mod server;
mod stripe;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures the service beside simpler ways of doing the same.
#[derive(Parser)]
#[command(name = "settled-bench")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything, and print a report in Markdown.
    Run(run::Options),
    /// Be one of the simpler servers.
    #[command(hide = true)]
    Baseline(baseline::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(options) => run::run(&options).await,
        Command::Baseline(options) => baseline::serve(&options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
