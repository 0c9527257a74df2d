//! Installing what is missing, where that needs no question: as root on Debian.

use std::{env, process::Command};

use anyhow::{Context, Result};

use crate::process;

/// Whether `apt-get` is here and we may use it.
pub(crate) fn is_ours() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("apt-get").is_file()) && process::is_root()
}

/// Installs these packages of Debian's.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(", ");
    println!("installing {names}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command).with_context(|| format!("cannot install {names}"))
    };
    apt(&["update", "--quiet"])?;
    apt(&[&["install", "--yes", "--quiet", "--no-install-recommends"], packages].concat())
}
