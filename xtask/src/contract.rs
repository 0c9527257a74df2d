//! `cargo xtask contract`: the description of the API, judged by tools that others have written, and the service attacked by
//! it.

mod attack;
mod python;

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{npm, process, programs, workspace::Workspace};

#[derive(clap::Args)]
#[group(id = "contract")]
pub(crate) struct Options {
    /// How many requests are made up for each operation, beside those that are always made.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    npm::provide_node()?;
    let source = workspace.root().join("xtask/contract");
    let packages = npm::packages(workspace, "contract")?;
    let cache = workspace.metadata()?.target_directory.join("contract").into_std_path_buf();
    let python = python::provide(&source.join("requirements.txt"), &cache)?;
    let document = workspace.root().join("docs/openapi.json");

    let redocly = packages.join(".bin/redocly");
    let mut lint = judge(&redocly, workspace.root());
    process::run(lint.arg("lint").arg("--config").arg(source.join("redocly.yaml")).arg(&document))?;
    process::run(judge(&python.program("openapi-spec-validator"), workspace.root()).arg(&document))?;

    let settled = programs::build(workspace, &["--package", "settled", "--bin", "settled"])?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let attack = attack::Attack {
        schemathesis: &python.program("schemathesis"),
        source: &source,
        settled: &settled,
        folder: folder.path(),
        cases: options.cases,
    };
    attack.as_user()?;
    attack.as_stranger()
}

/// A command that tells nobody that it is used.
fn judge(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    command
}
