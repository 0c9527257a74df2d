use std::sync::Arc;
use std::time::Duration;

use settled_domain::Ports;
use settled_domain::installation::Installation;
use settled_domain::ports::Intake;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::intake::BatchingIntake;
use crate::recovery::Recovery;
use crate::refreshes::RefreshWorker;
use crate::settings::EngineSettings;
use crate::supervision::supervise;

/// How the engine came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Shutdown {
    /// Everything that had begun was brought to its end.
    Complete,
    /// The time was up. Nothing is lost: Stripe sends unanswered events again, and claimed refreshes are free again when
    /// their lease runs out.
    CutShort,
}

/// The tasks that work in the background of a process: the intake's writer, the refresh worker and the recovery.
/// Dropping it ends them at once; [`shutdown`](Self::shutdown) lets them finish.
#[derive(Debug)]
pub struct Engine {
    intake: Arc<BatchingIntake>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Starts the tasks. Events are judged by the installation that they should belong to, which is `home`.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[must_use]
    pub fn start(ports: Ports, home: Installation, settings: EngineSettings) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (intake, writer) =
            BatchingIntake::new(Arc::clone(&ports.store), Arc::clone(&ports.clock), home, &settings.intake);
        tasks.spawn(writer);
        let (worker_ports, refreshes, token) = (ports.clone(), settings.refreshes, stop.clone());
        tasks.spawn(supervise("refreshes", stop.clone(), move || {
            RefreshWorker::new(worker_ports.clone(), refreshes.clone()).run(token.clone())
        }));
        let (recovery, token) = (settings.recovery, stop.clone());
        tasks.spawn(supervise("recovery", stop.clone(), move || {
            Recovery::new(ports.clone(), recovery.clone()).run(token.clone())
        }));
        Self { intake: Arc::new(intake), stop, tasks }
    }

    /// Where verified events are to be submitted.
    #[must_use]
    pub fn intake(&self) -> Arc<dyn Intake> {
        Arc::clone(&self.intake) as Arc<dyn Intake>
    }

    /// Refuses new events, begins nothing new, and waits until what has begun is done: accepted events committed and
    /// answered, running refreshes written. After `deadline` it ends the tasks where they are.
    pub async fn shutdown(mut self, deadline: Duration) -> Shutdown {
        self.intake.stop();
        self.stop.cancel();
        let finish = async { while self.tasks.join_next().await.is_some() {} };
        // What is left after that ends with `self`.
        if timeout(deadline, finish).await.is_ok() { Shutdown::Complete } else { Shutdown::CutShort }
    }
}

#[cfg(test)]
mod tests;
