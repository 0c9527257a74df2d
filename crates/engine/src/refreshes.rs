//! The worker that asks Stripe about what is in doubt.

mod ask;

use std::sync::Arc;
use std::time::Duration;

use settled_domain::Ports;
use settled_domain::ports::StoreError;
use settled_domain::refresh_request::ClaimedRefresh;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::outage::Outage;
use crate::pace::Pace;
use crate::settings::RefreshSettings;

const TASK: &str = "refreshes";

/// Takes due entries off the queue, a few at a time, and asks Stripe about each.
pub(crate) struct RefreshWorker {
    ports: Ports,
    settings: RefreshSettings,
    pace: Arc<Pace>,
    outage: Outage,
    running: JoinSet<Result<(), StoreError>>,
    next_look: Instant,
}

impl RefreshWorker {
    /// The gateway of `ports` keeps to `pace`.
    pub(crate) fn new(ports: Ports, settings: RefreshSettings, pace: Arc<Pace>) -> Self {
        let (outage, running, next_look) = (Outage::default(), JoinSet::new(), Instant::now());
        Self { ports, settings, pace, outage, running, next_look }
    }

    /// Works until `stop`, and then only ends what is under way.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves entries claimed; they are free again when their lease runs out.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let free = usize::from(self.settings.concurrency.get()) - self.running.len();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = self.running.join_next() => self.note(ended),
                () = sleep_until(self.next_look), if free > 0 => self.look(free).await,
            }
        }
        while let Some(ended) = self.running.join_next().await {
            self.note(ended);
        }
    }

    /// Starts as many refreshes as there are free places. When all were filled, more may be due: the next free place looks
    /// again without waiting.
    async fn look(&mut self, free: usize) {
        if let Some(left) = self.pace.pause_left() {
            self.next_look = Instant::now() + left;
            return;
        }
        let pause = match self.claim(free).await {
            Ok(claimed) => {
                self.outage.passed(TASK);
                let pause = if claimed.len() < free { self.settings.poll_every } else { Duration::ZERO };
                for claimed in claimed {
                    self.running.spawn(ask::ask(self.ports.clone(), self.settings.clone(), claimed));
                }
                pause
            }
            Err(error) => self.outage.failed(TASK, &error, self.settings.poll_every),
        };
        self.next_look = Instant::now() + pause;
    }

    async fn claim(&self, limit: usize) -> Result<Vec<ClaimedRefresh>, StoreError> {
        let now = self.ports.clock.now();
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let mut work = self.ports.store.begin().await?;
        let claimed = work.refreshes().claim_due_refreshes(now, now + self.settings.lease, limit).await?;
        if claimed.is_empty() {
            work.rollback().await?;
        } else {
            work.commit().await?;
        }
        Ok(claimed)
    }

    fn note(&mut self, ended: Result<Result<(), StoreError>, JoinError>) {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let pause = self.outage.failed(TASK, &error, self.settings.poll_every);
                self.next_look = self.next_look.max(Instant::now() + pause);
            }
            Err(_) => tracing::error!("a refresh panicked; its entry is free again when its lease runs out"),
        }
    }
}

#[cfg(test)]
mod tests;
