use std::time::Duration;

use settled_domain::Ports;
use settled_domain::ports::StoreError;
use settled_domain::sweep::SweepName;

use super::{Round, claim};
use crate::settings::SweepSettings;

/// How often old rows are looked for.
const EVERY: Duration = Duration::from_hours(1);
/// How many are deleted in one transaction, so that none takes long.
const CHUNK: u32 = 1_000;
/// How many such transactions one round makes at most.
const CHUNKS_MAX: usize = 1_000;

/// Forgets events that reached us long ago, but for those that are parked.
pub(crate) struct PruningRound {
    ports: Ports,
    settings: SweepSettings,
}

impl PruningRound {
    pub(crate) const fn new(ports: Ports, settings: SweepSettings) -> Self {
        Self { ports, settings }
    }
}

impl Round for PruningRound {
    const TASK: &'static str = "pruning";

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        if claim(&self.ports, SweepName::Pruning, EVERY).await?.is_none() {
            return Ok(());
        }
        let before = self.ports.clock.now() - self.settings.keep_events;
        let mut pruned = 0;
        for _ in 0..CHUNKS_MAX {
            let chunk = self.ports.store.prune_webhooks(before, CHUNK).await?;
            pruned += chunk;
            if chunk < u64::from(CHUNK) {
                break;
            }
        }
        if pruned > 0 {
            tracing::info!(pruned, %before, "old events were forgotten");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use settled_domain::mock::{MockStore, MockStripeGateway};
    use settled_domain::sweep::ClaimedSweep;

    use super::*;
    use crate::examples::{NOW, ports};

    #[tokio::test]
    async fn old_events_are_forgotten_some_at_a_time_until_none_are_left() {
        let mut store = MockStore::new();
        store.expect_claim_sweep().returning(|_, _, _| Ok(Some(ClaimedSweep { reached_at: None })));
        let mut left = 2_500;
        store
            .expect_prune_webhooks()
            .withf(|before, limit| *before == NOW - Duration::from_hours(60 * 24) && *limit == CHUNK)
            .times(3)
            .returning(move |_, limit| {
                let pruned = left.min(u64::from(limit));
                left -= pruned;
                Ok(pruned)
            });
        PruningRound::new(ports(store, MockStripeGateway::new()), SweepSettings::default()).run().await.unwrap();
    }

    #[tokio::test]
    async fn what_another_replica_has_done_is_not_done_again() {
        let mut store = MockStore::new();
        store.expect_claim_sweep().returning(|_, _, _| Ok(None));
        PruningRound::new(ports(store, MockStripeGateway::new()), SweepSettings::default()).run().await.unwrap();
    }
}
