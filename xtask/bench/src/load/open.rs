use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::connection::Connection;
use super::{Load, Requests};

/// A constant stream of requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    /// Requests a second.
    pub(crate) rate: f64,
    /// For how long.
    pub(crate) time: Duration,
    /// How many may be under way at once; what is due meanwhile waits, and its wait counts.
    pub(crate) connections: usize,
}

/// Sends each request when it is due, whether or not the earlier ones are answered. Latency counts from when a request was
/// due, so that a server that stalls is not spared the requests that it made late. Timers are exact to a millisecond.
pub(crate) async fn at_constant_rate(target: SocketAddr, requests: Arc<dyn Requests>, offer: Offer) -> Result<Load> {
    let (due_next, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut senders = JoinSet::new();
    for _ in 0..offer.connections {
        let (requests, due_next) = (Arc::clone(&requests), Arc::clone(&due_next));
        senders.spawn(async move {
            let (mut load, mut connection) = (Load::new(), Connection::to(target));
            loop {
                #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
                let after = due_next.fetch_add(1, Ordering::Relaxed) as f64 / offer.rate;
                if after >= offer.time.as_secs_f64() {
                    return load;
                }
                let due = begun + Duration::from_secs_f64(after);
                sleep_until(due).await;
                let (number, request) = requests.next();
                let answer = connection.send(request).await;
                load.note(number, answer, due.elapsed());
            }
        });
    }
    let mut all = Load::new();
    while let Some(load) = senders.join_next().await {
        all.add(&load?);
    }
    all.elapsed = begun.elapsed();
    Ok(all)
}
