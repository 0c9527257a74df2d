//! `cargo xtask conformance`: Stripe's own software against the service and the sandbox.
//!
//! What is checked is written in JavaScript, in `xtask/conformance`, because Stripe's library is. Here is what it
//! needs: Node, the pinned packages, and our programs.

mod package;

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{
    npm,
    postgres::{self, Database, Server},
    process, programs,
    test::Need,
    workspace::Workspace,
};

#[derive(clap::Args)]
#[group(id = "conformance")]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) examples: Examples,

    /// Leave this database out; the last line says so.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub(crate) without: Vec<Need>,
}

#[derive(clap::Args, Clone)]
#[group(id = "examples")]
pub(crate) struct Examples {
    /// A folder with example objects as Stripe published them, `DATE.json` each; they are read and compared, too.
    #[arg(long, value_name = "DIR")]
    pub(crate) fixtures: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let fixtures = options.examples.fixtures.as_ref().map(|folder| {
        folder.canonicalize().with_context(|| format!("cannot find the fixtures in {}", folder.display()))
    });
    let fixtures = fixtures.transpose()?;
    npm::provide_node()?;
    let package = package::install(workspace)?;
    let settled = programs::build(workspace, &["--package", "settled", "--bin", "settled"])?;
    let read_events = programs::build(workspace, &["--package", "settled-stripe", "--example", "read_events"])?;

    let skips_postgres = options.without.contains(&Need::Postgres);
    let server = if skips_postgres { None } else { Some(postgres::provide()?) };
    let databases = server.as_ref().map(databases).transpose()?.unwrap_or_default();

    let mut checks = Command::new("node");
    checks
        .current_dir(package.path())
        .arg("src/main.js")
        .arg("--settled")
        .arg(settled)
        .arg("--read-events")
        .arg(read_events);
    if let Some(folder) = fixtures {
        checks.arg("--fixtures").arg(folder);
    }
    let urls: Vec<_> = databases.iter().map(Database::url).collect();
    checks.env("CONFORMANCE_POSTGRES", urls.join(" "));
    process::run(&mut checks)?;
    if skips_postgres {
        println!("skipped on request: {}", Need::Postgres.name());
    }
    Ok(())
}

/// One for each service of the checks.
fn databases(server: &Server) -> Result<Vec<Database>> {
    println!("PostgreSQL: {}", server.way());
    let names = ["conformance_one_secret", "conformance_two_secrets"];
    names.into_iter().map(|name| Database::empty(server.url(), name)).collect()
}
