//! The servers under test, each a process of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

pub(crate) const WEBHOOK_SECRET: &str = "whsec_benchmark0123456789abcdef";
pub(crate) const TOKEN_SECRET: &str = "a-token-secret-of-the-benchmark-0123456789";

/// How long a server may take to become ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that is ready. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// What it logs is read to the end of its life, so that it never waits for us.
    _drain: tokio::task::JoinHandle<()>,
    pub(crate) addr: SocketAddr,
    /// From the start of the process to its word that it is ready.
    pub(crate) started_in: Duration,
}

impl Server {
    /// `settled serve` as a user runs it, on this database, with the Stripe at `stripe`.
    pub(crate) async fn settled(program: &Path, database_url: &str, stripe: SocketAddr) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").env_clear().envs([
            ("LISTEN_ADDR", "127.0.0.1:0"),
            ("DATABASE_URL", database_url),
            ("STRIPE_SECRET_KEY", "sk_test_benchmark"),
            ("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("STRIPE_API_BASE", &format!("http://{stripe}/")),
            ("AUTH_JWT_SECRET", TOKEN_SECRET),
            // One user asks for everything that is read.
            ("RATE_LIMIT_READS_PER_MINUTE", "0"),
            ("RATE_LIMIT_WRITES_PER_MINUTE", "0"),
            ("LOG_FORMAT", "json"),
            ("RUST_LOG", "warn,settled=info"),
        ]);
        Self::start(command).await
    }

    /// One of the simpler servers of this program: `settled-bench baseline KIND`.
    pub(crate) async fn baseline(kind: &str, database_url: &str, stripe: SocketAddr) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
        command.args(["baseline", kind, "--database-url", database_url, "--stripe", &stripe.to_string()]).env_clear();
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Result<Self> {
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", command.as_std().get_program().display()))?;
        let stderr = child.stderr.take().context("its standard error is not piped")?;
        let mut lines = BufReader::new(stderr).lines();
        let addr = timeout(PATIENCE, ready(&mut lines)).await.context("the server did not become ready in time")??;
        let started_in = begun.elapsed();
        let drain = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        Ok(Self { child, _drain: drain, addr, started_in })
    }

    /// Resident memory now and at its highest, in KiB.
    pub(crate) fn memory_kib(&self) -> Result<(u64, u64)> {
        let id = self.child.id().context("the server has ended")?;
        let status =
            fs::read_to_string(format!("/proc/{id}/status")).context("cannot read the memory of the server")?;
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line in /proc")?;
            line.trim().trim_end_matches(" kB").parse::<u64>().context("no number in /proc")
        };
        Ok((value("VmRSS:")?, value("VmHWM:")?))
    }
}

/// Waits for the line that says where it listens.
async fn ready(lines: &mut Lines<BufReader<ChildStderr>>) -> Result<SocketAddr> {
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await? {
        if let Ok(log) = serde_json::from_str::<Value>(&line)
            && log["message"] == "ready"
        {
            let addr = log["listen_addr"].as_str().context("it does not say where it listens")?;
            return addr.parse().context("it does not say where it listens");
        }
        said.push(line);
    }
    bail!("the server ended before it was ready: {said:#?}")
}
