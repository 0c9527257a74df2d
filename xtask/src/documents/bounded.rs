//! Running a program that may hang.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::process;

/// Runs `command` until it ends, hands each line of its output to `on_line`, and fails unless it succeeds in time. The
/// error ends with the last lines of what it said.
pub(crate) fn run(
    command: &mut Command,
    patience: Duration,
    mut on_line: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let name = process::describe(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start `{name}`"))?;
    let (sender, lines) = channel();
    pass_on(child.stdout.take().context("no output")?, sender.clone());
    pass_on(child.stderr.take().context("no errors")?, sender);
    let deadline = Instant::now() + patience;
    let mut said = Vec::new();
    let outcome = loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Err(error) = on_line(&line) {
                    break Err(error);
                }
                said.push(line);
            }
            Err(RecvTimeoutError::Disconnected) => break Ok(()),
            Err(RecvTimeoutError::Timeout) => break Err(anyhow::anyhow!("not done after {} s", patience.as_secs())),
        }
    };
    let last = said[said.len().saturating_sub(10)..].join("\n    ");
    if let Err(error) = outcome {
        child.kill().context("cannot end it")?;
        child.wait().context("cannot wait for it")?;
        bail!("{error}\n    {last}");
    }
    let status = child.wait().context("cannot wait for it")?;
    ensure!(status.success(), "{status}\n    {last}");
    Ok(())
}

fn pass_on(pipe: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn sh(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn each_line_is_handed_over_from_both_streams() {
        let mut lines = Vec::new();
        run(&mut sh("echo out; echo err >&2"), MINUTE, |line| {
            lines.push(line.to_owned());
            Ok(())
        })
        .unwrap();
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let error = run(&mut sh("echo it hurts >&2; exit 3"), MINUTE, |_| Ok(())).unwrap_err();
        assert_eq!(error.to_string(), "exit status: 3\n    it hurts");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error = run(&mut sh("exec sleep 1000"), Duration::from_millis(20), |_| Ok(())).unwrap_err();
        assert!(error.to_string().starts_with("not done after 0 s"), "{error}");
    }

    #[test]
    fn who_reads_the_lines_can_end_it() {
        let error = run(&mut sh("echo now; exec sleep 1000"), MINUTE, |_| bail!("enough")).unwrap_err();
        assert_eq!(error.to_string(), "enough\n    ", "the line that was refused is not repeated");
    }
}
