//! The service: adapters are opened, wired to the use cases, and run until the process is asked to stop.

mod home;
mod metrics;
mod stripe;
mod wiring;

use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use settled_api::Readiness;
use settled_engine::Shutdown;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::stop_requested;
use crate::banner::{Banner, SandboxFacts};
use crate::cli::ServeArgs;
use crate::database::{self, Database};
use crate::logging;
use crate::server::{self, ConnectionLimits};
use crate::settings::Settings;

/// How long requests and webhooks that were accepted may take to finish once the process is asked to stop.
const GRACE_PERIOD: Duration = Duration::from_secs(20);

pub(crate) async fn run(args: &ServeArgs) -> Result<()> {
    let _logs = logging::start(&args.log)?;
    let settings = Settings::check(args)?;
    let database = Database::open(settings.database_url.expose_secret(), &settings.postgres).await?;
    let stop = CancellationToken::new();
    if let Some(addr) = settings.metrics_addr {
        metrics::serve(addr, stop.clone()).await?;
    }
    let listener = listen(&settings).await?;
    let listen_addr = listener.local_addr()?;
    let public_url = match &settings.public_url {
        Some(url) => url.clone(),
        None => url::Url::parse(&format!("http://{listen_addr}"))?,
    };
    let stripe = stripe::connect(&settings.stripe, listen_addr).await?;
    let readiness = Readiness::new();
    let service = wiring::wire(&settings, &database, &stripe, public_url.clone(), readiness.clone()).await?;
    announce(&settings, &stripe, listen_addr, public_url.as_str(), service.mode);

    let server = tokio::spawn(server::serve(listener, service.router, ConnectionLimits::default(), stop.clone()));
    stop_requested().await;
    tracing::info!("stopping: finishing what was accepted");
    readiness.drain();
    stop.cancel();
    let deadline = Instant::now() + GRACE_PERIOD;
    if timeout_at(deadline, server).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    if service.engine.shutdown(deadline.saturating_duration_since(Instant::now())).await == Shutdown::CutShort {
        tracing::warn!("some background work did not finish in time; it is taken up again at the next start");
    }
    stripe.shutdown().await;
    database.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(settings: &Settings) -> Result<TcpListener> {
    let addr = settings.listen_addr;
    TcpListener::bind(addr).await.with_context(|| {
        format!("cannot listen on {addr} (LISTEN_ADDR): is another program there? Choose another, or port 0 for any")
    })
}

fn announce(
    settings: &Settings,
    stripe: &stripe::Stripe,
    listen_addr: std::net::SocketAddr,
    public_url: &str,
    mode: &'static str,
) {
    let facts = stripe.sandbox().map(|(url, journal)| (url, journal.display().to_string()));
    let sandbox_url = facts.as_ref().map(|(url, _)| url.as_str());
    tracing::info!(%listen_addr, public_url, mode, sandbox_url, "ready");
    let sandbox = facts.as_ref().map(|(url, journal)| SandboxFacts { url, journal: journal.clone() });
    let database_url = &database::shown(settings.database_url.expose_secret());
    println!("{}", Banner { public_url, listen_addr, database_url, sandbox, mode });
}
