//! Our programs, as cargo builds them.

use std::{io::Cursor, path::PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::Message;

use crate::{process, workspace::Workspace};

/// Builds the one program that `target` selects and returns where it is.
pub(crate) fn build(workspace: &Workspace, target: &[&str]) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    // Cargo tells where it puts things: the folder depends on variables and on its configuration.
    cargo.args(["build", "--quiet", "--message-format", "json-render-diagnostics"]).args(target);
    let messages = process::capture(&mut cargo)?;
    executable(&messages).with_context(|| format!("`{}` made no program", process::describe(&cargo)))
}

fn executable(messages: &str) -> Option<PathBuf> {
    Message::parse_stream(Cursor::new(messages)).filter_map(Result::ok).find_map(|message| match message {
        Message::CompilerArtifact(artifact) => {
            artifact.executable.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBRARY: &str = r#"{"reason":"compiler-artifact","package_id":"path+file:///x#y@0.1.0","manifest_path":"/x/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"y","src_path":"/x/src/lib.rs","edition":"2024","doc":true,"doctest":true,"test":true},"profile":{"opt_level":"0","debuginfo":2,"debug_assertions":true,"overflow_checks":true,"test":false},"features":[],"filenames":["/t/debug/liby.rlib"],"executable":null,"fresh":true}"#;

    #[test]
    fn the_program_is_the_artifact_that_can_be_run() {
        let program = LIBRARY.replace(r#""executable":null"#, r#""executable":"/t/debug/y""#);
        assert_eq!(executable(&format!("{LIBRARY}\n{program}\n")), Some("/t/debug/y".into()));
    }

    #[test]
    fn a_library_is_no_program() {
        assert_eq!(executable(LIBRARY), None);
    }
}
