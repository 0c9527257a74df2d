//! The whole of a run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use url::Url;

use crate::database::Database;
use crate::report::Report;
use crate::{growth, ingest, overload, reads, resources, stripe};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program under test, built for release.
    #[arg(long, value_name = "FILE")]
    pub(crate) settled: PathBuf,

    /// A PostgreSQL server whose user may create databases.
    #[arg(long, value_name = "URL")]
    pub(crate) postgres_url: Url,

    /// PostgreSQL's benchmark program.
    #[arg(long, value_name = "FILE")]
    pub(crate) pgbench: PathBuf,

    /// Small numbers, to see in two minutes that everything works. What it measures means little.
    #[arg(long)]
    pub(crate) quick: bool,

    /// What to measure.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "WHAT",
        default_value = "resources,ingest,reads,overload",
        default_value_if("quick", "true", "resources,ingest,reads,overload,growth")
    )]
    pub(crate) measure: Vec<Measure>,

    /// Over how many connections.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBER",
        default_value = "1,16,64,256",
        default_value_if("quick", "true", "1,64")
    )]
    pub(crate) connections: Vec<usize>,

    /// How many rounds; each measures every subject once.
    #[arg(long, value_name = "NUMBER", default_value_t = 5, default_value_if("quick", "true", "2"))]
    pub(crate) rounds: usize,

    /// For how long each subject is measured in a round. The clients of `pgbench` connect and prepare their statements within
    /// this time, so a short one says little about them.
    #[arg(long, value_name = "SECONDS", default_value_t = 6, default_value_if("quick", "true", "1"))]
    pub(crate) seconds: u64,

    /// How many rows each table has to begin with.
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000, default_value_if("quick", "true", "10000"))]
    pub(crate) rows: u64,

    /// The sizes between which `growth` compares; the largest needs some 2 KB of disk for each row.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBER",
        default_value = "10000,1000000,10000000",
        default_value_if("quick", "true", "1000,10000")
    )]
    pub(crate) sizes: Vec<u64>,

    /// For how long twice the highest rate is offered.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, default_value_if("quick", "true", "5"))]
    pub(crate) overload_seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Size of the program, time to start, memory at rest.
    Resources,
    /// Webhooks.
    Ingest,
    /// Status requests.
    Reads,
    /// Twice as much as it can take.
    Overload,
    /// Webhooks over tables of growing size.
    Growth,
}

/// What every part needs.
pub(crate) struct Bench<'a> {
    pub(crate) options: &'a Options,
    pub(crate) stripe: SocketAddr,
    pub(crate) report: Report,
}

impl Bench<'_> {
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.options.seconds)
    }

    fn wants(&self, measure: Measure) -> bool {
        self.options.measure.contains(&measure)
    }
}

pub(crate) async fn run(options: &Options) -> Result<()> {
    let mut bench = Bench { options, stripe: stripe::start().await?, report: Report::default() };
    bench.report.conditions(options);
    let postgres = Database::on_postgres(&options.postgres_url, "main").await?;
    let sqlite = Database::on_sqlite()?;
    let measured = measure(&mut bench, &postgres, &sqlite).await;
    postgres.remove().await?;
    sqlite.remove().await?;
    // What was measured before something failed is worth having.
    print!("{}", bench.report);
    measured
}

async fn measure(bench: &mut Bench<'_>, postgres: &Database, sqlite: &Database) -> Result<()> {
    for database in [postgres, sqlite] {
        database.prepare(&bench.options.settled, bench.options.rows).await?;
    }
    if bench.wants(Measure::Resources) {
        resources::measure(bench, postgres, sqlite).await?;
    }
    if bench.wants(Measure::Ingest) {
        ingest::on_postgres(bench, postgres).await?;
        ingest::on_sqlite(bench, sqlite).await?;
    }
    if bench.wants(Measure::Reads) {
        reads::measure(bench, postgres, sqlite).await?;
    }
    if bench.wants(Measure::Overload) {
        overload::measure(bench, "PostgreSQL", postgres).await?;
        overload::measure(bench, "SQLite", sqlite).await?;
    }
    if bench.wants(Measure::Growth) {
        growth::measure(bench).await?;
    }
    Ok(())
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

    fn options(given: &[&str]) -> Options {
        let needed = ["bench", "--settled=settled", "--pgbench=pgbench", "--postgres-url=postgres://localhost"];
        Cli::parse_from(needed.iter().chain(given)).options
    }

    #[test]
    fn a_quick_run_measures_everything_and_little_of_it() {
        let (whole, quick) = (options(&[]), options(&["--quick"]));
        assert_eq!((whole.connections.as_slice(), whole.rounds), (&[1, 16, 64, 256][..], 5));
        assert_eq!((quick.connections.as_slice(), quick.rounds), (&[1, 64][..], 2));
        assert_eq!((whole.measure.len(), quick.measure.len()), (4, 5));
        assert_eq!(options(&["--quick", "--rounds=7"]).rounds, 7, "what is said explicitly holds");
    }
}
