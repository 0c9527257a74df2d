use std::time::Duration;

use settled_domain::Ports;
use settled_domain::ports::StoreError;
use settled_domain::sweep::{RowPatience, SweepName, SweptRows, sweep_rows};

use super::{Round, claim};
use crate::settings::SweepSettings;

/// Puts payments and subscriptions that have been left alone into the queue of the refresh worker.
pub(crate) struct RowRound {
    ports: Ports,
    settings: SweepSettings,
}

impl RowRound {
    pub(crate) const fn new(ports: Ports, settings: SweepSettings) -> Self {
        Self { ports, settings }
    }

    fn patience(&self) -> RowPatience {
        let signed = |duration: Duration| time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        let SweepSettings { grace, payments_after, payments_every, recheck_after, .. } = self.settings;
        RowPatience {
            first: signed(payments_after),
            longest: signed(payments_every.max(payments_after)),
            grace: signed(grace),
            recheck: signed(recheck_after),
        }
    }
}

impl Round for RowRound {
    const TASK: &'static str = "sweep of rows";

    fn every(&self) -> Duration {
        self.settings.every
    }

    async fn run(&mut self) -> Result<(), StoreError> {
        let SweepSettings { every, limit, .. } = self.settings;
        if claim(&self.ports, SweepName::Rows, every).await?.is_none() {
            return Ok(());
        }
        let spread = time::Duration::try_from(every).unwrap_or_default();
        let swept = sweep_rows(&self.ports, &self.patience(), spread, limit.get().into()).await?;
        if swept != SweptRows::default() {
            let SweptRows { overdue, lapsed, rotated } = swept;
            tracing::info!(overdue, lapsed, rotated, "rows were left alone; asking stripe for them");
        }
        Ok(())
    }
}
