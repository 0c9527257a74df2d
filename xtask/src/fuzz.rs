//! `cargo xtask fuzz`: the fuzzer of LLVM against what anybody may send, by cargo-fuzz.
//!
//! No sanitizer is used, so that the toolchain of the repository will do: this code has nothing unsafe in it, and what is
//! looked for are panics, hangs and broken promises.

mod executions;

use std::{fs, process::Command};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::{tools, workspace::Workspace};

const VERSION: &str = "0.13.2";
/// Longer inputs are slower and reach nothing new.
const MAX_LEN_BYTES: u32 = 4096;
/// How long each target is run unless something else is asked for.
const SHORT_S: u32 = 10;
/// An input that takes longer than this has found something.
const MAX_INPUT_S: u32 = 10;

#[derive(clap::Args)]
#[group(id = "fuzz")]
pub(crate) struct Options {
    /// Only this target.
    #[arg(long, value_enum)]
    target: Option<Target>,

    /// How long each target is run.
    #[arg(long, value_name = "SECONDS", default_value_t = SHORT_S, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

impl Options {
    /// Every target, for as long as a check before a merge may take.
    pub(crate) fn short() -> Self {
        Self { target: None, seconds: SHORT_S }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// The header that proves that a webhook is Stripe's.
    Signature,
    /// The event in a webhook.
    Envelope,
    /// The token of a user.
    Token,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Envelope => "envelope",
            Self::Token => "token",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let cargo_fuzz = tools::provide(workspace, "cargo-fuzz", VERSION)?;
    let targets = options.target.as_ref().map_or(Target::value_variants(), std::slice::from_ref);
    let mut lines = Vec::new();
    for target in targets {
        let mut command = Command::new(&cargo_fuzz);
        command
            // Where cargo finds how this is to be optimized.
            .current_dir(workspace.root().join("xtask/fuzz"))
            // The coverage of a program that is optimized as a whole would be put in too late.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .arg("run")
            .args(arguments(workspace, target.name())?)
            .arg("--");
        command.arg(format!("-max_total_time={}", options.seconds));
        command.arg(format!("-max_len={MAX_LEN_BYTES}")).arg(format!("-timeout={MAX_INPUT_S}"));
        command.arg("-print_final_stats=1");
        let executions = executions::run_and_count(&mut command)
            .with_context(|| format!("the target `{}` found something, or did not run", target.name()))?;
        lines.push(format!("fuzz: {:<9} {executions} executions in {} s", target.name(), options.seconds));
    }
    println!("{}", lines.join("\n"));
    Ok(())
}

/// What cargo-fuzz is told to build and to start from. New inputs are kept in the target folder, for the next run.
fn arguments(workspace: &Workspace, target: &str) -> Result<Vec<String>> {
    let built = workspace.metadata()?.target_directory.join("fuzz");
    let corpus = built.join("corpus").join(target);
    fs::create_dir_all(&corpus).with_context(|| format!("cannot make {corpus}"))?;
    let fixed = ["--fuzz-dir", ".", "--sanitizer", "none", "--features", "libfuzzer,libfuzzer-sys/link_libfuzzer"];
    let places = ["--target-dir".to_owned(), built.to_string(), target.to_owned(), corpus.to_string()];
    let seeds = format!("{}/xtask/fuzz/seeds/{target}", workspace.root().display());
    Ok(fixed.into_iter().map(str::to_owned).chain(places).chain([seeds]).collect())
}
