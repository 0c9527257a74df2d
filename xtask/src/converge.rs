//! `cargo xtask converge`: whole lives of purchases under everything that can go wrong, seed by seed.

use anyhow::Result;
use clap::ValueEnum;

use crate::{postgres, process, workspace::Workspace};

#[derive(clap::Args)]
#[group(id = "converge")]
pub(crate) struct Options {
    /// How many seeds.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// The first of them.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    from: u64,

    /// Print every story, also of the seeds that end well.
    #[arg(long)]
    tell: bool,

    /// On which database.
    #[arg(long, value_enum, default_value_t = Database::Both)]
    database: Database,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
    Both,
}

impl Database {
    /// The tests that a run of this kind consists of.
    const fn filter(self) -> &'static str {
        match self {
            Self::Sqlite => "purchases_converge_under_any_plan_on_sqlite",
            Self::Postgres => "purchases_converge_under_any_plan_on_postgres",
            Self::Both => "purchases_converge_under_any_plan",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(arguments(options.database));
    cargo.env("SETTLED_CONVERGE_FROM", options.from.to_string());
    cargo.env("SETTLED_CONVERGE_SEEDS", options.seeds.to_string());
    if options.tell {
        cargo.env("SETTLED_CONVERGE_TELL", "1");
    }
    let server = if options.database == Database::Sqlite { None } else { Some(postgres::provide()?) };
    if let Some(server) = &server {
        println!("PostgreSQL: {}", server.way());
        cargo.env("SETTLED_TEST_POSTGRES_URL", server.url());
    }
    process::run(&mut cargo)
}

/// One database after the other: each of them keeps every core busy.
fn arguments(database: Database) -> Vec<&'static str> {
    let mut arguments = vec!["test", "--package", "settled", "--test", "converge"];
    if database != Database::Sqlite {
        arguments.extend(["--features", "postgres-tests"]);
    }
    arguments.extend(["--", "--nocapture", "--test-threads", "1", database.filter()]);
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_command_that_a_failure_names_runs_that_seed_on_that_database() {
        let line = ["converge", "--seeds", "1", "--from", "17", "--database", "sqlite"];
        let options = Cli::parse_from(line).options;
        assert_eq!((options.seeds, options.from, options.database), (1, 17, Database::Sqlite));
    }

    #[test]
    fn sqlite_alone_needs_no_server() {
        assert!(!arguments(Database::Sqlite).contains(&"postgres-tests"));
        assert!(arguments(Database::Both).contains(&"postgres-tests"));
    }
}
