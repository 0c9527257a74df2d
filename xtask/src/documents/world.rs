//! A running service for one document, and where it really is.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tempfile::TempDir;

/// How long the service may take to start. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const TOKEN_SECRET: &str = "a-secret-of-the-checker-of-documents";

/// Addresses and folders as the documents write them.
const DOCUMENTED_SERVICE: &str = "127.0.0.1:3000";
const DOCUMENTED_SANDBOX: &str = "127.0.0.1:12111";
const DOCUMENTED_DATA: &str = "/var/lib/settled";
const DOCUMENTED_BACKUPS: &str = "/var/backups/settled";

/// The service with its sandbox and an empty database, on free ports and in a folder of its own. Ended when dropped.
pub(crate) struct World {
    folder: TempDir,
    _service: Service,
    service_addr: String,
    sandbox_addr: String,
}

struct Service(Child);

/// The log line of a service that is ready.
#[derive(Deserialize)]
struct Ready {
    message: String,
    listen_addr: String,
    sandbox_url: String,
}

impl World {
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        for name in ["data", "backups", "desk"] {
            fs::create_dir(folder.path().join(name)).context("cannot make a folder")?;
        }
        // curl is silent about refusals unless it is told to fail.
        fs::write(folder.path().join(".curlrc"), "fail\nshow-error\n").context("cannot write .curlrc")?;
        let service = Command::new(binary)
            .arg("serve")
            .env_clear()
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("SANDBOX_ADDR", "127.0.0.1:0")
            .env("DATABASE_URL", format!("sqlite://{}", folder.path().join("data/settled.db").display()))
            .env("AUTH_JWT_SECRET", TOKEN_SECRET)
            .env("LOG_FORMAT", "json")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut service = Service(service);
        let ready = wait_until_ready(&mut service.0)?;
        let sandbox_addr = ready.sandbox_url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Self { folder, _service: service, service_addr: ready.listen_addr, sandbox_addr })
    }

    /// The text with the real addresses and folders in the place of the documented ones.
    pub(crate) fn real(&self, text: &str) -> String {
        let folder = |name: &str| self.folder.path().join(name).display().to_string();
        text.replace(DOCUMENTED_SERVICE, &self.service_addr)
            .replace(DOCUMENTED_SANDBOX, &self.sandbox_addr)
            .replace(DOCUMENTED_DATA, &folder("data"))
            .replace(DOCUMENTED_BACKUPS, &folder("backups"))
    }

    /// Where commands are run.
    pub(crate) fn desk(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// Where `.curlrc` is.
    pub(crate) fn curl_home(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("data/settled.db")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has nothing to lose; a service that has ended already cannot be ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until_ready(service: &mut Child) -> Result<Ready> {
    let log = service.stderr.take().context("no log")?;
    let (sender, lines) = channel();
    // Reads on when nobody listens any more, so that the service never waits for its log.
    thread::spawn(move || BufReader::new(log).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    let mut said = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        match serde_json::from_str::<Ready>(&line) {
            Ok(ready) if ready.message == "ready" => return Ok(ready),
            _ => said.push(line),
        }
    }
    bail!("the service did not become ready:\n    {}", said.join("\n    "))
}
