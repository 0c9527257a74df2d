//! The server in a container of its own.

use anyhow::{Context, Result};
use testcontainers::{
    ContainerAsync, GenericImage, ImageExt,
    core::{IntoContainerPort, WaitFor},
    runners::AsyncRunner,
};
use tokio::runtime::{Builder, Runtime};

use super::{database, password, port};

const NAME: &str = "postgres";
const TAG: &str = "15-bookworm";
pub(super) const IMAGE: &str = "postgres:15-bookworm";
const PORT: u16 = 5432;
const READY: &str = "database system is ready to accept connections";

/// A running container, removed when dropped, and also when this process is told to end.
pub(super) struct Container {
    runtime: Runtime,
    running: Option<ContainerAsync<GenericImage>>,
    url: String,
}

impl Container {
    pub(super) fn start() -> Result<Self> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().context("cannot start a runtime")?;
        let password = password::random();
        let (container, url) = runtime.block_on(start(&password))?;
        let started = Self { runtime, running: Some(container), url };
        database::wait_until_ready(&started.url, || Ok(()))?;
        Ok(started)
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// Nothing is written down before it ends, so the start has to recover what was committed.
    pub(super) fn kill_and_start(&self) -> Result<()> {
        let container = self.running.as_ref().context("the container is gone")?;
        self.runtime.block_on(async {
            // No time to end by itself.
            container.stop_with_timeout(Some(0)).await.context("cannot kill the container")?;
            container.start().await.context("cannot start the container again")
        })?;
        database::wait_until_ready(&self.url, || Ok(()))
    }
}

async fn start(password: &str) -> Result<(ContainerAsync<GenericImage>, String)> {
    // A port that the engine chooses is another one after a restart.
    let port = port::free()?;
    let container = GenericImage::new(NAME, TAG)
        // The first is said by the server that only sets up the files.
        .with_wait_for(WaitFor::message_on_stdout(READY))
        .with_wait_for(WaitFor::message_on_stderr(READY))
        .with_mapped_port(port, PORT.tcp())
        .with_env_var("POSTGRES_PASSWORD", password)
        .with_cmd(["postgres", "-c", "max_connections=300"])
        .start()
        .await
        .with_context(|| format!("cannot start a container of {IMAGE}"))?;
    let host = container.get_host().await.context("cannot ask where the container is")?;
    Ok((container, format!("postgres://postgres:{password}@{host}:{port}/postgres")))
}

impl Drop for Container {
    fn drop(&mut self) {
        let removed = self.running.take().map(|container| self.runtime.block_on(container.rm()));
        if let Some(Err(error)) = removed {
            eprintln!("the container of {IMAGE} is left behind: {error}");
        }
    }
}
