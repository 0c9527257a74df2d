//! `cargo xtask bench`: everything that the benchmark needs, built for release, and then the benchmark.

use std::{ffi::OsString, path::Path};

use anyhow::{Context, Result};

use crate::{postgres, process, workspace::Workspace};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Handed to the benchmark; `-- --help` lists what it takes.
    #[arg(last = true, value_name = "ARGUMENTS")]
    extra: Vec<OsString>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    process::run(workspace.cargo().args(["build", "--release", "--package", "settled", "--package", "settled-bench"]))?;
    let built = workspace.metadata()?.target_directory.into_std_path_buf().join("release");
    if options.extra.iter().any(|argument| argument == "--help") {
        return process::run(benchmark(&built).args(["run", "--help"]));
    }
    let pgbench = postgres::find_program("pgbench")
        .context("the benchmark needs pgbench; Debian, Ubuntu: apt-get install postgresql-contrib postgresql")?;
    let server = postgres::provide_nearby()?;
    println!("PostgreSQL: {}", server.way());
    let mut benchmark = benchmark(&built);
    benchmark.arg("run").arg("--settled").arg(built.join("settled")).arg("--pgbench").arg(pgbench);
    process::run(benchmark.args(["--postgres-url", server.url()]).args(&options.extra))
}

fn benchmark(built: &Path) -> std::process::Command {
    std::process::Command::new(built.join("settled-bench"))
}
