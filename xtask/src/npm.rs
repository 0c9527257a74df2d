//! Packages of npm, pinned by a lock file beside the checks that use them.

mod node;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
pub(crate) use node::provide as provide_node;

use crate::{process, workspace::Workspace};

/// The files that say which packages there are.
const MANIFESTS: &[&str] = &["package.json", "package-lock.json"];

/// The folder with the packages that `xtask/<name>` pins. They stay in the target folder, so that they are fetched again
/// only when the pins change.
pub(crate) fn packages(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let source = workspace.root().join("xtask").join(name);
    let cache = workspace.metadata()?.target_directory.join(name).into_std_path_buf();
    fetch(&source, &cache)?;
    Ok(cache.join("node_modules"))
}

fn fetch(source: &Path, cache: &Path) -> Result<()> {
    let marker = cache.join("installed.json");
    let wanted = fs::read(source.join("package-lock.json")).context("cannot read package-lock.json")?;
    if fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    fs::create_dir_all(cache).with_context(|| format!("cannot make {}", cache.display()))?;
    for name in MANIFESTS {
        copy(&source.join(name), &cache.join(name))?;
    }
    // No scripts: what they would download is not pinned.
    let mut npm = Command::new("npm");
    process::run(npm.current_dir(cache).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))
}

/// Copies one file.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display())).map(drop)
}
