//! Python, and the packages of it that judge us, in an environment of their own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{apt, process};

/// An environment with the packages in it.
pub(crate) struct Python {
    environment: PathBuf,
}

impl Python {
    /// A program that one of the packages has brought.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.environment.join("bin").join(name)
    }
}

/// Puts the pinned packages into `cache`. They are fetched again only when the pins change.
pub(crate) fn provide(requirements: &Path, cache: &Path) -> Result<Python> {
    let environment = cache.join("python");
    let marker = cache.join("installed.txt");
    let wanted = fs::read(requirements).context("cannot read requirements.txt")?;
    if fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(Python { environment });
    }
    find()?;
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/pip"));
    pip.args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--requirement",
    ]);
    process::run(pip.arg(requirements))?;
    fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(Python { environment })
}

/// Debian has the parts of `venv` in a package of its own.
fn find() -> Result<()> {
    if !works() && apt::is_ours() {
        apt::install(&["python3", "python3-venv"])?;
    }
    if works() {
        return Ok(());
    }
    bail!(
        "these checks need Python 3.10 or later with venv\n  \
         Debian, Ubuntu: apt-get install python3 python3-venv\n  \
         elsewhere: https://www.python.org/downloads"
    )
}

fn works() -> bool {
    let probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    Command::new("python3").args(["-c", probe]).output().is_ok_and(|output| output.status.success())
}
