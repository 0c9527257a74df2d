//! Programs of other people's that cargo builds for us, once, into the target folder.

use std::path::PathBuf;

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// Where this version of a program is, after building it if need be.
pub(crate) fn provide(workspace: &Workspace, name: &str, version: &str) -> Result<PathBuf> {
    let tools = workspace.metadata()?.target_directory.join("tools");
    let program = tools.join("bin").join(name).into_std_path_buf();
    let marker = tools.join(format!("{name}-{version}")).into_std_path_buf();
    if !(program.is_file() && marker.is_file()) {
        let mut install = workspace.cargo();
        install.args(["install", name, "--version", version, "--locked", "--force"]);
        process::run(install.arg("--root").arg(&tools))?;
        std::fs::write(marker, "")?;
    }
    Ok(program)
}
