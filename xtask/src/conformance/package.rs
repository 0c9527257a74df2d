//! The checks and the packages they use, put together outside of the source tree.

use std::{fs, os::unix::fs::symlink, path::Path};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{npm, workspace::Workspace};

/// A folder for one run: a copy of the checks, beside the packages that are pinned for them.
pub(crate) fn install(workspace: &Workspace) -> Result<TempDir> {
    let source = workspace.root().join("xtask/conformance");
    let packages = npm::packages(workspace, "conformance")?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    npm::copy(&source.join("package.json"), &folder.path().join("package.json"))?;
    copy_folder(&source.join("src"), &folder.path().join("src"))?;
    symlink(packages, folder.path().join("node_modules")).context("cannot link the packages")?;
    Ok(folder)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            npm::copy(&entry.path(), &target)?;
        }
    }
    Ok(())
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
