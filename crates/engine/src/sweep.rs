//! The sweep: whatever nobody has told us is found out every so often.

mod by_hand;
mod events;
mod objects;
mod pruning;
mod rows;

use std::time::Duration;

use settled_domain::Ports;
use settled_domain::ports::StoreError;
use settled_domain::sweep::{ClaimedSweep, SweepName};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub use self::by_hand::Sweep;
pub(crate) use self::events::EventRound;
pub(crate) use self::objects::ObjectRound;
pub(crate) use self::pruning::PruningRound;
pub(crate) use self::rows::RowRound;
use crate::outage::Outage;

/// One part of the sweep.
pub(crate) trait Round: Send {
    /// What it is called in the log.
    const TASK: &'static str;

    /// How often it is done.
    fn every(&self) -> Duration;

    /// Does it once, unless another replica has just done it.
    fn run(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Does a part of the sweep at once and then every so often, until `stop`.
///
/// # Cancel safety
///
/// Dropped, it leaves a round half done; every part of a round is harmless to do again.
pub(crate) async fn repeat<R: Round>(mut round: R, stop: CancellationToken) {
    let (every, mut outage, mut next) = (round.every(), Outage::default(), Instant::now());
    while stop.run_until_cancelled(sleep_until(next)).await.is_some() {
        // A long round is cut off when the process is to stop.
        let Some(done) = stop.run_until_cancelled(round.run()).await else { return };
        let pause = match done {
            Ok(()) => {
                outage.passed(R::TASK);
                every
            }
            Err(error) => outage.failed(R::TASK, &error, every),
        };
        next = Instant::now() + pause;
    }
}

/// Takes a part of the sweep on, unless somebody has done so less than `every` ago. A tenth of it is let pass, so that a
/// timer that is a little early does not skip its turn.
async fn claim(ports: &Ports, name: SweepName, every: Duration) -> Result<Option<ClaimedSweep>, StoreError> {
    let now = ports.clock.now();
    ports.store.claim_sweep(name, now, now - every.mul_f64(0.9)).await
}

#[cfg(test)]
mod tests;
