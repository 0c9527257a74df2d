//! A PostgreSQL server, for the tests and for `prepare`: one that is there, or one that is made and removed again.

mod cluster;
mod container;
mod database;
mod on_request;
mod password;
mod port;
mod programs;

use std::{env, path::PathBuf};

use anyhow::{Result, bail};
use cluster::Cluster;
use container::Container;
pub(crate) use database::Database;
pub(crate) use on_request::OnRequest;
use programs::Programs;

use crate::apt;

/// A server on which databases may be created. What was made for it is removed with the value.
pub(crate) struct Server {
    url: String,
    way: String,
    made: Made,
}

/// What was made for a server.
enum Made {
    /// Nothing: somebody else runs it.
    Nothing,
    Container(Box<Container>),
    Cluster(Cluster),
}

impl Server {
    /// As its superuser.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where it came from, in plain words.
    pub(crate) fn way(&self) -> &str {
        &self.way
    }

    /// Whether it was made here, so that another one can be made the same way, and killed.
    pub(crate) fn is_ours(&self) -> bool {
        !matches!(self.made, Made::Nothing)
    }

    /// Kills it as a power cut would, without a word to anybody, and starts it again at the same address.
    fn kill_and_start(&mut self) -> Result<()> {
        match &mut self.made {
            Made::Nothing => bail!("{} is not ours to kill", self.way),
            Made::Container(container) => container.kill_and_start(),
            Made::Cluster(cluster) => cluster.kill_and_start(),
        }
    }
}

/// A program of PostgreSQL's on this machine, beside the server's or on `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let beside = Programs::find().map(|programs| programs.folder().to_owned());
    let path = env::var_os("PATH").unwrap_or_default();
    beside.into_iter().chain(env::split_paths(&path)).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first way that works, in the order in which a machine is likely to have them.
pub(crate) fn provide() -> Result<Server> {
    match of_environment()? {
        Some(server) => Ok(server),
        None => make(),
    }
}

/// The same, but rather with the programs of this machine than in a container: the way into one takes time that is not the
/// server's.
pub(crate) fn provide_nearby() -> Result<Server> {
    match (of_environment()?, Programs::find()) {
        (Some(server), _) => Ok(server),
        (None, Some(programs)) => of_programs(programs),
        (None, None) => make(),
    }
}

fn of_environment() -> Result<Option<Server>> {
    let Some(url) = env::var_os("TEST_POSTGRES_URL").filter(|url| !url.is_empty()) else { return Ok(None) };
    let Ok(url) = url.into_string() else { bail!("TEST_POSTGRES_URL is not UTF-8") };
    Ok(Some(Server { url, way: "the server of TEST_POSTGRES_URL".into(), made: Made::Nothing }))
}

/// A server of our own.
fn make() -> Result<Server> {
    let no_container = match Container::start() {
        Ok(container) => {
            let way = format!("a container of {}", container::IMAGE);
            return Ok(Server { url: container.url(), way, made: Made::Container(Box::new(container)) });
        }
        Err(error) => error,
    };
    if let Some(programs) = Programs::find() {
        return of_programs(programs);
    }
    if apt::is_ours() {
        apt::install(&["postgresql"])?;
        if let Some(programs) = Programs::find() {
            return of_programs(programs);
        }
    }
    bail!(
        "the tests need PostgreSQL; no server, engine or program was found\n  \
         a server: TEST_POSTGRES_URL=postgres://superuser:password@host/postgres\n  \
         a Docker engine, which could not be used: {no_container:#}\n  \
         PostgreSQL's programs (initdb, postgres) on PATH; Debian, Ubuntu: apt-get install postgresql\n  \
         or leave these tests out: --without postgres"
    )
}

fn of_programs(programs: Programs) -> Result<Server> {
    let way = format!("a throw-away cluster of the programs in {}", programs.folder().display());
    let cluster = Cluster::start(programs)?;
    Ok(Server { url: cluster.url(), way, made: Made::Cluster(cluster) })
}
