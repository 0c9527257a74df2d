//! A server of this machine's own programs, with files in a temporary folder.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{database, password, port, programs::Programs};
use crate::process;

/// Users that may run the server when we are root, which it refuses to be.
const UNPRIVILEGED: &[&str] = &["postgres", "nobody"];

/// A running server. Dropped, it is stopped and its files are removed.
pub(super) struct Cluster {
    programs: Programs,
    user: Option<User>,
    port: u16,
    url: String,
    server: Child,
    folder: TempDir,
}

/// Who runs the programs.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Cluster {
    pub(super) fn start(programs: Programs) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("settled-postgres-").tempdir().context("no temporary folder")?;
        let user = if process::is_root() { Some(unprivileged()?) } else { None };
        let password = password::random();
        initialise(&programs, folder.path(), user, &password)?;
        let port = port::free()?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let server = serve(&programs, folder.path(), port, user)?;
        let mut cluster = Self { programs, user, port, url, server, folder };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// Nothing is written down before it ends, so the start has to recover what was committed.
    pub(super) fn kill_and_start(&mut self) -> Result<()> {
        // SIGQUIT: end at once, and all its processes with it. SIGKILL would leave those behind.
        self.signal("-QUIT")?;
        self.server.wait().context("cannot wait for the PostgreSQL server")?;
        self.server = serve(&self.programs, self.folder.path(), self.port, self.user)?;
        self.wait_until_ready()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let Self { url, server, folder, .. } = self;
        let log = log_in(folder.path());
        database::wait_until_ready(url, || match server.try_wait() {
            Ok(None) => Ok(()),
            _ => bail!("the PostgreSQL server ended at once: {}", fs::read_to_string(&log).unwrap_or_default()),
        })
    }

    fn signal(&self, signal: &str) -> Result<()> {
        process::run(Command::new("kill").args([signal, &self.server.id().to_string()]))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT: cut the connections and write everything down.
        if self.signal("-INT").is_err() {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

fn unprivileged() -> Result<User> {
    let id = |option: &str, name: &str| {
        let output = Command::new("id").args([option, name]).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let users = UNPRIVILEGED.iter().filter_map(|name| Some(User { uid: id("-u", name)?, gid: id("-g", name)? }));
    users.into_iter().next().context("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
}

/// The command, to be run by `user` if one is needed.
#[cfg(unix)]
fn by(user: Option<User>, mut command: Command) -> Command {
    use std::os::unix::process::CommandExt;

    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// Elsewhere there is no root.
#[cfg(not(unix))]
fn by(_user: Option<User>, command: Command) -> Command {
    command
}

#[cfg(unix)]
fn own(path: &Path, user: Option<User>) -> Result<()> {
    let Some(User { uid, gid }) = user else { return Ok(()) };
    std::os::unix::fs::chown(path, Some(uid), Some(gid)).with_context(|| format!("cannot hand over {}", path.display()))
}

#[cfg(not(unix))]
fn own(_path: &Path, _user: Option<User>) -> Result<()> {
    Ok(())
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn initialise(programs: &Programs, folder: &Path, user: Option<User>, password: &str) -> Result<()> {
    let password_file = folder.join("password");
    fs::write(&password_file, password).context("cannot write the password")?;
    own(folder, user)?;
    own(&password_file, user)?;
    let mut initdb = programs.command("initdb");
    initdb.arg("-D").arg(data_in(folder)).arg("--pwfile").arg(&password_file);
    initdb.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]);
    initdb.current_dir(folder).stdout(Stdio::null());
    process::run(&mut by(user, initdb))
}

fn serve(programs: &Programs, folder: &Path, port: u16, user: Option<User>) -> Result<Child> {
    let data = data_in(folder);
    let mut postgres = programs.command("postgres");
    postgres.arg("-D").arg(&data).args(["-p", &port.to_string()]);
    for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"] {
        postgres.args(["-c", setting]);
    }
    let log = OpenOptions::new().create(true).append(true).open(log_in(folder)).context("cannot write a log")?;
    postgres.current_dir(data).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    by(user, postgres).spawn().context("cannot start the PostgreSQL server")
}
