//! Licences, sources and banned crates, by cargo-deny.
//!
//! Advisories are not asked for: they come from the network, and change without a commit.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// The version that is installed when there is none.
const VERSION: &str = "0.20.2";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let program = provide(workspace)?;
    // Builds download only what this machine needs; the rules are about every platform.
    process::run(workspace.cargo().args(["fetch", "--locked"]))?;
    let mut deny = Command::new(program);
    deny.current_dir(workspace.root());
    process::run(deny.args(["--offline", "check", "bans", "licenses", "sources"]))
}

/// cargo-deny from `PATH`, or else built once into the target folder.
fn provide(workspace: &Workspace) -> Result<PathBuf> {
    let tools = workspace.metadata()?.target_directory.join("tools");
    let ours = tools.join("bin/cargo-deny").into_std_path_buf();
    for program in [Path::new("cargo-deny"), &ours] {
        if works(program) {
            return Ok(program.to_owned());
        }
    }
    let mut install = workspace.cargo();
    install.args(["install", "cargo-deny", "--version", VERSION, "--locked"]);
    process::run(install.arg("--root").arg(tools))?;
    Ok(ours)
}

fn works(program: &Path) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| is_recent(&String::from_utf8_lossy(&output.stdout)))
}

/// Versions before 0.18 cannot read what today's cargo tells about packages.
fn is_recent(version: &str) -> bool {
    let number = version.trim().strip_prefix("cargo-deny ").unwrap_or("");
    let mut parts = number.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(0)), Some(Ok(minor))) => minor >= 18,
        (Some(Ok(_)), Some(Ok(_))) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_versions_will_do() {
        assert!(is_recent("cargo-deny 0.20.2\n"));
        assert!(is_recent("cargo-deny 1.0.0\n"));
    }

    #[test]
    fn old_versions_and_other_programs_will_not() {
        assert!(!is_recent("cargo-deny 0.14.2\n"));
        assert!(!is_recent("something else"));
        assert!(!is_recent(""));
    }
}
