#![doc = include_str!("../README.md")]

mod apt;
mod bench;
mod ci;
mod conformance;
mod contract;
mod converge;
mod documents;
mod fuzz;
mod npm;
mod postgres;
mod prepare;
mod process;
mod programs;
mod service;
mod test;
mod tidy;
mod tools;
mod wait;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use workspace::Workspace;

/// The checks and generators that cargo lacks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up what the tests need, run all of them and add up the results.
    Test(test::Options),
    /// Run everything that has to hold before a change is merged.
    Ci(ci::Options),
    /// Measure the service beside simpler ways of doing the same.
    Bench(bench::Options),
    /// Let Stripe's own library, types and command line check the service and the sandbox.
    Conformance(conformance::Options),
    /// Run whole lives of purchases under random faults, and compare our rows with Stripe's truth.
    Converge(converge::Options),
    /// Let tools that others have written judge the description of the API, and attack the service by it.
    Contract(contract::Options),
    /// Run every block of code in the README and the docs.
    Documents,
    /// Throw whatever a fuzzer thinks of at the readers of webhooks and tokens.
    Fuzz(fuzz::Options),
    /// Measure in a real browser how long a customer waits between paying and seeing it.
    Wait(wait::Options),
    /// Check the shape of the repository: crate edges, sizes, READMEs, migrations, links.
    Tidy,
    /// Ask a real database about every query and write the answers to each adapter's `.sqlx`.
    Prepare(prepare::Options),
}

fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Test(options) => test::run(&workspace, options).map(|summary| print!("\n{summary}")),
        Command::Ci(options) => ci::run(&workspace, options),
        Command::Bench(options) => bench::run(&workspace, options),
        Command::Conformance(options) => conformance::run(&workspace, options),
        Command::Converge(options) => converge::run(&workspace, options),
        Command::Contract(options) => contract::run(&workspace, options),
        Command::Documents => documents::run(&workspace),
        Command::Fuzz(options) => fuzz::run(&workspace, options),
        Command::Wait(options) => wait::run(&workspace, options),
        Command::Tidy => tidy::run(&workspace),
        Command::Prepare(options) => prepare::run(&workspace, options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
