//! Node and npm, by which the packages come.

use std::process::Command;

use anyhow::{Result, bail};

use crate::apt;

/// The oldest that the official library works with.
const MAJOR_MIN: u32 = 20;

/// Finds Node, or installs it where that needs no question: as root on Debian.
pub(crate) fn provide() -> Result<()> {
    if find().is_err() && apt::is_ours() {
        apt::install(&["nodejs", "npm"])?;
    }
    find()
}

fn find() -> Result<()> {
    judge(version_of("node").as_deref(), version_of("npm").as_deref())
}

fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn judge(node: Option<&str>, npm: Option<&str>) -> Result<()> {
    let missing = match (node, npm) {
        (None, _) => "node is not installed".to_owned(),
        (Some(version), _) if major(version).is_none_or(|major| major < MAJOR_MIN) => {
            format!("node {version} is too old")
        }
        (Some(_), None) => "npm is not installed".to_owned(),
        (Some(_), Some(_)) => return Ok(()),
    };
    bail!(
        "the conformance checks and the browser tests need Node {MAJOR_MIN} or later with npm: {missing}\n  \
         Debian, Ubuntu: apt-get install nodejs npm\n  \
         elsewhere: https://nodejs.org/en/download"
    )
}

fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(node: Option<&str>, npm: Option<&str>) -> Option<String> {
        judge(node, npm).err().map(|error| error.to_string())
    }

    #[test]
    fn a_recent_node_with_npm_will_do() {
        assert_eq!(complaint(Some("v20.20.2"), Some("11.19.1")), None);
        assert_eq!(complaint(Some("v24.0.0"), Some("11.19.1")), None);
    }

    #[test]
    fn what_is_missing_is_an_error_that_says_what_to_install() {
        for (node, npm, what) in [
            (None, None, "node is not installed"),
            (Some("v18.19.0"), Some("9.2.0"), "node v18.19.0 is too old"),
            (Some("v20.20.2"), None, "npm is not installed"),
        ] {
            let error = complaint(node, npm).unwrap();
            assert!(error.contains(what), "{error}");
            assert!(error.contains("apt-get install nodejs npm"), "{error}");
        }
    }
}
