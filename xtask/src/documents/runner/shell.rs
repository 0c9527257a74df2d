//! What a reader would type into a terminal.

use std::{path::Path, process::Command};

use anyhow::Result;

use super::{PATIENCE, Runner};
use crate::documents::{
    bounded,
    world::{TOKEN_SECRET, World},
};

/// The reader's `cargo run` means the program that is built and running already, and so does `settled`.
const PRELUDE: &str = r#"
set -eu
settled() { "$SETTLED_BINARY" "$@"; }
cargo() {
    case "$*" in
        run) curl --silent --output started.json "http://127.0.0.1:3000/healthz" ;;
        "run -- "*) shift 2; settled "$@" ;;
        "run -p "*" --example "*) (cd "$SETTLED_REPOSITORY" && "$SETTLED_CARGO" "$@") ;;
        *) echo "the checker cannot run: cargo $*" >&2; return 64 ;;
    esac
}
"#;

pub(super) fn run(runner: &Runner, world: &World, text: &str) -> Result<()> {
    let script = format!("{}{text}", world.real(PRELUDE));
    let mut shell = shell(&script, &runner.binary);
    shell
        .current_dir(world.desk())
        .env("CURL_HOME", world.curl_home())
        .env("SETTLED_CARGO", &runner.cargo)
        .env("SETTLED_REPOSITORY", &runner.repository);
    bounded::run(&mut shell, PATIENCE, |_| Ok(()))
}

fn shell(script: &str, binary: &Path) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script]).env("SETTLED_BINARY", binary).env("AUTH_JWT_SECRET", TOKEN_SECRET);
    for name in ["DATABASE_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "LISTEN_ADDR", "SANDBOX_ADDR"] {
        shell.env_remove(name);
    }
    shell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;

    /// What the block does when the program is `echo`.
    fn said(block: &str) -> Result<String> {
        process::capture(&mut shell(&format!("{PRELUDE}{block}"), Path::new("/bin/echo")))
    }

    #[test]
    fn cargo_run_with_arguments_and_the_programs_own_name_mean_the_program() {
        assert_eq!(said("cargo run -- token --user alice   # a token").unwrap(), "token --user alice\n");
        assert_eq!(said("settled migrate").unwrap(), "migrate\n");
    }

    #[test]
    fn the_first_command_that_fails_ends_the_block() {
        assert!(said("false\necho went on").is_err());
        assert!(said("echo \"$NOBODY_HAS_SET_THIS\"").is_err());
    }

    #[test]
    fn a_command_of_cargo_that_means_nothing_here_is_refused() {
        assert!(said("cargo install settled").is_err());
    }
}
