//! `cargo xtask ci`: what has to hold before a change is merged.

mod deny;
mod report;

use anyhow::Result;
use report::Report;

use crate::{conformance, contract, documents, fuzz, prepare, process, test, tidy, workspace::Workspace};

#[derive(clap::Args)]
#[group(id = "ci")]
pub(crate) struct Options {
    #[command(flatten)]
    test: test::Options,

    #[command(flatten)]
    examples: conformance::Examples,

    #[command(flatten)]
    contract: contract::Options,
}

/// Runs the steps in order, the quick ones first, and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(workspace.cargo().args(arguments));
    let mut report = Report::default();
    report.step("format", || cargo(&["fmt", "--all", "--", "--check"]))?;
    report.step("tidy", || tidy::run(workspace))?;
    report.step("clippy", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"])
    })?;
    report.step("docs", || {
        let mut doc = workspace.cargo();
        doc.args(["doc", "--workspace", "--no-deps"]);
        process::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    let prepare = prepare::Options { check: true, without: options.test.without.clone() };
    report.step("prepare", || prepare::run(workspace, &prepare))?;
    let tests = report.step("test", || test::run(workspace, &options.test))?;
    let conformance =
        conformance::Options { examples: options.examples.clone(), without: options.test.without.clone() };
    report.step("conformance", || conformance::run(workspace, &conformance))?;
    report.step("contract", || contract::run(workspace, &options.contract))?;
    report.step("fuzz", || fuzz::run(workspace, &fuzz::Options::short()))?;
    report.step("documents", || documents::run(workspace))?;
    report.step("deny", || deny::run(workspace))?;
    print!("\n{report}{tests}");
    Ok(())
}
