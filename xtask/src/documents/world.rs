//! A running service for one document, and where it really is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::service::{self, Running};

pub(crate) const TOKEN_SECRET: &str = "a-secret-of-the-checker-of-documents";

/// Addresses and folders as the documents write them.
const DOCUMENTED_SERVICE: &str = "127.0.0.1:3000";
const DOCUMENTED_SANDBOX: &str = "127.0.0.1:12111";
const DOCUMENTED_DATA: &str = "/var/lib/settled";
const DOCUMENTED_BACKUPS: &str = "/var/backups/settled";

/// The service with its sandbox and an empty database, on free ports and in a folder of its own. Ended when dropped.
pub(crate) struct World {
    folder: TempDir,
    _service: Running,
    service_addr: String,
    sandbox_addr: String,
}

impl World {
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        for name in ["data", "backups", "desk"] {
            fs::create_dir(folder.path().join(name)).context("cannot make a folder")?;
        }
        // curl is silent about refusals unless it is told to fail.
        fs::write(folder.path().join(".curlrc"), "fail\nshow-error\n").context("cannot write .curlrc")?;
        let database = format!("sqlite://{}", folder.path().join("data/settled.db").display());
        let vars =
            [("SANDBOX_ADDR", "127.0.0.1:0"), ("DATABASE_URL", database.as_str()), ("AUTH_JWT_SECRET", TOKEN_SECRET)];
        let (service, ready) = service::serve(binary, &vars)?;
        let sandbox_url = ready.sandbox_url.context("the service has no sandbox")?;
        let sandbox_addr = sandbox_url.trim_start_matches("http://").trim_end_matches('/').to_owned();
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
