//! How many inputs the fuzzer has tried.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::process;

/// Runs `command`, passes on what it says, and returns the number in its closing lines.
pub(crate) fn run_and_count(command: &mut Command) -> Result<u64> {
    let line = process::describe(command);
    let mut child = command.stderr(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let output = child.stderr.take().context("the output is not piped")?;
    let mut executions = None;
    for said in BufReader::new(output).lines() {
        let said = said.context("cannot read what the fuzzer says")?;
        eprintln!("{said}");
        executions = executions_in(&said).or(executions);
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    ensure!(status.success(), "`{line}` failed: {status}");
    executions.with_context(|| format!("`{line}` does not tell how much it did"))
}

fn executions_in(line: &str) -> Option<u64> {
    line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_taken_from_the_closing_lines() {
        assert_eq!(executions_in("stat::number_of_executed_units: 1048576"), Some(1_048_576));
        assert_eq!(executions_in("stat::average_exec_per_sec:     95325"), None);
    }

    #[test]
    fn a_run_that_found_something_is_an_error() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "echo 'stat::number_of_executed_units: 5' >&2; exit 77"]);
        assert!(run_and_count(&mut command).unwrap_err().to_string().contains("exit status: 77"));
    }

    #[test]
    fn a_run_that_found_nothing_is_counted() {
        let mut command = Command::new("/bin/sh");
        assert_eq!(run_and_count(command.args(["-c", "echo 'stat::number_of_executed_units: 5' >&2"])).unwrap(), 5);
    }
}
