//! The checks and the packages they use, put together outside of the source tree.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{process, workspace::Workspace};

/// The files that say which packages there are.
const MANIFESTS: &[&str] = &["package.json", "package-lock.json"];

/// A folder for one run: a copy of the checks, beside the packages that are pinned for them.
///
/// The packages stay in the target folder, so that they are fetched again only when the pins change.
pub(crate) fn install(workspace: &Workspace) -> Result<TempDir> {
    let source = workspace.root().join("xtask/conformance");
    let cache = workspace.metadata()?.target_directory.join("conformance").into_std_path_buf();
    fetch(&source, &cache)?;

    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    copy(&source.join("package.json"), &folder.path().join("package.json"))?;
    copy_folder(&source.join("src"), &folder.path().join("src"))?;
    symlink(cache.join("node_modules"), folder.path().join("node_modules")).context("cannot link the packages")?;
    Ok(folder)
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

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display())).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_copied_with_what_is_inside() {
        let scratch = tempfile::tempdir().unwrap();
        let from = scratch.path().join("from");
        fs::create_dir_all(from.join("client")).unwrap();
        fs::write(from.join("main.js"), "1").unwrap();
        fs::write(from.join("client/lists.js"), "2").unwrap();
        let to = scratch.path().join("to");
        copy_folder(&from, &to).unwrap();
        assert_eq!(fs::read(to.join("main.js")).unwrap(), b"1");
        assert_eq!(fs::read(to.join("client/lists.js")).unwrap(), b"2");
    }
}
