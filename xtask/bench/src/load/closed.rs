use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::connection::Connection;
use super::{Load, Requests};

/// Every connection sends its next request as soon as the last one is answered: the most that the server can do.
pub(crate) async fn as_fast_as_answered(
    target: SocketAddr,
    requests: Arc<dyn Requests>,
    connections: usize,
    time: Duration,
) -> Result<Load> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut connection = Connection::to(target);
        connection.open().await?;
        open.push(connection);
    }
    let (mut senders, begun) = (JoinSet::new(), Instant::now());
    for mut connection in open {
        let requests = Arc::clone(&requests);
        senders.spawn(async move {
            let mut load = Load::new();
            while begun.elapsed() < time {
                let (number, request) = requests.next();
                let sent = Instant::now();
                let answer = connection.send(request).await;
                load.note(number, answer, sent.elapsed());
            }
            load
        });
    }
    let mut all = Load::new();
    while let Some(load) = senders.join_next().await {
        all.add(&load?);
    }
    all.elapsed = begun.elapsed();
    Ok(all)
}
