//! Our program, running.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// How long the program may take to start. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A process of ours. Ended when dropped.
pub(crate) struct Running(Child);

/// The log line of a service that is ready.
#[derive(Deserialize)]
pub(crate) struct Ready {
    message: String,
    pub(crate) listen_addr: String,
    /// Where the built-in sandbox is, if it runs.
    pub(crate) sandbox_url: Option<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has nothing to lose; a process that has ended already cannot be ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `settled serve` with these variables, on a free port.
pub(crate) fn serve(binary: &Path, vars: &[(&str, &str)]) -> Result<(Running, Ready)> {
    let mut service = Command::new(binary);
    service.arg("serve").env_clear().env("LISTEN_ADDR", "127.0.0.1:0").env("LOG_FORMAT", "json");
    service.envs(vars.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut service = start(&mut service)?;
    let log = lines_of(service.0.stderr.take().context("no log")?);
    let mut said = Vec::new();
    while let Ok(line) = log.recv_timeout(PATIENCE) {
        match serde_json::from_str::<Ready>(&line) {
            Ok(ready) if ready.message == "ready" => return Ok((service, ready)),
            _ => said.push(line),
        }
    }
    bail!("the service did not become ready:\n    {}", said.join("\n    "))
}

/// Starts `settled sandbox`, which posts its events nowhere, and returns the variables that it tells.
pub(crate) fn sandbox(binary: &Path, journal: &Path) -> Result<(Running, BTreeMap<String, String>)> {
    let mut sandbox = Command::new(binary);
    sandbox.arg("sandbox").arg("--journal").arg(journal).env_clear().env("SANDBOX_ADDR", "127.0.0.1:0");
    sandbox.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut sandbox = start(&mut sandbox)?;
    let output = lines_of(sandbox.0.stdout.take().context("no output")?);
    let mut told = BTreeMap::new();
    while let Ok(line) = output.recv_timeout(PATIENCE) {
        if let Some((name, value)) = line.trim().split_once('=') {
            told.insert(name.to_owned(), value.to_owned());
        }
        if told.contains_key("STRIPE_WEBHOOK_SECRET") {
            return Ok((sandbox, told));
        }
    }
    bail!("the sandbox did not become ready")
}

fn start(command: &mut Command) -> Result<Running> {
    let started = command.stdin(Stdio::null()).spawn();
    started.map(Running).with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// The lines of a pipe. They are read on when nobody listens any more, so that the process never waits for that.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || BufReader::new(pipe).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    lines
}
