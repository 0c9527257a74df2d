use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use settled_overheard::{Said, keep, note_setting};

/// How long a process may take to say something before the test fails. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program whose output is read line by line. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// The service after it has said that it is ready.
pub(crate) struct Started {
    pub(crate) process: Process,
    pub(crate) url: String,
    /// Where its sandbox is; empty without one.
    pub(crate) sandbox_url: String,
}

/// The program under test, without the variables of whoever runs the tests.
pub(crate) fn bin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_settled"));
    command.env_clear();
    command
}

/// Runs the program to its end. What it writes to standard output is what it was asked for, secrets included.
pub(crate) fn run(command: &mut Command) -> Output {
    note_settings(command);
    let output = command.output().unwrap();
    keep(Said::Log, &String::from_utf8_lossy(&output.stderr));
    output
}

/// An address on which nobody listens at present.
pub(crate) fn free_addr() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

impl Process {
    pub(crate) fn spawn(args: &[&str], vars: &[(&str, &str)]) -> Self {
        let mut command = bin();
        command.args(args).envs(vars.iter().copied());
        Self::of(command)
    }

    pub(crate) fn of(mut command: Command) -> Self {
        note_settings(&command);
        command.env("LOG_FORMAT", "json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = lines_of(child.stdout.take().unwrap(), |_| {});
        let stderr = lines_of(child.stderr.take().unwrap(), |line| keep(Said::Log, line));
        Self { child, stdout, stderr }
    }

    /// Waits for the service's log line `ready`.
    pub(crate) fn ready(self) -> Started {
        let mut seen = Vec::new();
        while let Ok(line) = self.stderr.recv_timeout(PATIENCE) {
            if let Ok(log) = serde_json::from_str::<serde_json::Value>(&line)
                && log["message"] == "ready"
            {
                let url = log["public_url"].as_str().unwrap().trim_end_matches('/').to_owned();
                let sandbox_url = log["sandbox_url"].as_str().unwrap_or_default().to_owned();
                return Started { process: self, url, sandbox_url };
            }
            seen.push(line);
        }
        panic!("the service did not become ready: {seen:#?}");
    }

    /// Waits for a line of standard output that holds `part`.
    pub(crate) fn stdout_line(&mut self, part: &str) -> String {
        loop {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return line,
                Ok(_) => {}
                Err(error) => {
                    panic!("{error}: no line with {part:?}; stderr: {:#?}", self.stderr.try_iter().collect::<Vec<_>>())
                }
            }
        }
    }

    /// For what is done to it from outside.
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits for a line of the log whose message holds `part`.
    pub(crate) fn log_line(&mut self, part: &str) -> serde_json::Value {
        let mut seen = Vec::new();
        while let Ok(line) = self.stderr.recv_timeout(PATIENCE) {
            if let Some(log) = log_with(&line, part) {
                return log;
            }
            seen.push(line);
        }
        panic!("no line with {part:?}: {seen:#?}");
    }

    /// Waits until there was a line for each of these, in any order.
    pub(crate) fn log_lines(&mut self, parts: &[&str]) {
        let (mut seen, mut missing) = (Vec::new(), parts.to_vec());
        while !missing.is_empty() {
            let Ok(line) = self.stderr.recv_timeout(PATIENCE) else { panic!("no line with {missing:?}: {seen:#?}") };
            missing.retain(|part| log_with(&line, part).is_none());
            seen.push(line);
        }
    }

    /// Whether such a line has been written since the last look.
    pub(crate) fn log_line_now(&mut self, part: &str) -> Option<serde_json::Value> {
        self.stderr.try_iter().find_map(|line| log_with(&line, part))
    }

    /// `kill -9`: no time to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop as a supervisor does, and returns how it ended and all that it had logged.
    pub(crate) fn terminate(mut self) -> (ExitStatus, Vec<String>) {
        assert!(Command::new("kill").args(["-TERM", &self.id()]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        (status, self.stderr.iter().collect())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_with(line: &str, part: &str) -> Option<serde_json::Value> {
    let log: serde_json::Value = serde_json::from_str(line).ok()?;
    log["message"].as_str()?.contains(part).then_some(log)
}

fn note_settings(command: &Command) {
    for (name, value) in command.get_envs() {
        if let (Some(name), Some(value)) = (name.to_str(), value.and_then(OsStr::to_str)) {
            note_setting(name, value);
        }
    }
}

fn lines_of(pipe: impl Read + Send + 'static, mut hear: impl FnMut(&str) + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            hear(&line);
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
