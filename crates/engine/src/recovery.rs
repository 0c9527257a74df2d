use settled_domain::Ports;
use settled_domain::ports::StoreError;
use settled_domain::refresh::recover_payments_left_creating;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::outage::Outage;
use crate::settings::RecoverySettings;

const TASK: &str = "recovery";

/// Finds payments whose request ended between our row and Stripe's session, and queues them for the refresh worker.
pub(crate) struct Recovery {
    ports: Ports,
    settings: RecoverySettings,
    outage: Outage,
}

impl Recovery {
    pub(crate) fn new(ports: Ports, settings: RecoverySettings) -> Self {
        Self { ports, settings, outage: Outage::default() }
    }

    /// Looks at once and then every so often, until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut next = Instant::now();
        while stop.run_until_cancelled(sleep_until(next)).await.is_some() {
            let pause = match self.look().await {
                Ok(found) => {
                    self.outage.passed(TASK);
                    if found > 0 {
                        tracing::info!(payments = found, "payments were left in creating; asking stripe for them");
                    }
                    self.settings.every
                }
                Err(error) => self.outage.failed(TASK, &error, self.settings.every),
            };
            next = Instant::now() + pause;
        }
    }

    async fn look(&self) -> Result<usize, StoreError> {
        let before = self.ports.clock.now() - self.settings.left_after;
        recover_payments_left_creating(&self.ports, before, self.settings.limit.get().into()).await
    }
}

#[cfg(test)]
mod tests;
