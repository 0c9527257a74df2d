//! `cargo xtask conformance`: Stripe's own software against the service and the sandbox.
//!
//! What is checked is written in JavaScript, in `xtask/conformance`, because Stripe's library is. Here is what it
//! needs: Node, the pinned packages, and our programs.

mod node;
mod package;
mod programs;

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{process, workspace::Workspace};

#[derive(clap::Args)]
#[group(id = "conformance")]
pub(crate) struct Options {
    /// A folder with example objects as Stripe published them, `DATE.json` each; they are read and compared, too.
    #[arg(long, value_name = "DIR")]
    pub(crate) fixtures: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let fixtures = options.fixtures.as_ref().map(|folder| {
        folder.canonicalize().with_context(|| format!("cannot find the fixtures in {}", folder.display()))
    });
    let fixtures = fixtures.transpose()?;
    node::provide()?;
    let package = package::install(workspace)?;
    let settled = programs::build(workspace, &["--package", "settled", "--bin", "settled"])?;
    let read_events = programs::build(workspace, &["--package", "settled-stripe", "--example", "read_events"])?;

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
    process::run(&mut checks)
}
