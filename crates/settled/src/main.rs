#![doc = include_str!("../README.md")]

mod banner;
mod cli;
mod commands;
mod database;
mod identity;
mod logging;
mod problems;
mod report;
mod server;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{BareServe, Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        None => commands::serve::run(&BareServe::parse_from(["settled"]).args).await.map(done),
        Some(Command::Serve(args)) => commands::serve::run(&args).await.map(done),
        Some(Command::Migrate(args)) => commands::migrate::run(&args).await.map(done),
        Some(Command::Events(args)) => commands::events::run(&args).await,
        Some(Command::Explain(args)) => commands::explain::run(&args).await,
        Some(Command::Sandbox(args)) => commands::sandbox::run(&args).await.map(done),
        Some(Command::Doctor(args)) => commands::doctor::run(&args).await.map(done),
        Some(Command::Stripe(args)) => commands::stripe::run(args.command).await.map(done),
        Some(Command::Token(args)) => commands::token::run(args).map(done),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("settled: {}", problems::in_one_line(&error));
            ExitCode::FAILURE
        }
    }
}

const fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}
