use std::sync::Arc;

use settled_domain::Ports;
use settled_domain::ports::{Intake, StoreError};

use super::{EventRound, ObjectRound, PruningRound, Round, RowRound};
use crate::settings::SweepSettings;

/// The sweep without tasks and timers, for hosts that have a scheduler of their own, and for tests that have a time of their
/// own. [`Engine`](crate::Engine) runs one by itself.
pub struct Sweep {
    rows: RowRound,
    events: EventRound,
    objects: ObjectRound,
    pruning: PruningRound,
}

impl Sweep {
    /// What it finds that never arrived is submitted to `intake`.
    #[must_use]
    pub fn new(ports: &Ports, intake: Arc<dyn Intake>, settings: &SweepSettings) -> Self {
        Self {
            rows: RowRound::new(ports.clone(), settings.clone()),
            events: EventRound::new(ports.clone(), intake, settings.clone()),
            objects: ObjectRound::new(ports.clone(), settings.clone()),
            pruning: PruningRound::new(ports.clone(), settings.clone()),
        }
    }

    /// Does each part that is due by the clock, unless another replica has just done it. That Stripe does not answer is no
    /// error: the next round goes on where this one ended.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database does not answer.
    pub async fn round(&mut self) -> Result<(), StoreError> {
        self.rows.run().await?;
        self.events.run().await?;
        self.objects.run().await?;
        self.pruning.run().await
    }
}
