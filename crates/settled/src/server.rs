//! Serves HTTP with bounds on what a client may send and how slowly: axum's own server has none.

mod patience;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How much of a request may wait in memory for the rest of it.
const READ_BUFFER_BYTES: usize = 64 * 1024;
/// A pause after the operating system had no file descriptor or memory for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// What a client may do to a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    /// How many connections are open at once; others wait in the operating system's queue.
    pub(crate) connections: usize,
    /// How long the head of a request may take from its first byte to its last one.
    pub(crate) head: Duration,
    /// How long a connection may be idle. Longer than the proxies in front keep theirs, so that none of them sends a
    /// request into a connection that is just being closed.
    pub(crate) idle: Duration,
    /// The largest head, in bytes.
    pub(crate) head_bytes: usize,
    /// The most headers.
    pub(crate) headers: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            head_bytes: 16 * 1024,
            headers: 64,
        }
    }
}

/// Serves until `stop`; returns when the requests that are under way then are answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    while let Some(Some((stream, place))) = stop.run_until_cancelled(accept(&listener, &places)).await {
        // The answers are small; none waits for more to come.
        let _ = stream.set_nodelay(true);
        let (io, phase) = patience::watch(stream, limits.head);
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let (router, phase) = (router.clone(), phase.clone());
            async move { phase.during(answer(router, request)).await }
        });
        let connection = graceful.watch(builder(limits).serve_connection(TokioIo::new(io), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    // Nobody new is let in while the others finish.
    drop(listener);
    graceful.shutdown().await;
}

fn builder(limits: ConnectionLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_headers(limits.headers)
        .max_header_size(limits.head_bytes)
        .max_buf_size(READ_BUFFER_BYTES);
    builder
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, Infallible> {
    router.oneshot(request.map(Body::new)).await
}

/// The next connection, as soon as there is a place for it. `None` never comes while places are given.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, place)),
            Err(error) if is_of_one_client(error.kind()) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

const fn is_of_one_client(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests;
