//! The intake: events that arrive while a transaction is in flight are committed together by the next one.

mod batch;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use settled_domain::event::WebhookEvent;
use settled_domain::installation::Installation;
use settled_domain::ports::{Clock, Intake, IntakeError, Store};
use settled_domain::settlement::Outcome;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::batch::Committer;
use self::writer::Writer;
use crate::measures::{self, Arrival};
use crate::settings::IntakeSettings;

/// What one submitter is told.
type Answer = Result<Outcome, IntakeError>;

/// An event and where its answer goes.
struct Submission {
    event: WebhookEvent,
    arrival: Arrival,
    answer: oneshot::Sender<Answer>,
}

/// An [`Intake`] with one writer: what has queued while a transaction was in flight is committed by the next one, together.
/// No timer is involved, so an event that finds the writer idle is committed at once and alone.
#[derive(Debug)]
pub struct BatchingIntake {
    queue: mpsc::Sender<Submission>,
    stopping: CancellationToken,
}

impl BatchingIntake {
    /// The intake, and its writer as a future that the caller has to run. It ends when the intake was told to
    /// [`stop`](Self::stop) or is dropped, and everything that it had accepted is answered.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        home: Installation,
        settings: &IntakeSettings,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, accepted) = mpsc::channel(settings.capacity.get().into());
        let stopping = CancellationToken::new();
        let writer = Writer {
            accepted,
            stopping: stopping.clone(),
            committer: Committer::new(store, clock, home, settings.retry_for),
            batch_limit: settings.batch_limit.get().into(),
        };
        (Self { queue, stopping }, writer.run())
    }

    /// Refuses events from now on, with [`IntakeError::Stopping`]. What was accepted before is still committed and
    /// answered; then the writer ends.
    pub fn stop(&self) {
        self.stopping.cancel();
    }
}

#[async_trait]
impl Intake for BatchingIntake {
    async fn submit(&self, event: WebhookEvent) -> Answer {
        self.admit()?;
        let (answer, answered) = oneshot::channel();
        let arrival = Arrival::of(&event);
        self.queue.try_send(Submission { event, arrival, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => IntakeError::Full,
            mpsc::error::TrySendError::Closed(_) if self.stopping.is_cancelled() => IntakeError::Stopping,
            mpsc::error::TrySendError::Closed(_) => IntakeError::Abandoned,
        })?;
        measures::event_waits();
        answered.await.unwrap_or(Err(IntakeError::Abandoned))
    }

    fn admit(&self) -> Result<(), IntakeError> {
        if self.stopping.is_cancelled() {
            return Err(IntakeError::Stopping);
        }
        if self.queue.capacity() == 0 { Err(IntakeError::Full) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
