use std::time::Duration;

use settled_domain::ports::StoreError;

use crate::backoff::delay_after;

const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A row of failures of the database as one loop sees it: logged when it begins and when it ends, not in between.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    failures: u32,
}

impl Outage {
    /// Notes a failure of what is done every `period`, and tells how long to pause.
    pub(crate) fn failed(&mut self, task: &'static str, error: &StoreError, period: Duration) -> Duration {
        if self.failures == 0 {
            tracing::error!(task, error = error as &dyn std::error::Error, "the database failed; trying on");
        }
        let pause = delay_after(self.failures.saturating_add(1), period, LONGEST_PAUSE.max(period));
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// Notes that the database has answered.
    pub(crate) fn passed(&mut self, task: &'static str) {
        if self.failures > 0 {
            tracing::info!(task, failures = self.failures, "the database is back");
        }
        self.failures = 0;
    }
}
