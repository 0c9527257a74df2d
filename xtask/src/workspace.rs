//! Where the repository is, and the ways to ask cargo and git about it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::process;

/// The repository that this xtask belongs to.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The folder above the package that cargo is running.
    ///
    /// Asked at run time and not compiled in: a target folder may be shared by several clones.
    pub(crate) fn find() -> Result<Self> {
        let package =
            env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is not set; start this as `cargo xtask`")?;
        let root = Path::new(&package).parent().context("the xtask package has no folder above it")?;
        Ok(Self { root: root.to_owned() })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A cargo command that runs at the root.
    pub(crate) fn cargo(&self) -> Command {
        let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The packages of the workspace, without the ones they depend on.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        MetadataCommand::new().current_dir(&self.root).no_deps().exec().context("cannot read `cargo metadata`")
    }

    /// The paths that git tracks, relative to the root, with forward slashes.
    pub(crate) fn tracked_paths(&self) -> Result<Vec<String>> {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(["ls-files", "-z"]);
        let listing = process::capture(&mut git)?;
        Ok(listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }
}
