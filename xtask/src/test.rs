//! `cargo xtask test`: everything the tests need, then all of them.

pub(crate) mod browser;
mod overheard;
mod totals;

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fmt,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use overheard::{Completeness, Overheard};
use totals::Totals;

use crate::{
    npm,
    postgres::{self, OnRequest, Server},
    process,
    workspace::Workspace,
};

#[derive(clap::Args)]
#[group(id = "test")]
pub(crate) struct Options {
    /// Leave out the tests that need this; the closing lines say so.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub(crate) without: Vec<Need>,

    /// Handed to `cargo test`, for example a filter.
    #[arg(last = true, value_name = "ARGUMENTS")]
    extra: Vec<OsString>,
}

/// Something outside of cargo that tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Need {
    /// Chromium and chromedriver.
    Browser,
    /// A PostgreSQL server.
    Postgres,
}

impl Need {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Postgres => "postgres",
        }
    }
}

/// What ran and what was left out.
pub(crate) struct Summary {
    totals: Totals,
    skipped: BTreeSet<Need>,
    overheard: overheard::Summary,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.skipped.is_empty() {
            let names: Vec<_> = self.skipped.iter().map(|need| need.name()).collect();
            writeln!(f, "skipped on request: {}", names.join(", "))?;
        }
        if let Some(cases) = self.totals.contract() {
            writeln!(f, "{cases}")?;
        }
        writeln!(f, "{}", self.overheard)?;
        writeln!(f, "{}", self.totals)
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<Summary> {
    let skipped: BTreeSet<_> = options.without.iter().copied().collect();
    let mut cargo = workspace.cargo();
    cargo.args(arguments(&skipped, &options.extra));
    if skipped.contains(&Need::Browser) {
        cargo.env("SETTLED_TEST_WITHOUT", "browser");
    } else {
        let browser = browser::provide()?;
        cargo.env("SETTLED_CHROMIUM", browser.chromium);
        cargo.env("SETTLED_CHROMEDRIVER", browser.chromedriver);
        npm::provide_node()?;
        cargo.env("SETTLED_AXE", npm::packages(workspace, "browser")?.join("axe-core/axe.min.js"));
    }
    let server = if skipped.contains(&Need::Postgres) { None } else { Some(postgres::provide()?) };
    let on_request = match &server {
        Some(server) => hand_over(server, &mut cargo)?,
        None => None,
    };
    let overheard = Overheard::start(workspace)?;
    let (variable, folder) = overheard.variable();
    let totals = run_and_count(cargo.env(variable, folder))?;
    drop(on_request);
    ensure!(totals.ran_any() || !options.extra.is_empty(), "no test ran at all");
    let completeness = if options.extra.is_empty() { Completeness::All } else { Completeness::Some };
    Ok(Summary { totals, skipped, overheard: overheard.search(completeness)? })
}

/// Tells the tests about the server, and, when it is ours, who makes others like it for tests that kill theirs.
fn hand_over(server: &Server, cargo: &mut Command) -> Result<Option<OnRequest>> {
    cargo.env("SETTLED_TEST_POSTGRES_URL", server.url());
    if !server.is_ours() {
        println!("PostgreSQL: {}; it is not restarted, its connections are cut instead", server.way());
        return Ok(None);
    }
    println!("PostgreSQL: {}", server.way());
    let on_request = OnRequest::start()?;
    cargo.env("SETTLED_TEST_POSTGRES_ON_REQUEST", on_request.address());
    Ok(Some(on_request))
}

/// The arguments for cargo. All packages run even when one fails, so that the totals are about everything.
fn arguments(skipped: &BTreeSet<Need>, extra: &[OsString]) -> Vec<OsString> {
    let mut arguments = vec!["test", "--workspace", "--no-fail-fast"];
    if !skipped.contains(&Need::Browser) {
        arguments.extend(["--features", "settled/browser-tests"]);
    }
    if !skipped.contains(&Need::Postgres) {
        arguments.extend(["--features", "settled-postgres/postgres-tests,settled/postgres-tests"]);
    }
    let ours = arguments.into_iter().map(OsString::from);
    ours.chain(extra.iter().cloned()).collect()
}

/// Runs `cargo`, passes on what it writes and adds up the results in it.
fn run_and_count(cargo: &mut Command) -> Result<Totals> {
    let command = process::describe(cargo);
    let mut child = cargo.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{command}`"))?;
    let output = child.stdout.take().context("the output is not piped")?;
    let totals = pass_on(BufReader::new(output), std::io::stdout())?;
    let status = child.wait().with_context(|| format!("cannot wait for `{command}`"))?;
    ensure!(status.success(), "`{command}` failed: {totals}");
    Ok(totals)
}

fn pass_on(mut from: impl BufRead, mut to: impl Write) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).context("cannot read the test output")? > 0 {
        to.write_all(&line).context("cannot pass on the test output")?;
        totals.add_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(totals)
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

    fn summary(without: &[Need]) -> String {
        let mut totals = Totals::default();
        totals.add_line("test result: ok. 7 passed; 0 failed; 0 ignored;");
        let skipped = without.iter().copied().collect();
        Summary { totals, skipped, overheard: overheard::Summary::default() }.to_string()
    }

    #[test]
    fn browser_and_postgres_tests_are_on_unless_left_out() {
        let all = arguments(&BTreeSet::new(), &[]);
        assert!(all.contains(&"settled/browser-tests".into()));
        assert!(all.contains(&"settled-postgres/postgres-tests,settled/postgres-tests".into()));
        let without = arguments(&BTreeSet::from([Need::Browser, Need::Postgres]), &[]);
        assert_eq!(without, ["test", "--workspace", "--no-fail-fast"]);
    }

    #[test]
    fn what_is_left_out_may_be_listed_with_commas_and_the_rest_goes_to_cargo() {
        let line = ["test", "--without", "postgres,browser", "--", "signature", "--quiet"];
        let options = Cli::parse_from(line).options;
        assert_eq!(options.without, [Need::Postgres, Need::Browser]);
        assert_eq!(options.extra, ["signature", "--quiet"]);
    }

    #[test]
    fn something_unknown_cannot_be_left_out() {
        assert!(Cli::try_parse_from(["test", "--without", "everything"]).is_err());
    }

    #[test]
    fn the_summary_ends_with_the_totals_alone_on_a_line() {
        assert!(summary(&[]).ends_with("\n7 passed, 0 failed\n"));
    }

    #[test]
    fn the_summary_says_what_was_left_out() {
        let text = summary(&[Need::Postgres, Need::Browser]);
        let first = text.lines().next().unwrap();
        assert_eq!(first, "skipped on request: browser, postgres");
    }

    #[test]
    fn output_is_passed_on_unchanged_while_it_is_counted() {
        let output = b"running\xff\ntest result: ok. 2 passed; 0 failed; 0 ignored\nlast".as_slice();
        let mut copy = Vec::new();
        let totals = pass_on(output, &mut copy).unwrap();
        assert_eq!(copy, output);
        assert_eq!(totals.to_string(), "2 passed, 0 failed");
    }
}
